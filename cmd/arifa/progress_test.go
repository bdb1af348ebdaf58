package main

import (
	"testing"
	"time"

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
		if l := got[0]; l.Paused != "network: 429" || !l.Done.IsZero() {
			t.Errorf("the paused lane: %+v", l)
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
