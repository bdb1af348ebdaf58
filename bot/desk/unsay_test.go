package desk_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// A way that was stopped with one notice is told by no other: not by the one that
// repeats it, and not by the next.
func TestARepeatedWayStopsEverywhere(t *testing.T) {
	t.Parallel()
	const pdq = "card machine (PDQ)"
	for _, c := range []struct {
		name     string
		first    bool // which of the two is ended
		withdraw bool
	}{{"the repeated one stops", false, false}, {"the repeated one is withdrawn", false, true}, {"the first stops", true, false}, {"the first is withdrawn", true, true}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			id := b.outage().Incident.ID
			given, err := b.approved(b.kraAuthor, b.kraApprover, desk.DraftInput{Incident: id, Kind: subscriptions.AlternativeNotice,
				Slots: subscriptions.Slots{Services: ids("kra-pay-tax"), Alternatives: alts("alt-bank-or-pdq")}})
			b.must(err)
			b.pass(time.Minute)
			same, err := b.desk.NoChange(ctx, b.kraAuthor.actor, desk.NoChangeInput{Incident: id}, b.now)
			b.must(err)
			if !contains(fmt.Sprint(same.Notice.Sheet.Words), pdq) {
				t.Fatal("the second notice does not repeat the way")
			}
			b.pass(time.Minute)
			end := same.Notice.ID
			if c.first {
				end = given.Notice.ID
			}
			if c.withdraw {
				_, err = b.desk.Withdraw(ctx, b.kraAuthor.actor, end, "", b.now)
			} else {
				_, err = b.desk.Stop(ctx, b.kraAuthor.actor, end, b.now)
			}
			b.must(err)
			all, err := b.store.Notices(ctx, id)
			b.must(err)
			for _, n := range all {
				if n.Live(b.now) && contains(fmt.Sprint(n.Sheet.Words), pdq) {
					t.Errorf("%s is sent with the way", n.Key)
				}
			}
			if line := b.audit()[len(b.audit())-1]; c.first != contains(line.Detail, "tells the same way") {
				t.Errorf("audit line %+v", line)
			}
			if called := len(b.called(desk.EventBroken)); (called > 0) != c.first {
				t.Errorf("%d calls to officers whose notice stopped with it, want some only where another one stopped", called)
			}
			next, err := b.desk.NoChange(ctx, b.kraAuthor.actor, desk.NoChangeInput{Incident: id}, b.now.Add(time.Minute))
			b.must(err)
			if contains(fmt.Sprint(next.Notice.Sheet.Words), pdq) {
				t.Error("the next notice tells it again")
			}
		})
	}
}

// What a stopped answer or end said is open again, promised, and not repeated.
func TestAStoppedAnswerIsOpenAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.outage().Incident.ID
	b.pass(time.Hour)
	end, err := b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id, Moved: nay}, b.now)
	b.must(err)
	promised := b.incident(id).NextUpdate
	answer := func(in desk.AnswerInput) subscriptions.Notice {
		b.Helper()
		b.pass(time.Minute)
		in.Incident = id
		out, err := b.desk.Answer(ctx, b.ecAuthor.actor, in, b.now)
		b.must(err)
		return out.Notice
	}
	stop := func(n subscriptions.NoticeID) {
		b.Helper()
		b.pass(time.Minute)
		_, err := b.desk.Stop(ctx, b.ecAuthor.actor, n, b.now)
		b.must(err)
	}
	all := answer(desk.AnswerInput{Landed: yes, PayAgain: nay})
	if !b.incident(id).NextUpdate.IsZero() {
		t.Fatal("all is answered, and still promised")
	}
	stop(all.ID)
	if got := b.incident(id).NextUpdate; !got.Equal(promised) {
		t.Errorf("promised %v after the stop, want %v", got, promised)
	}
	if n := answer(desk.AnswerInput{PayAgain: nay}); n.Slots.Landed.Value != "" || n.Slots.Moved.Value != "no" {
		t.Errorf("it says %+v", n.Slots)
	}
	b.pass(time.Minute)
	b.must(b.desk.StopBroken(ctx, end.Notice.ID, "400", b.now)) // an officer reopens first
	at := b.now
	rest := answer(desk.AnswerInput{Landed: nay})
	if rest.Slots.Moved.Value != "no" || rest.Slots.PayAgain.Value != "no" { // the live answer says these
		t.Errorf("it says %+v", rest.Slots)
	}
	b.must(b.stopAll(id))
	if got := b.incident(id).NextUpdate; got.IsZero() || got.After(at.Add(desk.PromiseAfter)) {
		t.Errorf("promised %v", got)
	}
	if n := answer(desk.AnswerInput{Landed: nay}); n.Slots.Moved.Value != "" || n.Slots.PayAgain.Value != "" {
		t.Errorf("of a stopped end it says %+v", n.Slots)
	}
}

// stopAll stops every answer of an incident.
func (b *bundle) stopAll(id subscriptions.IncidentID) error {
	all, err := b.store.Notices(ctx, id, subscriptions.Published)
	for _, n := range all {
		if err == nil && n.Answers() {
			_, err = b.desk.Stop(ctx, b.ecAuthor.actor, n.ID, b.now)
		}
	}
	return err
}

// One officer says an answer, so it holds nothing else.
func TestAnAnswerHoldsNothingElse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.outage().Incident.ID
	b.pass(time.Hour)
	end, err := b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id}, b.now)
	b.must(err)
	b.pass(time.Minute)
	by := subscriptions.Answer{By: b.now.Add(time.Hour)}
	for _, s := range []subscriptions.Slots{
		{Services: ids("kplc-tokens")}, {Cause: subscriptions.CauseAttack}, {NextUpdate: by.By}, {Platforms: platforms("mpesa")},
		{Alternatives: alts("alt-check-222")}, {Until: by.By}, {State: subscriptions.Investigating}, {NoChange: true},
	} {
		s.Landed, s.PayAgain, s.Moved = yes, by, by
		_, err := b.publish(b.ecAuthor, desk.DraftInput{Incident: id, Kind: subscriptions.Correction, Corrects: end.Notice.ID, Slots: s})
		b.refused(err, 6, "nothing but answers")
	}
	_, err = b.publish(b.ecAuthor, desk.DraftInput{Incident: id, Kind: subscriptions.Correction, Corrects: end.Notice.ID, Slots: subscriptions.Slots{
		Landed: yes, PayAgain: by, Moved: by, Free: subscriptions.Text{"en": "Thank you for waiting.", "sw": "Asante kwa kusubiri."}}})
	b.must(err)
}

// An end is taken back only when what it ended fails again: else people are sent to
// what is broken, and hear no end.
func TestAnEndIsNotTakenBackAlone(t *testing.T) {
	t.Parallel()
	for name, unsay := range map[string]func(b *bundle, id subscriptions.NoticeID) error{
		"stopped": func(b *bundle, id subscriptions.NoticeID) error {
			_, err := b.desk.Stop(ctx, b.ecApprover.actor, id, b.now)
			return err
		},
		"withdrawn": func(b *bundle, id subscriptions.NoticeID) error {
			_, err := b.desk.Withdraw(ctx, b.ecApprover.actor, id, "", b.now)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			id := b.outage().Incident.ID
			b.pass(time.Hour)
			end, err := b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id}, b.now)
			b.must(err)
			b.pass(time.Minute)
			b.refused(unsay(b, end.Notice.ID), 6, fmt.Sprintf("arifa incident reopen %d", id))
			if n, err := b.store.Notice(ctx, end.Notice.ID); err != nil || n.State != subscriptions.Published {
				t.Errorf("the end is %s, %v", n.State, err)
			}
			_, err = b.desk.Reopen(ctx, b.ecAuthor.actor, desk.ReopenInput{Incident: id}, b.now)
			b.must(err)
			b.must(unsay(b, end.Notice.ID))
			i := b.incident(id)
			if i.State.Over() || !has(i.Failing(), subscriptions.ServiceID("kra-pay-tax")) {
				t.Errorf("the incident is %s, failing %v", i.State, i.Failing())
			}
			again, err := b.publish(b.ecAuthor, desk.DraftInput{Incident: id, Kind: subscriptions.Outage})
			b.must(err)
			b.pass(time.Hour)
			last, err := b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id}, b.now)
			b.must(err)
			if !slices.Equal(told(last.Notice), told(again.Notice)) {
				t.Errorf("the end tells %d services, the outage told %d", len(told(last.Notice)), len(told(again.Notice)))
			}
		})
	}
}
