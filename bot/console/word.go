package console

import (
	"strconv"

	"arifa/bot/desk"
	"arifa/bot/web"
	"arifa/subscriptions"
)

// wordView is the form of what belongs to no state: an advisory, or a correction of
// our own notice or of what others spread. Both are always two officers'.
type wordView struct {
	Kind     subscriptions.Kind
	Notice   *subscriptions.Notice // that is corrected
	Incident *subscriptions.Incident
	Agencies []subscriptions.AgencyID
	Agency   subscriptions.AgencyID
	Services []subscriptions.ServiceID
	Preview  *previewView
}

func (a *ask) word() (desk.DraftInput, wordView, error) {
	v := wordView{Kind: subscriptions.Advisory, Agencies: a.own(), Agency: subscriptions.AgencyID(a.Val("agency"))}
	in := desk.DraftInput{Request: a.request()}
	if a.Val("kind") == string(subscriptions.Correction) {
		v.Kind = subscriptions.Correction
	}
	for name, into := range map[string]func(id int64) error{
		"notice": func(id int64) error {
			n, err := a.c.Desk.NoticeByID(a.ctx, subscriptions.NoticeID(id))
			v.Notice, v.Kind, v.Agency, in.Corrects, in.Incident = &n, subscriptions.Correction, n.Agency, n.ID, n.Incident
			return err
		},
		"incident": func(id int64) error {
			i, err := a.c.Desk.Incident(a.ctx, subscriptions.IncidentID(id))
			v.Incident, in.Incident = &i, i.ID
			return err
		},
	} {
		text := a.Val(name)
		if text == "" {
			continue
		}
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil || id <= 0 {
			return in, v, web.NotFound()
		}
		if err := into(id); err != nil {
			return in, v, err
		}
	}
	if v.Agency == "" && len(v.Agencies) > 0 {
		v.Agency = v.Agencies[0]
	}
	for _, s := range a.nation.Services {
		if s.Agency == v.Agency && !s.Retired {
			v.Services = append(v.Services, s.ID)
		}
	}
	slots, err := a.slots()
	in.Kind, in.Agency, in.Slots = v.Kind, v.Agency, slots
	if v.Kind == subscriptions.Advisory {
		in.Slots.False = ""
	}
	return in, v, err
}

func showWord(a *ask) error {
	if err := a.look(); err != nil {
		return err
	}
	in, v, err := a.word()
	if err != nil && refused(err) == nil {
		return err
	}
	if err := a.writes(v.Agency); err != nil {
		return err
	}
	var p desk.Preview
	if err == nil {
		p, err = a.c.Desk.PreviewDraft(a.ctx, a.actor, in, a.now)
	}
	if v.Preview, err = a.previewOf(p, err); err != nil {
		return err
	}
	v.Preview.Drafts, v.Preview.Two = false, true
	title := "Advisory"
	switch {
	case v.Notice != nil:
		title = "Correct notice " + a.NoticeName(*v.Notice)
	case v.Kind == subscriptions.Correction:
		title = "Something false is going round"
	}
	return a.render(a.status(), "word", title, v)
}

func doWord(a *ask) (string, error) {
	in, v, err := a.word()
	if err != nil {
		return "", err
	}
	var n subscriptions.Notice
	if v.Kind == subscriptions.Correction {
		n, err = a.c.Desk.Correct(a.ctx, a.actor, desk.CorrectInput{Notice: in.Corrects, Incident: in.Incident, Agency: v.Agency, Services: in.Slots.Services,
			False: in.Slots.False, Free: in.Slots.Free, DropFree: a.dropped(), Request: in.Request}, a.now)
	} else if n, err = a.c.Desk.Draft(a.ctx, a.actor, in, a.now); err == nil {
		n, err = a.c.Desk.Submit(a.ctx, a.actor, n.ID, desk.SubmitInput{DropFree: a.dropped(), Request: in.Request}, a.now)
	}
	if err != nil {
		return "", err
	}
	return a.noticePath(n) + "?done=submitted", nil
}
