package notifiers

import (
	"context"
	"time"

	"arifa/subscriptions"
)

// attempt is one leased row on its way.
type attempt struct {
	row    *subscriptions.Delivery
	fence  int64
	leased time.Time // when the lease was asked for: it cannot have begun earlier
	handed time.Time // when the row was in our hands: its notice is in any view read later
	until  time.Time // no request begins later: the lease would end before it
	probe  bool      // it tries whether the lane works again
	asNew  bool      // the edit became a new message
	asked  bool      // the network was asked whether an earlier one arrived
	waits  bool      // no request was begun yet
	unsaid bool      // the message that it corrects says the correction, or cannot be edited
	said   *truth    // the view that said that it is still true
}

// moment is one look at both clocks of a lane.
type moment struct {
	up   time.Time // for durations
	wall time.Time // for the rules
}

func (l *lane) moment() moment { return moment{l.clock(), l.now()} }

// deliver sees one row through and returns what is to be recorded. ctx ends when
// nothing new may begin, last when not even what flies may go on.
func (l *lane) deliver(ctx, last context.Context, a *attempt) subscriptions.Result {
	res := l.attempt(ctx, last, a)
	l.begun(a)
	res.ID, res.Fence = a.row.ID, a.fence
	if res.At.IsZero() {
		res.At = l.now()
	}
	return res
}

func (l *lane) attempt(ctx, last context.Context, a *attempt) subscriptions.Result {
	for {
		n, m, held := l.ready(ctx, last, a)
		if held != nil {
			return *held
		}
		r := l.request(last, n, m, a)
		if !r.asNew {
			return r.result
		}
		a.asNew = true // the edit was refused, which cannot happen to a message
	}
}

// begun notes that a row does not wait for the budget any more.
func (l *lane) begun(a *attempt) {
	if !a.waits {
		return
	}
	a.waits = false
	l.waiting.Add(-1)
	if !l.quick() {
		l.wake.ring()
	}
}

// later gives a row back: nothing was sent, and it costs no attempt.
func (l *lane) later(wait time.Duration, why string) *subscriptions.Result {
	return &subscriptions.Result{
		State: subscriptions.Pending, NextAt: l.now().Add(max(0, wait)), Reason: why,
	}
}
