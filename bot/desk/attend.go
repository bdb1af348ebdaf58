package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"arifa/subscriptions"
)

// quietAfter is how long nothing must be heard of a trouble before its alarm is
// closed by itself. Who complained cannot complain again within the hour: as long as
// no officer has answered, that they are silent says nothing, and the head is called.
func quietAfter(a subscriptions.Alarm) time.Duration {
	if len(a.Answers) == 0 {
		return subscriptions.ReportEvery + subscriptions.StillFor
	}
	return subscriptions.StillFor
}

// leastKnown is how many who are known to us must report before anything is shown
// to the public as unofficial.
const leastKnown = 5

// attend does what is due for one live alarm.
func (d *Desk) attend(ctx context.Context, e subscriptions.Evidence, a subscriptions.Alarm, now time.Time) error {
	if i, ok := toldBy(e.Incidents, a); ok {
		return d.spoken(ctx, a, i, now)
	}
	if quiet := quietAfter(a); now.Sub(lastHeard(e, a)) >= quiet && now.Sub(a.OpenedAt) >= quiet {
		return d.close(ctx, a, "it went quiet by itself", now)
	}
	if a.State == subscriptions.AlarmWatching {
		if now.Before(a.Until) {
			return d.unofficial(ctx, a, now)
		}
		a.State, a.Until, a.AskedAt = subscriptions.AlarmOpen, time.Time{}, now
	}
	a, err := d.callNext(ctx, e.Nation, a, now)
	if err != nil {
		return err
	}
	return d.unofficial(ctx, a, now)
}

// toldBy finds the live incident that says what an alarm is about: one that names its
// platform, or all of its services.
func toldBy(incidents []subscriptions.Incident, a subscriptions.Alarm) (subscriptions.Incident, bool) {
	rest := a.Services
	for _, i := range incidents {
		if i.State.Over() || i.FirstNotice == 0 || i.State == subscriptions.Scheduled {
			continue
		}
		if a.Platform != "" && slices.Contains(i.Platforms(), a.Platform) {
			return i, true
		}
		before := len(rest)
		rest = slices.DeleteFunc(slices.Clone(rest), func(id subscriptions.ServiceID) bool {
			s, ok := i.Service(id)
			return ok && s.Failing
		})
		if before > 0 && len(rest) == 0 {
			return i, true
		}
	}
	return subscriptions.Incident{}, false
}

// spoken ends an alarm whose trouble has been told.
func (d *Desk) spoken(ctx context.Context, a subscriptions.Alarm, i subscriptions.Incident, now time.Time) error {
	a.State, a.EndedAt, a.Incident = subscriptions.AlarmSpoken, now, i.ID
	return d.end(ctx, a, "told by "+subjectOf("incident", i.ID), now)
}

func (d *Desk) close(ctx context.Context, a subscriptions.Alarm, why string, now time.Time) error {
	a.State, a.EndedAt = subscriptions.AlarmClosed, now
	return d.end(ctx, a, why, now)
}

// end stores an alarm that is over, with the word to all who were called for it.
func (d *Desk) end(ctx context.Context, a subscriptions.Alarm, why string, now time.Time) error {
	over, err := d.overFor(ctx, a, 0, now)
	if err != nil {
		return err
	}
	if _, err := d.Store.PutAlarm(ctx, a, byProgram(ActAlarmEnd, a, why, now), rows(over)...); err != nil {
		return err
	}
	d.called(over)
	return nil
}

// overFor tells everybody who was called for an alarm, but one, that it is over.
func (d *Desk) overFor(ctx context.Context, a subscriptions.Alarm, except subscriptions.OfficerID, now time.Time) ([]summoned, error) {
	var to []subscriptions.OfficerID
	for _, c := range a.Calls {
		if c.Officer != except && c.Officer != 0 {
			to = add(to, c.Officer)
		}
	}
	if len(to) == 0 {
		return nil, nil
	}
	all, err := d.Store.Officers(ctx)
	if err != nil {
		return nil, err
	}
	return []summoned{summonOf(all, Event{Kind: EventAlarmOver, Agency: a.Agency, Alarm: a.ID, Incident: a.Incident, Platform: a.Platform, Services: a.Services, At: now}, to)}, nil
}

// lastHeard is when somebody last reported what the alarm is about; a machine that
// fires is heard now.
func lastHeard(e subscriptions.Evidence, a subscriptions.Alarm) time.Time {
	about := a.Services
	if a.Platform != "" {
		about = reachOf(e.Nation, a.Platform)
	}
	for _, s := range e.Signals {
		if s.Firing && (s.Platform == a.Platform || slices.Contains(a.Also, s.Platform)) {
			return e.Now
		}
	}
	last := a.Since
	for _, m := range e.Marks {
		if m.Kind == subscriptions.MarkReport && m.At.After(last) && slices.Contains(about, m.Service) {
			last = m.At
		}
	}
	return last
}

// unofficial lets pages and answers say that many report it, where the operator of
// the deployment wants that and people who are known to us do.
func (d *Desk) unofficial(ctx context.Context, a subscriptions.Alarm, now time.Time) error {
	after := d.Config.UnofficialAfter
	switch {
	case after <= 0 || !a.Unofficial.IsZero() || !a.Live() || len(a.Services) == 0 || a.Known < leastKnown,
		now.Sub(a.OpenedAt) < after:
		return nil
	}
	a.Unofficial = now
	_, err := d.Store.PutAlarm(ctx, a, byProgram(ActAlarmUnofficial, a, "pages and answers say that many report it; no word of an officer", now))
	return err
}

// callNext calls whoever is due: the duty officer at once, the next person, the
// agency's head; and everybody again while nobody answers.
func (d *Desk) callNext(ctx context.Context, n *subscriptions.Nation, a subscriptions.Alarm, now time.Time) (subscriptions.Alarm, error) {
	step, due := stepDue(a, now)
	if !due {
		return a, nil
	}
	all, err := d.Store.Officers(ctx)
	if err != nil {
		return a, err
	}
	to := whomToCall(all, a, step, now.In(n.Location()))
	kind := EventAlarm
	if len(a.Calls) > 0 && (step == subscriptions.StepAgain || slices.ContainsFunc(to, func(id subscriptions.OfficerID) bool { return wasCalled(a, id) })) {
		kind = EventAlarmAgain
	}
	for _, id := range to {
		a.Calls = append(a.Calls, subscriptions.AlarmCall{Officer: id, Agency: a.Agency, Step: step, At: now})
	}
	if len(to) == 0 { // the step is noted, so that the next one comes in its time
		a.Calls = append(a.Calls, subscriptions.AlarmCall{Agency: a.Agency, Step: step, At: now})
	}
	s := summonOf(all, Event{Kind: kind, Agency: a.Agency, Alarm: a.ID, Step: step, Platform: a.Platform, Services: a.Services, Since: a.Since, At: now}, to)
	a, err = d.Store.PutAlarm(ctx, a, byProgram(ActAlarmCall, a, fmt.Sprintf("%s: %s called", step, count(len(to), "officer")), now), s.store)
	if err != nil {
		return a, err
	}
	if len(to) == 0 {
		d.Log.Error("an alarm wakes nobody: the agency has no officer who acts, and the deployment no admin", "alarm", int64(a.ID), "agency", string(a.Agency))
	}
	d.called([]summoned{s})
	return a, nil
}

// stepDue says which step of the clock is due: pure.
func stepDue(a subscriptions.Alarm, now time.Time) (subscriptions.AlarmStep, bool) {
	done := map[subscriptions.AlarmStep]bool{}
	last := time.Time{}
	for _, c := range a.Calls {
		if c.Agency == a.Agency && !c.At.Before(a.AskedAt) {
			done[c.Step], last = true, c.At
		}
	}
	waited := now.Sub(a.AskedAt)
	switch {
	case !done[subscriptions.StepDuty]:
		return subscriptions.StepDuty, true
	case waited >= subscriptions.HeadAfter && !done[subscriptions.StepHead]:
		return subscriptions.StepHead, true
	case waited >= subscriptions.NextAfter && !done[subscriptions.StepNext] && !done[subscriptions.StepHead]:
		return subscriptions.StepNext, true
	case done[subscriptions.StepHead] && now.Sub(last) >= subscriptions.AgainAfter:
		return subscriptions.StepAgain, true
	}
	return "", false
}

func wasCalled(a subscriptions.Alarm, id subscriptions.OfficerID) bool {
	return slices.ContainsFunc(a.Calls, func(c subscriptions.AlarmCall) bool { return c.Officer == id })
}

// whomToCall chooses the officers of a step: pure. Who can publish goes before who
// can only approve. An agency without anybody who acts leaves it to the admins.
func whomToCall(all []subscriptions.Officer, a subscriptions.Alarm, step subscriptions.AlarmStep, local time.Time) (to []subscriptions.OfficerID) {
	var duty, others, heads, admins []subscriptions.OfficerID
	for _, authors := range []bool{true, false} {
		for _, o := range all {
			if !o.Active() || o.Has(subscriptions.Author, a.Agency) != authors || !slices.Contains(o.SpeaksFor(), a.Agency) {
				continue
			}
			onDuty := slices.ContainsFunc(o.Duty, func(t subscriptions.Duty) bool { return t.Agency == a.Agency && t.On(local) })
			switch {
			case onDuty:
				duty = append(duty, o.ID)
			case !slices.Contains(o.Heads, a.Agency):
				others = append(others, o.ID)
			}
			if slices.Contains(o.Heads, a.Agency) {
				heads = append(heads, o.ID)
			}
		}
	}
	everybody := slices.Concat(duty, others, minus(heads, duty))
	if len(everybody) == 0 {
		for _, o := range all {
			if o.Has(subscriptions.Admin, "") {
				admins = append(admins, o.ID)
			}
		}
		return admins
	}
	switch step {
	case subscriptions.StepDuty:
		if len(duty) > 0 {
			return duty[:1]
		}
		if len(others) > 0 { // there is no duty list for this hour
			return others
		}
		return heads
	case subscriptions.StepNext:
		for _, id := range slices.Concat(duty, others) {
			if !calledNow(a, id) {
				return []subscriptions.OfficerID{id}
			}
		}
		return slices.Concat(duty, others)
	case subscriptions.StepHead:
		if len(heads) > 0 {
			return heads
		}
	}
	return everybody
}

// calledNow reports whether an officer was called since the agency was asked.
func calledNow(a subscriptions.Alarm, id subscriptions.OfficerID) bool {
	return slices.ContainsFunc(a.Calls, func(c subscriptions.AlarmCall) bool { return c.Officer == id && !c.At.Before(a.AskedAt) })
}
