package desk

import (
	"context"
	"slices"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// voice is an agency with the services of which it speaks.
type voice struct {
	agency   subscriptions.AgencyID
	services []subscriptions.ServiceID
}

// voices groups those whom a notice leaves out by the agency that may say why,
// the notice's own agency last. That a service goes on failing is nobody's word
// but of who holds it, or of who claims what breaks it: the operator that has just
// said that it works again must not be read as saying the opposite.
func voices(n subscriptions.Notice, p plan) []voice {
	var out []voice
	var own []subscriptions.ServiceID
	for _, id := range p.left {
		agency := voiceOf(n, p.after, id)
		at := slices.IndexFunc(out, func(v voice) bool { return v.agency == agency })
		switch {
		case agency == n.Agency:
			own = append(own, id)
		case at < 0:
			out = append(out, voice{agency, []subscriptions.ServiceID{id}})
		default:
			out[at].services = append(out[at].services, id)
		}
	}
	if len(own) > 0 {
		out = append(out, voice{n.Agency, own})
	}
	return out
}

func voiceOf(n subscriptions.Notice, after subscriptions.Incident, id subscriptions.ServiceID) subscriptions.AgencyID {
	if n.Kind != subscriptions.Restored {
		return n.Agency
	}
	for _, h := range after.Holds {
		if h.Service == id && h.Agency != "" && h.ReleasedAt.IsZero() {
			return h.Agency
		}
	}
	state, _ := after.Service(id)
	var other subscriptions.AgencyID
	for _, c := range after.Claims {
		if !c.EndedAt.IsZero() || c.Service != id && (c.Platform == "" || !slices.Contains(state.Via, c.Platform)) {
			continue
		}
		if c.Agency == n.Agency {
			return n.Agency
		}
		if other == "" {
			other = c.Agency
		}
	}
	if other != "" {
		return other
	}
	return n.Agency
}

// tellLeft publishes a notice beside the main one for each agency that speaks of
// those whom it leaves out, and returns the situation after them.
func (d *Desk) tellLeft(ctx context.Context, w *deed, n subscriptions.Notice, s situation, p plan, request string, out *Outcome) (situation, error) {
	for _, v := range voices(n, p) {
		m, err := d.beside(ctx, w, n, s, p, v, request)
		if err != nil {
			return s, err
		}
		if out.Beside == nil {
			out.Beside = m
		} else {
			out.Others = append(out.Others, *m)
		}
		if s, err = d.look(ctx, n, s.now); err != nil {
			return s, err
		}
	}
	return s, nil
}

// beside tells those whom the main notice leaves out: of a first outage those
// who know already (another body now speaks too); of an end those whose service
// goes on failing, who read that the operator says it works again, or what still
// limits it. It goes first, and is an edit of what they have unless their state
// changes.
func (d *Desk) beside(ctx context.Context, w *deed, n subscriptions.Notice, s situation, p plan, v voice, request string) (*subscriptions.Notice, error) {
	side, suffix := *w, ""
	side.act = ActOf(subscriptions.Update)
	if v.agency != n.Agency {
		suffix = "." + string(v.agency)
	}
	m := subscriptions.Notice{
		Incident: n.Incident, Round: s.incident.Round, Kind: subscriptions.Update, Agency: v.agency, State: subscriptions.Draft,
		Author: n.Author, Approver: n.Approver, CreatedAt: w.now,
		Slots: subscriptions.Slots{Services: v.services, Since: s.incident.Since, SinceApprox: s.incident.SinceApprox, NextUpdate: p.after.NextUpdate},
	}
	m, err := d.insert(ctx, &side, m, w.actor.request("beside.draft"+suffix, request))
	if err != nil || m.State == subscriptions.Published {
		return &m, err
	}
	m, err = d.number(ctx, &side, m, s.nation)
	if err != nil {
		return nil, err
	}
	m.Audience = subscriptions.AudienceOf(s.nation, v.services, platformsOf(s.incident, v.services))
	m.IncidentRevision = s.incident.Revision
	m.Sound, _ = Sound(s.incident, p.after, newest(s.told), m, v.services)
	if m, err = d.besideWords(s, p, n, m); err != nil {
		return nil, err
	}
	m.State, m.SubmittedAt, m.PublishedAt, m.ExpiresAt = subscriptions.Published, w.now, w.now, expiry(m.Kind, w.now)
	before := clone(s.incident)
	before.NextUpdate = p.after.NextUpdate
	side.subject = "notice " + show(m)
	detail := detailOf(m)
	if v.agency != n.Agency {
		detail += ", in the name of " + string(v.agency) + ", which says that these still fail"
	}
	var asked []summoned
	if v.agency != n.Agency { // it speaks in their name, so they can stop it
		asked = append(asked, d.summon(ctx, Event{Kind: EventStopIt, Agency: v.agency, Incident: m.Incident, Notice: m.ID, Key: m.Key, At: w.now}))
	}
	c, err := d.commit(ctx, &side, subscriptions.Change{
		Request: w.actor.request("publish.beside"+suffix, request), Summons: rows(asked), Incident: &before, Notices: []subscriptions.Notice{m},
		Overtakes: overtaken(s.told, m, p.after), HighHarm: highHarm(s.nation), Line: side.line(detail), Now: w.now,
	})
	if err != nil {
		return nil, err
	}
	m = c.Notices[0]
	if !c.Repeated {
		d.called(asked)
	}
	return &m, nil
}

// besideWords makes the words of a notice beside the main one: of the incident as
// the main one leaves it. What is held reads there that the operator says it
// works again and that its agency does not confirm it.
func (d *Desk) besideWords(s situation, p plan, main, m subscriptions.Notice) (subscriptions.Notice, error) {
	said := statements(s, m)
	if main.Kind == subscriptions.Restored && main.Agency != m.Agency {
		// What the operator says from this moment takes the place of what it said before.
		said = slices.DeleteFunc(said, func(x wording.Statement) bool { return x.Agency == main.Agency })
		said = append(said, wording.Statement{Agency: main.Agency, At: s.now, Kind: main.Kind})
	}
	sheet, err := d.Config.Speaker.Sheet(wording.Facts{
		Nation: s.nation, Incident: p.after, Notice: m, Statements: said, Host: d.Config.Host, Zone: s.nation.Location(), Now: s.now,
	})
	if err != nil {
		return m, err
	}
	m.Sheet = sheet
	m.Hash = m.Digest()
	return m, nil
}
