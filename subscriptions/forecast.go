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
	Fee       Fee
}

// Fee is what a network takes for the messages of a broadcast above a free pace; the
// zero Fee is none.
type Fee struct {
	Free float64 // messages a second that cost nothing
	Each float64 // for each message beyond them
	Unit string  // in which it is paid, e.g. "Stars"
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

	Waiting   int     `json:",omitempty"` // owed already; they go first
	PerSecond float64 `json:",omitempty"`
	// Price is what the network takes for it, in Unit; rounded up, 0 = nothing.
	Price float64 `json:",omitempty"`
	Unit  string  `json:",omitempty"`
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
	l.Paused, l.Waiting, l.PerSecond = p.Paused, p.Waiting, p.PerSecond
	if p.PerSecond > 0 {
		l.PaceKept = true
		l.Price, l.Unit = p.Fee.of(l.People, p.PerSecond), p.Fee.Unit
		l.Takes = time.Duration(math.Ceil(float64(l.People+p.Waiting)/p.PerSecond)) * time.Second
	}
}

// of is the price of so many messages at this pace: those within the free pace cost
// nothing for as long as the broadcast takes.
func (f Fee) of(messages int, perSecond float64) float64 {
	if f.Each <= 0 || perSecond <= f.Free {
		return 0
	}
	// Cut to millionths first: 9700.000000000001 is 9700.
	return math.Ceil(math.Round(float64(messages)*(1-f.Free/perSecond)*f.Each*1e6) / 1e6)
}

// Late counts who would be told later than left from now, if nothing changes: those
// for whom there is no time, and everybody on a lane that is paused.
func (f Finish) Late(left time.Duration) int {
	late := 0
	for _, l := range f.Lanes {
		in := 0
		if !l.Paused {
			in = int(l.PerSecond*max(0, left.Seconds())) - l.Waiting
		}
		if l.PaceKept || l.Paused {
			late += l.People - min(l.People, max(0, in))
		}
	}
	return late
}
