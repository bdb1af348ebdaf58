package notifiers_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
)

// between is a store whose Lease, once, takes its time: a view is read while it
// waits, then a notice is published and expanded, and only then are rows handed
// out. The rows are of a notice that the view does not know.
type between struct {
	subscriptions.Store
	mu    sync.Mutex
	views int
	hold  chan struct{} // views wait for it once it is set
	meant func()        // what happens during the one slow Lease
}

func (b *between) View(ctx context.Context, since int64) (subscriptions.View, bool, error) {
	b.mu.Lock()
	hold := b.hold
	b.mu.Unlock()
	if hold != nil {
		<-hold
	}
	v, ok, err := b.Store.View(ctx, since)
	b.mu.Lock()
	b.views++
	b.mu.Unlock()
	return v, ok, err
}

func (b *between) Lease(ctx context.Context, t subscriptions.Tenure, max int, now time.Time) ([]subscriptions.Delivery, error) {
	b.mu.Lock()
	meant := b.meant
	b.meant = nil
	b.mu.Unlock()
	if meant != nil {
		meant()
	}
	return b.Store.Lease(ctx, t, max, now)
}

func (b *between) read() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.views
}

// A row whose notice is newer than the view is not taken for one that is over:
// people once missed the end of a trouble that way.
func TestNewestNoticeIsNotTakenForAnOldOne(t *testing.T) {
	t.Parallel()
	h, n := newHouse(t), newNetwork(t)
	h.citizens(laneA, 20)
	b := &between{Store: h.store}
	var outage subscriptions.Notice
	done := make(chan struct{})
	b.meant = func() {
		defer close(done)
		seen := b.read()
		h.wait("a view that is read during the lease", func() bool { return b.read() > seen+1 })
		hold := make(chan struct{})
		b.mu.Lock()
		b.hold = hold
		b.mu.Unlock()
		_, outage = h.publish(h.incident(tax), subscriptions.Outage, true)
		for !h.progress(outage).Expanded { // by hand: the view is to stay young
			_, err := h.store.Expand(t.Context(), 100, now())
			h.must(err)
		}
		time.AfterFunc(100*time.Millisecond, func() { // after the rows are in the lane's hands
			b.mu.Lock()
			defer b.mu.Unlock()
			b.hold = nil
			close(hold)
		})
	}
	h.serve("a", func(c *notifiers.Config) { c.Outbox = b }, notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 1000, InFlight: 8})
	<-done
	p := h.settled(outage)
	if got := told(n.entries(), subscriptions.Outage); len(got) != 20 {
		t.Errorf("%d of 20 were told; %v were superseded", len(got), p.Superseded)
	}
}
