package notifiers

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"arifa/subscriptions"
)

// A tenure is renewed four times in its length, and for the last quarter nothing is
// begun on it: nobody else begins before it is over, however late a request's last
// look was. shortest leaves the renewal time to arrive.
const (
	tenureParts = 4
	shortest    = 200 * time.Millisecond
	claimEvery  = 500 * time.Millisecond // between two tries to become the owner, at most
)

// tenancy is what a lane knows of its ownership: the tenure, and by its own
// clock since when.
type tenancy struct {
	ttl time.Duration

	now atomic.Pointer[tenure] // nil = none
}

type tenure struct {
	subscriptions.Tenure
	begun time.Time // before the store was asked for it
}

func (h *tenancy) set(t subscriptions.Tenure, begun time.Time) { h.now.Store(&tenure{t, begun}) }
func (h *tenancy) drop()                                       { h.now.Store(nil) }

func (h *tenancy) get() subscriptions.Tenure {
	if t := h.now.Load(); t != nil {
		return t.Tenure
	}
	return subscriptions.Tenure{}
}

// valid reports whether a request may begin now.
func (h *tenancy) valid(now time.Time) bool {
	t := h.now.Load()
	return t != nil && elapsed(t.begun, now) < h.ttl-h.ttl/tenureParts
}

// until is when the last request on a row that is leased now may begin.
func (h *tenancy) until() time.Time {
	if t := h.now.Load(); t != nil {
		return t.begun.Add(h.ttl - h.ttl/tenureParts)
	}
	return time.Time{}
}

// databaseNow tells the time of the database, as near as it is known.
func (h *tenancy) databaseNow(now time.Time) time.Time {
	if t := h.now.Load(); t != nil {
		return t.Now.Add(elapsed(t.begun, now))
	}
	return now
}

// acquire waits until this process owns the lane; an error means that ctx ended.
func (l *lane) acquire(ctx context.Context) error {
	away := false
	for {
		begun := l.clock()
		t, err := l.cfg.Lanes.Acquire(ctx, l.id, l.cfg.Owner, l.cfg.Tenure)
		if err == nil {
			l.tenancy.set(t, begun)
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if fenced := errors.Is(err, subscriptions.ErrFenced); !fenced && !away {
			l.log.Warn("the lane cannot be acquired", "err", err)
			away = true
		}
		if !bell(nil).sleep(ctx, min(claimEvery, l.cfg.Tenure/8)) {
			return ctx.Err()
		}
	}
}

// renew prolongs the tenure well before its end. It returns when ctx ends or
// when somebody else owns the lane, after it called lost.
func (l *lane) renew(ctx context.Context, lost func()) {
	for bell(nil).sleep(ctx, l.cfg.Tenure/tenureParts) {
		begun := l.clock()
		call, cancel := context.WithTimeout(ctx, min(storeLimit, l.cfg.Tenure/2))
		t, err := l.cfg.Lanes.Renew(call, l.tenancy.get(), l.cfg.Tenure)
		cancel()
		switch {
		case err == nil:
			l.tenancy.set(t, begun)
		case errors.Is(err, subscriptions.ErrFenced):
			l.log.Warn("the lane has another owner: stopping")
			l.tenancy.drop()
			lost()
			return
		case ctx.Err() == nil:
			l.log.Warn("the tenure cannot be renewed", "err", err)
		}
	}
}

// release gives the lane to whoever wants it next.
func (l *lane) release(ctx context.Context) {
	t := l.tenancy.get()
	if t.Owner == "" {
		return
	}
	l.tenancy.drop()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeLimit)
	defer cancel()
	if err := l.cfg.Lanes.Release(ctx, t); err != nil && !errors.Is(err, subscriptions.ErrFenced) {
		l.log.Warn("the lane cannot be released; its tenure lapses", "err", err)
	}
}
