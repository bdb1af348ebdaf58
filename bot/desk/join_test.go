package desk_test

import (
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, c := range []struct {
		name string
		by   person
		in   desk.OpenInput
		rule int
		word string
	}{
		{"another's platform as down", b.kraAuthor, desk.OpenInput{Platforms: platforms("ecitizen-payments")}, 4, "as suspected"},
		{"another's service", b.kraAuthor, desk.OpenInput{Services: ids("kws-nairobi-np")}, 4, "kws's service"},
		{"another agency's officer", b.kraAuthor, desk.OpenInput{Agency: "ecitizen", Platforms: platforms("ecitizen-payments")}, 4, "not author of ecitizen"},
		{"an approver", b.kraApprover, desk.OpenInput{Services: ids("kra-pay-tax")}, 4, "not author"},
		{"only a suspicion", b.kraAuthor, desk.OpenInput{Platforms: platforms("kra-itax"), Suspected: "ecitizen-payments"}, 4, "suspicion"},
		{"nothing", b.kraAuthor, desk.OpenInput{}, 0, "nothing is named"},
		{"unknown", b.kraAuthor, desk.OpenInput{Services: ids("kra-invented")}, 0, "no service"},
		{"maintenance without times", b.kplc, desk.OpenInput{Platforms: platforms("kplc-vending"), Maintenance: true}, 0, "start and an end"},
		{"the future", b.kraAuthor, desk.OpenInput{Services: ids("kra-pay-tax"), Since: b.now.Add(time.Hour)}, 1, "future"},
	} {
		_, err := b.desk.Open(ctx, c.by.actor, c.in, b.now)
		t.Log(c.name)
		b.refused(err, c.rule, c.word)
	}
	in := desk.OpenInput{Platforms: platforms("ecitizen-payments"), Request: "one"}
	i, err := b.desk.Open(ctx, b.ecAuthor.actor, in, b.now)
	b.must(err)
	again, err := b.desk.Open(ctx, b.ecAuthor.actor, in, b.now.Add(time.Second))
	b.must(err)
	if again.ID != i.ID {
		t.Errorf("a retried open made incident %d beside %d", again.ID, i.ID)
	}
	in.Request = "two"
	_, err = b.desk.Open(ctx, b.ecAuthor.actor, in, b.now)
	b.refused(err, 4, "incident 1 is your own and nobody has been told of it: publish its first notice")
	_, err = b.desk.Open(ctx, b.kraAuthor.actor, desk.OpenInput{Services: ids("kra-pay-tax")}, b.now)
	b.refused(err, 4, "join incident 1")
}

// An agency speaks first, and the operator says: it is ours.
func TestSuspectedThenJoined(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i, err := b.desk.Open(ctx, b.kraAuthor.actor, desk.OpenInput{Services: ids("kra-pay-tax"), Suspected: "ecitizen-payments"}, b.now)
	b.must(err)
	if len(i.Platforms()) != 0 || len(i.Failing()) != 1 {
		t.Errorf("a suspicion breaks %v and %v", i.Platforms(), i.Failing())
	}
	calls := b.called(desk.EventSuspected)
	if len(calls) != 1 || calls[0].Agency != "ecitizen" || len(calls[0].To) != 2 {
		t.Errorf("the operator was called: %+v", calls)
	}
	_, err = b.publish(b.kraAuthor, desk.DraftInput{Incident: i.ID, Kind: subscriptions.Outage})
	b.must(err)
	b.pass(time.Hour)
	i, err = b.desk.Join(ctx, b.ecAuthor.actor, desk.JoinInput{Incident: i.ID, Platforms: platforms("ecitizen-payments")}, b.now)
	b.must(err)
	out, err := b.publish(b.ecAuthor, desk.DraftInput{Incident: i.ID, Kind: subscriptions.Outage})
	b.must(err)
	if has(told(out.Notice), "kra-pay-tax") || out.Beside == nil || !has(told(*out.Beside), "kra-pay-tax") {
		t.Error("those who know do not get an edit, or get the start twice")
	}
	b.pass(time.Hour)
	end, err := b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: i.ID}, b.now)
	b.must(err)
	if end.Incident.State != subscriptions.Resolved || !has(told(end.Notice), "kra-pay-tax") {
		t.Errorf("the suspicion outlives its platform: %s, failing %v", end.Incident.State, end.Incident.Failing())
	}
}

// The operator says restored; three hours later another body says that it still
// fails: a new round, for its services alone (M-PESA and tokens, January 2024).
func TestJoinReopens(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i, err := b.desk.Open(ctx, b.safaricom.actor, desk.OpenInput{Platforms: platforms("mpesa")}, b.now)
	b.must(err)
	_, err = b.publish(b.safaricom, desk.DraftInput{Incident: i.ID, Kind: subscriptions.Outage})
	b.must(err)
	b.pass(time.Hour)
	_, err = b.desk.Restore(ctx, b.safaricom.actor, desk.RestoreInput{Incident: i.ID}, b.now)
	b.must(err)
	b.pass(3 * time.Hour)
	i, err = b.desk.Join(ctx, b.kplc.actor, desk.JoinInput{Incident: i.ID, Services: ids("kplc-tokens")}, b.now)
	b.must(err)
	if i.Round != 2 || i.State.Over() || len(i.Failing()) != 1 || i.Failing()[0] != "kplc-tokens" {
		t.Fatalf("round %d, %s, failing %v", i.Round, i.State, i.Failing())
	}
	out, err := b.publish(b.kplc, desk.DraftInput{Incident: i.ID, Kind: subscriptions.Outage})
	b.must(err)
	if got := told(out.Notice); len(got) != 1 || out.Notice.Round != 2 || out.Incident.FirstNotice != out.Notice.ID {
		t.Errorf("tells %v in round %d, first notice %d", got, out.Notice.Round, out.Incident.FirstNotice)
	}
}

func TestReopen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.outage()
	id := first.Incident.ID
	_, err := b.desk.Reopen(ctx, b.ecAuthor.actor, desk.ReopenInput{Incident: id}, b.now)
	b.refused(err, 6, "has not ended")
	b.pass(time.Hour)
	_, err = b.desk.Restore(ctx, b.kraAuthor.actor, desk.RestoreInput{Incident: id, Services: ids("kra-pay-tax")}, b.now)
	b.must(err)
	_, err = b.desk.Join(ctx, b.kraAuthor.actor, desk.JoinInput{Incident: id, Services: ids("kra-pay-tax")}, b.now)
	b.refused(err, 6, "new incident")
	_, err = b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id}, b.now)
	b.must(err)
	b.pass(time.Hour)
	i, err := b.desk.Reopen(ctx, b.ecAuthor.actor, desk.ReopenInput{Incident: id, Request: "again"}, b.now)
	b.must(err)
	if i.Round != 2 || !sameSet(i.Failing(), first.Incident.Failing()) || !i.NextUpdate.IsZero() {
		t.Errorf("round %d, %d failing (want %d), promise %v", i.Round, len(i.Failing()), len(first.Incident.Failing()), i.NextUpdate)
	}
	again, err := b.desk.Reopen(ctx, b.ecAuthor.actor, desk.ReopenInput{Incident: id, Request: "again"}, b.now)
	b.must(err)
	if again.Round != 2 {
		t.Errorf("a retried reopen started round %d", again.Round)
	}
	out, err := b.publish(b.ecAuthor, desk.DraftInput{Incident: id, Kind: subscriptions.Outage})
	b.must(err)
	if !out.Notice.Sound || !has(told(out.Notice), "kra-pay-tax") {
		t.Error("the new round's start does not reach everyone")
	}
	b.pass(time.Hour)
	_, err = b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id}, b.now)
	b.must(err)
	only, err := b.desk.Reopen(ctx, b.kraAuthor.actor, desk.ReopenInput{Incident: id, Services: ids("kra-pay-tax")}, b.now)
	b.must(err)
	if only.Round != 3 || len(only.Failing()) != 1 {
		t.Errorf("round %d for %v", only.Round, only.Failing())
	}
}

func TestConfirm(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.outage()
	id := first.Incident.ID
	waiting := first.Incident.Unconfirmed()
	if len(waiting) == 0 {
		t.Fatal("nothing waits for a tick")
	}
	one, two := waiting[0], waiting[1]
	_, err := b.publish(b.ecAuthor, desk.DraftInput{Incident: id, Kind: subscriptions.Update, Slots: subscriptions.Slots{Services: ids(one)}})
	b.refused(err, 3, "not known")
	_, err = b.desk.Confirm(ctx, b.kplc.actor, desk.ConfirmInput{Incident: id, Services: ids(one), Affected: true}, b.now)
	b.refused(err, 4, "operator")
	out, err := b.desk.Confirm(ctx, b.ecAuthor.actor, desk.ConfirmInput{Incident: id, Services: ids(one), Affected: true}, b.now)
	b.must(err)
	if got := told(out.Notice); out.Notice.Kind != subscriptions.Outage || len(got) != 1 || got[0] != one {
		t.Errorf("the newly affected: %s tells %v", out.Notice.Kind, got)
	}
	out, err = b.desk.Confirm(ctx, b.ecApprover.actor, desk.ConfirmInput{Incident: id, Services: ids(two)}, b.now)
	b.must(err)
	if out.Notice.ID != 0 || has(out.Incident.Unconfirmed(), two) || has(out.Incident.Failing(), two) {
		t.Errorf("a denied one: notice %d, unconfirmed %v", out.Notice.ID, out.Incident.Unconfirmed())
	}
	_, err = b.desk.Confirm(ctx, b.ecAuthor.actor, desk.ConfirmInput{Incident: id, Services: ids(one)}, b.now)
	b.refused(err, 6, "restore")
}

func TestResolveUntold(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i, err := b.desk.Open(ctx, b.ecAuthor.actor, desk.OpenInput{Platforms: platforms("ecitizen-payments")}, b.now)
	b.must(err)
	out, err := b.desk.Resolve(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: i.ID}, b.now)
	b.must(err)
	if out.Notice.ID != 0 || out.Incident.State != subscriptions.Resolved || len(out.Incident.Failing()) != 0 {
		t.Errorf("a false alarm: notice %d, %s", out.Notice.ID, out.Incident.State)
	}
	first := b.outage()
	out, err = b.desk.Resolve(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: first.Incident.ID}, b.now)
	b.must(err)
	if out.Notice.Kind != subscriptions.Restored {
		t.Errorf("people were told, and the end is %q", out.Notice.Kind)
	}
}

func sameSet[T comparable](a, b []T) bool {
	return len(a) == len(b) && len(intersect(a, b)) == len(a)
}
