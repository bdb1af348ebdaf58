package talk

import (
	"context"
	"fmt"
	"slices"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// joinAsk asks with what the agency joins.
func (u *turn) joinAsk(_ context.Context, w work, _ string) ([]page, error) {
	w.Typing = "join"
	p := page{title: "What of yours fails too?", work: w, was: u.card.Was, asks: asksSearch, lines: []string{"Choose, or write the name of a service or platform."}}
	for _, s := range u.ours() {
		if len(p.rows) < pageLength {
			p.rows = append(p.rows, []button{{u.scope(s), "choose", string(s)}})
		}
	}
	p.rows = append(p.rows, u.back(w.Incident)...)
	return one(p), nil
}

// joinWith asks once more, for joining is a deed.
func (u *turn) joinWith(_ context.Context, w work, scope subscriptions.Scope) ([]page, error) {
	p := page{title: "Join incident " + fmt.Sprint(w.Incident) + "?", work: w, was: u.card.Was,
		lines: []string{u.scope(scope) + " joins it: one incident, one end. You see the words before anybody is told."}}
	p.rows = append([][]button{{{"Yes, join", "join", string(scope)}}}, u.back(w.Incident)...)
	return one(p), nil
}

// join adds the agency's word, and shows the first notice that it can say.
func (u *turn) join(ctx context.Context, w work, arg string) ([]page, error) {
	in := desk.JoinInput{Incident: w.Incident, Agency: w.Agency, Request: u.request()}
	scope := subscriptions.Scope(arg)
	if id, ok := scope.Service(); ok {
		in.Services = []subscriptions.ServiceID{id}
	} else {
		_, id := scope.Split()
		in.Platforms = []subscriptions.PlatformID{subscriptions.PlatformID(id)}
		if pl, ok := u.nation.Platform(in.Platforms[0]); ok && slices.Contains(u.actor.Officer.SpeaksFor(), pl.Operator) {
			in.Agency = pl.Operator
		}
	}
	i, err := u.Desk.Join(ctx, u.actor, in, u.now)
	if err != nil {
		return nil, err
	}
	return u.firstWord(ctx, i, in.Agency)
}

// ticks are the services that wait for a tick which one of the officer's agencies
// may be asked for.
func (u *turn) ticks(i subscriptions.Incident) []subscriptions.ServiceID {
	mine := u.actor.Officer.SpeaksFor()
	var out []subscriptions.ServiceID
	for _, id := range i.Unconfirmed() {
		s, _ := u.nation.Service(id)
		state, _ := i.Service(id)
		asked := slices.Contains(mine, s.Agency) || slices.ContainsFunc(state.Via, func(v subscriptions.PlatformID) bool {
			pl, _ := u.nation.Platform(v)
			return slices.Contains(mine, pl.Operator)
		})
		if asked {
			out = append(out, id)
		}
	}
	return out
}

// tickPage asks for each service whether it is affected.
func (u *turn) tickPage(i subscriptions.Incident) page {
	p := page{title: fmt.Sprintf("Incident %d: are they affected?", i.ID), was: since(i), work: work{Incident: i.ID, Agency: u.voice(i, "")}}
	all := u.ticks(i)
	for _, id := range all[:min(len(all), 6)] {
		p.lines = append(p.lines, u.service(id))
		p.rows = append(p.rows, []button{{"Affected: " + clip(u.service(id), 24), "tick", "yes " + string(id)}, {"Not affected", "tick", "no " + string(id)}})
	}
	if rest := len(all) - 6; rest > 0 {
		p.lines = append(p.lines, fmt.Sprintf("And %d more.", rest))
	}
	if len(all) == 0 {
		p.lines = []string{"Nothing waits for your word."}
	} else {
		p.lines = append(p.lines, "Those that are affected are told at once, where others have been told.")
	}
	p.rows = append(p.rows, u.back(i.ID)...)
	return p
}

func (u *turn) askTicks(ctx context.Context, w work, _ string) ([]page, error) {
	i, err := u.Desk.Incident(ctx, w.Incident)
	return one(u.tickPage(i)), err
}

func (u *turn) tick(ctx context.Context, w work, arg string) ([]page, error) {
	var yes, id string
	_, _ = fmt.Sscan(arg, &yes, &id)
	service := subscriptions.ServiceID(id)
	in := desk.ConfirmInput{Incident: w.Incident, Agency: u.ticker(service, w.Agency), Services: []subscriptions.ServiceID{service}, Affected: yes == "yes", Request: u.request()}
	out, err := u.Desk.Confirm(ctx, u.actor, in, u.now)
	if err != nil {
		return nil, err
	}
	i, err := u.Desk.Incident(ctx, w.Incident)
	if err != nil {
		return nil, err
	}
	p := u.tickPage(i)
	word := "Not affected: "
	if in.Affected {
		word = "Affected: "
	}
	said := word + u.service(service) + "."
	if out.Notice.ID != 0 {
		said += " Its followers are told by " + show(out.Notice) + "."
	}
	p.lines = append([]string{said}, p.lines...)
	return one(p), nil
}

// ticker is the agency for which the officer answers for a service.
func (u *turn) ticker(id subscriptions.ServiceID, otherwise subscriptions.AgencyID) subscriptions.AgencyID {
	if s, ok := u.nation.Service(id); ok && slices.Contains(u.actor.Officer.SpeaksFor(), s.Agency) {
		return s.Agency
	}
	return otherwise
}
