package notifiers_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
	"arifa/subscriptions/sqlite"
	"arifa/subscriptions/sqlite/sqlitetest"
)

// The clock of the database and of the rules jumps in the middle of a wave: nobody is
// skipped, and no more people are told twice than were in flight at a jump.
func TestClocksThatJump(t *testing.T) {
	t.Parallel()
	const citizens, flight = 90, 8
	for _, c := range []struct {
		name  string
		jumps []time.Duration // one after the other, from the true time
	}{
		{"an hour ahead", []time.Duration{time.Hour}},
		{"an hour back", []time.Duration{-time.Hour}},
		{"there and back", []time.Duration{3 * time.Hour, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var off atomic.Int64
			clock := func() time.Time { return time.Now().Add(time.Duration(off.Load())) }
			h, n := newHouse(t), newNetwork(t)
			store, err := sqlite.Open(context.Background(), sqlitetest.File(t), sqlite.Config{Migrate: true, Clock: clock})
			h.must(err)
			t.Cleanup(func() { _ = store.Close() })
			h.store = store
			h.citizens(laneA, citizens)
			h.serve("a", func(cfg *notifiers.Config) { cfg.Clock = clock }, notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 200, InFlight: flight})
			_, outage := h.publish(h.incident(tax), subscriptions.Outage, true)
			for k, jump := range c.jumps {
				h.wait("the middle of the wave", func() bool { return len(n.entries()) > (k+1)*citizens/4 })
				off.Store(int64(jump))
			}
			p := h.settled(outage)
			got := told(n.entries(), subscriptions.Outage)
			if len(got) != citizens || p.Count(subscriptions.Sent) != citizens {
				t.Errorf("got %d people told, %d sent, want %d of each", len(got), p.Count(subscriptions.Sent), citizens)
			}
			if d := doubles(got); d > flight*len(c.jumps) {
				t.Errorf("got %d doubles, want at most the %d in flight at each of %d jumps", d, flight, len(c.jumps))
			}
		})
	}
}
