package storetest

import (
	"slices"
	"time"

	"arifa/subscriptions"
)

// pick chooses a sample of a round about services.
func (w *world) pick(i subscriptions.Incident, most int, ids ...subscriptions.ServiceID) int {
	w.helper()
	n, err := w.s.PickSample(w.ctx, subscriptions.SampleWish{Incident: i.ID, Round: i.Round, Services: ids, Since: t0, Most: most}, w.tick())
	w.must(err)
	return n
}

func (w *world) due() []subscriptions.Sample {
	w.helper()
	out, err := w.s.DueSamples(w.ctx, lane, 100, w.now)
	w.must(err)
	return out
}

func (w *world) counts(i subscriptions.Incident) []subscriptions.SampleCount {
	w.helper()
	out, err := w.s.SampleCounts(w.ctx, i.ID, i.Round, time.Time{})
	w.must(err)
	return out
}

// told makes n people who were told that a fails.
func (w *world) told(n int) (i subscriptions.Incident, who []subscriptions.Recipient) {
	w.helper()
	for range n {
		who = append(who, w.person(follow("a")...))
	}
	i, _ = w.outage("a")
	w.tell()
	w.now = w.now.Add(2 * time.Hour) // the hour's messages are over
	return i, who
}

func samplePromises() []promise {
	return []promise{
		{"PickSample chooses people who reported or were told of the incident in this round: one question for each, of one of the services of theirs", func(w *world) {
			i, told := w.told(3)
			reporter, other := w.person(), w.person()
			w.complain(subscriptions.Report{Address: reporter.Address, Service: "b"})
			w.complain(subscriptions.Report{Address: reporter.Address, Service: "a"})
			w.complain(subscriptions.Report{Address: other.Address, Service: "d"})
			w.person(follow("a")...) // follows, but was told nothing
			if n := w.pick(i, 50, "a", "b"); n != 4 {
				w.fatal("picked %d, want three who were told and one who reported", n)
			}
			got := map[subscriptions.RecipientID]subscriptions.ServiceID{}
			for _, s := range w.due() {
				got[s.Recipient] = s.Service
				if s.Incident != i.ID || s.Round != 1 || s.Lane != lane || s.Kind != subscriptions.Person || s.Language != "sw" || s.Address.IsZero() || s.PickedAt != w.now {
					w.fatal("got %+v", s)
				}
			}
			for _, r := range append(told, reporter) {
				if s := got[r.ID]; s != "a" && !(r.ID == reporter.ID && s == "b") {
					w.fatal("recipient %d is asked of %q", r.ID, s)
				}
			}
			if len(got) != 4 {
				w.fatal("got %v", got)
			}
		}},
		{"PickSample chooses at most Most, those who reported first, and nobody twice in a round", func(w *world) {
			i, _ := w.told(5)
			var reporters []subscriptions.RecipientID
			for range 2 {
				r := w.person()
				w.complain(subscriptions.Report{Address: r.Address, Service: "a"})
				reporters = append(reporters, r.ID)
			}
			if n := w.pick(i, 3, "a"); n != 3 {
				w.fatal("picked %d, want 3", n)
			}
			first := w.due()
			for _, id := range reporters {
				if !slices.ContainsFunc(first, func(s subscriptions.Sample) bool { return s.Recipient == id }) {
					w.fatal("got %+v, want both who reported", first)
				}
			}
			if n := w.pick(i, 50, "a"); n != 4 {
				w.fatal("picked %d more, want the four others", n)
			}
			if n := w.pick(i, 50, "a"); n != 0 {
				w.fatal("picked %d, want nobody twice", n)
			}
		}},
		{"PickSample leaves out groups, who is gone, reports from before the round and other services", func(w *world) {
			group, gone, early, other := w.recipient(subscriptions.Group, follow("a")...), w.person(follow("a")...), w.person(), w.person(follow("b")...)
			w.complain(subscriptions.Report{Address: early.Address, Service: "a", At: t0.Add(-time.Second)})
			i, _ := w.outage("a", "b")
			w.tell()
			w.complain(subscriptions.Report{Address: group.Address, Kind: subscriptions.Group, Service: "a"})
			gone.GoneAt = w.now
			_, err := w.s.SaveRecipient(w.ctx, gone)
			w.must(err)
			if n := w.pick(i, 50, "a"); n != 0 {
				w.fatal("picked %d: %+v; want nobody (%d follows b)", n, w.due(), other.ID)
			}
		}},
		{"DueSamples lists picked ones of a lane that were not asked within SampleFor, oldest first", func(w *world) {
			i, _ := w.told(4)
			w.pick(i, 2, "a")
			first := w.due()
			w.pick(i, 4, "a")
			all := w.due()
			if len(all) != 4 || all[0].Recipient != first[0].Recipient || all[1].Recipient != first[1].Recipient {
				w.fatal("got %+v, want the first two in front", all)
			}
			if got, err := w.s.DueSamples(w.ctx, "slack:T", 9, w.now); err != nil || len(got) != 0 {
				w.fatal("got %v (%v) on another lane", got, err)
			}
			if got, err := w.s.DueSamples(w.ctx, lane, 3, w.now); err != nil || len(got) != 3 {
				w.fatal("got %v (%v), want at most three", got, err)
			}
			w.must(w.s.AskedSample(w.ctx, all[0], w.now))
			if got := w.due(); len(got) != 3 || got[0].Recipient == all[0].Recipient {
				w.fatal("got %+v, want what was not asked", got)
			}
			w.now = w.now.Add(subscriptions.SampleFor)
			if got := w.due(); len(got) != 0 {
				w.fatal("got %+v, want nothing so late", got)
			}
		}},
		{"DueSamples leaves out who left, is gone or has had the hour's messages", func(w *world) {
			left, gone, erased, stormed, stays := w.person(follow("a")...), w.person(follow("a")...), w.person(follow("a")...), w.person(follow("a")...), w.person(follow("a")...)
			reporter := w.person()
			w.complain(subscriptions.Report{Address: reporter.Address, Service: "a"})
			i, _ := w.outage("a")
			w.tell()
			w.now = w.now.Add(2 * time.Hour)
			if n := w.pick(i, 50, "a"); n != 6 {
				w.fatal("picked %d, want 6", n)
			}
			for _, r := range []subscriptions.Recipient{left, reporter} {
				_, err := w.s.Leave(w.ctx, r.ID, nil, w.now)
				w.must(err)
			}
			gone.GoneAt = w.now
			_, err := w.s.SaveRecipient(w.ctx, gone)
			w.must(err)
			w.must(w.s.Forget(w.ctx, erased.ID, w.now))
			w.subscribe(stormed.ID, follow("c")...)
			for range subscriptions.HourlyCap {
				j, _ := w.outage("c")
				w.tell()
				w.restore(&j)
				w.tell()
			}
			if got := w.due(); len(got) != 1 || got[0].Recipient != stays.ID {
				w.fatal("got %+v, want recipient %d only", got, stays.ID)
			}
			w.now = w.now.Add(time.Hour)
			if got := w.due(); len(got) != 2 {
				w.fatal("got %+v, want the stormed one an hour later", got)
			}
		}},
		{"A question counts among the hour's messages for the next question", func(w *world) {
			r := w.person(follow("a", "b", "c")...)
			ask := func(s subscriptions.ServiceID) []subscriptions.Sample {
				i, _ := w.outage(s)
				w.tell()
				w.pick(i, 9, s)
				w.restore(&i, s)
				w.tell()
				return w.due()
			}
			for range subscriptions.HourlyCap / 2 { // each an outage and a question
				due := ask("a")
				if len(due) != 1 || due[0].Recipient != r.ID {
					w.fatal("due: %+v", due)
				}
				w.must(w.s.AskedSample(w.ctx, due[0], w.now))
			}
			i, _ := w.outage("b") // goes as an ordinary message: a question holds no notice up
			w.pick(i, 9, "b")
			w.tell()
			w.pick(i, 9, "b")
			if got := w.due(); len(got) != 0 {
				w.fatal("asked beyond the hour's messages: %+v", got)
			}
			w.now = w.now.Add(time.Hour)
			if got := w.due(); len(got) != 1 {
				w.fatal("due an hour later: %+v", got)
			}
		}},
		{"AskedSample marks one as asked; ErrConflict when it was asked already, or is not asked any more", func(w *world) {
			i, who := w.told(2)
			w.pick(i, 2, "a")
			s := w.due()[0]
			w.must(w.s.AskedSample(w.ctx, s, w.now))
			w.is(w.s.AskedSample(w.ctx, s, w.now), subscriptions.ErrConflict)
			other := w.due()[0]
			w.must(w.s.Forget(w.ctx, other.Recipient, w.now))
			w.is(w.s.AskedSample(w.ctx, other, w.now), subscriptions.ErrConflict)
			if got := w.counts(i); len(got) != 1 || got[0].Asked != 1 {
				w.fatal("got %+v, want one of %d asked", got, len(who))
			}
		}},
		{"AnswerSample stores an answer, the newest counts; ErrNotFound when the person was not asked", func(w *world) {
			i, _ := w.told(2)
			w.pick(i, 2, "a")
			s, other := w.due()[0], w.due()[1]
			w.is(w.s.AnswerSample(w.ctx, s, w.now), subscriptions.ErrNotFound)
			w.must(w.s.AskedSample(w.ctx, s, w.now))
			s.Works = true
			w.must(w.s.AnswerSample(w.ctx, s, w.now))
			if got := w.counts(i); len(got) != 1 || got[0] != (subscriptions.SampleCount{Service: "a", Asked: 1, Works: 1}) {
				w.fatal("got %+v, want one for whom it works", got)
			}
			s.Works, s.Tried = false, subscriptions.TriedCard
			w.must(w.s.AnswerSample(w.ctx, s, w.now))
			if got := w.counts(i); len(got) != 1 || got[0] != (subscriptions.SampleCount{Service: "a", Tried: subscriptions.TriedCard, Asked: 1, Fails: 1}) {
				w.fatal("got %+v, want one for whom the card fails", got)
			}
			w.is(w.s.AnswerSample(w.ctx, other, w.now), subscriptions.ErrNotFound)
		}},
		{"SampleCounts counts the asked and the answers of a round, by service and how they tried; an answer outlives who gave it", func(w *world) {
			i, _ := w.told(4)
			w.pick(i, 4, "a")
			due := w.due()
			for k, s := range due {
				w.must(w.s.AskedSample(w.ctx, s, w.now))
				switch k {
				case 0, 1:
					s.Works = true
				case 2:
					s.Tried = subscriptions.TriedMpesaApp
				case 3:
					continue // says nothing
				}
				w.must(w.s.AnswerSample(w.ctx, s, w.now))
			}
			want := []subscriptions.SampleCount{{Service: "a", Asked: 3, Works: 2}, {Service: "a", Tried: subscriptions.TriedMpesaApp, Asked: 1, Fails: 1}}
			w.must(w.s.Forget(w.ctx, due[0].Recipient, w.now))
			_, err := w.s.Leave(w.ctx, due[2].Recipient, nil, w.now)
			w.must(err)
			w.retain(w.now.Add(subscriptions.ReportTextFor))
			if got := w.counts(i); !slices.Equal(got, want) {
				w.fatal("got %+v, want %+v", got, want)
			}
			for since, n := range map[time.Time]int{due[0].PickedAt: 4, due[0].PickedAt.Add(time.Millisecond): 0} {
				got, err := w.s.SampleCounts(w.ctx, i.ID, i.Round, since)
				asked := 0
				for _, c := range got {
					asked += c.Asked
				}
				if err != nil || asked != n {
					w.fatal("%d asked (%v) of those who were picked at %v or later, want %d", asked, err, since, n)
				}
			}
			i.Round = 2
			if got := w.counts(i); len(got) != 0 {
				w.fatal("got %+v of another round", got)
			}
			i.Round = 1
			w.is(w.s.AnswerSample(w.ctx, due[3], w.now), subscriptions.ErrNotFound) // forgotten who it was
		}},
		{"Two recipients that become one keep what they reported and answered", func(w *world) {
			i, who := w.told(2)
			w.complain(subscriptions.Report{Address: who[1].Address, Service: "a"})
			w.pick(i, 2, "a")
			for _, s := range w.due() {
				w.must(w.s.AskedSample(w.ctx, s, w.now))
				s.Works = true
				w.must(w.s.AnswerSample(w.ctx, s, w.now))
			}
			older := who[0]
			older.Address = who[1].Address
			_, err := w.s.SaveRecipient(w.ctx, older)
			w.must(err)
			if got := w.counts(i); len(got) != 1 || got[0].Works != 2 {
				w.fatal("got %+v, want both answers", got)
			}
			j, _ := w.outage("c")
			if n := w.pick(j, 9, "a"); n != 1 {
				w.fatal("picked %d for a report of the merged one, want 1", n)
			}
		}},
	}
}
