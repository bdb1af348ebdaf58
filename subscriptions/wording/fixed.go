package wording

import (
	"time"

	"arifa/subscriptions"
)

// Silence is what is said of a service of which nobody has announced anything. It
// never says that the service works.
func (s *Speaker) Silence(l subscriptions.Language) string {
	return s.T(l, "silence", map[string]any{})
}

// AsOf says for when an answer holds; t is in the catalogue's zone.
func (s *Speaker) AsOf(l subscriptions.Language, t time.Time) string { return s.at(l, "asof", t) }

// Overdue says that the update promised for t has not come.
func (s *Speaker) Overdue(l subscriptions.Language, t time.Time) string { return s.at(l, "overdue", t) }

// EndPassed says that planned work should be over since t, and that nobody has
// confirmed it.
func (s *Speaker) EndPassed(l subscriptions.Language, t time.Time) string {
	return s.at(l, "endpassed", t)
}

// Unknown is the state of a service that waits for an officer's tick.
func (s *Speaker) Unknown(l subscriptions.Language) string {
	return s.T(l, "state.unknown", map[string]any{})
}

// NoWay says that no other way is confirmed.
func (s *Speaker) NoWay(l subscriptions.Language) string { return s.T(l, "noway", map[string]any{}) }

// Withdrawn says that a notice was wrong; it quotes nothing of it.
func (s *Speaker) Withdrawn(l subscriptions.Language, key subscriptions.NoticeKey) string {
	return s.T(l, "withdrawn", map[string]any{"Key": key.Short()})
}

// Withdrawal is the card that takes the place of a withdrawn notice where it was
// read.
func (s *Speaker) Withdrawal(sh subscriptions.Sheet, l subscriptions.Language) Card {
	return Card{
		Title:  s.Withdrawn(l, sh.Key),
		Lines:  []string{s.T(l, "withdrawn.do", map[string]any{})},
		Footer: []string{s.T(l, "pin", map[string]any{})},
	}
}

func (s *Speaker) at(l subscriptions.Language, id string, t time.Time) string {
	return s.T(l, id, map[string]any{"When": s.DateTime(l, t)})
}

// Unofficial says that many have reported something since t and that no officer has
// spoken; it is marked as not official wherever it stands, and never sent to anybody
// who did not ask.
func (s *Speaker) Unofficial(l subscriptions.Language, t time.Time) string {
	return s.at(l, "unofficial", t)
}

// ChoiceReport is the first word of the data of the button "it fails for me"; a
// service follows where there is one.
const ChoiceReport = "report"

// Fails is the button with which somebody says that something fails for them: one
// service, or, of several, whichever they name then.
func (s *Speaker) Fails(l subscriptions.Language, services ...subscriptions.ServiceID) Choice {
	data := ChoiceReport
	if len(services) == 1 {
		data += " " + string(services[0])
	}
	return Choice{Label: s.T(l, "button.fails", nil), Data: data}
}
