package desk_test

import (
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// A request key answers the same question again, whatever time it names by then,
// and no other question.
func TestARequestKeyIsOfOneContent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.outage().Incident.ID
	const word = "used for something else"

	update := func(s subscriptions.Slots) (desk.Outcome, error) {
		in := desk.DraftInput{Incident: i, Kind: subscriptions.Update, Slots: s}
		return b.desk.Publish(ctx, b.ecAuthor.actor, desk.PublishInput{Draft: &in, Request: "r1"}, b.now)
	}
	first, err := update(subscriptions.Slots{NoChange: true, NextUpdate: b.now.Add(time.Hour)})
	b.must(err)
	b.pass(time.Minute)
	again, err := update(subscriptions.Slots{NoChange: true, NextUpdate: b.now.Add(time.Hour)})
	b.must(err)
	if !again.Repeated || again.Notice.ID != first.Notice.ID {
		t.Errorf("the same request made %s again", again.Notice.Key)
	}
	_, err = update(subscriptions.Slots{Cause: subscriptions.CauseAttack, State: subscriptions.Identified})
	b.refused(err, 0, word)

	// A key that published one notice publishes no other.
	n, err := b.desk.Draft(ctx, b.ecAuthor.actor, desk.DraftInput{Incident: i, Kind: subscriptions.Update, Slots: subscriptions.Slots{Cause: subscriptions.CauseLoad}}, b.now)
	b.must(err)
	_, err = b.desk.Publish(ctx, b.ecAuthor.actor, desk.PublishInput{Notice: n.ID, Request: "r1"}, b.now)
	b.refused(err, 0, word)

	join := func(services ...subscriptions.ServiceID) error {
		_, err := b.desk.Join(ctx, b.kplc.actor, desk.JoinInput{Incident: i, Services: services, Request: "r1"}, b.now)
		return err
	}
	b.must(join("kplc-tokens"))
	b.must(join("kplc-tokens"))
	b.refused(join("kplc-postpaid"), 0, word)

	hold := func(service subscriptions.ServiceID) error {
		_, err := b.desk.Hold(ctx, b.kraAuthor.actor, desk.HoldInput{Incident: i, Services: ids(service), Request: "h"}, b.now)
		return err
	}
	b.must(hold("kra-pay-tax"))
	b.must(hold("kra-pay-tax"))
	b.refused(hold("kra-customs"), 0, word)

	restore := func(landed, again string) (desk.Outcome, error) {
		return b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: i,
			Landed: subscriptions.Answer{Value: landed}, PayAgain: subscriptions.Answer{Value: again}, Request: "x"}, b.now)
	}
	_, err = restore("yes", "")
	b.must(err)
	_, err = restore("no", "yes")
	b.refused(err, 0, word)
	out, err := restore("yes", "")
	b.must(err)
	if !out.Repeated || out.Notice.Slots.Landed.Value != "yes" {
		t.Errorf("the same end again: %+v", out.Notice.Slots)
	}
}
