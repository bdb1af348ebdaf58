package subscriptions

import (
	"slices"
	"time"
)

// EndTold is how long after an end whoever looks is told of it.
const EndTold = 7 * 24 * time.Hour

// Parts of an incident, for somebody who asks about some services.
type Parts struct {
	Failing []ServiceID // confirmed
	Unknown []ServiceID // nobody has said yet whether they suffer
	Ended   []ServiceID
}

// PartsOf sorts those services of the incident that ask names.
func (i Incident) PartsOf(ask func(ServiceID) bool) Parts {
	var p Parts
	for _, s := range i.Services {
		switch {
		case !ask(s.Service):
		case i.State.Over() && !s.Held || !s.Failing:
			if s.Confirmed {
				p.Ended = append(p.Ended, s.Service)
			}
		case s.Confirmed:
			p.Failing = append(p.Failing, s.Service)
		default:
			p.Unknown = append(p.Unknown, s.Service)
		}
	}
	return p
}

// Empty reports whether the incident does not touch what was asked about.
func (p Parts) Empty() bool { return len(p.Failing)+len(p.Unknown)+len(p.Ended) == 0 }

// Present finds, among the published notices of the incident, oldest first, the
// newest that tells how these parts are: of what fails now where something does,
// else of what ended. A service that a later round left out is told by the round in
// which it last failed. With it comes the newest notice that answers what that one
// left open. A zero notice means that none stands.
func (i Incident) Present(published []Notice, p Parts) (present, answer Notice) {
	about := p.Failing
	if len(about) == 0 {
		about = p.Ended
	}
	if len(about) == 0 {
		about = p.Unknown
	}
	answers := map[NoticeID]Notice{}
	for _, n := range published {
		if n.Answers() {
			answers[n.Corrects] = n // the newest wins
		}
	}
	for _, n := range slices.Backward(published) {
		if n.Kind.Chain() && i.fits(n, p, about) {
			return n, answers[n.ID]
		}
	}
	return Notice{}, Notice{}
}

// fits reports whether n tells how these services are. What still fails is not
// told with the words of an end, unless its agency alone holds it: those words
// say so.
func (i Incident) fits(n Notice, p Parts, about []ServiceID) bool {
	for _, id := range about {
		state, _ := i.Service(id)
		if n.Round != state.Round || n.Kind == Restored && state.Failing && !state.Held {
			continue
		}
		if n.Audience.Match([]Scope{ScopeService(id)}) != nil {
			return true
		}
	}
	// A notice reaches unconfirmed services with its platform's name only.
	return n.Round == i.Round && len(p.Failing)+len(p.Ended) == 0 && n.Kind != Restored
}

// EndOf is when the end that n tells of came: that of the incident, or that of a
// part of it, or of an earlier round.
func (i Incident) EndOf(n Notice) time.Time {
	if i.EndedAt.IsZero() || n.Earlier(i) {
		return n.PublishedAt
	}
	return i.EndedAt
}

// TakenBack reports whether a notice was stopped or withdrawn: it stands no more, and
// in nobody's place.
func (n Notice) TakenBack() bool { return n.State == Stopped || n.State == Withdrawn }

// Heir finds, among the published notices of its incident, the one that stands in
// the place of n where the end of what overtook n was taken back: the newest later
// one that says all that n still owes, else n itself.
func (n Notice) Heir(published []Notice, i Incident) Notice {
	heir := n
	for _, m := range published {
		if m.ID != n.ID && m.State == Published && m.Kind.Chain() && m.Incident == n.Incident && m.Round == n.Round &&
			!m.PublishedAt.Before(heir.PublishedAt) && Overtakes(m, n, i) {
			heir = m
		}
	}
	return heir
}

// Fate is what became of a published notice.
type Fate string

const (
	FateReal      Fate = "real"    // it stands
	FateChanged   Fate = "changed" // a newer one stands
	FateOver      Fate = "over"    // its incident is over, and a newer one says so
	FateExpired   Fate = "expired"
	FateStopped   Fate = "stopped"
	FateWithdrawn Fate = "withdrawn" // it was wrong
)

// Earlier reports whether a notice is of a round of its incident that has ended:
// what it says is over, also while the same fails again.
func (n Notice) Earlier(i Incident) bool {
	return n.Incident != 0 && n.Incident == i.ID && n.Round < i.Round
}

// Fate judges a notice by the newest that stands in its place (itself, where none
// does) and by whether that one's incident is over.
func (n Notice) Fate(newest Notice, over bool, now time.Time) Fate {
	expired := now.After(n.ExpiresAt) && !n.ExpiresAt.IsZero()
	switch {
	case n.State == Withdrawn:
		return FateWithdrawn
	case n.State == Stopped:
		return FateStopped
	case over && n.ID != newest.ID:
		return FateOver
	case n.ID != newest.ID:
		return FateChanged
	case expired && (over || n.Incident == 0):
		return FateExpired
	}
	return FateReal
}
