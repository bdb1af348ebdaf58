package notifiers_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
)

// frozen is a process that is stopped as by SIGSTOP: its calls of the store and of
// the network stand still, and go on when it is revived.
type frozen struct {
	subscriptions.Store
	mu     sync.Mutex
	thawed chan struct{} // nil = it runs
}

func (f *frozen) freeze() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.thawed = make(chan struct{})
}

func (f *frozen) thaw() {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.thawed)
	f.thawed = nil
}

func (f *frozen) wait() {
	f.mu.Lock()
	thawed := f.thawed
	f.mu.Unlock()
	if thawed != nil {
		<-thawed
	}
}

func (f *frozen) Lease(ctx context.Context, t subscriptions.Tenure, max int, now time.Time) ([]subscriptions.Delivery, error) {
	f.wait()
	ds, err := f.Store.Lease(ctx, t, max, now)
	f.wait()
	return ds, err
}

func (f *frozen) Finish(ctx context.Context, rs []subscriptions.Result) error {
	f.wait()
	return f.Store.Finish(context.WithoutCancel(ctx), rs)
}

func (f *frozen) Renew(ctx context.Context, t subscriptions.Tenure, ttl time.Duration) (subscriptions.Tenure, error) {
	f.wait()
	return f.Store.Renew(context.WithoutCancel(ctx), t, ttl)
}

// through is a steady channel of a process that may be frozen.
type through struct {
	*steady
	process *frozen
}

func (c *through) Send(ctx context.Context, m notifiers.Message) (notifiers.Receipt, error) {
	c.process.wait()
	r, err := c.steady.Send(context.WithoutCancel(ctx), m)
	c.process.wait()
	return r, err
}

// usual is what a replica runs with where nothing else is said.
func usual(c *notifiers.Config) { c.Tenure, c.Timeout = 0, 0 }

// Whoever owns a lane and dies is replaced within five seconds, and nobody is skipped.
func TestADeadOwnerIsReplacedWithinFiveSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const people, flight = 240, 8
		h := newHouse(t)
		h.store = struct{ subscriptions.Store }{h.store}
		h.citizens(laneA, people)
		first, second := &steady{lane: laneA}, &steady{lane: laneA}
		store := &mortal{Store: h.store}
		_, stopFirst := h.serve("first", func(c *notifiers.Config) { usual(c); c.Outbox, c.Lanes = store, store }, notifiers.Lane{Channel: first, Rate: 20, InFlight: flight})
		time.Sleep(time.Second) // it owns the lane
		_, stopSecond := h.serve("second", usual, notifiers.Lane{Channel: second, Rate: 20, InFlight: flight})
		_, outage := h.publish(h.incident(tax), subscriptions.Outage, true)
		time.Sleep(5*time.Second + 321*time.Millisecond)
		if second.sent() > 0 {
			t.Fatal("both sent while the owner lived")
		}
		died := time.Now()
		store.dead.Store(true)
		time.Sleep(14 * time.Second)
		stopFirst()
		stopSecond()
		if second.sent() == 0 {
			t.Fatal("nobody took over")
		}
		if after := second.at[0].Sub(died); after > 5*time.Second {
			t.Errorf("the lane was silent for %s, want at most 5 s", after)
		}
		p := h.progress(outage)
		if p.Count(subscriptions.Sent) != people {
			t.Errorf("%d of %d were told: %v", p.Count(subscriptions.Sent), people, p.ByLane)
		}
		if sent := len(first.at) + len(second.at); sent > people+flight {
			t.Errorf("%d messages for %d people, want at most the %d in flight twice", sent, people, flight)
		}
	})
}

// An owner that is frozen beyond its tenure and revived sends no more than what it
// had begun; nobody else is told twice.
func TestAFrozenAndRevivedOwnerDoesNoMoreThanItsCap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const people, flight = 260, 8
		h := newHouse(t)
		h.store = struct{ subscriptions.Store }{h.store}
		h.citizens(laneA, people)
		process := &frozen{Store: h.store}
		first, second := &steady{lane: laneA}, &steady{lane: laneA}
		_, stopFirst := h.serve("first", func(c *notifiers.Config) { usual(c); c.Outbox, c.Lanes = process, process },
			notifiers.Lane{Channel: &through{first, process}, Rate: 20, InFlight: flight})
		time.Sleep(time.Second)
		_, stopSecond := h.serve("second", usual, notifiers.Lane{Channel: second, Rate: 20, InFlight: flight})
		_, outage := h.publish(h.incident(tax), subscriptions.Outage, true)
		time.Sleep(5 * time.Second)
		process.freeze()
		time.Sleep(time.Second)
		before := first.sent()
		time.Sleep(7 * time.Second)
		if second.sent() == 0 {
			t.Fatal("nobody took over")
		}
		process.thaw()
		revived := time.Now()
		time.Sleep(time.Second)
		if more := first.sent() - before; more > flight {
			t.Errorf("the revived owner sent %d messages, want at most the %d it had begun", more, flight)
		}
		time.Sleep(14 * time.Second)
		stopFirst()
		stopSecond()
		if p := h.progress(outage); p.Count(subscriptions.Sent) != people {
			t.Errorf("%d of %d were told: %v", p.Count(subscriptions.Sent), people, p.ByLane)
		}
		if sent := len(first.at) + len(second.at); sent > people+flight {
			t.Errorf("%d messages for %d people, want at most the %d in flight twice", sent, people, flight)
		}
		if len(first.at) > before+flight || second.at[len(second.at)-1].Before(revived) {
			t.Errorf("after the revival %d of the first and none of the second", len(first.at)-before)
		}
	})
}
