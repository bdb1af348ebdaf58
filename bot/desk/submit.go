package desk

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"arifa/subscriptions"
)

// SubmitInput is how a draft is submitted.
type SubmitInput struct {
	// DropFree takes the free text out: "publish without this line".
	DropFree bool
	Request  string
}

// Submit freezes a notice and gives it to a second officer: number, words in
// every language, hash and audience. Any later change of a byte voids it.
func (d *Desk) Submit(ctx context.Context, a Actor, id subscriptions.NoticeID, in SubmitInput, now time.Time) (subscriptions.Notice, error) {
	w := deed{actor: a, act: ActSubmit, subject: subjectOf("notice", id), asked: askedOf(id, in), now: now}
	n, err := d.mine(ctx, &w, id)
	if err == nil && n.State == subscriptions.Submitted && in.Request != "" {
		return n, nil // the answer to a repeated request
	}
	if err == nil {
		n, err = d.submit(ctx, &w, n, in)
	}
	return n, d.settle(ctx, w, err)
}

func (d *Desk) submit(ctx context.Context, w *deed, n subscriptions.Notice, in SubmitInput) (subscriptions.Notice, error) {
	if n.State != subscriptions.Draft && n.State != subscriptions.Returned {
		return n, no(2, "draft a new notice", "notice %s is %s already", show(n), n.State)
	}
	if r := May(w.actor.Officer, ActOf(n.Kind), n.Agency); r != nil {
		return n, r
	}
	if err := d.twoPeople(ctx, w.actor.Officer, n.Author); err != nil {
		return n, err
	}
	if in.DropFree {
		n.Slots.Free = nil
	}
	if n.State == subscriptions.Returned && len(n.Sheet.Words) > 0 {
		was := n.Sheet
		n.Was = &was
	}
	n.Submitter = w.actor.Officer.ID
	n, _, _, err := d.prepare(ctx, w, n)
	if err != nil {
		return n, err
	}
	n.State, n.SubmittedAt, n.Return, n.Approver = subscriptions.Submitted, w.now, "", 0
	w.subject = "notice " + show(n)
	asked := []summoned{d.summon(ctx, approvalOf(n, 0, w.now), n.Author, n.Submitter)}
	c, err := d.commit(ctx, w, subscriptions.Change{
		Request: w.actor.request(string(ActSubmit), in.Request), Summons: rows(asked), Notices: []subscriptions.Notice{n},
		Line: w.line(string(n.Kind) + " " + n.Hash + " " + strings.Join(n.TwoOfficers, "; ")), Now: w.now,
	})
	if err != nil {
		return n, asRefusal(err)
	}
	if !c.Repeated {
		d.called(asked)
	}
	return c.Notices[0], nil
}

// approvalOf asks the approvers of a submitted notice.
func approvalOf(n subscriptions.Notice, again time.Duration, now time.Time) Event {
	return Event{Kind: EventApprove, Agency: n.Agency, Incident: n.Incident, Notice: n.ID, Key: n.Key, Since: n.SubmittedAt, Again: again, At: now}
}

// Return gives a submitted notice back to its author with a reason.
func (d *Desk) Return(ctx context.Context, a Actor, id subscriptions.NoticeID, reason string, now time.Time) (subscriptions.Notice, error) {
	w := deed{actor: a, act: ActReturn, subject: subjectOf("notice", id), now: now}
	n, err := d.mine(ctx, &w, id)
	reason = strings.TrimSpace(OneLine(reason))
	switch {
	case err != nil:
	case n.State != subscriptions.Submitted:
		err = no(2, "", "notice %s is %s, not submitted", show(n), n.State)
	case reason == "" || utf8.RuneCountInString(reason) > 500:
		err = no(0, "give a reason of at most 500 letters", "the author must know why")
	default:
		n.State, n.Return = subscriptions.Returned, reason
		asked := []summoned{d.summon(ctx, Event{Kind: EventReturned, Agency: n.Agency, Incident: n.Incident, Notice: n.ID, Key: n.Key, At: w.now, To: []subscriptions.OfficerID{n.Author, n.Submitter}})}
		var c subscriptions.Change
		if c, err = d.Store.Commit(ctx, subscriptions.Change{Notices: []subscriptions.Notice{n}, Summons: rows(asked), Line: w.line(reason), Now: w.now}); err == nil {
			d.called(asked)
			return c.Notices[0], nil
		}
		err = asRefusal(err)
	}
	return n, d.settle(ctx, w, err)
}
