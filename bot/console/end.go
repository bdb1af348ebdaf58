package console

import (
	"context"
	"strings"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// endView is the form of an end: what works again, and the three questions.
type endView struct {
	Live
	Way       string // restore, release or resolve
	Speakers  []subscriptions.AgencyID
	Agency    subscriptions.AgencyID
	Platforms []subscriptions.PlatformID // that the agency claims
	Services  []subscriptions.ServiceID  // that it may speak of
	Quiet     bool                       // nobody was told, so nobody is
	Preview   *previewView
}

func (a *ask) ending() (desk.RestoreInput, endView, error) {
	i, err := a.incident()
	if err != nil {
		return desk.RestoreInput{}, endView{}, err
	}
	v := endView{Live: a.live(i), Speakers: a.speaks(i), Agency: a.speaker(i), Quiet: i.FirstNotice == 0,
		Way: a.route.path[strings.LastIndex(a.route.path, "/")+1:]}
	for _, c := range i.Claims {
		if c.Agency == v.Agency && c.EndedAt.IsZero() && c.Platform != "" {
			v.Platforms = append(v.Platforms, c.Platform)
		}
	}
	for _, s := range i.Services {
		svc, _ := a.nation.Service(s.Service)
		if s.Failing && s.Confirmed && (svc.Agency == v.Agency || claims(i, v.Agency, s)) {
			v.Services = append(v.Services, s.Service)
		}
	}
	slots, err := a.slots()
	in := desk.RestoreInput{Incident: i.ID, Agency: v.Agency, Cause: slots.Cause, Free: slots.Free, NextUpdate: slots.NextUpdate,
		Landed: slots.Landed, PayAgain: slots.PayAgain, Moved: slots.Moved, DropFree: a.dropped(), Request: a.request()}
	if a.Val("whole") != "1" { // only some of it comes back
		in.Platforms, in.Services = slots.Platforms, slots.Services
	}
	return in, v, err
}

func showRestore(a *ask) error {
	if err := a.look(); err != nil {
		return err
	}
	if a.r.Method == "GET" && !a.back && !a.values.Has("whole") {
		a.values.Set("whole", "1")
	}
	in, v, err := a.ending()
	if err != nil && refused(err) == nil {
		return err
	}
	if err := a.writes(v.Speakers...); err != nil {
		return err
	}
	var p desk.Preview
	if err == nil && !v.Quiet {
		p, err = a.c.Desk.PreviewDraft(a.ctx, a.actor, desk.DraftInput{Incident: in.Incident, Kind: subscriptions.Restored, Agency: in.Agency, Slots: subscriptions.Slots{
			Platforms: in.Platforms, Services: in.Services, Landed: in.Landed, PayAgain: in.PayAgain, Moved: in.Moved, Cause: in.Cause, Free: in.Free, NextUpdate: in.NextUpdate,
		}}, a.now)
	}
	if v.Preview, err = a.previewOf(p, err); err != nil {
		return err
	}
	v.Preview.Drafts, v.Preview.Verb = false, "Say that it works again"
	if v.Quiet {
		v.Preview.Verb = "Close it: nobody was told"
	}
	return a.render(a.status(), "restore", "Restored: "+a.What(v.Incident), v)
}

// end is one of the desk's ways to say that something works again.
type end func(d *desk.Desk, ctx context.Context, a desk.Actor, in desk.RestoreInput, now time.Time) (desk.Outcome, error)

func (a *ask) end(do end) (string, error) {
	in, v, err := a.ending()
	if err != nil {
		return "", err
	}
	if v.Quiet && v.Way == "restore" {
		do = (*desk.Desk).Resolve
	}
	if a.Val("whole") != "1" && len(in.Platforms)+len(in.Services) == 0 && v.Way == "restore" && !v.Quiet {
		return "", input("it is not said what works again", "choose everything, or platforms or services")
	}
	return a.published(do(a.c.Desk, a.ctx, a.actor, in, a.now))
}

func doRestore(a *ask) (string, error) { return a.end((*desk.Desk).Restore) }
func doRelease(a *ask) (string, error) { return a.end((*desk.Desk).Release) }
func doResolve(a *ask) (string, error) { return a.end((*desk.Desk).Resolve) }

// answerView is the form of the answers that an end promised.
type answerView struct {
	Live
	Speakers []subscriptions.AgencyID
	Agency   subscriptions.AgencyID
	Preview  *previewView
}

func (a *ask) answering() (desk.AnswerInput, answerView, error) {
	i, err := a.incident()
	if err != nil {
		return desk.AnswerInput{}, answerView{}, err
	}
	v := answerView{Live: a.live(i), Speakers: a.speaks(i), Agency: a.speaker(i)}
	in := desk.AnswerInput{Incident: i.ID, Agency: v.Agency, Free: a.free(), DropFree: a.dropped(), Request: a.request()}
	in.Landed, in.PayAgain, in.Moved, err = a.answers()
	return in, v, err
}

func showAnswer(a *ask) error {
	if err := a.look(); err != nil {
		return err
	}
	in, v, err := a.answering()
	if err != nil && refused(err) == nil {
		return err
	}
	if err := a.writes(v.Speakers...); err != nil {
		return err
	}
	var p desk.Preview
	if err == nil {
		p, err = a.c.Desk.PreviewAnswer(a.ctx, a.actor, in, a.now)
	}
	if v.Preview, err = a.previewOf(p, err); err != nil {
		return err
	}
	v.Preview.Drafts, v.Preview.Verb = false, "Give these answers"
	return a.render(a.status(), "answer", "Answers: "+a.What(v.Incident), v)
}

func doAnswer(a *ask) (string, error) {
	in, _, err := a.answering()
	if err != nil {
		return "", err
	}
	return a.published(a.c.Desk.Answer(a.ctx, a.actor, in, a.now))
}
