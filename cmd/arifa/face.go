package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"arifa/bot"
	"arifa/bot/desk"
	"arifa/notifiers"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// face is what a private chat says before citizens' talk is asked: an officer
// links the chat with the one-time code of "arifa officer link", so that the
// program can call her there.
type face struct {
	*bot.Conversation
	desk  *desk.Desk
	tries *tries
}

// linkTries is how many codes one chat may try in linkWindow: who guesses fills
// neither the audit record nor the database.
const (
	linkTries  = 5
	linkWindow = 15 * time.Minute
)

// tries counts by chat. It is bounded: a full memory is forgotten whole.
type tries struct {
	mu   sync.Mutex
	seen map[subscriptions.Address][]time.Time
}

func (t *tries) over(chat subscriptions.Address, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.seen == nil || len(t.seen) > 10_000 {
		t.seen = map[subscriptions.Address][]time.Time{}
	}
	recent := slices.DeleteFunc(t.seen[chat], func(at time.Time) bool { return now.Sub(at) >= linkWindow })
	if len(recent) >= linkTries {
		t.seen[chat] = recent
		return true
	}
	t.seen[chat] = append(recent, now)
	return false
}

// Hear takes "/link CODE" of a private chat; everything else is a citizen's.
func (f face) Hear(ctx context.Context, h bot.Heard) ([]wording.Card, error) {
	words := strings.Fields(h.Text)
	if h.Kind != subscriptions.Person || h.Forwarded || len(words) != 2 || words[0] != "/link" {
		return f.Conversation.Hear(ctx, h)
	}
	if f.tries.over(h.Address, h.At) {
		return []wording.Card{{Title: "Not linked", Lines: []string{"Too many codes. Wait a quarter of an hour, then ask for a new one."}}}, nil
	}
	via := h.Lane.Network()
	o, err := f.desk.Link(ctx, words[1], subscriptions.Identity{Provider: via, Subject: h.Address.Reveal()}, via, h.At)
	var refusal *desk.Refusal
	switch {
	case errors.As(err, &refusal):
		return []wording.Card{{Title: "Not linked", Lines: []string{sentence(refusal.Why), sentence(refusal.Do)}}}, nil
	case err != nil:
		return nil, err
	}
	return []wording.Card{{Title: "Linked", Lines: []string{
		fmt.Sprintf("This chat is now %s's. You are called here when a promise falls due, when it is overdue, and when something ended by itself.", o.Name),
		"What you do, you do with \"arifa\" and your own key."}}}, nil
}

func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// event calls officers: in the log, and in the chats that they have linked.
func (v *service) event(e desk.Event) {
	v.log.Warn("officers are called", "component", "desk", "event", string(e.Kind), "agency", string(e.Agency), "officers", len(e.To),
		"incident", int64(e.Incident), "notice", string(e.Key), "due", e.Due)
	card := v.callCard(e)
	v.calls.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		for _, id := range e.To {
			v.callOfficer(ctx, id, card)
		}
	})
}

func (v *service) callOfficer(ctx context.Context, id subscriptions.OfficerID, card wording.Card) {
	o, err := v.store.Officer(ctx, id)
	if err != nil {
		v.log.Error("officer not called", "officer", int64(id), "error", err)
		return
	}
	lane := v.telegram.Name()
	for _, i := range o.Identities {
		if i.Provider != lane.Network() || !o.Active() {
			continue
		}
		to := notifiers.Target{Address: subscriptions.AddressOf(i.Subject), Kind: subscriptions.Person}
		if _, err := v.send.Reply(ctx, lane, notifiers.Message{To: to, Card: card}); err != nil {
			v.log.Error("officer not called", "officer", int64(id), "error", err)
		}
	}
}

// callCard says what happened and what to type.
func (v *service) callCard(e desk.Event) wording.Card {
	due := ""
	if !e.Due.IsZero() {
		due = e.Due.In(v.library.effective().Location()).Format("15:04 on 2 January")
	}
	var title, do string
	switch e.Kind {
	case desk.EventReminder:
		title, do = "The promised update falls due at "+due, fmt.Sprintf("arifa notice no-change %d", e.Incident)
	case desk.EventOverdue:
		title, do = "The update promised for "+due+" is overdue", fmt.Sprintf("arifa notice no-change %d", e.Incident)
	case desk.EventExpired:
		title, do = "Another way has expired and is told no more", fmt.Sprintf("arifa incident show %d", e.Incident)
	case desk.EventAlarm, desk.EventAlarmAgain:
		title, do = "Many report a trouble and nobody has spoken; the words are ready", fmt.Sprintf("arifa alarm show %d", e.Alarm)
	case desk.EventAlarmOver:
		title, do = "The alarm is over", fmt.Sprintf("arifa alarm show %d", e.Alarm)
	case desk.EventRecovered:
		title, do = "It seems to work again. Is it restored?", fmt.Sprintf("arifa notice restore %d", e.Incident)
	case desk.EventSampleLow:
		title, do = fmt.Sprintf("Of those who were asked, only %.0f %% say that it works", 100*e.Works), fmt.Sprintf("arifa incident show %d", e.Incident)
	case desk.EventPlannedEnd:
		title, do = "The planned end has passed; nobody has confirmed it", fmt.Sprintf("arifa notice restore %d", e.Incident)
	case desk.EventBroken:
		title, do = "This notice was stopped: a network cannot show it, or it told a way to pay that was stopped. Say again what still holds", "arifa notice show "+string(e.Key)
	case desk.EventStopIt:
		title, do = "An officer of your agency published alone. Wrong? Stop it", "arifa notice stop "+string(e.Key)
	case desk.EventApprove:
		title, do = "Something waits for a second officer", "arifa notice list --state submitted; arifa registry list"
	case desk.EventAlone:
		title, do = "The only admin left changes roles; refuse it if that is wrong", "arifa registry list; arifa registry refuse NUMBER --reason …"
	case desk.EventConfirm:
		title, do = "Services wait for your word: are they affected?", fmt.Sprintf("arifa incident confirm %d --services …", e.Incident)
	case desk.EventSuspected:
		title, do = "Another agency suspects your platform", fmt.Sprintf("arifa incident join %d", e.Incident)
	default:
		title, do = "The registry changed, or a change waits", "arifa registry list"
	}
	lines := []string{do}
	if e.Incident != 0 {
		lines = append(lines, fmt.Sprintf("Incident %d, %s.", e.Incident, e.Agency))
	}
	return wording.Card{Title: title, Lines: lines}
}
