package storetest

import (
	"slices"

	"arifa/subscriptions"
)

func archivePromises() []promise {
	return []promise{
		{"Generation is that of View, and another value after every Commit", func(w *world) {
			before, err := w.s.Generation(w.ctx)
			w.must(err)
			w.open("a")
			after, err := w.s.Generation(w.ctx)
			w.must(err)
			v, ok, err := w.s.View(w.ctx, before)
			w.must(err)
			if after <= before || !ok || v.Generation != after {
				w.fatal("got generation %d after %d, and %d of the view (%v)", after, before, v.Generation, ok)
			}
		}},
		{"Headlines lists what was published, the last first, stopped and withdrawn ones included, at most limit", func(w *world) {
			i, first := w.outage("a")
			draft := w.notice(i, subscriptions.Update, "a")
			draft.State = subscriptions.Draft
			draft = w.commit(subscriptions.Change{Notices: []subscriptions.Notice{draft}}).Notices[0]
			end := w.restore(&i)
			first, err := w.s.Notice(w.ctx, first.ID)
			w.must(err)
			if first.Overtaken != end.ID {
				w.fatal("got overtaken by %d, want %d", first.Overtaken, end.ID)
			}
			late := draft
			late.State, late.PublishedAt = subscriptions.Published, w.now // written early, said last
			late = w.publish(late, nil)
			end, err = w.s.Notice(w.ctx, end.ID)
			w.must(err)
			end.State = subscriptions.Withdrawn
			end = w.commit(subscriptions.Change{Notices: []subscriptions.Notice{end}}).Notices[0]
			got, err := w.s.Headlines(w.ctx, 10)
			w.must(err)
			want := []subscriptions.Headline{
				{ID: late.ID, Incident: i.ID, Revision: late.Revision}, {ID: end.ID, Incident: i.ID, Revision: end.Revision},
				{ID: first.ID, Incident: i.ID, Revision: first.Revision, Overtaken: end.ID},
			}
			if !slices.Equal(got, want) {
				w.fatal("got %+v, want %+v", got, want)
			}
			if got, err = w.s.Headlines(w.ctx, 2); err != nil || !slices.Equal(got, want[:2]) {
				w.fatal("got %+v (%v), want the last two", got, err)
			}
		}},
		{"NoticesOf reads notices by id, in the order of the ids; unknown ones are left out", func(w *world) {
			i, one := w.outage("a")
			two := w.publish(w.notice(i, subscriptions.Update, "a"), nil)
			got, err := w.s.NoticesOf(w.ctx, []subscriptions.NoticeID{two.ID, 99, one.ID})
			w.must(err)
			if len(got) != 2 || got[0].ID != two.ID || got[1].ID != one.ID || got[1].Revision != one.Revision || got[0].Kind != subscriptions.Update {
				w.fatal("got %+v, want %d and %d", got, two.ID, one.ID)
			}
			if got, err = w.s.NoticesOf(w.ctx, nil); err != nil || len(got) != 0 {
				w.fatal("got %d notices (%v), want none", len(got), err)
			}
		}},
	}
}
