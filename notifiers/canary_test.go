package notifiers_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
)

const canaryChat = "canary"

// caged is a steady network whose canary may fall ill; everybody else is well.
type caged struct {
	*steady
	mu     sync.Mutex
	ill    error
	told   int // the canary, by message
	proofs int // … by an edit
}

func (c *caged) sicken(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ill = err
}

func (c *caged) canary(edit bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ill != nil {
		return c.ill
	}
	if edit {
		c.proofs++
	} else {
		c.told++
	}
	return nil
}

func (c *caged) Send(ctx context.Context, m notifiers.Message) (notifiers.Receipt, error) {
	if m.To.Address.Reveal() == canaryChat {
		return notifiers.Receipt{Message: "1"}, c.canary(false)
	}
	return c.steady.Send(ctx, m)
}

func (c *caged) Edit(ctx context.Context, m notifiers.Message) (notifiers.Receipt, error) {
	return notifiers.Receipt{Message: m.Edit}, c.canary(true)
}

func (c *caged) counts() (told, proofs int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.told, c.proofs
}

func (s *steady) sent() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.at)
}

// The canary is told before everybody else and each minute of the wave; where that
// fails nobody else is told, an officer is, and the wave goes on when it works again.
func TestTheCanaryIsToldFirstAndEachMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const people = 900
		h := newHouse(t)
		h.store = struct{ subscriptions.Store }{h.store}
		h.citizens(laneA, people)
		n := &caged{steady: &steady{lane: laneA}}
		n.sicken(notifiers.Gone{Err: errors.New("403 blocked")})
		_, stop := h.serve("a", usual, notifiers.Lane{Channel: n, Rate: 5, Canary: notifiers.Target{Address: subscriptions.AddressOf(canaryChat)}})
		_, outage := h.publish(h.incident(tax), subscriptions.Outage, true)

		time.Sleep(5 * time.Second)
		if got := n.sent(); got != 0 {
			t.Fatalf("%d people were told before the canary", got)
		}
		if got := h.hasTrouble(notifiers.TroubleCanary); got != 1 {
			t.Errorf("officers were called %d times, want once", got)
		}
		if why := h.pauseOf(laneA); !strings.HasPrefix(why, notifiers.WhyCanary) {
			t.Errorf("the lane's reason is %q, want the canary's", why)
		}

		n.sicken(nil)
		time.Sleep(95 * time.Second)
		if told, proofs := n.counts(); told != 1 || proofs != 1 {
			t.Errorf("the canary got %d messages and %d edits in a minute and a half, want 1 and an edit after a minute", told, proofs)
		}
		if n.sent() < 250 {
			t.Errorf("only %d were told after the canary was well", n.sent())
		}
		if why := h.pauseOf(laneA); why != "" {
			t.Errorf("the lane is still paused: %q", why)
		}

		n.sicken(errors.New("connection refused")) // it is tried three times
		time.Sleep(70 * time.Second)
		before := n.sent()
		time.Sleep(20 * time.Second)
		if after := n.sent(); after != before {
			t.Errorf("%d people were told while the canary was not", after-before)
		}
		if got := h.hasTrouble(notifiers.TroubleCanary); got != 2 {
			t.Errorf("officers were called %d times, want twice", got)
		}

		h.must(h.store.SetPause(h.ctx, laneA, time.Time{}, "")) // an operator overrules it
		time.Sleep(30 * time.Second)
		if p := h.progress(outage); p.Count(subscriptions.Sent) <= before {
			t.Errorf("nobody of %d was told after the operator's word: %v", people-before, p.ByLane)
		}
		stop()
	})
}

// An operator who resumes the lane is heard also where the canary has never had the
// notice, and also in the moment in which the lane was stopped.
func TestAnOperatorOverrulesTheCanary(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]time.Duration{"a while later": 10 * time.Second, "at once": time.Microsecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			overrules(t, after)
		})
	}
}

func overrules(t *testing.T, after time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.citizens(laneA, 20)
		n := &caged{steady: &steady{lane: laneA}}
		n.sicken(notifiers.Gone{Err: errors.New("403 blocked")})
		_, stop := h.serve("a", usual, notifiers.Lane{Channel: n, Rate: 5, Canary: notifiers.Target{Address: subscriptions.AddressOf(canaryChat)}})
		h.publish(h.incident(tax), subscriptions.Outage, true)
		for h.pauseOf(laneA) == "" {
			time.Sleep(time.Microsecond)
		}
		time.Sleep(after)
		if got := n.sent(); got != 0 {
			t.Fatalf("%d people were told before the canary", got)
		}
		h.must(h.store.SetPause(h.ctx, laneA, time.Time{}, ""))
		time.Sleep(7 * time.Second) // twenty take four at their pace, and the word is heard within two
		if got := n.sent(); got != 20 {
			t.Errorf("%d of 20 were told at once after the operator's word", got)
		}
		time.Sleep(time.Minute)
		if why := h.pauseOf(laneA); why != "" {
			t.Errorf("the lane is paused again: %q", why)
		}
		stop()
	})
}

func (h *house) pauseOf(id subscriptions.LaneID) string {
	h.t.Helper()
	all, err := h.store.LaneList(h.ctx)
	h.must(err)
	for _, l := range all {
		if l.ID == id {
			return l.PausedWhy
		}
	}
	return ""
}
