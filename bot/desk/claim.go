package desk

import (
	"slices"
	"time"

	"arifa/subscriptions"
)

// claimInput is what an agency says is broken.
type claimInput struct {
	agency    subscriptions.AgencyID
	platforms []subscriptions.PlatformID
	services  []subscriptions.ServiceID
	impact    subscriptions.Impact
	suspected subscriptions.PlatformID
	since     time.Time
	planned   bool // for a maintenance
}

// check holds a claim against the catalogue: an agency speaks for its own
// services and platforms, and names another's platform as suspected at most.
func (c claimInput) check(n *subscriptions.Nation, now time.Time) *Refusal {
	if len(c.platforms)+len(c.services) == 0 {
		return no(0, "name platforms or services", "nothing is named")
	}
	if c.impact != "" && c.impact != subscriptions.Blocked && c.impact != subscriptions.Degraded {
		return no(0, "use blocked or degraded", "there is no impact %q", c.impact)
	}
	if r := checkSince(c.since, time.Time{}, now); r != nil && !c.planned {
		return r
	}
	for _, id := range c.platforms {
		p, ok := n.Platform(id)
		switch {
		case !ok || p.Retired:
			return no(0, "look it up in the catalogue", "there is no platform %q", id)
		case p.Operator != c.agency:
			return no(4, "name your own services and "+string(id)+" as suspected", "%s is %s's platform: %s may not say that it is down", id, p.Operator, c.agency)
		}
	}
	for _, id := range c.services {
		s, ok := n.Service(id)
		switch {
		case !ok || s.Retired:
			return no(0, "look it up in the catalogue", "there is no service %q", id)
		case s.Agency != c.agency:
			return no(4, "its agency speaks for it", "%s is %s's service, not %s's", id, s.Agency, c.agency)
		}
	}
	return c.checkSuspected(n)
}

func (c claimInput) checkSuspected(n *subscriptions.Nation) *Refusal {
	if c.suspected == "" {
		return nil
	}
	p, ok := n.Platform(c.suspected)
	switch {
	case !ok || p.Retired:
		return no(0, "look it up in the catalogue", "there is no platform %q", c.suspected)
	case len(c.services) == 0:
		return no(4, "name your own services that fail", "a suspicion alone is no incident")
	case p.Operator == c.agency:
		return no(4, "name it as broken", "%s is your own platform", c.suspected)
	}
	return nil
}

// claims makes the claims of one round.
func (c claimInput) claims(round int, now time.Time) []subscriptions.Claim {
	impact := c.impact
	if impact == "" {
		impact = subscriptions.Blocked
	}
	var out []subscriptions.Claim
	for _, id := range c.platforms {
		out = append(out, subscriptions.Claim{Agency: c.agency, Platform: id, Impact: impact, At: now, Since: c.since, Round: round})
	}
	for _, id := range c.services {
		out = append(out, subscriptions.Claim{Agency: c.agency, Service: id, Impact: impact, Suspected: c.suspected, At: now, Since: c.since, Round: round})
	}
	return out
}

// free refuses a platform that another live incident claims, with a pointer. A
// trouble may begin on a platform that has a maintenance, and the other way round.
func (c claimInput) free(live []subscriptions.Incident, self subscriptions.IncidentID) *Refusal {
	for _, i := range live {
		if i.ID == self || i.State.Over() || i.Maintenance != c.planned {
			continue
		}
		for _, id := range c.platforms {
			if slices.Contains(i.Platforms(), id) {
				return no(4, c.pointer(i), "%s has incident %d already", id, i.ID)
			}
		}
	}
	return nil
}

// taken refuses what a live incident is about already.
func (c claimInput) taken(live []subscriptions.Incident) *Refusal {
	if r := c.free(live, 0); r != nil {
		return r
	}
	return c.told(live)
}

// told refuses services that fail in a live incident already: joined incidents
// are one.
func (c claimInput) told(live []subscriptions.Incident) *Refusal {
	for _, i := range live {
		if i.State.Over() || i.State == subscriptions.Scheduled {
			continue
		}
		for _, id := range c.services {
			if s, ok := i.Service(id); ok && s.Failing {
				return no(4, c.pointer(i), "%s fails in incident %d already", id, i.ID)
			}
		}
		if c.suspected != "" && slices.Contains(i.Platforms(), c.suspected) {
			return no(4, c.pointer(i), "%s has incident %d already", c.suspected, i.ID)
		}
	}
	return nil
}

// pointer says what to do with the incident that is in the way: one's own is not
// joined, it is spoken of.
func (c claimInput) pointer(i subscriptions.Incident) string {
	this := subjectOf("incident", i.ID)
	own := slices.ContainsFunc(i.Claims, func(m subscriptions.Claim) bool { return m.Agency == c.agency && m.EndedAt.IsZero() })
	switch {
	case i.State == subscriptions.Scheduled:
		return "its maintenance is planned there: if it has begun, advance " + this + " to in_progress"
	case own && i.FirstNotice == 0:
		return this + " is your own and nobody has been told of it: publish its first notice"
	case own:
		return this + " is your own: publish an update on it"
	}
	return "join " + this + " instead"
}

// endedAgain refuses what has ended in the present round of an incident that goes on:
// its followers have had their one end.
func endedAgain(before, after subscriptions.Incident) *Refusal {
	var again []subscriptions.ServiceID
	for _, s := range after.Services {
		was, ok := before.Service(s.Service)
		if ok && s.Failing && s.Confirmed && !was.Failing && was.Confirmed && was.Round == before.Round {
			again = append(again, s.Service)
		}
	}
	if len(again) == 0 {
		return nil
	}
	return no(6, "open a new incident for what fails again", "followers of %s have read the end in this round", join(again))
}
