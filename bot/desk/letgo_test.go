package desk_test

import (
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// What waits for a second officer when the incident ends is returned with the
// reason and its author told; what is said after an end too goes on waiting.
func TestEndLetsGoWhatWaits(t *testing.T) {
	t.Parallel()
	type submit func(b *bundle, id subscriptions.IncidentID) subscriptions.Notice
	draft := func(kind subscriptions.Kind, slots subscriptions.Slots) submit {
		return func(b *bundle, id subscriptions.IncidentID) subscriptions.Notice {
			n, err := b.desk.Draft(ctx, b.ecAuthor.actor, desk.DraftInput{Incident: id, Kind: kind, Slots: slots}, b.now)
			b.must(err)
			n, err = b.desk.Submit(ctx, b.ecAuthor.actor, n.ID, desk.SubmitInput{}, b.now)
			b.must(err)
			return n
		}
	}
	digit := subscriptions.Slots{Free: subscriptions.Text{"en": "The team meets at 12", "sw": "Timu inakutana saa 12"}}
	restore := func(b *bundle, id subscriptions.IncidentID) {
		_, err := b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id}, b.now)
		b.must(err)
	}
	for _, c := range []struct {
		name   string
		submit submit
		told   bool // people were told before
		end    func(b *bundle, id subscriptions.IncidentID)
		want   subscriptions.NoticeState
	}{
		{"an update", draft(subscriptions.Update, digit), true, restore, subscriptions.Returned},
		{"another end, that tells to pay again", func(b *bundle, id subscriptions.IncidentID) subscriptions.Notice {
			out, err := b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id, PayAgain: subscriptions.Answer{Value: "yes"}}, b.now)
			b.must(err)
			return out.Notice
		}, true, restore, subscriptions.Returned},
		{"the first word, of what nobody was told", draft(subscriptions.Outage, digit), false, func(b *bundle, id subscriptions.IncidentID) {
			_, err := b.desk.Resolve(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id}, b.now)
			b.must(err)
		}, subscriptions.Returned},
		{"a correction", func(b *bundle, id subscriptions.IncidentID) subscriptions.Notice {
			n, err := b.desk.Correct(ctx, b.ecAuthor.actor, desk.CorrectInput{Incident: id, False: subscriptions.FalseNews}, b.now)
			b.must(err)
			return n
		}, true, restore, subscriptions.Submitted},
		{"a part that comes back", draft(subscriptions.Update, digit), true, func(b *bundle, id subscriptions.IncidentID) {
			_, err := b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id, Services: ids("passport-new")}, b.now)
			if err == nil {
				return
			}
			_, err = b.desk.Hold(ctx, b.kraAuthor.actor, desk.HoldInput{Incident: id, Services: ids("kra-pay-tax")}, b.now)
			b.must(err)
			restore(b, id)
		}, subscriptions.Submitted},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			i, err := b.desk.Open(ctx, b.ecAuthor.actor, desk.OpenInput{Platforms: platforms("ecitizen-payments")}, b.now)
			b.must(err)
			if c.told {
				_, err = b.publish(b.ecAuthor, desk.DraftInput{Incident: i.ID, Kind: subscriptions.Outage})
				b.must(err)
			}
			n := c.submit(b, i.ID)
			b.pass(time.Minute)
			b.events = nil
			c.end(b, i.ID)
			got, err := b.desk.NoticeByID(ctx, n.ID)
			b.must(err)
			told := b.called(desk.EventReturned)
			if got.State != c.want || (got.Return != "") != (c.want == subscriptions.Returned) || (len(told) == 1) != (c.want == subscriptions.Returned) {
				t.Fatalf("it is %s (%q), and %d officers were told; want %s", got.State, got.Return, len(told), c.want)
			}
			if len(told) == 1 && (len(told[0].To) != 1 || told[0].To[0] != b.ecAuthor.Officer.ID) {
				t.Errorf("told: %+v", told[0].To)
			}
			b.must(b.desk.Tick(ctx, b.now)) // once
			if again := b.called(desk.EventReturned); len(again) != len(told) {
				t.Errorf("told %d times", len(again))
			}
		})
	}
}

// What a crash between the end and the return left standing is returned by the clock.
func TestTickReturnsWhatEnded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.outage().Incident.ID
	n, err := b.desk.Draft(ctx, b.ecAuthor.actor, desk.DraftInput{Incident: id, Kind: subscriptions.Update, Slots: subscriptions.Slots{Free: subscriptions.Text{"en": "At 12", "sw": "Saa 12"}}}, b.now)
	b.must(err)
	n, err = b.desk.Submit(ctx, b.ecAuthor.actor, n.ID, desk.SubmitInput{}, b.now)
	b.must(err)
	i := b.incident(id)
	i.State, i.EndedAt = subscriptions.Resolved, b.now
	_, err = b.store.Commit(ctx, subscriptions.Change{Incident: &i, Now: b.now, Line: subscriptions.AuditLine{At: b.now, Action: "test"}})
	b.must(err)
	b.events = nil
	b.pass(time.Hour) // an approver would be asked again now
	b.must(b.desk.Tick(ctx, b.now))
	got, err := b.desk.NoticeByID(ctx, n.ID)
	b.must(err)
	if got.State != subscriptions.Returned || len(b.called(desk.EventReturned)) != 1 || len(b.called(desk.EventApprove)) != 0 {
		t.Errorf("it is %s; %d told, %d asked to approve", got.State, len(b.called(desk.EventReturned)), len(b.called(desk.EventApprove)))
	}
}
