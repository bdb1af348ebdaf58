package talk

import (
	"context"
	"fmt"
	"slices"

	"arifa/subscriptions"
)

// liveRows are what can be said in an open incident. Whether this officer may is
// for the desk to say.
func (u *turn) liveRows(ctx context.Context, i subscriptions.Incident, agency subscriptions.AgencyID, p *page) ([][]button, error) {
	var rows [][]button
	if i.FirstNotice == 0 {
		rows = append(rows, []button{{"Publish the first notice", "first", ""}}, []button{{"Close it without a word", "sure", "resolve"}})
	} else {
		rows = append(rows, []button{{"No change, next update +2 h", "no-change", ""}}, []button{{"Update …", "update", ""}, {"It works again …", "restore", ""}})
	}
	for _, c := range i.Claims {
		if pl, ok := u.nation.Platform(c.Suspected); ok && c.EndedAt.IsZero() && slices.Contains(u.actor.Officer.SpeaksFor(), pl.Operator) {
			rows = append(rows, []button{{"It is ours: join", "join", string(subscriptions.ScopePlatform(pl.ID))}})
			break
		}
	}
	ready, err := u.readyRows(ctx, i, agency, p)
	if err != nil {
		return nil, err
	}
	rows = append(rows, ready...)
	if len(u.waysFor(i, agency)) > 0 {
		rows = append(rows, []button{{"Another way …", "ways", ""}})
	}
	if n := len(u.ticks(i)); n > 0 {
		rows = append(rows, []button{{fmt.Sprintf("Affected or not? %s", waits(n)), "ticks", ""}})
	}
	if len(u.heldBy(i, agency)) > 0 {
		rows = append(rows, []button{{"They work again: release …", "release", ""}})
	}
	if len(u.servicesOf(i, agency)) > 0 {
		rows = append(rows, []button{{"Still failing here …", "hold", ""}})
	}
	return append(rows, []button{{"We are affected too …", "join-ask", ""}}), nil
}

func (u *turn) overRows(i subscriptions.Incident) [][]button {
	var rows [][]button
	if !i.NextUpdate.IsZero() {
		rows = append(rows, []button{{"Answer what was promised …", "answer", ""}})
	}
	return append(rows, []button{{"It fails again …", "sure", "reopen"}})
}

// readyRows offer the ways that two officers made ready for services that fail
// now; what they say is shown above the buttons, for one tap tells it.
func (u *turn) readyRows(ctx context.Context, i subscriptions.Incident, agency subscriptions.AgencyID, p *page) ([][]button, error) {
	ready, err := u.Desk.ReadyWays(ctx)
	if err != nil || i.FirstNotice == 0 {
		return nil, err
	}
	failing := i.Failing()
	var rows [][]button
	for _, r := range ready {
		var on []subscriptions.ServiceID
		for _, id := range r.Services {
			if slices.Contains(failing, id) {
				on = append(on, id)
			}
		}
		if r.Agency != agency || len(on) == 0 || !u.now.Before(r.Until) {
			continue
		}
		p.lines = append(p.lines, fmt.Sprintf("Ready for %s: %s", u.names(on, 3), u.way(r.Alternative)))
		label := "Tell it for 4 h: "
		if slices.ContainsFunc(i.Ways, func(w subscriptions.Way) bool { return w.Alternative == r.Alternative && w.EndedAt.IsZero() }) {
			label = "Renew for 4 h: "
		}
		rows = append(rows, []button{{label + string(r.Alternative), "activate", string(r.Alternative)}})
	}
	return rows, nil
}

// waysFor are an agency's other ways that hang on services which fail now.
func (u *turn) waysFor(i subscriptions.Incident, agency subscriptions.AgencyID) []subscriptions.AlternativeID {
	var out []subscriptions.AlternativeID
	for _, id := range i.Failing() {
		s, _ := u.nation.Service(id)
		for _, w := range s.Alternatives {
			if a, ok := u.nation.Alternative(w); ok && a.Agency == agency && !a.Retired && !slices.Contains(out, w) {
				out = append(out, w)
			}
		}
	}
	return out
}

// sure asks once more before a deed that one tap should not do.
func (u *turn) sure(_ context.Context, w work, arg string) ([]page, error) {
	ask := map[string]page{
		"resolve":  {title: "Close incident without a word?", lines: []string{"Nobody was told of it, and nobody is told that it ends."}},
		"reopen":   {title: "Does it fail again?", lines: []string{"A new round begins, for what your agency had said fails. You see the words before anybody is told."}},
		"stop":     {title: "Stop it now?", lines: []string{"Nobody else is told. Whoever read it keeps it."}},
		"withdraw": {title: "Take it back?", lines: []string{"Everybody who was told reads the fixed sentence that it was wrong. Ways to pay in it end too."}},
		"discard":  {title: "Discard it?", lines: []string{"It can never be published then."}},
	}[arg]
	ask.work, ask.was = w, u.card.Was
	ask.rows = append([][]button{{{"Yes", arg, ""}}}, u.back(w.Incident)...)
	return one(ask), nil
}
