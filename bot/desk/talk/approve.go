package talk

import (
	"context"
	"errors"
	"fmt"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// approveAsk asks for the digits of the very words that were shown. Digits that
// opened the chat are not enough: each approval has its own.
func (u *turn) approveAsk(ctx context.Context, w work, _ string) ([]page, error) {
	n, err := u.notice(ctx, w.Notice)
	if err != nil {
		return nil, err
	}
	if n.Hash != w.Hash || n.State != subscriptions.Submitted {
		if err := u.staleWords(ctx, n, w); err != nil {
			return nil, err
		}
		p, err := u.noticePage(ctx, n)
		return u.changed(p, show(n)+" is not what you were shown."), err
	}
	p := page{title: "Approve " + show(n) + "?", work: w, was: seen(n), asks: asksApproval,
		lines: []string{"Write your six digits. It goes out at once, with exactly the words that you have read."}}
	p.rows = u.back(w.Incident)
	return one(p), nil
}

// staleWords lets the desk refuse words that wait no more, so that its record tells
// who meant to approve them. What somebody else has decided meanwhile is no attempt.
func (u *turn) staleWords(ctx context.Context, n subscriptions.Notice, w work) error {
	if n.State != subscriptions.Submitted {
		return nil
	}
	_, err := u.Desk.Approve(ctx, u.actor, desk.ApproveInput{Notice: w.Notice, Hash: w.Hash}, u.now)
	var r *desk.Refusal
	if errors.As(err, &r) {
		return nil
	}
	return err
}

// approve is the second officer's word.
func (u *turn) approve(ctx context.Context, w work, digits string) ([]page, error) {
	u.erase = true
	if u.tries.over(u.h.Chat, "digits", digitTries, u.now) {
		return one(page{title: "Too many tries", lines: []string{"Wait a quarter of an hour, and tell an admin if it was not you."}}), nil
	}
	pages, err := u.outcome(ctx)(u.Desk.Approve(ctx, u.actor, desk.ApproveInput{Notice: w.Notice, Hash: w.Hash, Code: digits, Request: u.request()}, u.now))
	var r *desk.Refusal
	if !errors.As(err, &r) {
		return pages, err
	}
	p := u.refused(r)
	p.work, p.was = w, u.card.Was
	p.rows = append([][]button{{{"Approve with six digits", "approve-ask", ""}, {"Read it", "notice", fmt.Sprint(w.Notice)}}}, p.rows...)
	return one(p), nil
}

func (u *turn) returnAsk(ctx context.Context, w work, _ string) ([]page, error) {
	n, err := u.notice(ctx, w.Notice)
	if err != nil {
		return nil, err
	}
	return one(page{title: "Return " + show(n), work: w, was: seen(n), asks: asksReason, rows: u.back(w.Incident),
		lines: []string{"Write what should change: its author reads it."}}), nil
}

func (u *turn) giveBack(ctx context.Context, w work, reason string) ([]page, error) {
	n, err := u.notice(ctx, w.Notice)
	if err != nil {
		return nil, err
	}
	if n.State != subscriptions.Returned || n.Return != reason { // else the same text again
		if n, err = u.Desk.Return(ctx, u.actor, w.Notice, reason, u.now); err != nil {
			return nil, err
		}
	}
	return one(page{title: show(n) + " is returned", lines: []string{"Its author reads: " + n.Return}, rows: u.back(n.Incident)}), nil
}
