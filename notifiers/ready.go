package notifiers

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"arifa/subscriptions"
)

// poisonHold is how long rows of a notice that this network refuses are laid
// aside while an officer stops it: so long that they never fill the lane.
const poisonHold = 15 * time.Minute

// ready brings a row to the moment before its request: true, within the hourly
// cap, in its chat's pace, rendered, paid for, and true still. Otherwise it
// returns the result that the row gets instead.
func (l *lane) ready(ctx, last context.Context, a *attempt) (*subscriptions.Notice, Message, *subscriptions.Result) {
	var none Message
	at := l.moment()
	n, held := l.stillTrue(ctx, a, &at)
	if held != nil {
		return n, none, held
	}
	if l.withheld.has(n.ID) {
		return n, none, l.later(poisonHold, "the network refuses this notice")
	}
	if _, edits := l.set.Channel.(Editor); !edits || a.row.Edit == "" {
		a.asNew = true
	}
	if until, over := overCap(a.row, n, a.asNew, at.wall); over {
		return n, none, l.later(until.Sub(at.wall), "hourly cap")
	}
	if !l.set.Canary.Address.IsZero() {
		if held := l.canaryFirst(ctx, last, n); held != nil {
			return n, none, held
		}
		at = l.moment()
	}
	if held := l.chatTurn(ctx, a, at.up); held != nil {
		return n, none, held
	}
	m, err := l.message(n, a, at.wall)
	if err != nil {
		return n, none, l.spoilt(n, a, err)
	}
	if found := l.lookUp(ctx, last, n, m, a); found != nil {
		return n, none, found
	}
	if held := l.pay(ctx); held != nil {
		return n, none, held
	}
	at = l.moment() // however long it waited: this is right before its request
	n, held = l.stillTrue(ctx, a, &at)
	if held == nil {
		held = l.mayBegin(ctx, a, at.up)
	}
	return n, m, held
}

// stillTrue asks the view. "Yes" counts from a view of the last half second,
// "no" only from one that was read after the row was leased: an older one does
// not know the newest notice. Where it had to wait for one, at is the time after it.
func (l *lane) stillTrue(ctx context.Context, a *attempt, at *moment) (*subscriptions.Notice, *subscriptions.Result) {
	v, fresh := l.view.fresh(at.up)
	switch {
	case fresh && a.said == v && v.lives(a.row.Notice, at.wall):
		return v.notices[a.row.Notice], nil
	case fresh && v.verdict(a.row, at.wall).Send:
		return l.unlessCorrected(v, a)
	}
	asOf := a.handed
	if !fresh {
		asOf = at.up
	}
	v, err := l.view.since(ctx, asOf)
	if err != nil {
		return nil, l.later(storeBack, "the view cannot be read")
	}
	*at = l.moment()
	verdict := v.verdict(a.row, at.wall)
	if !verdict.Send {
		return nil, &subscriptions.Result{State: subscriptions.Superseded, By: verdict.By}
	}
	return l.unlessCorrected(v, a)
}

// unlessCorrected gives a row back whose words were taken back while we had it.
func (l *lane) unlessCorrected(v *truth, a *attempt) (*subscriptions.Notice, *subscriptions.Result) {
	if v.correctedSince(a.row, a.leased) {
		return nil, l.later(0, "corrected meanwhile")
	}
	a.said = v
	return v.notices[a.row.Notice], nil
}

// chatTurn waits for the chat's pace.
func (l *lane) chatTurn(ctx context.Context, a *attempt, now time.Time) *subscriptions.Result {
	wait := l.chats.reserve(a.row.Address, a.row.Kind, now, chatPatience)
	if wait > chatPatience {
		return l.later(wait, "the chat's pace")
	}
	if wait > 0 && !bell(nil).sleep(ctx, wait) {
		return l.later(0, "stopping")
	}
	return nil
}

// pay waits for the budget.
func (l *lane) pay(ctx context.Context) *subscriptions.Result {
	err := l.budget.broadcast(ctx)
	var paused errPaused
	switch {
	case err == nil:
		return nil
	case errors.As(err, &paused):
		return l.later(paused.left, "the lane pauses")
	}
	return l.later(0, "stopping")
}

// mayBegin is the last look before a request.
func (l *lane) mayBegin(ctx context.Context, a *attempt, now time.Time) *subscriptions.Result {
	paused := max(l.budget.pausedFor(now), l.chats.pausedFor(a.row.Address, now), l.stoppedFor(l.tenancy.databaseNow(now)))
	switch {
	case ctx.Err() != nil:
		return l.later(0, "stopping")
	case !l.tenancy.valid(now), elapsed(a.leased, now) >= a.until.Sub(a.leased):
		return l.later(0, "the lease is over")
	case paused > 0:
		return l.later(min(paused, time.Hour), "the lane pauses")
	case l.isHeld(), l.away.Load():
		return l.later(storeBack, "the lane is held")
	case !a.probe && !l.gate.counts():
		return l.later(probeFirst, "the lane is probed")
	}
	return nil
}

// lookUp asks a network that can be asked whether an earlier request arrived.
func (l *lane) lookUp(ctx, last context.Context, n *subscriptions.Notice, m Message, a *attempt) *subscriptions.Result {
	finder, can := l.set.Channel.(Finder)
	if !can || !a.row.Repeat || a.asked {
		return nil
	}
	if held := l.pay(ctx); held != nil {
		return held
	}
	call, cancel := context.WithTimeout(last, l.cfg.Timeout)
	defer cancel()
	receipt, arrived, err := finder.Find(call, m)
	if err != nil {
		return l.notAsked(last, n, m, a, err)
	}
	a.asked = true
	if !arrived {
		return nil
	}
	r := rule(facts{row: a.row, kind: n.Kind, receipt: receipt, now: l.now()})
	return &r.result
}

// notAsked is what follows where an earlier request cannot be asked about. While
// the network is only in trouble, or limits how often it is asked, the row waits:
// sent now, it might be read twice. Nil means that the network refuses to be asked,
// and what its kind asks for is done.
func (l *lane) notAsked(last context.Context, n *subscriptions.Notice, m Message, a *attempt, err error) *subscriptions.Result {
	var later Later
	switch {
	case errors.As(err, &later):
		return l.later(later.After, "the network limits how often it is asked")
	case is[Halt](err), is[Never](err), is[Poison](err), is[Gone](err):
		return nil
	}
	l.feel(last, n, m, a, ruling{trouble: true}, err)
	return l.later(backoff(a.row.Attempt, rand.Float64()), "the network cannot be asked now")
}
