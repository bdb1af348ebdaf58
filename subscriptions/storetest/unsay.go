package storetest

import "arifa/subscriptions"

// correctFor publishes a correction of a notice for services that people follow.
func (w *world) correctFor(i *subscriptions.Incident, wrong subscriptions.Notice, ids ...subscriptions.ServiceID) subscriptions.Notice {
	w.helper()
	c := w.notice(*i, subscriptions.Correction, ids...)
	c.Corrects, c.Sound = wrong.ID, true
	c = w.publish(c, nil)
	if i.ID != 0 { // the commit noted the notice in its incident
		var err error
		*i, err = w.s.Incident(w.ctx, i.ID)
		w.must(err)
	}
	return c
}

// page writes one page, of at most so many rows.
func (w *world) page(limit int) subscriptions.Expansion {
	w.helper()
	e, err := w.s.Expand(w.ctx, limit, w.now)
	w.must(err)
	return e
}

// unsayPromises: once a correction is published, the wrong words go to nobody but who
// would not hear of the trouble without them, and to them the correction goes after.
func unsayPromises() []promise {
	quiet := func(w *world, i *subscriptions.Incident, ids ...subscriptions.ServiceID) subscriptions.Notice {
		return w.publish(w.notice(*i, subscriptions.Update, ids...), i, w.older(i.ID)...)
	}
	loud := func(w *world, i *subscriptions.Incident, ids ...subscriptions.ServiceID) subscriptions.Notice {
		n := w.notice(*i, subscriptions.Update, ids...)
		n.Sound = true
		return w.publish(n, i, w.older(i.ID)...)
	}
	return []promise{
		{"A correction stops wrong words that are still being written down, and what was written says them to nobody", func(w *world) {
			for _, say := range []func(*world, *subscriptions.Incident, ...subscriptions.ServiceID) subscriptions.Notice{quiet, loud} {
				var all []subscriptions.Recipient
				for range 6 {
					all = append(all, w.person(follow("a")...))
				}
				i, _ := w.outage("a")
				w.tell()
				u := say(w, &i, "a")
				if e := w.page(2); e.Notice != u.ID || e.Added == 0 || e.Done {
					w.fatal("got page %+v, want one of several of notice %d", e, u.ID)
				}
				c := w.correctFor(&i, u, "d")
				w.want(w.tell())
				for _, r := range all {
					w.wantState(u.ID, r.ID, subscriptions.Superseded)
					w.wantState(c.ID, r.ID, "")
				}
				w.wantUnaccounted(0)
				w.restore(&i)
				if got := len(w.tell()); got != len(all) {
					w.fatal("%d heard the end, want %d", got, len(all))
				}
				for _, r := range all {
					w.must(w.s.Forget(w.ctx, r.ID, w.now))
				}
			}
		}},
		{"What is taken back says so to who was told it, and to nobody else", func(w *world) {
			var all []subscriptions.Recipient
			for range 6 {
				all = append(all, w.person(follow("a")...))
			}
			i, wrong := w.outage("a")
			w.expand()
			told := w.lease(2)
			w.report(subscriptions.Sent, told...)
			n, err := w.s.Notice(w.ctx, wrong.ID)
			w.must(err)
			n.State, n.StoppedAt = subscriptions.Stopped, w.now
			w.commit(subscriptions.Change{Notices: []subscriptions.Notice{n}})
			back := w.notice(i, subscriptions.Correction, "a")
			back.Corrects, back.Sound, back.Slots.Withdraws = wrong.ID, true, true
			back = w.publish(back, nil)
			if got := len(w.tell()); got != len(told) {
				w.fatal("%d heard that it is taken back, want the %d who were told it", got, len(told))
			}
			for k, r := range all {
				want := subscriptions.Sent
				if k >= len(told) {
					want = ""
				}
				w.wantState(back.ID, r.ID, want)
			}
			w.wantUnaccounted(0)
		}},
		{"Wrong words stand still until their correction has found everybody", func(w *world) {
			for range 4 {
				w.person(follow("a")...)
			}
			i, start := w.outage("a")
			w.page(2)
			c := w.correctFor(&i, start, "a")
			w.want(w.lease(10))
			if e := w.page(2); e.Notice != c.ID || e.Done {
				w.fatal("got page %+v, want the first of the correction's", e)
			}
			for _, d := range w.drain() {
				if d.Notice != c.ID {
					w.fatal("notice %d is told before its correction %d is written down", d.Notice, c.ID)
				}
			}
			w.expand()
			if told := w.drain(); len(told) == 0 || told[0].Notice != start.ID {
				w.fatal("got %v, want the start told once that is done", said(told))
			}
		}},
		{"Whose start of the trouble is a corrected notice hears it, and the correction right behind it, once", func(w *world) {
			one, two := w.person(follow("a")...), w.person(follow("a")...)
			i, start := w.outage("a")
			w.expand()
			c := w.correctFor(&i, start, "a", "d")
			w.expand()
			var told []subscriptions.Delivery
			for range 4 {
				w.tick()
				d := w.lease(1)
				w.report(subscriptions.Sent, d...)
				told = append(told, d...)
			}
			w.wantInOrder(told, line(one, start, subscriptions.AsMessage, "a"), line(one, c, subscriptions.AsMessage, "a"),
				line(two, start, subscriptions.AsMessage, "a"), line(two, c, subscriptions.AsMessage, "a"))
			w.want(w.tell())
			end := w.restore(&i)
			w.want(w.tell(), line(one, end, subscriptions.AsMessage, "a"), line(two, end, subscriptions.AsMessage, "a"))
		}},
		{"Who heard the correction as a follower, and the wrong start after it, hears the correction once more", func(w *world) {
			i, start := w.outage("a")
			w.expand()
			r := w.person(follow("d")...)
			c := w.correctFor(&i, start, "d")
			w.want(w.tell(), line(r, c, subscriptions.AsMessage, "d"))
			w.subscribe(r.ID, follow("a")...)
			told := w.tell()
			w.wantInOrder(told, line(r, start, subscriptions.AsMessage, "a"), line(r, c, subscriptions.AsMessage, "a", "d"))
			w.wantRead(told[1:], start, messageOf(told[0], subscriptions.Sent))
			w.want(w.tell())
			w.wantState(c.ID, r.ID, subscriptions.Sent)
		}},
		{"Wrong words that were in flight, and come back, are not sent again to who knows of the trouble", func(w *world) {
			r := w.person(follow("a")...)
			i, _ := w.outage("a")
			w.tell()
			u := loud(w, &i, "a")
			w.expand()
			flies := w.lease(1)
			w.want(flies, line(r, u, subscriptions.AsMessage, "a"))
			c := w.correctFor(&i, u, "a")
			w.expand()
			w.want(w.lease(5)) // it may arrive yet
			w.report(subscriptions.Pending, flies...)
			w.want(w.tell(), line(r, c, subscriptions.AsMessage, "a"))
			w.wantState(u.ID, r.ID, subscriptions.Superseded)
		}},
		{"Wrong words that perhaps arrived after their correction are followed by it once more", func(w *world) {
			i, start := w.outage("a")
			w.expand()
			r := w.person(follow("d")...)
			c := w.correctFor(&i, start, "d")
			w.tell()
			w.subscribe(r.ID, follow("a")...)
			flies := w.lease(1)
			w.want(flies, line(r, start, subscriptions.AsMessage, "a"))
			w.tick()
			w.report(subscriptions.Unknown, flies...)
			w.want(w.tell(), line(r, c, subscriptions.AsMessage, "a", "d"))
		}},
		{"Of a corrected notice that says more than was known, only that goes out", func(w *world) {
			r := w.person(follow("a", "b")...)
			i, _ := w.outage("a")
			w.tell()
			i = w.put(w.claim(i, "b"))
			u := loud(w, &i, "a", "b")
			w.expand()
			c := w.correctFor(&i, u, "d")
			w.wantInOrder(w.tell(), line(r, u, subscriptions.AsMessage, "b"), line(r, c, subscriptions.AsMessage, "b"))
			end := w.restore(&i)
			w.want(w.tell(), line(r, end, subscriptions.AsMessage, "a", "b"))
		}},
		{"What two live notices told is not owed anew for ever when one of them is corrected", func(w *world) {
			w.person(follow("a", "b")...)
			i, _ := w.outage("a", "b")
			w.tell()
			u := w.publish(w.notice(i, subscriptions.Update, "a"), &i)
			w.expand()
			w.correctFor(&i, u, "d")
			w.want(w.tell())
			w.sweep()
			w.subscribe(1, follow("c")...)
			w.sweep()
			w.want(w.tell())
		}},
		{"A corrected end goes out all the same, and so does a corrected correction; the newer words follow", func(w *world) {
			r := w.person(follow("a")...)
			i, start := w.outage("a")
			w.tell()
			end := w.restore(&i)
			w.expand()
			c := w.correctFor(&i, end, "d")
			w.wantInOrder(w.tell(), line(r, end, subscriptions.AsMessage, "a"), line(r, c, subscriptions.AsMessage, "a"))
			first := w.correctFor(&i, start, "d")
			w.expand()
			again := w.correctFor(&i, first, "d")
			w.wantInOrder(w.tell(), line(r, first, subscriptions.AsMessage, "a"), line(r, again, subscriptions.AsMessage, "a"))
		}},
		{"A corrected advisory is told to nobody else; its correction is", func(w *world) {
			told, late, last := w.person(follow("a")...), w.person(follow("a")...), w.person(follow("a")...)
			adv := w.publish(w.notice(subscriptions.Incident{}, subscriptions.Advisory, "a"), nil)
			if e := w.page(2); e.Added != 2 || e.Done {
				w.fatal("got page %+v, want two of three", e)
			}
			d := w.lease(1)
			w.want(d, line(told, adv, subscriptions.AsMessage, "a"))
			w.report(subscriptions.Sent, d...)
			c := w.correctFor(&subscriptions.Incident{}, adv, "a")
			w.want(w.tell(), line(told, c, subscriptions.AsMessage, "a"), line(late, c, subscriptions.AsMessage, "a"), line(last, c, subscriptions.AsMessage, "a"))
			w.wantBy(adv.ID, subscriptions.ByNewer, 2)
			w.wantUnaccounted(0)
		}},
		{"The correction of what is not sent any more waits for nobody's start, and changes no reason", func(w *world) {
			r := w.person(follow("a")...)
			i, start := w.outage("a")
			w.expand()
			other := w.notice(subscriptions.Incident{}, subscriptions.Advisory, "a") // of the same rank as the start, and older than the correction
			other = w.publish(other, nil)
			start.State = subscriptions.Withdrawn
			w.commit(subscriptions.Change{Notices: []subscriptions.Notice{start}})
			c := w.notice(i, subscriptions.Correction, "a")
			c.Corrects, c.Money, c.Sound = start.ID, true, true
			c = w.publish(c, nil)
			w.wantInOrder(w.tell(), line(r, c, subscriptions.AsMessage, "a"), line(r, other, subscriptions.AsMessage, "a"))
			w.sweep()
			w.wantBy(start.ID, subscriptions.ByWithdraw, 1)
		}},
		{"A correction that is stopped takes nothing back", func(w *world) {
			r := w.person(follow("a")...)
			i, start := w.outage("a")
			w.expand()
			c := w.correctFor(&i, start, "a")
			w.want(w.lease(10))
			c.State, c.StoppedAt = subscriptions.Stopped, w.now
			w.commit(subscriptions.Change{Notices: []subscriptions.Notice{c}})
			w.want(w.tell(), line(r, start, subscriptions.AsMessage, "a"))
		}},
	}
}
