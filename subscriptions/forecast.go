package subscriptions

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// LanePace is how fast a lane sends: PerSecond new messages to different
// recipients, and whether it sends at all now.
type LanePace struct {
	Lane      LaneID
	PerSecond float64 // 0 = not known
	Waiting   int     // messages that are owed on this lane already and go first
	Paused    bool    // paused or held: nothing goes until an operator resumes it
}

// LaneFinish is when one lane will have told its share of an audience.
type LaneFinish struct {
	Lane     LaneID
	People   int           // recipients of every kind
	Posts    int           // of them channel posts and groups, which go first
	Asked    int           // of them people who asked lately, who go next
	Takes    time.Duration // until the last one; rounded up to seconds
	Paused   bool
	PaceKept bool // the pace is known; without it Takes says nothing
}

// Finish is how long an audience takes: the slowest lane decides.
type Finish struct {
	Lanes  []LaneFinish // by lane id
	People int
	Takes  time.Duration
	// Certain is false when a lane with recipients is paused or its pace is not known.
	Certain bool
}

// Forecast works out how long the counted audience takes at these paces: pure.
// A lane without recipients is left out.
func Forecast(counts []LaneCount, paces []LanePace) Finish {
	byLane := map[LaneID]*LaneFinish{}
	for _, c := range counts {
		if c.Count <= 0 {
			continue
		}
		l := byLane[c.Lane]
		if l == nil {
			l = &LaneFinish{Lane: c.Lane}
			byLane[c.Lane] = l
		}
		l.People += c.Count
		l.Asked += c.Asked
		if c.Kind != Person {
			l.Posts += c.Count
		}
	}
	out := Finish{Certain: true}
	for id, l := range byLane {
		if at := slices.IndexFunc(paces, func(p LanePace) bool { return p.Lane == id }); at >= 0 {
			l.pace(paces[at])
		}
		out.People += l.People
		out.Takes = max(out.Takes, l.Takes)
		out.Certain = out.Certain && l.PaceKept && !l.Paused
		out.Lanes = append(out.Lanes, *l)
	}
	slices.SortFunc(out.Lanes, func(a, b LaneFinish) int { return cmp.Compare(a.Lane, b.Lane) })
	return out
}

func (l *LaneFinish) pace(p LanePace) {
	l.Paused = p.Paused
	if p.PerSecond > 0 {
		l.PaceKept = true
		l.Takes = time.Duration(math.Ceil(float64(l.People+p.Waiting)/p.PerSecond)) * time.Second
	}
}
