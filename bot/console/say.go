package console

import (
	"net/http"
	"slices"

	"arifa/bot/desk"
	"arifa/bot/web"
	"arifa/subscriptions"
)

// sayView is the form of a notice in an incident.
type sayView struct {
	Live
	Kind     subscriptions.Kind
	Speakers []subscriptions.AgencyID
	Agency   subscriptions.AgencyID
	Services []subscriptions.ServiceID // that the agency may speak of
	Ways     []subscriptions.Alternative
	Open     []subscriptions.AlternativeID
	States   []subscriptions.IncidentState
	Notice   *subscriptions.Notice // that is changed; nil = a new one
	Preview  *previewView
}

// sayKinds are the kinds of this form; an end and a correction have their own.
var sayKinds = []subscriptions.Kind{subscriptions.Outage, subscriptions.Update, subscriptions.AlternativeNotice, subscriptions.Maintenance}

func (a *ask) saying() (desk.DraftInput, sayView, error) {
	i, err := a.incident()
	if err != nil {
		return desk.DraftInput{}, sayView{}, err
	}
	kind := subscriptions.Kind(a.Val("kind"))
	if !slices.Contains(sayKinds, kind) {
		kind = firstKind(i)
	}
	return a.sayIn(i, kind)
}

// firstKind is what an incident waits for: its first word, or more.
func firstKind(i subscriptions.Incident) subscriptions.Kind {
	switch {
	case i.FirstNotice != 0:
		return subscriptions.Update
	case i.Maintenance:
		return subscriptions.Maintenance
	}
	return subscriptions.Outage
}

func (a *ask) sayIn(i subscriptions.Incident, kind subscriptions.Kind) (desk.DraftInput, sayView, error) {
	v := sayView{Live: a.live(i), Kind: kind, Speakers: a.speaks(i), Agency: a.speaker(i), States: nextStates(i)}
	for _, s := range i.Services {
		svc, _ := a.nation.Service(s.Service)
		if s.Failing && s.Confirmed && (svc.Agency == v.Agency || claims(i, v.Agency, s)) {
			v.Services = append(v.Services, s.Service)
		}
	}
	v.Ways = a.ways(v.Agency, v.Services)
	for _, w := range i.Ways {
		if w.EndedAt.IsZero() {
			v.Open = append(v.Open, w.Alternative)
		}
	}
	slots, err := a.slots()
	return desk.DraftInput{Incident: i.ID, Kind: kind, Agency: v.Agency, Slots: slots, Request: a.request()}, v, err
}

// claims reports whether an agency has said that a service, or what it hangs on, is
// broken.
func claims(i subscriptions.Incident, g subscriptions.AgencyID, s subscriptions.ServiceState) bool {
	return slices.ContainsFunc(i.Claims, func(c subscriptions.Claim) bool {
		return c.Agency == g && c.EndedAt.IsZero() && (c.Service == s.Service || c.Platform != "" && slices.Contains(s.Via, c.Platform))
	})
}

// ways are the alternatives of an agency that hang on these services.
func (a *ask) ways(g subscriptions.AgencyID, services []subscriptions.ServiceID) []subscriptions.Alternative {
	var out []subscriptions.Alternative
	for _, w := range a.nation.Alternatives {
		hangs := slices.ContainsFunc(services, func(id subscriptions.ServiceID) bool {
			s, _ := a.nation.Service(id)
			return slices.Contains(s.Alternatives, w.ID)
		})
		if w.Agency == g && !w.Retired && hangs {
			out = append(out, w)
		}
	}
	return out
}

func showSay(a *ask) error {
	if err := a.look(); err != nil {
		return err
	}
	draft, v, err := a.saying()
	if err != nil && refused(err) == nil {
		return err
	}
	if err := a.writes(v.Speakers...); err != nil {
		return err
	}
	return a.showWords(v, draft, err)
}

// writes refuses the form of what the officer may not write: of none of these
// agencies.
func (a *ask) writes(agencies ...subscriptions.AgencyID) error {
	if slices.ContainsFunc(agencies, a.author) {
		return nil
	}
	return web.Refuse(http.StatusForbidden, "This is for an author of an agency that has a part in it.")
}

// showWords renders the form of a notice with its preview.
func (a *ask) showWords(v sayView, draft desk.DraftInput, err error) error {
	var p desk.Preview
	if err == nil {
		p, err = a.c.Desk.PreviewDraft(a.ctx, a.actor, draft, a.now)
	}
	if v.Preview, err = a.previewOf(p, err); err != nil {
		return err
	}
	title := a.KindName(v.Kind) + ": " + a.What(v.Incident)
	return a.render(a.status(), "say", title, v)
}

func doSay(a *ask) (string, error) {
	draft, _, err := a.saying()
	if err != nil {
		return "", err
	}
	return a.sayDraft(draft)
}

// showEdit opens a draft, or what was given back, for another try.
func showEdit(a *ask) error {
	if err := a.look(); err != nil {
		return err
	}
	n, err := a.notice()
	if err != nil {
		return err
	}
	if err := a.writes(n.Agency); err != nil {
		return err
	}
	if a.r.Method == "GET" && !a.back {
		a.values = a.typed(n)
	}
	draft, v, err := a.editing(n)
	if err != nil && refused(err) == nil {
		return err
	}
	v.Notice = &n
	return a.showWords(v, draft, err)
}

func (a *ask) editing(n subscriptions.Notice) (desk.DraftInput, sayView, error) {
	i := subscriptions.Incident{Owner: n.Agency}
	if n.Incident != 0 {
		var err error
		if i, err = a.c.Desk.Incident(a.ctx, n.Incident); err != nil {
			return desk.DraftInput{}, sayView{}, err
		}
	}
	a.values.Set("agency", string(n.Agency)) // whose words they are does not change
	draft, v, err := a.sayIn(i, n.Kind)
	draft.Corrects = n.Corrects
	v.Speakers = nil
	return draft, v, err
}

func doEdit(a *ask) (string, error) {
	n, err := a.notice()
	if err != nil {
		return "", err
	}
	draft, _, err := a.editing(n)
	if err != nil {
		return "", err
	}
	// A form that is sent again finds it submitted or published already.
	if n.State == subscriptions.Draft || n.State == subscriptions.Returned {
		if n, err = a.c.Desk.Edit(a.ctx, a.actor, n.ID, draft.Slots, a.now); err != nil {
			return "", err
		}
	}
	switch a.Val("do") {
	case "draft":
		return a.noticePath(n) + "?done=drafted", nil
	case "submit", "submit-without":
		n, err = a.c.Desk.Submit(a.ctx, a.actor, n.ID, desk.SubmitInput{DropFree: a.dropped(), Request: a.request()}, a.now)
		return a.noticePath(n) + "?done=submitted", err
	}
	return a.published(a.c.Desk.Publish(a.ctx, a.actor, desk.PublishInput{Notice: n.ID, DropFree: a.dropped(), Request: a.request()}, a.now))
}
