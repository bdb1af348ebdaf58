package storetest

import (
	"slices"
	"time"

	"arifa/subscriptions"
)

func expandPromises() []promise {
	return []promise{
		{"Expand writes each recipient whose follows match the audience once, with their services; gone ones are left out", func(w *world) {
			all, agency, one, both := w.person(subscriptions.ScopeAll), w.person(subscriptions.ScopeAgency("kra")), w.person(follow("b")...), w.person(subscriptions.ScopeAgency("kra"), "service:b", "service:d")
			w.person(follow("d")...)
			lapsed := w.person()
			_, err := w.s.Subscribe(w.ctx, lapsed.ID, []subscriptions.Follow{{Scope: "service:a", Until: w.now.Add(time.Second)}}, w.now)
			w.must(err)
			gone := w.person(follow("a")...)
			gone.GoneAt = w.now
			_, err = w.s.SaveRecipient(w.ctx, gone)
			w.must(err)
			_, n := w.outage("a", "b", "c")
			w.want(w.tell(), line(all, n, subscriptions.AsMessage, "a", "b", "c"), line(agency, n, subscriptions.AsMessage, "a", "c"),
				line(one, n, subscriptions.AsMessage, "b"), line(both, n, subscriptions.AsMessage, "a", "b", "c"))
		}},
		{"Expand writes a page of at most limit rows, and says which notice, how many, which lanes and when it is done", func(w *world) {
			for range 3 {
				w.person(follow("a")...)
			}
			_, n := w.outage("a")
			added := 0
			for k := 0; ; k++ {
				e, err := w.s.Expand(w.ctx, 2, w.now)
				w.must(err)
				if e.Notice != n.ID || e.Added > 2 || e.Added > 0 != (len(e.Lanes) == 1) || k > 20 {
					w.fatal("page %d: got %+v", k, e)
				}
				added += e.Added
				if e.Done {
					break
				}
			}
			if added != 3 {
				w.fatal("got %d rows, want 3", added)
			}
			if e, err := w.s.Expand(w.ctx, 2, w.now); err != nil || e.Notice != 0 {
				w.fatal("got %+v (%v), want nothing left to expand", e, err)
			}
			if got, err := w.s.Notice(w.ctx, n.ID); err != nil || got.ExpandedAt.IsZero() {
				w.fatal("got %+v (%v), want it marked as expanded", got, err)
			}
		}},
		{"Expand goes in rule 8's order over notices", func(w *world) {
			w.person(follow("a", "b", "c")...)
			_, low := w.outage("a")
			i := w.open("c")
			high := w.commit(subscriptions.Change{Incident: &i, Notices: []subscriptions.Notice{w.notice(i, subscriptions.Outage, "c")}, HighHarm: services("c")}).Notices[0]
			e, err := w.s.Expand(w.ctx, 10, w.now)
			w.must(err)
			if e.Notice != high.ID {
				w.fatal("got notice %d first, want the high-harm %d before %d", e.Notice, high.ID, low.ID)
			}
		}},
		{"Expand goes in the order posts, asked, rest", func(w *world) {
			rest, asked := w.person(follow("a")...), w.person(follow("a")...)
			asked.AskedAt = w.now
			_, err := w.s.SaveRecipient(w.ctx, asked)
			w.must(err)
			post := w.recipient(subscriptions.Channel, subscriptions.ScopeAll)
			_, n := w.outage("a")
			for _, want := range []subscriptions.RecipientID{post.ID, asked.ID, rest.ID} {
				for added := 0; added == 0; {
					e, err := w.s.Expand(w.ctx, 1, w.now)
					w.must(err)
					if e.Notice == 0 {
						w.fatal("nothing more to expand, want recipient %d", want)
					}
					added = e.Added
				}
				w.wantState(n.ID, want, subscriptions.Pending)
			}
		}},
		{"For Update and AlternativeNotice without Sound: told ones as AsEdit, the others as messages", func(w *world) {
			for _, k := range []subscriptions.Kind{subscriptions.Update, subscriptions.AlternativeNotice} {
				told := w.person(follow("a")...)
				i, first := w.outage("a")
				w.tell()
				fresh := w.person()
				_, err := w.s.Subscribe(w.ctx, fresh.ID, nil, w.now)
				w.must(err)
				n := w.publish(w.notice(i, k, "a"), &i, first.ID)
				w.subscribe(fresh.ID, follow("a")...)
				ds := w.tell()
				slices.SortFunc(ds, func(a, b subscriptions.Delivery) int { return int(a.Recipient - b.Recipient) })
				ds = slices.DeleteFunc(ds, func(d subscriptions.Delivery) bool { return d.Recipient != told.ID && d.Recipient != fresh.ID })
				w.want(ds, line(told, n, subscriptions.AsEdit, "a"), line(fresh, n, subscriptions.AsMessage, "a"))
				w.restore(&i)
				w.tell()
			}
		}},
		{"An end that is taken back: who read it hears that it fails, the others' live message is edited, and each gets one end", func(w *world) {
			read, refused, flying := w.person(follow("a")...), w.person(follow("a")...), w.person(follow("a")...)
			i, _ := w.outage("a")
			w.tell()
			end := w.restore(&i)
			w.expand()
			var late subscriptions.Delivery // on its way while the end is stopped
			for _, d := range w.lease(3) {
				switch d.Recipient {
				case read.ID:
					w.report(subscriptions.Sent, d)
				case refused.ID:
					w.report(subscriptions.Pending, d)
				case flying.ID:
					late = d
				}
			}
			back := w.takeBack(&i, end)
			fresh := w.person(follow("a")...)
			w.expand()
			w.sweep()
			w.wantState(end.ID, refused.ID, subscriptions.Superseded)
			w.want(w.drain(), line(read, back, subscriptions.AsMessage, "a"), line(refused, back, subscriptions.AsEdit, "a"), line(fresh, back, subscriptions.AsMessage, "a"))
			w.report(subscriptions.Sent, late)
			w.want(w.drain(), line(flying, back, subscriptions.AsMessage, "a"))
			again := w.restore(&i)
			w.want(w.tell(), line(read, again, subscriptions.AsMessage, "a"), line(refused, again, subscriptions.AsMessage, "a"),
				line(flying, again, subscriptions.AsMessage, "a"), line(fresh, again, subscriptions.AsMessage, "a"))
		}},
		{"What takes an end back goes first in a lane to who read it, and last to the others", func(w *world) {
			refused, read, high := w.person(follow("a")...), w.person(follow("a")...), w.person(follow("c")...)
			i, _ := w.outage("a")
			w.tell()
			end := w.restore(&i)
			w.expand()
			for _, d := range w.lease(2) {
				if d.Recipient == read.ID {
					w.report(subscriptions.Sent, d)
				} else {
					w.report(subscriptions.Pending, d)
				}
			}
			other := w.open("c")
			n := w.commit(subscriptions.Change{Incident: &other, Notices: []subscriptions.Notice{w.notice(other, subscriptions.Outage, "c")}, HighHarm: services("c")}).Notices[0]
			back := w.takeBack(&i, end)
			w.expand()
			w.wantInOrder(w.drain(), line(read, back, subscriptions.AsMessage, "a"), line(high, n, subscriptions.AsMessage, "c"), line(refused, back, subscriptions.AsEdit, "a"))
		}},
		{"An Update with Sound is a message for told ones too, a reply to the first", func(w *world) {
			r := w.person(follow("a")...)
			i, first := w.outage("a")
			start := w.tell()
			n := w.notice(i, subscriptions.Update, "a")
			n.Sound = true
			n = w.publish(n, &i, first.ID)
			ds := w.tell()
			w.want(ds, line(r, n, subscriptions.AsMessage, "a"))
			if ds[0].ReplyTo != messageOf(start[0], subscriptions.Sent) {
				w.fatal("got a reply to %q, want the first message", ds[0].ReplyTo)
			}
		}},
		{"Restored goes to everybody told in this round whose services it ends; nobody else", func(w *world) {
			sent, unknown, leased := w.person(follow("a")...), w.person(follow("a")...), w.person(follow("a")...)
			failed, waiting := w.person(follow("a")...), w.person(follow("a")...)
			i, n := w.outage("a")
			w.expand()
			ds := w.lease(4)
			w.report(subscriptions.Sent, ds[0])
			w.report(subscriptions.Unknown, ds[1])
			w.report(subscriptions.Failed, ds[3])
			end := w.restore(&i)
			w.person(follow("a")...) // follows too late to have heard
			w.want(w.tell(), line(sent, end, subscriptions.AsMessage, "a"), line(unknown, end, subscriptions.AsMessage, "a"))
			w.report(subscriptions.Sent, ds[2])
			w.want(w.tell(), line(leased, end, subscriptions.AsMessage, "a"))
			w.sweep()
			w.wantState(n.ID, failed.ID, subscriptions.Failed)
			w.wantState(n.ID, waiting.ID, subscriptions.Superseded)
			w.wantBy(n.ID, subscriptions.ByRestored, 1)
		}},
		{"A partial Restored ends for each person only what it ends; each end comes once", func(w *world) {
			ab, a, b := w.person(follow("a", "b")...), w.person(follow("a")...), w.person(follow("b")...)
			i, _ := w.outage("a", "b")
			w.tell()
			first := w.restore(&i, "a")
			w.want(w.tell(), line(ab, first, subscriptions.AsMessage, "a"), line(a, first, subscriptions.AsMessage, "a"))
			second := w.restore(&i, "b")
			w.want(w.tell(), line(ab, second, subscriptions.AsMessage, "b"), line(b, second, subscriptions.AsMessage, "b"))
		}},
		{"Who has had the end of a service does not get it again from a wider Restored", func(w *world) {
			a, b := w.person(follow("a")...), w.person(follow("b")...)
			i, _ := w.outage("a", "b")
			w.tell()
			first := w.restore(&i, "a")
			w.want(w.tell(), line(a, first, subscriptions.AsMessage, "a"))
			second := w.restore(&i, "a", "b")
			w.want(w.tell(), line(b, second, subscriptions.AsMessage, "b"))
		}},
		{"After a partial Restored who waits hears of what still fails alone", func(w *world) {
			r, gone := w.person(follow("a", "b")...), w.person(follow("a")...)
			i, n := w.outage("a", "b")
			w.expand()
			w.restore(&i, "a")
			w.want(w.tell(), line(r, n, subscriptions.AsMessage, "b"))
			w.wantState(n.ID, gone.ID, subscriptions.Superseded)
			end := w.restore(&i, "b")
			w.want(w.tell(), line(r, end, subscriptions.AsMessage, "b"))
		}},
		{"Restored goes to channel posts that were told", func(w *world) {
			told, late := w.recipient(subscriptions.Channel, subscriptions.ScopeAll), w.recipient(subscriptions.Group, follow("c")...)
			i, _ := w.outage("a")
			w.tell()
			w.now = w.now.Add(time.Second)
			end := w.restore(&i)
			w.subscribe(late.ID, follow("a")...)
			w.want(w.tell(), line(told, end, subscriptions.AsMessage, "a"))
		}},
		{"In a new round nobody who had the end hears another one, and all who hear the new start do", func(w *world) {
			r := w.person(follow("a")...)
			i, _ := w.outage("a")
			w.tell()
			w.restore(&i)
			w.tell()
			i = w.reopen(i, "a")
			again := w.publish(w.notice(i, subscriptions.Outage, "a"), &i, w.older(i.ID)...)
			late := w.person(follow("a")...)
			w.want(w.tell(), line(r, again, subscriptions.AsMessage, "a"), line(late, again, subscriptions.AsMessage, "a"))
			end := w.restore(&i)
			w.want(w.tell(), line(r, end, subscriptions.AsMessage, "a"), line(late, end, subscriptions.AsMessage, "a"))
		}},
		{"An end that was not sent before the reopening is not sent, and is owed in the next round", func(w *world) {
			r := w.person(follow("a")...)
			watcher := w.person()
			i, _ := w.outage("a")
			_, err := w.s.Subscribe(w.ctx, watcher.ID, []subscriptions.Follow{{Scope: "service:a", Until: w.now.Add(time.Minute)}}, w.tick())
			w.must(err)
			w.tell()
			end := w.restore(&i)
			w.expand()
			w.now = w.now.Add(time.Hour)
			i = w.reopen(i, "a")
			w.want(w.drain())
			w.sweep()
			w.wantBy(end.ID, subscriptions.ByReopen, 2)
			again := w.publish(w.notice(i, subscriptions.Outage, "a"), &i, w.older(i.ID)...)
			w.want(w.tell(), line(r, again, subscriptions.AsMessage, "a"))
			last := w.restore(&i)
			w.want(w.tell(), line(r, last, subscriptions.AsMessage, "a"), line(watcher, last, subscriptions.AsMessage, "a"))
		}},
		{"An end stays true while the service works, though the incident was reopened for another one", func(w *world) {
			r, b := w.person(follow("a")...), w.person(follow("b")...)
			i, _ := w.outage("a")
			w.tell()
			end := w.restore(&i)
			w.expand()
			i = w.reopen(i, "b")
			again := w.publish(w.notice(i, subscriptions.Outage, "b"), &i, w.older(i.ID)...)
			w.sweep()
			w.want(w.tell(), line(r, end, subscriptions.AsMessage, "a"), line(b, again, subscriptions.AsMessage, "b"))
		}},
		{"Correction goes to everybody who was told the notice it corrects, and its audience", func(w *world) {
			told, waiting := w.person(follow("a")...), w.person(follow("a")...)
			other := w.person(follow("d")...)
			i, n := w.outage("a")
			w.expand()
			w.report(subscriptions.Sent, w.lease(1)...)
			c := w.notice(i, subscriptions.Correction, "d")
			c.Corrects, c.Money = n.ID, true
			c = w.publish(c, nil)
			n, err := w.s.Notice(w.ctx, n.ID)
			w.must(err)
			n.State = subscriptions.Withdrawn
			w.commit(subscriptions.Change{Notices: []subscriptions.Notice{n}})
			w.want(w.tell(), line(told, c, subscriptions.AsMessage, "a"), line(other, c, subscriptions.AsMessage, "d"))
			w.sweep()
			w.wantState(n.ID, waiting.ID, subscriptions.Superseded)
			w.wantBy(n.ID, subscriptions.ByWithdraw, 1)
		}},
		{"An older unsent row becomes superseded (ByNewer) and its still failing services move into the new row", func(w *world) {
			r := w.person(follow("a", "b", "c")...)
			i, n := w.outage("a", "b", "c")
			w.expand()
			i = w.put(w.end(i, "b"))
			alt := w.publish(w.notice(i, subscriptions.AlternativeNotice, "a"), &i, w.older(i.ID)...)
			w.expand()
			w.wantState(n.ID, r.ID, subscriptions.Superseded)
			w.wantBy(n.ID, subscriptions.ByNewer, 1)
			w.want(w.drain(), line(r, alt, subscriptions.AsMessage, "a", "c"))
		}},
		{"What was to be heard is not turned into a silent edit", func(w *world) {
			r := w.person(follow("a")...)
			i, _ := w.outage("a")
			w.tell()
			loud := w.notice(i, subscriptions.Update, "a")
			loud.Sound = true
			w.publish(loud, &i, w.older(i.ID)...)
			w.expand()
			quiet := w.publish(w.notice(i, subscriptions.Update, "a"), &i, w.older(i.ID)...)
			w.want(w.tell(), line(r, quiet, subscriptions.AsMessage, "a"))
		}},
		{"A leased row stays; the new one waits for it", func(w *world) {
			r := w.person(follow("a")...)
			i, first := w.outage("a")
			w.expand()
			flying := w.lease(1)
			n := w.publish(w.notice(i, subscriptions.Update, "a"), &i, w.older(i.ID)...)
			w.expand()
			w.want(w.lease(5))
			w.report(subscriptions.Sent, flying...)
			w.wantState(first.ID, r.ID, subscriptions.Sent)
			w.want(w.lease(5), line(r, n, subscriptions.AsEdit, "a"))
		}},
		{"A leased row that comes back gives way to the newer one", func(w *world) {
			r := w.person(follow("a")...)
			i, first := w.outage("a")
			w.expand()
			flying := w.lease(1)
			n := w.publish(w.notice(i, subscriptions.Update, "a"), &i, w.older(i.ID)...)
			w.expand()
			w.report(subscriptions.Pending, flying...)
			w.wantState(first.ID, r.ID, subscriptions.Superseded)
			w.want(w.drain(), line(r, n, subscriptions.AsMessage, "a"))
		}},
		{"An end that was not sent yet moves into the newer row", func(w *world) {
			r := w.person(follow("a", "b")...)
			i, _ := w.outage("a", "b")
			w.tell()
			part := w.restore(&i, "a")
			w.expand()
			u := w.publish(w.notice(i, subscriptions.Update, "b"), &i, w.older(i.ID)...)
			w.want(w.tell(), line(r, u, subscriptions.AsMessage, "a", "b"))
			w.wantState(part.ID, r.ID, subscriptions.Superseded)
			end := w.restore(&i)
			w.want(w.tell(), line(r, end, subscriptions.AsMessage, "b"))
		}},
		{"Corrections and advisories stand beside: they neither supersede nor are superseded", func(w *world) {
			r := w.person(follow("a")...)
			i, n := w.outage("a")
			w.expand()
			c := w.notice(i, subscriptions.Correction, "a")
			c.Money = true
			c = w.publish(c, nil)
			w.want(w.tell(), line(r, c, subscriptions.AsMessage, "a"), line(r, n, subscriptions.AsMessage, "a"))
		}},
		{"An advisory reaches its audience, also without services", func(w *world) {
			r := w.person(subscriptions.ScopeAll)
			w.person(follow("a")...)
			n := w.publish(subscriptions.Notice{Kind: subscriptions.Advisory, State: subscriptions.Published, Audience: subscriptions.Audience{subscriptions.ScopeAll: nil}}, nil)
			w.want(w.tell(), line(r, n, subscriptions.AsMessage))
		}},
		{"Who is in the audience but has nothing left that fails gets a row that is superseded (ByRestored) from the start", func(w *world) {
			r := w.person(follow("a")...)
			w.person(follow("b")...)
			i, n := w.outage("a", "b")
			w.put(w.end(i, "a"))
			if ds := w.tell(); len(ds) != 1 {
				w.fatal("got %v, want b's follower only", said(ds))
			}
			w.wantState(n.ID, r.ID, subscriptions.Superseded)
			w.wantUnaccounted(0)
		}},
		{"An existing (notice, recipient) row is left alone", func(w *world) {
			_, n := w.outage("a", "b")
			r := w.person(follow("a")...)
			w.report(subscriptions.Failed, w.lease(1)...)
			w.expand()
			w.wantState(n.ID, r.ID, subscriptions.Failed)
		}},
		{"Stopped, withdrawn, overtaken and expired notices are not expanded", func(w *world) {
			w.person(follow("a")...)
			for _, state := range []subscriptions.NoticeState{subscriptions.Stopped, subscriptions.Withdrawn} {
				_, n := w.outage("a")
				n.State = state
				w.commit(subscriptions.Change{Notices: []subscriptions.Notice{n}})
				w.want(w.tell())
			}
			w.outage("a")
			w.now = w.now.Add(13 * time.Hour)
			w.want(w.tell())
		}},
	}
}

// reopen begins the next round with these services failing.
func (w *world) reopen(i subscriptions.Incident, ids ...subscriptions.ServiceID) subscriptions.Incident {
	w.helper()
	w.tick()
	i.Round++
	i.State, i.EndedAt = subscriptions.Investigating, time.Time{}
	return w.put(w.claim(i, ids...))
}

func (w *world) wantUnaccounted(want int) {
	w.helper()
	n, err := w.s.Unaccounted(w.ctx, w.now)
	w.must(err)
	if n != want {
		w.fatal("got %d unaccounted, want %d", n, want)
	}
}
