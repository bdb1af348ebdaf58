package storetest

import (
	"bytes"
	"fmt"
	"time"

	"arifa/subscriptions"
)

func sessionPromises() []promise {
	officer := func(w *world, name string) subscriptions.OfficerID {
		o, err := w.s.PutOfficer(w.ctx, subscriptions.Officer{Name: name}, did("officer.add"))
		w.must(err)
		return o.ID
	}
	return []promise{
		{"Session finds one by the hash of its token; ErrNotFound where it is unknown or its end is not after now", func(w *world) {
			v := subscriptions.Session{Hash: "h", Data: []byte{0, 1, 0xff, '\n'}, Ends: w.now.Add(time.Minute)}
			w.must(w.s.PutSession(w.ctx, v, w.now))
			got, err := w.s.Session(w.ctx, "h", w.now)
			w.must(err)
			if got.Hash != v.Hash || !bytes.Equal(got.Data, v.Data) || got.Ends != v.Ends {
				w.fatal("got %+v, want %+v", got, v)
			}
			_, err = w.s.Session(w.ctx, "other", w.now)
			w.is(err, subscriptions.ErrNotFound)
			_, err = w.s.Session(w.ctx, "h", v.Ends)
			w.is(err, subscriptions.ErrNotFound)
		}},
		{"PutSession stores one anew", func(w *world) {
			w.must(w.s.PutSession(w.ctx, subscriptions.Session{Hash: "h", Data: []byte("one"), Ends: w.now.Add(time.Minute)}, w.now))
			w.must(w.s.PutSession(w.ctx, subscriptions.Session{Hash: "h", Ends: w.now.Add(time.Hour)}, w.now))
			got, err := w.s.Session(w.ctx, "h", w.now.Add(2*time.Minute))
			w.must(err)
			if len(got.Data) != 0 || got.Ends != w.now.Add(time.Hour) {
				w.fatal("got %+v, want no data and an hour", got)
			}
		}},
		{"PutSession removes those that have ended, and no others", func(w *world) {
			for i := range 30 {
				w.must(w.s.PutSession(w.ctx, subscriptions.Session{Hash: fmt.Sprint("old ", i), Ends: w.now.Add(time.Minute)}, w.now))
			}
			w.must(w.s.PutSession(w.ctx, subscriptions.Session{Hash: "lasting", Ends: w.now.Add(time.Hour)}, w.now))
			w.must(w.s.PutSession(w.ctx, subscriptions.Session{Hash: "new", Ends: w.now.Add(time.Hour)}, w.now.Add(time.Minute)))
			// Asked for as of an earlier time, an ended one would still be found.
			_, err := w.s.Session(w.ctx, "old 7", w.now)
			w.is(err, subscriptions.ErrNotFound)
			_, err = w.s.Session(w.ctx, "lasting", w.now)
			w.must(err)
		}},
		{"EndSession ends one for good, whatever is stored of it afterwards", func(w *world) {
			w.must(w.s.PutSession(w.ctx, subscriptions.Session{Hash: "h", Data: []byte("signed in"), Ends: w.now.Add(time.Hour)}, w.now))
			w.must(w.s.EndSession(w.ctx, "h"))
			w.must(w.s.PutSession(w.ctx, subscriptions.Session{Hash: "h", Data: []byte("signed in"), Ends: w.now.Add(time.Hour)}, w.now))
			_, err := w.s.Session(w.ctx, "h", w.now)
			w.is(err, subscriptions.ErrNotFound)
			w.must(w.s.PutSession(w.ctx, subscriptions.Session{Hash: "new", Ends: w.now.Add(time.Hour)}, w.now))
			_, err = w.s.Session(w.ctx, "new", w.now)
			w.must(err)
		}},
		{"EndSession is absolute", func(w *world) {
			w.must(w.s.PutSession(w.ctx, subscriptions.Session{Hash: "h", Ends: w.now.Add(time.Hour)}, w.now))
			w.must(w.s.EndSession(w.ctx, "h"))
			w.must(w.s.EndSession(w.ctx, "h"))
			_, err := w.s.Session(w.ctx, "h", w.now)
			w.is(err, subscriptions.ErrNotFound)
		}},
		{"Passkeys lists an officer's, oldest first; Passkey finds one by its id, ErrNotFound", func(w *world) {
			one, two := officer(w, "One"), officer(w, "Two")
			for i, p := range []subscriptions.Passkey{
				{ID: "b", Officer: one, Name: "phone", Doc: []byte{0, 255}, CreatedAt: w.now},
				{ID: "a", Officer: one, CreatedAt: w.now.Add(time.Second), UsedAt: w.now.Add(time.Minute)},
				{ID: "c", Officer: two, CreatedAt: w.now},
			} {
				got, err := w.s.PutPasskey(w.ctx, p)
				w.must(err)
				if got.Revision != 1 {
					w.fatal("passkey %d has revision %d, want 1", i, got.Revision)
				}
			}
			all, err := w.s.Passkeys(w.ctx, one)
			w.must(err)
			if len(all) != 2 || all[0].ID != "b" || all[1].ID != "a" || !bytes.Equal(all[0].Doc, []byte{0, 255}) || !all[0].UsedAt.IsZero() || all[1].UsedAt != w.now.Add(time.Minute) {
				w.fatal("got %+v, want b and a", all)
			}
			got, err := w.s.Passkey(w.ctx, "b")
			w.must(err)
			if got.Officer != one || got.Name != "phone" || got.CreatedAt != w.now || got.Revision != 1 {
				w.fatal("got %+v", got)
			}
			_, err = w.s.Passkey(w.ctx, "d")
			w.is(err, subscriptions.ErrNotFound)
		}},
		{"PutPasskey: a known id is ErrExists, another revision ErrConflict; owner and creation stay", func(w *world) {
			one, two := officer(w, "One"), officer(w, "Two")
			p, err := w.s.PutPasskey(w.ctx, subscriptions.Passkey{ID: "a", Officer: one, CreatedAt: w.now})
			w.must(err)
			_, err = w.s.PutPasskey(w.ctx, subscriptions.Passkey{ID: "a", Officer: two, CreatedAt: w.now})
			w.is(err, subscriptions.ErrExists)
			stale := p
			p.Name, p.Officer, p.CreatedAt, p.UsedAt = "phone", two, w.now.Add(time.Hour), w.now.Add(time.Minute)
			p, err = w.s.PutPasskey(w.ctx, p)
			w.must(err)
			_, err = w.s.PutPasskey(w.ctx, stale)
			w.is(err, subscriptions.ErrConflict)
			got, err := w.s.Passkey(w.ctx, "a")
			w.must(err)
			if got.Name != "phone" || got.Officer != one || got.CreatedAt != w.now || got.UsedAt != w.now.Add(time.Minute) || got.Revision != p.Revision {
				w.fatal("got %+v", got)
			}
			_, err = w.s.PutPasskey(w.ctx, subscriptions.Passkey{ID: "never", Officer: one, Revision: 1})
			w.is(err, subscriptions.ErrNotFound)
		}},
		{"DropPasskey removes one, and is absolute", func(w *world) {
			one := officer(w, "One")
			_, err := w.s.PutPasskey(w.ctx, subscriptions.Passkey{ID: "a", Officer: one, CreatedAt: w.now})
			w.must(err)
			w.must(w.s.DropPasskey(w.ctx, "a"))
			w.must(w.s.DropPasskey(w.ctx, "a"))
			if all, err := w.s.Passkeys(w.ctx, one); err != nil || len(all) != 0 {
				w.fatal("got %v, %v", all, err)
			}
		}},
	}
}
