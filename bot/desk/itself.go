package desk

import (
	"context"
	"fmt"

	"arifa/subscriptions"
)

// fmtTick names a deed of the program so that it happens once.
func fmtTick(what string, parts ...any) string {
	s := "program/" + what
	for _, p := range parts {
		s += fmt.Sprintf("/%v", p)
	}
	return s
}

// itself is what goes with a notice that the program publishes.
type itself struct {
	request string
	also    []summoned             // calls for what also happens with it
	stops   []subscriptions.Notice // what ends with it, as it is stored then
	// line is the audit line; nil = that of a notice which the clock publishes.
	line func(said subscriptions.Notice) subscriptions.AuditLine
}

// sayByItself publishes a notice that follows from what officers have said: the
// expiry of a way, the start of a maintenance, the end that waited. Nobody's word
// is added; the audit line names the program. Officers are called to stop it, and
// for what also happens with it.
func (d *Desk) sayByItself(ctx context.Context, n subscriptions.Notice, s situation, p plan, request string, also ...summoned) error {
	return d.sayItself(ctx, n, s, p, itself{request: request, also: also})
}

func (d *Desk) sayItself(ctx context.Context, n subscriptions.Notice, s situation, p plan, by itself) error {
	w := deed{actor: Actor{Via: "clock"}, act: ActOf(n.Kind), agency: n.Agency, subject: subjectOf("incident", n.Incident), now: s.now}
	stored, err := d.insert(ctx, &w, n, by.request+"/draft")
	if err != nil || stored.State == subscriptions.Published {
		return err
	}
	if stored, err = d.number(ctx, &w, stored, s.nation); err != nil {
		return err
	}
	for k := range p.after.Ways { // ways hung by this very notice
		if p.after.Ways[k].At.Equal(s.now) && p.after.Ways[k].Notice == 0 {
			p.after.Ways[k].Notice = stored.ID
		}
	}
	stored.Slots = p.slots
	if stored, err = d.freeze(s, p, stored); err != nil {
		return err
	}
	stored.State, stored.SubmittedAt, stored.PublishedAt, stored.ExpiresAt = subscriptions.Published, s.now, s.now, expiry(n.Kind, s.now)
	w.subject = "notice " + show(stored)
	asked := append(by.also, d.summon(ctx, Event{Kind: EventStopIt, Agency: n.Agency, Incident: n.Incident, Notice: stored.ID, Key: stored.Key, At: s.now}))
	line := w.line(detailOf(stored))
	if by.line != nil {
		line = by.line(stored)
	}
	c, err := d.Store.Commit(ctx, subscriptions.Change{
		Request: by.request, Summons: rows(asked), Incident: &p.after, Notices: append([]subscriptions.Notice{stored}, by.stops...),
		Overtakes: overtaken(s.told, stored, p.after), HighHarm: highHarm(s.nation), Line: line, Now: s.now,
	})
	if err != nil {
		return err
	}
	if !c.Repeated {
		d.called(asked)
		d.ended(ctx, p.after, s.now)
	}
	return nil
}
