package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"arifa/subscriptions"
)

// AnswerAlarmInput is an officer's answer to an alarm.
type AnswerAlarmInput struct {
	Alarm subscriptions.AlarmID
	Says  subscriptions.AlarmSays
	// Agency for which the officer answers; empty = the one that is asked, or the
	// officer's that it concerns.
	Agency subscriptions.AgencyID
	// Whose it is, of "not us"; empty = who is next asked by the program (see
	// AlarmView.Whose).
	Whose      subscriptions.AgencyID
	NextUpdate time.Time // of "publish"; zero = in two hours
	Request    string    // idempotency key; empty = one word of an agency for an alarm
}

// Answered is what an answer led to.
type Answered struct {
	Alarm subscriptions.Alarm
	// Outcome of "publish": the incident and its notice.
	Outcome Outcome
	// Passed is who is asked now, of "not us"; empty = nobody else is left.
	Passed subscriptions.AgencyID
}

// AnswerAlarm is the officer's word on an alarm. Publish opens the incident, or joins
// the one that is live, and publishes its first notice in one deed under rule 4: an
// agency whose platform it is not speaks for its own services and names the platform
// as suspected. Not us passes the alarm on. Watching lets it rest for half an hour.
func (d *Desk) AnswerAlarm(ctx context.Context, a Actor, in AnswerAlarmInput, now time.Time) (Answered, error) {
	w := deed{actor: a, act: ActAlarmAnswer, subject: subjectOf("alarm", in.Alarm), asked: askedOf(in), now: cut(now)}
	if in.Says == subscriptions.SaysPublish {
		w.act = ActAlarmPublish
	}
	out, err := d.answerAlarm(ctx, &w, in)
	return out, d.settle(ctx, w, err)
}

func (d *Desk) answerAlarm(ctx context.Context, w *deed, in AnswerAlarmInput) (Answered, error) {
	alarm, err := d.alarmFor(ctx, w, in.Alarm)
	if err != nil {
		return Answered{Alarm: alarm}, err
	}
	if in.Agency != "" {
		w.agency = in.Agency
	}
	if r := May(w.actor.Officer, w.act, w.agency); r != nil {
		return Answered{Alarm: alarm}, r
	}
	if !slices.Contains(concerned(d.Config.Nation(), alarm), w.agency) {
		return Answered{Alarm: alarm}, no(4, "an officer of "+string(alarm.Agency)+" is asked", "the alarm is not about %s's services or platforms", w.agency)
	}
	switch in.Says {
	case subscriptions.SaysPublish:
		return d.publishAlarm(ctx, w, alarm, in)
	case subscriptions.SaysNotUs:
		return d.notUs(ctx, w, in)
	case subscriptions.SaysWatching:
		return d.watching(ctx, w, in)
	}
	return Answered{Alarm: alarm}, no(0, "say publish, not-us or watching", "%q is no answer", in.Says)
}

// asksUs refuses an answer of an agency that is not asked now, or to what is over.
func (w *deed) asksUs(a subscriptions.Alarm) *Refusal {
	switch {
	case !a.Live():
		return tooLate(a)
	case a.Agency != w.agency:
		return no(4, "publish for your own services, or leave it to them", "%s is asked now, not %s", a.Agency, w.agency)
	}
	return nil
}

func tooLate(a subscriptions.Alarm) *Refusal {
	if a.State == subscriptions.AlarmSpoken {
		return no(2, "look at "+subjectOf("incident", a.Incident), "the word has been said")
	}
	return no(2, "open an incident if it fails", "the alarm was closed at %s", a.EndedAt.Format("15:04 UTC"))
}

func (d *Desk) watching(ctx context.Context, w *deed, in AnswerAlarmInput) (Answered, error) {
	alarm, err := d.changeAlarm(ctx, w, in.Alarm, func(a *subscriptions.Alarm) (string, *Refusal) {
		if r := w.asksUs(*a); r != nil {
			return "", r
		}
		a.State, a.Until = subscriptions.AlarmWatching, w.now.Add(subscriptions.WatchFor)
		a.Answers = append(a.Answers, subscriptions.AlarmAnswer{Officer: w.actor.Officer.ID, Agency: w.agency, Says: in.Says, At: w.now})
		return "watching until " + a.Until.Format("15:04 UTC"), nil
	})
	return Answered{Alarm: alarm}, err
}

// notUs passes the alarm to whose it is. Who has said so before is not asked again.
func (d *Desk) notUs(ctx context.Context, w *deed, in AnswerAlarmInput) (Answered, error) {
	n := d.Config.Nation()
	passed := subscriptions.AgencyID("")
	alarm, err := d.changeAlarm(ctx, w, in.Alarm, func(a *subscriptions.Alarm) (string, *Refusal) {
		if r := w.asksUs(*a); r != nil {
			return "", r
		}
		if passed = in.Whose; passed == "" {
			if others := whoseElse(n, *a); len(others) > 0 {
				passed = others[0]
			}
		}
		if r := mayPass(n, *a, passed, w.agency); r != nil {
			return "", r
		}
		a.Answers = append(a.Answers, subscriptions.AlarmAnswer{Officer: w.actor.Officer.ID, Agency: w.agency, Says: in.Says, Whose: in.Whose, At: w.now})
		if passed == "" {
			a.State, a.EndedAt = subscriptions.AlarmClosed, w.now
			return "not us; nobody else is left to ask", nil
		}
		a.State, a.Until, a.Agency, a.AskedAt, a.Asked = subscriptions.AlarmOpen, time.Time{}, passed, w.now, add(a.Asked, passed)
		return "not us; " + string(passed) + " is asked", nil
	})
	return Answered{Alarm: alarm, Passed: passed}, err // the next look calls them
}

func mayPass(n *subscriptions.Nation, a subscriptions.Alarm, to, from subscriptions.AgencyID) *Refusal {
	if to == "" {
		return nil
	}
	of, ok := n.Agency(to)
	switch {
	case !ok || of.Retired:
		return no(0, "look the agency up in the catalogue", "there is no agency %q", to)
	case to == from:
		return no(0, "name another agency, or publish", "%s says that it is not theirs", to)
	case slices.ContainsFunc(a.Answers, func(x subscriptions.AlarmAnswer) bool {
		return x.Agency == to && x.Says == subscriptions.SaysNotUs
	}):
		return no(0, "name another agency, or say that you watch it", "%s has said that it is not theirs", to)
	}
	return nil
}

// publishAlarm speaks: what is to be said is tried first, so that a refusal leaves no
// incident behind without a word.
func (d *Desk) publishAlarm(ctx context.Context, w *deed, alarm subscriptions.Alarm, in AnswerAlarmInput) (Answered, error) {
	out := Answered{Alarm: alarm}
	request := in.Request
	if request == "" {
		request = subjectOf("alarm", in.Alarm) + "/" + string(w.agency)
	}
	if done, ok, err := d.saidBefore(ctx, w, request); err != nil || ok {
		out.Outcome = done
		return out, err
	}
	if !alarm.Live() {
		return out, tooLate(alarm)
	}
	s, r := d.speechFor(ctx, alarm, w.agency, in.NextUpdate, w.now)
	if r != nil {
		return out, r
	}
	if _, err := d.rehearse(ctx, s, w.actor.Officer.ID, w.now); err != nil {
		return out, err
	}
	i, err := d.openSpeech(ctx, w, s, request)
	if err != nil {
		return out, err
	}
	s.draft.Incident = i.ID
	if out.Outcome, err = d.Publish(ctx, w.actor, PublishInput{Draft: &s.draft, Request: request + ":notice"}, w.now); err != nil {
		return out, err
	}
	out.Alarm, err = d.answeredBy(ctx, w, in.Alarm, out.Outcome.Incident)
	return out, err
}

// saidBefore answers a repeated request with what the first one led to.
func (d *Desk) saidBefore(ctx context.Context, w *deed, request string) (Outcome, bool, error) {
	c, ok, err := d.seen(ctx, &deed{}, w.actor.request("publish", request+":notice"))
	if err != nil || !ok || len(c.Notices) == 0 {
		return Outcome{}, false, err
	}
	n, err := d.Store.Notice(ctx, c.Notices[0].ID)
	if err != nil {
		return Outcome{}, false, err
	}
	out, err := d.repeated(ctx, n)
	return out, true, err
}

func (d *Desk) openSpeech(ctx context.Context, w *deed, s speech, request string) (subscriptions.Incident, error) {
	switch {
	case s.open != nil:
		s.open.Request = request + ":open"
		return d.Open(ctx, w.actor, *s.open, w.now)
	case s.join != nil:
		s.join.Request = request + ":join"
		return d.Join(ctx, w.actor, *s.join, w.now)
	}
	return d.Store.Incident(ctx, s.incident)
}

// answeredBy notes the word on the alarm. It ends with it where its platform, or
// everything that people complain of, is told by now; else its operator is still
// asked for the rest.
func (d *Desk) answeredBy(ctx context.Context, w *deed, id subscriptions.AlarmID, i subscriptions.Incident) (subscriptions.Alarm, error) {
	n := d.Config.Nation()
	live, err := d.Store.Incidents(ctx, w.now)
	if err != nil {
		return subscriptions.Alarm{}, err
	}
	alarm, err := d.changeAlarm(ctx, w, id, func(a *subscriptions.Alarm) (string, *Refusal) {
		if slices.ContainsFunc(a.Answers, func(x subscriptions.AlarmAnswer) bool {
			return x.Agency == w.agency && x.Says == subscriptions.SaysPublish
		}) {
			return "", nil
		}
		a.Answers = append(a.Answers, subscriptions.AlarmAnswer{Officer: w.actor.Officer.ID, Agency: w.agency, Says: subscriptions.SaysPublish, At: w.now})
		if a.Incident == 0 {
			a.Incident = i.ID
		}
		if _, told := toldBy(live, *a); told && a.Live() {
			a.State, a.EndedAt = subscriptions.AlarmSpoken, w.now
		} else if p, ok := n.Platform(a.Platform); ok && a.Live() && a.Agency != p.Operator {
			a.Agency, a.AskedAt, a.Asked = p.Operator, w.now, add(a.Asked, p.Operator)
		}
		return "published; " + subjectOf("incident", i.ID), nil
	})
	var r *Refusal
	if errors.As(err, &r) { // the word is out, whatever became of the alarm meanwhile
		d.Log.Warn("the answer was not noted on the alarm; the next look does", "alarm", int64(id), "error", err)
		err = nil
	}
	return alarm, err
}
