package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"arifa/subscriptions"
)

// timeline prints the record of an incident: for people as a list of what happened
// when, for machines as it is laid before the public.
func (o *office) timeline(a *app, id subscriptions.IncidentID) error {
	r, err := o.desk.IncidentRecord(a.ctx, id)
	if errors.Is(err, subscriptions.ErrNotFound) {
		return noIncident(id)
	}
	if err != nil {
		return err
	}
	return a.print(r, func(w io.Writer) {
		fmt.Fprintf(w, "Incident %d: %s, %s. %s.\n", r.Incident, r.State, joinIDs(r.Platforms), o.reported(r.Reports))
		if r.Silence != nil {
			fmt.Fprintf(w, "From the first sign to the first word: %s.\n", span(time.Duration(*r.Silence)*time.Second))
		}
		t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
		for _, m := range r.Timeline {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", o.local(m.At), m.What, m.Agency, strings.TrimSpace(string(m.Key)+" "+m.Detail))
		}
		_ = t.Flush()
		kept, late, open := 0, 0, 0
		for _, p := range r.Promises {
			switch p.State {
			case subscriptions.PromiseKept:
				kept++
			case subscriptions.PromiseLate:
				late++
			default:
				open++
			}
		}
		fmt.Fprintf(w, "Promises: %d kept, %d late, %d open.\n", kept, late, open)
		for _, s := range r.Samples {
			fmt.Fprintf(w, "Asked whether it works (round %d): %d of %d say yes; %d were asked.\n", s.Round, s.Works, s.Answers, s.Asked)
		}
		for _, l := range r.Reach {
			fmt.Fprintf(w, "Reached on %s: %d messages, %d perhaps, %d refused.\n", l.Lane, l.Sent, l.Unknown, l.Failed)
		}
	})
}
