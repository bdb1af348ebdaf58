package main

import (
	"fmt"
	"io"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

type incidentCmd struct {
	Open    incidentOpenCmd    `cmd:"" help:"Open a trouble or a maintenance; with --publish its first notice goes out at once."`
	Join    incidentJoinCmd    `cmd:"" help:"Add your agency, platforms or services to an incident."`
	Hold    incidentHoldCmd    `cmd:"" help:"Still failing here: your services do not end with the others."`
	Release incidentReleaseCmd `cmd:"" help:"End a hold: your services work again."`
	Confirm incidentConfirmCmd `cmd:"" help:"Say whether services with an unconfirmed dependency are affected."`
	List    incidentListCmd    `cmd:"" help:"List live incidents and those of the last days."`
	Show    incidentShowCmd    `cmd:"" help:"Show one incident: claims, services, other ways, notices."`
	Resolve incidentResolveCmd `cmd:"" help:"End an incident; whoever was told hears it."`
	Reopen  incidentReopenCmd  `cmd:"" help:"It fails again: start a new round."`
}

// whoFlags say for whom and on what an officer acts.
type whoFlags struct {
	Agency    string                     `placeholder:"ID" help:"Agency you speak for (default: your only one)."`
	Platforms []subscriptions.PlatformID `placeholder:"ID,…" help:"Platforms, by id."`
	Services  []subscriptions.ServiceID  `placeholder:"ID,…" help:"Services, by id."`
	Request   string                     `placeholder:"KEY" help:"Idempotency key: the same key does it once, however often it is repeated."`
}

type incidentOpenCmd struct {
	whoFlags
	Impact      string                   `enum:"blocked,degraded" default:"blocked" help:"blocked or degraded."`
	Suspected   subscriptions.PlatformID `placeholder:"ID" help:"Another agency's platform that you suspect; it is asked at once."`
	Since       string                   `placeholder:"TIME" help:"When it began: 06:00, 2025-01-03 06:00 or -30m (default: now)."`
	About       bool                     `help:"The time is approximate."`
	Maintenance bool                     `help:"Planned work instead of a trouble; needs --starts."`
	Starts      string                   `placeholder:"TIME" help:"When the work starts."`
	Ends        string                   `placeholder:"TIME" help:"When it is planned to end."`
	Publish     bool                     `help:"Publish the first notice at once (one officer, no free text)."`
	NextUpdate  string                   `placeholder:"TIME" help:"With --publish: when the next update is promised (default +2h)."`
	sureFlag
}

func (c *incidentOpenCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		in, err := c.input(o)
		if err != nil {
			return err
		}
		next, err := o.when("next-update", c.NextUpdate)
		if err != nil {
			return err
		}
		first := desk.DraftInput{Kind: c.firstKind(), Agency: in.Agency, Slots: subscriptions.Slots{NextUpdate: next}}
		if c.Publish {
			if err := c.foresee(a, o, in, first); err != nil {
				return err
			}
		}
		inc, err := o.desk.Open(a.ctx, o.actor, in, o.now)
		if err != nil {
			return err
		}
		if !c.Publish {
			return a.print(inc, func(w io.Writer) {
				fmt.Fprintf(w, "Incident %d is open. %s\n", inc.ID, o.affected(inc))
				fmt.Fprintf(w, "Nobody has been told yet. Publish the first notice:\n  arifa notice publish --incident %d --kind %s\n", inc.ID, firstKind(inc))
			})
		}
		request := ""
		if c.Request != "" {
			request = c.Request + ":notice"
		}
		first.Incident = inc.ID
		out, err := o.desk.Publish(a.ctx, o.actor, desk.PublishInput{Request: request, Draft: &first}, o.now)
		if err != nil {
			return err
		}
		return a.published(o, out)
	})
}

// foresee refuses, before anything is opened, a first notice that would be refused
// after it, and shows its words on a terminal. An incident without its first word
// would stand in the way of the next try. A request that was carried out before is
// not asked about again.
func (c *incidentOpenCmd) foresee(a *app, o *office, in desk.OpenInput, first desk.DraftInput) error {
	if c.Request != "" {
		if _, done, err := o.desk.Opened(a.ctx, o.actor, in, o.now); err != nil || done {
			return err
		}
	}
	p, err := o.desk.PreviewOpen(a.ctx, o.actor, in, first, o.now)
	if err != nil {
		return err
	}
	return c.sure(a, o, "", func() (desk.Preview, error) { return p, nil })
}

func (c *incidentOpenCmd) input(o *office) (desk.OpenInput, error) {
	in := desk.OpenInput{Platforms: c.Platforms, Services: c.Services, Impact: subscriptions.Impact(c.Impact), Suspected: c.Suspected,
		SinceApprox: c.About, Maintenance: c.Maintenance, Request: c.Request}
	var err error
	if in.Agency, err = o.agency(c.Agency); err != nil {
		return in, err
	}
	for _, t := range []struct {
		flag, text string
		into       *time.Time
	}{{"since", c.Since, &in.Since}, {"starts", c.Starts, &in.StartsAt}, {"ends", c.Ends, &in.EndsAt}} {
		if *t.into, err = o.when(t.flag, t.text); err != nil {
			return in, err
		}
	}
	if in.Since.IsZero() && !c.Maintenance {
		in.Since = o.now
	}
	return in, nil
}

func (c *incidentOpenCmd) firstKind() subscriptions.Kind {
	return firstKind(subscriptions.Incident{Maintenance: c.Maintenance})
}

func firstKind(i subscriptions.Incident) subscriptions.Kind {
	if i.Maintenance {
		return subscriptions.Maintenance
	}
	return subscriptions.Outage
}

type incidentJoinCmd struct {
	Incident subscriptions.IncidentID `arg:"" help:"Number of the incident."`
	whoFlags
	Impact    string                   `enum:"blocked,degraded" default:"blocked" help:"blocked or degraded."`
	Suspected subscriptions.PlatformID `placeholder:"ID" help:"Another agency's platform that you suspect."`
	Since     string                   `placeholder:"TIME" help:"When it began for you."`
	Own       bool                     `help:"A trouble of your own: only you end it."`
	Record    bool                     `help:"Write your word down; nothing is sent and nothing reopens."`
}

func (c *incidentJoinCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		agency, err := o.agency(c.Agency)
		if err != nil {
			return err
		}
		since, err := o.when("since", c.Since)
		if err != nil {
			return err
		}
		inc, err := o.desk.Join(a.ctx, o.actor, desk.JoinInput{Incident: c.Incident, Agency: agency, Platforms: c.Platforms, Services: c.Services,
			Impact: subscriptions.Impact(c.Impact), Suspected: c.Suspected, Since: since, Own: c.Own, Record: c.Record, Request: c.Request}, o.now)
		if err != nil {
			return err
		}
		return a.print(inc, func(w io.Writer) {
			fmt.Fprintf(w, "Joined incident %d. %s\n", inc.ID, o.affected(inc))
		})
	})
}

type incidentHoldCmd struct {
	Incident subscriptions.IncidentID `arg:"" help:"Number of the incident."`
	whoFlags
}

func (c *incidentHoldCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		agency, err := o.agency(c.Agency)
		if err != nil {
			return err
		}
		inc, err := o.desk.Hold(a.ctx, o.actor, desk.HoldInput{Incident: c.Incident, Agency: agency, Services: c.Services}, o.now)
		if err != nil {
			return err
		}
		return a.print(inc, func(w io.Writer) {
			fmt.Fprintf(w, "Held. When the operator says restored, followers of %s read that your agency has not confirmed it.\n", joinIDs(c.Services))
		})
	})
}

type incidentConfirmCmd struct {
	Incident subscriptions.IncidentID `arg:"" help:"Number of the incident."`
	whoFlags
	Not bool `help:"They are not affected."`
	sureFlag
}

func (c *incidentConfirmCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		agency, err := o.agency(c.Agency)
		if err != nil {
			return err
		}
		in := desk.ConfirmInput{Incident: c.Incident, Agency: agency, Services: c.Services, Affected: !c.Not}
		if err := c.sure(a, o, c.Request, func() (desk.Preview, error) { return o.desk.PreviewConfirm(a.ctx, o.actor, in, o.now) }); err != nil {
			return err
		}
		out, err := o.desk.Confirm(a.ctx, o.actor, in, o.now)
		if err != nil {
			return err
		}
		return a.published(o, out)
	})
}

type incidentReopenCmd struct {
	Incident subscriptions.IncidentID `arg:"" help:"Number of the incident."`
	whoFlags
	Since string `placeholder:"TIME" help:"Since when it fails again (default: now)."`
}

func (c *incidentReopenCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		agency, err := o.agency(c.Agency)
		if err != nil {
			return err
		}
		since, err := o.when("since", c.Since)
		if err != nil {
			return err
		}
		inc, err := o.desk.Reopen(a.ctx, o.actor, desk.ReopenInput{Incident: c.Incident, Agency: agency, Platforms: c.Platforms, Services: c.Services,
			Since: since, Request: c.Request}, o.now)
		if err != nil {
			return err
		}
		return a.print(inc, func(w io.Writer) {
			fmt.Fprintf(w, "Incident %d is open again, round %d. Nobody has been told yet:\n  arifa notice publish --incident %d --kind %s\n", inc.ID, inc.Round, inc.ID, firstKind(inc))
		})
	})
}
