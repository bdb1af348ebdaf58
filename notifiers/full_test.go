package notifiers_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
)

// full is a store whose disk is full for a while. What is there can be read, so that
// who renews a tenure that is over is told so.
type full struct {
	subscriptions.Store
	from, until time.Time
}

func (f *full) now() error {
	if t := time.Now(); !t.Before(f.from) && t.Before(f.until) {
		return fmt.Errorf("commit: %w", subscriptions.ErrFull)
	}
	return nil
}

func (f *full) Finish(ctx context.Context, rs []subscriptions.Result) error {
	if err := f.now(); err != nil {
		return err
	}
	return f.Store.Finish(ctx, rs)
}

func (f *full) Lease(ctx context.Context, t subscriptions.Tenure, limit int, now time.Time) ([]subscriptions.Delivery, error) {
	if err := f.now(); err != nil {
		return nil, err
	}
	return f.Store.Lease(ctx, t, limit, now)
}

func (f *full) Sweep(ctx context.Context, limit int, now time.Time) (int, error) {
	if err := f.now(); err != nil {
		return 0, err
	}
	return f.Store.Sweep(ctx, limit, now)
}

func (f *full) Renew(ctx context.Context, t subscriptions.Tenure, ttl time.Duration) (subscriptions.Tenure, error) {
	err := f.now()
	if err != nil && !time.Now().Before(t.Until) {
		err = subscriptions.ErrFenced
	}
	if err != nil {
		return t, err
	}
	return f.Store.Renew(ctx, t, ttl)
}

func (f *full) Acquire(ctx context.Context, id subscriptions.LaneID, owner string, ttl time.Duration) (subscriptions.Tenure, error) {
	if err := f.now(); err != nil {
		return subscriptions.Tenure{}, err
	}
	return f.Store.Acquire(ctx, id, owner, ttl)
}

// The disk is full for longer than the leases of what flies when it fills up. Nothing
// crashed, so nobody is told twice: what lapsed is not taken up again before what is
// known of it is written down. Whatever the moment at which there is room again.
func TestAFullDiskTellsNobodyTwice(t *testing.T) {
	t.Parallel()
	for k := range 5 {
		t.Run(fmt.Sprint(k), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const people = 60
				h := newHouse(t)
				h.citizens(laneA, people)
				begun := time.Now()
				disk := &full{Store: h.store, from: begun.Add(time.Second)}
				disk.until = disk.from.Add(30*time.Second + time.Duration(k)*230*time.Millisecond)
				well := &steady{lane: laneA}
				_, stop := h.serve("a", func(c *notifiers.Config) { c.Outbox, c.Lanes, c.Hints = disk, disk, nil }, notifiers.Lane{Channel: well, Rate: 40, InFlight: 8})
				_, outage := h.publish(h.incident(tax), subscriptions.Outage, true)
				time.Sleep(time.Minute)
				p := h.progress(outage)
				stop()
				if got := p.ByLane[laneA][subscriptions.Sent]; got != people || len(well.at) != people {
					t.Errorf("%d recorded as sent in %d messages, want %d in as many", got, len(well.at), people)
				}
				before, during := 0, 0
				for _, at := range well.at {
					switch {
					case at.Before(disk.from):
						before++
					case at.Before(disk.until):
						during++
					}
				}
				if before == 0 || before == people || during > 8 {
					t.Errorf("%d messages before and %d while the disk was full: the test proves nothing", before, during)
				}
			})
		})
	}
}
