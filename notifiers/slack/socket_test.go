package slack_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"arifa/notifiers/slack"
	"arifa/notifiers/slack/slacktest"
)

// A socket that Slack closes, or that is cut, is opened anew, and nothing is lost.
func TestASocketIsOpenedAnew(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil), hasty)
	ears, _ := w.listen(t, "socket")
	var want []string
	for i, end := range []func(){
		func() { w.srv.Refresh("warning", 0) },
		func() { w.srv.Refresh("refresh_requested", time.Minute) },
		func() { w.srv.Refresh("link_disabled", 0) },
		w.srv.Drop,
	} {
		_, before := w.srv.Sockets()
		end()
		said := fmt.Sprint("message ", i)
		_ = w.srv.Say(wanja, said)
		want = append(want, said)
		w.reads(t, wanja, "heard "+said)
		if _, ever := w.srv.Sockets(); ever <= before {
			t.Errorf("end %d: no new socket", i)
		}
	}
	w.settled(t)
	if got := w.talk.words(); !slices.Equal(got, want) {
		t.Errorf("got %q heard, want %q, each once", got, want)
	}
	if d := ears.Deaf(); d != 0 {
		t.Errorf("deaf for %s", d)
	}
}

// With two sockets one is always open while the other is opened anew.
func TestTwoSocketsLeaveNoGap(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil))
	w.cfg.Sockets = 2
	w.listen(t, "socket")
	if err := w.srv.WaitSockets(soon(t), 2); err != nil {
		t.Fatal(err)
	}
	w.command(t, wanja, news, "help")
	_ = w.srv.Say(wanja, "hello")
	w.reads(t, wanja, "heard hello")
}

// Whatever comes, the next thing is heard.
func TestOddFramesAreSurvived(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil), hasty)
	w.listen(t, "socket")
	for i, frame := range []string{
		"no json", "", "[]", `{"type":"hologram","envelope_id":"e1","payload":{}}`,
		`{"type":"events_api","envelope_id":"e2","payload":"text"}`,
		`{"type":"events_api","envelope_id":"e3","payload":{"type":"event_callback","event_id":"EvX","team_id":"T0KENYA","event":{"type":"message","channel_type":"im","user":{"id":7},"blocks":{"of":"next year"},"text":["odd"]}}}`,
		`{"type":"interactive","envelope_id":"e4","payload":{"type":"block_actions","user":"U0WANJA","actions":"none"}}`,
		`{"type":"slash_commands","envelope_id":"e5","payload":{"command":7}}`,
		strings.Repeat("x", 2<<20),
	} {
		// A frame beyond the limit is cut off while it is still being written.
		if err := w.srv.Garble([]byte(frame)); err != nil && len(frame) < 1<<20 {
			t.Fatal(err)
		}
		said := fmt.Sprint("message ", i)
		_ = w.srv.Say(wanja, said)
		w.reads(t, wanja, "heard "+said)
	}
	eventually(t, "what cannot be read is laid aside", func() bool { return w.settled(t).Dead > 0 })
}

// A socket without pings is dead, though nobody closed it.
func TestASilentSocketIsDead(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil), func(c *slacktest.Config) { c.PingEvery = time.Hour })
	w.listen(t, "socket", func(e *slack.Ears) { e.Silence(50 * time.Millisecond) })
	eventually(t, "it is opened anew", func() bool { _, ever := w.srv.Sockets(); return ever > 2 })
}

// A refused token is told to an operator, and one that works again resumes by itself.
func TestARevokedAppTokenIsToldAndMended(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil))
	ears, _ := w.listen(t, "socket")
	w.srv.Revoke("token_revoked")
	w.srv.Drop()
	if tr := <-w.troubles; tr.Kind != "halted" || !strings.Contains(tr.Err.Error(), "token_revoked") {
		t.Errorf("got %+v", tr)
	}
	eventually(t, "it is known to be deaf", func() bool { return ears.Deaf() > 0 })
	w.srv.Revoke("")
	_ = w.srv.Say(wanja, "back")
	w.reads(t, wanja, "heard back")
	if d := ears.Deaf(); d != 0 {
		t.Errorf("deaf for %s", d)
	}
	hides(t, w.log.String(), "ticket")
}

// While the store is away the socket stays open: who does not read answers no pings.
func TestASlowStoreKeepsTheSocket(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil), hasty, func(c *slacktest.Config) { c.PingEvery = 10 * time.Millisecond })
	w.listen(t, "socket", func(e *slack.Ears) { e.Storing(300 * time.Millisecond).Silence(200 * time.Millisecond) })
	w.store.hangs.Store(true)
	for i := range 60 {
		_ = w.srv.Say([]string{amina, juma, wanja}[i%3], fmt.Sprint(i))
	}
	eventually(t, "Slack tries again", func() bool { return w.srv.Stats().Retries >= 20 })
	if _, ever := w.srv.Sockets(); ever != 1 {
		t.Errorf("got %d sockets, want the one that is still open", ever)
	}
	w.store.hangs.Store(false)
	eventually(t, "all is heard", func() bool { return len(w.talk.all()) == 60 })
}

// The window is opened by whoever received the command, at once; a database that is
// away costs it nothing but its contents.
func TestAWindowOpensBeforeAnythingIsStored(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			w := setup(t, newTalk(nil))
			w.cfg.Owned = func() bool { return false } // another replica is the owner
			w.listen(t, mode, func(e *slack.Ears) { e.Storing(50 * time.Millisecond) })
			if ack := w.command(t, amina, news, "outage 222222"); !ack.OK {
				t.Error("not acknowledged")
			}
			w.sees(t, amina, "One moment")
			w.srv.CloseModal(amina)
			w.store.hangs.Store(true)
			if ack := w.command(t, amina, news, "outage 222222"); !ack.OK {
				t.Error("not acknowledged")
			}
			w.sees(t, amina, "Not recorded. Please press again.")
		})
	}
}

func TestALateWindowAsksToPressAgain(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil), func(c *slacktest.Config) { c.TriggerLife = time.Nanosecond })
	w.listen(t, "socket")
	w.command(t, amina, news, "outage 222222")
	w.whispered(t, amina, "The window did not open in time. Please press again.")
}

// People of other workspaces write in shared channels; this is not theirs.
func TestGuestsOfOtherWorkspacesAreRefused(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		w := setup(t, newTalk(nil))
		w.srv.AddUser(slacktest.User{ID: "U0GUEST", Name: "guest", Team: "T0OTHER"})
		w.srv.Invite(news, "U0GUEST")
		w.listen(t, mode)
		if ack := w.command(t, "U0GUEST", news, "outage 222222"); !strings.Contains(ack.Told, "our own workspace") {
			t.Errorf("%s: got %+v", mode, ack)
		}
		if _, open := w.srv.Modal("U0GUEST"); open {
			t.Error("a window opened")
		}
	}
}

func TestIDsAreTheThingsOwn(t *testing.T) {
	t.Parallel()
	id := func(kind, payload string) int64 { return slack.IDOf(kind, []byte(payload)) }
	one := id("events_api", `{"event_id":"Ev1","event":{"type":"message"}}`)
	if one <= 0 || one != id("events_api", `{"event_id":"Ev1","retry":true}`) {
		t.Error("the same event told again has another id")
	}
	seen := map[int64]string{}
	for _, p := range []string{`{"event_id":"Ev1"}`, `{"event_id":"Ev2"}`, `{"trigger_id":"Ev1"}`, `{"trigger_id":"1.2"}`, `{}`, `{"type":"x"}`,
		`{"user":{"id":"U1"},"actions":[{"action_id":"a","action_ts":"1"}]}`, `{"user":{"id":"U2"},"actions":[{"action_id":"a","action_ts":"1"}]}`} {
		k := id("interactive", p)
		if k <= 0 || seen[k] != "" {
			t.Errorf("%s has the id of %s", p, seen[k])
		}
		seen[k] = p
	}
}
