package desk

import (
	"fmt"
	"slices"
	"time"

	"arifa/subscriptions"
)

// situation is everything that the decision about one notice reads.
type situation struct {
	nation    *subscriptions.Nation
	incident  subscriptions.Incident
	others    []subscriptions.Incident // live ones
	told      []subscriptions.Notice   // of this incident and round: published ever, oldest first
	ends      []subscriptions.Notice   // of the round before: who said that it works again
	corrected *subscriptions.Notice
	ready     []subscriptions.ReadyWay
	now       time.Time
}

// plan is what a notice says and does, worked out from the situation: the same
// plan is made at submit, where it is frozen, and at publication, where it must
// still be the same.
type plan struct {
	after    subscriptions.Incident
	services []subscriptions.ServiceID // whom the notice is about
	left     []subscriptions.ServiceID // a notice beside it tells these: see beside
	audience subscriptions.Audience
	slots    subscriptions.Slots
}

// planFor decides what a notice says and does: pure.
func planFor(s situation, n subscriptions.Notice) (plan, *Refusal) {
	switch n.Kind {
	case subscriptions.Correction, subscriptions.Advisory:
		return planWord(s, n)
	}
	if s.incident.ID == 0 {
		return plan{}, no(0, "open an incident first", "a notice of kind %s belongs to an incident", n.Kind)
	}
	if s.incident.State.Over() {
		return plan{}, no(6, "reopen it if it fails again", "incident %d has ended", s.incident.ID)
	}
	if n.Kind == subscriptions.Restored {
		return planRestored(s, n)
	}
	return planAlert(s, n)
}

func planAlert(s situation, n subscriptions.Notice) (plan, *Refusal) {
	if r := fitsIncident(s, n); r != nil {
		return plan{}, r
	}
	if r := afterFirst(s, n); r != nil {
		return plan{}, r
	}
	services, r := alertServices(s, n)
	if r != nil {
		return plan{}, r
	}
	p := plan{after: clone(s.incident), services: services, slots: n.Slots}
	if n.Kind == subscriptions.Outage {
		// At submit the slots keep the services that hear it first; those who know
		// already are told beside, after the approval as well.
		services = inOrder(s.nation, append(slices.Clone(services), intersect(n.Beside, scopeOf(s.nation, s.incident, n.Agency))...))
		known := toldServices(s.told)
		p.services, p.left = minus(services, known), intersect(services, known)
		if len(p.services) == 0 {
			return plan{}, no(7, "publish an update instead", "followers of all these services were told of the outage already")
		}
	}
	p.after.NextUpdate = n.Slots.NextUpdate
	if n.Slots.State != "" {
		p.after.State = n.Slots.State
	}
	if n.Kind == subscriptions.Maintenance {
		p.after.StartsAt, p.after.EndsAt = n.Slots.StartsAt, n.Slots.EndsAt
	}
	if r := hangWays(s, n, &p); r != nil {
		return plan{}, r
	}
	p.slots.Services = p.services
	p.audience = subscriptions.AudienceOf(s.nation, p.services, platformsOf(p.after, p.services))
	return p, nil
}

// afterFirst refuses "still not working" to those who were not told, in this round,
// that it does not work.
func afterFirst(s situation, n subscriptions.Notice) *Refusal {
	if n.Kind != subscriptions.Update && n.Kind != subscriptions.AlternativeNotice {
		return nil
	}
	for _, t := range s.told {
		if t.Kind == subscriptions.Outage || t.Kind == subscriptions.Maintenance {
			return nil
		}
	}
	first := subscriptions.Outage
	if s.incident.Maintenance {
		first = subscriptions.Maintenance
	}
	return no(9, "publish that first: kind "+string(first), "nobody has been told yet, in this round, what incident %d is", s.incident.ID)
}

// fitsIncident holds a kind and a state against the incident.
func fitsIncident(s situation, n subscriptions.Notice) *Refusal {
	i, next := s.incident, n.Slots.State
	switch {
	case n.Kind == subscriptions.Maintenance && !i.Maintenance:
		return no(0, "use outage or update", "incident %d is no maintenance", i.ID)
	case n.Kind == subscriptions.Outage && i.Maintenance:
		return no(0, "use maintenance or update", "incident %d is a maintenance", i.ID)
	case n.Kind == subscriptions.Maintenance && !n.Slots.EndsAt.After(n.Slots.StartsAt):
		return no(0, "give the planned start and end", "the planned end must be after the start")
	case next != "" && order(next, i.Maintenance) < 0:
		return no(0, "use "+statesOf(i.Maintenance), "there is no state %q of incident %d", next, i.ID)
	case next.Over():
		return no(6, "use restored", "the end is a notice of its own")
	case next != "" && order(next, i.Maintenance) < order(i.State, i.Maintenance) && !backToWork(i.State, next):
		return no(0, "reopen to start again", "an incident does not go back from %s to %s", i.State, next)
	case !n.Slots.NextUpdate.IsZero() && !n.Slots.NextUpdate.After(s.now):
		return no(11, "give the time of the next update", "the promised time has passed")
	case n.Slots.NextUpdate.IsZero():
		return no(11, "give the time of the next update", "each notice names when it will be changed next")
	}
	return nil
}

// backToWork: what was believed repaired, and is being watched, is not. That is the
// one way back without a new round, for nobody has read an end.
func backToWork(was, next subscriptions.IncidentState) bool {
	return was == subscriptions.Monitoring && next == subscriptions.Identified || was == subscriptions.Verifying && next == subscriptions.InProgress
}

// order is the place of a state; unknown ones are before all, and so refused.
func order(s subscriptions.IncidentState, maintenance bool) int {
	return slices.Index(states(maintenance), s)
}

// states are those of an incident, in their order.
func states(maintenance bool) []subscriptions.IncidentState {
	if maintenance {
		return []subscriptions.IncidentState{subscriptions.Scheduled, subscriptions.InProgress, subscriptions.Verifying, subscriptions.Completed}
	}
	return []subscriptions.IncidentState{subscriptions.Investigating, subscriptions.Identified, subscriptions.Monitoring, subscriptions.Resolved}
}

// statesOf names those that a notice may bring, before the end: that is one of its own.
func statesOf(maintenance bool) string {
	all := states(maintenance)
	return fmt.Sprintf("%s, %s or %s", all[0], all[1], all[2])
}

// alertServices are the services of an alert: those named, or all that the
// agency may speak of; for another way those on which it hangs.
func alertServices(s situation, n subscriptions.Notice) ([]subscriptions.ServiceID, *Refusal) {
	scope := scopeOf(s.nation, s.incident, n.Agency)
	for _, id := range n.Slots.Services {
		state, ok := s.incident.Service(id)
		switch {
		case slices.Contains(scope, id):
		case ok && state.Failing && !state.Confirmed:
			return nil, no(3, "confirm it first: its agency or the platform's operator ticks it", "it is not known whether %s is affected", id)
		case ok && state.Failing:
			return nil, no(4, "speak of your own services, or of those that your platform breaks", "%s is not for %s to speak of", id, n.Agency)
		default:
			return nil, no(4, "join the incident with it first", "%s is not failing in incident %d", id, s.incident.ID)
		}
	}
	services := n.Slots.Services
	if len(services) == 0 {
		services = scope
		if n.Kind == subscriptions.AlternativeNotice {
			services = hangingOn(s.nation, scope, n.Slots.Alternatives)
		}
	}
	if len(services) == 0 {
		return nil, no(4, "join the incident with your platform or services first", "%s has nothing to speak of in incident %d", n.Agency, s.incident.ID)
	}
	return inOrder(s.nation, services), nil
}

// toldServices are those whose followers have been told that they fail.
func toldServices(told []subscriptions.Notice) []subscriptions.ServiceID {
	var out []subscriptions.ServiceID
	for _, t := range told {
		if t.State == subscriptions.Published && t.Kind.Chain() && t.Kind != subscriptions.Restored {
			out = append(out, t.Audience[subscriptions.ScopeAll]...)
		}
	}
	return out
}

// platformsOf are the broken platforms whose followers hear about services.
func platformsOf(i subscriptions.Incident, services []subscriptions.ServiceID) []subscriptions.PlatformID {
	var out []subscriptions.PlatformID
	for _, id := range services {
		s, _ := i.Service(id)
		for _, p := range s.Via {
			if !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}

// inOrder puts services in the catalogue's order, each once.
func inOrder(n *subscriptions.Nation, ids []subscriptions.ServiceID) []subscriptions.ServiceID {
	var out []subscriptions.ServiceID
	for _, s := range n.Services {
		if slices.Contains(ids, s.ID) {
			out = append(out, s.ID)
		}
	}
	return out
}

// planWord plans what belongs to no state: a correction or an advisory.
func planWord(s situation, n subscriptions.Notice) (plan, *Refusal) {
	if n.Answers() {
		return planAnswer(s, n)
	}
	p := plan{after: clone(s.incident), slots: n.Slots}
	if n.Kind == subscriptions.Advisory && s.incident.State.Over() {
		p.after.NextUpdate = n.Slots.NextUpdate // the answer that was promised at the end
	}
	switch {
	case n.Kind == subscriptions.Correction && s.corrected != nil:
		if s.corrected.Agency != n.Agency {
			return p, no(4, "ask that agency to correct it", "the notice is %s's", s.corrected.Agency)
		}
		p.audience, p.services = s.corrected.Audience, s.corrected.Audience[subscriptions.ScopeAll]
		if n.Slots.Withdraws { // its sheet must not tell the way that goes with it
			p.after, _ = withoutWays(p.after, *s.corrected, s.now)
		}
		return p, nil
	case n.Kind == subscriptions.Correction && n.Slots.False == "":
		return p, no(0, "say what is false: payment, number, link or news", "a correction names a notice or says what is false")
	}
	for _, id := range n.Slots.Services {
		svc, ok := s.nation.Service(id)
		state, hit := s.incident.Service(id)
		switch {
		case !ok || svc.Retired:
			return p, no(0, "look it up in the catalogue", "there is no service %q", id)
		case svc.Agency != n.Agency && !(hit && spokeOf(s.nation, s.incident, state, n.Agency)):
			return p, no(4, "speak of your own services", "%s is not for %s to speak of", id, n.Agency)
		}
	}
	p.services = inOrder(s.nation, n.Slots.Services)
	if s.incident.ID != 0 && len(p.services) == 0 {
		for _, state := range s.incident.Services {
			if state.Confirmed && state.Round == s.incident.Round && spokeOf(s.nation, s.incident, state, n.Agency) {
				p.services = append(p.services, state.Service)
			}
		}
		if len(p.services) == 0 {
			return p, no(4, "speak of your own services", "%s has no part in incident %d", n.Agency, s.incident.ID)
		}
	}
	var platforms []subscriptions.PlatformID
	if len(p.services) == 0 {
		p.services, platforms = everybody(s.nation, n)
	}
	p.audience = subscriptions.AudienceOf(s.nation, p.services, platforms)
	return p, nil
}

// everybody: an advisory without services is for everything; a correction
// without them is for all that its agency answers for.
func everybody(n *subscriptions.Nation, notice subscriptions.Notice) ([]subscriptions.ServiceID, []subscriptions.PlatformID) {
	all := notice.Kind == subscriptions.Advisory
	var services []subscriptions.ServiceID
	for _, s := range n.Services {
		if !s.Retired && (all || s.Agency == notice.Agency) {
			services = append(services, s.ID)
		}
	}
	var platforms []subscriptions.PlatformID
	for _, p := range n.Platforms {
		if !p.Retired && (all || p.Operator == notice.Agency) {
			platforms = append(platforms, p.ID)
		}
	}
	return services, platforms
}
