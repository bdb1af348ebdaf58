package storetest

import (
	"slices"
	"time"

	"arifa/subscriptions"
)

func sweepPromises() []promise {
	return []promise{
		{"Rows of overtaken, stopped, withdrawn, expired notices become superseded, up to limit rows at a time", func(w *world) {
			for range 5 {
				w.person(follow("a")...)
			}
			for by, kill := range map[subscriptions.SupersededBy]func(*subscriptions.Incident, subscriptions.Notice){
				subscriptions.ByNewer: func(i *subscriptions.Incident, n subscriptions.Notice) {
					w.publish(w.notice(*i, subscriptions.Update, "a"), i, n.ID)
				},
				subscriptions.ByRestored: func(i *subscriptions.Incident, _ subscriptions.Notice) { w.restore(i) },
				subscriptions.ByStop: func(_ *subscriptions.Incident, n subscriptions.Notice) {
					n.State = subscriptions.Stopped
					w.commit(subscriptions.Change{Notices: []subscriptions.Notice{n}})
				},
				subscriptions.ByWithdraw: func(_ *subscriptions.Incident, n subscriptions.Notice) {
					n.State = subscriptions.Withdrawn
					w.commit(subscriptions.Change{Notices: []subscriptions.Notice{n}})
				},
				subscriptions.ByExpiry: func(*subscriptions.Incident, subscriptions.Notice) { w.now = w.now.Add(13 * time.Hour) },
			} {
				i, n := w.outage("a")
				w.expand()
				kill(&i, n)
				var pages []int
				for {
					k, err := w.s.Sweep(w.ctx, 2, w.now)
					w.must(err)
					if k == 0 {
						break
					}
					pages = append(pages, k)
				}
				if !slices.Equal(pages, []int{2, 2, 1}) {
					w.fatal("%s: got pages %v, want 2, 2, 1", by, pages)
				}
				w.wantBy(n.ID, by, 5)
				w.now = w.now.Add(13 * time.Hour) // nothing of this incident is left for the next
				w.expand()
				w.sweep()
			}
		}},
		{"Leases whose fence is older than the lane's become pending again with Repeat (kinds with Resend, still live) or unknown", func(w *world) {
			told, fresh := w.person(follow("a")...), w.person()
			i, first := w.outage("a")
			w.tell()
			u := w.publish(w.notice(i, subscriptions.Update, "a"), &i, first.ID)
			w.expand()
			w.subscribe(fresh.ID, follow("d")...)
			_, resend := w.outage("d")
			w.expand()
			if ds := w.lease(10); len(ds) != 2 {
				w.fatal("got %v, want the update and the outage", said(ds))
			}
			t := w.usurp("one", "two")
			w.sweep()
			w.wantState(u.ID, told.ID, subscriptions.Unknown)
			w.wantState(resend.ID, fresh.ID, subscriptions.Pending)
			ds, err := w.s.Lease(w.ctx, t, 10, w.now)
			w.must(err)
			if len(ds) != 1 || !ds[0].Repeat {
				w.fatal("got %+v, want the outage repeated", ds)
			}
		}},
		{"A lapsed lease of an overtaken alert becomes unknown, and gets its end", func(w *world) {
			r := w.person(follow("a")...)
			i, n := w.outage("a")
			w.expand()
			w.lease(1)
			end := w.restore(&i)
			w.expand()
			w.usurp("one", "two")
			w.sweep()
			w.wantState(n.ID, r.ID, subscriptions.Unknown)
			w.wantState(end.ID, r.ID, subscriptions.Pending)
		}},
		{"Leases that lapsed by the database's clock become pending again with Repeat", func(w *world) {
			r := w.person(follow("a")...)
			_, n := w.outage("a")
			w.expand()
			t := w.tenure()
			t.Until = t.Now.Add(-time.Second)
			ds, err := w.s.Lease(w.ctx, t, 1, w.now)
			w.must(err)
			w.want(ds, line(r, n, subscriptions.AsMessage, "a"))
			w.sweep()
			if ds := w.lease(1); len(ds) != 1 || !ds[0].Repeat {
				w.fatal("got %+v, want it repeated", ds)
			}
		}},
		{"What a superseded row had carried for older rows is owed anew", func(w *world) {
			r := w.person(follow("a", "b")...)
			i, first := w.outage("a", "b")
			w.expand()
			alt := w.publish(w.notice(i, subscriptions.AlternativeNotice, "a"), &i, w.older(i.ID)...)
			w.expand()
			alt, err := w.s.Notice(w.ctx, alt.ID)
			w.must(err)
			alt.State = subscriptions.Stopped
			w.commit(subscriptions.Change{Notices: []subscriptions.Notice{alt}})
			w.sweep()
			w.wantState(alt.ID, r.ID, subscriptions.Superseded)
			w.want(w.drain(), line(r, first, subscriptions.AsMessage, "a", "b"))
		}},
		{"An end that a superseded row had carried is owed anew", func(w *world) {
			r := w.person(follow("a", "b")...)
			i, _ := w.outage("a", "b")
			w.tell()
			end := w.restore(&i, "a")
			w.expand()
			u := w.publish(w.notice(i, subscriptions.Update, "b"), &i, w.older(i.ID)...)
			w.expand()
			u, err := w.s.Notice(w.ctx, u.ID)
			w.must(err)
			u.State = subscriptions.Stopped
			w.commit(subscriptions.Change{Notices: []subscriptions.Notice{u}})
			w.sweep()
			w.want(w.drain(), line(r, end, subscriptions.AsMessage, "a"))
		}},
		{"Sweep returns 0 when there is nothing to do, and touches nothing live", func(w *world) {
			r := w.person(follow("a")...)
			_, n := w.outage("a")
			w.expand()
			if k, err := w.s.Sweep(w.ctx, 10, w.now); err != nil || k != 0 {
				w.fatal("got %d (%v), want 0", k, err)
			}
			w.wantState(n.ID, r.ID, subscriptions.Pending)
		}},
	}
}

func countPromises() []promise {
	return []promise{
		{"Progress counts one notice's deliveries by lane and state", func(w *world) {
			for range 4 {
				w.person(follow("a")...)
			}
			_, n := w.outage("a")
			if p, err := w.s.Progress(w.ctx, n.ID); err != nil || p.Expanded || p.Count(subscriptions.Pending) != 0 {
				w.fatal("got %+v (%v) before the expansion", p, err)
			}
			w.expand()
			ds := w.lease(3)
			w.report(subscriptions.Sent, ds[0])
			sentAt := w.now
			w.report(subscriptions.Failed, ds[1])
			p, err := w.s.Progress(w.ctx, n.ID)
			w.must(err)
			if !p.Expanded || p.ByLane[lane][subscriptions.Sent] != 1 || p.ByLane[lane][subscriptions.Failed] != 1 || p.ByLane[lane][subscriptions.Pending] != 2 || p.InFlight != 1 ||
				p.FirstSent != sentAt || p.LastSent != sentAt || p.Edits != 0 || p.Notice != n.ID {
				w.fatal("got %+v", p)
			}
			_, err = w.s.Progress(w.ctx, 999)
			w.is(err, subscriptions.ErrNotFound)
		}},
		{"Progress counts sent edits", func(w *world) {
			w.person(follow("a")...)
			i, first := w.outage("a")
			w.tell()
			u := w.publish(w.notice(i, subscriptions.Update, "a"), &i, first.ID)
			w.tell()
			if p, err := w.s.Progress(w.ctx, u.ID); err != nil || p.Edits != 1 {
				w.fatal("got %+v (%v), want one edit", p, err)
			}
		}},
		{"Unaccounted counts recipients who follow what a live, fully expanded notice tells and have no row: zero", func(w *world) {
			w.person(follow("a")...)
			i, n := w.outage("a")
			w.wantUnaccounted(0) // not expanded yet
			w.expand()
			w.wantUnaccounted(0)
			w.person(follow("a")...)
			w.publish(w.notice(i, subscriptions.Update, "a"), &i, n.ID)
			w.expand()
			w.wantUnaccounted(0)
		}},
		{"Unaccounted sees somebody who has been skipped", func(w *world) {
			r := w.person()
			_, err := w.s.Subscribe(w.ctx, r.ID, []subscriptions.Follow{{Scope: "service:a", Since: w.now, Until: w.now.Add(time.Hour)}}, w.now)
			w.must(err)
			w.outage("a")
			now := w.now
			w.now = w.now.Add(2 * time.Hour) // the expansion's clock is wrong: it takes the follow for lapsed
			w.expand()
			w.now = now
			w.wantUnaccounted(1)
		}},
		{"Deliveries lists up to limit rows of a notice in a state after an id, without addresses", func(w *world) {
			for range 5 {
				w.person(follow("a")...)
			}
			_, n := w.outage("a")
			w.expand()
			var seen []subscriptions.RecipientID
			after := subscriptions.DeliveryID(0)
			for {
				ds, err := w.s.Deliveries(w.ctx, n.ID, subscriptions.Pending, after, 2)
				w.must(err)
				if len(ds) == 0 {
					break
				}
				for _, d := range ds {
					if !d.Address.IsZero() || d.ID <= after || d.Notice != n.ID || d.Lane != lane {
						w.fatal("got %+v", d)
					}
					after = d.ID
					seen = append(seen, d.Recipient)
				}
			}
			slices.Sort(seen)
			if !slices.Equal(seen, []subscriptions.RecipientID{1, 2, 3, 4, 5}) {
				w.fatal("got recipients %v, want all five", seen)
			}
		}},
	}
}
