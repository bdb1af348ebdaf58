package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

type noticeProgressCmd struct {
	Notice string `arg:"" help:"Number of the notice."`
	Follow bool   `help:"Go on showing it until everybody is told."`
}

func (c *noticeProgressCmd) Run(a *app) error {
	return a.reading(func(o *office) error {
		var n subscriptions.Notice
		var err error
		var seen progressSeen
		for {
			if n, err = a.find(o, c.Notice); err != nil { // it may have been stopped meanwhile
				return err
			}
			p, err := a.reach(o, n, &seen)
			if err != nil {
				return err
			}
			if err := a.print(p, func(w io.Writer) { o.showReach(w, n, p) }); err != nil {
				return err
			}
			if !c.Follow || p.Expanded && p.Count(subscriptions.Pending) == 0 {
				return nil
			}
			if p.Idle {
				return errNobodySends
			}
			if !a.wait(time.Second) {
				return nil
			}
		}
	})
}

// errNobodySends ends a wait that would have no end.
var errNobodySends = errors.New("nobody is sending: start \"arifa serve\" on this database; what is owed stays owed")

// wait returns false when the user stops the program meanwhile.
func (a *app) wait(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-a.Stop:
		return false
	case <-a.ctx.Done():
		return false
	}
}

// reach is how far a notice has gone, what hinders the rest, and what citizens say
// meanwhile.
type reach struct {
	subscriptions.Progress
	Lanes    []laneProgress
	Hindered []string // what keeps it from going on, and what to do
	Idle     bool     // no process sends anything
	First    int      `json:",omitempty"` // so many are told first, because it moves money
	Reported subscriptions.ReportSummary
}

func (a *app) reach(o *office, n subscriptions.Notice, seen *progressSeen) (out reach, err error) {
	if out.Progress, err = o.desk.Progress(a.ctx, n.ID); err != nil {
		return out, err
	}
	out.First = desk.FirstFew(n, out.Progress)
	if n.Incident != 0 {
		i, err := o.desk.Incident(a.ctx, n.Incident)
		if err != nil {
			return out, err
		}
		if out.Reported, err = o.desk.Reported(a.ctx, i, a.now()); err != nil {
			return out, err
		}
	}
	lanes, err := o.store.LaneList(a.ctx)
	if err != nil {
		return out, err
	}
	out.Lanes = seen.look(out.Progress, lanes, a.pace, a.now())
	out.cross(n)
	if n.State != subscriptions.Published || out.Expanded && out.Count(subscriptions.Pending) == 0 {
		return out, nil
	}
	out.Idle = idle(lanes, a.now())
	out.Hindered = o.hindrances(lanes, func(l subscriptions.LaneID) bool { return out.ByLane[l][subscriptions.Pending] > 0 }, a.now())
	return out, nil
}

// cross takes pace and end from what is crossed out page by page, and goes to nobody.
func (r *reach) cross(n subscriptions.Notice) {
	if n.Closed() {
		for k := range r.Lanes {
			r.Lanes[k].PerSecond, r.Lanes[k].Done = 0, time.Time{}
		}
	}
}

func (o *office) showReach(w io.Writer, n subscriptions.Notice, r reach) {
	switch n.State {
	case subscriptions.Draft, subscriptions.Returned:
		fmt.Fprintf(w, "%s: a draft; nobody is told of it.\n", key(n))
	case subscriptions.Submitted:
		fmt.Fprintf(w, "%s: waits for a second officer; nobody has been told yet:  arifa notice show %[1]s\n", key(n))
	default:
		o.showProgress(w, n, r)
	}
	if n.Incident != 0 {
		fmt.Fprintf(w, "  %s.\n", o.reported(r.Reported))
	}
	for _, h := range r.Hindered {
		fmt.Fprintln(w, h)
	}
}
