package desk

import (
	"context"
	"crypto/subtle"
	"time"

	"arifa/subscriptions"
)

// ApproveInput is a second officer's word.
type ApproveInput struct {
	Notice  subscriptions.NoticeID
	Hash    string // of what the approver was shown
	Code    string // six digits
	Passkey string // in place of the digits: see Proof
	Request string
}

// Approve publishes a submitted notice: by another person than its author and its
// submitter, with six digits, and only the very words that were shown.
func (d *Desk) Approve(ctx context.Context, a Actor, in ApproveInput, now time.Time) (Outcome, error) {
	w := deed{actor: a, act: ActApprove, subject: subjectOf("notice", in.Notice), asked: askedOf(in.Notice, in.Hash), now: now}
	out, err := d.approve(ctx, &w, in)
	return out, d.settle(ctx, w, err)
}

func (d *Desk) approve(ctx context.Context, w *deed, in ApproveInput) (Outcome, error) {
	n, err := d.mine(ctx, w, in.Notice)
	if err != nil {
		return Outcome{}, err
	}
	if n.State == subscriptions.Published && in.Request != "" && n.Approver == w.actor.Officer.ID {
		return d.repeated(ctx, n)
	}
	if r := approvable(w.actor.Officer, n, in.Hash); r != nil {
		return Outcome{Notice: n}, r
	}
	s, err := d.look(ctx, n, w.now)
	if err != nil {
		return Outcome{Notice: n}, err
	}
	p, r := planFor(s, n)
	if r == nil {
		r = stillPublishable(s, p, n)
	} else {
		r.Do = "return it, and submit again what is true now"
	}
	if r != nil {
		return Outcome{Notice: n}, r
	}
	if err := d.stillMay(ctx, n); err != nil {
		return Outcome{Notice: n}, err
	}
	if err := d.twoPeople(ctx, w.actor.Officer, n.Author, n.Submitter); err != nil {
		return Outcome{Notice: n}, err
	}
	// The digits come last: they are used once, and a refusal above costs none.
	if err := d.prove(ctx, w, Proof{in.Code, in.Passkey}); err != nil {
		return Outcome{Notice: n}, err
	}
	n.Approver = w.actor.Officer.ID
	out, err := d.release(ctx, w, n, s, p, in.Request)
	return out, asRefusal(err)
}

// approvable judges the person and the words.
func approvable(o subscriptions.Officer, n subscriptions.Notice, shown string) *Refusal {
	switch {
	case n.State != subscriptions.Submitted:
		return no(2, "look at it again", "notice %s is %s, not submitted", show(n), n.State)
	case o.ID == n.Author, o.ID == n.Submitter:
		return no(4, "ask another officer of the agency", "nobody approves their own notice, whatever account they use")
	case n.Hash != n.Digest():
		return no(2, "the author submits it again", "notice %s was changed after it was submitted", show(n))
	case subtle.ConstantTimeCompare([]byte(shown), []byte(n.Hash)) != 1:
		return no(2, "look at the notice again and approve what it says now", "what you were shown is not what would be published")
	}
	return nil
}

// stillMay: words of somebody who was disabled, frozen or lost the role after
// writing or submitting them are not published in their name.
func (d *Desk) stillMay(ctx context.Context, n subscriptions.Notice) error {
	for _, who := range []struct {
		id   subscriptions.OfficerID
		what string
	}{{n.Author, "author"}, {n.Submitter, "submitter"}} {
		o, err := d.Store.Officer(ctx, who.id)
		if err != nil {
			return asRefusal(err)
		}
		if r := May(o, ActOf(n.Kind), n.Agency); r != nil {
			return no(4, "another author submits it", "its %s may not publish any more: %s", who.what, r.Why)
		}
	}
	return nil
}
