package desk

import (
	"context"
	"time"

	"arifa/subscriptions"
)

// asksAgain are the times after which approvers are asked once more. The first
// stands for the submission itself, whose call was stored with it.
var asksAgain = []time.Duration{0, 5 * time.Minute, 15 * time.Minute}

// tickApprovals asks all approvers of what waits, again after 5 and 15 minutes.
func (d *Desk) tickApprovals(ctx context.Context, now time.Time) error {
	waiting, err := d.Store.Notices(ctx, 0, subscriptions.Submitted)
	for _, n := range waiting {
		again := time.Duration(0)
		for _, after := range asksAgain {
			if now.Sub(n.SubmittedAt) >= after {
				again = after // a missed one is not asked beside a later one
			}
		}
		if again > 0 {
			d.call(ctx, approvalOf(n, again, now), n.Author, n.Submitter)
		}
	}
	return err
}

// recall repeats the calls for a change that waits: it was stored by itself, and
// whoever did that may have died before its calls were stored.
func (d *Desk) recall(ctx context.Context, c subscriptions.RegistryChange, now time.Time) error {
	fresh := now.Sub(c.ProposedAt) < 24*time.Hour
	switch {
	case !fresh:
	case c.State == subscriptions.ChangeWaiting && len(c.Approvals) == 0 && (c.Kind == ChangeReady || c.Kind == subscriptions.ChangeConfirm):
		d.call(ctx, Event{Kind: EventApprove, Agency: c.Agency, Change: c.ID, Since: c.ProposedAt, At: now}, c.ProposedBy)
	case c.State == subscriptions.ChangeCooling && c.Kind == ChangeRoles:
		all, err := d.Store.Officers(ctx)
		if err != nil {
			return err
		}
		d.callAll(ctx, all, Event{Kind: EventAlone, Change: c.ID, Due: c.EffectiveAt, At: now}, c.ProposedBy)
	}
	return nil
}
