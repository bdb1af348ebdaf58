package storetest

import (
	"slices"
	"time"

	"arifa/subscriptions"
)

func lanePromises() []promise {
	return []promise{
		{"Acquire makes owner the lane's owner for ttl, or returns ErrFenced with the present tenure while another owner's has not ended", func(w *world) {
			one, err := w.s.Acquire(w.ctx, lane, "one", time.Hour)
			w.must(err)
			if one.Owner != "one" || one.Lane != lane || one.Fence == 0 || one.Until.Sub(one.Now) != time.Hour {
				w.fatal("got %+v, want an hour", one)
			}
			other, err := w.s.Acquire(w.ctx, lane, "two", time.Hour)
			w.is(err, subscriptions.ErrFenced)
			if other.Owner != "one" || other.Fence != one.Fence || !other.Until.Equal(one.Until) {
				w.fatal("got %+v, want the present tenure", other)
			}
			_, err = w.s.Acquire(w.ctx, "slack:T1", "two", time.Hour)
			w.must(err)
		}},
		{"Acquiring one's own again renews it; a new owner has a higher fence", func(w *world) {
			one, err := w.s.Acquire(w.ctx, lane, "one", time.Minute)
			w.must(err)
			again, err := w.s.Acquire(w.ctx, lane, "one", time.Hour)
			w.must(err)
			if again.Fence != one.Fence || !again.Until.After(one.Until) {
				w.fatal("got %+v after %+v, want it prolonged", again, one)
			}
			two := w.usurp("one", "two")
			if two.Fence <= one.Fence {
				w.fatal("got fence %d after %d", two.Fence, one.Fence)
			}
		}},
		{"Renew prolongs the tenure; ErrFenced when it was lost", func(w *world) {
			one, err := w.s.Acquire(w.ctx, lane, "one", time.Minute)
			w.must(err)
			longer, err := w.s.Renew(w.ctx, one, time.Hour)
			w.must(err)
			if !longer.Until.After(one.Until) || longer.Fence != one.Fence {
				w.fatal("got %+v after %+v", longer, one)
			}
			w.usurp("one", "two")
			_, err = w.s.Renew(w.ctx, longer, time.Hour)
			w.is(err, subscriptions.ErrFenced)
		}},
		{"SetRate sets a lane's messages a second for its present owner and every later one; 0 is as the settings say", func(w *world) {
			rate := func() float64 {
				w.helper()
				all, err := w.s.LaneList(w.ctx)
				w.must(err)
				i := slices.IndexFunc(all, func(l subscriptions.Lane) bool { return l.ID == lane })
				if i < 0 {
					w.fatal("the lane is not known")
				}
				return all[i].Rate
			}
			w.must(w.s.SetRate(w.ctx, lane, 12.5)) // of a lane that nobody knew
			one, err := w.s.Acquire(w.ctx, lane, "one", time.Hour)
			w.must(err)
			if got := rate(); got != 12.5 {
				w.fatal("got %g a second, want 12.5", got)
			}
			w.must(w.s.SetPause(w.ctx, lane, w.now.Add(time.Minute), "429"))
			w.must(w.s.Release(w.ctx, one))
			w.usurp("one", "two")
			if got := rate(); got != 12.5 {
				w.fatal("got %g a second for the next owner, want 12.5", got)
			}
			w.must(w.s.SetRate(w.ctx, lane, 0))
			if got := rate(); got != 0 {
				w.fatal("got %g a second, want 0", got)
			}
		}},
		{"Release ends the tenure at once and returns its unsent leased rows to pending", func(w *world) {
			r := w.person(follow("a")...)
			_, n := w.outage("a")
			w.expand()
			t := w.tenure()
			w.want(w.lease(1), line(r, n, subscriptions.AsMessage, "a"))
			w.must(w.s.Release(w.ctx, t))
			w.must(w.s.Release(w.ctx, t))
			two, err := w.s.Acquire(w.ctx, lane, "two", time.Hour)
			w.must(err)
			ds, err := w.s.Lease(w.ctx, two, 1, w.now)
			w.must(err)
			w.want(ds, line(r, n, subscriptions.AsMessage, "a"))
			if ds[0].Repeat || ds[0].Attempt != 1 {
				w.fatal("got %+v, want a first attempt", ds[0])
			}
		}},
		{"LaneList lists the known lanes; SetPause pauses until a time for a reason, zero resumes; rows stay pending", func(w *world) {
			r := w.person(follow("a")...)
			_, n := w.outage("a")
			w.expand()
			w.tenure()
			until := w.now.Add(time.Minute)
			w.must(w.s.SetPause(w.ctx, lane, until, "429"))
			ls, err := w.s.LaneList(w.ctx)
			w.must(err)
			if len(ls) != 1 || ls[0].ID != lane || ls[0].PausedUntil != until || ls[0].PausedWhy != "429" || ls[0].Tenure.Owner != "one" || ls[0].Held {
				w.fatal("got %+v, want the paused lane", ls)
			}
			w.want(w.lease(5))
			w.wantState(n.ID, r.ID, subscriptions.Pending)
			w.must(w.s.SetPause(w.ctx, lane, time.Time{}, ""))
			w.want(w.lease(5), line(r, n, subscriptions.AsMessage, "a"))
		}},
		{"A pause is over when its time is", func(w *world) {
			w.person(follow("a")...)
			w.outage("a")
			w.expand()
			w.must(w.s.SetPause(w.ctx, lane, w.now.Add(time.Minute), "429"))
			w.now = w.now.Add(time.Minute)
			if ds := w.lease(5); len(ds) != 1 {
				w.fatal("got %v, want the row after the pause", said(ds))
			}
		}},
		{"SetHold holds or releases every lane", func(w *world) {
			w.person(follow("a")...)
			w.outage("a")
			w.expand()
			w.tenure()
			w.must(w.s.SetHold(w.ctx, true))
			if ls, err := w.s.LaneList(w.ctx); err != nil || len(ls) != 1 || !ls[0].Held {
				w.fatal("got %+v (%v), want the lane held", ls, err)
			}
			w.want(w.lease(5))
			w.must(w.s.SetHold(w.ctx, false))
			if ds := w.lease(5); len(ds) != 1 {
				w.fatal("got %v, want the row after the release", said(ds))
			}
		}},
		{"Posts lists channel posts and groups with their follows", func(w *world) {
			w.person(follow("a")...)
			ch, g := w.recipient(subscriptions.Channel, subscriptions.ScopeAll), w.recipient(subscriptions.Group, follow("a", "b")...)
			ps, err := w.s.Posts(w.ctx)
			w.must(err)
			if len(ps) != 2 || ps[0].Recipient.ID != ch.ID || ps[1].Recipient.ID != g.ID || len(ps[1].Follows) != 2 || ps[0].Follows[0].Scope != subscriptions.ScopeAll {
				w.fatal("got %+v, want the channel and the group", ps)
			}
		}},
	}
}

func inboxPromises() []promise {
	in := func(id int64, chat string) subscriptions.Incoming {
		return subscriptions.Incoming{Lane: lane, ID: id, Chat: chat, Body: []byte{byte(id)}, At: t0}
	}
	next := func(w *world) []int64 {
		w.helper()
		us, err := w.s.NextIncoming(w.ctx, lane, 10, w.now)
		w.must(err)
		var out []int64
		for _, u := range us {
			out = append(out, u.ID)
		}
		return out
	}
	want := func(w *world, ids ...int64) {
		w.helper()
		if got := next(w); !slices.Equal(got, ids) {
			w.fatal("got updates %v, want %v", got, ids)
		}
	}
	put := func(w *world, us ...subscriptions.Incoming) int {
		w.helper()
		n, err := w.s.PutIncoming(w.ctx, us)
		w.must(err)
		return n
	}
	return []promise{
		{"PutIncoming stores updates, each (lane, id) once for ever; it returns how many were new", func(w *world) {
			if n := put(w, in(5, "x"), in(6, "x"), in(5, "x")); n != 2 {
				w.fatal("got %d new, want 2", n)
			}
			other := in(5, "x")
			other.Lane = "slack:T1"
			if n := put(w, in(5, "y"), other); n != 1 {
				w.fatal("got %d new, want the other lane's", n)
			}
			w.must(w.s.DoneIncoming(w.ctx, lane, 5, w.now))
			if n := put(w, in(5, "x")); n != 0 {
				w.fatal("got %d new, want a handled one not to come back", n)
			}
			want(w, 6)
		}},
		{"NextIncoming returns up to max due updates, oldest first, at most one for each chat: the oldest unhandled of that chat", func(w *world) {
			put(w, in(10, "x"), in(11, "y"), in(12, "x"), in(13, "z"))
			want(w, 10, 11, 13)
			us, err := w.s.NextIncoming(w.ctx, lane, 2, w.now)
			w.must(err)
			if len(us) != 2 || us[0].Chat != "x" || string(us[0].Body) != "\x0a" || us[0].At != t0 || us[0].Attempt != 0 {
				w.fatal("got %+v, want the first two", us)
			}
			w.must(w.s.DoneIncoming(w.ctx, lane, 10, w.now))
			want(w, 11, 12, 13)
			want(w, 11, 12, 13) // reading takes nothing
		}},
		{"RetryIncoming tries an update again at a time, and its chat waits for it", func(w *world) {
			put(w, in(1, "x"), in(2, "x"), in(3, "y"))
			w.must(w.s.RetryIncoming(w.ctx, lane, 1, w.now.Add(time.Minute), "timeout", false))
			want(w, 3)
			w.now = w.now.Add(time.Minute)
			want(w, 1, 3)
			us, err := w.s.NextIncoming(w.ctx, lane, 1, w.now)
			w.must(err)
			if us[0].Attempt != 1 {
				w.fatal("got attempt %d, want 1", us[0].Attempt)
			}
		}},
		{"RetryIncoming with dead lays it aside for an operator, and the next of its chat goes on", func(w *world) {
			put(w, in(1, "x"), in(2, "x"))
			w.must(w.s.RetryIncoming(w.ctx, lane, 1, w.now, "panic", true))
			want(w, 2)
			st, err := w.s.InboxState(w.ctx, lane)
			w.must(err)
			if st != (subscriptions.InboxState{Highest: 2, Waiting: 1, Dead: 1}) {
				w.fatal("got %+v, want one waiting and one dead", st)
			}
		}},
		{"Forget empties what was laid aside of a recipient, and Retain removes what is old of it", func(w *world) {
			put(w, in(1, "x"), in(2, "y"))
			r, err := w.s.SaveRecipient(w.ctx, subscriptions.Recipient{Lane: lane, Address: subscriptions.AddressOf("x"), Kind: subscriptions.Person, CreatedAt: w.now})
			w.must(err)
			for id := range int64(2) {
				w.must(w.s.RetryIncoming(w.ctx, lane, id+1, w.now, "panic", true))
			}
			w.must(w.s.Forget(w.ctx, r.ID, w.now))
			w.must(w.s.RetryIncoming(w.ctx, lane, 1, w.now, "looked at", false))
			w.must(w.s.RetryIncoming(w.ctx, lane, 2, w.now, "looked at", false))
			us, err := w.s.NextIncoming(w.ctx, lane, 9, w.now)
			w.must(err)
			if len(us) != 2 || us[0].Chat != "" || len(us[0].Body) != 0 || us[1].Chat != "y" || len(us[1].Body) == 0 {
				w.fatal("got %+v, want the first without chat and words", us)
			}
			w.must(w.s.RetryIncoming(w.ctx, lane, 2, w.now, "panic", true))
			_, err = w.s.Retain(w.ctx, w.now.Add(subscriptions.ReportTextErase-time.Minute))
			w.must(err)
			if st, err := w.s.InboxState(w.ctx, lane); err != nil || st.Dead != 1 {
				w.fatal("got %+v (%v), want it kept for a week", st, err)
			}
			_, err = w.s.Retain(w.ctx, w.now.Add(subscriptions.ReportTextErase+time.Minute))
			w.must(err)
			if st, err := w.s.InboxState(w.ctx, lane); err != nil || st.Dead != 0 {
				w.fatal("got %+v (%v), want nothing left", st, err)
			}
		}},
		{"An update without a chat waits for nobody", func(w *world) {
			put(w, in(1, ""), in(2, ""))
			want(w, 1, 2)
		}},
		{"InboxState returns the highest id ever stored for a lane (0 = none)", func(w *world) {
			if st, err := w.s.InboxState(w.ctx, lane); err != nil || st != (subscriptions.InboxState{}) {
				w.fatal("got %+v (%v), want zero", st, err)
			}
			put(w, in(9, "x"), in(4, "y"))
			if st, err := w.s.InboxState(w.ctx, lane); err != nil || st.Highest != 9 || st.Waiting != 2 {
				w.fatal("got %+v (%v), want 9 as the highest", st, err)
			}
		}},
	}
}

func tickPromises() []promise {
	return []promise{
		{"Claim reports whether this caller is the one to run job for the tick at", func(w *world) {
			for _, c := range []struct {
				job  string
				at   time.Time
				want bool
			}{{"remind", t0, true}, {"remind", t0, false}, {"retain", t0, true}, {"remind", t0.Add(time.Minute), true}, {"remind", t0, false}} {
				got, err := w.s.Claim(w.ctx, c.job, c.at)
				w.must(err)
				if got != c.want {
					w.fatal("%s at %v: got %v, want %v", c.job, c.at, got, c.want)
				}
			}
		}},
		{"A tick is forgotten by Retain when it is two days old and the job has a newer one", func(w *world) {
			claim := func(job string, at time.Time) bool {
				got, err := w.s.Claim(w.ctx, job, at)
				w.must(err)
				return got
			}
			claim("watch", t0)
			claim("watch", t0.Add(time.Minute))
			claim("once", t0)
			w.retain(t0.Add(47 * time.Hour))
			if claim("watch", t0) {
				w.fatal("a tick of yesterday was forgotten")
			}
			w.retain(t0.Add(49 * time.Hour))
			if claim("once", t0) || claim("watch", t0.Add(time.Minute)) {
				w.fatal("the newest tick of a job was forgotten")
			}
			if !claim("watch", t0) {
				w.fatal("a tick of long ago was kept")
			}
		}},
		{"Of many callers at once exactly one gets the tick", func(w *world) {
			won := make(chan bool)
			for range 8 {
				go func() {
					ok, err := w.s.Claim(w.ctx, "remind", t0)
					won <- ok && err == nil
				}()
			}
			n := 0
			for range 8 {
				if <-won {
					n++
				}
			}
			if n != 1 {
				w.fatal("got %d winners, want 1", n)
			}
		}},
		{"LastTick returns the newest claimed tick of a job; zero if none", func(w *world) {
			if at, err := w.s.LastTick(w.ctx, "remind"); err != nil || !at.IsZero() {
				w.fatal("got %v (%v), want zero", at, err)
			}
			for _, at := range []time.Time{t0.Add(time.Minute), t0} {
				_, err := w.s.Claim(w.ctx, "remind", at)
				w.must(err)
			}
			if at, err := w.s.LastTick(w.ctx, "remind"); err != nil || at != t0.Add(time.Minute) {
				w.fatal("got %v (%v), want the newest", at, err)
			}
		}},
	}
}
