package subscriptions

import (
	"maps"
	"slices"
	"time"
)

// SampleFor is how long after it was picked a question is still asked: later its
// answer says nothing of the end that it is about.
const SampleFor = 2 * time.Hour

// SampleWish says whom to ask "is it working for you?".
type SampleWish struct {
	Incident IncidentID
	Round    int
	Services []ServiceID // asked about
	Since    time.Time   // reports from here on belong to this round
	Most     int         // people
}

// OneOf picks a service that stands in both lists; empty where none does.
func OneOf(have, wanted []ServiceID, pick func(n int) int) ServiceID {
	var both []ServiceID
	for _, id := range have {
		if slices.Contains(wanted, id) {
			both = append(both, id)
		}
	}
	if len(both) == 0 {
		return ""
	}
	return both[pick(len(both))]
}

// Sample is one person who is asked whether it works for them.
type Sample struct {
	Incident   IncidentID
	Round      int
	Recipient  RecipientID
	Lane       LaneID
	Address    Address
	Kind       RecipientKind
	Language   Language
	Silent     bool // the person wants no sound
	Service    ServiceID
	PickedAt   time.Time
	AskedAt    time.Time
	Works      bool
	Tried      Tried
	AnsweredAt time.Time // zero = no answer yet
}

// SampleCount is what a sample answered of one service and way of paying.
type SampleCount struct {
	Service ServiceID `json:"service"`
	Tried   Tried     `json:"tried,omitempty"` // of those for whom it fails
	Asked   int       `json:"asked"`
	Works   int       `json:"works"`
	Fails   int       `json:"fails"`
}

// When a sample speaks against an end: from this many answers on, and where fewer
// than this share of them say that it works.
const (
	SampleEnough = 8
	SampleShare  = 0.67
)

// SampleReason names what a sample says.
type SampleReason string

const (
	SampleNone  SampleReason = "nobody was asked"
	SampleFew   SampleReason = "too few answers"
	SampleWorks SampleReason = "it works for most"
	SampleLow   SampleReason = "it does not work for too many"
)

// SampleVerdict sums a sample up.
type SampleVerdict struct {
	Asked, Answers, Works int
	Mostly                Tried // how most of those tried for whom it fails, where they said
	Reason                SampleReason
}

// Share of the answers that say that it works; 0 without any.
func (v SampleVerdict) Share() float64 {
	if v.Answers == 0 {
		return 0
	}
	return float64(v.Works) / float64(v.Answers)
}

// JudgeSample says what the answers of a round mean: pure. It never ends or reopens
// anything: a low share is a question to the officer.
func JudgeSample(counts []SampleCount) SampleVerdict {
	var v SampleVerdict
	fails := map[Tried]int{}
	for _, c := range counts {
		v.Asked += c.Asked
		v.Works += c.Works
		v.Answers += c.Works + c.Fails
		if c.Tried != TriedUnsaid {
			fails[c.Tried] += c.Fails
		}
	}
	for _, t := range slices.Sorted(maps.Keys(fails)) {
		if fails[t] > fails[v.Mostly] {
			v.Mostly = t
		}
	}
	switch {
	case v.Asked == 0:
		v.Reason = SampleNone
	case v.Answers < SampleEnough:
		v.Reason = SampleFew
	case v.Share() < SampleShare:
		v.Reason = SampleLow
	default:
		v.Reason = SampleWorks
	}
	return v
}
