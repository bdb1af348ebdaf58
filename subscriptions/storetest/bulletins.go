package storetest

import (
	"slices"
	"time"

	"arifa/subscriptions"
)

func bulletinPromises() []promise {
	return []promise{
		{"Commit stores incident and notices (ID 0 = insert) with revisions one higher; Incident and Notice find one; ErrNotFound", func(w *world) {
			i, n := w.outage("a")
			got, err := w.s.Incident(w.ctx, i.ID)
			w.must(err)
			if got.Revision != i.Revision || got.Round != 1 || len(got.Services) != 1 || !got.Services[0].Failing || got.Since != i.Since {
				w.fatal("got %+v, want %+v", got, i)
			}
			stored, err := w.s.Notice(w.ctx, n.ID)
			w.must(err)
			if stored.Revision != n.Revision || stored.State != subscriptions.Published || stored.Incident != i.ID || !slices.Equal(stored.Audience["service:a"], services("a")) {
				w.fatal("got %+v, want %+v", stored, n)
			}
			n.Return = "again"
			if out := w.commit(subscriptions.Change{Notices: []subscriptions.Notice{n}}); out.Notices[0].Revision != n.Revision+1 {
				w.fatal("got revision %d, want %d", out.Notices[0].Revision, n.Revision+1)
			}
			_, err = w.s.Incident(w.ctx, 99)
			w.is(err, subscriptions.ErrNotFound)
			_, err = w.s.Notice(w.ctx, 99)
			w.is(err, subscriptions.ErrNotFound)
		}},
		{"Frozen words come back as they were, so that their digest stays", func(w *world) {
			i := w.open("a")
			n := w.notice(i, subscriptions.Outage, "a")
			n.State, n.Slots = subscriptions.Submitted, subscriptions.Slots{Services: services("a"), Since: w.now, Free: subscriptions.Text{"en": "Ünïcode <b>&"}}
			n.Sheet = subscriptions.Sheet{Version: 1, Kind: subscriptions.Outage, At: w.now, Words: map[subscriptions.Language]subscriptions.Words{
				"sw": {Title: "Malipo", Head: []subscriptions.Line{{Slot: subscriptions.SlotWhat, Text: "saa tano (11:00)"}}, Services: []subscriptions.ServiceLines{{Service: "a", Lines: []string{"x"}}}}}}
			want := n.Digest()
			out := w.commit(subscriptions.Change{Notices: []subscriptions.Notice{n}})
			got, err := w.s.Notice(w.ctx, out.Notices[0].ID)
			w.must(err)
			if got.Digest() != want {
				w.fatal("got another digest after storing")
			}
		}},
		{"Revisions must be the stored ones, else ErrConflict and nothing is stored", func(w *world) {
			i, n := w.outage("a")
			i.NextUpdate = w.now.Add(time.Hour)
			w.put(i)
			draft := w.notice(i, subscriptions.Update, "a")
			_, err := w.try(subscriptions.Change{Incident: &i, Notices: []subscriptions.Notice{draft}})
			w.is(err, subscriptions.ErrConflict)
			n.Revision--
			_, err = w.try(subscriptions.Change{Notices: []subscriptions.Notice{draft, n}})
			w.is(err, subscriptions.ErrConflict)
			if ns, err := w.s.Notices(w.ctx, i.ID); err != nil || len(ns) != 1 {
				w.fatal("got %d notices (%v), want nothing stored of the refused ones", len(ns), err)
			}
			missing := n
			missing.ID = 99
			_, err = w.try(subscriptions.Change{Notices: []subscriptions.Notice{missing}})
			w.is(err, subscriptions.ErrNotFound)
		}},
		{"A second live incident that claims a platform of a live one is ErrExists", func(w *world) {
			claim := func() subscriptions.Incident {
				return subscriptions.Incident{State: subscriptions.Investigating, Claims: []subscriptions.Claim{{Agency: "treasury", Platform: "pay", Impact: subscriptions.Blocked}}}
			}
			first := w.put(claim())
			_, err := w.try(subscriptions.Change{Incident: new(claim())})
			w.is(err, subscriptions.ErrExists)
			if all, err := w.s.Incidents(w.ctx, t0); err != nil || len(all) != 1 {
				w.fatal("got %d incidents (%v), want the first only", len(all), err)
			}
			work := claim()
			work.Maintenance, work.State = true, subscriptions.InProgress
			w.put(work) // planned work stops no word about trouble, and the other way round
			_, err = w.try(subscriptions.Change{Incident: &work})
			w.is(err, subscriptions.ErrExists)
			w.put(first) // its own claim again
			now, err := w.s.Incident(w.ctx, first.ID)
			w.must(err)
			now.State, now.EndedAt = subscriptions.Resolved, w.now
			w.put(now)
			w.put(claim())
		}},
		{"Request is an idempotency key: a repeated Commit changes nothing and returns what the first one stored", func(w *world) {
			i := w.open("a")
			ch := subscriptions.Change{Request: "r1", Incident: &i, Notices: []subscriptions.Notice{w.notice(i, subscriptions.Outage, "a")}, Day: "2025-0103", Line: did("notice.publish")}
			one := w.commit(ch)
			two := w.commit(ch)
			if one.Repeated || !two.Repeated || two.Notices[0].ID != one.Notices[0].ID || two.Notices[0].Key != one.Notices[0].Key || two.Incident.Revision != one.Incident.Revision {
				w.fatal("got %+v, want the answer of the first", two)
			}
			if ns, err := w.s.Notices(w.ctx, i.ID); err != nil || len(ns) != 1 {
				w.fatal("got %d notices (%v), want one", len(ns), err)
			}
			w.wantAudit("notice.publish")
		}},
		{"A notice that comes with a Day gets the next number of that day; numbers are never reused", func(w *world) {
			number := func(day string) subscriptions.NoticeKey {
				return w.commit(subscriptions.Change{Day: day, Notices: []subscriptions.Notice{{Kind: subscriptions.Advisory, State: subscriptions.Submitted}}}).Notices[0].Key
			}
			for _, c := range []struct {
				day  string
				want subscriptions.NoticeKey
			}{{"2025-0103", "2025-0103-1"}, {"2025-0103", "2025-0103-2"}, {"2025-0104", "2025-0104-1"}, {"2025-0103", "2025-0103-3"}, {"2026-0103", "2026-0103-1"}} {
				if got := number(c.day); got != c.want {
					w.fatal("got key %s, want %s", got, c.want)
				}
			}
			out := w.commit(subscriptions.Change{Notices: []subscriptions.Notice{{Kind: subscriptions.Advisory, State: subscriptions.Draft}}})
			if out.Notices[0].Key != "" {
				w.fatal("got key %s for a draft without a day", out.Notices[0].Key)
			}
			n := w.commit(subscriptions.Change{Day: "2025-0103", Notices: out.Notices}).Notices[0]
			n.State = subscriptions.Returned
			if kept := w.commit(subscriptions.Change{Day: "2025-0103", Notices: []subscriptions.Notice{n}}).Notices[0].Key; kept != n.Key || kept != "2025-0103-4" {
				w.fatal("got key %s, want the kept 2025-0103-4", kept)
			}
		}},
		{"A notice whose State turns Published becomes its incident's LastNotice, and FirstNotice of the round", func(w *world) {
			i, n := w.outage("a")
			if i.FirstNotice != n.ID || i.LastNotice != n.ID {
				w.fatal("got first %d last %d, want %d", i.FirstNotice, i.LastNotice, n.ID)
			}
			u := w.publish(w.notice(i, subscriptions.Update, "a"), nil)
			i, err := w.s.Incident(w.ctx, i.ID)
			w.must(err)
			if i.FirstNotice != n.ID || i.LastNotice != u.ID {
				w.fatal("got first %d last %d, want %d and %d", i.FirstNotice, i.LastNotice, n.ID, u.ID)
			}
			w.restore(&i)
			i.Round, i.State = 2, subscriptions.Investigating
			again := w.publish(w.notice(i, subscriptions.Outage, "a"), &i)
			if i.FirstNotice != again.ID {
				w.fatal("got first %d in the second round, want %d", i.FirstNotice, again.ID)
			}
		}},
		{"Commit sets Overtaken on the notices listed in Overtakes; a later put of an old copy does not clear it", func(w *world) {
			i, n := w.outage("a")
			u := w.publish(w.notice(i, subscriptions.Update, "a"), &i, n.ID)
			got, err := w.s.Notice(w.ctx, n.ID)
			w.must(err)
			if got.Overtaken != u.ID || got.Live(w.now) {
				w.fatal("got overtaken by %d, want %d", got.Overtaken, u.ID)
			}
			n.State = subscriptions.Stopped
			w.commit(subscriptions.Change{Notices: []subscriptions.Notice{n}})
			if got, err = w.s.Notice(w.ctx, n.ID); err != nil || got.Overtaken != u.ID || got.State != subscriptions.Stopped {
				w.fatal("got %+v (%v), want it stopped and still overtaken", got, err)
			}
		}},
		{"A listed notice that still owes somebody what the new one does not say is not marked", func(w *world) {
			i, n := w.outage("a", "b")
			w.publish(w.notice(i, subscriptions.AlternativeNotice, "a"), &i, n.ID)
			w.restore(&i, "a")
			if got, err := w.s.Notice(w.ctx, n.ID); err != nil || got.Overtaken != 0 {
				w.fatal("got overtaken by %d (%v), want the start of b still owed", got.Overtaken, err)
			}
			end := w.restore(&i, "b")
			if got, err := w.s.Notice(w.ctx, n.ID); err != nil || got.Overtaken != end.ID {
				w.fatal("got overtaken by %d (%v), want %d", got.Overtaken, err, end.ID)
			}
		}},
		{"Notices without an Incident that come with a new incident get its id", func(w *world) {
			i := w.claim(subscriptions.Incident{State: subscriptions.Investigating, Round: 1, OpenedAt: w.now}, "a")
			n := w.notice(i, subscriptions.Outage, "a")
			out := w.commit(subscriptions.Change{Incident: &i, Notices: []subscriptions.Notice{n}})
			if out.Notices[0].Incident != out.Incident.ID || out.Incident.ID == 0 || out.Incident.LastNotice != out.Notices[0].ID {
				w.fatal("got %+v of %+v, want them tied", out.Notices[0], out.Incident)
			}
		}},
		{"A published notice without ExpiresAt expires 12 h after PublishedAt, and one without PublishedAt was published at Now", func(w *world) {
			n := w.publish(subscriptions.Notice{Kind: subscriptions.Advisory, State: subscriptions.Published}, nil)
			if n.PublishedAt != w.now || n.ExpiresAt != w.now.Add(12*time.Hour) {
				w.fatal("got published %v expiring %v, want %v and 12 h later", n.PublishedAt, n.ExpiresAt, w.now)
			}
			if got, err := w.s.Notice(w.ctx, n.ID); err != nil || got.ExpiresAt != n.ExpiresAt {
				w.fatal("got %v (%v), want it stored", got.ExpiresAt, err)
			}
		}},
		{"Every Commit raises the generation of View", func(w *world) {
			_, n := w.outage("a")
			v, ok, err := w.s.View(w.ctx, 0)
			w.must(err)
			if !ok || v.Notices[n.ID].ID != n.ID || len(v.Incidents) != 1 {
				w.fatal("got %v %+v, want the live notice and incident", ok, v)
			}
			if _, ok, err := w.s.View(w.ctx, v.Generation); err != nil || ok {
				w.fatal("got a new view (%v) though nothing changed", err)
			}
			w.open("b")
			next, ok, err := w.s.View(w.ctx, v.Generation)
			w.must(err)
			if !ok || next.Generation <= v.Generation || len(next.Incidents) != 2 {
				w.fatal("got %v %+v, want a newer view", ok, next)
			}
		}},
		{"View holds an end and its incident as long as the end may be sent, and a stopped notice as long as it has rows", func(w *world) {
			w.person(follow("a")...)
			i, _ := w.outage("a")
			ds := w.tell()
			w.person(follow("a")...)
			end := w.restore(&i)
			v, _, err := w.s.View(w.ctx, 0)
			w.must(err)
			d := ds[0]
			d.Notice = end.ID
			if got := v.StillTrue(d, w.now); !got.Send {
				w.fatal("got %+v for the end, want it sent", got)
			}
			if got := v.StillTrue(ds[0], w.now); got.Send {
				w.fatal("got the start sent after the end")
			}
			_, stopped := w.outage("b")
			w.person(follow("b")...)
			stopped.State = subscriptions.Stopped
			w.commit(subscriptions.Change{Notices: []subscriptions.Notice{stopped}})
			v, _, err = w.s.View(w.ctx, 0)
			w.must(err)
			if got := v.StillTrue(subscriptions.Delivery{Notice: stopped.ID, Services: services("b")}, w.now); got.By != subscriptions.ByStop {
				w.fatal("got %+v, want it stopped", got)
			}
		}},
		{"NoticesByKey finds notices by full key or by short key, every year's, newest first", func(w *world) {
			var keys []subscriptions.NoticeKey
			for _, day := range []string{"2024-0103", "2025-0103", "2025-0104"} {
				keys = append(keys, w.commit(subscriptions.Change{Day: day, Notices: []subscriptions.Notice{{Kind: subscriptions.Advisory, State: subscriptions.Submitted}}}).Notices[0].Key)
			}
			for _, c := range []struct {
				ask  string
				want []subscriptions.NoticeKey
			}{{"2025-0103-1", keys[1:2]}, {"0103-1", []subscriptions.NoticeKey{keys[1], keys[0]}}, {"0105-1", nil}, {"", nil}} {
				ns, err := w.s.NoticesByKey(w.ctx, c.ask)
				w.must(err)
				var got []subscriptions.NoticeKey
				for _, n := range ns {
					got = append(got, n.Key)
				}
				if !slices.Equal(got, c.want) {
					w.fatal("%q: got %v, want %v", c.ask, got, c.want)
				}
			}
		}},
		{"Incidents lists live ones always, ended ones whose end is after since; newest first", func(w *world) {
			one, two := w.open("a"), w.open("b")
			three := w.open("c")
			one = w.put(w.end(one))
			cutoff := w.now
			w.tick()
			two = w.put(w.end(two))
			got, err := w.s.Incidents(w.ctx, cutoff)
			w.must(err)
			if len(got) != 2 || got[0].ID != three.ID || got[1].ID != two.ID || one.EndedAt.After(cutoff) {
				w.fatal("got %+v, want the live third and the second", got)
			}
		}},
		{"Notices lists those of one incident (0 = all) in any of the states (none = all), oldest first", func(w *world) {
			i, n := w.outage("a")
			draft := w.notice(i, subscriptions.Update, "a")
			draft.State = subscriptions.Draft
			draft = w.commit(subscriptions.Change{Notices: []subscriptions.Notice{draft}}).Notices[0]
			_, other := w.outage("b")
			for _, c := range []struct {
				i      subscriptions.IncidentID
				states []subscriptions.NoticeState
				want   []subscriptions.NoticeID
			}{
				{i.ID, nil, []subscriptions.NoticeID{n.ID, draft.ID}},
				{i.ID, []subscriptions.NoticeState{subscriptions.Draft}, []subscriptions.NoticeID{draft.ID}},
				{0, []subscriptions.NoticeState{subscriptions.Published, subscriptions.Stopped}, []subscriptions.NoticeID{n.ID, other.ID}},
				{0, nil, []subscriptions.NoticeID{n.ID, draft.ID, other.ID}},
			} {
				ns, err := w.s.Notices(w.ctx, c.i, c.states...)
				w.must(err)
				var got []subscriptions.NoticeID
				for _, n := range ns {
					got = append(got, n.ID)
				}
				if !slices.Equal(got, c.want) {
					w.fatal("incident %d in %v: got %v, want %v", c.i, c.states, got, c.want)
				}
			}
		}},
		{"Told returns a recipient's told deliveries of incidents that are live or ended after since, newest first", func(w *world) {
			r := w.person(follow("a", "b")...)
			i, n := w.outage("a")
			w.tell()
			end := w.restore(&i)
			w.tell()
			_, waiting := w.outage("b")
			w.expand()
			got, err := w.s.Told(w.ctx, r.ID, t0)
			w.must(err)
			if len(got) != 2 || got[0].Notice != end.ID || got[0].Kind != subscriptions.Restored || got[1].Notice != n.ID || !slices.Equal(got[1].Services, services("a")) || got[1].At.IsZero() {
				w.fatal("got %+v, want the end and the start, and not %d", got, waiting.ID)
			}
			if got, err = w.s.Told(w.ctx, r.ID, i.EndedAt); err != nil || len(got) != 0 {
				w.fatal("got %+v (%v), want nothing of an incident that ended before", got, err)
			}
		}},
		{"Told still returns an earlier round's end to who only asked then, while the incident lives again without their services", func(w *world) {
			r := w.person()
			i, _ := w.outage("a")
			w.watch(r.ID, i, "a")
			w.tell()
			end := w.restore(&i, "a")
			w.tell()
			i = w.reopen(i, "b")
			w.publish(w.notice(i, subscriptions.Outage, "b"), &i)
			w.want(w.tell())
			got, err := w.s.Told(w.ctx, r.ID, w.now)
			if w.must(err); len(got) != 2 || got[0].Notice != end.ID || got[0].Kind != subscriptions.Restored || !slices.Equal(got[0].Services, services("a")) {
				w.fatal("got %+v, want the start and the end of the first round", got)
			}
		}},
	}
}

func auditPromises() []promise {
	return []promise{
		{"Append seals the line to the record's end and returns it; AuditLines lists up to limit lines after seq, oldest first", func(w *world) {
			prev := subscriptions.AuditLine{}
			for k := range 5 {
				l, err := w.s.Append(w.ctx, subscriptions.AuditLine{At: w.tick().Add(123 * time.Microsecond), Officer: 3, Agency: "kra", Action: "notice.publish", Subject: "0103-1", Outcome: "refused", Rule: "4", Detail: "x", Via: "cli"})
				w.must(err)
				w.must(subscriptions.VerifyAudit(prev, l))
				if l.Seq != int64(k+1) {
					w.fatal("got seq %d, want %d", l.Seq, k+1)
				}
				prev = l
			}
			ls, err := w.s.AuditLines(w.ctx, 2, 2)
			w.must(err)
			if len(ls) != 2 || ls[0].Seq != 3 || ls[1].Seq != 4 || ls[0].Officer != 3 || ls[0].Rule != "4" || ls[0].Via != "cli" {
				w.fatal("got %+v, want lines 3 and 4", ls)
			}
			w.wantAudit("notice.publish", "notice.publish", "notice.publish", "notice.publish", "notice.publish")
		}},
		{"A refused Commit leaves no line", func(w *world) {
			i := w.open("a")
			i.Revision = 77
			_, err := w.try(subscriptions.Change{Incident: &i, Line: did("incident.hold")})
			w.is(err, subscriptions.ErrConflict)
			w.wantAudit()
		}},
	}
}
