package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
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
}

func (c *incidentOpenCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		in, err := c.input(o)
		if err != nil {
			return err
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
		next, err := o.when("next-update", c.NextUpdate)
		if err != nil {
			return err
		}
		request := ""
		if c.Request != "" {
			request = c.Request + ":notice"
		}
		out, err := o.desk.Publish(a.ctx, o.actor, desk.PublishInput{Request: request, Draft: &desk.DraftInput{
			Incident: inc.ID, Kind: firstKind(inc), Agency: in.Agency, Slots: subscriptions.Slots{NextUpdate: next}}}, o.now)
		if err != nil {
			return err
		}
		return a.published(o, out)
	})
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

// endFlags are an incident, what of it ends, and the three answers.
type endFlags struct {
	Incident subscriptions.IncidentID `arg:"" help:"Number of the incident."`
	whoFlags
	answerFlags
}

// end is one of the desk's ways to say that something works again.
type end func(d *desk.Desk, ctx context.Context, a desk.Actor, in desk.RestoreInput, now time.Time) (desk.Outcome, error)

func (c *endFlags) by(a *app, do end) error {
	return a.acting(func(o *office) error {
		told, err := o.toldOf(a.ctx, c.Incident)
		if err != nil {
			return err
		}
		in, err := c.restore(o, c.Incident, c.whoFlags, told)
		if err != nil {
			return err
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

func (c *incidentReleaseCmd) Run(a *app) error { return c.by(a, (*desk.Desk).Release) }

type incidentConfirmCmd struct {
	Incident subscriptions.IncidentID `arg:"" help:"Number of the incident."`
	whoFlags
	Not bool `help:"They are not affected."`
}

func (c *incidentConfirmCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		agency, err := o.agency(c.Agency)
		if err != nil {
			return err
		}
		out, err := o.desk.Confirm(a.ctx, o.actor, desk.ConfirmInput{Incident: c.Incident, Agency: agency, Services: c.Services, Affected: !c.Not}, o.now)
		if err != nil {
			return err
		}
		return a.published(o, out)
	})
}

type incidentListCmd struct {
	Days int `default:"7" help:"How many days back ended ones are listed."`
}

func (c *incidentListCmd) Run(a *app) error {
	return a.reading(func(o *office) error {
		list, err := o.desk.Incidents(a.ctx, o.now.AddDate(0, 0, -c.Days))
		if err != nil {
			return err
		}
		return a.print(some(list), func(w io.Writer) {
			if len(list) == 0 {
				fmt.Fprintln(w, "No incident is live, and none ended in these days.")
				return
			}
			t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
			fmt.Fprintln(t, "INCIDENT\tSTATE\tROUND\tSINCE\tSERVICES\tPROMISED\tWHAT")
			for _, i := range list {
				fmt.Fprintf(t, "%d\t%s\t%d\t%s\t%d\t%s\t%s\n", i.ID, i.State, i.Round, o.local(i.Since), len(i.Failing()), o.promise(i), o.what(i))
			}
			_ = t.Flush()
		})
	})
}

func (o *office) promise(i subscriptions.Incident) string {
	if i.NextUpdate.IsZero() {
		return "–"
	}
	text := "update by " + o.local(i.NextUpdate)
	if i.State.Over() {
		text = "answers promised by " + o.local(i.NextUpdate)
	}
	if desk.Overdue(i, o.now) {
		text += " OVERDUE"
	}
	return text
}

func (o *office) what(i subscriptions.Incident) string {
	var out []string
	for _, c := range i.Claims {
		word := string(c.Platform) + string(c.Service)
		if !strings.Contains(strings.Join(out, " "), word) {
			out = append(out, word)
		}
	}
	return strings.Join(out, " ")
}

func (o *office) affected(i subscriptions.Incident) string {
	blocked, limited := 0, 0
	for _, s := range i.Services {
		switch {
		case !s.Failing || !s.Confirmed:
		case s.Impact == subscriptions.Degraded:
			limited++
		default:
			blocked++
		}
	}
	text := fmt.Sprintf("%s blocked, %d limited.", count(blocked, "service"), limited)
	if n := len(i.Unconfirmed()); n == 1 {
		text += fmt.Sprintf(" 1 more waits for a tick by its agency (arifa incident confirm %d --services …).", i.ID)
	} else if n > 1 {
		text += fmt.Sprintf(" %d more wait for a tick by their agency (arifa incident confirm %d --services …).", n, i.ID)
	}
	return text
}

type incidentShowCmd struct {
	Incident subscriptions.IncidentID `arg:"" help:"Number of the incident."`
	Timeline bool                     `help:"The record: who spoke when, what was promised and kept, how far it reached; with --json as it is laid before the public."`
}

func (c *incidentShowCmd) Run(a *app) error {
	return a.reading(func(o *office) error {
		if c.Timeline {
			return o.timeline(a, c.Incident)
		}
		inc, err := o.desk.Incident(a.ctx, c.Incident)
		if errors.Is(err, subscriptions.ErrNotFound) {
			return noIncident(c.Incident)
		}
		if err != nil {
			return err
		}
		notices, err := o.desk.Notices(a.ctx, c.Incident)
		if err != nil {
			return err
		}
		reported, err := o.desk.Reported(a.ctx, inc, o.now)
		if err != nil {
			return err
		}
		sample, err := o.desk.SampleAnswers(a.ctx, inc.ID)
		if err != nil {
			return err
		}
		return a.print(map[string]any{"incident": inc, "notices": some(notices), "reported": reported, "sample": sample}, func(w io.Writer) {
			o.showIncident(w, inc, notices)
			fmt.Fprintf(w, "\n%s.\n", o.reported(reported))
			if v := sample.Verdict; v.Asked > 0 {
				fmt.Fprintf(w, "Asked whether it works: %d of %d say yes (%s); %d were asked.\n", v.Works, v.Answers, v.Reason, v.Asked)
			}
		})
	})
}

func (o *office) showIncident(w io.Writer, inc subscriptions.Incident, notices []subscriptions.Notice) {
	fmt.Fprintf(w, "Incident %d: %s, round %d, since %s. Promised: %s\n%s\n\n", inc.ID, inc.State, inc.Round, o.local(inc.Since), o.promise(inc), o.affected(inc))
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "WHO\tSAYS\tFROM\tTO")
	for _, c := range inc.Claims {
		fmt.Fprintf(t, "%s\t%s%s %s\t%s\t%s\n", c.Agency, c.Platform, c.Service, c.Impact, o.local(c.At), o.local(c.EndedAt))
	}
	fmt.Fprintln(t, "\t\t\t\nSERVICE\tSTATE\tCONFIRMED\tSINCE")
	for _, s := range inc.Services {
		fmt.Fprintf(t, "%s\t%s\t%t\t%s\n", s.Service, serviceWord(s), s.Confirmed, o.local(s.Since))
	}
	fmt.Fprintln(t, "\t\t\t\nNOTICE\tKIND\tSTATE\tPUBLISHED")
	for _, n := range notices {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", key(n), kindWord(n), stateWord(n), o.local(n.PublishedAt))
	}
	_ = t.Flush()
}

func serviceWord(s subscriptions.ServiceState) string {
	switch {
	case s.Held:
		return "held by its agency"
	case !s.Failing:
		return "ended"
	}
	return string(s.Impact)
}

type incidentResolveCmd struct{ endFlags }

func (c *incidentResolveCmd) Run(a *app) error { return c.by(a, (*desk.Desk).Resolve) }

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

// acting runs f as the officer whose key is set; reading needs no key.
func (a *app) acting(f func(*office) error) error  { return a.withOffice(true, f) }
func (a *app) reading(f func(*office) error) error { return a.withOffice(false, f) }

func (a *app) withOffice(acting bool, f func(*office) error) error {
	o, err := a.office(acting)
	if err != nil {
		return err
	}
	return closing(o.store, f(o))
}
