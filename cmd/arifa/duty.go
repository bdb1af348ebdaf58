package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"arifa/subscriptions"
)

type officerDutyCmd struct {
	Officer subscriptions.OfficerID `arg:"" optional:"" help:"Number of the officer; without it, all turns of the agency are shown."`
	Agency  string                  `required:"" placeholder:"ID" help:"Agency."`
	Days    []string                `placeholder:"mon,…" help:"Days of the turn: mon tue wed thu fri sat sun."`
	From    string                  `default:"00:00" help:"Start of the turn."`
	To      string                  `default:"24:00" help:"End of the turn; earlier than the start spans midnight."`
	Clear   bool                    `help:"Take the officer's turns for this agency away."`
	Head    bool                    `help:"The officer is the agency's head, called where nobody else answers; with --clear no longer."`
}

func (c *officerDutyCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		agency, err := o.agency(c.Agency)
		if err != nil {
			return err
		}
		if c.Officer == 0 {
			return c.show(a, o, agency)
		}
		if c.Head {
			f, err := o.desk.SetHead(a.ctx, o.actor, c.Officer, agency, !c.Clear, o.now)
			if err != nil {
				return err
			}
			return a.print(f, func(w io.Writer) { fmt.Fprintf(w, "%s: head of %s.\n", f.Name, joinIDs(f.Heads)) })
		}
		turns, err := c.turns(a, o, agency)
		if err != nil {
			return err
		}
		f, err := o.desk.SetDuty(a.ctx, o.actor, c.Officer, turns, o.now)
		if err != nil {
			return err
		}
		return a.print(f, func(w io.Writer) { fmt.Fprintf(w, "%s: %s of duty.\n", f.Name, count(len(f.Duty), "turn")) })
	})
}

// show lists the turns of an agency, who is on duty now, and its head.
func (c *officerDutyCmd) show(a *app, o *office, agency subscriptions.AgencyID) error {
	list, err := o.desk.DutyOf(a.ctx, o.actor, agency)
	if err != nil {
		return err
	}
	local := o.now.In(o.nation.Location())
	return a.print(some(list), func(w io.Writer) {
		t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
		now, heads := 0, 0
		for _, f := range list {
			for _, d := range f.Duty {
				if d.Agency != agency {
					continue
				}
				on := ""
				if f.Active() && d.On(local) {
					on, now = "on duty now", now+1
				}
				fmt.Fprintf(t, "%d\t%s\t%s\t%s–%s\t%s\n", f.ID, f.Name, dayNames(d.Days), clockOf(d.From), clockOf(d.To), on)
			}
			if slices.Contains(f.Heads, agency) {
				heads++
				fmt.Fprintf(t, "%d\t%s\thead\t\t\n", f.ID, f.Name)
			}
		}
		_ = t.Flush()
		if now == 0 {
			fmt.Fprintf(w, "Nobody is on duty for %s now: where nobody is, every officer of the agency is called.\n", agency)
		}
		if heads == 0 {
			fmt.Fprintf(w, "%s has no head: after half an hour everybody is called.\n", agency)
		}
	})
}

func dayNames(days []time.Weekday) string {
	if len(days) == 7 {
		return "every day"
	}
	var out []string
	for _, d := range days {
		out = append(out, strings.ToLower(d.String()[:3]))
	}
	return strings.Join(out, ",")
}

func clockOf(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

// turns are the officer's other turns and this one.
func (c *officerDutyCmd) turns(a *app, o *office, agency subscriptions.AgencyID) ([]subscriptions.Duty, error) {
	f, err := o.store.Officer(a.ctx, c.Officer)
	if err != nil {
		return nil, fmt.Errorf("officer %d: %w", c.Officer, err)
	}
	var out []subscriptions.Duty
	for _, d := range f.Duty {
		if !c.Clear || d.Agency != agency {
			out = append(out, d)
		}
	}
	if c.Clear {
		return out, nil
	}
	d := subscriptions.Duty{Agency: agency}
	if d.Days, err = days(c.Days); err != nil {
		return nil, err
	}
	if d.From, err = minutes("from", c.From); err != nil {
		return nil, err
	}
	if d.To, err = minutes("to", c.To); err != nil {
		return nil, err
	}
	return append(out, d), nil
}

func days(names []string) ([]time.Weekday, error) {
	if len(names) == 0 {
		names = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	}
	known := map[string]time.Weekday{"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
	var out []time.Weekday
	for _, n := range names {
		d, ok := known[strings.ToLower(n)]
		if !ok {
			return nil, usagef("--days %s: write mon, tue, wed, thu, fri, sat or sun", n)
		}
		out = append(out, d)
	}
	return out, nil
}

func minutes(flag, s string) (int, error) {
	if s == "24:00" {
		return 24 * 60, nil
	}
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, usagef("--%s %s: write 06:00", flag, s)
	}
	return t.Hour()*60 + t.Minute(), nil
}
