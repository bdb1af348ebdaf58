package console

import (
	"fmt"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// alarmView is an alarm with the words that are ready for it.
type alarmView struct {
	desk.AlarmDraft
	Preview *previewView
	Answers bool // the officer may answer for an agency that it concerns
}

// alarms lists those that concern the officer and that nobody has answered.
func (a *ask) alarms() ([]desk.AlarmView, error) {
	all, err := a.c.Desk.Alarms(a.ctx, a.actor, a.now)
	var live []desk.AlarmView
	for _, v := range all {
		if v.Alarm.Live() {
			live = append(live, v)
		}
	}
	return live, err
}

func showAlarm(a *ask) error {
	id, err := a.number("id")
	if err != nil {
		return err
	}
	d, err := a.c.Desk.AlarmDraft(a.ctx, a.actor, subscriptions.AlarmID(id), a.now)
	if err == nil && d.Alarm.Live() && d.For != "" {
		_, err = a.c.Desk.SeenAlarm(a.ctx, a.actor, subscriptions.AlarmID(id), a.now)
	}
	if r := refused(err); r != nil {
		return refusalPage(r)
	}
	if err != nil {
		return err
	}
	v := alarmView{AlarmDraft: d, Answers: d.Alarm.Live() && d.For != ""}
	if v.Preview, err = a.previewOf(d.Preview, nil); err != nil {
		return err
	}
	if d.Refused != nil {
		v.Preview.Refused = d.Refused
	}
	return a.render(a.status(), "alarm", "Alarm: "+a.AlarmWhat(d.Alarm), v)
}

// doAlarm is one tap: the ready words go out, or it is passed on, or it rests for
// half an hour.
func doAlarm(a *ask) (string, error) {
	id, err := a.number("id")
	if err != nil {
		return "", err
	}
	next, err := a.next()
	if err != nil {
		return "", err
	}
	out, err := a.c.Desk.AnswerAlarm(a.ctx, a.actor, desk.AnswerAlarmInput{Alarm: subscriptions.AlarmID(id), Says: subscriptions.AlarmSays(a.Val("says")),
		Agency: subscriptions.AgencyID(a.Val("agency")), Whose: subscriptions.AgencyID(a.Val("whose")), NextUpdate: next, Request: a.request()}, a.now)
	switch {
	case err != nil:
		return "", err
	case out.Outcome.Notice.ID != 0:
		return a.published(out.Outcome, nil)
	case out.Alarm.State == subscriptions.AlarmWatching:
		return fmt.Sprintf("%s/alarms/%d?done=watching", Base, id), nil
	case out.Passed != "":
		return Base + "/?done=passed", nil
	}
	return Base + "/?done=not-us", nil
}

// AlarmWhat names what an alarm is about.
func (a *ask) AlarmWhat(x subscriptions.Alarm) string {
	if x.Platform != "" {
		return a.Platform(x.Platform)
	}
	text := ""
	for k, id := range x.Services {
		if k > 2 {
			return text + ", …"
		}
		if k > 0 {
			text += ", "
		}
		text += a.Service(id)
	}
	return text
}

// Reports says what citizens report: "412 reports since 05:50, mostly M-PESA app".
func (a *ask) Reports(s subscriptions.ReportSummary) string {
	if s.Reports == 0 {
		return "No reports"
	}
	text := a.Count(s.Reports, "report") + " since " + a.When(s.First)
	if t := s.Mostly(); t != subscriptions.TriedUnsaid && a.c.Say != nil {
		text += ", mostly " + a.c.Say("tried."+string(t))
	}
	return text
}
