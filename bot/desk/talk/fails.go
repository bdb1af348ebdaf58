package talk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

const pageLength = 8

// fails lists what the officer's agencies answer for: the beginning of a notice.
func (u *turn) fails(_ context.Context, w work, arg string) ([]page, error) {
	if arg == "planned" {
		w.Typing = "planned"
	}
	p := page{title: "What fails?", work: w, asks: asksSearch, lines: []string{"Choose, or write the name of a service or platform."}}
	if w.Typing == "planned" {
		p.title = "On what is work planned?"
	}
	all := u.ours()
	first := min(w.Page*pageLength, max(0, len(all)-1))
	for _, s := range all[first:min(len(all), first+pageLength)] {
		p.rows = append(p.rows, []button{{u.scope(s), "choose", string(s)}})
	}
	var turn []button
	if first > 0 {
		turn = append(turn, button{"Back", "page", fmt.Sprint(w.Page - 1)})
	}
	if first+pageLength < len(all) {
		turn = append(turn, button{"More", "page", fmt.Sprint(w.Page + 1)})
	}
	p.rows = append(p.rows, turn)
	p.rows = append(p.rows, u.back(0)...)
	return one(p), nil
}

func (u *turn) page(ctx context.Context, w work, arg string) ([]page, error) {
	_, _ = fmt.Sscan(arg, &w.Page)
	w.Page = max(0, w.Page)
	return u.fails(ctx, w, "")
}

// ours are the platforms and services of the officer's agencies, platforms first.
func (u *turn) ours() []subscriptions.Scope {
	mine := u.actor.Officer.SpeaksFor()
	var out []subscriptions.Scope
	for _, p := range u.nation.Platforms {
		if slices.Contains(mine, p.Operator) && !p.Retired {
			out = append(out, subscriptions.ScopePlatform(p.ID))
		}
	}
	for _, s := range u.nation.Services {
		if slices.Contains(mine, s.Agency) && !s.Retired {
			out = append(out, subscriptions.ScopeService(s.ID))
		}
	}
	return out
}

func (u *turn) scope(s subscriptions.Scope) string {
	if kind, id := s.Split(); kind == "platform" {
		return u.platform(subscriptions.PlatformID(id))
	}
	id, _ := s.Service()
	return u.service(id)
}

// choose takes a service or platform: into the notice that is put together, or
// into the incident that is joined.
func (u *turn) choose(ctx context.Context, w work, arg string) ([]page, error) {
	scope := subscriptions.Scope(arg)
	if w.Typing == "join" {
		return u.joinWith(ctx, w, scope)
	}
	if w.Typing != "planned" {
		if i, ok, err := u.failsIn(ctx, scope); err != nil || ok {
			if err != nil {
				return nil, err
			}
			p, err := u.incidentPage(ctx, i)
			p.lines = append([]string{u.scope(scope) + " fails in this incident already."}, p.lines...)
			return one(p), err
		}
	}
	w.Open = u.openOf(scope)
	w.Agency = w.Open.Agency
	if w.Typing == "planned" {
		return one(page{title: "Planned work: " + u.scope(scope), work: w, asks: asksSpan, rows: u.back(0),
			lines: []string{"From when to when? Write it like this:", "2025-01-05 22:00 to 2025-01-06 02:00"}}), nil
	}
	p := page{title: u.scope(scope), lines: []string{"What do people meet?"}, work: w}
	p.rows = [][]button{{{"It does not work", "template", string(subscriptions.Blocked)}}, {{"It is limited: one way fails", "template", string(subscriptions.Degraded)}}}
	if id, ok := scope.Service(); ok {
		s, _ := u.nation.Service(id)
		for _, on := range s.DependsOn {
			if pl, ok := u.nation.Platform(on); ok && pl.Operator != w.Agency && len(p.rows) < 6 {
				p.rows = append(p.rows, []button{{"We suspect " + u.platform(on), "suspect", string(on)}})
			}
		}
	}
	p.rows = append(p.rows, u.back(0)...)
	return one(p), nil
}

// openOf is a new incident of one platform or service, said by its own agency
// where the officer is of it.
func (u *turn) openOf(scope subscriptions.Scope) *desk.OpenInput {
	in := &desk.OpenInput{SinceApprox: true, Since: u.now}
	kind, id := scope.Split()
	owner := subscriptions.AgencyID("")
	if kind == "platform" {
		in.Platforms = []subscriptions.PlatformID{subscriptions.PlatformID(id)}
		pl, _ := u.nation.Platform(in.Platforms[0])
		owner = pl.Operator
	} else {
		in.Services = []subscriptions.ServiceID{subscriptions.ServiceID(id)}
		s, _ := u.nation.Service(in.Services[0])
		owner = s.Agency
	}
	mine := u.actor.Officer.SpeaksFor()
	switch {
	case slices.Contains(mine, owner):
		in.Agency = owner
	case len(mine) > 0: // the desk says why it is not theirs
		in.Agency = mine[0]
	}
	return in
}

// failsIn finds the live incident in which something fails already.
func (u *turn) failsIn(ctx context.Context, scope subscriptions.Scope) (subscriptions.Incident, bool, error) {
	all, err := u.Desk.Incidents(ctx, u.now)
	if err != nil {
		return subscriptions.Incident{}, false, err
	}
	service, isService := scope.Service()
	_, id := scope.Split()
	for _, i := range all {
		if i.State.Over() || i.State == subscriptions.Scheduled {
			continue
		}
		s, ok := i.Service(service)
		if isService && ok && s.Failing || !isService && slices.Contains(i.Platforms(), subscriptions.PlatformID(id)) {
			return i, true, nil
		}
	}
	return subscriptions.Incident{}, false, nil
}

// template makes the draft of a first notice.
func (u *turn) template(ctx context.Context, w work, arg string) ([]page, error) {
	w.Open.Impact = subscriptions.Impact(arg)
	w.Draft = &desk.DraftInput{Kind: subscriptions.Outage, Agency: w.Agency, Slots: subscriptions.Slots{NextUpdate: u.now.Add(desk.PromiseAfter)}}
	return u.composed(ctx, w)
}

func (u *turn) suspect(ctx context.Context, w work, arg string) ([]page, error) {
	w.Open.Suspected = subscriptions.PlatformID(arg)
	return u.template(ctx, w, string(subscriptions.Blocked))
}

// typedSpan takes the planned start and end.
func (u *turn) typedSpan(ctx context.Context, w work, text string) ([]page, error) {
	from, to, ok := span(text, u.now, u.nation.Location())
	if !ok {
		return one(page{title: "From when to when?", work: w, asks: asksSpan, rows: u.back(w.Incident),
			lines: []string{"Write it like this:", "2025-01-05 22:00 to 2025-01-06 02:00"}}), nil
	}
	w.Open.Maintenance, w.Open.StartsAt, w.Open.EndsAt, w.Open.Since, w.Open.SinceApprox = true, from, to, time.Time{}, false
	w.Draft = &desk.DraftInput{Kind: subscriptions.Maintenance, Agency: w.Agency, Slots: subscriptions.Slots{StartsAt: from, EndsAt: to}}
	return u.composed(ctx, w)
}
