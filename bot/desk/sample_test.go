package desk_test

import (
	"slices"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// asked lets those who are due be asked, and answer; works of them say that it works.
func (b *bundle) asked(works int) (n int) {
	b.Helper()
	due, err := b.store.DueSamples(ctx, lane, 100, b.now)
	b.must(err)
	for k, s := range due {
		b.must(b.store.AskedSample(ctx, s, b.now))
		s.Works, s.AnsweredAt = k < works, b.now
		if !s.Works {
			s.Tried = subscriptions.TriedMpesaApp
		}
		b.must(b.store.AnswerSample(ctx, s, b.now))
	}
	return len(due)
}

// The moments at which people are asked, whom, and what a low share brings.
func TestWhenPeopleAreAsked(t *testing.T) {
	t.Parallel()
	low := func(b *bundle) int { return len(b.called(desk.EventSampleLow)) }
	monitor := func(b *bundle, id subscriptions.IncidentID) {
		_, err := b.publish(b.ecAuthor, desk.DraftInput{Incident: id, Kind: subscriptions.Update, Slots: subscriptions.Slots{State: subscriptions.Monitoring}})
		b.must(err)
	}
	for _, c := range []struct {
		name string
		do   func(b *bundle, id subscriptions.IncidentID)
	}{
		{"nobody while it fails", func(b *bundle, _ subscriptions.IncidentID) {
			b.pass(time.Hour)
			b.watch()
			if n := b.asked(0); n != 0 {
				b.Errorf("%d are asked", n)
			}
		}},
		{"who reported and was told nothing, while it is watched and once", func(b *bundle, id subscriptions.IncidentID) {
			monitor(b, id)
			b.watch()
			b.watch()
			if n := b.asked(6); n != 9 || low(b) != 0 {
				b.Errorf("%d are asked, want the nine who reported; %d calls before it is looked", n, low(b))
			}
			b.watch()
			b.watch()
			if low(b) != 1 || b.incident(id).State != subscriptions.Monitoring {
				b.Errorf("6 of 9 say that it works: %d calls, the incident is %s; want one, and nothing by itself", low(b), b.incident(id).State)
			}
		}},
		{"seven of nine are enough", func(b *bundle, id subscriptions.IncidentID) {
			monitor(b, id)
			b.watch()
			b.asked(7)
			if b.watch(); low(b) != 0 {
				b.Errorf("%d calls", low(b))
			}
		}},
		{"answers from before an end say nothing of it", func(b *bundle, id subscriptions.IncidentID) {
			monitor(b, id)
			b.watch()
			b.asked(0)
			b.pass(time.Second)
			b.restores(b.ecAuthor, id)
			b.watch()
			if s, err := b.desk.SampleAnswers(ctx, id); err != nil || s.Verdict.Asked != 0 || low(b) != 0 {
				b.Errorf("after the end %+v (%v), %d calls", s, err, low(b))
			}
			if r, err := b.desk.IncidentRecord(ctx, id); err != nil || len(r.Samples) != 1 || r.Samples[0].Answers != 9 {
				b.Errorf("the record lost the answers: %+v (%v)", r.Samples, err)
			}
		}},
		{"after an end, within the hour", func(b *bundle, id subscriptions.IncidentID) {
			b.restores(b.ecAuthor, id)
			b.watch()
			if n := b.asked(2); n != 9 {
				b.Errorf("%d are asked", n)
			}
			b.pass(90 * time.Minute)
			b.reporters(12)
			b.watch() // an answer may come late; nobody else is asked by then
			if n := b.asked(0); n != 0 || low(b) != 1 {
				b.Errorf("an hour and a half after the end %d more are asked; %d calls", n, low(b))
			}
		}},
		{"after an end of some, while others go on failing", func(b *bundle, id subscriptions.IncidentID) {
			_, err := b.desk.Hold(ctx, b.kraAuthor.actor, desk.HoldInput{Incident: id, Services: ids("kra-pay-tax")}, b.now)
			b.must(err)
			b.restores(b.ecAuthor, id)
			b.watch()
			if n := b.asked(0); n != 9 || b.incident(id).State.Over() {
				b.Errorf("%d are asked, the incident is %s", n, b.incident(id).State)
			}
			b.watch()
			e := b.called(desk.EventSampleLow)
			if len(e) != 1 || !slices.Equal(e[0].Services, ids("kws-nairobi-np")) {
				b.Errorf("calls: %+v", e)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.reporters(9)
			c.do(b, b.outage().Incident.ID)
		})
	}
}

// reporters are people who follow nothing and say that park entry fails.
func (b *bundle) reporters(n int) {
	b.Helper()
	b.fails(n, "kws-nairobi-np")
}
