package desk

import (
	"slices"
	"time"

	"arifa/subscriptions"
)

// planRestored ends what the notice names: everything that its agency claims,
// or only some platforms or services. What an agency holds, what another agency
// claims and what another open incident affects goes on failing (rule 6).
func planRestored(s situation, n subscriptions.Notice) (plan, *Refusal) {
	p := plan{after: clone(s.incident), slots: n.Slots}
	if r := endClaims(s, n, &p.after); r != nil {
		return plan{}, r
	}
	p.after.Services = derive(s.nation, p.after)
	for _, id := range minus(s.incident.Failing(), p.after.Failing()) {
		if elsewhere(s.others, s.incident.ID, id) {
			p.after.Holds = append(p.after.Holds, subscriptions.Hold{Service: id, At: s.now})
		}
	}
	p.after.Services = derive(s.nation, p.after)
	p.services = inOrder(s.nation, minus(s.incident.Failing(), p.after.Failing()))
	for _, state := range p.after.Services {
		was, _ := s.incident.Service(state.Service)
		// Those who go on failing read why: it is held, or another platform of the
		// incident still limits it.
		changed := state.Held && !was.Held || state.Impact != was.Impact || !slices.Equal(state.Via, was.Via)
		if state.Failing && state.Confirmed && was.Failing && changed {
			p.left = append(p.left, state.Service)
		}
	}
	if len(p.services)+len(p.left) == 0 {
		return plan{}, no(6, "look at what fails with incident show", "nothing that this names would end")
	}
	endIncident(s, n, &p.after)
	if len(n.Slots.Platforms)+len(n.Slots.Services) == 0 && !p.after.State.Over() {
		p.slots.Platforms, p.slots.Services = whatEnded(s.incident, p.after, p.services)
	}
	p.audience = subscriptions.AudienceOf(s.nation, p.services, endedPlatforms(s.incident, p.services))
	return p, nil
}

func endClaims(s situation, n subscriptions.Notice, after *subscriptions.Incident) *Refusal {
	named := n.Slots
	whole := len(named.Platforms)+len(named.Services) == 0
	ended := map[subscriptions.PlatformID]bool{}
	any := false
	for k, c := range after.Claims {
		if !c.EndedAt.IsZero() || c.Agency != n.Agency {
			continue
		}
		if whole || c.Platform != "" && slices.Contains(named.Platforms, c.Platform) || c.Service != "" && slices.Contains(named.Services, c.Service) {
			after.Claims[k].EndedAt, any = s.now, true
			ended[c.Platform] = true
		}
	}
	if whole && !any {
		return no(6, "name the services that work again", "%s claims nothing as a whole in incident %d", n.Agency, s.incident.ID)
	}
	for _, id := range named.Platforms {
		if !ended[id] {
			return no(4, "its operator says so", "%s is not claimed as broken by %s", id, n.Agency)
		}
	}
	return spare(s, n, after)
}

// spare brings single services back although their platform does not work: its
// agency, or the platform's operator, says that they are not affected any more.
func spare(s situation, n subscriptions.Notice, after *subscriptions.Incident) *Refusal {
	scope := scopeOf(s.nation, s.incident, n.Agency)
	still := derive(s.nation, *after)
	for _, id := range n.Slots.Services {
		if !slices.Contains(scope, id) {
			return no(4, "its agency or its platform's operator says so", "%s does not fail, or is not for %s to end", id, n.Agency)
		}
		if at := slices.IndexFunc(still, func(x subscriptions.ServiceState) bool { return x.Service == id }); at >= 0 && still[at].Failing && !still[at].Held {
			after.Ticks = append(after.Ticks, subscriptions.Tick{Service: id, Affected: false, By: n.Author, At: s.now})
		}
		if svc, _ := s.nation.Service(id); svc.Agency == n.Agency {
			release(after, id, n.Agency, s.now)
		}
	}
	return nil
}

// release lifts an agency's holds on a service.
func release(i *subscriptions.Incident, id subscriptions.ServiceID, agency subscriptions.AgencyID, now time.Time) {
	for k, h := range i.Holds {
		if h.Service == id && h.Agency == agency && h.ReleasedAt.IsZero() {
			i.Holds[k].ReleasedAt = now
		}
	}
}

// endIncident closes the incident when nothing fails any more, and the ways of
// what ended in any case.
func endIncident(s situation, n subscriptions.Notice, after *subscriptions.Incident) {
	failing := slices.ContainsFunc(after.Services, func(x subscriptions.ServiceState) bool { return x.Failing })
	if after.NextUpdate = n.Slots.NextUpdate; after.NextUpdate.IsZero() {
		after.NextUpdate = s.incident.NextUpdate
	}
	if !after.NextUpdate.After(s.now) {
		after.NextUpdate = cut(s.now.Add(PromiseAfter))
	}
	if !failing {
		after.State, after.EndedAt = over(after.Maintenance), s.now
		for k := range after.Claims {
			if after.Claims[k].EndedAt.IsZero() {
				after.Claims[k].EndedAt = s.now
			}
		}
		after.NextUpdate = openPromise(n.Slots)
		// What earlier ends of this round promised stays promised, but what this one
		// says anew.
		others := slices.DeleteFunc(pledges(s.told), func(p pledge) bool { return p.notice.State == subscriptions.Stopped && p.notice.Agency == n.Agency })
		if first, ok := dueFirst(others, ""); ok && (after.NextUpdate.IsZero() || first.promise().Before(after.NextUpdate)) {
			after.NextUpdate = first.promise()
		}
	}
	endWays(after, s.now)
}

// endWays crosses out the ways of services that do not fail any more.
func endWays(i *subscriptions.Incident, now time.Time) {
	failing := i.Failing()
	for k, w := range i.Ways {
		if !w.EndedAt.IsZero() {
			continue
		}
		kept := intersect(w.Services, failing)
		if len(kept) == 0 {
			i.Ways[k].EndedAt = now
			continue
		}
		i.Ways[k].Services = kept
	}
}

func over(maintenance bool) subscriptions.IncidentState {
	if maintenance {
		return subscriptions.Completed
	}
	return subscriptions.Resolved
}

// openPromise is the first time at which an answer is promised; zero = none.
func openPromise(s subscriptions.Slots) time.Time {
	var first time.Time
	for _, a := range []subscriptions.Answer{s.Landed, s.PayAgain, s.Moved} {
		if a.Value == "" && !a.By.IsZero() && (first.IsZero() || a.By.Before(first)) {
			first = a.By
		}
	}
	return first
}

// whatEnded names what came back where something else goes on failing: whole
// platforms where a platform came back, else the services.
func whatEnded(before, after subscriptions.Incident, services []subscriptions.ServiceID) ([]subscriptions.PlatformID, []subscriptions.ServiceID) {
	if gone := minus(before.Platforms(), after.Platforms()); len(gone) > 0 {
		return gone, nil
	}
	return nil, services
}

// endedPlatforms are those through which the ended services failed.
func endedPlatforms(before subscriptions.Incident, services []subscriptions.ServiceID) []subscriptions.PlatformID {
	out := platformsOf(before, services)
	for _, c := range before.Claims { // held ones have lost their platform already
		if c.Platform != "" && c.Round == before.Round && !slices.Contains(out, c.Platform) {
			out = append(out, c.Platform)
		}
	}
	return out
}
