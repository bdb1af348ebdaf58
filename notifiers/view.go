package notifiers

import (
	"context"
	"log/slog"
	"sync"
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

	mu  sync.Mutex
	now *truth
	at  time.Time // when the newest read was begun
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
	t, at := v.last()
	return t, !at.IsZero() && elapsed(at, now) <= viewMaxAge
}

// since returns a view whose reading began at t or later.
func (v *viewer) since(ctx context.Context, t time.Time) (*truth, error) {
	v.reading.Lock()
	defer v.reading.Unlock()
	if known, at := v.last(); !at.Before(t) {
		return known, nil
	}
	begun := v.clock()
	view, news, err := v.read(ctx)
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	if news {
		v.now = newTruth(view, v.now, v.clock())
	}
	known := v.now
	v.at = begun
	v.mu.Unlock()
	if news && v.changed != nil {
		v.changed()
	}
	return known, nil
}

func (v *viewer) last() (*truth, time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.now, v.at
}

func (v *viewer) read(ctx context.Context) (subscriptions.View, bool, error) {
	known, _ := v.last()
	ctx, cancel := context.WithTimeout(ctx, storeLimit)
	defer cancel()
	return v.outbox.View(ctx, known.view.Generation)
}
