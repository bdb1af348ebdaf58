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

// The clock of silence: the duty officer at once, the next person after a quarter of
// an hour, the head after half an hour, and everybody again each hour.
func TestNobodyAnswers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.duty(b.ecAuthor, "ecitizen")
	deputy := b.add("Dida", subscriptions.Grant{Role: subscriptions.Author, Agency: "ecitizen"})
	head := b.add("Halima", subscriptions.Grant{Role: subscriptions.Approver, Agency: "ecitizen"})
	_, err := b.desk.SetHead(ctx, b.kraAuthor.actor, head.Officer.ID, "ecitizen", true, b.now)
	b.refused(err, 4, "not approver of ecitizen")
	_, err = b.desk.SetHead(ctx, b.admin.actor, head.Officer.ID, "kra", true, b.now)
	b.refused(err, 4, "has no role")
	_, err = b.desk.SetHead(ctx, b.admin.actor, head.Officer.ID, "ecitizen", true, b.now)
	b.must(err)
	b.events = nil
	b.fails(12, "kws-nairobi-np", "kra-pay-tax", "passport-new", "business-name")
	opened := b.now
	for _, c := range []struct {
		name  string
		after time.Duration
		again bool // to somebody who was called before
		want  []person
	}{
		{"at once", 0, false, []person{b.ecAuthor}},
		{"soon", time.Minute, false, nil},
		{"before a quarter of an hour", 14*time.Minute + 59*time.Second, false, nil},
		{"the next person who can publish", 15 * time.Minute, false, []person{deputy}},
		{"before half an hour", 29 * time.Minute, false, nil},
		{"the head", 30 * time.Minute, false, []person{head}},
		{"later", 89 * time.Minute, true, nil},
		{"everybody again", 90 * time.Minute, true, []person{b.ecAuthor, deputy, b.ecApprover, head}},
		{"and again", 151 * time.Minute, true, []person{b.ecAuthor, deputy, b.ecApprover, head}},
	} {
		b.now = opened.Add(c.after)
		b.fails(1, "kws-nairobi-np") // it goes on
		b.now = opened.Add(c.after)
		b.watch()
		var want []subscriptions.OfficerID
		for _, p := range c.want {
			want = append(want, p.Officer.ID)
		}
		kind := desk.EventAlarm
		if c.again {
			kind = desk.EventAlarmAgain
		}
		got := b.woken(kind)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: woke %v, want %v", c.name, got, want)
		}
	}
	a := b.alarm()
	if a.State != subscriptions.AlarmOpen || len(a.Calls) != 11 {
		t.Errorf("the alarm is %+v", a)
	}
	for _, l := range b.audit() {
		if l.Action == "alarm.call" && (l.Officer != 0 || l.Via != "clock" || l.Agency != "ecitizen") {
			t.Errorf("the record says %+v", l)
		}
	}
}

// Where no list says who is on duty everybody of the agency is called; an agency
// without officers leaves it to the admins.
func TestWhoIsCalledWithoutDuty(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fails(12, "kws-nairobi-np", "kra-pay-tax", "passport-new", "business-name")
	b.watch()
	if got := b.woken(desk.EventAlarm); !slices.Equal(got, []subscriptions.OfficerID{b.ecAuthor.Officer.ID, b.ecApprover.Officer.ID}) {
		t.Errorf("woke %v, want eCitizen's officers", got)
	}
	b.pass(time.Hour)
	b.fails(12, "sha-claims") // no officer of SHA exists
	b.watch()
	if got := b.woken(desk.EventAlarm); !slices.Equal(got, []subscriptions.OfficerID{b.admin.Officer.ID, b.second.Officer.ID}) {
		t.Errorf("woke %v, want the admins", got)
	}
}

// "Not us" asks whose, and calls them; who has said so is not asked again.
func TestNotUs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fails(12, "kws-nairobi-np", "kra-pay-tax", "passport-new", "business-name")
	b.watch()
	a := b.alarm()
	b.events = nil
	say := func(p person, whose subscriptions.AgencyID) (desk.Answered, error) {
		b.pass(time.Minute)
		return b.desk.AnswerAlarm(ctx, p.actor, desk.AnswerAlarmInput{Alarm: a.ID, Says: subscriptions.SaysNotUs, Whose: whose}, b.now)
	}
	_, err := say(b.kplc, "")
	b.refused(err, 4, "not about kplc")
	_, err = say(b.kws, "")
	b.refused(err, 4, "ecitizen is asked now")
	_, err = say(b.ecAuthor, "ecitizen")
	b.refused(err, 0, "not theirs")
	_, err = say(b.ecAuthor, "nobody")
	b.refused(err, 0, "no agency")
	view, err := b.desk.Alarm(ctx, b.ecApprover.actor, a.ID, b.now)
	b.must(err)
	if len(view.Whose) == 0 || view.Whose[0] != "safaricom" || view.For != "ecitizen" {
		t.Errorf("whose: %v for %s, want Safaricom first", view.Whose, view.For)
	}
	out, err := say(b.ecApprover, "") // an approver may say so too
	b.must(err)
	if out.Passed != "safaricom" || out.Alarm.Agency != "safaricom" || out.Alarm.State != subscriptions.AlarmOpen {
		t.Fatalf("got %+v", out)
	}
	b.watch()
	if got := b.woken(desk.EventAlarm); !slices.Equal(got, []subscriptions.OfficerID{b.safaricom.Officer.ID}) {
		t.Errorf("woke %v, want Safaricom's officer", got)
	}
	_, err = say(b.safaricom, "ecitizen")
	b.refused(err, 0, "has said that it is not theirs")
	out, err = say(b.safaricom, "kra")
	b.must(err)
	b.watch()
	if got := b.woken(desk.EventAlarm); !slices.Equal(got, []subscriptions.OfficerID{b.kraAuthor.Officer.ID, b.kraApprover.Officer.ID}) || out.Passed != "kra" {
		t.Errorf("woke %v, want KRA's officers", got)
	}
	out, err = say(b.kraAuthor, "") // to an agency without officers: the admins are called
	b.must(err)
	b.watch()
	if got := b.woken(desk.EventAlarm); out.Passed != "immigration" || !slices.Equal(got, []subscriptions.OfficerID{b.admin.Officer.ID, b.second.Officer.ID}) {
		t.Errorf("%s: woke %v, want the admins", out.Passed, got)
	}
}

// Where nobody takes it for theirs the alarm rests, until twice as many complain.
func TestNobodysAlarmRests(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fails(12, "kplc-tokens")
	b.watch()
	a := b.alarm()
	for _, p := range []person{b.kplc, b.safaricom} {
		_, err := b.desk.AnswerAlarm(ctx, p.actor, desk.AnswerAlarmInput{Alarm: a.ID, Says: subscriptions.SaysNotUs}, b.now)
		b.must(err)
		b.watch()
	}
	if a = b.alarm(); a.State != subscriptions.AlarmClosed || !slices.Equal(a.Asked, []subscriptions.AgencyID{"kplc", "safaricom"}) {
		t.Fatalf("got %+v", a)
	}
	b.fails(5, "kplc-tokens")
	b.watch()
	if a := b.alarm(); a.State != subscriptions.AlarmClosed {
		t.Errorf("it was raised anew at once: %+v", a)
	}
	b.fails(10, "kplc-tokens")
	b.watch()
	if all, err := b.store.Alarms(ctx, b.now); err != nil || len(all) != 1 || all[0].ID == a.ID || all[0].Agency != "kplc" {
		t.Errorf("twice as many complain and nobody is asked: %+v (%v)", all, err)
	}
}

// "Watching" rests half an hour; then the same officer is asked again, if it goes on.
func TestWatching(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		goesOn bool
		want   subscriptions.AlarmState
	}{{"it goes on", true, subscriptions.AlarmOpen}, {"it went quiet", false, subscriptions.AlarmClosed}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.duty(b.ecAuthor, "ecitizen")
			b.fails(12, "kws-nairobi-np", "kra-pay-tax", "passport-new", "business-name")
			b.watch()
			a := b.alarm()
			_, err := b.desk.SeenAlarm(ctx, b.ecAuthor.actor, a.ID, b.now.Add(time.Second))
			b.must(err)
			out, err := b.desk.AnswerAlarm(ctx, b.ecAuthor.actor, desk.AnswerAlarmInput{Alarm: a.ID, Says: subscriptions.SaysWatching}, b.now)
			b.must(err)
			if out.Alarm.State != subscriptions.AlarmWatching || !out.Alarm.Until.Equal(b.now.Add(30*time.Minute)) || out.Alarm.Calls[0].SeenAt.IsZero() {
				t.Fatalf("got %+v", out.Alarm)
			}
			b.events = nil
			until := out.Alarm.Until
			for _, before := range []time.Duration{20 * time.Minute, 5 * time.Minute, time.Second} {
				b.now = until.Add(-before)
				b.watch()
			}
			if len(b.events) > 0 {
				t.Errorf("called while somebody watches: %+v", b.events)
			}
			if c.goesOn {
				b.now = until.Add(-time.Minute)
				b.fails(5, "kws-nairobi-np")
			}
			b.now = until.Add(time.Minute)
			b.watch()
			if got := b.alarm().State; got != c.want {
				t.Errorf("the alarm is %s, want %s", got, c.want)
			}
			want, kind := []subscriptions.OfficerID{b.ecAuthor.Officer.ID}, desk.EventAlarmAgain
			if !c.goesOn {
				kind = desk.EventAlarmOver
			}
			if got := b.woken(kind); !slices.Equal(got, want) {
				t.Errorf("%s reached %v, want %v", kind, got, want)
			}
		})
	}
}

// What is told meanwhile, by whatever face, or goes quiet, wakes nobody any more.
func TestAlarmEndsByItself(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fails(12, "kws-nairobi-np", "kra-pay-tax", "passport-new", "business-name")
	b.watch()
	b.pass(5 * time.Minute)
	out := b.outage() // an officer publishes from the command line
	b.watch()
	if a := b.alarm(); a.State != subscriptions.AlarmSpoken || a.Incident != out.Incident.ID {
		t.Errorf("the alarm is %+v", a)
	}
	if got := b.woken(desk.EventAlarmOver); len(got) != 2 {
		t.Errorf("%v hear that it is over, want both who were called", got)
	}
	_, err := b.desk.AnswerAlarm(ctx, b.ecAuthor.actor, desk.AnswerAlarmInput{Alarm: b.alarm().ID, Says: subscriptions.SaysPublish}, b.now)
	b.refused(err, 2, "has been said")
}

// KRA speaks for its own services while eCitizen sleeps, and eCitizen joins the same
// incident later: two answers to one alarm.
func TestTheOtherAgencySpeaksFirst(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fails(12, "kws-nairobi-np", "kra-pay-tax", "passport-new", "business-name")
	b.watch()
	a := b.alarm()
	_, err := b.desk.AlarmDraft(ctx, b.kplc.actor, a.ID, b.now)
	b.refused(err, 4, "not about kplc")
	draft, err := b.desk.AlarmDraft(ctx, b.kraAuthor.actor, a.ID, b.now)
	b.must(err)
	if draft.Refused != nil || len(draft.Platforms) != 0 || draft.Suspected != "ecitizen-payments" || !slices.Equal(draft.Services, ids("kra-pay-tax")) || draft.Agency != "kra" {
		t.Fatalf("KRA's draft is %+v", draft)
	}
	draft, err = b.desk.AlarmDraft(ctx, b.kraApprover.actor, a.ID, b.now)
	b.must(err)
	if draft.Refused == nil || draft.Refused.Rule != 4 || draft.Preview.Notice.Sheet.Words == nil {
		t.Errorf("an approver's draft is %+v, want the words, and that an author says them", draft.Refused)
	}
	_, err = b.desk.AnswerAlarm(ctx, b.kraApprover.actor, desk.AnswerAlarmInput{Alarm: a.ID, Says: subscriptions.SaysPublish}, b.now)
	b.refused(err, 4, "not author of kra")
	b.pass(time.Minute)
	b.events = nil
	out, err := b.desk.AnswerAlarm(ctx, b.kraAuthor.actor, desk.AnswerAlarmInput{Alarm: a.ID, Says: subscriptions.SaysPublish}, b.now)
	b.must(err)
	if got := told(out.Outcome.Notice); !slices.Equal(got, ids("kra-pay-tax")) || out.Alarm.State != subscriptions.AlarmOpen || out.Alarm.Agency != "ecitizen" {
		t.Fatalf("KRA told %v, the alarm is %+v", got, out.Alarm)
	}
	if got := b.called(desk.EventSuspected); len(got) != 1 || got[0].Agency != "ecitizen" {
		t.Errorf("eCitizen is not told at once: %+v", got)
	}
	b.pass(time.Minute)
	b.watch()
	if a := b.alarm(); a.State != subscriptions.AlarmOpen || a.Incident != out.Outcome.Incident.ID {
		t.Errorf("the operator's alarm is %+v", a)
	}
	draft, err = b.desk.AlarmDraft(ctx, b.ecAuthor.actor, a.ID, b.now)
	b.must(err)
	if draft.Joins != out.Outcome.Incident.ID || !slices.Equal(draft.Platforms, platforms("ecitizen-payments")) {
		t.Errorf("eCitizen's draft is %+v, want that it joins", draft)
	}
	joined, err := b.desk.AnswerAlarm(ctx, b.ecAuthor.actor, desk.AnswerAlarmInput{Alarm: a.ID, Says: subscriptions.SaysPublish}, b.now)
	b.must(err)
	i := joined.Outcome.Incident
	if i.ID != out.Outcome.Incident.ID || !slices.Equal(i.Platforms(), platforms("ecitizen-payments")) || joined.Alarm.State != subscriptions.AlarmSpoken {
		t.Errorf("joined: %+v, alarm %+v", i, joined.Alarm)
	}
	if has(told(joined.Outcome.Notice), "kra-pay-tax") || !has(told(joined.Outcome.Notice), "kws-nairobi-np") {
		t.Errorf("eCitizen's outage tells %v, want the rest", told(joined.Outcome.Notice))
	}
	_, err = b.desk.AnswerAlarm(ctx, b.kws.actor, desk.AnswerAlarmInput{Alarm: a.ID, Says: subscriptions.SaysPublish}, b.now)
	b.refused(err, 2, "has been said")
	if first := b.incident(i.ID).FirstWord; !first.Equal(out.Outcome.Notice.PublishedAt) {
		t.Errorf("the first word is %v, want KRA's", first)
	}
}

// Two officers press at once: one incident, one notice.
func TestTwoOfficersPublishAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	second := b.add("Dida", subscriptions.Grant{Role: subscriptions.Author, Agency: "ecitizen"})
	b.fails(12, "kws-nairobi-np", "kra-pay-tax", "passport-new", "business-name")
	b.watch()
	a := b.alarm()
	done := make(chan error, 4)
	for _, p := range []person{b.ecAuthor, second, b.ecAuthor, second} {
		go func() {
			_, err := b.desk.AnswerAlarm(ctx, p.actor, desk.AnswerAlarmInput{Alarm: a.ID, Says: subscriptions.SaysPublish}, b.now)
			done <- err
		}()
	}
	said := 0
	for range 4 {
		if err := <-done; err == nil {
			said++
		}
	}
	if said == 0 {
		t.Fatal("nobody's word went out")
	}
	live, err := b.store.Incidents(ctx, b.now)
	b.must(err)
	out, err := b.store.Notices(ctx, 0, subscriptions.Published)
	b.must(err)
	if len(live) != 1 || len(out) != 1 {
		t.Errorf("%d incidents, %d notices; want one of each", len(live), len(out))
	}
}

// The program dies between opening the incident and its first notice: the alarm goes
// on, and the next tap publishes in the incident that is there.
func TestAlarmAfterACrash(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fails(12, "kws-nairobi-np", "kra-pay-tax", "passport-new", "business-name")
	b.watch()
	a := b.alarm()
	opened, err := b.desk.Open(ctx, b.ecAuthor.actor, desk.OpenInput{Platforms: platforms("ecitizen-payments"), Request: "alarm 1/ecitizen:open"}, b.now)
	b.must(err)
	b.pass(time.Minute)
	b.watch()
	if a := b.alarm(); a.State != subscriptions.AlarmOpen {
		t.Fatalf("an incident without a word ended the alarm: %+v", a)
	}
	out, err := b.desk.AnswerAlarm(ctx, b.ecAuthor.actor, desk.AnswerAlarmInput{Alarm: a.ID, Says: subscriptions.SaysPublish}, b.now)
	b.must(err)
	if out.Outcome.Incident.ID != opened.ID || out.Outcome.Notice.State != subscriptions.Published {
		t.Errorf("got %+v", out.Outcome)
	}
}

// A service's alarm grows into its platform's: who was asked first may still speak
// for its own, and the operator is woken.
func TestAlarmWidens(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fails(12, "kws-nairobi-np")
	b.watch()
	if a := b.alarm(); a.Agency != "kws" || a.Platform != "" || !slices.Equal(a.Services, ids("kws-nairobi-np")) {
		t.Fatalf("got %+v", a)
	}
	b.events = nil
	b.pass(2 * time.Minute)
	b.fails(16, "kra-pay-tax", "passport-new", "business-name", "good-conduct")
	b.watch()
	a := b.alarm()
	if a.Agency != "ecitizen" || a.Platform != "ecitizen-payments" || !slices.Equal(a.Asked, []subscriptions.AgencyID{"kws", "ecitizen"}) || !has(a.Services, "kws-nairobi-np") || !has(a.Services, "kra-pay-tax") {
		t.Fatalf("got %+v", a)
	}
	if got := b.woken(desk.EventAlarm); !slices.Equal(got, []subscriptions.OfficerID{b.ecAuthor.Officer.ID, b.ecApprover.Officer.ID}) {
		t.Errorf("woke %v, want the operator's officers", got)
	}
	list, err := b.desk.Alarms(ctx, b.kws.actor, b.now)
	b.must(err)
	if len(list) != 1 || list[0].For != "kws" {
		t.Errorf("KWS sees %+v", list)
	}
	list, err = b.desk.Alarms(ctx, b.kplc.actor, b.now)
	b.must(err)
	if len(list) != 0 {
		t.Errorf("KPLC sees %+v", list)
	}
}

// After its time the public may see that many report it; never without an alarm that
// known people raised.
func TestUnofficial(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fails(12, "kplc-tokens")
	b.watch()
	opened := b.now
	for _, c := range []struct {
		after time.Duration
		want  bool
	}{{0, false}, {9 * time.Minute, false}, {10 * time.Minute, true}, {20 * time.Minute, true}} {
		b.now = opened.Add(c.after)
		b.fails(1, "kplc-tokens")
		b.now = opened.Add(c.after)
		b.watch()
		live, err := b.store.Alarms(ctx, b.now)
		b.must(err)
		since, got := subscriptions.Unofficial(live, "kplc-tokens")
		if _, other := subscriptions.Unofficial(live, "kra-pay-tax"); got != c.want || other || got && !since.Equal(live[0].Since) {
			t.Errorf("after %v: shown %v since %v (another service: %v)", c.after, got, since, other)
		}
	}
	if notices, err := b.store.Notices(ctx, 0); err != nil || len(notices) != 0 {
		t.Errorf("a notice was made of it: %v (%v)", notices, err)
	}
	_, err := b.desk.AnswerAlarm(ctx, b.kplc.actor, desk.AnswerAlarmInput{Alarm: b.alarm().ID, Says: subscriptions.SaysPublish}, b.now)
	b.must(err)
	live, err := b.store.Alarms(ctx, b.now)
	b.must(err)
	if _, still := subscriptions.Unofficial(live, "kplc-tokens"); still {
		t.Error("it is still shown after the word was said")
	}
}
