package storetest

import "arifa/subscriptions"

// correct publishes a correction of a notice for services that nobody of the test
// follows: it reaches who was told, and nobody else.
func (w *world) correct(i subscriptions.Incident, wrong subscriptions.Notice) subscriptions.Notice {
	w.helper()
	c := w.notice(i, subscriptions.Correction, "d")
	c.Corrects, c.Money, c.Sound = wrong.ID, true, true
	return w.publish(c, nil)
}

// wantRead compares the message that a correction is to take the place of.
func (w *world) wantRead(ds []subscriptions.Delivery, wrong subscriptions.Notice, want string) {
	w.helper()
	if len(ds) != 1 || ds[0].Read[wrong.ID] != want {
		w.fatal("got %+v, want one that takes the place of %q", ds, want)
	}
}

func correctionPromises() []promise {
	// quiet is an update that edits the live message, told to everybody who has one.
	quiet := func(w *world, i *subscriptions.Incident, ids ...subscriptions.ServiceID) subscriptions.Notice {
		return w.publish(w.notice(*i, subscriptions.Update, ids...), i, w.older(i.ID)...)
	}
	return []promise{
		{"Correction reaches who was told only by an edit, and takes the place of the edited message", func(w *world) {
			r := w.person(follow("a")...)
			i, _ := w.outage("a")
			message := messageOf(w.tell()[0], subscriptions.Sent)
			u := quiet(w, &i, "a")
			w.want(w.tell(), line(r, u, subscriptions.AsEdit, "a"))
			c := w.correct(i, u)
			ds := w.tell()
			w.want(ds, line(r, c, subscriptions.AsMessage, "a"))
			w.wantRead(ds, u, message)
		}},
		{"Correction leaves a message alone in which a newer notice stands by now", func(w *world) {
			w.person(follow("a")...)
			i, first := w.outage("a")
			w.tell()
			u := quiet(w, &i, "a")
			w.tell()
			newest := quiet(w, &i, "a")
			w.tell()
			w.correct(i, u)
			w.wantRead(w.tell(), u, "")
			w.correct(i, first)
			w.wantRead(w.tell(), first, "")
			w.correct(i, newest)
			ds := w.tell()
			if len(ds) != 1 || ds[0].Read[newest.ID] == "" {
				w.fatal("got %+v, want one that takes the place of the newest words", ds)
			}
		}},
		{"Correction takes the place of a message that nobody edited, also where a later one stands beside it", func(w *world) {
			w.person(follow("a")...)
			i, first := w.outage("a")
			message := messageOf(w.tell()[0], subscriptions.Sent)
			loud := w.notice(i, subscriptions.Update, "a")
			loud.Sound = true
			w.publish(loud, &i, w.older(i.ID)...)
			w.tell()
			w.correct(i, first)
			w.wantRead(w.tell(), first, message)
		}},
		{"An edit that waits with the corrected words becomes superseded (ByNewer)", func(w *world) {
			r := w.person(follow("a")...)
			i, _ := w.outage("a")
			w.tell()
			u := quiet(w, &i, "a")
			w.expand()
			w.correct(i, u)
			w.want(w.tell())
			w.sweep()
			w.want(w.tell())
			w.wantState(u.ID, r.ID, subscriptions.Superseded)
			w.wantBy(u.ID, subscriptions.ByNewer, 1)
			w.wantUnaccounted(0)
			i, err := w.s.Incident(w.ctx, i.ID)
			w.must(err)
			end := w.restore(&i)
			w.want(w.tell(), line(r, end, subscriptions.AsMessage, "a"))
		}},
		{"What only such an edit had to say goes out as a message, a message that waits is not held up, and the correction follows both", func(w *world) {
			both, late := w.person(follow("a", "b")...), w.person(follow("b")...)
			i, _ := w.outage("a")
			w.tell()
			i = w.put(w.claim(i, "b"))
			u := quiet(w, &i, "a", "b")
			w.expand()
			c := w.correct(i, u)
			w.expand()
			w.sweep()
			w.want(w.tell(), line(both, u, subscriptions.AsMessage, "b"), line(late, u, subscriptions.AsMessage, "b"),
				line(both, c, subscriptions.AsMessage, "b"), line(late, c, subscriptions.AsMessage, "b"))
		}},
		{"Answers that an end promised stop no edit", func(w *world) {
			r := w.person(follow("a")...)
			i, _ := w.outage("a")
			w.tell()
			u := quiet(w, &i, "a")
			w.expand()
			a := w.notice(i, subscriptions.Correction, "d")
			a.Corrects, a.Slots.Landed = u.ID, subscriptions.Answer{Value: "yes"}
			a = w.publish(a, nil)
			w.want(w.tell(), line(r, u, subscriptions.AsEdit, "a"), line(r, a, subscriptions.AsMessage, "a"))
		}},
	}
}
