package notifiers_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
)

// G1 and the clean half of G2: everybody is told, once; the first at once.
func TestG1NobodyIsSkipped(t *testing.T) {
	t.Parallel()
	h, n := newHouse(t), newNetwork(t)
	h.citizens(laneA, 150)
	h.recipient(laneA, subscriptions.Person, "stranger", "nhif-register")
	h.serve("a", nil, notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 5000, InFlight: 8})
	_, outage := h.publish(h.incident(tax), subscriptions.Outage, true)
	p := h.settled(outage)
	got := told(n.entries(), subscriptions.Outage)
	if len(got) != 150 || doubles(got) != 0 || p.Count(subscriptions.Sent) != 150 {
		t.Errorf("got %d people told, %d doubles, %d sent, want 150, 0, 150", len(got), doubles(got), p.Count(subscriptions.Sent))
	}
	if got["stranger"] != 0 {
		t.Error("somebody was told who follows something else")
	}
	t.Logf("the first message left %s after publishing", n.entries()[0].Begun.Sub(outage.PublishedAt))
}

// G2: after a crash nobody is skipped and at most as many people as were in
// flight are told twice.
func TestG2CrashRepeatsNoMoreThanWasInFlight(t *testing.T) {
	t.Parallel()
	const citizens, flight = 120, 8
	h, n := newHouse(t), newNetwork(t)
	h.citizens(laneA, citizens)
	lane := func() notifiers.Lane {
		return notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 200, InFlight: flight}
	}
	first := &mortal{Store: h.store}
	_, kill := h.serve("first", func(c *notifiers.Config) {
		c.Outbox, c.Lanes, c.Timeout, c.Tenure = first, first, 200*time.Millisecond, time.Second
	}, lane())
	_, outage := h.publish(h.incident(tax), subscriptions.Outage, true)
	h.wait("the middle of the wave", func() bool { return len(n.entries()) > citizens/2 })
	first.dead.Store(true)
	kill()
	h.serve("second", nil, lane())
	h.settled(outage)
	got := told(n.entries(), subscriptions.Outage)
	if len(got) != citizens {
		t.Errorf("got %d told, want all %d", len(got), citizens)
	}
	if d := doubles(got); d > flight {
		t.Errorf("got %d doubles, want at most the %d in flight", d, flight)
	}
}

// A graceful stop in mid-wave leaves nothing unknown and doubles nobody.
func TestStopFinishesWhatFlies(t *testing.T) {
	t.Parallel()
	h, n := newHouse(t), newNetwork(t)
	h.citizens(laneA, 120)
	lane := func() notifiers.Lane {
		return notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 300, InFlight: 8}
	}
	_, stop := h.serve("a", nil, lane())
	_, outage := h.publish(h.incident(tax), subscriptions.Outage, true)
	h.wait("the middle of the wave", func() bool { return len(n.entries()) > 40 })
	stop()
	p, sent := h.progress(outage), len(n.entries())
	if p.Count(subscriptions.Unknown) != 0 || p.Count(subscriptions.Sent) != sent || p.InFlight != 0 {
		t.Errorf("after the stop: got %d unknown, %d sent and %d in flight, want 0, %d and 0",
			p.Count(subscriptions.Unknown), p.Count(subscriptions.Sent), p.InFlight, sent)
	}
	h.serve("b", nil, lane()) // at once: the tenure was released
	h.settled(outage)
	if got := told(n.entries(), subscriptions.Outage); len(got) != 120 || doubles(got) != 0 {
		t.Errorf("got %d told and %d doubles, want 120 and 0", len(got), doubles(got))
	}
}

// G5: no alert begins more than a second after restored was committed; everybody
// who was told gets the end, and nobody else.
func TestG5RestoredOvertakes(t *testing.T) {
	t.Parallel()
	h, n := newHouse(t), newNetwork(t)
	h.citizens(laneA, 150)
	h.serve("a", nil, notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 100, InFlight: 8})
	i, outage := h.publish(h.incident(tax), subscriptions.Outage, true)
	h.wait("some alerts", func() bool { return len(n.entries()) > 40 })
	restored := h.restore(i, outage.ID)
	committed := time.Now()
	h.settled(restored)
	h.settled(outage)
	for _, e := range n.entries() {
		if strings.HasPrefix(e.Text, string(subscriptions.Outage)) && e.Begun.Sub(committed) > time.Second {
			t.Fatalf("an alert began %s after restored was committed", e.Begun.Sub(committed))
		}
	}
	alerted, ended := told(n.entries(), subscriptions.Outage), told(n.entries(), subscriptions.Restored)
	if len(alerted) == 150 {
		t.Fatal("the wave was over before restored: nothing is proved")
	}
	if len(alerted) != len(ended) || doubles(ended) != 0 {
		t.Errorf("got %d alerted and %d who got the end (%d doubles), want the same people once", len(alerted), len(ended), doubles(ended))
	}
	for who := range ended {
		if alerted[who] == 0 {
			t.Fatal("somebody got an end without a start")
		}
	}
}

// What is urgent waits for no wave, however large: once its rows are written, no more
// messages of the wave begin than were in flight.
func TestAnUrgentNoticeWaitsForNoWave(t *testing.T) {
	t.Parallel()
	const flight = 8
	parks := subscriptions.ServiceID("kws-nairobi-np")
	h, n := newHouse(t), newNetwork(t)
	h.citizens(laneA, 400)
	for i := range 5 {
		h.recipient(laneA, subscriptions.Person, fmt.Sprintf("both-%d", i), parks)
	}
	h.serve("a", nil, notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 100, InFlight: flight})
	_, wave := h.publish(h.incident(tax), subscriptions.Maintenance, true)
	h.wait("the wave to be written down and on its way", func() bool { return len(n.entries()) > 20 && h.progress(wave).Expanded })
	_, urgent := h.publish(h.incident(parks), subscriptions.Outage, true)
	h.wait("the urgent one to be written down", func() bool { return h.progress(urgent).Expanded })
	written := time.Now()
	h.settled(urgent)
	if h.progress(wave).Count(subscriptions.Pending) == 0 {
		t.Fatal("the wave was over before: nothing is proved")
	}
	var first time.Time
	before := 0
	for _, e := range n.entries() {
		if strings.HasPrefix(e.Text, string(subscriptions.Outage)) && (first.IsZero() || e.Begun.Before(first)) {
			first = e.Begun
		}
	}
	for _, e := range n.entries() {
		if strings.HasPrefix(e.Text, string(subscriptions.Maintenance)) && e.Begun.After(written) && e.Begun.Before(first) {
			before++
		}
	}
	if before > flight {
		t.Errorf("%d messages of the wave began before the first urgent one, want at most the %d in flight", before, flight)
	}
}

// G6: a lane that hangs leaves the other's pace alone.
func TestG6OneLanesTroubleStaysThere(t *testing.T) {
	t.Parallel()
	const citizens = 80
	h, sick, well := newHouse(t), newNetwork(t), newNetwork(t)
	h.citizens(laneA, citizens)
	h.citizens(laneB, citizens)
	h.serve("a", nil,
		notifiers.Lane{Channel: newMessenger(laneA, sick), Rate: 80, InFlight: 8, ChatEvery: time.Millisecond},
		notifiers.Lane{Channel: newMessenger(laneB, well), Rate: 80, InFlight: 8, ChatEvery: time.Millisecond})
	wave := func() time.Duration {
		before := len(well.entries())
		h.publish(h.incident(tax), subscriptions.Outage, true)
		h.wait("the healthy lane", func() bool { return len(well.entries()) == before+citizens })
		all := well.entries()[before:]
		return all[citizens-1].Begun.Sub(all[0].Begun)
	}
	calm := wave()
	h.wait("the other lane", func() bool { return len(sick.entries()) == citizens })
	sick.failing(func(wire) *answer { return &answer{hang: true} })
	beside := wave()
	if beside > calm*3/2 {
		t.Errorf("a wave took %s beside a hanging lane and %s without, want the same pace", beside, calm)
	}
	if len(sick.requests()) == citizens {
		t.Error("the sick lane was never tried: nothing is proved")
	}
}

// G7: inside a retry_after the network hears nothing from the lane; then it goes
// on at once, and nobody lost an attempt or a message.
func TestG7RetryAfterIsKept(t *testing.T) {
	t.Parallel()
	const pause = 1500 * time.Millisecond
	h, n := newHouse(t), newNetwork(t)
	h.citizens(laneA, 60)
	var asked time.Time
	served := 0
	n.failing(func(wire) *answer {
		if served++; served == 20 {
			asked = time.Now()
			return &answer{status: 429, after: pause, lane: true}
		}
		return nil
	})
	_, stop := h.serve("a", nil, notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 100, InFlight: 8})
	_, outage := h.publish(h.incident(tax), subscriptions.Outage, true)
	h.wait("the pause", func() bool { return len(n.requests()) >= 20 })
	h.wait("the pause to be written down", func() bool { return lanePaused(h, laneA) })
	stop() // the pause holds for the next owner too
	h.serve("b", nil, notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 100, InFlight: 8})
	h.settled(outage)
	resumed := time.Duration(0)
	for _, at := range n.requests() {
		switch after := at.Sub(asked); {
		case after > 30*time.Millisecond && after < pause:
			t.Fatalf("a request began %s into a pause of %s", after, pause)
		case after >= pause && resumed == 0:
			resumed = after - pause
		}
	}
	if resumed > 3*time.Second {
		t.Errorf("the lane went on %s after the pause, want at once", resumed)
	}
	if got := told(n.entries(), subscriptions.Outage); len(got) != 60 || doubles(got) != 0 {
		t.Errorf("got %d told and %d doubles, want 60 and 0", len(got), doubles(got))
	}
}

func lanePaused(h *house, id subscriptions.LaneID) bool {
	list, err := h.store.LaneList(h.ctx)
	h.must(err)
	for _, l := range list {
		if l.ID == id {
			return !l.PausedUntil.IsZero()
		}
	}
	return false
}

// G8: two replicas of one lane spend one budget, and take over from each other.
func TestG8ReplicasShareOneBudget(t *testing.T) {
	t.Parallel()
	h, n := newHouse(t), newNetwork(t)
	h.citizens(laneA, 150)
	lane := func() notifiers.Lane {
		return notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 100, InFlight: 8}
	}
	_, stopA := h.serve("a", nil, lane())
	_, stopB := h.serve("b", nil, lane())
	_, outage := h.publish(h.incident(tax), subscriptions.Outage, true)
	h.wait("half of the wave", func() bool { return len(n.entries()) > 70 })
	if h.progress(outage).InFlight > 8 {
		t.Error("more in flight than the cap")
	}
	stopA()
	h.settled(outage)
	stopB()
	entries := n.entries()
	if got := told(entries, subscriptions.Outage); len(got) != 150 || doubles(got) != 0 {
		t.Errorf("got %d told and %d doubles, want 150 and 0", len(got), doubles(got))
	}
	for i := range entries { // 100 a second; those in flight may reach the ledger late
		if to := i + 100 + 8; to < len(entries) && entries[to].Begun.Sub(entries[i].Begun) < 980*time.Millisecond {
			t.Fatalf("108 messages within %s, want at most 100 a second", entries[to].Begun.Sub(entries[i].Begun))
		}
	}
}

// G9: a poison notice and a poison person stop nothing else.
func TestG9PoisonIsIsolated(t *testing.T) {
	t.Parallel()
	h, n := newHouse(t), newNetwork(t)
	for i := range 60 {
		h.recipient(laneA, subscriptions.Person, fmt.Sprintf("both-%d", i), tax, "ntsa-licence")
	}
	h.recipient(laneA, subscriptions.Person, "refused", tax, "ntsa-licence")
	h.recipient(laneA, subscriptions.Person, "broken", tax, "ntsa-licence")
	n.failing(func(q wire) *answer {
		switch {
		case strings.Contains(q.Text, string(tax)):
			return &answer{status: 422}
		case q.To == "refused":
			return &answer{status: 400}
		case q.To == "broken":
			return &answer{status: 500}
		}
		return nil
	})
	h.serve("a", nil, notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 1000, InFlight: 8})
	_, poison := h.publish(h.incident(tax), subscriptions.Outage, true)
	_, good := h.publish(h.incident("ntsa-licence"), subscriptions.Outage, true)
	h.wait("everybody else", func() bool { return len(told(n.entries(), subscriptions.Outage)) == 60 })
	h.wait("the refused one to be recorded", func() bool { return h.progress(good).Count(subscriptions.Failed) == 1 })
	if got := h.hasTrouble(notifiers.TroublePoison); got != 1 {
		t.Errorf("the officer was called %d times, want once", got)
	}
	if got := len(n.requests()) - len(n.entries()); got > 8+5+5 {
		t.Errorf("%d requests were refused, want a handful", got)
	}
	if p := h.progress(poison); p.Count(subscriptions.Sent) != 0 || p.Count(subscriptions.Pending) == 0 {
		t.Errorf("of the poison notice: got %d sent, %d pending, want it withheld", p.Count(subscriptions.Sent), p.Count(subscriptions.Pending))
	}
}

// A card that panics while it is made is poison too, and stops nothing else.
func TestG9APanickingCardIsPoison(t *testing.T) {
	t.Parallel()
	h, n := newHouse(t), newNetwork(t)
	h.recipient(laneA, subscriptions.Person, "one", tax, "ntsa-licence")
	h.speaker = panicking{h.speaker}
	h.serve("a", nil, notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 1000})
	_, bad := h.publish(h.incident(tax), subscriptions.Outage, true)
	h.settled(bad)
	_, good := h.publish(h.incident("ntsa-licence"), subscriptions.Outage, true)
	if p := h.settled(good); p.Count(subscriptions.Sent) != 1 {
		t.Errorf("got %d sent, want the other notice sent", p.Count(subscriptions.Sent))
	}
	if got := h.hasTrouble(notifiers.TroublePoison); got != 1 {
		t.Errorf("the officer was called %d times, want once", got)
	}
}

// G10: nobody is told more than a second after leaving, in mid-wave too.
func TestG10LeavingHolds(t *testing.T) {
	t.Parallel()
	h, n := newHouse(t), newNetwork(t)
	ids := map[string]subscriptions.RecipientID{}
	for i := range 120 {
		name := fmt.Sprintf("person-%d", i)
		ids[name] = h.recipient(laneA, subscriptions.Person, name, tax)
	}
	h.serve("a", nil, notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 100, InFlight: 8})
	_, outage := h.publish(h.incident(tax), subscriptions.Outage, true)
	h.wait("the wave", func() bool { return len(n.entries()) > 20 })
	left := map[string]time.Time{}
	already := told(n.entries(), subscriptions.Outage)
	for name, id := range ids {
		if already[name] == 0 && len(left) < 40 {
			_, err := h.store.Leave(h.ctx, id, nil, now())
			h.must(err)
			left[name] = time.Now()
		}
	}
	h.settled(outage)
	for _, e := range n.entries() {
		if at, gone := left[e.To]; gone && e.Begun.Sub(at) > time.Second {
			t.Fatalf("somebody was told %s after leaving", e.Begun.Sub(at))
		}
	}
	got, spared := told(n.entries(), subscriptions.Outage), 0
	for name := range ids {
		switch _, gone := left[name]; {
		case gone && got[name] == 0:
			spared++
		case !gone && got[name] != 1:
			t.Errorf("somebody who stayed was told %d times, want once", got[name])
		}
	}
	if spared == 0 {
		t.Error("everybody was told before leaving: nothing is proved")
	}
}
