package desk_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// The record of a day: who was first, who was called and looked, what was promised and
// kept, what else was told, how far it came; and nobody's name.
func TestTheRecordOfAnIncident(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.duty(r.ecAuthor, "ecitizen")
	r.ready(r.kraAuthor, "alt-bank-or-pdq", "kra-pay-tax")
	r.follow(20, "kra-pay-tax")
	six := r.now
	at := func(d time.Duration) { r.now = six.Add(d) }
	_, _, err := r.desk.Signal(ctx, subscriptions.Signal{Platform: "ecitizen-payments", Source: "Alertmanager", Key: "pay", Firing: true, Since: six}, r.now)
	r.must(err)
	at(time.Minute)
	r.fails(12, "kws-nairobi-np", "kra-pay-tax", "passport-new", "business-name")
	at(2 * time.Minute)
	r.watch() // the duty officer
	a := r.alarm()
	at(18 * time.Minute)
	r.watch() // the next one
	at(19 * time.Minute)
	_, err = r.desk.SeenAlarm(ctx, r.ecApprover.actor, a.ID, r.now)
	r.must(err)
	at(20 * time.Minute)
	out, err := r.desk.AnswerAlarm(ctx, r.ecAuthor.actor, desk.AnswerAlarmInput{Alarm: a.ID, Says: subscriptions.SaysPublish}, r.now)
	r.must(err)
	id := out.Outcome.Incident.ID
	r.deliver(100)
	at(2 * time.Hour) // the promise is kept, and the next one is not
	_, err = r.desk.NoChange(ctx, r.ecAuthor.actor, desk.NoChangeInput{Incident: id}, r.now)
	r.must(err)
	at(4*time.Hour + 10*time.Minute)
	_, err = r.desk.NoChange(ctx, r.ecAuthor.actor, desk.NoChangeInput{Incident: id}, r.now)
	r.must(err)
	at(5 * time.Hour)
	_, err = r.desk.Activate(ctx, r.kraAuthor.actor, desk.ActivateInput{Incident: id, Alternative: "alt-bank-or-pdq"}, r.now)
	r.must(err)
	at(6 * time.Hour)
	false1, err := r.desk.Correct(ctx, r.ecAuthor.actor, desk.CorrectInput{Incident: id, False: subscriptions.FalseNumber}, r.now)
	r.must(err)
	r.pass(time.Minute)
	_, err = r.desk.Approve(ctx, r.ecApprover.actor, desk.ApproveInput{Notice: false1.ID, Hash: false1.Hash, Code: r.code(r.ecApprover)}, r.now)
	r.must(err)
	at(8 * time.Hour)
	no := subscriptions.Answer{Value: "no"}
	_, err = r.desk.Restore(ctx, r.ecAuthor.actor, desk.RestoreInput{Incident: id, Landed: subscriptions.Answer{By: r.now.Add(2 * time.Hour)}, PayAgain: no, Moved: no}, r.now)
	r.must(err)
	r.deliver(100)
	at(8*time.Hour + time.Minute)
	r.watch()
	r.answers(6, 2)
	at(12 * time.Hour)

	rec, err := r.desk.IncidentRecord(ctx, id)
	r.must(err)
	for _, c := range []struct {
		line      string
		got, want any
	}{
		{"first signal", rec.FirstSignal, six},
		{"first report", rec.FirstReport, six.Add(time.Minute + 5*time.Second)},
		{"first word", rec.FirstWord, six.Add(20 * time.Minute)},
		{"silence", *rec.Silence, subscriptions.Seconds(20 * 60)},
		{"reports", rec.Reports.Reports, 12},
		{"wake-ups", fmt.Sprint(wakeUps(rec)), "[ecitizen duty 1 ecitizen next 1]"},
		{"who looked", rec.WakeUps[1].Seen, six.Add(19 * time.Minute)},
		{"answers", fmt.Sprintf("%d %s %s", len(rec.Answers), rec.Answers[0].Agency, rec.Answers[0].Says), "1 ecitizen publish"},
		{"promises", fmt.Sprint(promises(rec)), "[0103-1 kept 0103-2 late 0103-3 kept 0103-4 late 0103-6 answers open]"},
		{"alternatives", fmt.Sprintf("%d %s %v %v", len(rec.Alternatives), rec.Alternatives[0].Alternative, rec.Alternatives[0].Services, rec.Alternatives[0].From.Sub(six)), "1 alt-bank-or-pdq [kra-pay-tax] 5h0m0s"},
		{"the way ends with the incident", rec.Alternatives[0].To, six.Add(8 * time.Hour)},
		{"correction by two", fmt.Sprintf("%s %d %s", rec.Notices[4].Kind, rec.Notices[4].Officers, rec.Notices[4].False), "correction 2 number"},
		{"ended", rec.Ended, six.Add(8 * time.Hour)},
		{"sample", rec.Samples, []subscriptions.RecordSample{{Round: 1, Asked: 8, Answers: 8, Works: 6}}},
		{"reach", rec.Reach, []subscriptions.RecordReach{{Lane: lane, Sent: 40}}},
	} {
		if fmt.Sprint(c.got) != fmt.Sprint(c.want) {
			t.Errorf("%s: got %v, want %v", c.line, c.got, c.want)
		}
	}
	var what []subscriptions.MomentKind
	for k, m := range rec.Timeline {
		if k > 0 && m.At.Before(rec.Timeline[k-1].At) {
			t.Errorf("moment %d goes back in time: %+v", k, m)
		}
		what = append(what, m.What)
	}
	for _, want := range []subscriptions.MomentKind{subscriptions.MomentReport, subscriptions.MomentSignal, subscriptions.MomentWake, subscriptions.MomentSeen, subscriptions.MomentAnswer,
		subscriptions.MomentFirstWord, subscriptions.MomentMissed, subscriptions.MomentAlternative, subscriptions.MomentWayEnds, subscriptions.MomentEnded} {
		if !slices.Contains(what, want) {
			t.Errorf("the timeline %v lacks %q", what, want)
		}
	}
	// It can be signed: no person is in it, and it says the same when it is asked for again.
	text, err := json.Marshal(rec)
	r.must(err)
	for name := range r.people {
		if strings.Contains(string(text), name) {
			t.Errorf("the record names %s: %s", name, text)
		}
	}
	for _, person := range []string{"telegram:1/", "1000", "address", "subscriber", "officer_id"} {
		if strings.Contains(string(text), person) {
			t.Errorf("the record holds %q: %s", person, text)
		}
	}
	r.pass(30 * 24 * time.Hour)
	again, err := r.desk.IncidentRecord(ctx, id)
	r.must(err)
	if later, err := json.Marshal(again); err != nil || string(later) != string(text) {
		t.Errorf("a month later it says (%v)\n%s\nand not\n%s", err, later, text)
	}
}

func wakeUps(rec subscriptions.Record) (out []any) {
	for _, w := range rec.WakeUps {
		out = append(out, w.Agency, w.Step, w.Officers)
	}
	return out
}

func promises(rec subscriptions.Record) (out []string) {
	for _, p := range rec.Promises {
		s := p.Notice.Short()
		if p.Answers {
			s += " answers"
		}
		out = append(out, s+" "+string(p.State))
	}
	return out
}
