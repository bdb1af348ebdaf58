package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"arifa/subscriptions"
)

// reminders before a promised update.
var reminders = []time.Duration{30 * time.Minute, 10 * time.Minute}

// Tick does what time brings: reminders, overdue promises, the expiry of other
// ways, the steps of a maintenance, and changes whose 24 hours are over. It never
// says that something works. It may be called at any time, by any number of
// processes; every step happens once, and one that was missed happens late.
func (d *Desk) Tick(ctx context.Context, now time.Time) error {
	now = cut(now)
	incidents, err := d.Store.Incidents(ctx, now.Add(-7*24*time.Hour))
	if err != nil {
		return err
	}
	var errs []error
	for _, i := range incidents {
		d.tickPromise(ctx, i, now)
		if i.State.Over() {
			errs = append(errs, wrap("reports", i.ID, d.keepReported(ctx, i, now)))
			continue
		}
		errs = append(errs, wrap("expiry", i.ID, d.tickWays(ctx, i.ID, now)))
		if i.Maintenance {
			errs = append(errs, wrap("maintenance", i.ID, d.tickMaintenance(ctx, i.ID, now)))
		}
	}
	// What is over is returned before anybody is asked again to approve it.
	errs = append(errs, d.releaseWaiting(ctx, now), d.tickChanges(ctx, now), d.tickEnded(ctx, now), d.tickApprovals(ctx, now))
	return orNil(errs)
}

func wrap(what string, id subscriptions.IncidentID, err error) error {
	if err == nil || isConflict(err) { // somebody acts on it right now: the next tick looks again
		return nil
	}
	return fmt.Errorf("tick: %s of incident %d: %w", what, id, err)
}

// tickPromise calls officers before a promise falls due, and once it is broken.
// That it is overdue needs no mark: the promise stands in the incident.
func (d *Desk) tickPromise(ctx context.Context, i subscriptions.Incident, now time.Time) {
	due := i.NextUpdate
	if due.IsZero() {
		return
	}
	e := Event{Kind: EventOverdue, Incident: i.ID, Due: due, At: now}
	if now.Before(due) {
		e.Kind = EventReminder
		left := due.Sub(now)
		for _, r := range reminders {
			if left <= r {
				e.Before = r // the latest that applies: a missed one is not sent beside it
			}
		}
		if e.Before == 0 {
			return
		}
	}
	// The event's name has the promise itself, so that one that moves reminds anew.
	e.Agency, e.Notice = d.promiser(ctx, i), i.LastNotice
	d.call(ctx, e)
}

// promiser is the agency that owes the word: of what has ended the one whose
// answers are due, of what an agency holds that agency, else the one that spoke
// last, for it gave the time.
func (d *Desk) promiser(ctx context.Context, i subscriptions.Incident) subscriptions.AgencyID {
	if i.State.Over() {
		if all, err := d.Store.Notices(ctx, i.ID); err == nil {
			if end, ok := dueFirst(pledges(all), ""); ok {
				return end.notice.Agency
			}
		}
	}
	n, err := d.Store.Notice(ctx, i.LastNotice)
	if err != nil {
		return i.Owner
	}
	if n.Kind == subscriptions.Restored {
		for _, h := range i.Holds {
			if h.Agency != "" && h.ReleasedAt.IsZero() {
				return h.Agency
			}
		}
	}
	return n.Agency
}

// Overdue reports whether a promised update was not given.
func Overdue(i subscriptions.Incident, now time.Time) bool {
	return !i.NextUpdate.IsZero() && !now.Before(i.NextUpdate)
}

// tickWays ends other ways whose time is over: one update for each agency,
// without the way, to the services that it was for.
func (d *Desk) tickWays(ctx context.Context, id subscriptions.IncidentID, now time.Time) error {
	for {
		i, err := d.Store.Incident(ctx, id)
		if err != nil || i.State.Over() {
			return err
		}
		expired := slices.IndexFunc(i.Ways, func(w subscriptions.Way) bool {
			return w.EndedAt.IsZero() && !w.Until.IsZero() && !now.Before(w.Until)
		})
		if expired < 0 {
			return nil
		}
		if err := d.expire(ctx, i, i.Ways[expired].Agency, now); err != nil {
			return err
		}
	}
}

func (d *Desk) expire(ctx context.Context, i subscriptions.Incident, agency subscriptions.AgencyID, now time.Time) error {
	n := subscriptions.Notice{Incident: i.ID, Round: i.Round, Kind: subscriptions.Update, Agency: agency, State: subscriptions.Draft, CreatedAt: now}
	s, err := d.look(ctx, n, now)
	if err != nil {
		return err
	}
	p := plan{after: clone(s.incident)}
	var hit []subscriptions.ServiceID
	var last subscriptions.NoticeID
	for k, w := range p.after.Ways {
		if w.Agency == agency && w.EndedAt.IsZero() && !w.Until.IsZero() && !now.Before(w.Until) {
			p.after.Ways[k].EndedAt, last = now, w.Notice
			hit = append(hit, w.Services...)
		}
	}
	if told, err := d.Store.Notice(ctx, last); err == nil {
		n.Author, n.Approver = told.Author, told.Approver
	}
	p.services = inOrder(s.nation, intersect(hit, p.after.Failing()))
	w := deed{act: ActOf(n.Kind), agency: agency, subject: subjectOf("incident", i.ID), now: now, actor: Actor{Via: "clock"}}
	if len(p.services) == 0 || s.incident.State == subscriptions.Scheduled {
		// Nobody to tell, or the beginning of the work tells it.
		_, err := d.Store.Commit(ctx, subscriptions.Change{Incident: &p.after, Line: w.line("other way expired"), Now: now})
		return err
	}
	n.Slots = subscriptions.Slots{Services: p.services, Since: i.Since, SinceApprox: i.SinceApprox, NextUpdate: standing(p.after, now)}
	if i.Maintenance {
		n.Slots.StartsAt, n.Slots.EndsAt = i.StartsAt, i.EndsAt
	}
	p.slots = n.Slots
	p.audience = subscriptions.AudienceOf(s.nation, p.services, platformsOf(p.after, p.services))
	ended := d.summon(ctx, Event{Kind: EventExpired, Agency: agency, Incident: i.ID, Services: p.services, At: now})
	return d.sayByItself(ctx, n, s, p, fmtTick("expire", i.ID, agency, i.Revision), ended)
}

// standing is the promise that stands, or none where it is broken: the program
// gives no promise of its own.
func standing(i subscriptions.Incident, now time.Time) time.Time {
	if i.NextUpdate.After(now) {
		return i.NextUpdate
	}
	return time.Time{}
}

// tickChanges lets changes take effect after their 24 hours.
func (d *Desk) tickChanges(ctx context.Context, now time.Time) error {
	all, err := d.Store.Changes(ctx)
	if err != nil {
		return err
	}
	for _, c := range all {
		if err := d.recall(ctx, c, now); err != nil {
			return err
		}
		if c.State != subscriptions.ChangeCooling || now.Before(c.EffectiveAt) {
			continue
		}
		effect := d.takesEffect
		if c.Kind == ChangeRoles {
			effect = d.rolesAlone
		}
		if err := effect(ctx, c, now); err != nil && !isConflict(err) {
			return err
		}
	}
	return nil
}
