package desk

import (
	"context"
	"time"

	"arifa/subscriptions"
)

// announceBefore is when followers are reminded of a planned maintenance.
const announceBefore = 24 * time.Hour

// tickMaintenance says what officers have announced when its time comes: the day
// before, and at the start. At the planned end it says that the end has passed
// and that nobody has confirmed it: whether it works is for officers to say.
func (d *Desk) tickMaintenance(ctx context.Context, id subscriptions.IncidentID, now time.Time) error {
	i, err := d.Store.Incident(ctx, id)
	if err != nil || i.State.Over() {
		return err
	}
	switch {
	case i.State == subscriptions.Scheduled && !now.Before(i.StartsAt):
		return d.step(ctx, i, subscriptions.InProgress, "start", now)
	case i.State == subscriptions.Scheduled && !now.Before(i.StartsAt.Add(-announceBefore)):
		// Announced within the last day: the announcement was the reminder.
		if i.StartsAt.Sub(i.OpenedAt) <= announceBefore+time.Hour {
			return nil
		}
		return d.step(ctx, i, subscriptions.Scheduled, "day-before", now)
	case i.State == subscriptions.InProgress && !now.Before(i.EndsAt):
		return d.step(ctx, i, subscriptions.Verifying, "end-passed", now)
	}
	return nil
}

// step publishes one step of an announced maintenance, in the words' facts that
// officers gave last. Where nothing was announced nothing is said.
func (d *Desk) step(ctx context.Context, i subscriptions.Incident, state subscriptions.IncidentState, what string, now time.Time) error {
	n := subscriptions.Notice{Incident: i.ID, Round: i.Round, Kind: subscriptions.Maintenance, State: subscriptions.Draft, CreatedAt: now}
	s, err := d.look(ctx, n, now)
	if err != nil {
		return err
	}
	last := announced(s.told)
	p := plan{after: clone(s.incident)}
	p.after.State = state
	if last == nil {
		return d.stepQuietly(ctx, p.after, state, now)
	}
	request := fmtTick("maintenance", what, i.ID, i.Round, i.StartsAt.Unix(), i.EndsAt.Unix())
	if what == "day-before" {
		if _, done, _ := d.seen(ctx, &deed{}, request); done {
			return nil
		}
	}
	n.Agency, n.Author, n.Approver = last.Agency, last.Author, last.Approver
	n.Slots = last.Slots
	n.Slots.State, n.Slots.Alternatives, n.Slots.Until, n.Slots.Platforms = state, nil, time.Time{}, last.Slots.Platforms
	n.Slots.NextUpdate = standing(p.after, now)
	if state != subscriptions.Scheduled {
		endExpired(&p.after, now)
	}
	p.services = p.after.Failing()
	n.Slots.Services = p.services
	p.slots = n.Slots
	p.audience = subscriptions.AudienceOf(s.nation, p.services, platformsOf(p.after, p.services))
	var ended []summoned
	if state == subscriptions.Verifying {
		ended = append(ended, d.summon(ctx, Event{Kind: EventPlannedEnd, Agency: n.Agency, Incident: i.ID, Due: i.EndsAt, At: now}))
	}
	return d.sayByItself(ctx, n, s, p, request, ended...)
}

func (d *Desk) stepQuietly(ctx context.Context, i subscriptions.Incident, state subscriptions.IncidentState, now time.Time) error {
	was, err := d.Store.Incident(ctx, i.ID)
	if err != nil || was.State == state {
		return err
	}
	w := deed{actor: Actor{Via: "clock"}, act: ActAdvance, agency: i.Owner, subject: subjectOf("incident", i.ID), now: now}
	_, err = d.Store.Commit(ctx, subscriptions.Change{Incident: &i, Line: w.line(string(state) + "; nothing was announced"), Now: now})
	return err
}

// announced is the newest maintenance notice that stands.
func announced(told []subscriptions.Notice) *subscriptions.Notice {
	for k := len(told) - 1; k >= 0; k-- {
		if t := told[k]; t.Kind == subscriptions.Maintenance && t.State == subscriptions.Published {
			return &t
		}
	}
	return nil
}

// endExpired crosses out ways whose time is over: "buy before it begins".
func endExpired(i *subscriptions.Incident, now time.Time) {
	for k, w := range i.Ways {
		if w.EndedAt.IsZero() && !w.Until.IsZero() && !now.Before(w.Until) {
			i.Ways[k].EndedAt = now
		}
	}
}
