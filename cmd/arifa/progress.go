package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

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
type progressSeen []progressSample

type progressSample struct {
	at   time.Time
	done map[subscriptions.LaneID]int
}

// look says how each lane of a notice stands.
func (s *progressSeen) look(p subscriptions.Progress, lanes []subscriptions.Lane, pace func(subscriptions.LaneID) float64, now time.Time) (out []laneProgress) {
	done := map[subscriptions.LaneID]int{}
	for lane, states := range p.ByLane {
		for state, n := range states {
			if state != subscriptions.Pending && state != subscriptions.Superseded {
				done[lane] += n
			}
		}
	}
	*s = append(*s, progressSample{now, done})
	for len(*s) > 2 && now.Sub((*s)[0].at) > paceWithin {
		*s = (*s)[1:]
	}
	first := (*s)[0]
	for _, id := range slices.Sorted(maps.Keys(p.ByLane)) {
		l := laneProgress{Lane: id, Pending: p.ByLane[id][subscriptions.Pending], PerSecond: pace(id)}
		if i := slices.IndexFunc(lanes, func(o subscriptions.Lane) bool { return o.ID == id }); i >= 0 {
			l.stands(lanes[i], now)
		}
		if over := now.Sub(first.at); over >= paceOver && done[id] > first.done[id] {
			l.PerSecond, l.Measured = float64(done[id]-first.done[id])/over.Seconds(), true
		}
		if l.Paused == "" && l.PerSecond > 0 && p.Expanded && l.Pending > 0 {
			l.Done = now.Add(time.Duration(float64(l.Pending) / l.PerSecond * float64(time.Second))).Truncate(time.Second)
		}
		out = append(out, l)
	}
	return out
}

// stands takes over what an operator set, and whether the lane sends at all.
func (l *laneProgress) stands(o subscriptions.Lane, now time.Time) {
	if o.Rate > 0 {
		l.PerSecond = o.Rate
	}
	switch {
	case o.Held:
		l.Paused = "held"
	case o.PausedUntil.After(now):
		l.Paused = o.PausedWhy
	}
}

func (o *office) showProgress(w io.Writer, name string, r reach) {
	total := 0
	states := []subscriptions.DeliveryState{subscriptions.Sent, subscriptions.Pending, subscriptions.Failed, subscriptions.Unknown, subscriptions.Superseded}
	for _, s := range states {
		total += r.Count(s)
	}
	fmt.Fprintf(w, "%s: %d of %d sent", name, r.Count(subscriptions.Sent), total)
	switch {
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
