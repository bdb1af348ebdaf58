package talk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// picking shows services to choose from. A tap is absolute ("with X"), so that the
// same tap twice is harmless.
func (u *turn) picking(_ context.Context, w work) ([]page, error) {
	p := page{title: map[string]string{"hold": "Which still fail?", "restore": "Which work again?"}[w.Typing], work: w, was: u.card.Was}
	p.lines = []string{fmt.Sprintf("%d of %s chosen.", len(w.Services), count(len(w.Pick), "service"))}
	first := w.Page * pageLength
	for _, id := range w.Pick[min(first, len(w.Pick)):min(first+pageLength, len(w.Pick))] {
		label, arg := u.service(id), "with "+string(id)
		if slices.Contains(w.Services, id) {
			label, arg = "✓ "+label, "without "+string(id)
		}
		p.rows = append(p.rows, []button{{label, "pick", arg}})
	}
	var turn []button
	if w.Page > 0 {
		turn = append(turn, button{"Back", "pick", fmt.Sprintf("page %d", w.Page-1)})
	}
	if first+pageLength < len(w.Pick) {
		turn = append(turn, button{"More", "pick", fmt.Sprintf("page %d", w.Page+1)})
	}
	p.rows = append(p.rows, turn)
	if len(w.Services) < len(w.Pick) {
		p.rows = append(p.rows, []button{{fmt.Sprintf("All %d", len(w.Pick)), "pick", "all"}})
	}
	if len(w.Services) > 0 {
		p.rows = append(p.rows, []button{{"Go on with " + count(len(w.Services), "service"), "picked", ""}})
	}
	p.rows = append(p.rows, u.back(w.Incident)...)
	return one(p), nil
}

func (u *turn) pick(ctx context.Context, w work, arg string) ([]page, error) {
	how, what, _ := strings.Cut(arg, " ")
	id := subscriptions.ServiceID(what)
	w.Services = slices.DeleteFunc(slices.Clone(w.Services), func(x subscriptions.ServiceID) bool { return x == id })
	switch how {
	case "with":
		w.Services = append(w.Services, id)
	case "all":
		w.Services = w.Pick
	case "page":
		_, _ = fmt.Sscan(what, &w.Page)
		w.Page = max(0, w.Page)
	}
	return u.picking(ctx, w)
}

// picked goes on with what was chosen.
func (u *turn) picked(ctx context.Context, w work, _ string) ([]page, error) {
	if w.Typing == "restore" {
		w.Restore.Services = w.Services
		return u.ending(ctx, w)
	}
	p := page{title: "Still failing?", work: w, was: u.card.Was,
		lines: []string{"When the operator says that it works again, followers of these read that your agency has not confirmed it: " + u.names(w.Services, 12) + "."}}
	p.rows = append([][]button{{{"Yes, hold " + count(len(w.Services), "service"), "held", ""}}}, u.back(w.Incident)...)
	return one(p), nil
}

// hold begins "still failing here".
func (u *turn) hold(ctx context.Context, w work, _ string) ([]page, error) {
	i, err := u.Desk.Incident(ctx, w.Incident)
	if err != nil {
		return nil, err
	}
	w.Pick, w.Services, w.Page, w.Typing = u.servicesOf(i, w.Agency), nil, 0, "hold"
	if len(w.Pick) == 1 {
		w.Services = w.Pick
		return u.picked(ctx, w, "")
	}
	return u.picking(ctx, w)
}

func (u *turn) held(ctx context.Context, w work, _ string) ([]page, error) {
	i, err := u.Desk.Hold(ctx, u.actor, desk.HoldInput{Incident: w.Incident, Agency: w.Agency, Services: w.Services, Request: u.request()}, u.now)
	if err != nil {
		return nil, err
	}
	p, err := u.incidentAs(ctx, i, w.Agency)
	p.lines = append([]string{"Held: " + u.names(w.Services, 6) + "."}, p.lines...)
	return one(p), err
}
