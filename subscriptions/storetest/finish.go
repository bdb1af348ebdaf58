package storetest

import (
	"time"

	"arifa/subscriptions"
)

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
