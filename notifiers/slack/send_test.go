package slack_test

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"arifa/notifiers"
	"arifa/notifiers/slack/slacktest"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

func TestWherePostsGo(t *testing.T) {
	t.Parallel()
	s := workspace(t)
	ch := channelTo(t, s.URL(), &logged{})
	s.AddChannel(slacktest.Channel{ID: "C0OUT", Name: "out", Private: true})
	s.AddChannel(slacktest.Channel{ID: "C0OLD", Name: "old", Archived: true, Members: []string{slacktest.BotUser}})
	s.AddChannel(slacktest.Channel{ID: "G0IN", Name: "in", Private: true, Members: []string{slacktest.BotUser}})
	s.AddUser(slacktest.User{ID: "U0LEFT", Disabled: true})
	for to, want := range map[string]string{
		news: "sent", wanja: "sent", "G0IN": "sent", "C0OUT": "gone", "C0OLD": "gone", "C0NOBODY": "gone", "U0LEFT": "gone",
		"4200001": "never", "C0NEWS&text=x": "never", "": "never",
	} {
		_, err := ch.Send(t.Context(), message(to, "x"))
		if got := outcome(err); got != want {
			t.Errorf("%q: got %s (%v), want %s", to, got, err, want)
		}
	}
}

// An update stands in the thread; what ends a trouble or takes words back stands in
// the channel as well.
func TestRepliesAndBroadcasts(t *testing.T) {
	t.Parallel()
	s := workspace(t)
	ch := channelTo(t, s.URL(), &logged{})
	for _, to := range []string{news, wanja} {
		first := must[notifiers.Receipt](t)(ch.Send(t.Context(), message(to, "it fails")))
		for _, kind := range []subscriptions.Kind{subscriptions.Update, subscriptions.AlternativeNotice, subscriptions.Restored, subscriptions.Correction} {
			m := message(to, string(kind))
			m.ReplyTo, m.Kind = first.Message, kind
			must[notifiers.Receipt](t)(ch.Send(t.Context(), m))
		}
		all := s.Messages(to)
		for i, want := range []bool{to == wanja, to == wanja, true, true} {
			if m := all[i+1]; m.Thread != all[0].TS || m.Broadcast != want {
				t.Errorf("%s in %s: thread %q, broadcast %v, want %q and %v", m.Text, to, m.Thread, m.Broadcast, all[0].TS, want)
			}
		}
	}
}

// Whatever a thread refuses, the words arrive.
func TestAThreadThatTakesNoReply(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"restricted_action_thread_locked", "thread_not_found", "message_not_found", "a_code_of_next_year"} {
		s := workspace(t)
		ch := channelTo(t, s.URL(), &logged{})
		first := must[notifiers.Receipt](t)(ch.Send(t.Context(), message(news, "it fails")))
		s.Inject(slacktest.Fault{Do: slacktest.Fail, Code: code, Times: 1})
		m := message(news, "it works")
		m.ReplyTo, m.Kind = first.Message, subscriptions.Restored
		if _, err := ch.Send(t.Context(), m); err != nil {
			t.Errorf("%s: got %v", code, err)
		}
		if all := s.Messages(news); len(all) != 2 || all[1].Thread != "" {
			t.Errorf("%s: got %+v, want it beside", code, all)
		}
	}
}

// A code that says more than "not here" is not tried a second time.
func TestALimitOnAReplyIsNoReasonToLeaveTheThread(t *testing.T) {
	t.Parallel()
	s := workspace(t)
	ch := channelTo(t, s.URL(), &logged{})
	first := must[notifiers.Receipt](t)(ch.Send(t.Context(), message(news, "it fails")))
	s.Inject(slacktest.Fault{Do: slacktest.Fail, Code: "message_limit_exceeded", Times: 1})
	m := message(news, "x")
	m.ReplyTo = first.Message
	if _, err := ch.Send(t.Context(), m); !as[notifiers.Later](err) || len(s.Messages(news)) != 1 {
		t.Errorf("got %v and %d messages", err, len(s.Messages(news)))
	}
}

// Blocks that Slack refuses cost the form, not the words; after that it is poison.
func TestRefusedBlocksAreSentAsWords(t *testing.T) {
	t.Parallel()
	s := workspace(t)
	ch := channelTo(t, s.URL(), &logged{})
	s.Inject(slacktest.Fault{Do: slacktest.Fail, Code: "invalid_blocks", Times: 1})
	must[notifiers.Receipt](t)(ch.Send(t.Context(), message(news, "Payments <fail> & *wait*")))
	if m := s.Messages(news)[0]; m.Blocks != nil || m.Fallback != "eCitizen\nPayments <fail> & *wait*" {
		t.Errorf("got %+v, want the words alone, escaped", m)
	}
	s.Inject(slacktest.Fault{Do: slacktest.Fail, Code: "invalid_blocks", Times: 2})
	_, err := ch.Send(t.Context(), message(news, "x"))
	if !as[notifiers.Poison](err) {
		t.Errorf("got %v, want poison", err)
	}
	hides(t, err.Error())
}

// chat.update with a text and no blocks would take the blocks away.
func TestAnEditKeepsItsBlocks(t *testing.T) {
	t.Parallel()
	s := workspace(t)
	ch := channelTo(t, s.URL(), &logged{})
	m := message(news, "it fails")
	m.Edit = must[notifiers.Receipt](t)(ch.Send(t.Context(), m)).Message
	m.Card.Lines = []string{"it fails; 14:00 is the next word"}
	must[notifiers.Receipt](t)(ch.Edit(t.Context(), m))
	if got := s.Messages(news)[0]; got.Blocks == nil || !strings.Contains(got.Text, "14:00") || !got.Edited {
		t.Errorf("got %+v", got)
	}
	for name, id := range map[string]string{"another network's": "77", "a timestamp as a number": "C0NEWS/1.7e9", "nobody's": "C0NEWS/1.000001"} {
		m.Edit = id
		if _, err := ch.Edit(t.Context(), m); !as[notifiers.Uneditable](err) {
			t.Errorf("%s: got %v, want uneditable", name, err)
		}
	}
}

// What is the matter stands in words: nothing of a message is a colour, a style or an
// attachment with a coloured bar, and a notification reads the same words.
func TestTheStateStandsInWords(t *testing.T) {
	t.Parallel()
	var sent url.Values
	ch := answering(t, func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		sent = r.Form
		_, _ = io.WriteString(w, `{"ok":true,"channel":"C0NEWS","ts":"1.000002"}`)
	})
	for _, state := range []string{"Payments to 222222 are not working.", "Payments to 222222 work again."} {
		m := message(news, "If you paid, do not pay again.")
		m.Card.Title, m.Card.Choices = state, [][]wording.Choice{{{Label: "It fails for me", Data: "x"}}}
		must[notifiers.Receipt](t)(ch.Send(t.Context(), m))
		if sent.Has("attachments") || strings.Contains(sent.Get("blocks"), `"style"`) || strings.Contains(sent.Get("blocks"), `"color"`) {
			t.Errorf("a colour carries something: %v", sent)
		}
		if !strings.Contains(sent.Get("blocks"), state) || !strings.HasPrefix(sent.Get("text"), state) {
			t.Errorf("got blocks %s and text %q, want the state in both", sent.Get("blocks"), sent.Get("text"))
		}
	}
}

// A channel that became shared has another id; the thread is the same.
func TestAMovedChannelKeepsItsThread(t *testing.T) {
	t.Parallel()
	s := workspace(t)
	ch := channelTo(t, s.URL(), &logged{})
	m := message(news, "it fails")
	first := must[notifiers.Receipt](t)(ch.Send(t.Context(), m))
	s.MoveChannel(news, "C0SHARED")
	m.To.Address, m.Edit = subscriptions.AddressOf("C0SHARED"), first.Message
	if _, err := ch.Edit(t.Context(), m); err != nil {
		t.Errorf("edit: %v", err)
	}
	m.Edit, m.ReplyTo = "", first.Message
	must[notifiers.Receipt](t)(ch.Send(t.Context(), m))
	if all := s.Messages("C0SHARED"); len(all) != 2 || all[1].Thread != all[0].TS {
		t.Errorf("got %+v", all)
	}
}

func TestAMessageIsFoundByItsMark(t *testing.T) {
	t.Parallel()
	s := workspace(t)
	ch := channelTo(t, s.URL(), &logged{})
	first := message(news, "first")
	first.Mark = "2025-0103-1/KQ7/1"
	parent := must[notifiers.Receipt](t)(ch.Send(t.Context(), first))
	s.Inject(slacktest.Fault{Do: slacktest.CutReply, Times: 3})
	var lost []notifiers.Message
	for i, m := range []notifiers.Message{message(news, "a post"), message(news, "a reply"), message(wanja, "to a person")} {
		m.Mark = []string{"2025-0103-2/KQ7/2", "2025-0103-3/KQ7/3", "2025-0103-4/KQ7/4"}[i]
		if i == 1 {
			m.ReplyTo = parent.Message
		}
		if _, err := ch.Send(t.Context(), m); !as[notifiers.Unknown](err) {
			t.Fatalf("got %v, want unknown", err)
		}
		lost = append(lost, m)
	}
	_ = s.SayIn(news, amina, "what is this?")
	for _, m := range lost {
		r, found, err := ch.Find(t.Context(), m)
		if err != nil || !found {
			t.Errorf("%s: got %v, %v, want it found", m.Card.Lines[0], found, err)
			continue
		}
		e := slices.IndexFunc(s.Entries(), func(e slacktest.Entry) bool { return e.Mark == m.Mark })
		if want := s.Entries()[e].Channel + "/" + s.Entries()[e].TS; r.Message != want {
			t.Errorf("got %q, want %q", r.Message, want)
		}
		m.Mark += "5" // the same delivery's number in another database
		if _, found, err := ch.Find(t.Context(), m); found || err != nil {
			t.Errorf("another mark: got %v, %v", found, err)
		}
	}
	edit := lost[0]
	edit.Edit = parent.Message
	if _, found, err := ch.Find(t.Context(), edit); found || err != nil {
		t.Errorf("an edit: got %v, %v, want it made again", found, err)
	}
}

// What cannot be looked for is no "it did not arrive".
func TestWhatCannotBeFound(t *testing.T) {
	t.Parallel()
	s := workspace(t, func(c *slacktest.Config) { c.KeepLast, c.Events = 5000, []string{} })
	ch := channelTo(t, s.URL(), &logged{})
	m := message(news, "x")
	m.Mark = "m"
	s.Inject(slacktest.Fault{Do: slacktest.Fail, Methods: []string{"conversations.history"}, Times: 1})
	if _, _, err := ch.Find(t.Context(), m); err == nil {
		t.Error("an error became an answer")
	}
	s.SetScopes("chat:write")
	if _, _, err := ch.Find(t.Context(), m); !as[notifiers.Halt](err) {
		t.Errorf("no scope: got %v", err)
	}
	s.SetScopes("chat:write", "channels:history")
	for range 2100 {
		_ = s.SayIn(news, amina, "chatter")
	}
	if _, _, err := ch.Find(t.Context(), m); !as[notifiers.Never](err) {
		t.Errorf("a channel that says too much: got %v", err)
	}
}

// One message of somebody else's that no release can read hides none of ours.
func TestAStrangeMessageHidesNothing(t *testing.T) {
	t.Parallel()
	s := workspace(t)
	between := strangeHistory(t, s)
	ch := channelTo(t, between, &logged{})
	m := message(news, "x")
	m.Mark = "mine"
	must[notifiers.Receipt](t)(ch.Send(t.Context(), m))
	if _, found, err := ch.Find(t.Context(), m); !found || err != nil {
		t.Errorf("got %v, %v", found, err)
	}
}
