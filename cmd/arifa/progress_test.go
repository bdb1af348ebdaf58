package main

import (
	"strings"
	"testing"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
)

// Progress tells each lane's own pace and a finishing time that comes true within 5 %,
// and why a lane stands still.
func TestProgressTellsPaceAndEnd(t *testing.T) {
	t.Parallel()
	const people, rate = 10_000, 25.0
	begun := time.Date(2025, 1, 3, 6, 0, 0, 0, time.UTC)
	states := func(sent int) map[subscriptions.DeliveryState]int {
		return map[subscriptions.DeliveryState]int{subscriptions.Sent: sent, subscriptions.Pending: people - sent}
	}
	at := func(d time.Duration) subscriptions.Progress {
		return subscriptions.Progress{Expanded: true, ByLane: map[subscriptions.LaneID]map[subscriptions.DeliveryState]int{
			"telegram:1": states(int(rate * d.Seconds())), "slack:T": states(0), "telegram:2": states(0)}}
	}
	lanes := []subscriptions.Lane{{ID: "slack:T", PausedUntil: begun.Add(time.Hour), PausedWhy: "network: 429"}, {ID: "telegram:2", Rate: 10}}
	settings := func(l subscriptions.LaneID) float64 {
		if l == "telegram:1" {
			return 28
		}
		return 4
	}
	var seen progressSeen
	ends := begun.Add(time.Duration(people / rate * float64(time.Second)))
	for s := range 90 {
		now := begun.Add(time.Duration(s) * time.Second)
		got := seen.look(at(now.Sub(begun)), lanes, settings, now)
		if len(got) != 3 || got[0].Lane != "slack:T" {
			t.Fatalf("got %+v", got)
		}
		if l := got[0]; l.Paused != "network: 429" || l.Done.Sub(begun.Add(time.Hour)) != people/4*time.Second {
			t.Errorf("the paused lane, which goes on in an hour: %+v", l)
		}
		if l := got[2]; l.PerSecond != 10 || l.Measured || l.Done.Sub(now) != people/10*time.Second {
			t.Errorf("the lane with a pace that was set: %+v", l)
		}
		l := got[1]
		if l.Measured != (now.Sub(begun) >= paceOver) {
			t.Errorf("after %d s measured is %t", s, l.Measured)
		}
		if off := l.Done.Sub(ends).Abs(); l.Measured && off > ends.Sub(now)/20 {
			t.Errorf("after %d s it says %s, which is %s off", s, l.Done, off)
		}
	}
}

// What is known of a pause decides whether an end is promised.
func TestProgressOfALaneThatStandsStill(t *testing.T) {
	t.Parallel()
	now := time.Date(2025, 1, 3, 6, 0, 0, 0, time.UTC)
	p := subscriptions.Progress{Expanded: true, ByLane: map[subscriptions.LaneID]map[subscriptions.DeliveryState]int{"telegram:1": {subscriptions.Pending: 100}}}
	for _, c := range []struct {
		name string
		lane subscriptions.Lane
		want time.Duration // until it is done; 0 = not known
	}{
		{"it goes", subscriptions.Lane{}, 10 * time.Second},
		{"held", subscriptions.Lane{Held: true, PausedUntil: now.Add(time.Minute)}, 0},
		{"the network asked", subscriptions.Lane{PausedUntil: now.Add(time.Minute), PausedWhy: notifiers.WhyNetwork + "429"}, 70 * time.Second},
		{"an operator, for a while", subscriptions.Lane{PausedUntil: now.Add(time.Minute), PausedWhy: "lunch"}, 70 * time.Second},
		{"an operator, for good", subscriptions.Lane{PausedUntil: now.AddDate(100, 0, 0), PausedWhy: "moved"}, 0},
		{"halted", subscriptions.Lane{PausedUntil: now.Add(time.Minute), PausedWhy: notifiers.WhyHalted + "401"}, 0},
		{"the canary", subscriptions.Lane{PausedUntil: now.Add(time.Minute), PausedWhy: notifiers.WhyCanary + "403"}, 0},
	} {
		c.lane.ID = "telegram:1"
		var seen progressSeen
		got := seen.look(p, []subscriptions.Lane{c.lane}, func(subscriptions.LaneID) float64 { return 10 }, now)[0]
		if took := got.Done.Sub(now); c.want == 0 != got.Done.IsZero() || c.want > 0 && took != c.want {
			t.Errorf("%s: done at %s, want after %s", c.name, got.Done, c.want)
		}
	}
}

// What a notice that was stopped still owes is crossed out, page by page: it has no pace
// and no end, whatever its lanes do meanwhile.
func TestProgressOfANoticeThatGoesToNobodyElse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n    subscriptions.Notice
		want bool
	}{
		{subscriptions.Notice{State: subscriptions.Published}, false},
		{subscriptions.Notice{State: subscriptions.Published, Overtaken: 7}, true},
		{subscriptions.Notice{State: subscriptions.Stopped}, true},
		{subscriptions.Notice{State: subscriptions.Withdrawn}, true},
		{subscriptions.Notice{State: subscriptions.Draft}, false},
	} {
		r := reach{Progress: subscriptions.Progress{Expanded: true, ByLane: map[subscriptions.LaneID]map[subscriptions.DeliveryState]int{"telegram:1": {subscriptions.Pending: 100}}},
			Lanes: []laneProgress{{Lane: "telegram:1", Pending: 100, PerSecond: 10}}}
		r.cross(c.n)
		var out strings.Builder
		(&office{}).showProgress(&out, c.n, r)
		if got := strings.Contains(out.String(), "nobody else is told of it") && !strings.Contains(out.String(), "a second"); got != c.want {
			t.Errorf("%s, overtaken by %d: %s", c.n.State, c.n.Overtaken, out.String())
		}
	}
}
