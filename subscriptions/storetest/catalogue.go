package storetest

import (
	"slices"
	"time"

	"arifa/subscriptions"
)

func did(action string) subscriptions.AuditLine {
	return subscriptions.AuditLine{At: t0, Action: action, Outcome: "done"}
}

func cataloguePromises() []promise {
	replace := func(w *world, r subscriptions.CatalogueReplacement) (int, error) {
		r.At, r.Line = w.tick(), did("catalogue.import")
		return w.s.ReplaceCatalogue(w.ctx, r)
	}
	return []promise{
		{"CatalogueInForce returns ErrNotFound before the first import", func(w *world) {
			_, _, err := w.s.CatalogueInForce(w.ctx)
			w.is(err, subscriptions.ErrNotFound)
		}},
		{"ReplaceCatalogue puts yaml in force if revision is still the current one, else ErrConflict", func(w *world) {
			_, err := replace(w, subscriptions.CatalogueReplacement{YAML: []byte("one")})
			w.must(err)
			yaml, rev, err := w.s.CatalogueInForce(w.ctx)
			w.must(err)
			if string(yaml) != "one" || rev == 0 {
				w.fatal("got %q revision %d, want the first import", yaml, rev)
			}
			_, err = replace(w, subscriptions.CatalogueReplacement{YAML: []byte("two")})
			w.is(err, subscriptions.ErrConflict)
			_, err = replace(w, subscriptions.CatalogueReplacement{YAML: []byte("two"), Revision: rev})
			w.must(err)
			yaml, next, err := w.s.CatalogueInForce(w.ctx)
			w.must(err)
			if string(yaml) != "two" || next <= rev {
				w.fatal("got %q revision %d, want the second import above %d", yaml, next, rev)
			}
		}},
		{"ReplaceCatalogue stores the changes as waiting, and nothing of a refused import", func(w *world) {
			ch := subscriptions.RegistryChange{Kind: subscriptions.ChangeEntry, Agency: "kra", Entry: "kra-paybill", New: `{"Value":"572572"}`, State: subscriptions.ChangeWaiting, ProposedAt: w.now}
			_, err := replace(w, subscriptions.CatalogueReplacement{YAML: []byte("one"), Revision: 7, Changes: []subscriptions.RegistryChange{ch}})
			w.is(err, subscriptions.ErrConflict)
			if got, err := w.s.Changes(w.ctx); err != nil || len(got) != 0 {
				w.fatal("got %v (%v), want no change of a refused import", got, err)
			}
			_, err = replace(w, subscriptions.CatalogueReplacement{YAML: []byte("one"), Changes: []subscriptions.RegistryChange{ch}})
			w.must(err)
			got, err := w.s.Changes(w.ctx)
			w.must(err)
			if len(got) != 1 || got[0].ID == 0 || got[0].State != subscriptions.ChangeWaiting || got[0].New != ch.New || !got[0].ProposedAt.Equal(w.now.Add(-time.Second)) && !got[0].ProposedAt.Equal(ch.ProposedAt) {
				w.fatal("got %+v, want the waiting change", got)
			}
		}},
		{"ReplaceCatalogue moves follows of replaced services and removes those of retired scopes, returning how many recipients that touched", func(w *world) {
			moved, both, lost, other := w.person(follow("a")...), w.person(follow("a", "c")...), w.person(follow("b")...), w.person(follow("d")...)
			n, err := replace(w, subscriptions.CatalogueReplacement{YAML: []byte("one"),
				Replaced: map[subscriptions.Scope]subscriptions.Scope{"service:a": "service:c"}, Retired: []subscriptions.Scope{"service:b"}})
			w.must(err)
			if n != 3 {
				w.fatal("got %d recipients touched, want 3", n)
			}
			for r, want := range map[subscriptions.RecipientID][]subscriptions.Scope{moved.ID: follow("c"), both.ID: follow("c"), lost.ID: nil, other.ID: follow("d")} {
				if got := w.scopes(r); !slices.Equal(got, want) {
					w.fatal("recipient %d: got follows %v, want %v", r, got, want)
				}
			}
		}},
		{"Who is moved to a service with a live incident is owed its current notice", func(w *world) {
			r := w.person(follow("b")...)
			_, n := w.outage("a")
			w.tell()
			_, err := replace(w, subscriptions.CatalogueReplacement{YAML: []byte("one"), Replaced: map[subscriptions.Scope]subscriptions.Scope{"service:b": "service:a"}})
			w.must(err)
			w.wantUnaccounted(0)
			w.want(w.tell(), line(r, n, subscriptions.AsMessage, "a"))
		}},
		{"Changes lists the registry changes, newest first", func(w *world) {
			for _, e := range []subscriptions.EntryID{"x", "y"} {
				_, err := w.s.PutChange(w.ctx, subscriptions.RegistryChange{Entry: e, ProposedAt: w.tick()}, did("registry.propose"))
				w.must(err)
			}
			got, err := w.s.Changes(w.ctx)
			w.must(err)
			if len(got) != 2 || got[0].Entry != "y" || got[1].Entry != "x" {
				w.fatal("got %+v, want y before x", got)
			}
		}},
		{"PutChange stores a decision if its Revision is the stored one, else ErrConflict; ID 0 inserts; the audit line commits with it", func(w *world) {
			ch, err := w.s.PutChange(w.ctx, subscriptions.RegistryChange{Entry: "x", State: subscriptions.ChangeWaiting, ProposedAt: w.now}, did("registry.propose"))
			w.must(err)
			one, two := ch, ch
			one.Approvals, one.State, one.EffectiveAt = []subscriptions.OfficerID{1, 2}, subscriptions.ChangeCooling, w.now.Add(subscriptions.CoolingOff)
			one, err = w.s.PutChange(w.ctx, one, did("registry.approve"))
			w.must(err)
			_, err = w.s.PutChange(w.ctx, two, did("registry.refuse"))
			w.is(err, subscriptions.ErrConflict)
			got, err := w.s.Changes(w.ctx)
			w.must(err)
			if len(got) != 1 || got[0].State != subscriptions.ChangeCooling || len(got[0].Approvals) != 2 || !got[0].EffectiveAt.Equal(one.EffectiveAt) || got[0].Revision != one.Revision {
				w.fatal("got %+v, want %+v", got, one)
			}
			w.wantAudit("registry.propose", "registry.approve")
		}},
		{"PutReadyWay stores one, unique on (Alternative, Agency); ReadyWays lists lapsed ones too", func(w *world) {
			way := subscriptions.ReadyWay{Alternative: "bank", Agency: "kra", Services: services("a"), Author: 1, Approver: 2, At: w.now, Until: w.now.Add(-time.Hour), TextHash: "h1"}
			w.must(w.s.PutReadyWay(w.ctx, way, did("way.ready")))
			way.TextHash = "h2"
			w.must(w.s.PutReadyWay(w.ctx, way, did("way.ready")))
			way.Agency = "kws"
			w.must(w.s.PutReadyWay(w.ctx, way, did("way.ready")))
			got, err := w.s.ReadyWays(w.ctx)
			w.must(err)
			if len(got) != 2 || got[0].TextHash != "h2" || got[0].Revision <= got[1].Revision || !got[0].Until.Equal(way.Until) || !slices.Equal(got[0].Services, way.Services) {
				w.fatal("got %+v, want two, the first changed", got)
			}
			w.wantAudit("way.ready", "way.ready", "way.ready")
		}},
	}
}

// scopes lists what a recipient follows.
func (w *world) scopes(id subscriptions.RecipientID) []subscriptions.Scope {
	w.helper()
	fs, err := w.s.Follows(w.ctx, id, w.now)
	w.must(err)
	var out []subscriptions.Scope
	for _, f := range fs {
		out = append(out, f.Scope)
	}
	return out
}

// wantAudit checks the actions of the whole record, and its chain.
func (w *world) wantAudit(actions ...string) {
	w.helper()
	lines, err := w.s.AuditLines(w.ctx, 0, 1000)
	w.must(err)
	var got []string
	prev := subscriptions.AuditLine{}
	for _, l := range lines {
		w.must(subscriptions.VerifyAudit(prev, l))
		prev = l
		if l.Action != "test.commit" {
			got = append(got, l.Action)
		}
	}
	if !slices.Equal(got, actions) {
		w.fatal("got audit lines %q, want %q", got, actions)
	}
}

func storePromises() []promise {
	return []promise{
		{"Times go in and come out in UTC, cut to milliseconds", func(w *world) {
			nairobi := time.FixedZone("EAT", 3*3600)
			at := time.Date(2025, 1, 3, 6, 0, 0, 123456789, nairobi)
			want := time.Date(2025, 1, 3, 3, 0, 0, 123000000, time.UTC)
			r, err := w.s.SaveRecipient(w.ctx, subscriptions.Recipient{Lane: lane, Address: subscriptions.AddressOf("x"), Kind: subscriptions.Person, CreatedAt: at, AskedAt: at})
			w.must(err)
			if r.CreatedAt != want || r.AskedAt != want {
				w.fatal("got %v and %v, want %v", r.CreatedAt, r.AskedAt, want)
			}
			out := w.commit(subscriptions.Change{Incident: &subscriptions.Incident{State: subscriptions.Investigating, OpenedAt: at, Since: at}})
			i, err := w.s.Incident(w.ctx, out.Incident.ID)
			w.must(err)
			if i.OpenedAt != want || i.Since != want || out.Incident.Since != want {
				w.fatal("got %v and %v, want %v", i.OpenedAt, i.Since, want)
			}
		}},
		{"A zero time comes back as the zero time", func(w *world) {
			r := w.person()
			i := w.open("a")
			if !r.AskedAt.IsZero() || !r.GoneAt.IsZero() || !i.EndedAt.IsZero() {
				w.fatal("got %v %v %v, want zero times", r.AskedAt, r.GoneAt, i.EndedAt)
			}
		}},
	}
}
