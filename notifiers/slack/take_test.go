package slack_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	office "arifa/bot/desk/talk"
	"arifa/notifiers/slack"
	"arifa/notifiers/slack/slacktest"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// aDesk is an office that shows the same cards to whoever begins.
type aDesk struct{ cards []wording.Card }

func (d aDesk) Hear(context.Context, office.Heard) ([]wording.Card, bool, error) {
	return []wording.Card{{Title: "Taken"}}, true, nil
}

func (d aDesk) Begin(context.Context, office.Heard, string, office.Start) ([]wording.Card, error) {
	return d.cards, nil
}

func (d aDesk) Waiting(context.Context, office.Heard) (office.Waits, bool, error) {
	return office.Waits{}, false, nil
}

// Whoever pressed or sent a form that could not be stored is told to do it again, and
// what they typed stays.
func TestAClickAndAFormThatAreNotStored(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			w := setup(t, newTalk(nil), hasty)
			w.cfg.Office = aDesk{[]wording.Card{{Title: "Your word", Choices: [][]wording.Choice{{{Label: "Press me", Data: "d x 0"}}}, Ask: &wording.Ask{Kind: wording.AskText, Token: "t1"}}}}
			w.listen(t, mode)
			message := must[slacktest.Message](t)(w.post(t, amina, wording.Card{Title: "x", Choices: [][]wording.Choice{{{Label: "One", Data: "one"}}}}))
			w.command(t, amina, news, "outage 222222")
			w.sees(t, amina, "Your word")
			w.store.fails.Store(true)
			if ack := w.press(t, amina, message, "One"); ack.OK {
				t.Error("a click that is not stored was acknowledged")
			}
			w.whispered(t, amina, "Not recorded. Please press again.")
			if err := w.srv.Fill(amina, "Your words", "they fail"); err != nil {
				t.Fatal(err)
			}
			must[*slacktest.Deed](t)(w.srv.Submit(amina)).Wait()
			if v, _ := w.srv.Modal(amina); len(v.Errors) != 1 || !strings.Contains(v.Errors[0], "Not recorded. Please press again.") || v.Inputs[0].Value[0] != "they fail" {
				t.Errorf("a form that is not stored: got %+v", v)
			}
			w.store.fails.Store(false)
			if ack := must[*slacktest.Deed](t)(w.srv.Submit(amina)).Wait(); !ack.OK {
				t.Error("the form was not taken the second time")
			}
			w.sees(t, amina, "Taken")
		})
	}
}

// post sends a card as a conversation does, and returns it as it stands.
func (w *world) post(t *testing.T, person string, c wording.Card) (slacktest.Message, error) {
	t.Helper()
	m := message(person)
	m.Card = c
	if _, err := w.ch.Send(t.Context(), m); err != nil {
		return slacktest.Message{}, err
	}
	return w.reads(t, person, c.Title), nil
}

// Over HTTP an event that is not stored is a 503, and what Slack says of its own limits
// is none.
func TestAnEventThatIsNotStoredIsRefused(t *testing.T) {
	t.Parallel()
	w, hook := hooked(t)
	w.store.fails.Store(true)
	for name, body := range map[string]string{"a message": direct, "what became of the app": `{"type":"event_callback","team_id":"T0KENYA","event_id":"Ev7","event":{"type":"app_uninstalled"}}`} {
		if got := w.signed(t, hook, slack.EventsPath, asJSON, body, time.Now()); got.StatusCode != 503 || got.Header.Get("Retry-After") == "" {
			t.Errorf("%s: got %d, want 503 and when to come again", name, got.StatusCode)
		}
	}
	if got := w.signed(t, hook, slack.EventsPath, asJSON, `{"type":"app_rate_limited","team_id":"T0KENYA","minute_rate_limited":1518467820}`, time.Now()); got.StatusCode != 200 {
		t.Errorf("app_rate_limited: got %d", got.StatusCode)
	}
	if !strings.Contains(w.log.String(), "slack drops events") {
		t.Error("nobody is told that Slack drops events")
	}
	w.store.fails.Store(false)
	if got := w.signed(t, hook, slack.EventsPath, asJSON, direct, time.Now()); got.StatusCode != 200 {
		t.Errorf("told again: got %d", got.StatusCode)
	}
	w.reads(t, wanja, "heard stima")
}

// deafStore is an inbox that hangs, whatever its context says.
type deafStore struct {
	kept
	free chan struct{}
}

func (d *deafStore) PutIncoming(context.Context, []subscriptions.Incoming) (int, error) {
	<-d.free
	return 0, context.Canceled
}

// Slack waits three seconds. With the pauses of the real program, and a store that never
// answers, everything is answered well before; only an event and a click are left open.
func TestAnAnswerComesWithinThreeSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &deafStore{free: make(chan struct{})}
		ch := channelTo(t, "http://127.0.0.1:1/api/", &logged{})
		ears := ch.Ears(slack.EarsConfig{Inbox: store, Register: store, Conversation: newTalk(nil), Office: aDesk{}})
		for name, c := range map[string]struct {
			kind, payload string
			acknowledged  bool
		}{
			"an event":                    {"events_api", direct, false},
			"a click":                     {"interactive", `{"type":"block_actions","team":{"id":"T0KENYA"},"user":{"id":"U0WANJA"},"actions":[{"action_id":"talk.0.0","value":"home","action_ts":"1.2"}]}`, false},
			"a form":                      {"interactive", `{"type":"view_submission","team":{"id":"T0KENYA"},"user":{"id":"U0WANJA"},"view":{"id":"V1","callback_id":"desk","blocks":[{"type":"input","block_id":"answer.1"}]}}`, true},
			"a command":                   {"slash_commands", `{"command":"/arifa","text":"help","team_id":"T0KENYA","user_id":"U0WANJA","channel_id":"C0NEWS"}`, true},
			"a command that opens a form": {"slash_commands", `{"command":"/arifa","text":"outage","team_id":"T0KENYA","user_id":"U0WANJA","channel_id":"C0NEWS"}`, true},
		} {
			begun := time.Now()
			ok, _ := ears.Take(t.Context(), c.kind, []byte(c.payload))
			if took := time.Since(begun); took > 2500*time.Millisecond || ok != c.acknowledged {
				t.Errorf("%s: acknowledged %v after %s, want %v in time for Slack", name, ok, took, c.acknowledged)
			}
		}
		close(store.free)
		ears.Settle()
	})
}

// Where the address for an answer is used up or too old, the answer comes as a message
// to the person.
func TestAnAnswerWithoutAResponseAddressComesAsAMessage(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil))
	w.listen(t, "socket")
	w.srv.Inject(slacktest.Fault{Do: slacktest.CutRequest, Methods: []string{"response"}})
	w.command(t, amina, news, "help")
	w.reads(t, amina, "write to me in my Messages tab")
}

// Windows hold what the desk may show at most: Slack refuses none, and what is cut off
// is not cut without a word.
func TestTheLongestWindowsAreTaken(t *testing.T) {
	t.Parallel()
	var rows [][]wording.Choice
	for range 120 {
		rows = append(rows, []wording.Choice{{Label: strings.Repeat("A very long name of a service ", 4), Data: "d x 0"}})
	}
	ask := &wording.Ask{Kind: wording.AskText, Token: strings.Repeat("t", 40)}
	for shows, cards := range map[string][]wording.Card{
		"a title of 400":  {{Title: "a title of 400 " + strings.Repeat("t", 385), Ask: ask}},
		"much to read":    {{Title: "much to read", Lines: []string{strings.Repeat("word ", 2400)}}, {Lines: []string{strings.Repeat("neno ", 2400)}, Ask: &wording.Ask{Kind: wording.AskDigits, Token: "t"}}},
		"more than Slack": {{Title: "too many", Choices: rows}},
		"a full window":   {{Title: "a full window", Choices: rows[:98], Ask: ask}},
	} {
		w := setup(t, newTalk(nil))
		w.cfg.Office = aDesk{cards}
		w.listen(t, "socket")
		w.command(t, amina, news, "desk")
		w.sees(t, amina, shows)
		if refused := w.srv.Refused(); len(refused) > 0 {
			t.Errorf("%s: Slack refused %+v", shows, refused)
		}
	}
}
