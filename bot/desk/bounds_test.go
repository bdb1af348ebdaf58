package desk_test

import (
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// A year typed wrongly reaches nobody, and the refusal says the bound.
func TestTimesHaveBounds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.outage().Incident.ID
	b.pass(time.Minute)
	far := time.Date(2472, 1, 3, 9, 0, 0, 0, time.UTC)
	ago := time.Date(722, 11, 12, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		kind subscriptions.Kind
		rule int
		word string
		s    subscriptions.Slots
	}{
		{"long ago", subscriptions.Update, 1, "60 days", subscriptions.Slots{Since: ago}},
		{"61 days ago", subscriptions.Update, 1, "60 days", subscriptions.Slots{Since: b.now.Add(-61 * 24 * time.Hour)}},
		{"in the future", subscriptions.Update, 1, "future", subscriptions.Slots{Since: b.now.Add(6 * time.Minute)}},
		{"the next update", subscriptions.Update, 11, "48 hours", subscriptions.Slots{NextUpdate: far}},
		{"the next update, by an hour", subscriptions.Update, 11, "48 hours", subscriptions.Slots{NextUpdate: b.now.Add(49 * time.Hour)}},
		{"another way", subscriptions.Update, 5, "90 days", subscriptions.Slots{Until: far}},
		{"an answer", subscriptions.Restored, 11, "7 days", subscriptions.Slots{Landed: subscriptions.Answer{By: far}}},
		{"a new deadline", subscriptions.Update, 1, "one year", subscriptions.Slots{Deadline: &subscriptions.Deadline{Service: "kra-pay-tax", New: far}}},
		{"an old deadline", subscriptions.Update, 1, "one year", subscriptions.Slots{Deadline: &subscriptions.Deadline{Service: "kra-pay-tax", Old: ago, New: b.now}}},
	} {
		_, err := b.publish(b.ecAuthor, desk.DraftInput{Incident: id, Kind: c.kind, Slots: c.s})
		t.Log(c.name)
		b.refused(err, c.rule, c.word)
	}
	_, err := b.desk.Open(ctx, b.kplc.actor, desk.OpenInput{Platforms: platforms("kplc-vending"), Since: ago}, b.now)
	b.refused(err, 1, "60 days")
	_, err = b.desk.Open(ctx, b.kplc.actor, desk.OpenInput{Platforms: platforms("kplc-vending"), Maintenance: true, StartsAt: far, EndsAt: far.Add(time.Hour)}, b.now)
	b.refused(err, 0, "90 days")
	// A trouble that lasts longer than any bound still gets its words and its end.
	b.pass(100 * 24 * time.Hour)
	_, err = b.desk.NoChange(ctx, b.ecAuthor.actor, desk.NoChangeInput{Incident: id}, b.now)
	b.must(err)
	_, err = b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id}, b.now)
	b.must(err)
}

// A round begins with its outage: nobody reads "still" who was told nothing.
func TestARoundBeginsWithItsOutage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.outage().Incident.ID
	b.pass(time.Hour)
	_, err := b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id}, b.now)
	b.must(err)
	_, err = b.desk.Reopen(ctx, b.ecAuthor.actor, desk.ReopenInput{Incident: id}, b.now)
	b.must(err)
	_, err = b.publish(b.ecAuthor, desk.DraftInput{Incident: id, Kind: subscriptions.Update})
	b.refused(err, 9, "kind outage")
	_, err = b.approved(b.kraAuthor, b.kraApprover, desk.DraftInput{Incident: id, Kind: subscriptions.AlternativeNotice,
		Slots: subscriptions.Slots{Services: ids("kra-pay-tax"), Alternatives: alts("alt-bank-or-pdq")}})
	b.refused(err, 9, "kind outage")
	_, err = b.publish(b.ecAuthor, desk.DraftInput{Incident: id, Kind: subscriptions.Outage})
	b.must(err)
	b.pass(time.Minute)
	_, err = b.publish(b.ecAuthor, desk.DraftInput{Incident: id, Kind: subscriptions.Update, Slots: subscriptions.Slots{Cause: subscriptions.CausePower}})
	b.must(err)
}
