package notifiers_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
)

// A hundred channels of a workspace are told at the pace of the settings, 95 to 100 % of
// it in every ten seconds, one message a second in each.
func TestAHundredChannelsAtTheirPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const many, rate = 100, 4.0
		h := newHouse(t)
		h.store = struct{ subscriptions.Store }{h.store} // without hints, which would be looked for 20 times a second
		for k := range many {
			h.recipient(laneB, subscriptions.Channel, fmt.Sprintf("C%d", k), tax)
		}
		workspace := &steady{lane: laneB}
		_, stop := h.serve("a", func(c *notifiers.Config) { c.Tenure, c.Timeout = 30*time.Second, 10*time.Second },
			notifiers.Lane{Channel: workspace, Rate: rate, InFlight: 8, ChatEvery: time.Second, GroupPerMinute: 60})
		h.publish(h.incident(tax), subscriptions.Outage, true)
		time.Sleep(time.Minute)
		stop()
		if len(workspace.at) != many {
			t.Fatalf("got %d messages, want one in each of %d channels", len(workspace.at), many)
		}
		for from := range many - int(10*rate) {
			n := 0
			for _, at := range workspace.at[from:] {
				if at.Before(workspace.at[from].Add(10 * time.Second)) {
					n++
				}
			}
			if got := float64(n); got < 0.95*10*rate || got > 10*rate {
				t.Fatalf("from message %d: %v in ten seconds, want 95 to 100 %% of %v", from, got, 10*rate)
			}
		}
	})
}
