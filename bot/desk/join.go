package desk

import (
	"context"
	"slices"
	"time"

	"arifa/subscriptions"
)

// JoinInput adds one more body's word to an incident.
type JoinInput struct {
	Incident  subscriptions.IncidentID
	Agency    subscriptions.AgencyID
	Platforms []subscriptions.PlatformID
	Services  []subscriptions.ServiceID
	Impact    subscriptions.Impact
	Suspected subscriptions.PlatformID
	Since     time.Time // zero = now
	// Own: the trouble of a service that fails already is the agency's own too, and
	// does not end before the agency says so. Without it the agency's word is
	// recorded, and the service comes back with its platform.
	Own bool
	// Record writes the word down only: an incident that has ended stays ended.
	Record  bool
	Request string
}

// Join adds platforms or services to an incident: joined incidents are one. An
// incident that has ended starts a new round for what is named alone.
func (d *Desk) Join(ctx context.Context, a Actor, in JoinInput, now time.Time) (subscriptions.Incident, error) {
	w := deed{actor: a, act: ActJoin, agency: in.Agency, subject: subjectOf("incident", in.Incident), asked: askedOf(in), now: now}
	i, err := d.join(ctx, &w, in)
	return i, d.settle(ctx, w, err)
}

func (d *Desk) join(ctx context.Context, w *deed, in JoinInput) (subscriptions.Incident, error) {
	none := subscriptions.Incident{}
	var err error
	if w.agency, err = d.agencyFor(ctx, w.actor, in.Agency); err != nil {
		return none, err
	}
	if err = d.begin(ctx, w); err != nil {
		return none, err
	}
	if in.Since.IsZero() {
		in.Since = w.now
	}
	if before, ok, err := d.seen(ctx, w, w.actor.request(string(w.act), in.Request)); err != nil || ok {
		if err != nil {
			return none, err
		}
		return d.Store.Incident(ctx, before.Incident.ID)
	}
	live, err := d.Store.Incidents(ctx, w.now)
	if err != nil {
		return none, err
	}
	c := claimInput{w.agency, in.Platforms, in.Services, in.Impact, in.Suspected, cut(in.Since), false}
	return d.change(ctx, w, in.Incident, in.Request, func(n *subscriptions.Nation, i *subscriptions.Incident) (string, *Refusal) {
		if r := c.check(n, w.now); r != nil {
			return "", r
		}
		c.planned = i.Maintenance
		if r := c.free(live, i.ID); r != nil && !in.Record {
			return "", r
		}
		return c.joinTo(n, i, in, w.now)
	})
}

func (c claimInput) joinTo(n *subscriptions.Nation, i *subscriptions.Incident, in JoinInput, now time.Time) (string, *Refusal) {
	detail := join(c.platforms) + " " + join(c.services)
	switch {
	case in.Record:
		i.Claims = append(i.Claims, words(c.claims(i.Round, now), now)...)
		return "recorded " + detail, nil
	case i.State.Over():
		reopen(n, i, now)
		i.Since, i.SinceApprox = c.since, false
		i.Claims = append(i.Claims, c.claims(i.Round, now)...)
		i.Services = derive(n, *i)
		return "new round " + detail, nil
	}
	before := clone(*i)
	for _, claim := range c.claims(i.Round, now) {
		if slices.Contains(i.Platforms(), claim.Platform) && claim.Platform != "" {
			return "", no(4, "publish an update", "%s is named as broken already", claim.Platform)
		}
		if s, ok := i.Service(claim.Service); ok && s.Failing && s.Confirmed && !in.Own {
			claim.EndedAt = now
		}
		i.Claims = append(i.Claims, claim)
	}
	i.Services = derive(n, *i)
	takeOver(n, i, c, now)
	i.Services = derive(n, *i)
	return detail, endedAgain(before, *i)
}

// words turns claims into words that keep nothing open.
func words(claims []subscriptions.Claim, now time.Time) []subscriptions.Claim {
	for k := range claims {
		claims[k].EndedAt = now
	}
	return claims
}

// takeOver: an operator says "it is ours". What others claimed for their own
// services because they suspected this platform now fails through it, and comes
// back with it.
func takeOver(n *subscriptions.Nation, i *subscriptions.Incident, c claimInput, now time.Time) {
	broken := map[subscriptions.PlatformID]subscriptions.Impact{}
	for _, id := range c.platforms {
		broken[id] = subscriptions.Blocked
	}
	through := map[subscriptions.ServiceID]bool{}
	for _, r := range n.Reach(broken, nil) {
		through[r.Service] = r.Confirmed
	}
	for k, claim := range i.Claims {
		if claim.EndedAt.IsZero() && through[claim.Service] && slices.Contains(c.platforms, claim.Suspected) {
			i.Claims[k].EndedAt = now
		}
	}
}

// reopen starts the next round of an incident that has ended.
func reopen(n *subscriptions.Nation, i *subscriptions.Incident, now time.Time) {
	i.Round++
	i.State = subscriptions.Investigating
	if i.Maintenance {
		i.State = subscriptions.InProgress
	}
	i.EndedAt, i.NextUpdate, i.FirstNotice = time.Time{}, time.Time{}, 0
	for k := range i.Holds {
		if i.Holds[k].ReleasedAt.IsZero() {
			i.Holds[k].ReleasedAt = now
		}
	}
	for k := range i.Ways {
		if i.Ways[k].EndedAt.IsZero() {
			i.Ways[k].EndedAt = now
		}
	}
	// A service that came back alone in the last round fails again with its
	// platform; a guess that an officer denied stays denied.
	i.Ticks = slices.DeleteFunc(i.Ticks, func(t subscriptions.Tick) bool {
		s, ok := n.Service(t.Service)
		return ok && !t.Affected && len(s.DependencyVerify) == 0
	})
}

// ReopenInput says what of an ended incident fails again.
type ReopenInput struct {
	Incident  subscriptions.IncidentID
	Agency    subscriptions.AgencyID
	Platforms []subscriptions.PlatformID // with Services empty too: all that the agency claimed
	Services  []subscriptions.ServiceID
	Impact    subscriptions.Impact
	Since     time.Time // zero = now
	Request   string
}

// Reopen starts a new round of an ended incident, for all that the agency had
// claimed in the last one or for what is named.
func (d *Desk) Reopen(ctx context.Context, a Actor, in ReopenInput, now time.Time) (subscriptions.Incident, error) {
	w := deed{actor: a, act: ActReopen, agency: in.Agency, subject: subjectOf("incident", in.Incident), asked: askedOf(in), now: now}
	i, err := d.reopen(ctx, &w, in)
	return i, d.settle(ctx, w, err)
}

func (d *Desk) reopen(ctx context.Context, w *deed, in ReopenInput) (subscriptions.Incident, error) {
	none := subscriptions.Incident{}
	var err error
	if w.agency, err = d.agencyFor(ctx, w.actor, in.Agency); err != nil {
		return none, err
	}
	if err = d.begin(ctx, w); err != nil {
		return none, err
	}
	if in.Since.IsZero() {
		in.Since = w.now
	}
	if before, ok, err := d.seen(ctx, w, w.actor.request(string(w.act), in.Request)); err != nil || ok {
		if err != nil {
			return none, err
		}
		return d.Store.Incident(ctx, before.Incident.ID)
	}
	live, err := d.Store.Incidents(ctx, w.now)
	if err != nil {
		return none, err
	}
	return d.change(ctx, w, in.Incident, in.Request, func(n *subscriptions.Nation, i *subscriptions.Incident) (string, *Refusal) {
		if !i.State.Over() {
			return "", no(6, "open a new incident for what came back and fails again", "incident %d has not ended for others", i.ID)
		}
		c := claimInput{w.agency, in.Platforms, in.Services, in.Impact, "", cut(in.Since), i.Maintenance}
		if len(c.platforms)+len(c.services) == 0 {
			c.lastRound(*i)
		}
		if r := c.check(n, w.now); r != nil {
			return "", r
		}
		if r := c.taken(live); r != nil {
			return "", r
		}
		reopen(n, i, w.now)
		i.Since, i.SinceApprox = c.since, false
		i.Claims = append(i.Claims, c.claims(i.Round, w.now)...)
		i.Services = derive(n, *i)
		return join(c.platforms) + " " + join(c.services), nil
	})
}

// lastRound names what the agency claimed in the round that ended.
func (c *claimInput) lastRound(i subscriptions.Incident) {
	for _, claim := range i.Claims {
		if claim.Agency != c.agency || claim.Round != i.Round {
			continue
		}
		if claim.Platform != "" && !slices.Contains(c.platforms, claim.Platform) {
			c.platforms = append(c.platforms, claim.Platform)
		}
		if claim.Service != "" && !slices.Contains(c.services, claim.Service) {
			c.services = append(c.services, claim.Service)
		}
	}
}
