package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

type laneCmd struct {
	List    laneListCmd    `cmd:"" help:"List lanes: owner, pause, hold."`
	Pause   lanePauseCmd   `cmd:"" help:"Pause a lane; what is owed stays owed (admin)."`
	Resume  laneResumeCmd  `cmd:"" help:"Resume a paused lane (admin)."`
	Hold    laneHoldCmd    `cmd:"" help:"Hold every lane, as serve --hold does (admin)."`
	Release laneReleaseCmd `cmd:"" help:"Release lanes that are held: sending begins (admin)."`
}

type laneListCmd struct{}

func (c *laneListCmd) Run(a *app) error {
	return a.reading(func(o *office) error {
		lanes, err := o.store.LaneList(a.ctx)
		if err != nil {
			return err
		}
		return a.print(lanes, func(w io.Writer) {
			t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
			fmt.Fprintln(t, "LANE\tOWNED UNTIL\tPAUSED UNTIL\tWHY\tHELD")
			for _, l := range lanes {
				fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%t\n", l.ID, o.local(l.Tenure.Until), o.local(l.PausedUntil), l.PausedWhy, l.Held)
			}
			_ = t.Flush()
		})
	})
}

func (a *app) laneAct(action, subject string, f func(*office) error) error {
	return a.adminAct("lanes are", action, subject, f)
}

// adminAct does f as an admin and puts it on the audit record.
func (a *app) adminAct(what, action, subject string, f func(*office) error) error {
	return a.acting(func(o *office) error {
		if !o.actor.Officer.Has(subscriptions.Admin, "") {
			return &desk.Refusal{Rule: 4, Why: what + " an admin's", Do: "ask an admin"}
		}
		if err := f(o); err != nil {
			return err
		}
		_, err := o.store.Append(a.ctx, subscriptions.AuditLine{At: o.now, Officer: o.actor.Officer.ID, Action: action, Subject: subject, Outcome: "done", Via: "cli"})
		if err != nil {
			return err
		}
		return a.print(map[string]string{"done": action}, func(w io.Writer) { fmt.Fprintln(w, "Done.") })
	})
}

type lanePauseCmd struct {
	Lane subscriptions.LaneID `arg:"" help:"Id of the lane."`
	For  time.Duration        `help:"How long (default: until it is resumed)."`
	Why  string               `default:"paused by an operator" help:"Reason, for the others."`
}

func (c *lanePauseCmd) Run(a *app) error {
	return a.laneAct("lane.pause", string(c.Lane), func(o *office) error {
		until := o.now.Add(c.For)
		if c.For == 0 {
			until = o.now.AddDate(100, 0, 0)
		}
		return o.store.SetPause(a.ctx, c.Lane, until, c.Why)
	})
}

type laneResumeCmd struct {
	Lane subscriptions.LaneID `arg:"" help:"Id of the lane."`
}

func (c *laneResumeCmd) Run(a *app) error {
	return a.laneAct("lane.resume", string(c.Lane), func(o *office) error { return o.store.SetPause(a.ctx, c.Lane, time.Time{}, "") })
}

type laneHoldCmd struct{}

func (c *laneHoldCmd) Run(a *app) error {
	return a.laneAct("lane.hold", "all", func(o *office) error { return o.store.SetHold(a.ctx, true) })
}

type laneReleaseCmd struct{}

func (c *laneReleaseCmd) Run(a *app) error {
	return a.laneAct("lane.release", "all", func(o *office) error { return o.store.SetHold(a.ctx, false) })
}
