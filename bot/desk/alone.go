package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"arifa/subscriptions"
)

const (
	// aloneFor is how long a change of roles waits where one admin is left.
	aloneFor = subscriptions.CoolingOff
	// unseenFor is the same where nobody is left who could refuse it either.
	unseenFor = 7 * 24 * time.Hour
)

// lonely is how long a change of roles by the only admin waits. Others are frozen,
// disabled or lost, and somebody must be able to begin again; but one person who
// silences the rest must not be quicker than those who notice.
func lonely(all []subscriptions.Officer, by subscriptions.OfficerID) time.Duration {
	if slices.ContainsFunc(all, func(o subscriptions.Officer) bool { return o.ID != by && mayRefuseRoles(o) }) {
		return aloneFor
	}
	return unseenFor
}

// mayRefuseRoles: any admin and any approver may refuse what one admin alone does.
func mayRefuseRoles(o subscriptions.Officer) bool {
	return o.Has(subscriptions.Admin, "") || slices.ContainsFunc(o.SpeaksFor(), func(a subscriptions.AgencyID) bool { return o.Has(subscriptions.Approver, a) })
}

// approverOf is an agency in which the officer approves; empty = none.
func approverOf(o subscriptions.Officer) subscriptions.AgencyID {
	for _, a := range o.SpeaksFor() {
		if o.Has(subscriptions.Approver, a) {
			return a
		}
	}
	return ""
}

// rolesAlone lets the only admin's change of roles take effect when its time has
// come. A second admin who acts by then decides instead, and an admin who asked
// for it and has lost that role, or is frozen, gets nothing.
func (d *Desk) rolesAlone(ctx context.Context, c subscriptions.RegistryChange, now time.Time) error {
	all, err := d.Store.Officers(ctx)
	if err != nil {
		return err
	}
	w := deed{actor: Actor{Via: "clock"}, act: ActRolesApprove, subject: subjectOf("change", c.ID), now: now}
	detail := "one admin was left and nobody refused it"
	asks := slices.ContainsFunc(all, func(o subscriptions.Officer) bool { return o.ID == c.ProposedBy && o.Has(subscriptions.Admin, "") })
	switch {
	case admins(all) >= 2 && asks:
		c.State, c.EffectiveAt, detail = subscriptions.ChangeWaiting, time.Time{}, "waits for the other admin, who acts again"
	case !asks:
		c.State, c.Reason = subscriptions.ChangeRefused, "who asked for it is no active admin any more"
		detail = c.Reason
	case now.Before(c.ProposedAt.Add(lonely(all, c.ProposedBy))):
		return nil
	default:
		err := d.giveRoles(ctx, &w, c)
		var r *Refusal
		switch {
		case errors.As(err, &r):
			c.State, c.Reason = subscriptions.ChangeRefused, r.Why
			detail = c.Reason
		case err != nil:
			return err
		default:
			c.State = subscriptions.ChangeDone
		}
	}
	if _, err := d.Store.PutChange(ctx, c, w.line(detail)); err != nil {
		return err
	}
	d.callAll(ctx, all, Event{Kind: EventAlone, Change: c.ID, At: now}, 0)
	return nil
}

// takesEffect brings one approved change of the registry into force, unless it is
// frozen or a name in it is quicker than the number that it holds.
func (d *Desk) takesEffect(ctx context.Context, c subscriptions.RegistryChange, now time.Time) error {
	frozen, err := d.frozenBy(ctx, c, now)
	if err != nil || frozen != nil {
		return err
	}
	n, err := d.Nation(ctx)
	if err != nil || unheld(n, c) != nil {
		return err
	}
	c.State = subscriptions.ChangeDone
	w := deed{actor: Actor{Via: "clock"}, act: "registry.effect", agency: c.Agency, subject: subjectOf("change", c.ID), now: now}
	if _, err := d.Store.PutChange(ctx, c, w.line(string(c.Kind)+" "+c.Of())); err != nil {
		return err
	}
	d.call(ctx, Event{Kind: EventChange, Agency: c.Agency, Change: c.ID, At: now})
	return nil
}
