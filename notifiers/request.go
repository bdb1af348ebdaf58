package notifiers

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"time"

	"arifa/subscriptions"
)

// request makes one request, decides, and lets the lane feel what follows.
func (l *lane) request(last context.Context, n *subscriptions.Notice, m Message, a *attempt) ruling {
	l.begun(a)
	if r := l.unsay(last, n, m, a); r != nil {
		return *r
	}
	begun := l.clock()
	receipt, err := l.speak(last, m, begun)
	now, absent := l.moment(), false
	took := elapsed(begun, now.up)
	if err != nil && is[Unknown](err) {
		receipt, absent, err = l.find(last, m, receipt, err)
		now = l.moment()
	}
	r := rule(facts{
		row: a.row, kind: n.Kind, receipt: receipt, err: err, absent: absent,
		counted: l.gate.counts(), now: now.wall, jitter: rand.Float64(),
	})
	l.cfg.Metrics.Ended(l.id, r.name, took)
	l.feel(last, n, m, a, r, err)
	return r
}

// speak sends or edits with the timeout of one request. A channel that panics
// fails this row and nothing else; what it panicked with may hold a text, so only
// its type is told.
func (l *lane) speak(last context.Context, m Message, now time.Time) (receipt Receipt, err error) {
	ctx := l.window.of(last, l.cfg.Timeout, now)
	defer func() {
		if p := recover(); p != nil {
			err = Never{fmt.Errorf("the channel panicked: %s", panicked(p))}
		}
	}()
	if editor, can := l.set.Channel.(Editor); can && m.Edit != "" {
		return editor.Edit(ctx, m)
	}
	return l.set.Channel.Send(ctx, m)
}

func panicked(p any) string {
	var re runtime.Error
	if err, ok := p.(error); ok && errors.As(err, &re) {
		return re.Error()
	}
	return fmt.Sprintf("%T", p)
}

// find looks an unknown outcome up where the network can be asked.
func (l *lane) find(last context.Context, m Message, receipt Receipt, unknown error) (Receipt, bool, error) {
	finder, can := l.set.Channel.(Finder)
	if !can || l.budget.broadcast(last) != nil {
		return receipt, false, unknown
	}
	ctx, cancel := context.WithTimeout(last, l.cfg.Timeout)
	defer cancel()
	found, arrived, err := finder.Find(ctx, m)
	switch {
	case err != nil:
		return receipt, false, unknown
	case arrived:
		return found, false, nil
	}
	return receipt, true, unknown
}

// feel does to the lane what the outcome asks for.
func (l *lane) feel(ctx context.Context, n *subscriptions.Notice, m Message, a *attempt, r ruling, err error) {
	switch {
	case r.trouble:
		if l.gate.failed(l.clock()) {
			l.log.Warn("the network does not answer: probing", "err", err)
			l.trouble(Trouble{Kind: TroubleBroken, Err: err})
		}
	case r.halt:
		l.halt(ctx, a.probe, err)
	default:
		l.resume(ctx)
	}
	switch {
	case r.pauseLane > 0:
		l.pause(ctx, r.pauseLane, err)
	case r.pauseChat > 0:
		if l.chats.pause(a.row.Address, r.pauseChat, l.clock()) {
			l.pause(ctx, r.pauseChat, err)
		}
	case r.poison:
		l.poison(n, err)
	case r.result.Gone && a.row.Kind != subscriptions.Person:
		l.trouble(Trouble{Kind: TroubleLost, Recipient: a.row.Recipient, Err: err})
	case !r.result.MovedTo.IsZero() && a.row.Kind != subscriptions.Person:
		l.trouble(Trouble{Kind: TroubleMoved, Recipient: a.row.Recipient, Err: err})
	case r.result.State == subscriptions.Sent:
		l.keepPinned(ctx, n, m, a, r.result.Message)
	}
}

// spoilt is the result of a card that could not even be made.
func (l *lane) spoilt(n *subscriptions.Notice, a *attempt, err error) *subscriptions.Result {
	r := rule(facts{row: a.row, kind: n.Kind, err: Poison{err}, now: l.now()})
	l.poison(n, err)
	r.result.Counted = false
	return &r.result
}

// poison withholds a notice from this lane and calls for help, once.
func (l *lane) poison(n *subscriptions.Notice, err error) {
	if !l.withheld.add(n.ID) {
		return
	}
	l.log.Error("the network refuses a notice: withheld", "notice", n.ID, "key", n.Key, "err", err)
	l.trouble(Trouble{Kind: TroublePoison, Notice: n.ID, Err: err})
}
