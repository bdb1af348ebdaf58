package main

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

type laneCmd struct {
	List    laneListCmd    `cmd:"" help:"List lanes: owner, pace, pause, hold."`
	Pause   lanePauseCmd   `cmd:"" help:"Pause a lane; what is owed stays owed (admin)."`
	Resume  laneResumeCmd  `cmd:"" help:"Resume a paused lane (admin)."`
	Rate    laneRateCmd    `cmd:"" help:"Set how many messages a second a lane sends, while it runs (admin)."`
	Hold    laneHoldCmd    `cmd:"" help:"Hold every lane, as serve --hold does (admin)."`
	Held    laneHeldCmd    `cmd:"" help:"List what waits or is unknown: look at it before you release a restored backup."`
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
			fmt.Fprintln(t, "LANE\tA SECOND\tOWNED UNTIL\tPAUSED UNTIL\tWHY\tHELD")
			for _, l := range lanes {
				fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%t\n", l.ID, a.paceWord(l), o.local(l.Tenure.Until), o.pauseWord(l.PausedUntil, a.now()), desk.OneLine(l.PausedWhy), l.Held)
			}
			_ = t.Flush()
		})
	})
}

// laneForm is what a lane's id looks like: under any other nothing will ever be sent.
var laneForm = regexp.MustCompile(`^(telegram:[1-9][0-9]{0,18}|slack:[A-Z0-9]{2,40}|webchat)$`)

func (a *app) laneAct(action, subject string, f func(*office) error) error {
	return a.adminAct("lanes are", action, subject, f)
}

// oneLane acts on one lane. One that nobody has sent through may be set all the same,
// before its first start; that it may be a slip of the finger is said.
func (a *app) oneLane(action string, lane subscriptions.LaneID, more string, f func(*office) error) error {
	if !laneForm.MatchString(string(lane)) {
		return usagef("%q is no lane's id: write telegram:<id of the bot>, slack:<id of the workspace> or webchat", lane)
	}
	return a.laneAct(action, string(lane)+more, func(o *office) error {
		lanes, err := o.store.LaneList(a.ctx)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(lanes, func(l subscriptions.Lane) bool { return l.ID == lane }) {
			fmt.Fprintf(a.Err, "arifa: warning: nothing was ever sent through %s; is that its id? \"arifa lane list\" shows those that are known\n", lane)
		}
		return f(o)
	})
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
	if c.For < 0 {
		return usagef("--for %s: how long from now, such as 30m", c.For)
	}
	return a.oneLane("lane.pause", c.Lane, "", func(o *office) error {
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
	return a.oneLane("lane.resume", c.Lane, "", func(o *office) error { return o.store.SetPause(a.ctx, c.Lane, time.Time{}, "") })
}

type laneRateCmd struct {
	Lane subscriptions.LaneID `arg:"" help:"Id of the lane."`
	Rate string               `arg:"" placeholder:"N" help:"Messages a second, or \"default\" for what the settings say. Keep it below the network's limit: Telegram's is about 30."`
}

// fastest is more than any network takes.
const fastest = 100_000

func (c *laneRateCmd) Run(a *app) error {
	perSecond := 0.0
	if c.Rate != "default" {
		var err error
		if perSecond, err = strconv.ParseFloat(c.Rate, 64); err != nil || !(perSecond > 0 && perSecond <= fastest) {
			return usagef("%s: write messages a second, above 0 and at most %d, or \"default\"", c.Rate, fastest)
		}
	}
	if c.Lane.Network() == "telegram" && perSecond > 0 {
		paid := a.TelegramPaidBroadcast // for a bot that these settings do not know
		if b, ok := a.botOf(c.Lane); ok {
			paid = b.Paid
		}
		if err := a.paced(string(c.Lane), perSecond, paid); err != nil {
			return usagef("%v", err)
		}
	}
	if c.Lane.Network() == "slack" && perSecond > slackFastest {
		return usagef("%s: Slack takes several hundred a minute, so at most %d a second", c.Lane, slackFastest)
	}
	return a.oneLane("lane.rate", c.Lane, " "+c.Rate, func(o *office) error { return o.store.SetRate(a.ctx, c.Lane, perSecond) })
}

// paceWord is what a lane sends in a second, and whose word that is.
func (a *app) paceWord(l subscriptions.Lane) string {
	if l.Rate > 0 {
		return strconv.FormatFloat(l.Rate, 'g', -1, 64) + " (set)"
	}
	if pace := a.pace(l.ID); pace > 0 {
		return strconv.FormatFloat(pace, 'g', -1, 64)
	}
	return "–"
}

// pauseWord says until when; what has no end is no date in a hundred years.
func (o *office) pauseWord(until, now time.Time) string {
	if until.After(now.AddDate(10, 0, 0)) {
		return "it is resumed"
	}
	return o.local(until)
}

type laneHoldCmd struct{}

func (c *laneHoldCmd) Run(a *app) error {
	return a.laneAct("lane.hold", "all", func(o *office) error { return o.store.SetHold(a.ctx, true) })
}

type laneReleaseCmd struct{}

func (c *laneReleaseCmd) Run(a *app) error {
	return a.laneAct("lane.release", "all", func(o *office) error { return o.store.SetHold(a.ctx, false) })
}
