package notifiers

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"arifa/subscriptions"
)

const (
	viewMaxAge = 500 * time.Millisecond // G5: nothing is sent on an older view
	viewEvery  = 200 * time.Millisecond
	viewGap    = 10 * time.Millisecond // between two reads, however many hints come
	storeLimit = 5 * time.Second       // for one call of the store
)

// viewer keeps the view that "still true?" is asked of, and knows its age.
type viewer struct {
	outbox  subscriptions.Outbox
	clock   func() time.Time // with a monotonic reading
	log     *slog.Logger
	wake    bell
	changed func()

	reading sync.Mutex // one read at a time

	now atomic.Pointer[reading]
}

// reading is the newest view, and when its reading was begun.
type reading struct {
	truth *truth
	at    time.Time
}

func newViewer(outbox subscriptions.Outbox, clock func() time.Time, log *slog.Logger, changed func()) *viewer {
	v := &viewer{outbox: outbox, clock: clock, log: log, wake: newBell(), changed: changed}
	v.now.Store(&reading{truth: newTruth(subscriptions.View{}, nil, time.Time{})})
	return v
}

// run reads the view again and again until ctx ends.
func (v *viewer) run(ctx context.Context) error {
	away := false
	for ctx.Err() == nil {
		_, err := v.since(ctx, v.clock())
		if err != nil && !away && ctx.Err() == nil {
			v.log.Warn("the view cannot be read: nothing is sent", "err", err)
		}
		away = err != nil
		bell(nil).sleep(ctx, viewGap)
		v.wake.sleep(ctx, viewEvery)
	}
	return nil
}

// fresh returns the view if it is young enough to send on.
func (v *viewer) fresh(now time.Time) (*truth, bool) {
	r := v.now.Load()
	return r.truth, !r.at.IsZero() && elapsed(r.at, now) <= viewMaxAge
}

// since returns a view whose reading began at t or later.
func (v *viewer) since(ctx context.Context, t time.Time) (*truth, error) {
	v.reading.Lock()
	defer v.reading.Unlock()
	known := v.now.Load()
	if !known.at.Before(t) {
		return known.truth, nil
	}
	begun := v.clock()
	view, news, err := v.read(ctx, known.truth.view.Generation)
	if err != nil {
		return nil, err
	}
	now := known.truth
	if news {
		now = newTruth(view, known.truth, v.clock())
	}
	v.now.Store(&reading{now, begun})
	if news && v.changed != nil {
		v.changed()
	}
	return now, nil
}

func (v *viewer) read(ctx context.Context, known int64) (subscriptions.View, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, storeLimit)
	defer cancel()
	return v.outbox.View(ctx, known)
}
