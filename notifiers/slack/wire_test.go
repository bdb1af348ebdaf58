package slack_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"arifa/notifiers"
	"arifa/notifiers/slack"
	"arifa/notifiers/slack/slacktest"
)

// The default client of slack-go waits for ever; ours does not, and what may have
// arrived is unknown.
func TestACallHasATimeout(t *testing.T) {
	t.Parallel()
	s := workspace(t)
	s.Inject(slacktest.Fault{Do: slacktest.HangReply})
	ch := channelTo(t, s.URL(), &logged{})
	if had := ch.Impatient(500 * time.Millisecond); had <= 0 || had > slack.RequestTimeout {
		t.Errorf("a call may last %s, want at most %s", had, slack.RequestTimeout)
	}
	_, err := ch.Send(t.Context(), message(news, "x"))
	if !as[notifiers.Unknown](err) {
		t.Errorf("got %v, want unknown", err)
	}
}

// A 429 without Retry-After reaches users of slack-go as another error; here it is
// a limit like any other.
func TestALimitWithoutATimeIsALimit(t *testing.T) {
	t.Parallel()
	s := workspace(t)
	s.Inject(slacktest.Fault{Do: slacktest.BareLimit, Times: 1})
	_, err := channelTo(t, s.URL(), &logged{}).Send(t.Context(), message(news, "x"))
	var later notifiers.Later
	if !errors.As(err, &later) || later.After < time.Second || later.Scope != notifiers.PauseLane {
		t.Errorf("got %v, want later", err)
	}
}

// No request of a method begins inside its Retry-After; other methods go on.
func TestARetryAfterIsKeptPerMethod(t *testing.T) {
	t.Parallel()
	s := workspace(t)
	now := time.Unix(1735884000, 0)
	ch := channelTo(t, s.URL(), &logged{}, func(c *slack.Config) { c.Uptime = func() time.Time { return now } })
	first := must[notifiers.Receipt](t)(ch.Send(t.Context(), message(news, "x")))
	s.Inject(slacktest.Fault{Do: slacktest.TooMany, RetryAfter: 30, Methods: []string{"chat.update"}, Times: 1})
	edit := message(news, "y")
	edit.Edit = first.Message
	for range 3 {
		_, err := ch.Edit(t.Context(), edit)
		var later notifiers.Later
		if !errors.As(err, &later) || later.Scope != notifiers.PauseMessage || later.After < 30*time.Second {
			t.Errorf("an edit inside the window: got %v", err)
		}
	}
	if _, err := ch.Send(t.Context(), message(news, "z")); err != nil {
		t.Errorf("a message meanwhile: got %v", err)
	}
	if n := s.Stats().TooMany; n != 1 {
		t.Errorf("got %d answers 429, want one: the others were not asked", n)
	}
	now = now.Add(31 * time.Second)
	if v := s.Violations(); len(v) != 0 {
		t.Errorf("got %+v", v)
	}
}

func TestAnAnswerIsReadUpToALimit(t *testing.T) {
	t.Parallel()
	ch := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"ok":true,"channel":"C0NEWS","ts":"1.2","x":"`)
		for range 6 << 10 {
			_, _ = io.WriteString(w, strings.Repeat("x", 1<<10))
		}
	})
	if _, err := ch.Send(t.Context(), message(news, "x")); !as[notifiers.Unknown](err) {
		t.Errorf("got %v, want unknown", err)
	}
}

// A redirect would show the token to the next host.
func TestNoRedirectIsFollowed(t *testing.T) {
	t.Parallel()
	var followed atomic.Bool
	ch := answering(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/elsewhere") {
			followed.Store(true)
		}
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	})
	if _, err := ch.Send(t.Context(), message(news, "x")); err == nil || followed.Load() {
		t.Errorf("got %v, followed %v", err, followed.Load())
	}
}

// Whatever stands between us and Slack may quote what it was sent.
func TestNoErrorQuotesAnything(t *testing.T) {
	t.Parallel()
	for _, says := range []string{
		"<html>xoxb-" + "1111-2222-simulatedForTestsOnly</html>",
		`{"ok":false,"error":"bad token xoxb-` + `1111-2222-simulatedForTestsOnly for STIMA"}`,
		`{"ok":false,"error":"invalid_blocks","response_metadata":{"messages":["STIMA is wrong [json-pointer:/blocks/0/text]"]}}`,
		`{"ok":true,"channel":"STIMA","ts":"simulatedForTestsOnly"}`,
		`{"ok":true,"channel":7}`,
	} {
		log := &logged{}
		ch := answering(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, says) })
		_, err := ch.Send(t.Context(), message(news, "STIMA"))
		if err == nil {
			t.Errorf("%s was taken", says)
			continue
		}
		hides(t, err.Error()+log.String(), "STIMA")
		if strings.Contains(says, "json-pointer") && !strings.Contains(err.Error(), "/blocks/0/text") {
			t.Errorf("got %v, want the place", err)
		}
	}
}

func TestAMethodIsPaced(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	p := slack.NewPacer(func() time.Time { return now })
	for i := range 5 {
		if wait := p.Take("chat.update"); wait != 0 {
			t.Fatalf("edit %d of the burst waits %s", i, wait)
		}
	}
	var waits []time.Duration
	for range 3 {
		waits = append(waits, p.Take("chat.update"))
	}
	if waits[0] <= 0 || waits[1] <= waits[0] || waits[2] <= waits[1] {
		t.Errorf("got %v, want those who are sent away to come back one after the other", waits)
	}
	taken := 0
	for range 600 { // a minute in tenths of a second, by one who tries all the time
		now = now.Add(100 * time.Millisecond)
		if p.Take("chat.update") == 0 {
			taken++
		}
	}
	if taken < 40 || taken+5 > 52 {
		t.Errorf("got %d edits in a minute beside the burst, want nearly 50 and no more", taken)
	}
	if p.Take("chat.postMessage") != 0 || p.Take("views.open") != 0 {
		t.Error("a method that the Dispatcher paces waits here")
	}
	p.Hush("views.open", 7*time.Second)
	if p.Take("views.open") != 7*time.Second {
		t.Error("a Retry-After is not kept")
	}
}

func TestTokensAreOfTheirKind(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]slack.Config{
		"an app token in place of the bot's": {BotToken: "xapp-1-A-1-simulated", Team: team},
		"a bot token in place of the app's":  {BotToken: token, AppToken: token, Team: team},
		"no workspace":                       {BotToken: token},
		"an address that is none":            {BotToken: token, Team: team, API: "slack.com"},
	} {
		if _, err := slack.New(c); err == nil {
			t.Errorf("%s was taken", name)
		} else {
			hides(t, err.Error())
		}
	}
}

func TestWhoseTokenItIs(t *testing.T) {
	t.Parallel()
	s := workspace(t, func(c *slacktest.Config) { c.Scopes = []string{"chat:write", "commands"} })
	who, err := slack.Identify(t.Context(), slack.Config{BotToken: token, API: s.URL()})
	if err != nil || who.Team != team || who.BotUser != slacktest.BotUser || len(who.Scopes) != 2 {
		t.Errorf("got %+v, %v", who, err)
	}
	s.Revoke("token_revoked")
	if _, err := slack.Identify(t.Context(), slack.Config{BotToken: token, API: s.URL()}); err == nil || !strings.Contains(err.Error(), "token_revoked") {
		t.Errorf("got %v", err)
	}
}
