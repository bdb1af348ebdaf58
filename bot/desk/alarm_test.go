package desk_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

const lane = subscriptions.LaneID("telegram:1")

// citizens makes people who are known to us for two days.
func (b *bundle) citizens(n int) []subscriptions.Recipient {
	b.Helper()
	var out []subscriptions.Recipient
	for range n {
		b.people++
		r, err := b.store.SaveRecipient(ctx, subscriptions.Recipient{Lane: lane, Address: subscriptions.AddressOf(fmt.Sprint(100000 + b.people)),
			Kind: subscriptions.Person, Language: "en", CreatedAt: b.now.Add(-48 * time.Hour)})
		b.must(err)
		out = append(out, r)
	}
	return out
}

// fails lets people report services in turn, a few seconds apart.
func (b *bundle) fails(n int, ids ...subscriptions.ServiceID) {
	b.Helper()
	for k, r := range b.citizens(n) {
		b.pass(5 * time.Second)
		_, _, err := b.store.PutReport(ctx, subscriptions.Report{Lane: lane, Address: r.Address, Kind: r.Kind, Service: ids[k%len(ids)], Tried: subscriptions.TriedMpesaApp, At: b.now})
		b.must(err)
	}
}

func (b *bundle) watch() {
	b.Helper()
	b.must(b.desk.Watch(ctx, b.now))
	b.must(b.desk.Watch(ctx, b.now)) // another replica
}

func (b *bundle) alarm() subscriptions.Alarm {
	b.Helper()
	all, err := b.store.Alarms(ctx, b.now.Add(-24*time.Hour))
	b.must(err)
	if len(all) != 1 {
		b.Fatalf("got %d alarms, want one: %+v", len(all), all)
	}
	return all[0]
}

// wake is who was called by the events of a kind since the last look.
func (b *bundle) woken(k desk.EventKind) (out []subscriptions.OfficerID) {
	for _, e := range b.called(k) {
		out = append(out, e.To...)
	}
	b.events = nil
	return out
}

func (b *bundle) duty(p person, agency subscriptions.AgencyID) {
	b.Helper()
	_, err := b.desk.SetDuty(ctx, b.admin.actor, p.Officer.ID, []subscriptions.Duty{{Agency: agency, Days: []time.Weekday{time.Friday}, From: 0, To: 24 * 60}}, b.now)
	b.must(err)
}

// From the wake-up to the published holding statement: one answer.
func TestAlarmIsPublishedInOneDeed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.duty(b.ecAuthor, "ecitizen")
	begun := b.now
	b.fails(12, "kws-nairobi-np", "kra-pay-tax", "passport-new", "business-name")
	b.watch()
	a := b.alarm()
	if a.Platform != "ecitizen-payments" || a.Agency != "ecitizen" || a.State != subscriptions.AlarmOpen || a.Reports != 12 || a.Known != 12 || !a.Since.Equal(begun.Add(5*time.Second)) {
		t.Fatalf("got %+v", a)
	}
	if got := b.woken(desk.EventAlarm); !slices.Equal(got, []subscriptions.OfficerID{b.ecAuthor.Officer.ID}) {
		t.Fatalf("woke %v, want the duty officer alone, once", got)
	}
	b.pass(30 * time.Second)
	draft, err := b.desk.AlarmDraft(ctx, b.ecAuthor.actor, a.ID, b.now)
	b.must(err)
	if draft.Refused != nil || draft.Kind != subscriptions.Outage || !slices.Equal(draft.Platforms, platforms("ecitizen-payments")) || !draft.NextUpdate.Equal(b.now.Add(2*time.Hour)) ||
		!draft.Since.Equal(begun.Truncate(time.Minute)) || draft.Reported.Reports != 12 || draft.Reported.Mostly() != subscriptions.TriedMpesaApp {
		t.Errorf("the draft is %+v", draft)
	}
	if w := draft.Preview.Notice.Sheet.Words["sw"]; !contains(w.Title, "222222") || len(told(draft.Preview.Notice)) < 60 {
		t.Errorf("the preview says %q to followers of %d services", w.Title, len(told(draft.Preview.Notice)))
	}
	if list, err := b.store.Incidents(ctx, b.now); err != nil || len(list) != 0 {
		t.Fatalf("a draft opened %v (%v)", list, err)
	}
	in := desk.AnswerAlarmInput{Alarm: a.ID, Says: subscriptions.SaysPublish, Request: "tap-1"}
	out, err := b.desk.AnswerAlarm(ctx, b.ecAuthor.actor, in, b.now)
	b.must(err)
	i := out.Outcome.Incident
	if out.Outcome.Notice.State != subscriptions.Published || out.Outcome.Notice.Kind != subscriptions.Outage || !slices.Equal(i.Platforms(), platforms("ecitizen-payments")) ||
		!slices.Equal(told(out.Outcome.Notice), told(draft.Preview.Notice)) || len(out.Outcome.Ping) == 0 {
		t.Fatalf("got %+v", out)
	}
	if out.Alarm.State != subscriptions.AlarmSpoken || out.Alarm.Incident != i.ID {
		t.Errorf("the alarm is %+v", out.Alarm)
	}
	if !i.FirstReport.Equal(begun.Add(5*time.Second)) || !i.FirstWord.Equal(b.now) {
		t.Errorf("first report %v, first word %v", i.FirstReport, i.FirstWord)
	}
	again, err := b.desk.AnswerAlarm(ctx, b.ecAuthor.actor, in, b.now.Add(time.Minute))
	b.must(err)
	if !again.Outcome.Repeated || again.Outcome.Notice.ID != out.Outcome.Notice.ID {
		t.Errorf("a second tap led to %+v", again.Outcome)
	}
	b.pass(time.Minute)
	b.fails(10, "kws-nairobi-np", "kra-pay-tax")
	b.watch()
	if a := b.alarm(); a.State != subscriptions.AlarmSpoken {
		t.Errorf("complaints of what is told raised %+v", a)
	}
	if sum, err := b.desk.Reported(ctx, i, b.now); err != nil || sum.Reports != 22 {
		t.Errorf("the incident counts %+v (%v), want 22", sum, err)
	}
}
