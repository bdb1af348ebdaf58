package talk

import (
	"context"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// update offers the templates of a further word.
func (u *turn) update(_ context.Context, w work, _ string) ([]page, error) {
	p := page{title: "What is new?", work: w, was: u.card.Was}
	p.rows = [][]button{
		{{"No change", "draft", "no-change"}},
		{{"The cause is found …", "causes", ""}},
		{{"It is repaired; we are watching it", "draft", string(subscriptions.Monitoring)}},
		{{"Only a sentence …", "sentence", ""}},
	}
	p.rows = append(p.rows, u.back(w.Incident)...)
	return one(p), nil
}

// causes lists what can be said to be the cause, once it is confirmed.
func (u *turn) causes(_ context.Context, w work, _ string) ([]page, error) {
	p := page{title: "What is the cause?", lines: []string{"Only if it is confirmed: people remember it."}, work: w, was: u.card.Was}
	for _, c := range []struct {
		cause subscriptions.Cause
		label string
	}{{subscriptions.CauseNetwork, "Network"}, {subscriptions.CausePower, "Power"}, {subscriptions.CauseProvider, "A provider"}, {subscriptions.CauseLoad, "Too much load"},
		{subscriptions.CauseAttack, "An attack"}, {subscriptions.CauseChange, "A change that we made"}, {subscriptions.CauseSystem, "A fault in the system"}, {subscriptions.CauseUnknown, "Found, but not said"}} {
		p.rows = append(p.rows, []button{{c.label, "cause", string(c.cause)}})
	}
	p.rows = append(p.rows, u.back(w.Incident)...)
	return one(p), nil
}

func (u *turn) cause(ctx context.Context, w work, arg string) ([]page, error) {
	return u.further(ctx, w, subscriptions.Slots{State: subscriptions.Identified, Cause: subscriptions.Cause(arg)})
}

func (u *turn) draft(ctx context.Context, w work, arg string) ([]page, error) {
	if arg == "no-change" {
		return u.further(ctx, w, subscriptions.Slots{NoChange: true})
	}
	return u.further(ctx, w, subscriptions.Slots{State: subscriptions.IncidentState(arg)})
}

// sentence begins an update that is only a free text.
func (u *turn) sentence(ctx context.Context, w work, _ string) ([]page, error) {
	w.Draft = &desk.DraftInput{Incident: w.Incident, Agency: w.Agency, Kind: subscriptions.Update, Slots: subscriptions.Slots{NextUpdate: u.now.Add(desk.PromiseAfter)}}
	return u.typing(ctx, w, "free")
}

func (u *turn) further(ctx context.Context, w work, slots subscriptions.Slots) ([]page, error) {
	slots.NextUpdate = u.now.Add(desk.PromiseAfter)
	w.Draft = &desk.DraftInput{Incident: w.Incident, Agency: w.Agency, Kind: subscriptions.Update, Slots: slots}
	return u.composed(ctx, w)
}

func (u *turn) first(ctx context.Context, w work, _ string) ([]page, error) {
	i, err := u.Desk.Incident(ctx, w.Incident)
	if err != nil {
		return nil, err
	}
	return u.firstWord(ctx, i, w.Agency)
}

// ways lists the agency's other ways for what fails.
func (u *turn) ways(ctx context.Context, w work, _ string) ([]page, error) {
	i, err := u.Desk.Incident(ctx, w.Incident)
	if err != nil {
		return nil, err
	}
	p := page{title: "Which other way?", work: w, was: since(i)}
	for _, id := range u.waysFor(i, w.Agency) {
		p.lines = append(p.lines, string(id)+": "+u.way(id))
		p.rows = append(p.rows, []button{{string(id), "way", string(id)}})
	}
	p.rows = append(p.rows, u.back(w.Incident)...)
	return one(p), nil
}

func (u *turn) tellWay(ctx context.Context, w work, arg string) ([]page, error) {
	w.Draft = &desk.DraftInput{Incident: w.Incident, Agency: w.Agency, Kind: subscriptions.AlternativeNotice, Slots: subscriptions.Slots{
		Alternatives: []subscriptions.AlternativeID{subscriptions.AlternativeID(arg)}, NextUpdate: u.now.Add(desk.PromiseAfter)}}
	return u.composed(ctx, w)
}
