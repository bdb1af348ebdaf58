package desk

import (
	"context"
	"slices"
	"time"

	"arifa/subscriptions"
)

// AlarmView is an alarm as an officer is shown it: with what citizens report of it
// by now.
type AlarmView struct {
	Alarm    subscriptions.Alarm
	Reported subscriptions.ReportSummary
	Signals  []subscriptions.Signal // that fire
	// Words that people added, the newest first: for officers, never published.
	Words []string
	// For is the agency for which this officer may answer; empty = only to look at.
	For subscriptions.AgencyID
	// Whose are other bodies whose trouble it may be, the likeliest first: for "not
	// us".
	Whose []subscriptions.AgencyID
}

// mostWords is how many people's words an officer is shown.
const mostWords = 20

// alarmsBack is how long an alarm that has ended is still listed.
const alarmsBack = 24 * time.Hour

// Alarms lists the live alarms that concern the officer's agencies, and those of the
// last day; an admin sees all.
func (d *Desk) Alarms(ctx context.Context, a Actor, now time.Time) ([]AlarmView, error) {
	a, err := d.fresh(ctx, a)
	if err != nil {
		return nil, err
	}
	if !a.Officer.Active() {
		return nil, no(4, "act with your own key", "nobody is signed in")
	}
	if err := d.unlocked(ctx, a, now); err != nil {
		return nil, err
	}
	all, err := d.Store.Alarms(ctx, now.Add(-alarmsBack))
	if err != nil {
		return nil, err
	}
	var out []AlarmView
	for _, alarm := range all {
		if mayLook(d.Config.Nation(), a.Officer, alarm) {
			v, err := d.viewOf(ctx, a.Officer, alarm, now)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
	}
	return out, nil
}

// Alarm finds one that concerns the officer's agencies.
func (d *Desk) Alarm(ctx context.Context, a Actor, id subscriptions.AlarmID, now time.Time) (AlarmView, error) {
	w := deed{actor: a, act: ActAlarmSeen, subject: subjectOf("alarm", id), now: cut(now)}
	alarm, err := d.alarmFor(ctx, &w, id)
	if err != nil {
		return AlarmView{}, d.settle(ctx, w, err)
	}
	return d.viewOf(ctx, w.actor.Officer, alarm, w.now)
}

// alarmFor reads an alarm for an officer who may look at it.
func (d *Desk) alarmFor(ctx context.Context, w *deed, id subscriptions.AlarmID) (subscriptions.Alarm, error) {
	var err error
	if w.actor, err = d.fresh(ctx, w.actor); err != nil {
		return subscriptions.Alarm{}, err
	}
	if err := d.unlocked(ctx, w.actor, w.now); err != nil {
		return subscriptions.Alarm{}, err
	}
	alarm, err := d.Store.Alarm(ctx, id)
	if err != nil {
		return alarm, asRefusal(err)
	}
	w.agency = answersFor(d.Config.Nation(), w.actor.Officer, alarm)
	switch {
	case !w.actor.Officer.Active():
		_, err := signedIn(w.actor.Officer, w.actor.Via)
		if err == nil {
			err = no(4, "act with your own key", "nobody is signed in")
		}
		return alarm, err
	case !mayLook(d.Config.Nation(), w.actor.Officer, alarm):
		return alarm, no(4, "an officer of "+string(alarm.Agency)+" is asked", "the alarm is not about %s's services or platforms", ofOfficer(w.actor.Officer))
	}
	return alarm, nil
}

func ofOfficer(o subscriptions.Officer) string {
	if own := o.SpeaksFor(); len(own) > 0 {
		return join(own)
	}
	return o.Name
}

// concerned lists the agencies that an alarm is about: who is asked now, who was,
// the operators of its platforms, and those whose services people complain of.
func concerned(n *subscriptions.Nation, a subscriptions.Alarm) []subscriptions.AgencyID {
	out := []subscriptions.AgencyID{a.Agency}
	for _, id := range append([]subscriptions.PlatformID{a.Platform}, a.Also...) {
		if p, ok := n.Platform(id); ok {
			out = add(out, p.Operator)
		}
	}
	for _, id := range a.Asked {
		out = add(out, id)
	}
	for _, id := range a.Services {
		if s, ok := n.Service(id); ok {
			out = add(out, s.Agency)
		}
	}
	return out
}

func mayLook(n *subscriptions.Nation, o subscriptions.Officer, a subscriptions.Alarm) bool {
	return o.Active() && (o.Has(subscriptions.Admin, "") || answersFor(n, o, a) != "")
}

// answersFor is the agency for which the officer answers an alarm: the one that is
// asked now goes before the others that it concerns.
func answersFor(n *subscriptions.Nation, o subscriptions.Officer, a subscriptions.Alarm) subscriptions.AgencyID {
	own := o.SpeaksFor()
	for _, id := range concerned(n, a) {
		if slices.Contains(own, id) {
			return id
		}
	}
	return ""
}

func (d *Desk) viewOf(ctx context.Context, o subscriptions.Officer, a subscriptions.Alarm, now time.Time) (AlarmView, error) {
	n := d.Config.Nation()
	v := AlarmView{Alarm: a, For: answersFor(n, o, a), Whose: whoseElse(n, a)}
	until := now.Add(time.Millisecond)
	if !a.EndedAt.IsZero() {
		until = a.EndedAt
	}
	var err error
	if v.Reported, err = d.Store.Reported(ctx, aboutServices(n, a), a.Since, until); err != nil {
		return v, err
	}
	if v.Words, err = d.Store.Words(ctx, aboutServices(n, a), a.Since, mostWords); err != nil {
		return v, err
	}
	signals, err := d.Store.Signals(ctx, now)
	for _, s := range signals {
		if s.Firing && (s.Platform == a.Platform || slices.Contains(a.Also, s.Platform)) {
			v.Signals = append(v.Signals, s)
		}
	}
	return v, err
}

// aboutServices are the services whose complaints belong to an alarm.
func aboutServices(n *subscriptions.Nation, a subscriptions.Alarm) []subscriptions.ServiceID {
	if a.Platform == "" {
		return append([]subscriptions.ServiceID{}, a.Services...)
	}
	return inOrder(n, append(reachOf(n, a.Platform), a.Services...))
}

// whoseElse lists whose trouble it may be besides those who were asked: operators of
// what the platform hangs on, the agencies of the services, and the operators of
// their platforms.
func whoseElse(n *subscriptions.Nation, a subscriptions.Alarm) (out []subscriptions.AgencyID) {
	take := func(id subscriptions.AgencyID) {
		if id != "" && !slices.Contains(a.Asked, id) && id != a.Agency {
			out = add(out, id)
		}
	}
	var below func(ids []subscriptions.PlatformID)
	below = func(ids []subscriptions.PlatformID) {
		for _, id := range ids {
			p, _ := n.Platform(id)
			take(p.Operator)
			below(p.DependsOn)
		}
	}
	p, _ := n.Platform(a.Platform)
	take(p.Operator)
	below(p.DependsOn)
	for _, id := range a.Services {
		s, _ := n.Service(id)
		take(s.Agency)
	}
	for _, id := range a.Services {
		s, _ := n.Service(id)
		below(s.DependsOn)
	}
	return out
}

// SeenAlarm notes that an officer has opened an alarm: who else waits for it sees
// that somebody looks.
func (d *Desk) SeenAlarm(ctx context.Context, a Actor, id subscriptions.AlarmID, now time.Time) (subscriptions.Alarm, error) {
	w := deed{actor: a, act: ActAlarmSeen, subject: subjectOf("alarm", id), now: cut(now)}
	alarm, err := d.changeAlarm(ctx, &w, id, func(alarm *subscriptions.Alarm) (string, *Refusal) {
		seen := false
		for k, c := range alarm.Calls {
			if c.Officer == w.actor.Officer.ID && c.SeenAt.IsZero() {
				alarm.Calls[k].SeenAt, seen = w.now, true
			}
		}
		if !seen {
			return "", nil
		}
		return "seen", nil
	})
	return alarm, d.settle(ctx, w, err)
}

// changeAlarm reads an alarm, lets decide change it and stores it with the audit
// line; without a detail nothing is stored. A lost race is tried again.
//
// Where the alarm ends with it, everybody else who was called for it hears that.
func (d *Desk) changeAlarm(ctx context.Context, w *deed, id subscriptions.AlarmID, decide func(*subscriptions.Alarm) (detail string, r *Refusal)) (subscriptions.Alarm, error) {
	for try := 0; ; try++ {
		alarm, err := d.alarmFor(ctx, w, id)
		if err != nil {
			return alarm, err
		}
		live := alarm.Live()
		detail, r := decide(&alarm)
		if r != nil {
			return alarm, r
		}
		if detail == "" {
			return alarm, nil
		}
		var over []summoned
		if live && !alarm.Live() {
			if over, err = d.overFor(ctx, alarm, w.actor.Officer.ID, w.now); err != nil {
				return alarm, err
			}
		}
		stored, err := d.Store.PutAlarm(ctx, alarm, w.line(detail), rows(over)...)
		if isConflict(err) && try < 3 {
			continue
		}
		if err == nil {
			d.called(over)
		}
		return stored, asRefusal(err)
	}
}
