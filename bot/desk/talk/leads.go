package talk

import (
	"context"
	"fmt"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// alarmOver tells who was called that they need not get up any more.
func (u *turn) alarmOver(e desk.Event) (p page, title string, err error) {
	what := u.subject(e.Platform, e.Services)
	p.title, p.lines = "No longer needed: "+what, []string{"It went quiet, or it is nobody's."}
	if e.Incident != 0 {
		p.lines = []string{fmt.Sprintf("It was told: incident %d.", e.Incident)}
	}
	p.rows = u.back(e.Incident)
	return p, "The wake-up is over.", nil
}

// recovered asks whether it is restored: machines say so, or nobody reports any
// more. Only an officer says that it works.
func (u *turn) recovered(ctx context.Context, e desk.Event, i subscriptions.Incident, p page) (page, string, error) {
	if i.State.Over() {
		return p, "", ErrOver
	}
	p.title = "Is it restored?"
	why := "Nobody has reported trouble for half an hour."
	if e.Platform != "" {
		why = "Machines say that " + u.platform(e.Platform) + " works."
	}
	p.lines = append(p.lines, why, u.reportedOf(ctx, i))
	p.rows = append([][]button{{{"It works again …", "restore", ""}}, {{"No change, next update +2 h", "no-change", ""}}}, u.back(i.ID)...)
	return p, "Is something restored?", nil
}

// sampleLow reopens the question: people who were asked say that it does not work.
// Nothing happens by itself.
func (u *turn) sampleLow(ctx context.Context, e desk.Event, i subscriptions.Incident, p page) (page, string, error) {
	if i.Round != e.Round && e.Round != 0 {
		return p, "", ErrOver
	}
	p.title = fmt.Sprintf("Only %d %% of those who were asked say that it works", int(e.Works*100))
	p.lines = append(p.lines, "It fails for some with: "+u.names(e.Services, 6)+".", u.sampleOf(ctx, i))
	switch i.State {
	case subscriptions.Resolved, subscriptions.Completed:
		p.rows = append(p.rows, []button{{"It fails again …", "sure", "reopen"}})
	case subscriptions.Monitoring, subscriptions.Verifying:
		p.rows = append(p.rows, []button{{"It works all the same …", "restore", ""}}, []button{{"Still failing here …", "hold", ""}}, []button{{"Back: it is still being repaired", "back", ""}})
	}
	p.rows = append(p.rows, u.back(i.ID)...)
	return p, "People who were asked say that something does not work.", nil
}

// backToWork says that what was being watched is not repaired.
func (u *turn) backToWork(ctx context.Context, w work, _ string) ([]page, error) {
	i, err := u.Desk.Incident(ctx, w.Incident)
	if err != nil {
		return nil, err
	}
	state := subscriptions.Identified
	if i.Maintenance {
		state = subscriptions.InProgress
	}
	return u.further(ctx, w, subscriptions.Slots{State: state})
}

// reportedOf counts what citizens report of an incident.
func (u *turn) reportedOf(ctx context.Context, i subscriptions.Incident) string {
	s, err := u.Desk.Reported(ctx, i, u.now)
	if err != nil {
		return "The reports cannot be read."
	}
	return u.reported(s)
}

// sampleOf says what people answered to "does it work for you now?"; empty where
// nobody was asked.
func (u *turn) sampleOf(ctx context.Context, i subscriptions.Incident) string {
	s, err := u.Desk.SampleAnswers(ctx, i.ID)
	if err != nil || s.Verdict.Asked == 0 {
		return ""
	}
	asked := fmt.Sprintf("%d people were asked whether it works", s.Verdict.Asked)
	if s.Verdict.Asked == 1 {
		asked = "One person was asked whether it works"
	}
	if s.Verdict.Answers == 0 {
		return asked + "; no answer yet."
	}
	text := fmt.Sprintf("%s; %d answered: %d %% say that it does", asked, s.Verdict.Answers, int(s.Verdict.Share()*100))
	if t := s.Verdict.Mostly; t != subscriptions.TriedUnsaid {
		text += "; it fails mostly with " + u.Speaker.T(english, "tried."+string(t), nil)
	}
	return text + "."
}

// people is what citizens say of an incident, where they say anything.
func (u *turn) people(ctx context.Context, i subscriptions.Incident) []string {
	var out []string
	if s, err := u.Desk.Reported(ctx, i, u.now); err == nil && s.Reports > 0 {
		out = append(out, "Citizens: "+u.reported(s))
	}
	if s := u.sampleOf(ctx, i); s != "" {
		out = append(out, s)
	}
	return out
}
