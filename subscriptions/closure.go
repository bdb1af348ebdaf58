package subscriptions

import "slices"

// Reach is one service that an outage reaches, and how.
type Reach struct {
	Service ServiceID
	Impact  Impact
	// Confirmed is false while every way in which the outage reaches the service
	// is a guess: it waits for an officer's tick.
	Confirmed bool
	// Via are the platforms named as broken that do this, in catalogue order;
	// empty when only the service itself is named. A platform between them and
	// the service is left out: nobody has said that it is broken.
	Via []PlatformID
}

// Reach works out what suffers while these platforms and services are broken,
// in catalogue order and without retired services. An impact of "" counts as
// Blocked.
//
// A degraded link makes everything behind it degraded at most. Of several ways
// to one service a confirmed one goes before all guesses, and among those the
// worst wins.
func (n *Nation) Reach(platforms map[PlatformID]Impact, services map[ServiceID]Impact) []Reach {
	spread := n.spread(platforms)
	var reached []Reach
	for _, s := range n.Services {
		if s.Retired {
			continue
		}
		best := Reach{Service: s.ID}
		if impact, named := services[s.ID]; named {
			best.Impact, best.Confirmed = orBlocked(impact), true
		}
		for _, root := range n.Platforms {
			if states, named := spread[root.ID]; named {
				best.through(root.ID, states, s)
			}
		}
		if best.Impact != "" {
			reached = append(reached, best)
		}
	}
	return reached
}

// through takes the ways from one broken platform into the account of s.
func (r *Reach) through(root PlatformID, states map[PlatformID]Impact, s Service) {
	for _, p := range s.DependsOn {
		state, hit := states[p]
		if !hit {
			continue
		}
		impact := milder(state, orBlocked(s.Impact[p]))
		confirmed := !slices.Contains(s.DependencyVerify, p)
		switch {
		case r.Confirmed && !confirmed:
			continue
		case confirmed && !r.Confirmed, impact.Worse(r.Impact):
			r.Impact, r.Confirmed, r.Via = impact, confirmed, []PlatformID{root}
		case impact == r.Impact && !slices.Contains(r.Via, root):
			r.Via = append(r.Via, root)
		}
	}
}

// spread tells, for each broken platform, how every platform behind it suffers.
func (n *Nation) spread(broken map[PlatformID]Impact) map[PlatformID]map[PlatformID]Impact {
	all := make(map[PlatformID]map[PlatformID]Impact, len(broken))
	for root, impact := range broken {
		states := map[PlatformID]Impact{root: orBlocked(impact)}
		for changed := true; changed; {
			changed = false
			for _, p := range n.Platforms {
				for _, on := range p.DependsOn {
					below, hit := states[on]
					if next := milder(below, orBlocked(p.Impact[on])); hit && next.Worse(states[p.ID]) {
						states[p.ID], changed = next, true
					}
				}
			}
		}
		all[root] = states
	}
	return all
}

// WhoMayUse reports whether alternative a may hang on service s: it belongs to
// one of the bodies that Speakers names.
func (n *Nation) WhoMayUse(a Alternative, s Service) bool {
	return slices.Contains(n.Speakers(s), a.Agency)
}

// Speakers names the bodies that may tell another way for a service: its own
// agency, and the operators of the platforms on which it depends, confirmed,
// directly or through platforms. Another body's way to pay is never copied onto
// a service on that body's behalf.
func (n *Nation) Speakers(s Service) []AgencyID {
	speakers := []AgencyID{s.Agency}
	byID := make(map[PlatformID]Platform, len(n.Platforms))
	for _, p := range n.Platforms {
		byID[p.ID] = p
	}
	seen := map[PlatformID]bool{}
	var visit func(on, unsure []PlatformID)
	visit = func(on, unsure []PlatformID) {
		for _, id := range on {
			p, known := byID[id]
			if !known || seen[id] || slices.Contains(unsure, id) {
				continue
			}
			seen[id] = true
			if !slices.Contains(speakers, p.Operator) {
				speakers = append(speakers, p.Operator)
			}
			visit(p.DependsOn, nil)
		}
	}
	visit(s.DependsOn, s.DependencyVerify)
	return speakers
}

func milder(a, b Impact) Impact {
	if a.Worse(b) {
		return b
	}
	return a
}

func orBlocked(i Impact) Impact {
	if i == "" {
		return Blocked
	}
	return i
}
