package notifiers_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
)

// Rule 13: at most six messages an hour; ends go at once all the same; what is over
// the cap waits, and is the newest state when its time comes. Nobody else waits.
func TestAPersonIsNotStormed(t *testing.T) {
	t.Parallel()
	h, n := newHouse(t), newNetwork(t)
	var services []subscriptions.ServiceID
	for k := range 8 {
		services = append(services, subscriptions.ServiceID(fmt.Sprintf("service-%d", k)))
	}
	h.recipient(laneA, subscriptions.Person, "storm", services...)
	h.recipient(laneA, subscriptions.Person, "calm", services[7])
	var later atomic.Int64
	h.serve("a", func(c *notifiers.Config) {
		c.Clock = func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
	}, notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 1000, InFlight: 8, ChatEvery: time.Millisecond})
	got := func(who string) (texts []string) {
		for _, e := range n.entries() {
			if e.To == who {
				title, _, _ := strings.Cut(e.Text, " en")
				texts = append(texts, title)
			}
		}
		return texts
	}
	var last subscriptions.Incident
	var first subscriptions.Incident
	var outages []subscriptions.Notice
	for k, s := range services {
		i, o := h.publish(h.incident(s), subscriptions.Outage, true)
		if outages = append(outages, o); k == 0 {
			first = i
		}
		last = i
		if k < 6 { // one after the other, so that it is known which six
			h.wait(fmt.Sprint("message ", k+1), func() bool { return len(got("storm")) == k+1 })
		}
	}
	h.wait("who is not stormed", func() bool { return len(got("calm")) == 1 })
	h.restore(first, outages[0].ID)
	h.wait("the end", func() bool { return slices.Contains(got("storm"), "restored service-0") })
	_, update := h.publish(last, subscriptions.Update, true, outages[7].ID)
	h.wait("the update for the other", func() bool { return len(got("calm")) == 2 })
	if all := got("storm"); len(all) != 7 {
		t.Fatalf("got %d messages within the hour, want six and the end: %q", len(all), all)
	}
	later.Store(int64(61 * time.Minute))
	h.settled(outages[6])
	h.settled(update)
	all := got("storm")
	slices.Sort(all[7:])
	if want := []string{"outage service-6", "update service-7"}; !slices.Equal(all[7:], want) {
		t.Errorf("an hour later: got %q, want %q", all[7:], want)
	}
}
