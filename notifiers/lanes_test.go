package notifiers_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
)

// A held or paused lane sends nothing until it is released; then everybody is
// told.
func TestHeldAndPausedLanesWait(t *testing.T) {
	t.Parallel()
	h, n := newHouse(t), newNetwork(t)
	h.citizens(laneA, 20)
	h.must(h.store.SetHold(h.ctx, true))
	h.serve("a", nil, notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 500})
	_, outage := h.publish(h.incident(tax), subscriptions.Outage, true)
	h.wait("the rows", func() bool { return h.progress(outage).Count(subscriptions.Pending) == 20 })
	h.must(h.store.SetPause(h.ctx, laneA, now().Add(time.Hour), "operator: quiet"))
	h.must(h.store.SetHold(h.ctx, false))
	time.Sleep(300 * time.Millisecond) // what must not happen has this long to happen
	if got := len(n.requests()); got != 0 {
		t.Fatalf("got %d requests of a held or paused lane, want none", got)
	}
	h.must(h.store.SetPause(h.ctx, laneA, time.Time{}, ""))
	if p := h.settled(outage); p.Count(subscriptions.Sent) != 20 {
		t.Errorf("got %d sent, want 20", p.Count(subscriptions.Sent))
	}
}

// An operator's pace holds at once and while a broadcast runs, and taking it back
// brings that of the settings.
func TestTheRateOfALaneIsChangedWhileItRuns(t *testing.T) {
	t.Parallel()
	h, n := newHouse(t), newNetwork(t)
	h.citizens(laneA, 120)
	h.must(h.store.SetRate(h.ctx, laneA, 0.5))
	h.serve("a", nil, notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 1000})
	_, outage := h.publish(h.incident(tax), subscriptions.Outage, true)
	h.wait("the first message", func() bool { return len(n.requests()) > 0 })
	if got := len(n.requests()); got > 3 {
		t.Fatalf("got %d requests at one in two seconds, want the operator's pace from the start", got)
	}
	h.must(h.store.SetRate(h.ctx, laneA, 0))
	if p := h.settled(outage); p.Count(subscriptions.Sent) != 120 { // four minutes at the operator's pace
		t.Errorf("got %d sent, want 120", p.Count(subscriptions.Sent))
	}
}

// usurped are lanes of which somebody else takes one over, once.
type usurped struct {
	subscriptions.Lanes
	lost atomic.Int32
}

func (u *usurped) Renew(ctx context.Context, t subscriptions.Tenure, ttl time.Duration) (subscriptions.Tenure, error) {
	if u.lost.Add(1) == 1 {
		_ = u.Lanes.Release(ctx, t)
		thief, err := u.Lanes.Acquire(ctx, t.Lane, "thief", ttl)
		if err == nil {
			_ = u.Lanes.Release(ctx, thief)
		}
		return t, subscriptions.ErrFenced
	}
	return u.Lanes.Renew(ctx, t, ttl)
}

// Who loses the lane stops at once, and goes on when it gets the lane back. What
// was in flight may be repeated, nothing else.
func TestAFencedOwnerStops(t *testing.T) {
	t.Parallel()
	h, n := newHouse(t), newNetwork(t)
	h.citizens(laneA, 100)
	lanes := &usurped{Lanes: h.store}
	h.serve("a", func(c *notifiers.Config) {
		c.Lanes, c.Tenure, c.Timeout = lanes, 1200*time.Millisecond, 200*time.Millisecond
	}, notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 150, InFlight: 8})
	_, outage := h.publish(h.incident(tax), subscriptions.Outage, true)
	h.settled(outage)
	if lanes.lost.Load() < 2 {
		t.Fatal("the lane was never lost: nothing is proved")
	}
	if got := told(n.entries(), subscriptions.Outage); len(got) != 100 || doubles(got) > 8 {
		t.Errorf("got %d told and %d doubles, want 100 and at most 8", len(got), doubles(got))
	}
}

// A dispatcher that cannot work is refused, every fault by its name.
func TestNewNamesEveryFault(t *testing.T) {
	t.Parallel()
	_, err := notifiers.New(notifiers.Config{
		Tenure:   time.Millisecond,
		Channels: []notifiers.Lane{{}, {Channel: &messenger{lane: laneA}, ReplyShare: 2}, {Channel: &messenger{lane: laneA}, Rate: 1}},
	})
	if err == nil {
		t.Fatal("got no error")
	}
	for _, want := range []string{"outbox", "speaker", "owner", "tenure", "no channel", "fake:1: rate", "share of replies", "configured twice"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not name %q: %v", want, err)
		}
	}
}

// While results cannot be recorded nothing new is begun, and none is lost.
func TestAStoreThatIsAwayStopsTheLane(t *testing.T) {
	t.Parallel()
	h, n := newHouse(t), newNetwork(t)
	h.citizens(laneA, 100)
	store := &mortal{Store: h.store}
	h.serve("a", func(c *notifiers.Config) { c.Outbox = store }, notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 200, InFlight: 8})
	_, outage := h.publish(h.incident(tax), subscriptions.Outage, true)
	h.wait("the wave", func() bool { return len(n.entries()) > 20 })
	store.dead.Store(true)
	before := len(n.entries())
	time.Sleep(300 * time.Millisecond) // what must not happen has this long to happen
	if more := len(n.entries()) - before; more > 8 {
		t.Errorf("%d messages were begun while nothing could be recorded, want at most the 8 in flight", more)
	}
	store.dead.Store(false)
	h.settled(outage)
	if got := told(n.entries(), subscriptions.Outage); len(got) != 100 || doubles(got) != 0 {
		t.Errorf("got %d told and %d doubles, want 100 and 0", len(got), doubles(got))
	}
}

// One result that the store cannot take does not hold the others.
type choosy struct {
	subscriptions.Outbox
	bad atomic.Int64
}

var errChoosy = errors.New("constraint failed")

func (c *choosy) Finish(ctx context.Context, rs []subscriptions.Result) error {
	for _, r := range rs {
		c.bad.CompareAndSwap(0, int64(r.ID))
		if int64(r.ID) == c.bad.Load() {
			return errChoosy
		}
	}
	return c.Outbox.Finish(ctx, rs)
}

func TestAResultThatTheStoreRefusesHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	h, n := newHouse(t), newNetwork(t)
	h.citizens(laneA, 40)
	h.serve("a", func(c *notifiers.Config) { c.Outbox = &choosy{Outbox: h.store} }, notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 1000, InFlight: 8})
	_, outage := h.publish(h.incident(tax), subscriptions.Outage, true)
	h.wait("the others", func() bool { return h.progress(outage).Count(subscriptions.Sent) == 39 })
}
