package console

import (
	"fmt"
	"slices"
	"strings"

	"arifa/bot/desk"
	"arifa/bot/web"
	"arifa/subscriptions"
)

// chooseView asks what is broken.
type chooseView struct {
	Query     string
	Planned   bool
	Platforms []subscriptions.Platform
	Agencies  []ownServices
	Hits      []Found
	Searched  bool
}

type ownServices struct {
	Agency   subscriptions.AgencyID
	Services []subscriptions.Service
}

// showChoose lists what the officer's agencies run and answer for; she taps one.
func showChoose(a *ask) error {
	v := chooseView{Query: strings.TrimSpace(a.Val("q")), Planned: a.Val("planned") != ""}
	for _, p := range a.nation.Platforms {
		if !p.Retired && a.author(p.Operator) {
			v.Platforms = append(v.Platforms, p)
		}
	}
	for _, g := range a.own() {
		o := ownServices{Agency: g}
		for _, s := range a.nation.Services {
			if s.Agency == g && !s.Retired {
				o.Services = append(o.Services, s)
			}
		}
		if len(o.Services) > 0 {
			v.Agencies = append(v.Agencies, o)
		}
	}
	if v.Query != "" && a.c.Search != nil {
		v.Searched = true
		for _, h := range a.c.Search(v.Query, 20) {
			s, _ := a.nation.Service(h.Service)
			p, _ := a.nation.Platform(h.Platform)
			if h.Service != "" && a.author(s.Agency) || h.Platform != "" && a.author(p.Operator) {
				v.Hits = append(v.Hits, h)
			}
		}
	}
	return a.render(a.status(), "choose", "What is broken?", v)
}

// openView is the form of a first word.
type openView struct {
	Platform  subscriptions.PlatformID
	Service   subscriptions.ServiceID
	Agency    subscriptions.AgencyID
	Name      string
	Planned   bool
	Suspects  []subscriptions.PlatformID // of other bodies, that may be named
	Platforms []subscriptions.Platform   // more of the same agency
	Services  []subscriptions.Service
	Ways      []subscriptions.AlternativeID
	Preview   *previewView
}

// opening is what the form says: a trouble, or planned work, and its first notice.
func (a *ask) opening() (desk.OpenInput, desk.DraftInput, openView, error) {
	v := openView{Planned: a.Val("planned") != ""}
	in := desk.OpenInput{Platforms: list[subscriptions.PlatformID](a, "platforms"), Services: list[subscriptions.ServiceID](a, "services"),
		Impact: subscriptions.Impact(a.Val("impact")), Suspected: subscriptions.PlatformID(a.Val("suspected")), Maintenance: v.Planned}
	id := a.r.PathValue("id")
	p, isPlatform := a.nation.Platform(subscriptions.PlatformID(id))
	s, isService := a.nation.Service(subscriptions.ServiceID(id))
	switch what := a.r.PathValue("what"); {
	case what == "platform" && isPlatform && !p.Retired:
		v.Platform, v.Agency, v.Name = p.ID, p.Operator, a.text(p.Name)
		in.Platforms = append([]subscriptions.PlatformID{p.ID}, slices.DeleteFunc(in.Platforms, func(x subscriptions.PlatformID) bool { return x == p.ID })...)
	case what == "service" && isService && !s.Retired:
		v.Service, v.Agency, v.Name = s.ID, s.Agency, a.text(s.Name)
		in.Services = append([]subscriptions.ServiceID{s.ID}, slices.DeleteFunc(in.Services, func(x subscriptions.ServiceID) bool { return x == s.ID })...)
	default:
		return in, desk.DraftInput{}, v, web.NotFound()
	}
	in.Agency = v.Agency
	a.more(&v, s)
	slots, err := a.slots()
	in.Since, in.SinceApprox, in.StartsAt, in.EndsAt = slots.Since, slots.SinceApprox, slots.StartsAt, slots.EndsAt
	slots.Services, slots.Platforms = nil, nil
	kind := subscriptions.Outage
	if v.Planned {
		kind = subscriptions.Maintenance
	}
	return in, desk.DraftInput{Kind: kind, Agency: v.Agency, Slots: slots}, v, err
}

// more lists what else of the same agency may be named.
func (a *ask) more(v *openView, s subscriptions.Service) {
	for _, p := range a.nation.Platforms {
		switch {
		case p.Retired:
		case p.Operator == v.Agency && p.ID != v.Platform:
			v.Platforms = append(v.Platforms, p)
		case v.Service != "" && p.Operator != v.Agency && slices.Contains(s.DependsOn, p.ID):
			v.Suspects = append(v.Suspects, p.ID)
		}
	}
	for _, x := range a.nation.Services {
		if x.Agency == v.Agency && !x.Retired && x.ID != v.Service {
			v.Services = append(v.Services, x)
		}
	}
}

func showOpen(a *ask) error {
	if err := a.look(); err != nil {
		return err
	}
	open, draft, v, err := a.opening()
	if err := a.writes(v.Agency); v.Agency != "" && err != nil {
		return err
	}
	if r := refused(err); err != nil && r == nil {
		return err
	} else if r != nil {
		v.Preview = &previewView{Refused: r}
	} else {
		if v.Preview, err = a.previewOf(a.c.Desk.PreviewOpen(a.ctx, a.actor, open, draft, a.now)); err != nil {
			return err
		}
	}
	v.Preview.Drafts = true
	title := "Not working: " + v.Name
	if v.Planned {
		title = "Planned work: " + v.Name
	}
	return a.render(a.status(), "open", title, v)
}

// doOpen opens the incident and says its first word. The words are made before
// anything is stored, so that what is refused leaves no incident behind.
func doOpen(a *ask) (string, error) {
	in, draft, _, err := a.opening()
	if err != nil {
		return "", err
	}
	in.Request, draft.Request = a.request(), a.request()
	if err := a.sayable(in, draft); err != nil {
		return "", err
	}
	i, err := a.c.Desk.Open(a.ctx, a.actor, in, a.now)
	if err != nil {
		return "", err
	}
	draft.Incident = i.ID
	to, err := a.sayDraft(draft)
	if refused(err) != nil { // somebody was quicker: it is open, and what is left to say is said there
		return fmt.Sprintf("%s/incidents/%d?done=opened", Base, i.ID), nil
	}
	return to, err
}

// sayable asks for the words first. What an earlier form with this key has opened
// is in nobody's way.
func (a *ask) sayable(in desk.OpenInput, draft desk.DraftInput) error {
	if _, done, err := a.c.Desk.Opened(a.ctx, a.actor, in, a.now); err != nil || done {
		return err
	}
	if a.dropped() {
		draft.Slots.Free = nil
	}
	p, err := a.c.Desk.PreviewOpen(a.ctx, a.actor, in, draft, a.now)
	switch {
	case err != nil:
		return err
	case len(p.Findings) > 0:
		return &desk.Refusal{Rule: 5, Why: "the free text holds what no citizen may read", Do: "publish without this line, or mend it", Findings: p.Findings}
	case len(p.TwoOfficers) > 0 && strings.HasPrefix(a.Val("do"), "publish"):
		return &desk.Refusal{Rule: 4, Why: "two officers are needed: " + strings.Join(p.TwoOfficers, "; "), Do: "submit it for a second officer, or publish without this line"}
	}
	return nil
}

// sayDraft publishes a draft, submits it or keeps it, as the button says.
func (a *ask) sayDraft(draft desk.DraftInput) (string, error) {
	switch a.Val("do") {
	case "draft":
		n, err := a.c.Desk.Draft(a.ctx, a.actor, draft, a.now)
		return a.noticePath(n) + "?done=drafted", err
	case "submit", "submit-without":
		n, err := a.c.Desk.Draft(a.ctx, a.actor, draft, a.now)
		if err == nil {
			n, err = a.c.Desk.Submit(a.ctx, a.actor, n.ID, desk.SubmitInput{DropFree: a.dropped(), Request: a.request()}, a.now)
		}
		return a.noticePath(n) + "?done=submitted", err
	}
	return a.published(a.c.Desk.Publish(a.ctx, a.actor, desk.PublishInput{Draft: &draft, DropFree: a.dropped(), Request: a.request()}, a.now))
}
