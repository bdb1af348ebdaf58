package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"arifa/subscriptions"
)

// Stop ends the sending of a published notice at once: nobody else is told, and
// those who were keep it. One officer is enough.
func (d *Desk) Stop(ctx context.Context, a Actor, id subscriptions.NoticeID, now time.Time) (subscriptions.Notice, error) {
	w := deed{actor: a, act: ActStop, subject: subjectOf("notice", id), now: now}
	var n subscriptions.Notice
	var err error
	// A stop must not fail because somebody else was quicker with another change.
	for range 5 {
		if n, err = d.stop(ctx, &w, id); !isConflict(err) {
			break
		}
	}
	return n, d.settle(ctx, w, asRefusal(err))
}

func (d *Desk) stop(ctx context.Context, w *deed, id subscriptions.NoticeID) (subscriptions.Notice, error) {
	n, err := d.mine(ctx, w, id)
	switch {
	case err != nil:
		return n, err
	case n.State == subscriptions.Stopped:
		return n, nil
	case n.State == subscriptions.Draft, n.State == subscriptions.Submitted, n.State == subscriptions.Returned:
		// Nobody has read it; stopped, it can never be published.
	case n.State != subscriptions.Published:
		return n, no(0, "", "notice %s is %s", show(n), n.State)
	}
	if err := d.failsAgain(ctx, n, w.now); err != nil {
		return n, err
	}
	n.State, n.StoppedAt = subscriptions.Stopped, w.now
	return d.putStopped(ctx, w, n, "")
}

// failsAgain refuses to take an end back while what it ended counts as working:
// people would be sent to pay by what is broken, and those who wait for the end
// would never hear one. Reopened, the trouble is live and gets its own end.
func (d *Desk) failsAgain(ctx context.Context, n subscriptions.Notice, now time.Time) error {
	if n.Kind != subscriptions.Restored || n.PublishedAt.IsZero() || n.Incident == 0 {
		return nil
	}
	i, err := d.Store.Incident(ctx, n.Incident)
	if err != nil || i.Round != n.Round {
		return err
	}
	live, err := d.Store.Incidents(ctx, now)
	if err != nil {
		return err
	}
	for _, id := range n.Audience[subscriptions.ScopeAll] {
		if slices.Contains(i.Failing(), id) || elsewhere(live, i.ID, id) {
			continue
		}
		if i.State.Over() {
			return no(6, fmt.Sprintf("reopen it first: arifa incident reopen %d; then stop or withdraw this, and publish the outage", i.ID), "%s is an end, and without it %s would still count as working", show(n), id)
		}
		return no(6, "open an incident for what fails again; then stop or withdraw this", "%s is an end, and without it %s would still count as working", show(n), id)
	}
	return nil
}

// putStopped stores a stopped notice, and with it the end of the ways that it
// told: the next word of anybody must not tell them again.
func (d *Desk) putStopped(ctx context.Context, w *deed, n subscriptions.Notice, detail string, also ...summoned) (subscriptions.Notice, error) {
	change := subscriptions.Change{Notices: []subscriptions.Notice{n}, Line: w.line(detail), Now: w.now}
	if n.Incident != 0 {
		if err := d.unsay(ctx, n, &change); err != nil {
			return n, err
		}
	}
	asked := append(also, d.summonStopped(ctx, change.Notices[1:], w.now)...)
	change.Summons = rows(asked)
	c, err := d.Store.Commit(ctx, change)
	if err != nil {
		return n, err
	}
	d.called(asked)
	return c.Notices[0], nil
}

// summonStopped calls the officers whose notice stopped because it told a way that
// was taken back: they say again what still holds.
func (d *Desk) summonStopped(ctx context.Context, stopped []subscriptions.Notice, now time.Time) []summoned {
	var out []summoned
	for _, m := range stopped {
		out = append(out, d.summon(ctx, brokenOf(m, now)))
	}
	return out
}

func brokenOf(n subscriptions.Notice, now time.Time) Event {
	return Event{Kind: EventBroken, Agency: n.Agency, Incident: n.Incident, Notice: n.ID, Key: n.Key, At: now}
}

// Withdraw takes a published notice back: it was wrong. Everybody who was told
// reads the fixed sentence; one officer is enough for it.
func (d *Desk) Withdraw(ctx context.Context, a Actor, id subscriptions.NoticeID, request string, now time.Time) (Outcome, error) {
	w := deed{actor: a, act: ActWithdraw, subject: subjectOf("notice", id), asked: askedOf(id), now: now}
	var out Outcome
	var err error
	for range 5 {
		if out, err = d.withdraw(ctx, &w, id, request); !isConflict(err) {
			break
		}
	}
	return out, d.settle(ctx, w, asRefusal(err))
}

func (d *Desk) withdraw(ctx context.Context, w *deed, id subscriptions.NoticeID, request string) (Outcome, error) {
	n, err := d.mine(ctx, w, id)
	if err != nil {
		return Outcome{}, err
	}
	if n.State == subscriptions.Withdrawn && request != "" {
		return d.withdrawnBefore(ctx, n)
	}
	if n.State == subscriptions.Withdrawn {
		return Outcome{Notice: n}, no(0, "", "notice %s is withdrawn already: those who were told read it", show(n))
	}
	if n.State != subscriptions.Published && n.State != subscriptions.Stopped || n.PublishedAt.IsZero() {
		return Outcome{Notice: n}, no(0, "", "notice %s is %s, so nobody was told", show(n), n.State)
	}
	if n.Kind == subscriptions.Correction {
		return Outcome{Notice: n}, no(0, "publish a new correction", "a correction is corrected, not withdrawn")
	}
	if err := d.failsAgain(ctx, n, w.now); err != nil {
		return Outcome{Notice: n}, err
	}
	m, err := d.insert(ctx, w, withdrawal(n, *w), w.actor.request("withdraw.draft", request))
	if err != nil {
		return Outcome{}, err
	}
	w.subject = "notice " + show(n)
	m, s, _, err := d.prepare(ctx, w, m)
	if err != nil {
		return Outcome{}, err
	}
	m.State, m.SubmittedAt, m.PublishedAt, m.ExpiresAt = subscriptions.Published, w.now, w.now, expiry(m.Kind, w.now)
	n.State, n.StoppedAt = subscriptions.Withdrawn, w.now
	c := subscriptions.Change{
		Request: w.actor.request("withdraw", request), Notices: []subscriptions.Notice{m, n}, HighHarm: highHarm(s.nation), Line: w.line("read by all who were told: " + show(m)), Now: w.now,
	}
	if n.Incident != 0 {
		if err := d.unsay(ctx, n, &c); err != nil {
			return Outcome{}, err
		}
	}
	ping := d.summon(ctx, Event{Kind: EventStopIt, Agency: n.Agency, Incident: n.Incident, Notice: m.ID, Key: m.Key, At: w.now}, m.Author)
	asked := append(d.summonStopped(ctx, c.Notices[2:], w.now), ping)
	c.Summons = rows(asked)
	if c, err = d.commit(ctx, w, c); err != nil {
		return Outcome{}, err
	}
	out := Outcome{Notice: c.Notices[0], Repeated: c.Repeated, Incident: s.incident}
	if !c.Repeated {
		d.called(asked)
		out.Ping = ping.To
	}
	return out, nil
}

// withdrawal is the fixed sentence that takes a notice back.
func withdrawal(n subscriptions.Notice, w deed) subscriptions.Notice {
	return subscriptions.Notice{
		Incident: n.Incident, Round: n.Round, Kind: subscriptions.Correction, Agency: n.Agency, State: subscriptions.Draft,
		Slots: subscriptions.Slots{Withdraws: true}, Corrects: n.ID, Author: w.actor.Officer.ID, CreatedAt: w.now,
	}
}

// withdrawnBefore is the answer to a repeated request.
func (d *Desk) withdrawnBefore(ctx context.Context, n subscriptions.Notice) (Outcome, error) {
	all, err := d.Store.Notices(ctx, n.Incident, subscriptions.Published)
	for _, m := range all {
		if m.Corrects == n.ID && m.Slots.Withdraws {
			return d.repeated(ctx, m)
		}
	}
	return Outcome{Notice: n}, errors.Join(err)
}
