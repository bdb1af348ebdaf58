package desk_test

import (
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

func TestRestorePartly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.outage()
	id := first.Incident.ID
	b.pass(time.Hour)

	one, err := b.desk.Restore(ctx, b.kraAuthor.actor, desk.RestoreInput{Incident: id, Services: ids("kra-pay-tax")}, b.now)
	b.must(err)
	if got := told(one.Notice); len(got) != 1 || got[0] != "kra-pay-tax" {
		t.Errorf("one service: tells %v", got)
	}
	if s, _ := one.Incident.Service("kws-nairobi-np"); !s.Failing || one.Incident.State.Over() {
		t.Error("the others came back too")
	}
	if !has(one.Incident.Platforms(), "ecitizen-payments") {
		t.Error("the platform is not broken any more")
	}
	_, err = b.desk.Restore(ctx, b.kraAuthor.actor, desk.RestoreInput{Incident: id, Services: ids("kws-nairobi-np")}, b.now)
	b.refused(err, 4, "not for kra")
	_, err = b.desk.Restore(ctx, b.kraAuthor.actor, desk.RestoreInput{Incident: id, Platforms: platforms("ecitizen-payments")}, b.now)
	b.refused(err, 4, "operator")
	_, err = b.desk.Restore(ctx, b.kraAuthor.actor, desk.RestoreInput{Incident: id}, b.now)
	b.refused(err, 6, "name the services")

	b.pass(time.Hour)
	rest, err := b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id}, b.now)
	b.must(err)
	if has(told(rest.Notice), "kra-pay-tax") {
		t.Error("followers of what came back before get a second end")
	}
	if rest.Incident.State != subscriptions.Resolved {
		t.Errorf("the incident is %s", rest.Incident.State)
	}
	earlier, err := b.store.Notice(ctx, one.Notice.ID)
	b.must(err)
	if earlier.Overtaken != 0 {
		t.Error("the first end was overtaken by the second")
	}
	_, err = b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id}, b.now)
	b.refused(err, 6, "has ended")
}

// One platform of several may come back, and what another body added stays open.
func TestRestoreOnePlatform(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.outage()
	id := first.Incident.ID
	joined, err := b.desk.Join(ctx, b.safaricom.actor, desk.JoinInput{Incident: id, Platforms: platforms("mpesa")}, b.now)
	b.must(err)
	if len(joined.Platforms()) != 2 {
		t.Fatalf("joined: %v", joined.Platforms())
	}
	b.pass(time.Minute)
	more, err := b.publish(b.safaricom, desk.DraftInput{Incident: id, Kind: subscriptions.Outage})
	b.must(err)
	if both := intersect(told(more.Notice), told(first.Notice)); len(both) != 0 {
		t.Errorf("told of the outage twice: %v", both)
	}
	if !has(told(more.Notice), "mpesa-paybill") {
		t.Errorf("the new ones do not hear: %v", told(more.Notice))
	}
	if more.Beside == nil || more.Beside.Kind != subscriptions.Update || more.Beside.Sound || !has(told(*more.Beside), "kra-pay-tax") {
		t.Errorf("those who know get %+v, want an edit", more.Beside != nil)
	}
	b.pass(time.Hour)
	end, err := b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id}, b.now)
	b.must(err)
	pay, _ := end.Incident.Service("ecitizen-pay")
	if s, _ := end.Incident.Service("mpesa-paybill"); !s.Failing || end.Incident.State.Over() || !pay.Failing {
		t.Error("M-PESA came back with eCitizen")
	}
	// Everything of eCitizen's is limited by M-PESA still: nobody reads an end.
	if end.Notice.Kind != subscriptions.Update || !end.Notice.Sound || pay.Impact != subscriptions.Degraded || !has(told(end.Notice), "ecitizen-pay") {
		t.Errorf("got %s, heard %v, pay is %s", end.Notice.Kind, end.Notice.Sound, pay.Impact)
	}
	if has(end.Incident.Platforms(), "ecitizen-payments") || end.Incident.NextUpdate.IsZero() {
		t.Errorf("broken %v, promise %v", end.Incident.Platforms(), end.Incident.NextUpdate)
	}
	last, err := b.desk.Restore(ctx, b.safaricom.actor, desk.RestoreInput{Incident: id}, b.now.Add(time.Hour))
	b.must(err)
	if last.Incident.State != subscriptions.Resolved {
		t.Errorf("the incident is %s", last.Incident.State)
	}
}

func TestHold(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.outage().Incident.ID
	_, err := b.desk.Hold(ctx, b.kraAuthor.actor, desk.HoldInput{Incident: id, Services: ids("kws-nairobi-np")}, b.now)
	b.refused(err, 4, "its agency")
	_, err = b.desk.Hold(ctx, b.kws.actor, desk.HoldInput{Incident: id, Services: ids("kws-nairobi-np")}, b.now)
	b.must(err)
	b.pass(time.Hour)
	end, err := b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id, Request: "end"}, b.now)
	b.must(err)
	if has(told(end.Notice), "kws-nairobi-np") || end.Incident.State.Over() {
		t.Errorf("a held service ended: %v, %s", told(end.Notice), end.Incident.State)
	}
	if end.Beside == nil || len(told(*end.Beside)) != 1 || end.Beside.Kind != subscriptions.Update {
		t.Fatalf("beside: %+v", end.Beside)
	}
	words := end.Beside.Sheet.Words["en"]
	if len(words.Services) != 1 || words.Services[0].State == "" {
		t.Errorf("held followers read %+v", words.Services)
	}
	again, err := b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id, Request: "end"}, b.now)
	b.must(err)
	if !again.Repeated || again.Notice.ID != end.Notice.ID {
		t.Errorf("a retried end made %d beside %d", again.Notice.ID, end.Notice.ID)
	}
	_, err = b.desk.Hold(ctx, b.kraAuthor.actor, desk.HoldInput{Incident: id, Services: ids("kra-pay-tax")}, b.now)
	b.refused(err, 6, "join the incident")

	b.pass(time.Hour)
	free, err := b.desk.Release(ctx, b.kws.actor, desk.RestoreInput{Incident: id}, b.now)
	b.must(err)
	if got := told(free.Notice); free.Notice.Kind != subscriptions.Restored || len(got) != 1 || got[0] != "kws-nairobi-np" {
		t.Errorf("released: %s tells %v", free.Notice.Kind, got)
	}
	if free.Incident.State != subscriptions.Resolved {
		t.Errorf("the incident is %s", free.Incident.State)
	}
}

// Rule 6: what another open incident affects is left out, and its one end comes
// when nothing affects it any more.
func TestRestoreLeavesOutWhatFailsElsewhere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.outage()
	second, err := b.desk.Open(ctx, b.safaricom.actor, desk.OpenInput{Platforms: platforms("mpesa")}, b.now)
	b.must(err)
	_, err = b.publish(b.safaricom, desk.DraftInput{Incident: second.ID, Kind: subscriptions.Outage})
	b.must(err)
	both := intersect(first.Incident.Failing(), second.Failing())
	if len(both) == 0 {
		t.Fatal("no service fails in both")
	}
	b.pass(time.Hour)
	end, err := b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: first.Incident.ID}, b.now)
	b.must(err)
	if hit := intersect(told(end.Notice), both); end.Notice.Kind == subscriptions.Restored && len(hit) != 0 {
		t.Errorf("told the end although they fail elsewhere: %v", hit)
	}
	if b.incident(first.Incident.ID).State.Over() {
		t.Error("the first incident is over")
	}
	b.pass(time.Hour)
	other, err := b.desk.Restore(ctx, b.safaricom.actor, desk.RestoreInput{Incident: second.ID}, b.now)
	b.must(err)
	if !has(told(other.Notice), both[0]) {
		t.Error("the second end leaves them out too: nobody would ever tell them")
	}
	if i := b.incident(first.Incident.ID); !i.State.Over() || len(i.Failing()) != 0 {
		t.Errorf("the first incident is %s, failing %v", i.State, i.Failing())
	}
	all, err := b.store.Notices(ctx, first.Incident.ID, subscriptions.Published)
	b.must(err)
	ended := map[subscriptions.ServiceID]int{}
	for _, n := range all {
		if n.Kind == subscriptions.Restored {
			for _, s := range told(n) {
				ended[s]++
			}
		}
	}
	for _, s := range first.Incident.Failing() {
		if ended[s] != 1 {
			t.Errorf("%s ended %d times", s, ended[s])
		}
	}
	b.must(b.desk.Tick(ctx, b.now)) // nothing is left to release
	if again, _ := b.store.Notices(ctx, first.Incident.ID, subscriptions.Published); len(again) != len(all) {
		t.Errorf("the clock published %d more", len(again)-len(all))
	}
}

func TestPayAgainNeedsTwo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.outage().Incident.ID
	b.pass(time.Hour)
	out, err := b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id, Landed: subscriptions.Answer{Value: "no"}, PayAgain: subscriptions.Answer{Value: "yes"}}, b.now)
	b.must(err)
	if out.Notice.State != subscriptions.Submitted || b.incident(id).State.Over() {
		t.Fatalf("pay again: %s, incident %s", out.Notice.State, b.incident(id).State)
	}
	b.pass(time.Minute)
	done, err := b.desk.Approve(ctx, b.ecApprover.actor, desk.ApproveInput{Notice: out.Notice.ID, Hash: out.Notice.Hash, Code: b.code(b.ecApprover)}, b.now)
	b.must(err)
	if done.Incident.State != subscriptions.Resolved || len(done.Ping) != 0 {
		t.Errorf("approved: %s, pinged %v", done.Incident.State, done.Ping)
	}
}

func intersect[T comparable](a, b []T) []T {
	var out []T
	for _, x := range a {
		if has(b, x) {
			out = append(out, x)
		}
	}
	return out
}
