package desk

import (
	"slices"
	"time"

	"arifa/subscriptions"
)

// scopeOf lists the failing, confirmed services of which an agency may speak in
// an incident: its own, those that it claims, and those that fail through a
// platform of its own that it claims.
func scopeOf(n *subscriptions.Nation, i subscriptions.Incident, agency subscriptions.AgencyID) []subscriptions.ServiceID {
	var out []subscriptions.ServiceID
	for _, s := range i.Services {
		if s.Failing && s.Confirmed && maySpeakOf(n, i, s, agency) {
			out = append(out, s.Service)
		}
	}
	return out
}

func maySpeakOf(n *subscriptions.Nation, i subscriptions.Incident, s subscriptions.ServiceState, agency subscriptions.AgencyID) bool {
	if svc, ok := n.Service(s.Service); ok && svc.Agency == agency {
		return true
	}
	return slices.ContainsFunc(i.Claims, func(c subscriptions.Claim) bool {
		return c.Agency == agency && c.EndedAt.IsZero() &&
			(c.Service == s.Service || c.Platform != "" && slices.Contains(s.Via, c.Platform))
	})
}

// spokeOf is maySpeakOf for what may have ended: claims of this round count
// whether or not they are open.
func spokeOf(n *subscriptions.Nation, i subscriptions.Incident, s subscriptions.ServiceState, agency subscriptions.AgencyID) bool {
	for k := range i.Claims {
		if i.Claims[k].Round == i.Round {
			i.Claims = slices.Clone(i.Claims)
			i.Claims[k].EndedAt = time.Time{}
		}
	}
	return maySpeakOf(n, i, s, agency)
}

// derive works out the services of an incident. An officer's "not affected"
// also counts for a confirmed dependency: it is how one service comes back while
// its platform does not.
func derive(n *subscriptions.Nation, i subscriptions.Incident) []subscriptions.ServiceState {
	spared := map[subscriptions.ServiceID]bool{}
	for _, t := range i.Ticks {
		spared[t.Service] = !t.Affected
	}
	view := *n
	view.Services = slices.Clone(n.Services)
	for k, s := range view.Services {
		if spared[s.ID] {
			view.Services[k].DependsOn = nil
		}
	}
	return i.Derive(&view)
}

// clone copies what the desk changes, so that the incident read stays as it was.
func clone(i subscriptions.Incident) subscriptions.Incident {
	i.Claims = slices.Clone(i.Claims)
	i.Ticks = slices.Clone(i.Ticks)
	i.Holds = slices.Clone(i.Holds)
	i.Ways = slices.Clone(i.Ways)
	for k := range i.Ways {
		i.Ways[k].Services = slices.Clone(i.Ways[k].Services)
	}
	i.Services = slices.Clone(i.Services)
	return i
}

// elsewhere reports whether another live incident affects a service. One that
// waits for this very incident does not count, nor a maintenance that has not begun.
func elsewhere(others []subscriptions.Incident, self subscriptions.IncidentID, id subscriptions.ServiceID) bool {
	for _, o := range others {
		if o.ID == self || o.State.Over() || o.State == subscriptions.Scheduled {
			continue
		}
		if s, ok := o.Service(id); ok && s.Failing && s.Confirmed && !waitsOnly(o, s) {
			return true
		}
	}
	return false
}

// waitsOnly reports whether a service is held by the program alone, because
// another incident affects it.
func waitsOnly(i subscriptions.Incident, s subscriptions.ServiceState) bool {
	if !s.Held {
		return false
	}
	auto, human := holds(i, s.Service)
	return auto && !human
}

// holds tells which holds on a service stand: the program's and an agency's.
func holds(i subscriptions.Incident, id subscriptions.ServiceID) (auto, human bool) {
	for _, h := range i.Holds {
		if h.Service == id && h.ReleasedAt.IsZero() {
			auto, human = auto || h.Agency == "", human || h.Agency != ""
		}
	}
	return auto, human
}

func minus[T comparable](a, b []T) []T {
	var out []T
	for _, x := range a {
		if !slices.Contains(b, x) {
			out = append(out, x)
		}
	}
	return out
}

func intersect[T comparable](a, b []T) []T {
	var out []T
	for _, x := range a {
		if slices.Contains(b, x) {
			out = append(out, x)
		}
	}
	return out
}

func sameSet[T comparable](a, b []T) bool { return len(minus(a, b)) == 0 && len(minus(b, a)) == 0 }

func join[T ~string](ids []T) string {
	s := ""
	for k, id := range ids {
		if k > 0 {
			s += ", "
		}
		s += string(id)
	}
	return s
}
