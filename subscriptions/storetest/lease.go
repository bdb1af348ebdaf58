package storetest

import (
	"slices"
	"time"

	"arifa/subscriptions"
)

func leasePromises() []promise {
	return []promise{
		{"Lease hands out up to max due rows in rule 8's order (rank, class, age)", func(w *world) {
			rest, asked := w.person(subscriptions.ScopeAll), w.person(subscriptions.ScopeAll)
			asked.AskedAt = w.now
			_, err := w.s.SaveRecipient(w.ctx, asked)
			w.must(err)
			post := w.recipient(subscriptions.Channel, subscriptions.ScopeAll)
			_, blocked := w.outage("a")
			_, later := w.outage("d")
			i := w.open("c")
			high := w.commit(subscriptions.Change{Incident: &i, Notices: []subscriptions.Notice{w.notice(i, subscriptions.Outage, "c")}, HighHarm: services("c")}).Notices[0]
			w.expand()
			var want []string
			for _, k := range []struct {
				n subscriptions.Notice
				s subscriptions.ServiceID
			}{{high, "c"}} {
				want = append(want, line(post, k.n, subscriptions.AsMessage, k.s), line(asked, k.n, subscriptions.AsMessage, k.s), line(rest, k.n, subscriptions.AsMessage, k.s))
			}
			for _, r := range []subscriptions.Recipient{post, asked, rest} {
				want = append(want, line(r, blocked, subscriptions.AsMessage, "a"), line(r, later, subscriptions.AsMessage, "d"))
			}
			got := w.lease(2)
			got = append(got, w.lease(100)...)
			w.wantInOrder(got, want...)
		}},
		{"Lease gives everything that a lane needs to speak", func(w *world) {
			r := w.person(follow("a")...)
			r.Silent, r.Language = true, "en"
			_, err := w.s.SaveRecipient(w.ctx, r)
			w.must(err)
			i, n := w.outage("a")
			w.expand()
			d := w.lease(1)[0]
			if d.Address != r.Address || d.Language != "en" || !d.Silent || d.Kind != subscriptions.Person || d.Lane != lane || d.Incident != i.ID || d.Round != 1 || d.Rank != subscriptions.RankBlocked ||
				d.Attempt != 1 || d.Repeat || d.Asked || d.ReplyTo != "" || d.Edit != "" || d.Recent != 0 || d.Notice != n.ID {
				w.fatal("got %+v", d)
			}
		}},
		{"ErrFenced when t is not the lane's tenure any more", func(w *world) {
			w.person(follow("a")...)
			w.outage("a")
			w.expand()
			old := w.tenure()
			now := w.usurp("one", "two")
			_, err := w.s.Lease(w.ctx, old, 1, w.now)
			w.is(err, subscriptions.ErrFenced)
			if ds, err := w.s.Lease(w.ctx, now, 1, w.now); err != nil || len(ds) != 1 {
				w.fatal("got %v (%v), want the row for the new owner", said(ds), err)
			}
		}},
		{"A lane gets its own rows only", func(w *world) {
			w.person(follow("a")...)
			w.outage("a")
			w.expand()
			t, err := w.s.Acquire(w.ctx, "slack:T1", "one", time.Hour)
			w.must(err)
			ds, err := w.s.Lease(w.ctx, t, 5, w.now)
			w.must(err)
			w.want(ds)
		}},
		{"Rows of overtaken, stopped, withdrawn or expired notices are never handed out", func(w *world) {
			w.person(follow("a")...)
			for name, kill := range map[string]func(*subscriptions.Incident, subscriptions.Notice){
				"overtaken": func(i *subscriptions.Incident, n subscriptions.Notice) {
					w.publish(w.notice(*i, subscriptions.Update, "a"), i, n.ID)
				},
				"stopped": func(_ *subscriptions.Incident, n subscriptions.Notice) {
					n.State = subscriptions.Stopped
					w.commit(subscriptions.Change{Notices: []subscriptions.Notice{n}})
				},
				"withdrawn": func(_ *subscriptions.Incident, n subscriptions.Notice) {
					n.State = subscriptions.Withdrawn
					w.commit(subscriptions.Change{Notices: []subscriptions.Notice{n}})
				},
				"expired":  func(*subscriptions.Incident, subscriptions.Notice) { w.now = w.now.Add(13 * time.Hour) },
				"restored": func(i *subscriptions.Incident, _ subscriptions.Notice) { w.restore(i) },
			} {
				i, n := w.outage("a")
				w.expand()
				kill(&i, n)
				if ds := w.lease(5); len(ds) != 0 {
					w.fatal("%s: got %v, want nothing", name, said(ds))
				}
				w.now = w.now.Add(13 * time.Hour)
				w.sweep()
			}
		}},
		{"Nor a row whose recipient and incident have another row leased", func(w *world) {
			r := w.person(follow("a")...)
			i, n := w.outage("a")
			w.expand()
			flying := w.lease(1)
			c := w.publish(w.notice(i, subscriptions.Correction, "a"), nil)
			w.expand()
			w.want(w.lease(5))
			w.report(subscriptions.Sent, flying...)
			w.want(w.lease(5), line(r, c, subscriptions.AsMessage, "a"))
			_ = n
		}},
		{"Of two due rows of one recipient and incident only the first is handed out", func(w *world) {
			r := w.person(follow("a")...)
			i, n := w.outage("a")
			c := w.notice(i, subscriptions.Correction, "a")
			c.Money = true
			c = w.publish(c, nil)
			w.expand()
			w.want(w.lease(5), line(r, c, subscriptions.AsMessage, "a"))
			w.wantState(n.ID, r.ID, subscriptions.Pending)
		}},
		{"A row in flight does not stop the others, however many wait behind it", func(w *world) {
			for range 4 {
				w.person(follow("a")...)
			}
			i, _ := w.outage("a")
			w.expand()
			w.lease(3)
			c := w.publish(w.notice(i, subscriptions.Correction, "a"), nil)
			w.expand()
			ds := w.lease(2)
			if len(ds) != 1 || ds[0].Recipient != 4 {
				w.fatal("got %v, want the fourth recipient's start (or its correction %d)", said(ds), c.ID)
			}
		}},
		{"Leased rows are not handed out twice", func(w *world) {
			for range 3 {
				w.person(follow("a")...)
			}
			w.outage("a")
			w.expand()
			if a, b, c := w.lease(2), w.lease(2), w.lease(2); len(a) != 2 || len(b) != 1 || len(c) != 0 || a[0].ID == b[0].ID || a[1].ID == b[0].ID {
				w.fatal("got %v, %v, %v", said(a), said(b), said(c))
			}
		}},
		{"Services that do not fail any more are left out of it", func(w *world) {
			r := w.person(follow("a", "b")...)
			i, n := w.outage("a", "b")
			w.expand()
			w.put(w.end(i, "a"))
			w.want(w.drain(), line(r, n, subscriptions.AsMessage, "b"))
		}},
		{"ReplyTo is the first message of this round, Edit the live one; both are empty in a new round", func(w *world) {
			r := w.person(follow("a")...)
			i, _ := w.outage("a")
			first := w.tell()[0]
			loud := w.notice(i, subscriptions.Update, "a")
			loud.Sound = true
			w.publish(loud, &i, w.older(i.ID)...)
			second := w.tell()[0]
			w.publish(w.notice(i, subscriptions.Update, "a"), &i, w.older(i.ID)...)
			edit := w.tell()[0]
			if edit.Mode != subscriptions.AsEdit || edit.Edit != messageOf(second, subscriptions.Sent) {
				w.fatal("got %+v, want an edit of the second message", edit)
			}
			w.restore(&i)
			end := w.tell()[0]
			if end.ReplyTo != messageOf(first, subscriptions.Sent) || end.Edit != "" {
				w.fatal("got %+v, want a reply to the first message", end)
			}
			i = w.reopen(i, "a")
			w.publish(w.notice(i, subscriptions.Outage, "a"), &i, w.older(i.ID)...)
			if again := w.tell(); len(again) != 1 || again[0].ReplyTo != "" || again[0].Recipient != r.ID {
				w.fatal("got %+v, want a first message of the new round", again)
			}
		}},
		{"An edit without a message to edit goes out as a message", func(w *world) {
			r := w.person(follow("a")...)
			i, _ := w.outage("a")
			w.expand()
			flying := w.lease(1)
			n := w.publish(w.notice(i, subscriptions.Update, "a"), &i, w.older(i.ID)...)
			w.expand()
			w.report(subscriptions.Failed, flying...)
			w.want(w.drain(), line(r, n, subscriptions.AsMessage, "a"))
		}},
		{"Recent counts the new messages of the last hour that count against the cap, OldestRecent is the first of them", func(w *world) {
			w.person(follow("a", "b", "c")...)
			i, _ := w.outage("a")
			w.tell()
			oldest := w.now.Add(30 * time.Minute)
			w.now = oldest.Add(-time.Second)
			w.outage("b")
			w.expand()
			w.tick()
			w.report(subscriptions.Sent, w.lease(1)...)
			w.restore(&i) // exempt
			w.tell()
			w.now = oldest.Add(40 * time.Minute)
			w.outage("c")
			w.expand()
			ds := w.lease(1)
			if len(ds) != 1 || ds[0].Recent != 1 || ds[0].OldestRecent.Sub(oldest).Abs() > 10*time.Second {
				w.fatal("got %+v, want one recent message, sent about %v", ds, oldest)
			}
		}},
	}
}

func finishPromises() []promise {
	return []promise{
		{"A row that finishes as Sent, Failed, Unknown or Superseded is in that state", func(w *world) {
			for range 4 {
				w.person(follow("a")...)
			}
			_, n := w.outage("a")
			w.expand()
			ds := w.lease(4)
			t := w.tenure()
			var rs []subscriptions.Result
			for k, st := range []subscriptions.DeliveryState{subscriptions.Sent, subscriptions.Failed, subscriptions.Unknown, subscriptions.Superseded} {
				rs = append(rs, subscriptions.Result{ID: ds[k].ID, Fence: t.Fence, State: st, By: subscriptions.ByExpiry, Message: "m", Counted: true, At: w.now})
			}
			w.must(w.s.Finish(w.ctx, rs))
			for k, r := range rs {
				w.wantState(n.ID, ds[k].Recipient, r.State)
			}
			w.wantBy(n.ID, subscriptions.ByExpiry, 1)
		}},
		{"Pending = again at NextAt, with a higher Attempt where it was counted", func(w *world) {
			w.person(follow("a")...)
			w.outage("a")
			w.expand()
			fence := w.tenure().Fence
			for want := 1; want <= 3; want++ {
				ds := w.lease(1)
				if len(ds) != 1 || ds[0].Attempt != want || ds[0].Repeat {
					w.fatal("got %+v, want attempt %d", ds, want)
				}
				at := w.now.Add(time.Minute)
				w.must(w.s.Finish(w.ctx, []subscriptions.Result{{ID: ds[0].ID, Fence: fence, State: subscriptions.Pending, NextAt: at, Counted: true, At: w.now}}))
				w.want(w.lease(1))
				w.now = at
			}
			ds := w.lease(1)
			w.must(w.s.Finish(w.ctx, []subscriptions.Result{{ID: ds[0].ID, Fence: fence, State: subscriptions.Pending, At: w.now}}))
			if ds := w.lease(1); len(ds) != 1 || ds[0].Attempt != 4 {
				w.fatal("got %+v, want attempt 4 again: the last one never reached the network", ds)
			}
		}},
		{"Unknown with a NextAt makes the row pending again with Repeat, and counts as told", func(w *world) {
			r := w.person(follow("a")...)
			i, n := w.outage("a")
			w.expand()
			d := w.lease(1)[0]
			w.must(w.s.Finish(w.ctx, []subscriptions.Result{{ID: d.ID, Fence: w.tenure().Fence, State: subscriptions.Unknown, NextAt: w.now.Add(time.Second), Counted: true, At: w.now}}))
			w.now = w.now.Add(time.Minute)
			ds := w.lease(1)
			if len(ds) != 1 || !ds[0].Repeat {
				w.fatal("got %+v, want it repeated", ds)
			}
			w.report(subscriptions.Pending, ds...)
			end := w.restore(&i)
			w.sweep()
			w.wantState(n.ID, r.ID, subscriptions.Unknown)
			w.want(w.tell(), line(r, end, subscriptions.AsMessage, "a"))
		}},
		{"Finish is evidence: accepted late and from a former owner, it may raise pending or unknown to sent", func(w *world) {
			for range 2 {
				w.person(follow("a")...)
			}
			_, n := w.outage("a")
			w.expand()
			old := w.tenure()
			ds := w.lease(2)
			w.usurp("one", "two")
			w.sweep() // both pending again, with Repeat
			for _, d := range ds {
				w.wantState(n.ID, d.Recipient, subscriptions.Pending)
			}
			w.must(w.s.Finish(w.ctx, []subscriptions.Result{{ID: ds[0].ID, Fence: old.Fence, State: subscriptions.Sent, Message: "m", Counted: true, At: w.now}}))
			w.wantState(n.ID, ds[0].Recipient, subscriptions.Sent)
			for _, st := range []subscriptions.DeliveryState{subscriptions.Failed, subscriptions.Superseded, subscriptions.Pending} {
				w.must(w.s.Finish(w.ctx, []subscriptions.Result{{ID: ds[1].ID, Fence: old.Fence, State: st, By: subscriptions.ByStop, Counted: true, At: w.now}}))
				w.wantState(n.ID, ds[1].Recipient, subscriptions.Pending)
			}
			w.now = w.now.Add(13 * time.Hour)
			w.sweep()
			w.wantState(n.ID, ds[1].Recipient, subscriptions.Unknown)
			w.must(w.s.Finish(w.ctx, []subscriptions.Result{{ID: ds[1].ID, Fence: old.Fence, State: subscriptions.Sent, Message: "m", Counted: true, At: w.now}}))
			w.wantState(n.ID, ds[1].Recipient, subscriptions.Sent)
		}},
		{"Finish never lowers sent, and is safe to repeat", func(w *world) {
			r := w.person(follow("a")...)
			_, n := w.outage("a")
			w.expand()
			d := w.lease(1)[0]
			fence := w.tenure().Fence
			w.must(w.s.Finish(w.ctx, []subscriptions.Result{{ID: d.ID, Fence: fence, State: subscriptions.Sent, Message: "m", Counted: true, At: w.now}}))
			for _, st := range []subscriptions.DeliveryState{subscriptions.Sent, subscriptions.Pending, subscriptions.Failed, subscriptions.Unknown, subscriptions.Superseded} {
				w.must(w.s.Finish(w.ctx, []subscriptions.Result{{ID: d.ID, Fence: fence, State: st, Counted: true, At: w.now}}))
				w.wantState(n.ID, r.ID, subscriptions.Sent)
			}
			w.want(w.drain())
		}},
		{"A failed edit does not lower what was sent", func(w *world) {
			i, n := w.outage("a", "b")
			r := w.person(follow("a")...)
			w.tell()
			w.subscribe(r.ID, follow("b")...)
			w.report(subscriptions.Failed, w.lease(1)...)
			w.wantState(n.ID, r.ID, subscriptions.Sent)
			end := w.restore(&i)
			w.want(w.tell(), line(r, end, subscriptions.AsMessage, "a"))
		}},
		{"A row that finishes as sent or unknown after its incident's round was restored gets its restored row in the same transaction", func(w *world) {
			for _, st := range []subscriptions.DeliveryState{subscriptions.Sent, subscriptions.Unknown} {
				r := w.person(follow("a")...)
				i, n := w.outage("a")
				w.expand()
				d := w.lease(1)[0]
				old := w.tenure()
				w.usurp("one", "two")
				w.sweep()
				w.must(w.s.Release(w.ctx, subscriptions.Tenure{Lane: lane, Owner: "two", Fence: old.Fence + 1}))
				end := w.restore(&i)
				w.sweep()
				w.expand()
				w.drain()
				w.wantState(n.ID, r.ID, subscriptions.Unknown) // a lapsed lease may have been heard
				w.must(w.s.Finish(w.ctx, []subscriptions.Result{{ID: d.ID, Fence: old.Fence, State: st, Message: "m", Counted: true, At: w.now}}))
				w.wantState(end.ID, r.ID, subscriptions.Sent)
				_, err := w.s.Leave(w.ctx, r.ID, nil, w.now)
				w.must(err)
			}
		}},
		{"A start that turns out late to have arrived gets its end", func(w *world) {
			r := w.person(follow("a")...)
			i, n := w.outage("a")
			w.expand()
			d := w.lease(1)[0]
			old := w.tenure()
			w.must(w.s.Release(w.ctx, old)) // given back as not begun, though it was
			end := w.restore(&i)
			w.expand()
			w.sweep()
			w.wantState(n.ID, r.ID, subscriptions.Superseded)
			w.want(w.drain())
			w.must(w.s.Finish(w.ctx, []subscriptions.Result{{ID: d.ID, Fence: old.Fence, State: subscriptions.Sent, Message: "m", Counted: true, At: w.now}}))
			w.wantState(n.ID, r.ID, subscriptions.Sent)
			ds := w.drain()
			w.want(ds, line(r, end, subscriptions.AsMessage, "a"))
			if ds[0].ReplyTo != "m" {
				w.fatal("got a reply to %q, want the late message", ds[0].ReplyTo)
			}
		}},
		{"An end that waits says also what was in flight when it was written", func(w *world) {
			r := w.person(follow("a", "b")...)
			i, n := w.outage("a")
			w.tell()
			i = w.put(w.claim(i, "b"))
			loud := w.notice(i, subscriptions.Update, "a", "b")
			loud.Sound = true
			loud = w.publish(loud, &i, n.ID)
			w.expand()
			flying := w.lease(1)
			w.want(flying, line(r, loud, subscriptions.AsMessage, "a", "b"))
			end := w.restore(&i)
			w.expand()
			w.report(subscriptions.Sent, flying...)
			w.want(w.tell(), line(r, end, subscriptions.AsMessage, "a", "b"))
		}},
		{"Gone ends the recipient's debts on that lane", func(w *world) {
			r := w.person(follow("a", "b")...)
			i, _ := w.outage("a")
			_, other := w.outage("b")
			w.expand()
			d := w.lease(1)[0]
			w.must(w.s.Finish(w.ctx, []subscriptions.Result{{ID: d.ID, Fence: w.tenure().Fence, State: subscriptions.Failed, Gone: true, Reason: "403 blocked", Counted: true, At: w.now}}))
			w.wantState(other.ID, r.ID, subscriptions.Superseded)
			w.want(w.drain())
			got, err := w.s.Recipient(w.ctx, lane, r.Address)
			w.must(err)
			if got.GoneAt.IsZero() || len(w.scopes(r.ID)) != 2 {
				w.fatal("got %+v following %v, want it gone with its follows kept", got, w.scopes(r.ID))
			}
			w.restore(&i)
			w.want(w.tell())
			w.outage("a")
			w.want(w.tell())
		}},
		{"MovedTo moves the recipient", func(w *world) {
			r := w.person(follow("a")...)
			_, n := w.outage("a")
			w.expand()
			d := w.lease(1)[0]
			to := subscriptions.AddressOf("-100777")
			w.must(w.s.Finish(w.ctx, []subscriptions.Result{{ID: d.ID, Fence: w.tenure().Fence, State: subscriptions.Pending, MovedTo: to, Counted: true, At: w.now}}))
			ds := w.lease(1)
			w.want(ds, line(r, n, subscriptions.AsMessage, "a"))
			if ds[0].Address != to {
				w.fatal("got %q, want the new address", ds[0].Address.Reveal())
			}
		}},
		{"A result for a delivery that was erased is no error", func(w *world) {
			w.must(w.s.Finish(w.ctx, []subscriptions.Result{{ID: 12345, State: subscriptions.Sent, At: w.now}}))
			w.must(w.s.Finish(w.ctx, nil))
		}},
	}
}

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
