package talk

import (
	"context"
	"fmt"

	"arifa/subscriptions"
)

// boardAlarm is a wake-up with its ready draft, as everybody in the room may answer
// it who may speak for the agency.
func (u *turn) boardAlarm(ctx context.Context, c subscriptions.Call, f facts) (p roomPage, over bool, err error) {
	var id int64
	if _, err := fmt.Sscanf(c.About, "alarm %d", &id); err != nil {
		return p, true, ErrOver
	}
	d, err := u.Desk.ShowAlarm(ctx, subscriptions.AlarmID(id), u.now)
	if err != nil {
		return p, false, err
	}
	a := d.Alarm
	p.page = u.alarmPage(d)
	p.rows = nil
	switch {
	case !a.Live():
		p.lines = p.lines[:len(p.lines)-1]
		p.lines = append(p.lines, ended(a))
		return p, true, nil
	case !a.AskedAt.Equal(f.Asked):
		p.lines = append(p.lines[:1], "It was passed on: "+u.agency(a.Agency)+" is asked now.")
		return p, true, nil
	}
	p.title = fmt.Sprintf("Wake-up: many report trouble since %s: %s", u.clock(a.Since), u.subject(a.Platform, a.Services))
	p.lines = append(p.lines, u.agency(a.Agency)+" is asked.")
	if d.Refused == nil {
		p.row(startButton{"Publish …", Start{Do: "publish", Alarm: a.ID}})
	}
	p.row(startButton{"Not us …", Start{Do: "not-us", Alarm: a.ID}}, startButton{"Watching", Start{Do: "watching", Alarm: a.ID}}, startButton{"Open it", Start{Do: "alarm", Alarm: a.ID}})
	return p, false, nil
}

// ended says how an alarm came to its end.
func ended(a subscriptions.Alarm) string {
	if a.Incident == 0 {
		return "It is over; nobody had to speak."
	}
	return fmt.Sprintf("It was told: incident %d.", a.Incident)
}
