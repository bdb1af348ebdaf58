package console

import (
	"fmt"
	"slices"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// joinView is the form by which one more body's word is added to an incident, or
// what has ended begins anew.
type joinView struct {
	Live
	Reopen    bool
	Agencies  []subscriptions.AgencyID
	Agency    subscriptions.AgencyID
	Platforms []subscriptions.PlatformID
	Services  []subscriptions.ServiceID
	Suspects  []subscriptions.PlatformID
}

func (a *ask) joining() (joinView, error) {
	i, err := a.incident()
	if err != nil {
		return joinView{}, err
	}
	v := joinView{Live: a.live(i), Reopen: i.State.Over(), Agencies: a.own(), Agency: subscriptions.AgencyID(a.Val("agency"))}
	if v.Agency == "" && len(v.Ours) > 0 {
		p, _ := a.nation.Platform(v.Ours[0])
		v.Agency = p.Operator
	}
	if v.Agency == "" {
		v.Agency = a.speaker(i)
	}
	if a.Val("agency") == "" && !slices.Contains(v.Agencies, v.Agency) && len(v.Agencies) > 0 {
		v.Agency = v.Agencies[0]
	}
	for _, p := range a.nation.Platforms {
		switch {
		case p.Retired:
		case p.Operator != v.Agency:
			v.Suspects = append(v.Suspects, p.ID)
		case v.Reopen || !slices.Contains(i.Platforms(), p.ID):
			v.Platforms = append(v.Platforms, p.ID)
		}
	}
	for _, s := range a.nation.Services {
		if s.Agency == v.Agency && !s.Retired {
			v.Services = append(v.Services, s.ID)
		}
	}
	return v, nil
}

func showJoin(a *ask) error {
	v, err := a.joining()
	if err != nil {
		return err
	}
	if err := a.writes(v.Agencies...); err != nil {
		return err
	}
	if a.r.Method == "GET" && !a.back && !a.values.Has("platforms") {
		for _, id := range v.Ours { // "it is ours" is one tap
			a.values.Add("platforms", string(id))
		}
	}
	title := "Join: "
	if v.Reopen {
		title = "It fails again: "
	}
	return a.render(a.status(), "join", title+a.What(v.Incident), v)
}

func doJoin(a *ask) (string, error) {
	v, err := a.joining()
	if err != nil {
		return "", err
	}
	since, err := a.when("since", "Since when")
	if err != nil {
		return "", err
	}
	i, err := a.c.Desk.Join(a.ctx, a.actor, desk.JoinInput{Incident: v.ID, Agency: v.Agency, Platforms: list[subscriptions.PlatformID](a, "platforms"),
		Services: list[subscriptions.ServiceID](a, "services"), Impact: subscriptions.Impact(a.Val("impact")), Suspected: subscriptions.PlatformID(a.Val("suspected")),
		Since: since, Own: a.Val("own") != "", Record: a.Val("record") != "", Request: a.request()}, a.now)
	return fmt.Sprintf("%s/incidents/%d?done=joined", Base, i.ID), err
}

func doReopen(a *ask) (string, error) {
	v, err := a.joining()
	if err != nil {
		return "", err
	}
	since, err := a.when("since", "Since when")
	if err != nil {
		return "", err
	}
	i, err := a.c.Desk.Reopen(a.ctx, a.actor, desk.ReopenInput{Incident: v.ID, Agency: v.Agency, Platforms: list[subscriptions.PlatformID](a, "platforms"),
		Services: list[subscriptions.ServiceID](a, "services"), Impact: subscriptions.Impact(a.Val("impact")), Since: since, Request: a.request()}, a.now)
	return fmt.Sprintf("%s/incidents/%d/say?kind=outage&done=reopened", Base, i.ID), err
}
