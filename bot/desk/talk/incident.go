package talk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"arifa/subscriptions"
)

func (u *turn) incident(ctx context.Context, _ work, arg string) ([]page, error) {
	id, agency, _ := strings.Cut(arg, " ")
	n, _ := strconv.ParseInt(id, 10, 64)
	i, err := u.Desk.Incident(ctx, subscriptions.IncidentID(n))
	if errors.Is(err, subscriptions.ErrNotFound) {
		return one(page{title: "There is no incident " + id, rows: u.back(0)}), nil
	}
	if err != nil {
		return nil, err
	}
	p, err := u.incidentAs(ctx, i, subscriptions.AgencyID(agency))
	return one(p), err
}

func (u *turn) incidentPage(ctx context.Context, i subscriptions.Incident) (page, error) {
	return u.incidentAs(ctx, i, "")
}

// incidentAs shows one incident and what can be said in it, for one of the
// officer's agencies.
func (u *turn) incidentAs(ctx context.Context, i subscriptions.Incident, agency subscriptions.AgencyID) (page, error) {
	agency = u.voice(i, agency)
	p := page{title: fmt.Sprintf("Incident %d: %s", i.ID, u.what(i)), was: since(i), work: work{Incident: i.ID, Agency: agency}}
	notices, err := u.Desk.Notices(ctx, i.ID)
	if err != nil {
		return p, err
	}
	if len(u.actor.Officer.SpeaksFor()) > 1 {
		p.lines = append(p.lines, "You speak for "+u.agency(agency)+" here.")
	}
	p.lines = append(p.lines, u.stateLine(i), u.promise(i))
	p.lines = append(p.lines, u.said(notices, i.Round)...)
	p.lines = append(p.lines, u.people(ctx, i)...)
	p.lines = append(p.lines, u.waysLines(i)...)
	if held := u.heldBy(i, ""); len(held) > 0 {
		p.lines = append(p.lines, "Still failing, says their agency: "+u.names(held, 4)+".")
	}
	if i.State.Over() {
		p.rows = u.overRows(i)
	} else if p.rows, err = u.liveRows(ctx, i, agency, &p); err != nil {
		return p, err
	}
	if len(notices) > 0 {
		p.rows = append(p.rows, []button{{"Notices", "notices", fmt.Sprint(i.ID)}})
	}
	p.rows = append(p.rows, u.otherVoices(i, agency)...)
	p.rows = append(p.rows, u.back(0)...)
	return p, nil
}

// voice is the agency for which the officer speaks here: the named one, else one
// that has a part in the incident, else any.
func (u *turn) voice(i subscriptions.Incident, asked subscriptions.AgencyID) subscriptions.AgencyID {
	mine := u.actor.Officer.SpeaksFor()
	if slices.Contains(mine, asked) {
		return asked
	}
	for _, a := range mine {
		if slices.ContainsFunc(i.Claims, func(c subscriptions.Claim) bool { return c.Agency == a && c.Round == i.Round }) {
			return a
		}
	}
	for _, a := range mine {
		if len(u.servicesOf(i, a)) > 0 {
			return a
		}
	}
	if len(mine) > 0 {
		return mine[0]
	}
	return ""
}

func (u *turn) otherVoices(i subscriptions.Incident, agency subscriptions.AgencyID) [][]button {
	var rows [][]button
	for _, a := range u.actor.Officer.SpeaksFor() {
		if a != agency {
			rows = append(rows, []button{{"Speak for " + u.agency(a), "incident", fmt.Sprintf("%d %s", i.ID, a)}})
		}
	}
	return rows
}

// servicesOf are an agency's services that fail in an incident, confirmed or not.
func (u *turn) servicesOf(i subscriptions.Incident, a subscriptions.AgencyID) []subscriptions.ServiceID {
	var out []subscriptions.ServiceID
	for _, s := range i.Services {
		if svc, ok := u.nation.Service(s.Service); ok && s.Failing && svc.Agency == a {
			out = append(out, s.Service)
		}
	}
	return out
}

func (u *turn) stateLine(i subscriptions.Incident) string {
	blocked, limited := i.Impacts()
	about := ""
	if i.SinceApprox {
		about = "about "
	}
	line := fmt.Sprintf("%s, since %s%s: %s blocked, %d limited", upper(stateOf(i)), about, u.clock(i.Since), count(blocked, "service"), limited)
	if i.State == subscriptions.Scheduled {
		line = fmt.Sprintf("Planned from %s to %s: %s", u.clock(i.StartsAt), u.clock(i.EndsAt), count(blocked+limited, "service"))
	}
	if i.State.Over() {
		line = fmt.Sprintf("%s at %s", upper(stateOf(i)), u.clock(i.EndedAt))
	}
	if n := len(i.Unconfirmed()); n > 0 && !i.State.Over() {
		line += fmt.Sprintf("; %s for a tick", waits(n))
	}
	return line + "."
}

func waits(n int) string {
	if n == 1 {
		return "1 more waits"
	}
	return fmt.Sprintf("%d more wait", n)
}

// said lists the newest notices of this round.
func (u *turn) said(notices []subscriptions.Notice, round int) []string {
	var out []string
	for k := len(notices) - 1; k >= 0 && len(out) < 4; k-- {
		n := notices[k]
		if n.Round == round && !n.PublishedAt.IsZero() {
			out = append(out, fmt.Sprintf("%s: %s, %s by %s (%s).", u.clock(n.PublishedAt), show(n), kindWord(n), u.agency(n.Agency), stateWord(n)))
		}
	}
	if len(out) == 0 {
		return []string{"Nobody has been told yet."}
	}
	return out
}

func (u *turn) waysLines(i subscriptions.Incident) []string {
	var out []string
	for _, w := range i.Ways {
		if w.EndedAt.IsZero() {
			until := "until the end"
			if !w.Until.IsZero() {
				until = "until " + u.clock(w.Until)
			}
			out = append(out, fmt.Sprintf("Another way is told %s: %s", until, u.way(w.Alternative)))
		}
	}
	return out
}

// way is what an alternative says in every language, with the numbers of the
// registry in it.
func (u *turn) way(id subscriptions.AlternativeID) string {
	a, _ := u.nation.Alternative(id)
	var out []string
	for _, l := range u.nation.Languages {
		if text, _, err := subscriptions.ResolveText(a.Text[l], u.nation); err == nil && text != "" {
			out = append(out, text)
		}
	}
	if len(out) == 0 {
		return string(id)
	}
	return strings.Join(out, " / ")
}

// heldBy are the services that an agency (empty = any) says still fail.
func (u *turn) heldBy(i subscriptions.Incident, a subscriptions.AgencyID) []subscriptions.ServiceID {
	var out []subscriptions.ServiceID
	for _, h := range i.Holds {
		if h.Agency != "" && h.ReleasedAt.IsZero() && (a == "" || h.Agency == a) && !slices.Contains(out, h.Service) {
			out = append(out, h.Service)
		}
	}
	return out
}
