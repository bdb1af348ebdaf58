package talk

import (
	"context"
	"fmt"
	"strings"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// alarmEvent is a wake-up: many complain and nobody has spoken. Its title alone says
// of what, also where the chat is locked: it is what citizens say aloud.
func (u *turn) alarmEvent(ctx context.Context, e desk.Event) (p page, title string, err error) {
	title = fmt.Sprintf("Wake-up: many report trouble since %s: %s", u.clock(e.Since), u.subject(e.Platform, e.Services))
	if e.Kind == desk.EventAlarmAgain {
		title = "Again. " + title
	}
	if u.lock != desk.Unlocked {
		p.work = work{Agency: e.Agency, Alarm: e.Alarm, Tell: u.tell(e)}
		p.was = alarmed(subscriptions.Alarm{ID: e.Alarm, State: subscriptions.AlarmOpen, Agency: e.Agency, Platform: e.Platform})
		p.rows = alarmRows(true)
		return p, title, nil
	}
	draft, err := u.Desk.AlarmDraft(ctx, u.actor, e.Alarm, u.now)
	if err != nil {
		return p, title, err
	}
	if !draft.Alarm.Live() {
		return p, title, ErrOver
	}
	p = u.alarmPage(draft)
	p.title = title
	return p, title, nil
}

// subject names what an alarm is about.
func (u *turn) subject(p subscriptions.PlatformID, services []subscriptions.ServiceID) string {
	if p != "" {
		return u.platform(p)
	}
	return u.names(services, 2)
}

// tell says what a locked chat's digits would publish.
func (u *turn) tell(e desk.Event) string {
	return fmt.Sprintf("%s, since about %s; the cause is not known; the next word in two hours", u.subject(e.Platform, e.Services), u.clock(e.Since))
}

func alarmed(a subscriptions.Alarm) was {
	return was{Alarm: a.ID, Alarmed: string(a.Agency) + "/" + string(a.Platform)}
}

// alarmRows are the answers; only who is asked says that it is not theirs, or that
// they look into it.
func alarmRows(asked bool) [][]button {
	rows := [][]button{{{"Publish …", "alarm-publish", ""}}}
	if asked {
		rows = append(rows, []button{{"Not us …", "alarm-not-us", ""}, {"Watching", "alarm-watch", ""}})
	}
	return rows
}

// alarmPage shows an alarm with the draft that is ready.
func (u *turn) alarmPage(d desk.AlarmDraft) page {
	a := d.Alarm
	p := page{title: "Alarm: " + u.subject(a.Platform, a.Services), was: alarmed(a), work: work{Agency: d.For, Alarm: a.ID}}
	p.lines = append(p.lines, u.reported(d.Reported))
	for _, s := range d.Signals {
		p.lines = append(p.lines, fmt.Sprintf("A machine says so since %s: %s", u.clock(s.Since), clip(s.Source+", "+s.Summary, 120)))
	}
	for _, x := range a.Answers {
		p.lines = append(p.lines, fmt.Sprintf("%s said at %s: %s.", u.agency(x.Agency), u.clock(x.At), strings.ReplaceAll(string(x.Says), "-", " ")))
	}
	switch {
	case !a.Live():
		p.lines = append(p.lines, "It is over.")
		p.rows = u.back(a.Incident)
		return p
	case d.Refused != nil:
		p.lines = append(p.lines, "You cannot publish it: "+u.refused(d.Refused).lines[0])
		if d.Refused.Do != "" {
			p.lines = append(p.lines, "What to do: "+d.Refused.Do+".")
		}
		p.rows = alarmRows(d.For == a.Agency)[1:]
	default:
		p.lines = append(p.lines, "Nobody has spoken. Ready to go out:")
		for _, l := range u.nation.Languages {
			p.lines = append(p.lines, "“"+d.Preview.Notice.Sheet.Words[l].Title+"”")
		}
		p.lines = append(p.lines, u.reach(d.Preview))
		p.rows = alarmRows(d.For == a.Agency)
	}
	if a.Live() && d.For != a.Agency {
		p.lines = append(p.lines, u.agency(a.Agency)+" is asked; you can speak for your own services.")
	}
	p.rows = append(p.rows, u.back(0)...)
	return p
}

// reported says what citizens report: "412 reports since 05:50, mostly M-PESA app."
func (u *turn) reported(s subscriptions.ReportSummary) string {
	if s.Reports == 0 {
		return "No reports."
	}
	text := fmt.Sprintf("%s since %s", count(s.Reports, "report"), u.clock(s.First))
	if t := s.Mostly(); t != subscriptions.TriedUnsaid {
		text += ", mostly " + u.Speaker.T(english, "tried."+string(t), nil)
	}
	return text + "."
}

// alarm opens one; who else was called sees that somebody looks.
func (u *turn) alarm(ctx context.Context, w work, arg string) ([]page, error) {
	if arg != "" {
		_, _ = fmt.Sscan(arg, &w.Alarm)
	}
	if _, err := u.Desk.SeenAlarm(ctx, u.actor, w.Alarm, u.now); err != nil {
		return nil, err
	}
	d, err := u.Desk.AlarmDraft(ctx, u.actor, w.Alarm, u.now)
	if err != nil {
		return nil, err
	}
	return one(u.alarmPage(d)), nil
}

// alarmPublish is the one tap: it shows the words to be confirmed. Where the chat was
// locked the digits that have just opened it are the confirmation.
func (u *turn) alarmPublish(ctx context.Context, w work, arg string) ([]page, error) {
	if u.proved {
		return u.act(ctx, verb{deed: true, run: (*turn).alarmSay}, arg)
	}
	return u.alarmWords(ctx, w, arg)
}

// alarmWords shows the draft in every language, with whom it reaches.
func (u *turn) alarmWords(ctx context.Context, w work, _ string) ([]page, error) {
	if _, err := u.Desk.SeenAlarm(ctx, u.actor, w.Alarm, u.now); err != nil {
		return nil, err
	}
	d, err := u.Desk.AlarmDraft(ctx, u.actor, w.Alarm, u.now)
	if err != nil {
		return nil, err
	}
	if d.Refused != nil {
		return nil, d.Refused
	}
	pages := u.previewPages(d.Preview, "Publish this?")
	p := &pages[len(pages)-1]
	p.was, p.work = alarmed(d.Alarm), work{Agency: d.Agency, Alarm: w.Alarm}
	p.rows = append([][]button{{{"Yes, publish now", "alarm-say", ""}}}, append(alarmRows(d.For == d.Alarm.Agency)[1:], u.back(0)...)...)
	return pages, nil
}

func (u *turn) alarmSay(ctx context.Context, w work, _ string) ([]page, error) {
	out, err := u.Desk.AnswerAlarm(ctx, u.actor, desk.AnswerAlarmInput{Alarm: w.Alarm, Agency: w.Agency, Says: subscriptions.SaysPublish, Request: u.request()}, u.now)
	return u.outcome(ctx)(out.Outcome, err)
}

// alarmNotUs asks whose it is: the likeliest first.
func (u *turn) alarmNotUs(ctx context.Context, w work, _ string) ([]page, error) {
	v, err := u.Desk.Alarm(ctx, u.actor, w.Alarm, u.now)
	if err != nil {
		return nil, err
	}
	if !v.Alarm.Live() {
		return u.alarm(ctx, w, "")
	}
	p := page{title: "Whose is it?", lines: []string{"They are called at once."}, was: alarmed(v.Alarm), work: w}
	for _, a := range v.Whose[:min(len(v.Whose), 8)] {
		p.rows = append(p.rows, []button{{u.agency(a), "alarm-pass", string(a)}})
	}
	p.rows = append(p.rows, []button{{"I do not know", "alarm-pass", ""}})
	p.rows = append(p.rows, u.back(0)...)
	return one(p), nil
}

func (u *turn) alarmPass(ctx context.Context, w work, arg string) ([]page, error) {
	out, err := u.Desk.AnswerAlarm(ctx, u.actor, desk.AnswerAlarmInput{Alarm: w.Alarm, Agency: w.Agency, Says: subscriptions.SaysNotUs, Whose: subscriptions.AgencyID(arg), Request: u.request()}, u.now)
	if err != nil {
		return nil, err
	}
	line := "Nobody else is left to ask: the alarm is closed."
	if out.Passed != "" {
		line = u.agency(out.Passed) + " is asked now."
	}
	return one(page{title: "Not yours", lines: []string{line}, rows: u.back(0)}), nil
}

func (u *turn) alarmWatch(ctx context.Context, w work, _ string) ([]page, error) {
	out, err := u.Desk.AnswerAlarm(ctx, u.actor, desk.AnswerAlarmInput{Alarm: w.Alarm, Agency: w.Agency, Says: subscriptions.SaysWatching, Request: u.request()}, u.now)
	if err != nil {
		return nil, err
	}
	return one(page{title: "You look into it", was: alarmed(out.Alarm), work: w,
		lines: []string{"Where it goes on and nobody has spoken by " + u.clock(out.Alarm.Until) + ", you are asked again."},
		rows:  append([][]button{{{"Publish …", "alarm-publish", ""}}}, u.back(0)...)}), nil
}

// homeAlarms lists what nobody has spoken about.
func (u *turn) homeAlarms(ctx context.Context, p *page) error {
	all, err := u.Desk.Alarms(ctx, u.actor, u.now)
	for _, v := range all {
		if v.Alarm.Live() && len(p.rows) < 4 {
			what := u.subject(v.Alarm.Platform, v.Alarm.Services)
			p.lines = append(p.lines, "Nobody has spoken about "+what+": "+u.reported(v.Reported))
			p.rows = append(p.rows, []button{{"Alarm: " + what, "alarm", fmt.Sprint(v.Alarm.ID)}})
		}
	}
	return err
}
