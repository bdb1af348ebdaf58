package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

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
	blocked, limited := i.Impacts()
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
		says := fmt.Sprintf("%s%s %s", c.Platform, c.Service, c.Impact)
		if c.Suspected != "" {
			says += ", suspects " + string(c.Suspected)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", c.Agency, says, o.local(c.At), o.local(c.EndedAt))
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
