package bot

import (
	"context"
	"slices"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// leave ends what the recipient follows under a scope: for an agency its
// services too. Leaving twice is the same as once.
func (t *turn) leave(ctx context.Context, scope subscriptions.Scope) (wording.Card, error) {
	follows, err := t.follows(ctx)
	if err != nil {
		return wording.Card{}, err
	}
	held := t.held(follows, scope)
	if len(held) == 0 {
		return t.notHeld(follows, scope), nil
	}
	left, err := t.Register.Leave(ctx, t.me.ID, held, t.now)
	if err != nil {
		return wording.Card{}, err
	}
	card := wording.Card{Title: t.say("leave.title", "Name", t.name(scope))}
	if left.Unended > 0 {
		card.Lines = append(card.Lines, t.count("leave.unended", left.Unended))
	}
	if wider := t.wider(follows, scope, held); wider != "" {
		card.Lines = append(card.Lines, t.say("leave.wider", "Name", t.name(wider)))
		card.Choices = append(card.Choices, []wording.Choice{t.choice(t.say("button.leave-all-of", "Name", short(t.name(wider), 30)), wish{act: actLeave, scope: wider})})
	}
	card.Choices = append(card.Choices,
		[]wording.Choice{t.choice(t.say("button.follow-again"), wish{act: actFollow, scope: scope})},
		[]wording.Choice{t.choice(t.say("button.mine"), wish{act: actMine}), t.choice(t.say("button.stop"), wish{act: actStop})})
	return card, nil
}

// held are the scopes that a name stands for among those that are followed.
func (t *turn) held(follows []subscriptions.Follow, scope subscriptions.Scope) []subscriptions.Scope {
	kind, id := scope.Split()
	var out []subscriptions.Scope
	for _, f := range follows {
		service, isService := f.Scope.Service()
		v, _ := t.nation.Service(service)
		if f.Scope == scope || kind == "agency" && isService && string(v.Agency) == id {
			if !slices.Contains(out, f.Scope) {
				out = append(out, f.Scope)
			}
		}
	}
	return out
}

// wider finds a scope that is followed still and brings this one's notices.
func (t *turn) wider(follows []subscriptions.Follow, scope subscriptions.Scope, left []subscriptions.Scope) subscriptions.Scope {
	id, ok := scope.Service()
	v, _ := t.nation.Service(id)
	for _, f := range follows {
		if slices.Contains(left, f.Scope) || f.Incident != 0 {
			continue
		}
		if f.Scope == subscriptions.ScopeAll || ok && f.Scope == subscriptions.ScopeAgency(v.Agency) {
			return f.Scope
		}
	}
	return ""
}

// notHeld answers who leaves what they do not follow, or follow only as a part
// of something wider.
func (t *turn) notHeld(follows []subscriptions.Follow, scope subscriptions.Scope) wording.Card {
	if wider := t.wider(follows, scope, nil); wider != "" {
		card := wording.Card{Lines: []string{t.say("leave.part", "Part", t.name(scope), "Name", t.name(wider))}}
		card.Choices = [][]wording.Choice{{t.choice(t.say("button.leave-all-of", "Name", short(t.name(wider), 30)), wish{act: actLeave, scope: wider})}}
		return card
	}
	name := t.say("name.it")
	if _, ok := t.exists(scope); ok {
		name = t.name(scope)
	}
	return t.withMenu(wording.Card{Lines: []string{t.say("leave.none", "Name", name)}})
}

// leaveNamed finds what a typed name means among what is followed.
func (t *turn) leaveNamed(ctx context.Context, w wish) (wording.Card, error) {
	if t.vocabulary.all[squash(w.query)] {
		return t.stop(ctx)
	}
	follows, err := t.follows(ctx)
	if err != nil {
		return wording.Card{}, err
	}
	found := t.Search.Search(w.query, 4*mostOffered)
	if len(found) == 0 {
		return t.notFound(ctx, w)
	}
	if scope, ok := decide(found); ok && len(t.held(follows, scope)) > 0 {
		return t.leave(ctx, scope)
	}
	var mine []subscriptions.Scope
	for _, s := range scopesOf(found) {
		if len(t.held(follows, s)) > 0 {
			mine = append(mine, s)
		}
	}
	switch len(mine) {
	case 0:
		return t.notHeld(follows, found[0].scope()), nil
	case 1:
		return t.leave(ctx, mine[0])
	}
	return t.which("leave.which", actLeave, mine), nil
}

// howToStop explains how to leave: everything, and what was named.
func (t *turn) howToStop(ctx context.Context, w wish) (wording.Card, error) {
	card := t.plain("stop.how")
	if !t.mayChange() {
		card.Lines = append(card.Lines, t.say("group.admins-only"))
		return card, nil
	}
	follows, err := t.follows(ctx)
	if err != nil {
		return wording.Card{}, err
	}
	if w.query != "" {
		for _, s := range scopesOf(t.Search.Search(w.query, mostOffered)) {
			if len(t.held(follows, s)) > 0 {
				label := t.say("button.leave-name", "Name", short(t.shortName(s), 40))
				card.Choices = append(card.Choices, []wording.Choice{t.choice(label, wish{act: actLeave, scope: s})})
			}
		}
	}
	card.Choices = append(card.Choices,
		[]wording.Choice{t.choice(t.say("button.stop"), wish{act: actStop})},
		[]wording.Choice{t.choice(t.say("button.mine"), wish{act: actMine})})
	return card, nil
}

// stop ends everything at once, whatever was asked before.
func (t *turn) stop(ctx context.Context) (wording.Card, error) {
	card := t.plain("stop.done")
	if t.known() {
		left, err := t.Register.Leave(ctx, t.me.ID, nil, t.now)
		if err != nil {
			return wording.Card{}, err
		}
		if left.Unended > 0 {
			card.Lines = append(card.Lines, t.count("leave.unended", left.Unended))
		}
	}
	card.Lines = append(card.Lines, t.say("stop.return"))
	if t.known() {
		card.Choices = [][]wording.Choice{{t.choice(t.say("button.forget"), wish{act: actForget})}}
	}
	return card, nil
}
