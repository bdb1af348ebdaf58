package storetest

import (
	"slices"

	"arifa/subscriptions"
)

func subscribePromises() []promise {
	return []promise{
		{"Subscribe makes this recipient owed the current notice of every live incident whose audience its follows match", func(w *world) {
			w.person(follow("a")...)
			_, first := w.outage("a")
			_, other := w.outage("d")
			w.tell()
			r := w.person()
			owed := w.subscribe(r.ID, follow("a", "c", "d")...)
			if len(owed) != 2 || !slices.ContainsFunc(owed, func(o subscriptions.Owed) bool {
				return o.Notice == first.ID && !o.Told && o.Mode == subscriptions.AsMessage
			}) {
				w.fatal("got %+v, want both notices owed", owed)
			}
			w.want(w.drain(), line(r, first, subscriptions.AsMessage, "a"), line(r, other, subscriptions.AsMessage, "d"))
		}},
		{"Subscribe owes the newest published notice, not an overtaken one", func(w *world) {
			i, first := w.outage("a")
			w.expand()
			n := w.notice(i, subscriptions.Update, "a")
			update := w.publish(n, &i, first.ID)
			r := w.person(follow("a")...)
			w.want(w.tell(), line(r, update, subscriptions.AsMessage, "a"))
			w.wantState(first.ID, r.ID, "")
		}},
		{"Subscribe owes nothing of what is restored", func(w *world) {
			i, _ := w.outage("a")
			w.tell()
			w.restore(&i)
			r := w.person()
			if owed := w.subscribe(r.ID, follow("a")...); len(owed) != 0 {
				w.fatal("got %+v, want nothing owed after the end", owed)
			}
			w.want(w.tell())
		}},
		{"Subscribing before a notice is expanded gives one row, not two", func(w *world) {
			_, n := w.outage("a")
			r := w.person(follow("a")...)
			w.want(w.tell(), line(r, n, subscriptions.AsMessage, "a"))
		}},
		{"Subscribe is absolute: a second time changes nothing", func(w *world) {
			_, n := w.outage("a")
			r := w.person(follow("a")...)
			if owed := w.subscribe(r.ID, follow("a")...); len(owed) != 0 {
				w.fatal("got %+v, want nothing new owed", owed)
			}
			w.want(w.tell(), line(r, n, subscriptions.AsMessage, "a"))
			if owed := w.subscribe(r.ID, follow("a")...); len(owed) != 0 {
				w.fatal("got %+v, want nothing new owed after it was told", owed)
			}
			w.want(w.tell())
			if got := w.scopes(r.ID); len(got) != 1 {
				w.fatal("got follows %v, want one", got)
			}
		}},
		{"A pending row's services grow", func(w *world) {
			_, n := w.outage("a", "b")
			r := w.person(follow("a")...)
			owed := w.subscribe(r.ID, follow("b")...)
			if len(owed) != 1 || owed[0].Notice != n.ID || owed[0].Told {
				w.fatal("got %+v, want the grown row", owed)
			}
			w.want(w.tell(), line(r, n, subscriptions.AsMessage, "a", "b"))
		}},
		{"A sent row becomes a pending AsEdit row with the grown services and still counts as told", func(w *world) {
			i, n := w.outage("a", "b")
			r := w.person(follow("a")...)
			w.tell()
			owed := w.subscribe(r.ID, follow("b")...)
			if len(owed) != 1 || !owed[0].Told || owed[0].Mode != subscriptions.AsEdit {
				w.fatal("got %+v, want a told row that grew", owed)
			}
			end := w.restore(&i) // before the edit went out
			w.sweep()
			w.wantState(n.ID, r.ID, subscriptions.Sent)
			w.want(w.tell(), line(r, end, subscriptions.AsMessage, "a"))
		}},
		{"A grown row that was sent is owed the end of everything that it said", func(w *world) {
			i, n := w.outage("a", "b")
			r := w.person(follow("a")...)
			w.tell()
			w.subscribe(r.ID, follow("b")...)
			ds := w.tell()
			w.want(ds, line(r, n, subscriptions.AsEdit, "a", "b"))
			if ds[0].Edit == "" {
				w.fatal("got no message to edit")
			}
			end := w.restore(&i)
			w.want(w.tell(), line(r, end, subscriptions.AsMessage, "a", "b"))
		}},
		{"A row that is in flight grows when it comes back", func(w *world) {
			i, n := w.outage("a", "b")
			r := w.person(follow("a")...)
			w.expand()
			flying := w.lease(1)
			w.want(flying, line(r, n, subscriptions.AsMessage, "a"))
			w.subscribe(r.ID, follow("b")...)
			w.want(w.lease(5))
			w.report(subscriptions.Sent, flying...)
			w.want(w.drain(), line(r, n, subscriptions.AsEdit, "a", "b"))
			end := w.restore(&i)
			w.want(w.tell(), line(r, end, subscriptions.AsMessage, "a", "b"))
		}},
		{"A watch is told as an answer, hears the end, and counts for its incident alone", func(w *world) {
			i, n := w.outage("a")
			r := w.person()
			_, err := w.s.Subscribe(w.ctx, r.ID, []subscriptions.Follow{{Scope: "service:a", Incident: i.ID}}, w.tick())
			w.must(err)
			ds := w.tell()
			w.want(ds, line(r, n, subscriptions.AsMessage, "a"))
			if !ds[0].Asked {
				w.fatal("got %+v, want an answer", ds[0])
			}
			end := w.restore(&i)
			w.want(w.tell(), line(r, end, subscriptions.AsMessage, "a"))
			w.outage("a")
			w.want(w.tell())
		}},
		{"Subscribing to an unknown recipient is ErrNotFound", func(w *world) {
			_, err := w.s.Subscribe(w.ctx, 99, []subscriptions.Follow{{Scope: "all"}}, w.now)
			w.is(err, subscriptions.ErrNotFound)
		}},
		{"What the newest notice does not speak of is owed too, in one message", func(w *world) {
			i, _ := w.outage("a", "b")
			n := w.notice(i, subscriptions.AlternativeNotice, "a")
			alt := w.publish(n, &i, w.older(i.ID)...)
			r := w.person(follow("a", "b")...)
			w.want(w.tell(), line(r, alt, subscriptions.AsMessage, "a", "b"))
		}},
	}
}

func leavePromises() []promise {
	return []promise{
		{"Leave removes the follows of these scopes and returns them (nil = all, watches too)", func(w *world) {
			r := w.person(follow("a", "b")...)
			_, err := w.s.Subscribe(w.ctx, r.ID, []subscriptions.Follow{{Scope: "service:c", Incident: 9}}, w.tick())
			w.must(err)
			left, err := w.s.Leave(w.ctx, r.ID, follow("a"), w.tick())
			w.must(err)
			if !slices.Equal(left.Scopes, follow("a")) || left.Unended != 0 {
				w.fatal("got %+v, want a", left)
			}
			left, err = w.s.Leave(w.ctx, r.ID, nil, w.tick())
			w.must(err)
			if len(left.Scopes) != 2 || len(w.scopes(r.ID)) != 0 {
				w.fatal("got %+v leaving %v, want b and c left", left, w.scopes(r.ID))
			}
		}},
		{"Leave makes unsent rows superseded (ByLeaving)", func(w *world) {
			r := w.person(follow("a")...)
			_, n := w.outage("a")
			w.expand()
			_, err := w.s.Leave(w.ctx, r.ID, nil, w.tick())
			w.must(err)
			w.wantBy(n.ID, subscriptions.ByLeaving, 1)
			w.want(w.tell())
		}},
		{"Leave ends the debts: told ones no longer get an end, and Unended counts their live incidents", func(w *world) {
			r, stays := w.person(follow("a")...), w.person(follow("a")...)
			i, n := w.outage("a")
			w.tell()
			left, err := w.s.Leave(w.ctx, r.ID, nil, w.tick())
			w.must(err)
			if left.Unended != 1 {
				w.fatal("got %+v, want one end that will not come", left)
			}
			w.wantState(n.ID, r.ID, subscriptions.Sent)
			end := w.restore(&i)
			w.want(w.tell(), line(stays, end, subscriptions.AsMessage, "a"))
		}},
		{"Debts that a remaining follow explains stay", func(w *world) {
			r := w.person(subscriptions.ScopeService("a"), subscriptions.ScopeAgency("kra"))
			i, _ := w.outage("a")
			w.tell()
			left, err := w.s.Leave(w.ctx, r.ID, follow("a"), w.tick())
			w.must(err)
			if left.Unended != 0 {
				w.fatal("got %+v, want the end still owed", left)
			}
			end := w.restore(&i)
			w.want(w.tell(), line(r, end, subscriptions.AsMessage, "a"))
		}},
		{"Leaving one of two services keeps the debt of the other", func(w *world) {
			r := w.person(follow("a", "b")...)
			i, n := w.outage("a", "b")
			w.expand()
			_, err := w.s.Leave(w.ctx, r.ID, follow("a"), w.tick())
			w.must(err)
			w.want(w.drain(), line(r, n, subscriptions.AsMessage, "b"))
			end := w.restore(&i)
			w.want(w.tell(), line(r, end, subscriptions.AsMessage, "b"))
		}},
		{"Leaving while a message is in flight: it may arrive, nothing follows", func(w *world) {
			for _, state := range []subscriptions.DeliveryState{subscriptions.Sent, subscriptions.Unknown, subscriptions.Pending} {
				r := w.person(follow("a")...)
				i, _ := w.outage("a")
				w.expand()
				flying := w.lease(1)
				_, err := w.s.Leave(w.ctx, r.ID, nil, w.tick())
				w.must(err)
				w.report(state, flying...)
				w.want(w.tell())
				w.restore(&i)
				w.want(w.tell())
			}
		}},
		{"A pending end is not sent to who left", func(w *world) {
			r := w.person(follow("a")...)
			i, _ := w.outage("a")
			w.tell()
			end := w.restore(&i)
			w.expand()
			_, err := w.s.Leave(w.ctx, r.ID, nil, w.tick())
			w.must(err)
			w.wantBy(end.ID, subscriptions.ByLeaving, 1)
			w.want(w.tell())
		}},
		{"Coming back after leaving owes the end again, without a second start", func(w *world) {
			r := w.person(follow("a")...)
			i, _ := w.outage("a")
			w.tell()
			_, err := w.s.Leave(w.ctx, r.ID, nil, w.tick())
			w.must(err)
			w.subscribe(r.ID, follow("a")...)
			w.want(w.tell())
			end := w.restore(&i)
			w.want(w.tell(), line(r, end, subscriptions.AsMessage, "a"))
		}},
		{"Coming back before it was sent owes the start again", func(w *world) {
			r := w.person(follow("a")...)
			_, n := w.outage("a")
			w.expand()
			_, err := w.s.Leave(w.ctx, r.ID, nil, w.tick())
			w.must(err)
			w.subscribe(r.ID, follow("a")...)
			w.want(w.tell(), line(r, n, subscriptions.AsMessage, "a"))
		}},
	}
}
