package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"arifa/subscriptions"
)

// holding holds every lane where the operator asks for it, and by itself where the
// database is a restored backup: what it counts as unsent may have been sent since
// the copy was made, and nothing in it can say so.
func (c *serveCmd) holding(a *app, st store) error {
	restored, err := settleDown(a.ctx, st)
	if err != nil {
		return err
	}
	hold := c.Hold
	if restored != "" {
		a.log.Warn("this database was restored or moved: it is held by itself", "it_was", restored)
		hold = true
	}
	if !hold {
		return nil
	}
	if err := st.SetHold(a.ctx, true); err != nil {
		return err
	}
	a.log.Warn("held: nothing is sent until \"arifa lane release\"")
	list, err := heldNotices(a.ctx, st)
	if err != nil {
		return err
	}
	showHeld(a.Out, list)
	return nil
}

// settleDown finds out whether the database is where it was served last, and notes
// where it is. It says where it was if that is elsewhere; the hold is written before
// the note, so that a start that is cut short holds again.
func settleDown(ctx context.Context, st store) (was string, err error) {
	d, ok := st.(subscriptions.Dweller)
	if !ok {
		return "", nil
	}
	last, now, err := d.Home(ctx)
	if err != nil {
		return "", err
	}
	if last != "" && last != now {
		was = last
		if err := st.SetHold(ctx, true); err != nil {
			return was, err
		}
	}
	return was, d.Settle(ctx, now)
}

// atHome notes how far the database has come, so that an older state of it is known. One
// that was put back under the running program is held: it says where it was then.
func atHome(ctx context.Context, st store) (was string, err error) {
	d, ok := st.(subscriptions.Dweller)
	if !ok {
		return "", nil
	}
	last, now, err := d.Home(ctx)
	switch {
	case err != nil || last == "":
		return "", err
	case last != now:
		return settleDown(ctx, st)
	}
	return "", d.Settle(ctx, now)
}

// stateKeeper is a store whose database lies on another machine: what this one has seen
// of it is kept in a file.
type stateKeeper interface{ KeepIn(file string) }

// homing gives lanes to this process, and looks first whether the database is the one
// that it was: after a time in which it was not reached it may be an older one, of which
// nothing may be sent again.
type homing struct {
	subscriptions.Lanes
	look  func(ctx context.Context) error
	doubt atomic.Bool
}

// Acquire implements subscriptions.Lanes.
func (h *homing) Acquire(ctx context.Context, id subscriptions.LaneID, owner string, ttl time.Duration) (subscriptions.Tenure, error) {
	if h.doubt.Load() {
		if err := h.look(ctx); err != nil {
			return subscriptions.Tenure{}, err
		}
		h.doubt.Store(false)
	}
	t, err := h.Lanes.Acquire(ctx, id, owner, ttl)
	if errors.Is(err, subscriptions.ErrUnavailable) {
		h.doubt.Store(true)
	}
	return t, err
}

// Renew implements subscriptions.Lanes.
func (h *homing) Renew(ctx context.Context, t subscriptions.Tenure, ttl time.Duration) (subscriptions.Tenure, error) {
	renewed, err := h.Lanes.Renew(ctx, t, ttl)
	if err != nil { // not reached, or lost: both may be because of another database
		h.doubt.Store(true)
	}
	return renewed, err
}

// homely notes how far the database has come, and tells everybody where it was put back.
func (v *service) homely(ctx context.Context) error {
	was, err := atHome(ctx, v.store)
	if err != nil || was == "" {
		return err
	}
	v.log.Error("an older database was put back under the running program: every lane is held until \"arifa lane release\"", "it_was", was)
	for _, n := range v.networks {
		if err := v.desk.LaneHalted(ctx, n.id(), "held: "+was+" was put back; look at what waits (arifa lane held), then release", v.now()); err != nil {
			return err
		}
	}
	return nil
}

// heldNotice is one notice with something that is not known to be sent.
type heldNotice struct {
	Notice  subscriptions.NoticeKey `json:"notice"`
	Kind    subscriptions.Kind      `json:"kind"`
	Sent    int                     `json:"sent"`
	Waiting int                     `json:"waiting"` // sent, perhaps, after the copy was made
	Unknown int                     `json:"unknown"`
	Part    bool                    `json:"not_all_found,omitempty"` // more people are still to be found
}

func heldNotices(ctx context.Context, st store) ([]heldNotice, error) {
	view, _, err := st.View(ctx, 0)
	if err != nil {
		return nil, err
	}
	var out []heldNotice
	for id, n := range view.Notices {
		p, err := st.Progress(ctx, id)
		if errors.Is(err, subscriptions.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		h := heldNotice{n.Key, n.Kind, p.Count(subscriptions.Sent), p.Count(subscriptions.Pending), p.Count(subscriptions.Unknown), !p.Expanded}
		if h.Waiting+h.Unknown > 0 || h.Part {
			out = append(out, h)
		}
	}
	slices.SortFunc(out, func(a, b heldNotice) int { return cmp.Compare(a.Notice, b.Notice) })
	return out, nil
}

func showHeld(w io.Writer, list []heldNotice) {
	if len(list) == 0 {
		fmt.Fprintln(w, "Held. Nothing waits to be sent. Go on:  arifa lane release")
		return
	}
	fmt.Fprintln(w, "Held. What waits here may have been sent already, if this is a copy from before:")
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "NOTICE\tKIND\tSENT\tWAITING\tUNKNOWN")
	for _, h := range list {
		more := ""
		if h.Part {
			more = " and more"
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%d%s\t%d\n", h.Notice, h.Kind, h.Sent, h.Waiting, more, h.Unknown)
	}
	_ = t.Flush()
	fmt.Fprintln(w, "Stop what must not be told again:  arifa notice stop NOTICE\nSend all the rest:                 arifa lane release\nSee this list again:               arifa lane held")
}

type laneHeldCmd struct{}

func (c *laneHeldCmd) Run(a *app) error {
	return a.reading(func(o *office) error {
		lanes, err := o.store.LaneList(a.ctx)
		if err != nil {
			return err
		}
		list, err := heldNotices(a.ctx, o.store)
		if err != nil {
			return err
		}
		return a.print(some(list), func(w io.Writer) {
			if len(lanes) > 0 && !slices.ContainsFunc(lanes, func(l subscriptions.Lane) bool { return l.Held }) {
				fmt.Fprintln(w, "No lane is held: what waits is being sent (arifa lane list).")
				return
			}
			showHeld(w, list)
		})
	})
}
