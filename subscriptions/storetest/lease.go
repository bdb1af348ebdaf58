package storetest

import (
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
		{"Recent counts what was said of another incident within the hour, though nothing more is said of that", func(w *world) {
			w.person(follow("a", "b")...)
			i := w.open("a")
			n := w.notice(i, subscriptions.Outage, "a")
			n.ExpiresAt = w.now.Add(10 * time.Minute)
			w.publish(n, &i)
			w.tell()
			w.now = w.now.Add(20 * time.Minute)
			w.sweep()
			w.outage("b")
			w.expand()
			if ds := w.lease(1); len(ds) != 1 || ds[0].Recent != 1 {
				w.fatal("got %+v, want one recent message", ds)
			}
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
