package desk

import (
	"context"
	"slices"
	"time"

	"arifa/subscriptions"
)

// ConfirmInput is an officer's tick on unconfirmed dependencies.
type ConfirmInput struct {
	Incident subscriptions.IncidentID
	Agency   subscriptions.AgencyID // the services' or the platform's operator
	Services []subscriptions.ServiceID
	Affected bool
	Request  string
}

// Confirm says whether services that might depend on what is broken are
// affected. Those that are are told at once, where others have been told.
func (d *Desk) Confirm(ctx context.Context, a Actor, in ConfirmInput, now time.Time) (Outcome, error) {
	w := deed{actor: a, act: ActConfirm, agency: in.Agency, subject: subjectOf("incident", in.Incident), asked: askedOf(in), now: now}
	out, err := d.confirm(ctx, &w, in)
	return out, d.settle(ctx, w, err)
}

func (d *Desk) confirm(ctx context.Context, w *deed, in ConfirmInput) (Outcome, error) {
	var err error
	if w.agency, err = d.agencyFor(ctx, w.actor, in.Agency); err != nil {
		return Outcome{}, err
	}
	if err = d.begin(ctx, w); err != nil {
		return Outcome{}, err
	}
	var fresh []subscriptions.ServiceID
	i, err := d.change(ctx, w, in.Incident, in.Request, func(n *subscriptions.Nation, i *subscriptions.Incident) (string, *Refusal) {
		var r *Refusal
		fresh, r = tick(n, i, in, w)
		word := "not affected: "
		if in.Affected {
			word = "affected: "
		}
		return word + join(in.Services), r
	})
	out := Outcome{Incident: i}
	if err != nil || !in.Affected || i.State.Over() {
		return out, err
	}
	return d.tellLate(ctx, w, i, intersect(fresh, i.Failing()), out)
}

func tick(n *subscriptions.Nation, i *subscriptions.Incident, in ConfirmInput, w *deed) ([]subscriptions.ServiceID, *Refusal) {
	if len(in.Services) == 0 {
		return nil, no(0, "name the services", "nothing is named")
	}
	for _, id := range in.Services {
		state, ok := i.Service(id)
		switch {
		case ok && !mayTick(n, state, w.agency):
			return nil, no(4, "its agency or the platform's operator ticks it", "%s is not for %s to say", id, w.agency)
		case ok && state.Failing && state.Confirmed && in.Affected:
			continue // said before
		case ok && state.Failing && state.Confirmed:
			return nil, no(6, "say that it works with restore", "%s was confirmed, and its followers told", id)
		case !ok, !state.Failing && in.Affected && state.Confirmed:
			return nil, no(3, "join the incident with it", "%s does not wait for a tick in incident %d", id, i.ID)
		}
		i.Ticks = append(i.Ticks, subscriptions.Tick{Service: id, Affected: in.Affected, By: w.actor.Officer.ID, At: w.now})
	}
	i.Services = derive(n, *i)
	return in.Services, nil
}

func mayTick(n *subscriptions.Nation, s subscriptions.ServiceState, agency subscriptions.AgencyID) bool {
	if svc, _ := n.Service(s.Service); svc.Agency == agency {
		return true
	}
	return slices.ContainsFunc(s.Via, func(id subscriptions.PlatformID) bool {
		p, _ := n.Platform(id)
		return p.Operator == agency
	})
}

// tellLate brings the first notice to followers of services that were confirmed
// after it: the same facts, for these services.
func (d *Desk) tellLate(ctx context.Context, w *deed, i subscriptions.Incident, services []subscriptions.ServiceID, out Outcome) (Outcome, error) {
	s, err := d.look(ctx, subscriptions.Notice{Incident: i.ID}, w.now)
	if err != nil {
		return out, err
	}
	n, tells := late(s, w, services)
	if !tells {
		return out, nil
	}
	if n, err = d.insert(ctx, w, n, ""); err != nil {
		return out, err
	}
	n, s, p, err := d.prepare(ctx, w, n)
	if err != nil {
		return out, err
	}
	n.SubmittedAt = w.now
	told, err := d.release(ctx, w, n, s, p, "")
	if err != nil {
		return out, asRefusal(err)
	}
	return told, nil
}

// late is the notice that tellLate publishes, or that there is nobody to tell.
func late(s situation, w *deed, services []subscriptions.ServiceID) (subscriptions.Notice, bool) {
	i := s.incident
	n := subscriptions.Notice{
		Incident: i.ID, Round: i.Round, Kind: subscriptions.Outage, Agency: w.agency, State: subscriptions.Draft,
		Author: w.actor.Officer.ID, CreatedAt: w.now,
	}
	known := toldServices(s.told)
	if services = minus(services, known); len(services) == 0 || len(known) == 0 {
		return n, false
	}
	if i.Maintenance {
		n.Kind = subscriptions.Maintenance
	}
	n.Slots = subscriptions.Slots{Services: services, NextUpdate: i.NextUpdate, StartsAt: i.StartsAt, EndsAt: i.EndsAt, Cause: s.told[len(s.told)-1].Slots.Cause}
	if !n.Slots.NextUpdate.After(w.now) {
		n.Slots.NextUpdate = cut(w.now.Add(PromiseAfter))
	}
	return n, true
}
