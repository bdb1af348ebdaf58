package desk_test

import (
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// An end that waited for another incident is said in the name of who may speak of
// it, with answers of their own: what KRA's two officers let through of tax is no word
// about the gate of a park.
func TestAnEndThatWaitedHasTheWordsOfWhoSpeaksOfIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	park, err := b.desk.Open(ctx, b.kws.actor, desk.OpenInput{Services: ids("kws-nairobi-np")}, b.now)
	b.must(err)
	_, err = b.publish(b.kws, desk.DraftInput{Incident: park.ID, Kind: subscriptions.Outage})
	b.must(err)
	id := b.outage().Incident.ID
	_, err = b.desk.Join(ctx, b.kraAuthor.actor, desk.JoinInput{Incident: id, Services: ids("kra-pay-tax"), Own: true}, b.now)
	b.must(err)
	b.pass(time.Hour)
	_, err = b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id, Landed: subscriptions.Answer{Value: "yes"}, PayAgain: subscriptions.Answer{Value: "no"}, Moved: subscriptions.Answer{Value: "no"}}, b.now)
	b.must(err)
	b.pass(time.Minute)
	own, err := b.desk.Restore(ctx, b.kraAuthor.actor, desk.RestoreInput{Incident: id, Agency: "kra", Services: ids("kra-pay-tax"), Landed: subscriptions.Answer{Value: "no"}, PayAgain: subscriptions.Answer{Value: "yes"}}, b.now)
	b.must(err)
	if own.Notice.State == subscriptions.Submitted {
		b.pass(time.Minute)
		own, err = b.desk.Approve(ctx, b.kraApprover.actor, desk.ApproveInput{Notice: own.Notice.ID, Hash: own.Notice.Hash, Code: b.code(b.kraApprover)}, b.now)
		b.must(err)
	}
	b.pass(time.Hour)
	_, err = b.desk.Restore(ctx, b.kws.actor, desk.RestoreInput{Incident: park.ID}, b.now)
	b.must(err)
	b.must(b.desk.Tick(ctx, b.now))
	all, err := b.store.Notices(ctx, id, subscriptions.Published)
	b.must(err)
	last := all[len(all)-1]
	if last.ID <= own.Notice.ID || last.Kind != subscriptions.Restored {
		t.Fatalf("no end was said by itself: the last is %s of %s", last.Kind, last.Agency)
	}
	if last.Agency != "ecitizen" || last.Slots.PayAgain.Value != "no" {
		t.Errorf("it is %s's word, pay again: %q, to %v", last.Agency, last.Slots.PayAgain.Value, told(last))
	}
}
