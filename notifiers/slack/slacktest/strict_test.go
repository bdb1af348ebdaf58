package slacktest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"arifa/notifiers/slack/slacktest"
)

func plain(s string) string { return fmt.Sprintf(`{"type":"plain_text","text":%q}`, s) }

func section(s string) string { return `{"type":"section","text":` + plain(s) + `}` }

func button(id, label string) string {
	return fmt.Sprintf(`{"type":"button","action_id":%q,"text":%s,"value":"v"}`, id, plain(label))
}

func actions(n int) string {
	var all []string
	for i := range n {
		all = append(all, button(fmt.Sprint("a", i), "Press"))
	}
	return `{"type":"actions","elements":[` + strings.Join(all, ",") + `]}`
}

func many(n int, one string) string { return strings.Join(slices.Repeat([]string{one}, n), ",") }

func TestBlocksAreHeldToTheirLimits(t *testing.T) {
	t.Parallel()
	s := setup(t)
	long := strings.Repeat("x", 3001)
	for name, c := range map[string]struct{ blocks, want string }{
		"a section":                   {section("hello"), ""},
		"3,000 letters":               {section(long[:3000]), ""},
		"3,001 letters":               {section(long), "invalid_blocks"},
		"50 blocks":                   {many(50, `{"type":"divider"}`), ""},
		"51 blocks":                   {many(51, `{"type":"divider"}`), "invalid_blocks"},
		"13,200 letters":              {many(4, section(long[:3000])) + "," + section(long[:1200]), ""},
		"13,201 letters":              {many(4, section(long[:3000])) + "," + section(long[:1201]), "msg_blocks_too_long"},
		"a header of 150":             {`{"type":"header","text":` + plain(long[:150]) + `}`, ""},
		"a header of 151":             {`{"type":"header","text":` + plain(long[:151]) + `}`, "invalid_blocks"},
		"a header in mrkdwn":          {`{"type":"header","text":{"type":"mrkdwn","text":"x"}}`, "invalid_blocks"},
		"25 buttons":                  {actions(25), ""},
		"26 buttons":                  {actions(26), "invalid_blocks"},
		"no button":                   {actions(0), "invalid_blocks"},
		"two of one action id":        {`{"type":"actions","elements":[` + many(2, button("same", "x")) + `]}`, "invalid_blocks"},
		"a label of 75":               {`{"type":"actions","elements":[` + button("a", long[:75]) + `]}`, ""},
		"a label of 76":               {`{"type":"actions","elements":[` + button("a", long[:76]) + `]}`, "invalid_blocks"},
		"a value of 2,001":            {`{"type":"actions","elements":[{"type":"button","action_id":"a","text":` + plain("x") + `,"value":"` + long[:2001] + `"}]}`, "invalid_blocks"},
		"a link to nowhere":           {`{"type":"actions","elements":[{"type":"button","action_id":"a","text":` + plain("x") + `,"url":"javascript:alert(1)"}]}`, "invalid_blocks"},
		"a colour that is none":       {`{"type":"actions","elements":[{"type":"button","action_id":"a","text":` + plain("x") + `,"style":"red"}]}`, "invalid_blocks"},
		"10 in a context":             {`{"type":"context","elements":[` + many(10, plain("x")) + `]}`, ""},
		"11 in a context":             {`{"type":"context","elements":[` + many(11, plain("x")) + `]}`, "invalid_blocks"},
		"a block of next year":        {`{"type":"hologram"}`, "invalid_blocks"},
		"a property of next year":     {`{"type":"divider","glow":true}`, "invalid_blocks"},
		"an empty text":               {section(""), "invalid_blocks"},
		"one block_id twice":          {many(2, `{"type":"divider","block_id":"b"}`), "invalid_blocks"},
		"an input":                    {`{"type":"input","label":` + plain("x") + `,"element":{"type":"plain_text_input","action_id":"a"}}`, "invalid_blocks"},
		"a section of nothing at all": {`{"type":"section"}`, "invalid_blocks"},
	} {
		a := call(t, s, "chat.postMessage", "channel", news, "text", "fallback", "blocks", "["+c.blocks+"]")
		if a.Error != c.want {
			t.Errorf("%s: got %q %q, want %q", name, a.Error, a.Metadata.Messages, c.want)
		}
	}
}

func TestAnEditWithoutBlocksLosesThem(t *testing.T) {
	t.Parallel()
	s := setup(t)
	ts := call(t, s, "chat.postMessage", "channel", news, "text", "f", "blocks", "["+section("in a block")+"]").TS
	if got := s.Messages(news)[0].Text; got != "in a block" {
		t.Errorf("got %q, want the block's words", got)
	}
	call(t, s, "chat.update", "channel", news, "ts", ts, "text", "only text")
	if m := s.Messages(news)[0]; m.Text != "only text" || !m.Edited || m.Blocks != nil {
		t.Errorf("got %+v, want the text alone", m)
	}
}

func TestMarkupEatsWhatIsNotEscaped(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for sent, want := range map[string]string{
		"*bold* and _slanted_": "bold and slanted",
		"&lt;@U1&gt; &amp; co": "<@U1> & co",
		"<!channel> look":      "@channel look",
		"<https://x.y|here>":   "here",
		"a*b*c stays":          "a*b*c stays",
	} {
		call(t, s, "chat.postMessage", "channel", news, "text", sent)
		all := s.Messages(news)
		if got := all[len(all)-1].Text; got != want {
			t.Errorf("%q: got %q, want %q", sent, got, want)
		}
	}
}

func TestWhereABotMayPost(t *testing.T) {
	t.Parallel()
	s := setup(t, func(c *slacktest.Config) { c.Scopes = []string{"chat:write"} })
	s.AddChannel(slacktest.Channel{ID: "C0ELSEWHERE", Name: "elsewhere"})
	s.AddChannel(slacktest.Channel{ID: "G0SECRET", Name: "secret", Private: true})
	s.AddChannel(slacktest.Channel{ID: "C0OLD", Name: "old", Archived: true, Members: []string{slacktest.BotUser}})
	s.AddChannel(slacktest.Channel{ID: "C0READ", Name: "read", Locked: true, Members: []string{slacktest.BotUser}})
	s.AddUser(slacktest.User{ID: "U0GONE", Disabled: true})
	s.AddUser(slacktest.User{ID: "U0BOT", Bot: true})
	s.AddUser(slacktest.User{ID: "U0GUEST", Team: "T0OTHER"})
	for to, want := range map[string]string{
		news: "", juma: "", "C0ELSEWHERE": "not_in_channel", "G0SECRET": "channel_not_found", "C0NOBODY": "channel_not_found",
		"C0OLD": "is_archived", "C0READ": "restricted_action_read_only_channel", "U0GONE": "user_disabled", "U0BOT": "cannot_dm_bot",
		"U0NOBODY": "channel_not_found", "U0GUEST": "channel_not_found",
	} {
		if a := call(t, s, "chat.postMessage", "channel", to, "text", "x"); a.Error != want {
			t.Errorf("%s: got %q, want %q", to, a.Error, want)
		}
	}
	if a := call(t, s, "users.info", "user", juma); a.Error != "missing_scope" || a.Needed != "users:read" || a.Provided != "chat:write" {
		t.Errorf("got %+v, want users:read missing", a)
	}
	if got := s.UsedScopes(); !slices.Equal(got, []string{"chat:write"}) {
		t.Errorf("got %q used", got)
	}
}

func TestTokensAreJudged(t *testing.T) {
	t.Parallel()
	s := setup(t)
	bot, app := s.Config().BotToken, s.Config().AppToken
	for name, c := range map[string]struct{ token, method, want string }{
		"none":               {"", "auth.test", "not_authed"},
		"another":            {"xoxb-9", "auth.test", "invalid_auth"},
		"the app's":          {app, "chat.postMessage", "not_allowed_token_type"},
		"the bot's":          {bot, "apps.connections.open", "not_allowed_token_type"},
		"the right one":      {app, "apps.connections.open", ""},
		"an unknown method":  {bot, "chat.shout", "unknown_method"},
		"not kept by a list": {bot, "auth.test", ""},
	} {
		if a := callAs(t, s, c.token, c.method); a.Error != c.want {
			t.Errorf("%s: got %q, want %q", name, a.Error, c.want)
		}
	}
	s.Revoke("token_revoked")
	if a := call(t, s, "auth.test"); a.Error != "token_revoked" {
		t.Errorf("revoked: got %q", a.Error)
	}
}

func TestThreads(t *testing.T) {
	t.Parallel()
	s := setup(t)
	parent := call(t, s, "chat.postMessage", "channel", news, "text", "parent").TS
	reply := call(t, s, "chat.postMessage", "channel", news, "text", "reply", "thread_ts", parent).TS
	both := call(t, s, "chat.postMessage", "channel", news, "text", "both", "thread_ts", parent, "reply_broadcast", "true").TS
	if a := call(t, s, "chat.postMessage", "channel", news, "text", "x", "thread_ts", reply); a.Error != "invalid_thread_ts" {
		t.Errorf("a reply as parent: got %q", a.Error)
	}
	if a := call(t, s, "chat.postMessage", "channel", news, "text", "x", "reply_broadcast", "true"); a.Error != "invalid_arguments" {
		t.Errorf("a broadcast of nothing: got %q", a.Error)
	}
	if got := len(call(t, s, "conversations.history", "channel", news).Messages); got != 2 {
		t.Errorf("got %d in the channel, want the parent and the reply that is shown there too", got)
	}
	if got := len(call(t, s, "conversations.replies", "channel", news, "ts", parent).Messages); got != 3 {
		t.Errorf("got %d in the thread, want 3", got)
	}
	s.Erase(news, parent)
	lone := call(t, s, "chat.postMessage", "channel", news, "text", "late", "thread_ts", parent).TS
	for _, m := range s.Messages(news) {
		if m.TS == lone && m.Thread != "" {
			t.Error("a reply to a message that is gone stands in a thread")
		}
	}
	s.SetLocked(news, false, true)
	if a := call(t, s, "chat.postMessage", "channel", news, "text", "x", "thread_ts", both); a.Error != "restricted_action_thread_locked" {
		t.Errorf("locked threads: got %q", a.Error)
	}
}

func TestHistoryTellsMetadataOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	s := setup(t)
	const meta = `{"event_type":"arifa","event_payload":{"id":"7"}}`
	first := call(t, s, "chat.postMessage", "channel", news, "text", "one", "metadata", meta).TS
	call(t, s, "chat.postMessage", "channel", news, "text", "two")
	if a := call(t, s, "chat.postMessage", "channel", news, "text", "x", "metadata", `{"event_type":"arifa"}`); a.Error != "invalid_metadata_format" {
		t.Errorf("half a metadata: got %q", a.Error)
	}
	has := func(args ...string) bool {
		all := call(t, s, "conversations.history", append([]string{"channel", news}, args...)...).Messages
		return len(all) > 0 && strings.Contains(string(all[len(all)-1]), `"metadata"`)
	}
	if has() || !has("include_all_metadata", "true") {
		t.Error("metadata is told only with include_all_metadata")
	}
	page := call(t, s, "conversations.history", "channel", news, "limit", "1")
	if !page.HasMore || len(page.Messages) != 1 {
		t.Fatalf("got %+v, want one of two", page)
	}
	if rest := call(t, s, "conversations.history", "channel", news, "limit", "1", "cursor", page.Metadata.Next); rest.HasMore || len(rest.Messages) != 1 {
		t.Errorf("got %+v, want the other one", rest)
	}
	if got := call(t, s, "conversations.history", "channel", news, "oldest", first).Messages; len(got) != 1 {
		t.Errorf("got %d newer than the first, want 1: the bound is left out", len(got))
	}
	if got := call(t, s, "conversations.history", "channel", news, "oldest", first, "inclusive", "true").Messages; len(got) != 2 {
		t.Errorf("got %d, want 2 with the bound", len(got))
	}
	if s.Entries()[0].Mark != "7" {
		t.Errorf("the ledger's mark is %q", s.Entries()[0].Mark)
	}
}
