package demo

import (
	"fmt"
	"slices"

	"arifa/subscriptions"
)

// set is a set of services by their number in the catalogue.
type set [4]uint64

// mostServices is how many fit into a set.
const mostServices = 256

func (s *set) add(no int)     { s[no/64] |= 1 << (no % 64) }
func (s set) has(no int) bool { return s[no/64]>>(no%64)&1 == 1 }
func (s set) empty() bool     { return s == set{} }

func (s set) or(t set) set {
	for i := range s {
		s[i] |= t[i]
	}
	return s
}

func (s set) and(t set) set {
	for i := range s {
		s[i] &= t[i]
	}
	return s
}

func (s set) minus(t set) set {
	for i := range s {
		s[i] &^= t[i]
	}
	return s
}

// atlas numbers services and scopes, so that a hundred thousand people who
// follow them are a few megabytes.
type atlas struct {
	nation   *subscriptions.Nation
	services []subscriptions.Service
	number   map[subscriptions.ServiceID]int
	scopes   []subscriptions.Scope
	scopeNo  map[subscriptions.Scope]uint16
}

func newAtlas(n *subscriptions.Nation) (*atlas, error) {
	a := &atlas{nation: n, number: map[subscriptions.ServiceID]int{}, scopeNo: map[subscriptions.Scope]uint16{}}
	for _, s := range n.Services {
		if !s.Retired {
			a.number[s.ID] = len(a.services)
			a.services = append(a.services, s)
		}
	}
	if len(a.services) > mostServices {
		return nil, fmt.Errorf("the catalogue has %d services; the demo counts %d at most", len(a.services), mostServices)
	}
	a.scope(subscriptions.ScopeAll)
	for _, x := range n.Agencies {
		a.scope(subscriptions.ScopeAgency(x.ID))
	}
	for _, x := range n.Platforms {
		a.scope(subscriptions.ScopePlatform(x.ID))
	}
	for _, x := range a.services {
		a.scope(subscriptions.ScopeService(x.ID))
	}
	return a, nil
}

func (a *atlas) scope(s subscriptions.Scope) {
	a.scopeNo[s] = uint16(len(a.scopes))
	a.scopes = append(a.scopes, s)
}

// set of services by id; unknown ones are left out.
func (a *atlas) set(ids []subscriptions.ServiceID) set {
	var s set
	for _, id := range ids {
		if no, ok := a.number[id]; ok {
			s.add(no)
		}
	}
	return s
}

func (a *atlas) ids(s set) []subscriptions.ServiceID {
	var out []subscriptions.ServiceID
	for no, svc := range a.services {
		if s.has(no) {
			out = append(out, svc.ID)
		}
	}
	return out
}

// audience says who hears about services, worked out here from rule 3 and not
// asked of the program: followers of each service, of its agency, of the broken
// platforms behind them, and of everything.
func (a *atlas) audience(services set, platforms []subscriptions.PlatformID) []set {
	out := make([]set, len(a.scopes))
	out[a.scopeNo[subscriptions.ScopeAll]] = services
	for no, svc := range a.services {
		if services.has(no) {
			out[a.scopeNo[subscriptions.ScopeService(svc.ID)]].add(no)
			out[a.scopeNo[subscriptions.ScopeAgency(svc.Agency)]].add(no)
		}
	}
	for _, p := range platforms {
		out[a.scopeNo[subscriptions.ScopePlatform(p)]] = services
	}
	return out
}

// world is what is broken, as the steps so far have said.
type world struct {
	*atlas
	claims []claim
}

// claim is one body's word that a thing is broken.
type claim struct {
	agency   subscriptions.AgencyID
	platform subscriptions.PlatformID
	service  subscriptions.ServiceID
}

// claim adds a body's platforms and services. A service that fails already is
// that body's word beside the platform's: it ends with the platform.
func (w *world) claim(by subscriptions.AgencyID, platforms []subscriptions.PlatformID, services []subscriptions.ServiceID) {
	failing := w.failing()
	for _, p := range platforms {
		w.claims = append(w.claims, claim{agency: by, platform: p})
	}
	for _, s := range services {
		if !failing.has(w.number[s]) {
			w.claims = append(w.claims, claim{agency: by, service: s})
		}
	}
}

// restore ends a body's claims and returns what does not fail any more, and what
// goes on failing in another way, with the platforms behind it before.
func (w *world) restore(by subscriptions.AgencyID, platforms []subscriptions.PlatformID, services []subscriptions.ServiceID) (ended, changed set, via []subscriptions.PlatformID) {
	before := w.reached()
	w.claims = slices.DeleteFunc(w.claims, func(c claim) bool {
		return c.agency == by && (c.platform != "" && slices.Contains(platforms, c.platform) || c.service != "" && slices.Contains(services, c.service))
	})
	after := w.reached()
	for _, was := range before {
		at := slices.IndexFunc(after, func(r subscriptions.Reach) bool { return r.Service == was.Service })
		switch {
		case at < 0:
			ended.add(w.number[was.Service])
		case after[at].Impact != was.Impact || !slices.Equal(after[at].Via, was.Via):
			changed.add(w.number[was.Service])
			via = append(via, was.Via...)
		}
	}
	return ended, changed, via
}

// reached lists what certainly suffers: dependencies that nobody has confirmed
// wait for an officer's tick, and in a replay nobody ticks.
func (w *world) reached() []subscriptions.Reach {
	platforms := map[subscriptions.PlatformID]subscriptions.Impact{}
	services := map[subscriptions.ServiceID]subscriptions.Impact{}
	for _, c := range w.claims {
		if c.platform != "" {
			platforms[c.platform] = subscriptions.Blocked
		} else {
			services[c.service] = subscriptions.Blocked
		}
	}
	return slices.DeleteFunc(w.nation.Reach(platforms, services), func(r subscriptions.Reach) bool { return !r.Confirmed })
}

func (w *world) failing() set {
	var s set
	for _, r := range w.reached() {
		s.add(w.number[r.Service])
	}
	return s
}

// spoken returns what a body may speak of: its own failing services, and those
// that fail through its own claims. named narrows it.
func (w *world) spoken(by subscriptions.AgencyID, named []subscriptions.ServiceID) (services set, via []subscriptions.PlatformID) {
	for _, r := range w.reached() {
		no := w.number[r.Service]
		own := w.services[no].Agency == by || slices.ContainsFunc(w.claims, func(c claim) bool {
			return c.agency == by && (c.service == r.Service || c.platform != "" && slices.Contains(r.Via, c.platform))
		})
		if !own || len(named) > 0 && !slices.Contains(named, r.Service) {
			continue
		}
		services.add(no)
		for _, p := range r.Via {
			if !slices.Contains(via, p) {
				via = append(via, p)
			}
		}
	}
	return services, via
}
