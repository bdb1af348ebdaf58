package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"arifa/subscriptions"
)

type noticeProgressCmd struct {
	Notice string `arg:"" help:"Number of the notice."`
	Follow bool   `help:"Go on showing it until everybody is told."`
}

func (c *noticeProgressCmd) Run(a *app) error {
	return a.reading(func(o *office) error {
		n, err := a.find(o, c.Notice)
		if err != nil {
			return err
		}
		for {
			p, err := a.reach(o, n)
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
	Hindered []string // what keeps it from going on, and what to do
	Idle     bool     // no process sends anything
	Reported subscriptions.ReportSummary
}

func (a *app) reach(o *office, n subscriptions.Notice) (out reach, err error) {
	if out.Progress, err = o.desk.Progress(a.ctx, n.ID); err != nil {
		return out, err
	}
	if n.Incident != 0 {
		i, err := o.desk.Incident(a.ctx, n.Incident)
		if err != nil {
			return out, err
		}
		if out.Reported, err = o.desk.Reported(a.ctx, i, a.now()); err != nil {
			return out, err
		}
	}
	if n.State != subscriptions.Published || out.Expanded && out.Count(subscriptions.Pending) == 0 {
		return out, nil
	}
	lanes, err := o.store.LaneList(a.ctx)
	if err != nil {
		return out, err
	}
	out.Idle = idle(lanes, a.now())
	out.Hindered = o.hindrances(lanes, func(l subscriptions.LaneID) bool { return out.ByLane[l][subscriptions.Pending] > 0 }, a.now())
	return out, nil
}

func (o *office) showReach(w io.Writer, n subscriptions.Notice, r reach) {
	showProgress(w, key(n), r.Progress)
	if n.Incident != 0 {
		fmt.Fprintf(w, "  %s.\n", o.reported(r.Reported))
	}
	for _, h := range r.Hindered {
		fmt.Fprintln(w, h)
	}
}

func showProgress(w io.Writer, name string, p subscriptions.Progress) {
	total := 0
	states := []subscriptions.DeliveryState{subscriptions.Sent, subscriptions.Pending, subscriptions.Failed, subscriptions.Unknown, subscriptions.Superseded}
	for _, s := range states {
		total += p.Count(s)
	}
	fmt.Fprintf(w, "%s: %d of %d sent", name, p.Count(subscriptions.Sent), total)
	if !p.Expanded {
		fmt.Fprint(w, " (still finding recipients)")
	}
	fmt.Fprintln(w)
	for lane, m := range p.ByLane {
		fmt.Fprintf(w, "  %s:", lane)
		for _, s := range states {
			fmt.Fprintf(w, " %s %d", s, m[s])
		}
		fmt.Fprintln(w)
	}
}
