package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
)

// laneProgress is one lane's pace and when it will have told everybody it owes.
type laneProgress struct {
	Lane      subscriptions.LaneID
	Pending   int
	PerSecond float64   // measured where it was followed for a while, else what the lane may send; 0 = not known
	Measured  bool      `json:",omitempty"`
	Paused    string    `json:",omitempty"` // why it stands still
	Done      time.Time `json:",omitzero"`  // when the last of them is told; zero = not known
}

// A lane is watched for paceOver before its own pace counts, and what was seen more
// than paceWithin ago counts no more.
const (
	paceOver   = 3 * time.Second
	paceWithin = time.Minute
)

// progressSeen remembers what was seen of each lane, for its measured pace.
type progressSeen struct {
	lanes map[subscriptions.LaneID]*laneSeen
}

// laneSeen is one lane while it sends at one pace.
type laneSeen struct {
	samples []progressSample // since it goes, the oldest first
	pace    float64          // that was measured last; 0 = none was
	set     float64          // what it may send
	from    time.Time        // nothing is measured before: the lane has not heard of it yet
}

type progressSample struct {
	at   time.Time
	done int
}

// look says how each lane of a notice stands.
func (s *progressSeen) look(p subscriptions.Progress, lanes []subscriptions.Lane, pace func(subscriptions.LaneID) float64, now time.Time) (out []laneProgress) {
	for _, id := range slices.Sorted(maps.Keys(p.ByLane)) {
		l := laneProgress{Lane: id, Pending: p.ByLane[id][subscriptions.Pending], PerSecond: pace(id)}
		goes := now
		if i := slices.IndexFunc(lanes, func(o subscriptions.Lane) bool { return o.ID == id }); i >= 0 {
			goes = l.stands(lanes[i], now)
		}
		s.of(id).measure(&l, doneOf(p.ByLane[id]), now)
		if !goes.IsZero() && l.PerSecond > 0 && p.Expanded && l.Pending > 0 {
			l.Done = goes.Add(time.Duration(float64(l.Pending) / l.PerSecond * float64(time.Second))).Truncate(time.Second)
		}
		out = append(out, l)
	}
	return out
}

// doneOf counts the ended rows that took a message.
func doneOf(states map[subscriptions.DeliveryState]int) (done int) {
	for state, n := range states {
		if state != subscriptions.Pending && state != subscriptions.Superseded {
			done += n
		}
	}
	return done
}

func (s *progressSeen) of(id subscriptions.LaneID) *laneSeen {
	if s.lanes == nil {
		s.lanes = map[subscriptions.LaneID]*laneSeen{}
	}
	if s.lanes[id] == nil {
		s.lanes[id] = &laneSeen{}
	}
	return s.lanes[id]
}

// measure puts the pace that was seen in place of what the lane may send. While it
// stands still nothing is measured, and what was measured before is what it goes on at;
// another pace that an operator set counts at once.
func (s *laneSeen) measure(l *laneProgress, done int, now time.Time) {
	if s.set != l.PerSecond {
		changed := s.set > 0
		*s = laneSeen{set: l.PerSecond}
		if changed {
			s.from = now.Add(paceOver)
		}
	}
	switch {
	case l.Paused != "":
		s.samples = nil
	case !now.Before(s.from):
		s.samples = append(s.samples, progressSample{now, done})
		for len(s.samples) > 2 && now.Sub(s.samples[0].at) > paceWithin {
			s.samples = s.samples[1:]
		}
		first := s.samples[0]
		if over := now.Sub(first.at); over >= paceOver && done > first.done {
			s.pace = float64(done-first.done) / over.Seconds()
		}
	}
	if s.pace > 0 {
		l.PerSecond, l.Measured = s.pace, true
	}
}

// stands takes over what an operator set, and whether the lane sends at all. It returns
// when it sends: now, after a pause whose end is known, or zero.
func (l *laneProgress) stands(o subscriptions.Lane, now time.Time) (goes time.Time) {
	if o.Rate > 0 {
		l.PerSecond = o.Rate
	}
	switch {
	case o.Held:
		l.Paused = "held"
		return time.Time{}
	case !o.PausedUntil.After(now):
		return now
	}
	l.Paused = o.PausedWhy
	// A credential that died and a canary that is not told are tried again then; whether
	// that goes well nobody knows. A pause of a hundred years has no end either.
	if strings.HasPrefix(o.PausedWhy, notifiers.WhyHalted) || strings.HasPrefix(o.PausedWhy, notifiers.WhyCanary) || o.PausedUntil.After(now.AddDate(10, 0, 0)) {
		return time.Time{}
	}
	return o.PausedUntil
}

func (o *office) showProgress(w io.Writer, n subscriptions.Notice, r reach) {
	total := 0
	states := []subscriptions.DeliveryState{subscriptions.Sent, subscriptions.Pending, subscriptions.Failed, subscriptions.Unknown, subscriptions.Superseded}
	for _, s := range states {
		total += r.Count(s)
	}
	fmt.Fprintf(w, "%s: %d of %d sent", key(n), r.Count(subscriptions.Sent), total)
	switch {
	case n.Closed():
		fmt.Fprint(w, " (nobody else is told of it)")
	case r.First > 0:
		fmt.Fprintf(w, " (it moves money: %s first, then a minute in which it can be stopped)", count(r.First, "recipient"))
	case !r.Expanded:
		fmt.Fprint(w, " (still finding recipients)")
	}
	fmt.Fprintln(w)
	for _, l := range r.Lanes {
		fmt.Fprintf(w, "  %s:", l.Lane)
		for _, s := range states {
			fmt.Fprintf(w, " %s %d", s, r.ByLane[l.Lane][s])
		}
		switch {
		case l.Pending == 0:
		case l.Paused != "":
			fmt.Fprint(w, "; it stands still")
		case l.PerSecond > 0:
			fmt.Fprintf(w, "; %.3g a second", l.PerSecond)
		}
		if !l.Done.IsZero() {
			fmt.Fprintf(w, "; done at %s", o.local(l.Done))
		}
		fmt.Fprintln(w)
	}
}
