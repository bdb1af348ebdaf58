package subscriptions

import (
	"strings"
	"sync"
	"time"
)

// Fitted is what a fresh row becomes right before it is leased.
type Fitted struct {
	After Row
	Same  bool // nothing of it changes
}

// Fits remembers what the fresh rows of one notice become, by what they say: a
// broadcast has few combinations. Equal lists of services it gives the same place
// in memory. It is safe for many goroutines.
type Fits struct {
	p    *Planner
	view View
	mu   sync.Mutex
	seen map[fitKey]Fitted
}

// fitKey is what a row says, as it is kept.
type fitKey struct{ services, ends string }

// fitsKept is how many combinations are remembered at a time.
const fitsKept = 4096

// NewFits remembers for one planner.
func NewFits(p *Planner) *Fits {
	v := View{Notices: map[NoticeID]Notice{p.b.Notice.ID: p.b.Notice}}
	if p.b.Incident.ID != 0 {
		v.Incidents = map[IncidentID]Incident{p.b.Incident.ID: p.b.Incident}
	}
	return &Fits{p: p, view: v, seen: map[fitKey]Fitted{}}
}

// Of makes a fresh row of the notice, which may be sent now, say what is true. The
// lists are joined by commas.
func (f *Fits) Of(services, ends string, now time.Time) Fitted {
	f.mu.Lock()
	defer f.mu.Unlock()
	if got, ok := f.seen[fitKey{services, ends}]; ok {
		return got
	}
	if len(f.seen) >= fitsKept {
		clear(f.seen)
	}
	key := fitKey{strings.Clone(services), strings.Clone(ends)} // of our own, not a part of what was read
	n := &f.p.b.Notice
	r := Row{Notice: n.ID, Incident: n.Incident, Round: n.Round, NoticeKind: n.Kind, State: Pending, Services: keyServices(key.services), Ends: keyServices(key.ends)}
	got := Fitted{After: f.p.Fit(r, f.view.StillTrue(Delivery{Notice: n.ID, Services: r.Services}, now))}
	got.Same = got.After.Unsent() && len(got.After.Services) == len(r.Services) && len(got.After.Ends) == len(r.Ends)
	f.seen[key] = got
	return got
}
