package storetest

import (
	"fmt"
	"slices"

	"arifa/subscriptions"
)

// state finds one recipient's row of a notice.
func (w *world) state(n subscriptions.NoticeID, r subscriptions.RecipientID) (subscriptions.DeliveryState, subscriptions.Delivery) {
	w.helper()
	for _, st := range []subscriptions.DeliveryState{subscriptions.Pending, subscriptions.Sent, subscriptions.Failed, subscriptions.Unknown, subscriptions.Superseded} {
		ds, err := w.s.Deliveries(w.ctx, n, st, 0, 10000)
		w.must(err)
		for _, d := range ds {
			if d.Recipient == r {
				return st, d
			}
		}
	}
	return "", subscriptions.Delivery{}
}

func (w *world) wantState(n subscriptions.NoticeID, r subscriptions.RecipientID, want subscriptions.DeliveryState) {
	w.helper()
	if got, _ := w.state(n, r); got != want {
		w.fatal("notice %d for recipient %d: got state %q, want %q", n, r, got, want)
	}
}

// made counts the rows of a notice, whatever their state.
func (w *world) made(n subscriptions.NoticeID) (rows int) {
	w.helper()
	p, err := w.s.Progress(w.ctx, n)
	w.must(err)
	for _, states := range p.ByLane {
		for _, k := range states {
			rows += k
		}
	}
	return rows
}

func (w *world) wantBy(n subscriptions.NoticeID, by subscriptions.SupersededBy, want int) {
	w.helper()
	p, err := w.s.Progress(w.ctx, n)
	w.must(err)
	if p.Superseded[by] != want {
		w.fatal("notice %d: got %v superseded, want %d by %s", n, p.Superseded, want, by)
	}
}

// said lists what was leased as "recipient notice services".
func said(ds []subscriptions.Delivery) []string {
	var out []string
	for _, d := range ds {
		out = append(out, fmt.Sprint(d.Recipient, " ", d.Notice, " ", d.Mode, " ", d.Services))
	}
	return out
}

func line(r subscriptions.Recipient, n subscriptions.Notice, m subscriptions.Mode, ids ...subscriptions.ServiceID) string {
	return fmt.Sprint(r.ID, " ", n.ID, " ", m, " ", ids)
}

// want compares in any order: among equals of a lane the order is the store's.
func (w *world) want(got []subscriptions.Delivery, want ...string) {
	w.helper()
	g := said(got)
	slices.Sort(g)
	slices.Sort(want)
	if !slices.Equal(g, want) {
		w.fatal("got deliveries %q, want %q", g, want)
	}
}

func (w *world) wantInOrder(got []subscriptions.Delivery, want ...string) {
	w.helper()
	if g := said(got); !slices.Equal(g, want) {
		w.fatal("got deliveries %q, want %q", g, want)
	}
}
