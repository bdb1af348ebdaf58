package desk_test

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// lead does what an "@" line says of citizens and machines; false = it is none.
func (r *room) lead(verb string, words []string) ([]string, bool) {
	r.Helper()
	num := func(k int) int {
		n, err := strconv.Atoi(words[k])
		r.must(err)
		return n
	}
	switch verb {
	case "report": // so many known people, in turn about these services
		var of []subscriptions.ServiceID
		for _, w := range words[1:] {
			of = append(of, subscriptions.ServiceID(w))
		}
		r.fails(num(0), of...)
	case "watch":
		r.watch()
	case "duty":
		r.duty(r.officer(words[0]), subscriptions.AgencyID(words[1]))
	case "machine":
		_, _, err := r.desk.Signal(ctx, subscriptions.Signal{Platform: subscriptions.PlatformID(words[0]), Source: "Alertmanager", Key: "pay", Summary: "payments are slow", Firing: words[1] == "fails"}, r.now)
		r.must(err)
	case "monitors":
		r.monitors(r.officer(words[0]), subscriptions.IncidentID(num(1)))
	case "answers": // so many of those who are asked say that it works, and so many that it does not
		r.answers(num(0), num(1))
	case "tells": // an alarm, on the command line
		_, err := r.desk.AnswerAlarm(ctx, r.officer(words[0]).actor, desk.AnswerAlarmInput{Alarm: subscriptions.AlarmID(num(1)), Says: subscriptions.SaysPublish}, r.now)
		r.must(err)
	case "alarms":
		return r.alarmList(), true
	case "skips": // so many people
		r.must(r.desk.Skipped(ctx, num(0), r.now))
	case "halts":
		r.must(r.desk.LaneHalted(ctx, subscriptions.LaneID(words[0]), strings.Join(words[1:], " "), r.now))
	case "loses":
		ch, err := r.store.SaveRecipient(ctx, subscriptions.Recipient{Lane: subscriptions.LaneID(words[0]), Address: subscriptions.AddressOf("C0LOST"), Kind: subscriptions.Channel, Title: words[1], CreatedAt: r.now})
		r.must(err)
		r.must(r.desk.ChannelLost(ctx, ch.ID, strings.Join(words[2:], " "), r.now))
	default:
		return nil, false
	}
	return nil, true
}

func (r *room) monitors(p person, id subscriptions.IncidentID) {
	r.Helper()
	_, err := r.publish(p, desk.DraftInput{Incident: id, Kind: subscriptions.Update, Slots: subscriptions.Slots{State: subscriptions.Monitoring}})
	r.must(err)
}

func (r *room) answers(works, fails int) {
	r.Helper()
	due, err := r.store.DueSamples(ctx, lane, works+fails, r.now)
	r.must(err)
	if len(due) != works+fails {
		r.Fatalf("%d people are asked, want %d", len(due), works+fails)
	}
	for k, s := range due {
		r.must(r.store.AskedSample(ctx, s, r.now))
		s.Works, s.AnsweredAt = k < works, r.now
		if !s.Works {
			s.Tried = subscriptions.TriedMpesaApp
		}
		r.must(r.store.AnswerSample(ctx, s, r.now))
	}
}

// alarmList is what is stored of alarms.
func (r *room) alarmList() []string {
	r.Helper()
	all, err := r.store.Alarms(ctx, r.now.Add(-24*time.Hour))
	r.must(err)
	out := []string{}
	for _, a := range all {
		s := fmt.Sprintf("= alarm %d about %s%v: %s, %s is asked", a.ID, a.Platform, a.Services, a.State, a.Agency)
		if a.Incident != 0 {
			s += fmt.Sprintf(", incident %d", a.Incident)
		}
		for _, x := range a.Answers {
			s += fmt.Sprintf("; %s: %s %s", x.Agency, x.Says, x.Whose)
		}
		out = append(out, s)
	}
	return out
}
