package desk

import (
	"context"
	"slices"
	"time"

	"arifa/subscriptions"
)

// HoldInput says that own services still fail, whatever the operator claims.
type HoldInput struct {
	Incident subscriptions.IncidentID
	Agency   subscriptions.AgencyID
	Services []subscriptions.ServiceID
	Request  string
}

// Hold keeps services failing against a claim that all works again, until their
// agency releases them.
func (d *Desk) Hold(ctx context.Context, a Actor, in HoldInput, now time.Time) (subscriptions.Incident, error) {
	w := deed{actor: a, act: ActHold, agency: in.Agency, subject: subjectOf("incident", in.Incident), asked: askedOf(in), now: now}
	i, err := d.hold(ctx, &w, in)
	return i, d.settle(ctx, w, err)
}

func (d *Desk) hold(ctx context.Context, w *deed, in HoldInput) (subscriptions.Incident, error) {
	var err error
	if w.agency, err = d.agencyFor(ctx, w.actor, in.Agency); err != nil {
		return subscriptions.Incident{}, err
	}
	if err = d.begin(ctx, w); err != nil {
		return subscriptions.Incident{}, err
	}
	return d.change(ctx, w, in.Incident, in.Request, func(n *subscriptions.Nation, i *subscriptions.Incident) (string, *Refusal) {
		if len(in.Services) == 0 {
			return "", no(0, "name the services that still fail", "nothing is named")
		}
		for _, id := range in.Services {
			s, _ := n.Service(id)
			state, ok := i.Service(id)
			switch {
			case s.Agency != w.agency:
				return "", no(4, "its agency holds it", "%s is not %s's service", id, w.agency)
			case !ok || !state.Failing || i.State.Over():
				return "", no(6, "join the incident with it: that starts anew for its followers", "%s does not fail in incident %d any more", id, i.ID)
			}
			if !slices.ContainsFunc(i.Holds, func(h subscriptions.Hold) bool {
				return h.Service == id && h.Agency == w.agency && h.ReleasedAt.IsZero()
			}) {
				i.Holds = append(i.Holds, subscriptions.Hold{Service: id, Agency: w.agency, At: w.now})
			}
		}
		i.Services = derive(n, *i)
		return join(in.Services), nil
	})
}

// Release lifts holds. Where nothing else makes the services fail this is their
// end, and it is published as one: the agency's own word that they work again.
func (d *Desk) Release(ctx context.Context, a Actor, in RestoreInput, now time.Time) (Outcome, error) {
	w := deed{actor: a, act: ActRelease, agency: in.Agency, subject: subjectOf("incident", in.Incident), asked: askedOf(in), now: now}
	out, err := d.releaseHold(ctx, &w, in)
	return out, d.settle(ctx, w, err)
}

func (d *Desk) releaseHold(ctx context.Context, w *deed, in RestoreInput) (Outcome, error) {
	var err error
	if w.agency, err = d.agencyFor(ctx, w.actor, in.Agency); err != nil {
		return Outcome{}, err
	}
	if err = d.begin(ctx, w); err != nil {
		return Outcome{}, err
	}
	i, err := d.Store.Incident(ctx, in.Incident)
	if err != nil {
		return Outcome{}, asRefusal(err)
	}
	in.Agency, in.Platforms = w.agency, nil
	end, open := heldBy(i, w.agency, in.Services)
	switch {
	case len(end)+len(open) == 0:
		return Outcome{Incident: i}, no(6, "look at what is held with incident show", "%s holds none of these in incident %d", w.agency, i.ID)
	case len(end) > 0:
		in.Services = append(end, open...)
		if len(open) > 0 {
			return Outcome{Incident: i}, no(6, "release those first that nothing else makes fail: "+join(end), "%s fail by other claims too", join(open))
		}
		return d.restore(ctx, w, in)
	}
	i, err = d.change(ctx, w, in.Incident, in.Request, func(n *subscriptions.Nation, i *subscriptions.Incident) (string, *Refusal) {
		for _, id := range open {
			release(i, id, w.agency, w.now)
		}
		i.Services = derive(n, *i)
		return join(open), nil
	})
	return Outcome{Incident: i}, err
}

// releaseWaiting publishes the ends that waited for another incident: their
// operator has said that it works, and now nothing else affects them. It is safe
// to repeat: what was released is not found again.
func (d *Desk) releaseWaiting(ctx context.Context, now time.Time) error {
	live, err := d.Store.Incidents(ctx, now)
	if err != nil {
		return err
	}
	for _, i := range live {
		if i.State.Over() {
			continue
		}
		var free []subscriptions.ServiceID
		for _, h := range i.Holds {
			if h.Agency == "" && h.ReleasedAt.IsZero() && !elsewhere(live, i.ID, h.Service) && !slices.Contains(free, h.Service) {
				free = append(free, h.Service)
			}
		}
		if len(free) == 0 {
			continue
		}
		if err := d.endWaiting(ctx, i, free, now); err != nil && !isConflict(err) {
			return err
		}
	}
	return nil
}

// endOf is the word in whose name an end that waited is said, with the answers that
// its agency has given since: the newest end that stands of who may speak of all that
// waited, or else the owner's newest word. Another agency's answers are no word of
// theirs, and nobody has let them through for these people; what was stopped or
// withdrawn is said by nobody.
func endOf(s situation, waited []subscriptions.ServiceID) subscriptions.Notice {
	speaks := func(a subscriptions.AgencyID) bool {
		return !slices.ContainsFunc(waited, func(id subscriptions.ServiceID) bool {
			state, _ := s.incident.Service(id)
			return !spokeOf(s.nation, s.incident, state, a)
		})
	}
	var said subscriptions.Notice
	for _, t := range s.told {
		switch {
		case t.State != subscriptions.Published || !speaks(t.Agency):
		case t.Kind == subscriptions.Restored:
			said = t
		case t.Answers():
			if t.Agency == said.Agency {
				said.Slots, said.Author, said.Approver = t.Slots, t.Author, t.Approver
			}
		case said.Kind != subscriptions.Restored && (said.ID == 0 || t.Agency == s.incident.Owner):
			said, said.Slots = t, subscriptions.Slots{} // an alert has no answers
		}
	}
	if said.ID == 0 { // the operator's, whose claim it was
		said.Agency = s.incident.Owner
		for _, t := range s.told {
			if t.Agency == said.Agency || said.Author == 0 {
				said.Author = t.Author
			}
		}
	}
	return said
}

// endWaiting publishes the end of services in the name of those who said it.
func (d *Desk) endWaiting(ctx context.Context, i subscriptions.Incident, free []subscriptions.ServiceID, now time.Time) error {
	n := subscriptions.Notice{Incident: i.ID, Round: i.Round, Kind: subscriptions.Restored, State: subscriptions.Draft, CreatedAt: now}
	s, err := d.look(ctx, n, now)
	if err != nil {
		return err
	}
	said := endOf(s, free)
	n.Agency, n.Author, n.Approver = said.Agency, said.Author, said.Approver
	n.Slots = subscriptions.Slots{Landed: said.Slots.Landed, PayAgain: said.Slots.PayAgain, Moved: said.Slots.Moved}
	for _, a := range []*subscriptions.Answer{&n.Slots.Landed, &n.Slots.PayAgain, &n.Slots.Moved} {
		if a.Value == "" {
			*a = subscriptions.Answer{By: cut(now.Add(PromiseAfter))}
		}
	}
	p := plan{after: clone(s.incident), slots: n.Slots}
	for _, id := range free {
		release(&p.after, id, "", now)
	}
	p.after.Services = derive(s.nation, p.after)
	if p.services = inOrder(s.nation, minus(s.incident.Failing(), p.after.Failing())); len(p.services) == 0 {
		return d.storeRelease(ctx, p.after, free, now)
	}
	n.Slots.Services, p.slots.Services = p.services, p.services
	endIncident(s, n, &p.after)
	p.audience = subscriptions.AudienceOf(s.nation, p.services, endedPlatforms(s.incident, p.services))
	return d.sayByItself(ctx, n, s, p, fmtTick("waiting", i.ID, i.Revision))
}

// storeRelease lifts holds of services that fail for another reason still.
func (d *Desk) storeRelease(ctx context.Context, i subscriptions.Incident, free []subscriptions.ServiceID, now time.Time) error {
	w := deed{act: ActRelease, agency: i.Owner, subject: subjectOf("incident", i.ID), now: now}
	_, err := d.Store.Commit(ctx, subscriptions.Change{Incident: &i, Line: w.line("no other incident affects " + join(free)), Now: now})
	return err
}
