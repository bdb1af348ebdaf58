package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// endFlags are an incident, what of it ends, and the three answers.
type endFlags struct {
	Incident subscriptions.IncidentID `arg:"" help:"Number of the incident."`
	whoFlags
	answerFlags
	sureFlag
}

// end is one of the desk's ways to say that something works again.
type end func(d *desk.Desk, ctx context.Context, a desk.Actor, in desk.RestoreInput, now time.Time) (desk.Outcome, error)

// foresee shows what an end would say.
type foresee func(d *desk.Desk, ctx context.Context, a desk.Actor, in desk.RestoreInput, now time.Time) (desk.Preview, error)

func (c *endFlags) by(a *app, do end, show foresee) error {
	return a.acting(func(o *office) error {
		told, err := o.toldOf(a.ctx, c.Incident)
		if err != nil {
			return err
		}
		in, err := c.restore(o, c.Incident, c.whoFlags, told)
		if err != nil {
			return err
		}
		if told { // else there is nobody to tell
			if err := c.sure(a, o, c.Request, func() (desk.Preview, error) { return show(o.desk, a.ctx, o.actor, in, o.now) }); err != nil {
				return err
			}
		}
		out, err := do(o.desk, a.ctx, o.actor, in, o.now)
		if err != nil {
			return err
		}
		return a.published(o, out)
	})
}

// toldOf reports whether people were told of an incident, and of more than that it
// was a mistake: where nobody was there is nobody to answer.
func (o *office) toldOf(ctx context.Context, id subscriptions.IncidentID) (bool, error) {
	_, err := o.desk.Incident(ctx, id)
	if errors.Is(err, subscriptions.ErrNotFound) {
		return false, noIncident(id)
	}
	if err != nil {
		return false, err
	}
	said, err := o.desk.Notices(ctx, id, subscriptions.Published, subscriptions.Stopped)
	return slices.ContainsFunc(said, func(n subscriptions.Notice) bool { return n.Kind.Chain() && !n.PublishedAt.IsZero() }), err
}

func noIncident(id subscriptions.IncidentID) error {
	return fmt.Errorf("no incident %d; \"arifa incident list\" shows them", id)
}

type incidentReleaseCmd struct{ endFlags }

func (c *incidentReleaseCmd) Run(a *app) error {
	return c.by(a, (*desk.Desk).Release, (*desk.Desk).PreviewRelease)
}

type incidentResolveCmd struct{ endFlags }

func (c *incidentResolveCmd) Run(a *app) error {
	return c.by(a, (*desk.Desk).Resolve, (*desk.Desk).PreviewRestore)
}
