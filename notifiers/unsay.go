package notifiers

import (
	"context"

	"arifa/subscriptions"
)

// unsay puts a correction in place of the message that it corrects, so that the wrong
// words are gone from the chat; the correction itself follows as a message, for an edit
// is not heard, and is all there is where the message cannot be edited. Non-nil means
// that the lane has to wait: nothing was sent.
func (l *lane) unsay(last context.Context, n *subscriptions.Notice, m Message, a *attempt) *ruling {
	wrong := a.row.Read[n.Corrects]
	if _, edits := l.set.Channel.(Editor); !edits || a.unsaid || wrong == "" || !n.Unsays() {
		return nil
	}
	if l.budget.broadcast(last) != nil {
		return &ruling{name: "later", result: *l.later(0, "the lane pauses")}
	}
	edit := m
	edit.Edit, edit.ReplyTo, edit.Silent = wrong, "", true
	begun := l.clock()
	_, err := l.speak(last, edit, begun)
	r := rule(facts{row: a.row, kind: n.Kind, err: err, counted: l.gate.counts(), now: l.now()})
	l.cfg.Metrics.Ended(l.id, "unsay_"+r.name, elapsed(begun, l.clock()))
	if is[Later](err) || is[Halt](err) {
		l.feel(last, n, m, a, r, err)
		return &r
	}
	a.unsaid = true
	return nil
}
