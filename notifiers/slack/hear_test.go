package slack_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"arifa/bot"
	"arifa/notifiers/slack"
	"arifa/notifiers/slack/slacktest"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

func TestADirectMessageIsHeardAndAnswered(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			w := setup(t, newTalk(nil))
			w.listen(t, mode)
			_ = w.srv.Say(wanja, "stima & co <3")
			w.reads(t, wanja, "heard stima & co <3")
			got := w.talk.all()[0]
			if got.Address.Reveal() != wanja || got.Kind != subscriptions.Person || got.Language != "sw" || got.Lane != "slack:"+team {
				t.Errorf("got %+v", got)
			}
			w.settled(t)
			hides(t, w.log.String(), "stima", wanja)
		})
	}
}

// G10: who says STOP has left although what they said before waits for its answer; who
// says anything else stays.
func TestG10StopDoesNotWaitForItsTurn(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			free := make(chan struct{})
			w := setup(t, newTalk(func(h bot.Heard) ([]wording.Card, error) {
				if h.Text == "wait" {
					<-free
				}
				return []wording.Card{{Lines: []string{"heard " + h.Text}}}, nil
			}))
			w.listen(t, mode)
			for _, text := range []string{"wait", "kra STOP", "STOP"} {
				_ = w.srv.Say(wanja, text)
			}
			for end := time.Now().Add(time.Minute); !slices.Equal(w.talk.leftAhead(), []string{wanja}); time.Sleep(10 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("left ahead: %q, want one", w.talk.leftAhead())
				}
			}
			close(free)
			w.reads(t, wanja, "heard STOP")
			w.settled(t)
			if got := w.talk.leftAhead(); len(got) != 1 {
				t.Errorf("left ahead: %q; only a whole STOP does", got)
			}
		})
	}
}

// G10: a STOP that Slack tells again, here to a replica that does not own the lane, is
// over: who followed again meanwhile stays.
func TestAStopToldAgainLetsNobodyLeave(t *testing.T) {
	t.Parallel()
	w, hook := hooked(t, func(e *slack.Ears) {
		e.Owned = func() bool { return false }
		e.Hasten(20 * time.Millisecond)
	})
	stop := func(event, person string) {
		body := fmt.Sprintf(`{"type":"event_callback","team_id":"T0KENYA","event_id":%q,"event":{"type":"message","channel_type":"im","channel":"D0ANY","user":%q,"text":"STOP","ts":"1.2"}}`, event, person)
		if got := w.signed(t, hook, slack.EventsPath, asJSON, body, time.Now()); got.StatusCode != 200 {
			t.Fatalf("got %d", got.StatusCode)
		}
	}
	stop("Ev1", wanja)
	eventually(t, "she has left", func() bool { return slices.Contains(w.talk.leftAhead(), wanja) })
	stop("Ev1", wanja)
	stop("Ev2", juma) // behind it, so that it is known to be over
	eventually(t, "he has left", func() bool { return slices.Contains(w.talk.leftAhead(), juma) })
	if got := w.talk.leftAhead(); !slices.Equal(got, []string{wanja, juma}) {
		t.Errorf("left ahead: %q, want each once", got)
	}
}

func TestWhatIsNoSpeech(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil))
	w.listen(t, "socket")
	_ = w.srv.SayIn(news, amina, "chatter of a channel")
	w.srv.OpenHome(wanja, "messages")
	_ = w.srv.Say(wanja, "hello")
	w.reads(t, wanja, "heard hello")
	if got := w.talk.words(); !slices.Equal(got, []string{"hello"}) {
		t.Errorf("got %q heard", got)
	}
	if s := w.settled(t); s.Dead != 0 {
		t.Errorf("got %d laid aside", s.Dead)
	}
}

func TestAPressIsHeard(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			w := setup(t, newTalk(func(h bot.Heard) ([]wording.Card, error) {
				card := wording.Card{Lines: []string{"heard " + h.Text + h.Choice}, Replace: h.Choice == "two"}
				card.Choices = [][]wording.Choice{{{Label: "One", Data: "one"}, {Label: "Two", Data: "two"}}}
				return []wording.Card{card}, nil
			}))
			w.listen(t, mode)
			_ = w.srv.Say(wanja, "hello")
			m := w.reads(t, wanja, "heard hello")
			if ack := w.press(t, wanja, m, "One"); !ack.OK {
				t.Error("the press was not acknowledged")
			}
			w.reads(t, wanja, "heard one")
			w.press(t, wanja, m, "Two")
			if got := w.reads(t, wanja, "heard two"); got.TS != m.TS || !got.Edited {
				t.Errorf("got %+v, want it in place of the message that was pressed", got)
			}
		})
	}
}

// What somebody does is answered in the order in which it was done.
func TestOrderIsKept(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			w := setup(t, newTalk(nil))
			w.listen(t, mode)
			var want []string
			for i := range 30 {
				want = append(want, fmt.Sprint(i))
				_ = w.srv.Say(wanja, fmt.Sprint(i))
				_ = w.srv.Say(juma, "x")
			}
			var got []string
			eventually(t, "all is heard", func() bool {
				got = slices.DeleteFunc(w.talk.words(), func(s string) bool { return s == "x" })
				return len(got) == 30
			})
			if !slices.Equal(got, want) {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestWhatWasTyped(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]string{
		"good conduct":                               "good conduct",
		"a &lt;b&gt; &amp; c":                        "a <b> & c",
		"pay at <https://kra.go.ke|kra.go.ke> now":   "pay at https://kra.go.ke now",
		"<https://evil.example|kra.go.ke>":           "kra.go.ke https://evil.example",
		"<https://kra.go.ke>":                        "https://kra.go.ke",
		"<mailto:a@b.ke|a@b.ke>":                     "a@b.ke",
		"<tel:0712345678|0712 345 678>":              "0712 345 678 tel:0712345678",
		"<@U123> <#C1|news> <!channel> <!here|here>": "@U123 news !channel here",
		"  STOP ": "STOP",
	} {
		if got := slack.Typed(sent); got != want {
			t.Errorf("%q: got %q, want %q", sent, got, want)
		}
	}
}

func TestChannelsThatCloseAndOpen(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil))
	w.srv.AddChannel(slacktest.Channel{ID: "G0SECRET", Name: "secret", Private: true, Members: []string{slacktest.BotUser}})
	for _, id := range []string{news, "G0SECRET"} {
		must[subscriptions.Recipient](t)(w.store.SaveRecipient(t.Context(), subscriptions.Recipient{Lane: w.ch.Name(), Address: subscriptions.AddressOf(id), Kind: subscriptions.Channel, Title: "#old"}))
	}
	w.listen(t, "socket")
	w.srv.Archive(news)
	w.srv.Unarchive(news)
	w.srv.Remove("G0SECRET", slacktest.BotUser)
	w.srv.Invite("G0SECRET", slacktest.BotUser)
	w.srv.Invite(news, wanja) // somebody else: nothing to do
	w.srv.Rename(news, "habari")
	w.srv.MoveChannel(news, "C0SHARED")
	eventually(t, "all is heard", func() bool {
		w.talk.mu.Lock()
		defer w.talk.mu.Unlock()
		return len(w.talk.left) == 2 && len(w.talk.back) == 2
	})
	moved := subscriptions.AddressOf("C0SHARED")
	eventually(t, "the channel has moved", func() bool {
		_, err := w.store.Recipient(t.Context(), w.ch.Name(), moved)
		return err == nil
	})
	slices.Sort(w.talk.left)
	slices.Sort(w.talk.back)
	if want := []string{news, "G0SECRET"}; !slices.Equal(w.talk.left, want) || !slices.Equal(w.talk.back, want) {
		t.Errorf("got left %q, back %q", w.talk.left, w.talk.back)
	}
	r := must[subscriptions.Recipient](t)(w.store.Recipient(t.Context(), w.ch.Name(), moved))
	if r.Title != "#habari" {
		t.Errorf("got title %q at the new id", r.Title)
	}
	for range 2 {
		if tr := <-w.troubles; tr.Kind != "lost" || tr.Recipient == 0 {
			t.Errorf("got %+v, want the loss told", tr)
		}
	}
}

func TestAnAppThatIsRemovedIsTold(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil))
	w.listen(t, "socket")
	w.srv.Uninstall()
	told := ""
	for range 2 {
		tr := <-w.troubles
		if tr.Kind != "halted" || !strings.Contains(tr.Err.Error(), "install the app again") {
			t.Errorf("got %+v", tr)
		}
		told += tr.Err.Error()
	}
	for _, event := range []string{"app_uninstalled", "tokens_revoked"} {
		if !strings.Contains(told, event) {
			t.Errorf("%s is not told: %s", event, told)
		}
	}
}

// A token of a person, which the app does not use, is no trouble; one of the app's is,
// also where Slack does not say whose it was.
func TestWhoseTokenWasRevoked(t *testing.T) {
	t.Parallel()
	w, hook := hooked(t)
	for k, tokens := range []string{`{"oauth":["U0AMINA"]}`, `{"oauth":["U0AMINA"],"bot":["U0ARIFA"]}`, `{}`} {
		body := fmt.Sprintf(`{"type":"event_callback","team_id":"T0KENYA","event_id":"Ev%d","event":{"type":"tokens_revoked","tokens":%s}}`, k, tokens)
		if got := w.signed(t, hook, slack.EventsPath, asJSON, body, time.Now()); got.StatusCode != 200 {
			t.Fatalf("got %d", got.StatusCode)
		}
		w.settled(t)
		if got, want := len(w.troubles), k; got != want {
			t.Errorf("after %s: %d troubles told, want %d", tokens, got, want)
		}
	}
}
