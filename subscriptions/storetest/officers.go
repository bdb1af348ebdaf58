package storetest

import (
	"time"

	"arifa/subscriptions"
)

func officerPromises() []promise {
	key := func(s string) subscriptions.Identity { return subscriptions.Identity{Provider: "key", Subject: s} }
	return []promise{
		{"PutOfficer inserts (ID 0); Officer and OfficerBy find one; ErrNotFound", func(w *world) {
			o := subscriptions.Officer{Name: "Wanjiru", TOTP: "SECRET", Roles: []subscriptions.Grant{{Role: subscriptions.Author, Agency: "kra"}}, Identities: []subscriptions.Identity{key("h1")},
				Duty: []subscriptions.Duty{{Agency: "kra", Days: []time.Weekday{time.Monday}, From: 60, To: 120}}, CreatedAt: w.now}
			o, err := w.s.PutOfficer(w.ctx, o, did("officer.add"))
			w.must(err)
			for _, find := range []func() (subscriptions.Officer, error){
				func() (subscriptions.Officer, error) { return w.s.Officer(w.ctx, o.ID) },
				func() (subscriptions.Officer, error) { return w.s.OfficerBy(w.ctx, key("h1")) },
			} {
				got, err := find()
				w.must(err)
				if got.ID != o.ID || got.Name != "Wanjiru" || got.TOTP != "SECRET" || !got.Has(subscriptions.Author, "kra") || len(got.Duty) != 1 || got.CreatedAt != w.now || got.Revision != o.Revision {
					w.fatal("got %+v, want %+v", got, o)
				}
			}
			_, err = w.s.Officer(w.ctx, 99)
			w.is(err, subscriptions.ErrNotFound)
			_, err = w.s.OfficerBy(w.ctx, key("other"))
			w.is(err, subscriptions.ErrNotFound)
		}},
		{"PutOfficer stores if Revision is the stored one, else ErrConflict; Officers lists disabled ones too", func(w *world) {
			o, err := w.s.PutOfficer(w.ctx, subscriptions.Officer{Name: "One"}, did("officer.add"))
			w.must(err)
			stale := o
			o.DisabledAt = w.now
			_, err = w.s.PutOfficer(w.ctx, o, did("officer.disable"))
			w.must(err)
			_, err = w.s.PutOfficer(w.ctx, stale, did("officer.link"))
			w.is(err, subscriptions.ErrConflict)
			all, err := w.s.Officers(w.ctx)
			w.must(err)
			if len(all) != 1 || all[0].DisabledAt != w.now {
				w.fatal("got %+v, want the disabled one", all)
			}
			w.wantAudit("officer.add", "officer.disable")
		}},
		{"An identity that belongs to another officer is ErrExists", func(w *world) {
			_, err := w.s.PutOfficer(w.ctx, subscriptions.Officer{Name: "One", Identities: []subscriptions.Identity{key("h")}}, did("officer.add"))
			w.must(err)
			_, err = w.s.PutOfficer(w.ctx, subscriptions.Officer{Name: "Two", Identities: []subscriptions.Identity{key("h")}}, did("officer.add"))
			w.is(err, subscriptions.ErrExists)
			if all, err := w.s.Officers(w.ctx); err != nil || len(all) != 1 {
				w.fatal("got %v (%v), want nothing stored of the second", all, err)
			}
		}},
		{"An identity that was taken from an officer can be given again", func(w *world) {
			o, err := w.s.PutOfficer(w.ctx, subscriptions.Officer{Name: "One", Identities: []subscriptions.Identity{key("h")}}, did("officer.add"))
			w.must(err)
			o.Identities = nil
			_, err = w.s.PutOfficer(w.ctx, o, did("officer.unlink"))
			w.must(err)
			two, err := w.s.PutOfficer(w.ctx, subscriptions.Officer{Name: "Two", Identities: []subscriptions.Identity{key("h")}}, did("officer.add"))
			w.must(err)
			if got, err := w.s.OfficerBy(w.ctx, key("h")); err != nil || got.ID != two.ID {
				w.fatal("got %+v (%v), want the second officer", got, err)
			}
		}},
		{"A zero Officer in the line means the officer put", func(w *world) {
			o, err := w.s.PutOfficer(w.ctx, subscriptions.Officer{Name: "First"}, did("officer.add"))
			w.must(err)
			lines, err := w.s.AuditLines(w.ctx, 0, 10)
			w.must(err)
			if len(lines) != 1 || lines[0].Officer != o.ID {
				w.fatal("got %+v, want a line of officer %d", lines, o.ID)
			}
		}},
		{"UseCode marks a time step as used; ErrConflict when this or a later one was used before", func(w *world) {
			o, err := w.s.PutOfficer(w.ctx, subscriptions.Officer{Name: "One"}, did("officer.add"))
			w.must(err)
			w.must(w.s.UseCode(w.ctx, o.ID, 100))
			w.is(w.s.UseCode(w.ctx, o.ID, 100), subscriptions.ErrConflict)
			w.is(w.s.UseCode(w.ctx, o.ID, 99), subscriptions.ErrConflict)
			w.must(w.s.UseCode(w.ctx, o.ID, 101))
			w.is(w.s.UseCode(w.ctx, 99, 1), subscriptions.ErrNotFound)
			// An officer read before does not bring a used code back.
			_, err = w.s.PutOfficer(w.ctx, o, did("officer.link"))
			w.must(err)
			w.is(w.s.UseCode(w.ctx, o.ID, 101), subscriptions.ErrConflict)
			if got, err := w.s.Officer(w.ctx, o.ID); err != nil || got.LastCode != 101 {
				w.fatal("got %+v (%v), want the last code 101", got, err)
			}
		}},
		{"TakeLinkCode finds and removes a code; ErrNotFound when unknown, used or expired", func(w *world) {
			w.must(w.s.PutLinkCode(w.ctx, subscriptions.LinkCode{Hash: "h", Officer: 4, Expires: w.now.Add(time.Minute)}))
			w.must(w.s.PutLinkCode(w.ctx, subscriptions.LinkCode{Hash: "old", Officer: 4, Expires: w.now}))
			got, err := w.s.TakeLinkCode(w.ctx, "h", w.now)
			w.must(err)
			if got.Officer != 4 || got.Expires != w.now.Add(time.Minute) {
				w.fatal("got %+v, want the code of officer 4", got)
			}
			for _, h := range []string{"h", "old", "never"} {
				_, err := w.s.TakeLinkCode(w.ctx, h, w.now)
				w.is(err, subscriptions.ErrNotFound)
			}
		}},
	}
}
