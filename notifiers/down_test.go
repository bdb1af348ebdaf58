package notifiers_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
)

// steady is a network that takes everything within 50 ms, and notes when.
type steady struct {
	lane subscriptions.LaneID
	mu   sync.Mutex
	at   []time.Time
}

func (s *steady) Name() subscriptions.LaneID { return s.lane }

func (s *steady) Send(context.Context, notifiers.Message) (notifiers.Receipt, error) {
	s.mu.Lock()
	s.at = append(s.at, time.Now())
	id := fmt.Sprint(len(s.at))
	s.mu.Unlock()
	time.Sleep(50 * time.Millisecond)
	return notifiers.Receipt{Message: id, At: time.Now()}, nil
}

// sick is a network that answers nothing for a while, and takes everything again
// afterwards. What it took meanwhile is never known: nothing.
type sick struct {
	steady
	until time.Time
}

func (s *sick) Send(ctx context.Context, m notifiers.Message) (notifiers.Receipt, error) {
	if time.Now().Before(s.until) {
		<-ctx.Done()
		return notifiers.Receipt{}, notifiers.Unknown{Err: errors.New("no answer")}
	}
	return s.steady.Send(ctx, m)
}

func (s *sick) Find(context.Context, notifiers.Message) (notifiers.Receipt, bool, error) {
	if time.Now().Before(s.until) {
		return notifiers.Receipt{}, false, errors.New("no connection")
	}
	return notifiers.Receipt{}, false, nil
}

// G6: one network is down for ten minutes. The other keeps its pace in every ten
// seconds of them, and afterwards the first tells everybody, once.
func TestOneNetworkDownForTenMinutes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const rate, outageFor = 2.0, 10 * time.Minute
		h := newHouse(t)
		h.store = struct{ subscriptions.Store }{h.store} // without hints, which would be looked for 20 times a second
		h.citizens(laneA, int(rate*outageFor.Seconds()))
		for i := range 20 {
			h.recipient(laneB, subscriptions.Channel, fmt.Sprintf("C%d", i), tax)
		}
		well, ill := &steady{lane: laneA}, &sick{steady: steady{lane: laneB}, until: time.Now().Add(outageFor)}
		_, stop := h.serve("a", func(c *notifiers.Config) { c.Tenure, c.Timeout = 30*time.Second, 10*time.Second }, notifiers.Lane{Channel: well, Rate: rate}, notifiers.Lane{Channel: ill, Rate: 4, GroupPerMinute: 60})
		begun := time.Now()
		_, outage := h.publish(h.incident(tax), subscriptions.Outage, true)
		time.Sleep(outageFor + 2*time.Minute)
		p := h.progress(outage)
		stop()
		if got := p.ByLane[laneB][subscriptions.Sent]; got != 20 || len(ill.at) != 20 {
			t.Errorf("the one that was down told %d, in %d messages, want 20 in 20: %v", got, len(ill.at), p.ByLane[laneB])
		}
		windows := map[int]int{}
		for _, at := range well.at {
			windows[int(at.Sub(begun)/(10*time.Second))]++
		}
		for w := 1; w < 59; w++ {
			if got := float64(windows[w]); got < 0.95*10*rate || got > 10*rate {
				t.Errorf("%d to %d s: %v messages, want 95 to 100 %% of %v", 10*w, 10*w+10, got, 10*rate)
			}
		}
	})
}
