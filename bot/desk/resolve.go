package desk

import (
	"context"
	"errors"
	"time"

	"arifa/subscriptions"
)

// Resolve ends an incident. Where nobody was told (or all that was told has been
// withdrawn) it is closed without a word; else it is Restore of everything that
// the agency claims.
func (d *Desk) Resolve(ctx context.Context, a Actor, in RestoreInput, now time.Time) (Outcome, error) {
	w := deed{actor: a, act: ActResolve, agency: in.Agency, subject: subjectOf("incident", in.Incident), asked: askedOf(in), now: now}
	out, err := d.resolve(ctx, &w, in)
	return out, d.settle(ctx, w, err)
}

func (d *Desk) resolve(ctx context.Context, w *deed, in RestoreInput) (Outcome, error) {
	var err error
	if w.agency, err = d.agencyFor(ctx, w.actor, in.Agency); err != nil {
		return Outcome{}, err
	}
	if err = d.begin(ctx, w); err != nil {
		return Outcome{}, err
	}
	s, err := d.look(ctx, subscriptions.Notice{Incident: in.Incident}, w.now)
	if err != nil {
		return Outcome{}, err
	}
	for _, t := range s.told {
		if t.Kind.Chain() && t.State != subscriptions.Withdrawn {
			in.Agency = w.agency
			return d.restore(ctx, w, in)
		}
	}
	i, err := d.change(ctx, w, in.Incident, in.Request, func(_ *subscriptions.Nation, i *subscriptions.Incident) (string, *Refusal) {
		if i.State.Over() {
			return "", no(6, "", "incident %d has ended", i.ID)
		}
		for k, c := range i.Claims {
			switch {
			case !c.EndedAt.IsZero():
			case c.Agency != w.agency:
				return "", no(4, "that agency ends its own claim", "%s claims something here too", c.Agency)
			default:
				i.Claims[k].EndedAt = w.now
			}
		}
		closeIncident(i, w.now)
		return "nobody was told", nil
	})
	if err == nil {
		d.ended(ctx, i, w.now)
	}
	return Outcome{Incident: i}, err
}

func closeIncident(i *subscriptions.Incident, now time.Time) {
	for k := range i.Services {
		i.Services[k].Failing, i.Services[k].Held = false, false
	}
	for k := range i.Holds {
		if i.Holds[k].ReleasedAt.IsZero() {
			i.Holds[k].ReleasedAt = now
		}
	}
	i.State, i.EndedAt, i.NextUpdate = over(i.Maintenance), now, time.Time{}
	endWays(i, now)
}

// Advance moves an incident to a later state without a notice; the next notice
// says it.
func (d *Desk) Advance(ctx context.Context, a Actor, id subscriptions.IncidentID, agency subscriptions.AgencyID, state subscriptions.IncidentState, now time.Time) (subscriptions.Incident, error) {
	w := deed{actor: a, act: ActAdvance, agency: agency, subject: subjectOf("incident", id), now: now}
	i, err := d.advance(ctx, &w, id, state)
	return i, d.settle(ctx, w, err)
}

func (d *Desk) advance(ctx context.Context, w *deed, id subscriptions.IncidentID, state subscriptions.IncidentState) (subscriptions.Incident, error) {
	var err error
	if w.agency, err = d.agencyFor(ctx, w.actor, w.agency); err != nil {
		return subscriptions.Incident{}, err
	}
	if err = d.begin(ctx, w); err != nil {
		return subscriptions.Incident{}, err
	}
	return d.change(ctx, w, id, "", func(_ *subscriptions.Nation, i *subscriptions.Incident) (string, *Refusal) {
		party := i.Owner == w.agency
		for _, c := range i.Claims {
			party = party || c.Agency == w.agency && c.Round == i.Round
		}
		switch {
		case !party:
			return "", no(4, "join it first", "%s has no part in incident %d", w.agency, i.ID)
		case state.Over() || i.State.Over():
			return "", no(6, "use restore", "an end is a notice of its own")
		case order(state, i.Maintenance) <= order(i.State, i.Maintenance):
			return "", no(0, "states only go forward", "incident %d is %s", i.ID, i.State)
		}
		i.State = state
		return string(state), nil
	})
}

// orNil joins the errors of jobs that do not stop each other.
func orNil(errs []error) error { return errors.Join(errs...) }
