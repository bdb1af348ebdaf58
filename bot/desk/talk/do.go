package talk

import (
	"context"
	"errors"
	"strings"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// say publishes what was put together, or submits it to a second officer: the
// desk decides which of the two it lets happen.
func (u *turn) say(ctx context.Context, w work, how string) ([]page, error) {
	two, drop := strings.Contains(how, "two"), strings.Contains(how, "drop")
	switch {
	case w.Answer != nil:
		in := *w.Answer
		in.Request, in.DropFree = u.request(), drop
		return u.outcome(ctx)(u.Desk.Answer(ctx, u.actor, in, u.now))
	case w.Restore != nil:
		in := *w.Restore
		in.Request, in.DropFree = u.request(), drop
		if w.Release {
			return u.outcome(ctx)(u.Desk.Release(ctx, u.actor, in, u.now))
		}
		return u.outcome(ctx)(u.Desk.Restore(ctx, u.actor, in, u.now))
	case w.Open != nil:
		return u.openAndSay(ctx, w, two, drop)
	}
	return u.sayDraft(ctx, w, *w.Draft, two, drop)
}

// openAndSay opens the incident and says its first notice. Where the second fails
// the incident stays, and is shown with what went wrong.
func (u *turn) openAndSay(ctx context.Context, w work, two, drop bool) ([]page, error) {
	open := *w.Open
	open.Request = u.request()
	i, err := u.Desk.Open(ctx, u.actor, open, u.now)
	if err != nil {
		return nil, err
	}
	draft := *w.Draft
	draft.Incident = i.ID
	pages, err := u.sayDraft(ctx, w, draft, two, drop)
	var r *desk.Refusal
	if !errors.As(err, &r) {
		return pages, err
	}
	p, err := u.incidentPage(ctx, i)
	p.lines = append(u.refused(r).lines, p.lines...)
	return one(p), err
}

func (u *turn) sayDraft(ctx context.Context, w work, draft desk.DraftInput, two, drop bool) ([]page, error) {
	id := w.Notice
	if id != 0 { // returned, and changed by its author
		if _, err := u.Desk.Edit(ctx, u.actor, id, draft.Slots, u.now); err != nil {
			return nil, err
		}
	}
	if !two {
		in := desk.PublishInput{Notice: id, Draft: &draft, DropFree: drop, Request: u.request()}
		if id != 0 {
			in.Draft = nil
		}
		return u.outcome(ctx)(u.Desk.Publish(ctx, u.actor, in, u.now))
	}
	if id == 0 {
		draft.Request = u.request()
		n, err := u.Desk.Draft(ctx, u.actor, draft, u.now)
		if err != nil {
			return nil, err
		}
		id = n.ID
	}
	n, err := u.Desk.Submit(ctx, u.actor, id, desk.SubmitInput{DropFree: drop, Request: u.request()}, u.now)
	return u.outcome(ctx)(desk.Outcome{Notice: n}, err)
}

// outcome shows what the desk answered.
func (u *turn) outcome(ctx context.Context) func(desk.Outcome, error) ([]page, error) {
	return func(out desk.Outcome, err error) ([]page, error) {
		if err != nil {
			return nil, err
		}
		return u.done(ctx, out)
	}
}

// noChange keeps a promise in one tap.
func (u *turn) noChange(ctx context.Context, w work, _ string) ([]page, error) {
	return u.outcome(ctx)(u.Desk.NoChange(ctx, u.actor, desk.NoChangeInput{Incident: w.Incident, Agency: w.Agency, Request: u.request()}, u.now))
}

// activate tells a ready way in one tap.
func (u *turn) activate(ctx context.Context, w work, arg string) ([]page, error) {
	return u.outcome(ctx)(u.Desk.Activate(ctx, u.actor, desk.ActivateInput{
		Incident: w.Incident, Agency: w.Agency, Alternative: subscriptions.AlternativeID(arg), Request: u.request()}, u.now))
}

// resolve closes an incident of which nobody was told.
func (u *turn) resolve(ctx context.Context, w work, _ string) ([]page, error) {
	return u.outcome(ctx)(u.Desk.Resolve(ctx, u.actor, desk.RestoreInput{Incident: w.Incident, Agency: w.Agency, Request: u.request()}, u.now))
}

// stop ends the sending of a notice.
func (u *turn) stop(ctx context.Context, w work, _ string) ([]page, error) {
	n, err := u.Desk.Stop(ctx, u.actor, w.Notice, u.now)
	if err != nil {
		return nil, err
	}
	p, err := u.noticePage(ctx, n)
	p.title = "Stopped: " + show(n)
	p.lines = append([]string{"Nobody else is told. Whoever read it keeps it until you correct or withdraw it."}, p.lines...)
	return one(p), err
}

// withdraw takes a notice back with the fixed sentence.
func (u *turn) withdraw(ctx context.Context, w work, _ string) ([]page, error) {
	return u.outcome(ctx)(u.Desk.Withdraw(ctx, u.actor, w.Notice, u.request(), u.now))
}

func (u *turn) discard(ctx context.Context, w work, _ string) ([]page, error) {
	n, err := u.Desk.Discard(ctx, u.actor, w.Notice, u.now)
	if err != nil {
		return nil, err
	}
	return one(page{title: "Discarded: " + show(n), lines: []string{"Nobody has read it."}, rows: u.back(n.Incident)}), nil
}

// reopen starts a new round of what the agency had claimed.
func (u *turn) reopen(ctx context.Context, w work, _ string) ([]page, error) {
	i, err := u.Desk.Reopen(ctx, u.actor, desk.ReopenInput{Incident: w.Incident, Agency: w.Agency, Request: u.request()}, u.now)
	if err != nil {
		return nil, err
	}
	return u.firstWord(ctx, i, w.Agency)
}

// firstWord shows the first notice of an incident that is open and of which this
// agency has said nothing.
func (u *turn) firstWord(ctx context.Context, i subscriptions.Incident, agency subscriptions.AgencyID) ([]page, error) {
	kind := subscriptions.Outage
	if i.Maintenance {
		kind = subscriptions.Maintenance
	}
	pages, err := u.composed(ctx, work{Agency: agency, Incident: i.ID, Draft: &desk.DraftInput{Incident: i.ID, Agency: agency, Kind: kind}})
	var r *desk.Refusal
	if !errors.As(err, &r) {
		return pages, err
	}
	p, err := u.incidentPage(ctx, i)
	p.lines = append(u.refused(r).lines, p.lines...)
	return one(p), err
}
