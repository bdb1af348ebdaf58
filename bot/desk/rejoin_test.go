package desk_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// restores says that everything of an incident works again.
func (b *bundle) restores(p person, id subscriptions.IncidentID) desk.Outcome {
	b.Helper()
	no := subscriptions.Answer{Value: "no"}
	out, err := b.desk.Restore(ctx, p.actor, desk.RestoreInput{Incident: id, Landed: no, PayAgain: no, Moved: no}, b.now)
	b.must(err)
	return out
}

// The operator says that it works again and people go on complaining of one agency's
// services: its word joins the incident that ended, and both stand side by side. After
// half a day, or where the agency itself said the end, it is another trouble.
func TestAWordAfterTheOperatorsEnd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		who      func(b *bundle) person
		platform subscriptions.PlatformID
		later    time.Duration
		joins    bool
	}{
		{"the operator's end, three hours ago", func(b *bundle) person { return b.safaricom }, "mpesa", 3 * time.Hour, true},
		{"the operator's end, a day ago", func(b *bundle) person { return b.safaricom }, "mpesa", 25 * time.Hour, false},
		{"the end of something else", func(b *bundle) person { return b.ecAuthor }, "ecitizen-payments", 3 * time.Hour, false},
		{"its own end", func(b *bundle) person { return b.kplc }, "kplc-vending", 3 * time.Hour, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			who := c.who(b)
			i, err := b.desk.Open(ctx, who.actor, desk.OpenInput{Platforms: platforms(c.platform)}, b.now)
			b.must(err)
			_, err = b.publish(who, desk.DraftInput{Incident: i.ID, Kind: subscriptions.Outage})
			b.must(err)
			b.pass(time.Hour)
			b.restores(who, i.ID)
			b.pass(c.later)
			b.fails(12, "kplc-tokens")
			b.watch()
			a := b.alarm()
			if a.Agency != "kplc" {
				t.Fatalf("the alarm is %+v", a)
			}
			draft, err := b.desk.AlarmDraft(ctx, b.kplc.actor, a.ID, b.now)
			b.must(err)
			if joins := draft.Joins == i.ID; joins != c.joins || draft.Refused != nil {
				t.Errorf("the ready draft joins %d (refused: %v), want joining %d: %v", draft.Joins, draft.Refused, i.ID, c.joins)
			}
			out, err := b.desk.AnswerAlarm(ctx, b.kplc.actor, desk.AnswerAlarmInput{Alarm: a.ID, Says: subscriptions.SaysPublish}, b.now)
			b.must(err)
			said := out.Outcome.Notice
			if words := fmt.Sprint(said.Sheet.Words["en"].Tail); contains(words, "it works again") != c.joins {
				t.Errorf("the notice says %q, want Safaricom's word beside it: %v", words, c.joins)
			}
			if c.joins && (out.Outcome.Incident.Round != 2 || out.Outcome.Incident.State.Over() || !slices.Equal(told(said), ids("kplc-tokens"))) {
				t.Errorf("the incident is %+v, told %v", out.Outcome.Incident, told(said))
			}
			if got := b.alarm(); got.State != subscriptions.AlarmSpoken {
				t.Errorf("the alarm is %+v", got)
			}
		})
	}
}

// Who complained cannot complain again within the hour: that nobody does after the
// wake-up calls nobody off, and the head is called. Later it is closed by itself.
func TestABurstIsHeardOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.duty(b.ecAuthor, "ecitizen")
	_, err := b.desk.SetHead(ctx, b.admin.actor, b.ecApprover.Officer.ID, "ecitizen", true, b.now)
	b.must(err)
	b.fails(12, "kws-nairobi-np", "kra-pay-tax", "passport-new", "business-name")
	opened := b.now
	for _, c := range []struct {
		after time.Duration
		kind  desk.EventKind
		want  []subscriptions.OfficerID
	}{
		{0, desk.EventAlarm, []subscriptions.OfficerID{b.ecAuthor.Officer.ID}},
		{31 * time.Minute, desk.EventAlarm, []subscriptions.OfficerID{b.ecApprover.Officer.ID}},
		{89 * time.Minute, desk.EventAlarmOver, nil},
		{90 * time.Minute, desk.EventAlarmOver, []subscriptions.OfficerID{b.ecAuthor.Officer.ID, b.ecApprover.Officer.ID}},
	} {
		b.now = opened.Add(c.after)
		b.watch()
		got := b.woken(c.kind)
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("after %v: %s reached %v, want %v", c.after, c.kind, got, c.want)
		}
	}
	if a := b.alarm(); a.State != subscriptions.AlarmClosed {
		t.Errorf("the alarm is %+v", a)
	}
}
