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
	mu   sync.Mutex
	seen map[string]Fitted
}

// fitsKept is how many combinations are remembered at a time.
const fitsKept = 4096

// NewFits remembers for one planner.
func NewFits(p *Planner) *Fits { return &Fits{p: p, seen: map[string]Fitted{}} }

// Of makes a fresh row of the notice, which may be sent now, say what is true. The
// lists are joined by commas.
func (f *Fits) Of(services, ends string, now time.Time) Fitted {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := services + "|" + ends
	if got, ok := f.seen[key]; ok {
		return got
	}
	if len(f.seen) >= fitsKept {
		clear(f.seen)
	}
	services, ends, _ = strings.Cut(key, "|") // of our own, not a part of what was read
	b := f.p.b
	r := Row{Notice: b.Notice.ID, Incident: b.Notice.Incident, Round: b.Notice.Round, NoticeKind: b.Notice.Kind, State: Pending,
		Services: keyServices(services), Ends: keyServices(ends)}
	v := View{Notices: map[NoticeID]Notice{b.Notice.ID: b.Notice}}
	if b.Incident.ID != 0 {
		v.Incidents = map[IncidentID]Incident{b.Incident.ID: b.Incident}
	}
	got := Fitted{After: f.p.Fit(r, v.StillTrue(Delivery{Notice: b.Notice.ID, Services: r.Services}, now))}
	got.Same = got.After.Unsent() && len(got.After.Services) == len(r.Services) && len(got.After.Ends) == len(r.Ends)
	f.seen[key] = got
	return got
}
