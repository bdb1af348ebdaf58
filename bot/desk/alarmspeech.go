package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"arifa/subscriptions"
)

// speech is what an agency would do to say the first word on an alarm: open an
// incident, join one, or speak in one that is open already.
type speech struct {
	open     *OpenInput
	join     *JoinInput
	incident subscriptions.IncidentID
	draft    DraftInput
}

// AlarmDraft is the ready draft of an alarm: what one tap would open and publish.
type AlarmDraft struct {
	AlarmView
	// Agency speaks; Platforms are named as broken, or Suspected as suspected.
	Agency     subscriptions.AgencyID
	Kind       subscriptions.Kind
	Platforms  []subscriptions.PlatformID
	Suspected  subscriptions.PlatformID
	Services   []subscriptions.ServiceID // of the claim; with Platforms empty
	Joins      subscriptions.IncidentID  // 0 = a new incident is opened
	Since      time.Time
	NextUpdate time.Time
	Preview    Preview
	// Refused says why this officer cannot publish it, with what to do instead; nil =
	// one tap does.
	Refused *Refusal
}

// AlarmDraft shows what publishing would say, to whom, and whether this officer may.
// Nothing is stored.
func (d *Desk) AlarmDraft(ctx context.Context, a Actor, id subscriptions.AlarmID, now time.Time) (AlarmDraft, error) {
	w := deed{actor: a, act: ActAlarmPublish, subject: subjectOf("alarm", id), now: cut(now)}
	alarm, err := d.alarmFor(ctx, &w, id)
	if err != nil {
		return AlarmDraft{}, d.settle(ctx, w, err)
	}
	return d.draftOf(ctx, &w.actor.Officer, alarm, w.agency, w.now)
}

// ShowAlarm is AlarmDraft for a room that officers read together: what the agency
// that is asked would say.
func (d *Desk) ShowAlarm(ctx context.Context, id subscriptions.AlarmID, now time.Time) (AlarmDraft, error) {
	alarm, err := d.Store.Alarm(ctx, id)
	if err != nil {
		return AlarmDraft{}, err
	}
	return d.draftOf(ctx, nil, alarm, alarm.Agency, cut(now))
}

// LiveAlarms lists what nobody has spoken about, for such a room.
func (d *Desk) LiveAlarms(ctx context.Context, now time.Time) ([]subscriptions.Alarm, error) {
	all, err := d.Store.Alarms(ctx, now)
	return slices.DeleteFunc(all, func(a subscriptions.Alarm) bool { return !a.Live() }), err
}

// draftOf makes the ready draft of an agency for an officer; nil = for nobody in
// person.
func (d *Desk) draftOf(ctx context.Context, o *subscriptions.Officer, alarm subscriptions.Alarm, agency subscriptions.AgencyID, now time.Time) (AlarmDraft, error) {
	out := AlarmDraft{Kind: subscriptions.Outage, Agency: agency}
	who := subscriptions.Officer{}
	if o != nil {
		who = *o
	}
	var err error
	if out.AlarmView, err = d.viewOf(ctx, who, alarm, now); err != nil {
		return out, err
	}
	if o == nil {
		out.For = agency
	}
	if !alarm.Live() {
		out.Refused = tooLate(alarm)
		return out, nil
	}
	s, r := d.speechFor(ctx, alarm, agency, time.Time{}, now)
	if r == nil && o != nil {
		r = May(who, ActAlarmPublish, agency)
	}
	if out.Refused = r; s.draft.Agency == "" {
		return out, nil
	}
	out.describe(s)
	p, err := d.rehearse(ctx, s, who.ID, now)
	var refusal *Refusal
	if errors.As(err, &refusal) {
		if out.Refused == nil {
			out.Refused = refusal
		}
		return out, nil
	}
	out.Preview, out.NextUpdate = p, p.Notice.Slots.NextUpdate
	return out, err
}

func (out *AlarmDraft) describe(s speech) {
	out.Joins, out.NextUpdate = s.incident, s.draft.Slots.NextUpdate
	switch {
	case s.open != nil:
		out.Platforms, out.Suspected, out.Services, out.Since = s.open.Platforms, s.open.Suspected, s.open.Services, s.open.Since
	case s.join != nil:
		out.Platforms, out.Suspected, out.Services, out.Since = s.join.Platforms, s.join.Suspected, s.join.Services, s.join.Since
	}
}

// speechFor works out what the agency may say under rule 4, or why it may not.
func (d *Desk) speechFor(ctx context.Context, a subscriptions.Alarm, agency subscriptions.AgencyID, next time.Time, now time.Time) (speech, *Refusal) {
	recent, err := d.Store.Incidents(ctx, now.Add(-rejoinFor))
	if err != nil {
		return speech{}, no(0, "try again", "the incidents cannot be read: %v", err)
	}
	var live, over []subscriptions.Incident
	for _, i := range recent {
		switch {
		case i.Maintenance:
		case i.State.Over():
			over = append(over, i)
		default:
			live = append(live, i)
		}
	}
	s := speech{draft: DraftInput{Kind: subscriptions.Outage, Agency: agency, Slots: subscriptions.Slots{NextUpdate: cut(next)}}}
	if s.draft.Slots.NextUpdate.IsZero() {
		s.draft.Slots.NextUpdate = cut(now.Add(PromiseAfter))
	}
	n := d.Config.Nation()
	var r *Refusal
	if own := ownPlatforms(n, a, agency); len(own) > 0 {
		r = s.ofPlatforms(a, own, live)
	} else {
		r = s.ofServices(n, a, live, over)
	}
	return s, r
}

// rejoinFor is how long after an end an agency whose services go on failing speaks in
// the incident that ended, so that both words stand side by side.
const rejoinFor = 12 * time.Hour

// stillFails finds the newest incident whose end, said by somebody else, was told of
// all these services.
func stillFails(over []subscriptions.Incident, agency subscriptions.AgencyID, services []subscriptions.ServiceID) (out subscriptions.Incident, ok bool) {
	for _, i := range over {
		told := !i.FirstWord.IsZero() && !slices.ContainsFunc(services, func(id subscriptions.ServiceID) bool {
			state, ok := i.Service(id)
			return !ok || !state.Confirmed || state.Round != i.Round
		})
		own := slices.ContainsFunc(i.Claims, func(c subscriptions.Claim) bool { return c.Agency == agency && c.Round == i.Round })
		if told && !own && i.EndedAt.After(out.EndedAt) {
			out, ok = i, true
		}
	}
	return out, ok
}

// ownPlatforms are those of the alarm that the agency operates.
func ownPlatforms(n *subscriptions.Nation, a subscriptions.Alarm, agency subscriptions.AgencyID) (out []subscriptions.PlatformID) {
	for _, id := range append([]subscriptions.PlatformID{a.Platform}, a.Also...) {
		if p, ok := n.Platform(id); ok && p.Operator == agency {
			out = add(out, id)
		}
	}
	return out
}

// sinceOf is when the trouble began as far as the complaints tell: to the minute.
func sinceOf(a subscriptions.Alarm) time.Time { return a.Since.UTC().Truncate(time.Minute) }

// ofPlatforms: the operator says that it is theirs.
func (s *speech) ofPlatforms(a subscriptions.Alarm, own []subscriptions.PlatformID, live []subscriptions.Incident) *Refusal {
	var free []subscriptions.PlatformID
	for _, id := range own {
		at := slices.IndexFunc(live, func(i subscriptions.Incident) bool { return slices.Contains(i.Platforms(), id) })
		switch {
		case at < 0:
			free = append(free, id)
		case live[at].FirstNotice == 0: // opened, and nobody was told
			s.incident = live[at].ID
		}
	}
	if s.incident != 0 {
		return nil
	}
	if len(free) == 0 {
		s.draft.Agency = ""
		return no(4, "publish an update there", "%s is told by an incident already", join(own))
	}
	for _, i := range live {
		suspects := slices.ContainsFunc(i.Claims, func(c subscriptions.Claim) bool {
			return c.EndedAt.IsZero() && slices.Contains(free, c.Suspected)
		})
		fails := len(intersect(i.Failing(), a.Services)) > 0
		if suspects || fails {
			s.incident = i.ID
			s.join = &JoinInput{Incident: i.ID, Agency: s.draft.Agency, Platforms: free, Since: sinceOf(a)}
			return nil
		}
	}
	s.open = &OpenInput{Agency: s.draft.Agency, Platforms: free, Since: sinceOf(a), SinceApprox: true}
	return nil
}

// ofServices: an agency speaks for its own services, and names another's platform as
// suspected at most.
func (s *speech) ofServices(n *subscriptions.Nation, a subscriptions.Alarm, live, over []subscriptions.Incident) *Refusal {
	agency := s.draft.Agency
	var own, untold []subscriptions.ServiceID
	for _, id := range a.Services {
		if svc, ok := n.Service(id); !ok || svc.Retired || svc.Agency != agency {
			continue
		}
		own = append(own, id)
		at := slices.IndexFunc(live, func(i subscriptions.Incident) bool {
			state, ok := i.Service(id)
			return ok && state.Failing
		})
		switch {
		case at < 0:
			untold = append(untold, id)
		case live[at].FirstNotice == 0 && len(scopeOf(n, live[at], agency)) > 0:
			s.incident = live[at].ID
		}
	}
	switch {
	case len(own) == 0:
		s.draft.Agency = ""
		return no(4, "pass it to whose it is", "nobody complains of a service of %s", agency)
	case s.incident != 0 && len(untold) == 0:
		return nil
	case len(untold) == 0:
		s.draft.Agency = ""
		return no(4, "publish an update there", "%s is told by an incident already", join(own))
	}
	suspected := a.Platform
	if p, ok := n.Platform(suspected); !ok || p.Operator == agency {
		suspected = ""
	}
	s.incident = 0
	for _, i := range live {
		claims := suspected != "" && slices.Contains(i.Platforms(), suspected)
		if claims || suspected != "" && slices.ContainsFunc(i.Claims, func(c subscriptions.Claim) bool { return c.EndedAt.IsZero() && c.Suspected == suspected }) {
			s.incident = i.ID
			s.join = &JoinInput{Incident: i.ID, Agency: agency, Services: untold, Suspected: suspected, Since: sinceOf(a)}
			return nil
		}
	}
	if i, ok := stillFails(over, agency, untold); ok {
		s.incident = i.ID
		s.join = &JoinInput{Incident: i.ID, Agency: agency, Services: untold, Since: sinceOf(a)}
		return nil
	}
	s.open = &OpenInput{Agency: agency, Services: untold, Suspected: suspected, Since: sinceOf(a), SinceApprox: true}
	return nil
}

// rehearse plans and words a speech on an incident that does not exist yet.
func (d *Desk) rehearse(ctx context.Context, s speech, author subscriptions.OfficerID, now time.Time) (Preview, error) {
	n := subscriptions.Notice{Incident: s.incident, Kind: s.draft.Kind, Agency: s.draft.Agency, State: subscriptions.Draft, Slots: typed(s.draft.Slots), Author: author}
	look, err := d.look(ctx, n, now)
	if err != nil {
		return Preview{}, err
	}
	if look.incident, err = s.imagine(look, now); err != nil {
		return Preview{}, err
	}
	n.Incident, n.Round = look.incident.ID, look.incident.Round
	look.heard(look.told)
	return d.previewIn(ctx, look, n)
}

// imagine is the incident as the speech would leave it.
func (s speech) imagine(look situation, now time.Time) (subscriptions.Incident, error) {
	i := clone(look.incident)
	switch {
	case s.open != nil:
		c := s.open.claim(s.open.Agency, now)
		i, r := newIncident(look.nation, c, *s.open, now)
		if r != nil {
			return i, r
		}
		i.ID = unstored
		return i, nil
	case s.join != nil:
		c := claimInput{s.join.Agency, s.join.Platforms, s.join.Services, s.join.Impact, s.join.Suspected, s.join.Since, false}
		if r := c.check(look.nation, now); r != nil {
			return i, r
		}
		_, r := c.joinTo(look.nation, &i, *s.join, now)
		if r != nil {
			return i, r
		}
	}
	return i, nil
}
