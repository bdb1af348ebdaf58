package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"arifa/subscriptions"
)

// OpenInput is a new trouble or a planned maintenance.
type OpenInput struct {
	Agency    subscriptions.AgencyID
	Platforms []subscriptions.PlatformID // the agency's own
	Services  []subscriptions.ServiceID  // the agency's own
	Impact    subscriptions.Impact       // empty = blocked
	// Suspected is another body's platform, named as suspected beside own services.
	Suspected        subscriptions.PlatformID
	Since            time.Time // zero = now
	SinceApprox      bool
	Maintenance      bool
	StartsAt, EndsAt time.Time // of a maintenance
	Request          string
}

// Open stores a new incident. Nobody is told before its first notice.
func (d *Desk) Open(ctx context.Context, a Actor, in OpenInput, now time.Time) (subscriptions.Incident, error) {
	w := deed{actor: a, act: ActOpen, agency: in.Agency, subject: join(in.Platforms) + join(in.Services), asked: askedOf(in), now: now}
	i, err := d.open(ctx, &w, in)
	return i, d.settle(ctx, w, err)
}

func (d *Desk) open(ctx context.Context, w *deed, in OpenInput) (subscriptions.Incident, error) {
	none := subscriptions.Incident{}
	var err error
	if w.agency, err = d.agencyFor(ctx, w.actor, in.Agency); err != nil {
		return none, err
	}
	if err = d.begin(ctx, w); err != nil {
		return none, err
	}
	n, err := d.Nation(ctx)
	if err != nil {
		return none, err
	}
	c := in.claim(w.agency, w.now)
	i, r := newIncident(n, c, in, w.now)
	if r != nil {
		return none, r
	}
	request := w.actor.request(string(ActOpen), in.Request)
	live, err := d.Store.Incidents(ctx, w.now)
	if err != nil {
		return none, err
	}
	if r := c.taken(live); r != nil {
		before, ok, err := d.seen(ctx, w, request)
		switch {
		case err != nil:
			return none, err
		case ok && before.Incident != nil: // what is in the way is its own
			return d.Store.Incident(ctx, before.Incident.ID)
		}
		return none, r
	}
	asked := d.askAbout(ctx, n, subscriptions.Incident{}, i, w)
	if err := d.nameApart(asked); err != nil {
		return none, err
	}
	stored, err := d.commit(ctx, w, subscriptions.Change{
		Request: request, Incident: &i, Summons: rows(asked), Now: w.now,
		Line: w.line(string(i.State) + " " + join(in.Platforms) + " " + join(in.Services)),
	})
	if err == nil && stored.Repeated {
		return d.Store.Incident(ctx, stored.Incident.ID)
	}
	if errors.Is(err, subscriptions.ErrExists) {
		err = d.pointTo(ctx, c, w.now)
	}
	if err != nil {
		return none, asRefusal(err)
	}
	for k := range asked {
		asked[k].Incident = stored.Incident.ID
	}
	d.called(asked)
	return *stored.Incident, nil
}

// nameApart keeps the events of one new incident from those of another: neither
// has a number yet.
func (d *Desk) nameApart(all []summoned) error {
	for k := range all {
		apart, err := d.secret(10)
		if err != nil {
			return err
		}
		all[k].store.Event += "/" + apart
	}
	return nil
}

// claim is what an agency claims with a new incident.
func (in OpenInput) claim(agency subscriptions.AgencyID, now time.Time) claimInput {
	if in.Since.IsZero() {
		in.Since = now
	}
	return claimInput{agency, in.Platforms, in.Services, in.Impact, in.Suspected, cut(in.Since), in.Maintenance}
}

func newIncident(n *subscriptions.Nation, c claimInput, in OpenInput, now time.Time) (subscriptions.Incident, *Refusal) {
	i := subscriptions.Incident{
		State: subscriptions.Investigating, Round: 1, Owner: c.agency, OpenedAt: now, Since: c.since, SinceApprox: in.SinceApprox,
	}
	if in.Maintenance {
		i.Maintenance, i.StartsAt, i.EndsAt = true, cut(in.StartsAt), cut(in.EndsAt)
		if r := checkPlan(i.StartsAt, i.EndsAt, subscriptions.Incident{}, now); r != nil {
			return i, r
		}
		i.Since, c.since, i.State = i.StartsAt, time.Time{}, subscriptions.Scheduled
		switch {
		case i.StartsAt.IsZero() || !i.EndsAt.After(i.StartsAt):
			return i, no(0, "give the planned start and end", "a maintenance has a start and an end after it")
		case !i.EndsAt.After(now):
			return i, no(0, "open an outage, or give other times", "the planned end has passed")
		case !i.StartsAt.After(now):
			i.State = subscriptions.InProgress
		}
	}
	if r := c.check(n, now); r != nil {
		return i, r
	}
	i.Claims = c.claims(1, now)
	i.Services = derive(n, i)
	if len(i.Services) == 0 {
		return i, no(3, "name the services themselves", "no service of the catalogue depends on it")
	}
	return i, nil
}

// pointTo finds the live incident that stands in the way.
func (d *Desk) pointTo(ctx context.Context, c claimInput, now time.Time) error {
	live, err := d.Store.Incidents(ctx, now)
	if err != nil {
		return err
	}
	if r := c.free(live, 0); r != nil {
		return r
	}
	return no(4, "look at the live incidents and join one", "one of these platforms has a live incident already")
}

// askAbout calls those who must say something about an incident: operators of
// suspected platforms, and both sides of dependencies that nobody has confirmed.
func (d *Desk) askAbout(ctx context.Context, n *subscriptions.Nation, before, i subscriptions.Incident, w *deed) (out []summoned) {
	for _, c := range i.Claims {
		if p, ok := n.Platform(c.Suspected); ok && c.EndedAt.IsZero() && c.At.Equal(w.now) {
			out = append(out, d.summon(ctx, Event{Kind: EventSuspected, Agency: p.Operator, Incident: i.ID, Platform: p.ID, At: w.now}, w.actor.Officer.ID))
		}
	}
	asked := map[subscriptions.AgencyID][]subscriptions.ServiceID{}
	for _, id := range minus(i.Unconfirmed(), before.Unconfirmed()) {
		state, _ := i.Service(id)
		s, _ := n.Service(id)
		agencies := []subscriptions.AgencyID{s.Agency}
		for _, v := range state.Via {
			if p, _ := n.Platform(v); !slices.Contains(agencies, p.Operator) {
				agencies = append(agencies, p.Operator)
			}
		}
		for _, a := range agencies {
			asked[a] = append(asked[a], id)
		}
	}
	for _, a := range n.Agencies {
		if len(asked[a.ID]) > 0 {
			out = append(out, d.summon(ctx, Event{Kind: EventConfirm, Agency: a.ID, Incident: i.ID, Services: asked[a.ID], At: w.now}))
		}
	}
	return out
}

// change reads an incident, lets decide change a copy of it, and commits it with
// the audit line. A lost race is tried again.
func (d *Desk) change(ctx context.Context, w *deed, id subscriptions.IncidentID, request string, decide func(n *subscriptions.Nation, i *subscriptions.Incident) (detail string, r *Refusal)) (subscriptions.Incident, error) {
	n, err := d.Nation(ctx)
	if err != nil {
		return subscriptions.Incident{}, err
	}
	for try := 0; ; try++ {
		before, err := d.Store.Incident(ctx, id)
		if err != nil {
			return before, asRefusal(err)
		}
		after := clone(before)
		detail, r := decide(n, &after)
		if r != nil {
			return before, r
		}
		asked := d.askAbout(ctx, n, before, after, w)
		c, err := d.commit(ctx, w, subscriptions.Change{
			Request: w.actor.request(string(w.act), request), Incident: &after, Summons: rows(asked), Line: w.line(detail), Now: w.now,
		})
		if errors.Is(err, subscriptions.ErrConflict) && try < 3 {
			continue
		}
		if errors.Is(err, subscriptions.ErrExists) {
			return before, no(4, "join that incident instead", "one of these platforms has a live incident already")
		}
		if err != nil {
			return before, asRefusal(err)
		}
		if !c.Repeated {
			d.called(asked)
		}
		return *c.Incident, nil
	}
}
