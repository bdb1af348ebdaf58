package storetest

import (
	"slices"
	"time"

	"arifa/subscriptions"
)

const day = 24 * time.Hour

func registerPromises() []promise {
	return []promise{
		{"Recipient finds one by lane and address; ErrNotFound", func(w *world) {
			r := w.person(subscriptions.ScopeAll)
			got, err := w.s.Recipient(w.ctx, lane, r.Address)
			w.must(err)
			if got.ID != r.ID || got.Address != r.Address || got.Kind != subscriptions.Person || got.Language != "sw" {
				w.fatal("got %+v, want %+v", got, r)
			}
			_, err = w.s.Recipient(w.ctx, "slack:T1", r.Address)
			w.is(err, subscriptions.ErrNotFound)
			_, err = w.s.Recipient(w.ctx, lane, subscriptions.AddressOf("nobody"))
			w.is(err, subscriptions.ErrNotFound)
		}},
		{"SaveRecipient changes language, languages, title, silent, talk, asked time, kind, gone time and address", func(w *world) {
			r := w.person()
			r.Language, r.Languages, r.Title, r.Silent, r.Kind = "en", []subscriptions.Language{"en", "sw"}, "A channel", true, subscriptions.Channel
			r.Talk = subscriptions.Talk{State: "asked", Slots: map[string]string{"service": "a"}, At: w.now}
			r.AskedAt, r.GoneAt, r.Address = w.now, w.now.Add(time.Minute), subscriptions.AddressOf("moved")
			_, err := w.s.SaveRecipient(w.ctx, r)
			w.must(err)
			got, err := w.s.Recipient(w.ctx, lane, subscriptions.AddressOf("moved"))
			w.must(err)
			if got.Language != "en" || !slices.Equal(got.Languages, r.Languages) || got.Title != r.Title || !got.Silent || got.Kind != r.Kind || got.Talk.State != "asked" ||
				got.Talk.Slots["service"] != "a" || got.Talk.At != w.now || got.AskedAt != r.AskedAt || got.GoneAt != r.GoneAt || got.ID != r.ID || got.CreatedAt != r.CreatedAt {
				w.fatal("got %+v, want %+v", got, r)
			}
			_, err = w.s.SaveRecipient(w.ctx, subscriptions.Recipient{ID: 999, Lane: lane, Address: subscriptions.AddressOf("x")})
			w.is(err, subscriptions.ErrNotFound)
		}},
		{"Inserting an existing (lane, address) returns the stored one with ErrExists", func(w *world) {
			r := w.person()
			got, err := w.s.SaveRecipient(w.ctx, subscriptions.Recipient{Lane: lane, Address: r.Address, Kind: subscriptions.Group})
			w.is(err, subscriptions.ErrExists)
			if got.ID != r.ID || got.Kind != subscriptions.Person {
				w.fatal("got %+v, want the stored %+v", got, r)
			}
		}},
		{"Moving to an address that another recipient holds merges the two: follows are united, and the older id stays", func(w *world) {
			older, newer := w.person(follow("a")...), w.person(follow("b")...)
			_, n := w.outage("a", "b")
			w.expand()
			older.Address = newer.Address
			got, err := w.s.SaveRecipient(w.ctx, older)
			w.must(err)
			if got.ID != older.ID || got.Address != newer.Address {
				w.fatal("got %+v, want id %d at the new address", got, older.ID)
			}
			if s := w.scopes(older.ID); !slices.Contains(s, subscriptions.ScopeService("a")) || !slices.Contains(s, subscriptions.ScopeService("b")) {
				w.fatal("got follows %v, want both", s)
			}
			ds := w.drain()
			if len(ds) != 1 || ds[0].Recipient != older.ID || ds[0].Notice != n.ID {
				w.fatal("got %v, want one message to the merged recipient", said(ds))
			}
		}},
		{"Merging towards an older recipient keeps that one", func(w *world) {
			older, newer := w.person(follow("a")...), w.person(follow("b")...)
			newer.Address = older.Address
			got, err := w.s.SaveRecipient(w.ctx, newer)
			w.must(err)
			if got.ID != older.ID || len(w.scopes(older.ID)) != 2 {
				w.fatal("got %+v following %v, want id %d with both follows", got, w.scopes(older.ID), older.ID)
			}
		}},
		{"Clearing GoneAt brings the follows back to life", func(w *world) {
			r := w.person(follow("a")...)
			r.GoneAt = w.tick()
			_, err := w.s.SaveRecipient(w.ctx, r)
			w.must(err)
			_, n := w.outage("a")
			w.want(w.tell())
			r.GoneAt, r.AskedAt = time.Time{}, w.tick()
			_, err = w.s.SaveRecipient(w.ctx, r)
			w.must(err)
			w.want(w.tell(), line(r, n, subscriptions.AsMessage, "a"))
		}},
		{"Follows lists the follows of a recipient, oldest first, lapsed ones left out", func(w *world) {
			r := w.person(follow("b")...)
			_, err := w.s.Subscribe(w.ctx, r.ID, []subscriptions.Follow{
				{Scope: "service:a", Until: w.now.Add(day), Since: w.tick(), Consent: "watch/en/1"}, {Scope: "service:c", Incident: 5, Since: w.tick()}}, w.now)
			w.must(err)
			fs, err := w.s.Follows(w.ctx, r.ID, w.now)
			w.must(err)
			if len(fs) != 3 || fs[0].Scope != "service:b" || fs[1].Consent != "watch/en/1" || fs[2].Incident != 5 {
				w.fatal("got %+v, want b, a, c", fs)
			}
			w.now = w.now.Add(day)
			if got := w.scopes(r.ID); !slices.Equal(got, []subscriptions.Scope{"service:b", "service:c"}) {
				w.fatal("got %v after a day, want b and c", got)
			}
		}},
		{"Forget erases the recipient, its follows, talk and address at once; its deliveries stay as counts", func(w *world) {
			told, waiting, r := w.person(follow("a")...), w.person(follow("a")...), w.person(follow("a")...)
			i, n := w.outage("a")
			w.expand()
			w.report(subscriptions.Sent, w.lease(1)...)
			flying := w.lease(1)
			w.must(w.s.Forget(w.ctx, told.ID, w.tick()))
			w.must(w.s.Forget(w.ctx, waiting.ID, w.tick()))
			_, err := w.s.Recipient(w.ctx, lane, told.Address)
			w.is(err, subscriptions.ErrNotFound)
			if fs := w.scopes(told.ID); len(fs) != 0 {
				w.fatal("got follows %v of an erased recipient", fs)
			}
			w.report(subscriptions.Sent, flying...) // evidence about nobody
			p, err := w.s.Progress(w.ctx, n.ID)
			w.must(err)
			if p.Count(subscriptions.Sent) != 1 || p.Count(subscriptions.Sent)+p.Count(subscriptions.Unknown)+p.Count(subscriptions.Superseded)+p.Count(subscriptions.Pending) != 3 {
				w.fatal("got %v, want three deliveries, one of them sent", p.ByLane)
			}
			w.want(w.drain(), line(r, n, subscriptions.AsMessage, "a"))
			w.restore(&i)
			if ds := w.tell(); len(ds) != 1 || ds[0].Recipient != r.ID {
				w.fatal("got %v, want the end for the remaining one only", said(ds))
			}
		}},
		{"Retain removes lapsed follows", func(w *world) {
			r := w.person(follow("a")...)
			_, err := w.s.Subscribe(w.ctx, r.ID, []subscriptions.Follow{{Scope: "service:b", Until: w.now.Add(time.Hour)}}, w.now)
			w.must(err)
			if got := w.retain(w.now); got.Follows != 0 {
				w.fatal("got %+v, want nothing removed", got)
			}
			if got := w.retain(w.now.Add(2 * time.Hour)); got.Follows != 1 {
				w.fatal("got %+v, want one follow removed", got)
			}
		}},
		{"Retain turns deliveries of incidents that ended more than 30 days before now into counts, never of a live one", func(w *world) {
			w.person(follow("a")...)
			w.person(follow("b")...)
			i, n := w.outage("a")
			_, live := w.outage("b")
			w.tell()
			w.restore(&i)
			w.tell()
			if got := w.retain(i.EndedAt.Add(30 * day)); got.Deliveries != 0 {
				w.fatal("got %+v, want nothing counted out on the thirtieth day", got)
			}
			if got := w.retain(i.EndedAt.Add(30*day + time.Second)); got.Deliveries != 2 {
				w.fatal("got %+v, want the start and the end counted out", got)
			}
			ds, err := w.s.Deliveries(w.ctx, n.ID, subscriptions.Sent, 0, 10)
			w.must(err)
			p, err := w.s.Progress(w.ctx, n.ID)
			w.must(err)
			if len(ds) != 0 || p.Count(subscriptions.Sent) != 1 {
				w.fatal("got %v and %v, want a count without any person", ds, p.ByLane)
			}
			if p, err := w.s.Progress(w.ctx, live.ID); err != nil || p.Count(subscriptions.Sent) != 1 {
				w.fatal("got %v (%v), want the live incident's delivery kept", p.ByLane, err)
			}
		}},
		{"Retain erases recipients that follow nothing 30 days after they were gone or left, not while they are owed anything in a live round", func(w *world) {
			stays, left, gone := w.person(follow("a")...), w.person(follow("b")...), w.person(follow("b")...)
			owed := w.person()
			i := w.open("a")
			_, err := w.s.Subscribe(w.ctx, owed.ID, []subscriptions.Follow{{Scope: "service:a", Until: w.now.Add(time.Minute)}}, w.now)
			w.must(err)
			w.publish(w.notice(i, subscriptions.Outage, "a"), &i)
			w.tell()
			_, err = w.s.Leave(w.ctx, left.ID, nil, w.now)
			w.must(err)
			gone.GoneAt = w.now
			_, err = w.s.SaveRecipient(w.ctx, gone)
			w.must(err)
			if got := w.retain(w.now.Add(29 * day)); got.Recipients != 0 {
				w.fatal("got %+v, want nobody erased before 30 days", got)
			}
			if got := w.retain(w.now.Add(60 * day)); got.Recipients != 2 {
				w.fatal("got %+v, want the left and the gone one erased", got)
			}
			for _, r := range []subscriptions.Recipient{stays, owed} {
				_, err = w.s.Recipient(w.ctx, lane, r.Address)
				w.must(err)
			}
			for _, r := range []subscriptions.Recipient{left, gone} {
				_, err = w.s.Recipient(w.ctx, lane, r.Address)
				w.is(err, subscriptions.ErrNotFound)
			}
		}},
		{"Retain removes handled inbox rows older than 48 h", func(w *world) {
			_, err := w.s.PutIncoming(w.ctx, []subscriptions.Incoming{{Lane: lane, ID: 1, Chat: "c", At: w.now}, {Lane: lane, ID: 2, Chat: "c", At: w.now}})
			w.must(err)
			w.must(w.s.DoneIncoming(w.ctx, lane, 1, w.now))
			if got := w.retain(w.now.Add(47 * time.Hour)); got.Inbox != 0 {
				w.fatal("got %+v, want nothing removed before 48 h", got)
			}
			if got := w.retain(w.now.Add(49 * time.Hour)); got.Inbox != 1 {
				w.fatal("got %+v, want the handled one removed", got)
			}
			if st, err := w.s.InboxState(w.ctx, lane); err != nil || st.Waiting != 1 || st.Highest != 2 {
				w.fatal("got %+v (%v), want one waiting and the highest id kept", st, err)
			}
		}},
		{"Count tells how many recipients an audience reaches, per lane and kind", func(w *world) {
			asked := w.person(follow("a")...)
			asked.AskedAt = w.now
			_, err := w.s.SaveRecipient(w.ctx, asked)
			w.must(err)
			w.person(subscriptions.ScopeAgency("kra"), subscriptions.ScopeService("a")) // once, though it matches twice
			w.recipient(subscriptions.Channel, subscriptions.ScopeAll)
			w.person(follow("c")...)
			gone := w.person(follow("a")...)
			gone.GoneAt = w.now
			_, err = w.s.SaveRecipient(w.ctx, gone)
			w.must(err)
			got, err := w.s.Count(w.ctx, subscriptions.AudienceOf(nation, services("a"), nil), w.now)
			w.must(err)
			want := []subscriptions.LaneCount{{Lane: lane, Kind: subscriptions.Channel, Count: 1}, {Lane: lane, Kind: subscriptions.Person, Asked: 1, Count: 2}}
			if !slices.Equal(got, want) {
				w.fatal("got %+v, want %+v", got, want)
			}
		}},
	}
}

func (w *world) retain(now time.Time) subscriptions.Retained {
	w.helper()
	got, err := w.s.Retain(w.ctx, now)
	w.must(err)
	return got
}
