package desk_test

import (
	"reflect"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// What an officer is shown before a deed is, word for word, what the deed says, and
// looking stores nothing.
func TestDeedsAreForeseen(t *testing.T) {
	t.Parallel()
	type shown func(b *bundle) (desk.Preview, error)
	type done func(b *bundle) (desk.Outcome, error)
	for _, c := range []struct {
		name  string
		begin func(b *bundle)
		see   shown
		do    done
	}{
		{"nothing is new", nil,
			func(b *bundle) (desk.Preview, error) {
				return b.desk.PreviewNoChange(ctx, b.ecAuthor.actor, desk.NoChangeInput{Incident: 1}, b.now)
			},
			func(b *bundle) (desk.Outcome, error) {
				return b.desk.NoChange(ctx, b.ecAuthor.actor, desk.NoChangeInput{Incident: 1}, b.now)
			}},
		{"a hold is lifted", func(b *bundle) {
			_, err := b.desk.Hold(ctx, b.kraAuthor.actor, desk.HoldInput{Incident: 1, Services: ids("kra-pay-tax")}, b.now)
			b.must(err)
			_, err = b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: 1}, b.now)
			b.must(err)
		},
			func(b *bundle) (desk.Preview, error) {
				return b.desk.PreviewRelease(ctx, b.kraAuthor.actor, desk.RestoreInput{Incident: 1}, b.now)
			},
			func(b *bundle) (desk.Outcome, error) {
				return b.desk.Release(ctx, b.kraAuthor.actor, desk.RestoreInput{Incident: 1}, b.now)
			}},
		{"the end, without the line that stops it", nil,
			func(b *bundle) (desk.Preview, error) {
				return b.desk.PreviewRestore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: 1, Free: subscriptions.Text{"en": "Pay to till 55 44 33"}, DropFree: true}, b.now)
			},
			func(b *bundle) (desk.Outcome, error) {
				return b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: 1, Free: subscriptions.Text{"en": "Pay to till 55 44 33"}, DropFree: true}, b.now)
			}},
		{"a notice is taken back", nil,
			func(b *bundle) (desk.Preview, error) { return b.desk.PreviewWithdraw(ctx, b.ecAuthor.actor, 1, b.now) },
			func(b *bundle) (desk.Outcome, error) { return b.desk.Withdraw(ctx, b.ecAuthor.actor, 1, "", b.now) }},
		{"a late tick", nil,
			func(b *bundle) (desk.Preview, error) {
				return b.desk.PreviewConfirm(ctx, b.ecAuthor.actor, b.late(), b.now)
			},
			func(b *bundle) (desk.Outcome, error) { return b.desk.Confirm(ctx, b.ecAuthor.actor, b.late(), b.now) }},
		{"a ready way", func(b *bundle) {
			ch, err := b.desk.ProposeReady(ctx, b.kraAuthor.actor, "alt-bank-or-pdq", "kra", nil, b.now)
			b.must(err)
			b.pass(time.Minute)
			_, err = b.desk.ApproveChange(ctx, b.kraApprover.actor, desk.ApproveChangeInput{ID: ch.ID, Code: b.code(b.kraApprover)}, b.now)
			b.must(err)
		},
			func(b *bundle) (desk.Preview, error) {
				return b.desk.PreviewActivate(ctx, b.kraAuthor.actor, desk.ActivateInput{Incident: 1, Alternative: "alt-bank-or-pdq"}, b.now)
			},
			func(b *bundle) (desk.Outcome, error) {
				return b.desk.Activate(ctx, b.kraAuthor.actor, desk.ActivateInput{Incident: 1, Alternative: "alt-bank-or-pdq"}, b.now)
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.outage()
			if c.begin != nil {
				c.begin(b)
			}
			before := len(b.audit())
			p, err := c.see(b)
			b.must(err)
			if after := len(b.audit()); after != before {
				t.Errorf("looking left %d lines on the record", after-before)
			}
			out, err := c.do(b)
			b.must(err)
			b.saidAsSeen(p, out.Notice)
		})
	}
}

func (b *bundle) late() desk.ConfirmInput {
	i := b.incident(1)
	return desk.ConfirmInput{Incident: 1, Services: i.Unconfirmed()[:1], Affected: true}
}

func (b *bundle) saidAsSeen(p desk.Preview, n subscriptions.Notice) {
	b.Helper()
	for _, l := range b.nation.Languages {
		seen, said := p.Notice.Sheet.Words[l], n.Sheet.Words[l]
		if seen.Title == "" || seen.Title != said.Title || !reflect.DeepEqual(seen.Head, said.Head) || !reflect.DeepEqual(seen.Services, said.Services) {
			b.Errorf("%s: seen %q %v %v\nsaid %q %v %v", l, seen.Title, seen.Head, seen.Services, said.Title, said.Head, said.Services)
		}
	}
	if !reflect.DeepEqual(p.Notice.Audience, n.Audience) {
		b.Error("another audience was shown")
	}
}

// An alarm's words are those that its answer publishes; an officer who may not is
// told so before anything is shown, and where nobody is told there are no words.
func TestAlarmIsForeseen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.duty(b.ecAuthor, "ecitizen")
	b.fails(12, "kra-pay-tax", "kws-nairobi-np", "dl-renew")
	b.watch()
	in := desk.AnswerAlarmInput{Alarm: b.alarm().ID, Says: subscriptions.SaysPublish}
	p, err := b.desk.PreviewAlarm(ctx, b.ecAuthor.actor, in, b.now)
	b.must(err)
	_, err = b.desk.PreviewAlarm(ctx, b.ecApprover.actor, in, b.now)
	b.refused(err, 4, "")
	out, err := b.desk.AnswerAlarm(ctx, b.ecAuthor.actor, in, b.now)
	b.must(err)
	b.saidAsSeen(p, out.Outcome.Notice)
	_, err = b.desk.PreviewAlarm(ctx, b.ecAuthor.actor, in, b.now)
	b.refused(err, 2, "has been said")

	not := b.late()
	not.Affected = false
	if p, err = b.desk.PreviewConfirm(ctx, b.ecAuthor.actor, not, b.now); err != nil || len(p.Notice.Sheet.Words) > 0 {
		t.Errorf("nobody is told that they are not affected, but %v is shown (%v)", p.Notice.Sheet.Words, err)
	}
	_, err = b.desk.Hold(ctx, b.kraAuthor.actor, desk.HoldInput{Incident: 1, Services: ids("kra-pay-tax")}, b.now)
	b.must(err)
	if p, err = b.desk.PreviewRelease(ctx, b.kraAuthor.actor, desk.RestoreInput{Incident: 1}, b.now); err != nil || len(p.Notice.Sheet.Words) > 0 {
		t.Errorf("a hold that nothing hangs on ends without a word, but %v is shown (%v)", p.Notice.Sheet.Words, err)
	}
}
