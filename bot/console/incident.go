package console

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

type incidentsView struct {
	All  []Live
	Days int
}

func showIncidents(a *ask) error {
	const days = 30
	all, err := a.c.Desk.Incidents(a.ctx, a.now.AddDate(0, 0, -days))
	if err != nil {
		return err
	}
	v := incidentsView{Days: days}
	for _, i := range all {
		v.All = append(v.All, a.live(i))
	}
	return a.render(a.status(), "incidents", "Incidents", v)
}

// incidentView is one incident with all that may be done about it.
type incidentView struct {
	Live
	Groups  []serviceGroup
	Notices []told
	Ready   []readyWay
	Holds   []subscriptions.ServiceID // hers that she may hold
	Held    []subscriptions.ServiceID // hers that are held
	Owed    bool                      // an end of hers has answers open
	Next    []subscriptions.IncidentState
	Joins   bool // she has something that may be added
	// Reported is what citizens say of it, Sample what they answered when they were
	// asked whether it works again.
	Reported subscriptions.ReportSummary
	Sample   desk.SampleResult
}

// serviceGroup are the services of one agency in one state.
type serviceGroup struct {
	Agency   subscriptions.AgencyID
	Impact   string
	Services []subscriptions.ServiceState
}

// told is a notice with how far it has gone.
type told struct {
	subscriptions.Notice
	Sent, All int
}

// readyWay is a ready alternative that the officer may tell now.
type readyWay struct {
	subscriptions.ReadyWay
	Services []subscriptions.ServiceID
	Open     bool // it is told already: again renews it
}

func showIncident(a *ask) error {
	i, err := a.incident()
	if err != nil {
		return err
	}
	v := incidentView{Live: a.live(i), Next: nextStates(i)}
	v.Groups = a.groups(i)
	for _, s := range i.Services {
		svc, _ := a.nation.Service(s.Service)
		switch {
		case !a.anyOf(svc.Agency) || i.State.Over():
		case held(i, s.Service, svc.Agency):
			v.Held = append(v.Held, s.Service)
		case s.Failing && s.Confirmed:
			v.Holds = append(v.Holds, s.Service)
		}
	}
	if v.Ready, err = a.ready(i); err != nil {
		return err
	}
	if v.Notices, err = a.toldOf(i); err != nil {
		return err
	}
	for _, n := range v.Notices {
		v.Owed = v.Owed || n.Kind == subscriptions.Restored && a.author(n.Agency) && !n.PublishedAt.IsZero() && n.State != subscriptions.Withdrawn && i.State.Over() && !i.NextUpdate.IsZero()
	}
	if v.Reported, err = a.c.Desk.Reported(a.ctx, i, a.now); err != nil {
		return err
	}
	if v.Sample, err = a.c.Desk.SampleAnswers(a.ctx, i.ID); err != nil {
		return err
	}
	v.Joins = !i.State.Over() && len(a.own()) > 0
	return a.render(a.status(), "incident", a.What(i), v)
}

func held(i subscriptions.Incident, id subscriptions.ServiceID, g subscriptions.AgencyID) bool {
	return slices.ContainsFunc(i.Holds, func(h subscriptions.Hold) bool { return h.Service == id && h.Agency == g && h.ReleasedAt.IsZero() })
}

// groups puts the officer's own agencies first.
func (a *ask) groups(i subscriptions.Incident) []serviceGroup {
	var out []serviceGroup
	for _, s := range i.Services {
		svc, _ := a.nation.Service(s.Service)
		at := slices.IndexFunc(out, func(g serviceGroup) bool { return g.Agency == svc.Agency && g.Impact == a.Impact(s) })
		if at < 0 {
			out, at = append(out, serviceGroup{Agency: svc.Agency, Impact: a.Impact(s)}), len(out)
		}
		out[at].Services = append(out[at].Services, s)
	}
	slices.SortStableFunc(out, func(x, y serviceGroup) int {
		if a.anyOf(x.Agency) != a.anyOf(y.Agency) && len(a.me().SpeaksFor()) < len(a.nation.Agencies) {
			if a.anyOf(x.Agency) {
				return -1
			}
			return 1
		}
		return strings.Compare(string(x.Agency), string(y.Agency))
	})
	return out
}

// toldOf lists an incident's notices, newest first, without drafts of others.
func (a *ask) toldOf(i subscriptions.Incident) ([]told, error) {
	all, err := a.c.Desk.Notices(a.ctx, i.ID)
	if err != nil {
		return nil, err
	}
	var out []told
	for _, n := range slices.Backward(all) {
		if n.PublishedAt.IsZero() && !a.anyOf(n.Agency) || desk.Discarded(n) {
			continue
		}
		t := told{Notice: n}
		if !n.PublishedAt.IsZero() {
			p, err := a.c.Desk.Progress(a.ctx, n.ID)
			if err != nil {
				return nil, err
			}
			t.Sent, t.All = p.Count(subscriptions.Sent), total(p)
		}
		out = append(out, t)
	}
	return out, nil
}

func total(p subscriptions.Progress) int {
	n := 0
	for _, s := range deliveryStates {
		n += p.Count(s)
	}
	return n
}

var deliveryStates = []subscriptions.DeliveryState{subscriptions.Sent, subscriptions.Pending, subscriptions.Failed, subscriptions.Unknown, subscriptions.Superseded}

// ready lists the ready alternatives of the officer's agencies for what fails.
func (a *ask) ready(i subscriptions.Incident) ([]readyWay, error) {
	if i.State.Over() {
		return nil, nil
	}
	all, err := a.c.Desk.ReadyWays(a.ctx)
	if err != nil {
		return nil, err
	}
	var out []readyWay
	for _, w := range all {
		r := readyWay{ReadyWay: w}
		for _, id := range w.Services {
			if slices.Contains(i.Failing(), id) {
				r.Services = append(r.Services, id)
			}
		}
		r.Open = slices.ContainsFunc(i.Ways, func(x subscriptions.Way) bool { return x.Alternative == w.Alternative && x.EndedAt.IsZero() })
		if a.author(w.Agency) && a.now.Before(w.Until) && len(r.Services) > 0 {
			out = append(out, r)
		}
	}
	return out, nil
}

// nextStates are those to which an incident may go by itself.
func nextStates(i subscriptions.Incident) []subscriptions.IncidentState {
	steps := []subscriptions.IncidentState{subscriptions.Investigating, subscriptions.Identified, subscriptions.Monitoring}
	if i.Maintenance {
		steps = []subscriptions.IncidentState{subscriptions.Scheduled, subscriptions.InProgress, subscriptions.Verifying}
	}
	at := slices.Index(steps, i.State)
	if at < 0 {
		return nil
	}
	return steps[at+1:]
}

// own lists the agencies for which the officer writes.
func (a *ask) own() []subscriptions.AgencyID {
	return slices.DeleteFunc(a.me().SpeaksFor(), func(g subscriptions.AgencyID) bool { return !a.author(g) })
}

// doPart is an agency's word on services of an incident: held, or affected or not.
func doPart(a *ask) (string, error) {
	i, err := a.incident()
	if err != nil {
		return "", err
	}
	services := list[subscriptions.ServiceID](a, "services")
	to := fmt.Sprintf("%s/incidents/%d", Base, i.ID)
	switch what := a.Val("what"); what {
	case "hold":
		_, err = a.c.Desk.Hold(a.ctx, a.actor, desk.HoldInput{Incident: i.ID, Agency: a.agencyOf(services), Services: services, Request: a.request()}, a.now)
		return to + "?done=held", err
	case "affected", "not-affected":
		out, err := a.c.Desk.Confirm(a.ctx, a.actor, desk.ConfirmInput{Incident: i.ID, Agency: a.ticker(i, services), Services: services, Affected: what == "affected", Request: a.request()}, a.now)
		if err == nil && out.Notice.ID != 0 {
			return a.noticePath(out.Notice) + "?done=published", nil
		}
		return to + "?done=confirmed", err
	}
	return "", input("it is not said what of these services", "use the buttons of the page")
}

// agencyOf is the agency of services, where they have one.
func (a *ask) agencyOf(ids []subscriptions.ServiceID) subscriptions.AgencyID {
	for _, id := range ids {
		if s, ok := a.nation.Service(id); ok {
			return s.Agency
		}
	}
	return ""
}

// ticker is the agency in whose name the officer confirms: the services' own where
// she belongs to it, else the operator of what they hang on.
func (a *ask) ticker(i subscriptions.Incident, ids []subscriptions.ServiceID) subscriptions.AgencyID {
	if len(ids) == 0 {
		return ""
	}
	svc, _ := a.nation.Service(ids[0])
	if a.anyOf(svc.Agency) {
		return svc.Agency
	}
	s, _ := i.Service(ids[0])
	for _, via := range s.Via {
		if p, ok := a.nation.Platform(via); ok && a.anyOf(p.Operator) {
			return p.Operator
		}
	}
	return svc.Agency
}

func doNoChange(a *ask) (string, error) {
	i, err := a.incident()
	if err != nil {
		return "", err
	}
	next, err := a.next()
	if err != nil {
		return "", err
	}
	out, err := a.c.Desk.NoChange(a.ctx, a.actor, desk.NoChangeInput{Incident: i.ID, Agency: a.speaker(i), NextUpdate: next, Request: a.request()}, a.now)
	return a.published(out, err)
}

// speaker is the agency that was chosen, or the officer's only, or first, one in the
// incident.
func (a *ask) speaker(i subscriptions.Incident) subscriptions.AgencyID {
	if g := subscriptions.AgencyID(a.Val("agency")); g != "" {
		return g
	}
	if s := a.speaks(i); len(s) > 0 {
		return s[0]
	}
	if g := a.me().SpeaksFor(); len(g) == 1 {
		return g[0]
	}
	return i.Owner
}

func doActivate(a *ask) (string, error) {
	i, err := a.incident()
	if err != nil {
		return "", err
	}
	out, err := a.c.Desk.Activate(a.ctx, a.actor, desk.ActivateInput{
		Incident: i.ID, Agency: subscriptions.AgencyID(a.Val("agency")), Alternative: subscriptions.AlternativeID(a.Val("alternative")), Request: a.request(),
	}, a.now)
	return a.published(out, err)
}

func doAdvance(a *ask) (string, error) {
	i, err := a.incident()
	if err != nil {
		return "", err
	}
	_, err = a.c.Desk.Advance(a.ctx, a.actor, i.ID, a.speaker(i), subscriptions.IncidentState(a.Val("state")), a.now)
	return fmt.Sprintf("%s/incidents/%d?done=advanced", Base, i.ID), err
}

// published goes to what was said, or to what waits for a second officer.
func (a *ask) published(out desk.Outcome, err error) (string, error) {
	switch {
	case err != nil:
		return "", err
	case out.Notice.ID == 0:
		return fmt.Sprintf("%s/incidents/%d?done=recorded", Base, out.Incident.ID), nil
	case out.Notice.State == subscriptions.Submitted:
		return a.noticePath(out.Notice) + "?done=submitted", nil
	}
	return a.noticePath(out.Notice) + "?done=published", nil
}

func (a *ask) noticePath(n subscriptions.Notice) string {
	return fmt.Sprintf("%s/notices/%d", Base, n.ID)
}

// next reads when the next word is promised: one of the short ones, or a time.
func (a *ask) next() (time.Time, error) {
	if a.Val("nextat") != "" {
		return a.when("nextat", "Next update")
	}
	return a.when("next", "Next update")
}
