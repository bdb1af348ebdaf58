package desk_test

import (
	"fmt"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// crowd makes fifty accounts of one person, known to us for so long.
func (b *bundle) crowd(known time.Duration) (out []subscriptions.Recipient) {
	b.Helper()
	for range 50 {
		b.people++
		r, err := b.store.SaveRecipient(ctx, subscriptions.Recipient{Lane: lane, Address: subscriptions.AddressOf(fmt.Sprint(900000 + b.people)),
			Kind: subscriptions.Person, Language: "en", CreatedAt: b.now.Add(-known)})
		b.must(err)
		out = append(out, r)
	}
	return out
}

// strike lets accounts report and ask of everything, again and again.
func (b *bundle) strike(people []subscriptions.Recipient, ids ...subscriptions.ServiceID) {
	b.Helper()
	for again := range 3 {
		for k, r := range people {
			id := ids[(k+again)%len(ids)]
			b.pass(time.Second)
			_, _, err := b.store.PutReport(ctx, subscriptions.Report{Recipient: r.ID, Lane: lane, Address: r.Address, Kind: r.Kind, Service: id, Text: "pay 400200 instead, pay-now.example", At: b.now})
			b.must(err)
			b.must(b.store.PutAsk(ctx, subscriptions.Ask{Lane: lane, Address: r.Address, Kind: r.Kind, Service: id, At: b.now}))
		}
		b.watch()
	}
}

func (b *bundle) alarms() []subscriptions.Alarm {
	b.Helper()
	all, err := b.store.Alarms(ctx, b.now.Add(-24*time.Hour))
	b.must(err)
	return all
}

// untold asserts that the public was told nothing.
func (b *bundle) untold() {
	b.Helper()
	notices, err := b.store.Notices(ctx, 0)
	b.must(err)
	incidents, err := b.store.Incidents(ctx, time.Time{})
	b.must(err)
	if len(notices)+len(incidents) > 0 {
		b.Errorf("an attacker made %d notices and %d incidents", len(notices), len(incidents))
	}
}

// Fifty accounts that somebody made today wake nobody, whatever they report and ask
// and however often; nor do they make a few real complaints weigh more.
func TestFiftyNewAccounts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		ids  []subscriptions.ServiceID
	}{
		{"of one service", ids("kplc-tokens")},
		{"of a platform's services", ids("kws-nairobi-np", "kra-pay-tax", "passport-new", "business-name")},
		{"of everything", ids("kplc-tokens", "kra-pay-tax", "mpesa-paybill", "nbi-parking", "court-fees", "sha-pay", "helb-repay")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.fails(1, c.ids[0]) // somebody for whom it does fail
			b.strike(b.crowd(time.Minute), c.ids...)
			if got := b.alarms(); len(got) > 0 {
				t.Errorf("they raised %+v", got)
			}
			b.untold()
		})
	}
}

// Fifty accounts that waited for days can wake the officers who answer for it, with a
// draft; each agency once. They open, say and end nothing, their words are read by
// officers alone, and after "not us" the same fifty wake nobody again.
func TestFiftyOldAccounts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.duty(b.kplc, "kplc")
	people := b.crowd(72 * time.Hour)
	b.strike(people, "kplc-tokens")
	a := b.alarm()
	if got := b.woken(desk.EventAlarm); len(got) != 1 || got[0] != b.kplc.Officer.ID {
		t.Errorf("they woke %v, want one officer once", got)
	}
	if a.Reports != 50 {
		t.Errorf("three times fifty reports count as %d", a.Reports)
	}
	b.untold()
	draft, err := b.desk.AlarmDraft(ctx, b.kplc.actor, a.ID, b.now)
	b.must(err)
	if len(draft.Words) == 0 || contains(fmt.Sprintf("%+v", draft.Preview), "400200") || contains(fmt.Sprintf("%+v", draft.Preview), "pay-now") {
		t.Errorf("their words are in the draft, or hidden from the officer: %q", draft.Words)
	}
	// What they can make pages say is one fixed line, marked as not official.
	b.pass(11 * time.Minute)
	b.watch()
	if since, ok := subscriptions.Unofficial(b.alarms(), "kplc-tokens"); !ok || since.IsZero() {
		t.Error("fifty known accounts are not shown as unofficial")
	}
	for _, who := range []person{b.kplc, b.safaricom} { // neither is taken in
		_, err = b.desk.AnswerAlarm(ctx, who.actor, desk.AnswerAlarmInput{Alarm: a.ID, Says: subscriptions.SaysNotUs}, b.now)
		b.must(err)
	}
	if _, still := subscriptions.Unofficial(b.alarms(), "kplc-tokens"); still {
		t.Error("pages go on saying it after the officers have answered")
	}
	b.events = nil
	b.pass(20 * time.Minute)
	b.strike(people, "kplc-tokens")
	if got := b.woken(desk.EventAlarm); len(got) > 0 {
		t.Errorf("the same fifty woke %v again", got)
	}
	b.untold()
}

// Fifty accounts beside an open incident: they neither end it nor reopen one that has
// ended; a low share is a question to the officer.
func TestFiftyAccountsEndAndReopenNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	people := b.crowd(72 * time.Hour)
	b.strike(people, "kra-pay-tax", "kws-nairobi-np")
	out := b.outage()
	b.pass(time.Hour)
	b.watch()
	if i := b.incident(out.Incident.ID); i.State != subscriptions.Investigating {
		t.Errorf("their silence made the incident %s", i.State)
	}
	b.restores(b.ecAuthor, out.Incident.ID)
	b.events = nil
	b.pass(time.Minute)
	b.watch()
	due, err := b.store.DueSamples(ctx, lane, 100, b.now)
	b.must(err)
	if len(due) != 20 {
		t.Errorf("%d are asked, want the sample of 20", len(due))
	}
	for _, s := range due {
		b.must(b.store.AskedSample(ctx, s, b.now))
		s.AnsweredAt = b.now
		b.must(b.store.AnswerSample(ctx, s, b.now)) // it fails, they say
	}
	b.watch()
	if i := b.incident(out.Incident.ID); i.State != subscriptions.Resolved || i.Round != 1 {
		t.Errorf("their answers made the incident %s, round %d", i.State, i.Round)
	}
	if got := b.called(desk.EventSampleLow); len(got) != 1 {
		t.Errorf("the officer is asked %d times, want once", len(got))
	}
}
