package bot

import (
	"context"
	"slices"
	"unicode/utf8"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// mostOffered is how many things a question offers.
const mostOffered = 5

// When the best answer of a search is taken without asking: when its score is
// sure, or when it is clearly better than the next.
const (
	sureScore = 0.95
	clearGap  = 0.12
)

// lookUp finds what a name means and does what was wished with it, or asks
// which of several is meant.
func (t *turn) lookUp(ctx context.Context, w wish) (wording.Card, error) {
	limit := mostOffered
	if w.act == actLeave {
		return t.leaveNamed(ctx, w)
	}
	found := t.Search.Search(w.query, limit)
	if len(found) == 0 {
		return t.notFound(ctx, w)
	}
	if scope, ok := decide(found); ok {
		w.scope, w.query = scope, ""
		if w.act == actFind {
			if err := t.asksFor(ctx, scope); err != nil {
				return wording.Card{}, err
			}
			return t.status(ctx, scope)
		}
		return t.act(ctx, w)
	}
	act := w.act
	if act == actFind {
		act = actService
	}
	return t.which("find.which", act, scopesOf(found)), nil
}

// decide takes the best answer when nothing else can be meant.
func decide(found []Found) (subscriptions.Scope, bool) {
	best := found[0].scope()
	if len(found) == 1 {
		return best, best != ""
	}
	gap := found[0].Score - found[1].Score
	return best, best != "" && (gap >= clearGap || found[0].Score >= sureScore && gap > 0)
}

func (f Found) scope() subscriptions.Scope {
	switch {
	case f.Service != "":
		return subscriptions.ScopeService(f.Service)
	case f.Agency != "":
		return subscriptions.ScopeAgency(f.Agency)
	case f.Platform != "":
		return subscriptions.ScopePlatform(f.Platform)
	}
	return ""
}

func scopesOf(found []Found) []subscriptions.Scope {
	var all []subscriptions.Scope
	for _, f := range found {
		if s := f.scope(); s != "" && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

// notFound is never a dead end. A text with a number or a link in it may be one
// that somebody wants checked.
func (t *turn) notFound(ctx context.Context, w wish) (wording.Card, error) {
	if w.act == actFind && len(t.strange(w.query, nil)) > 0 {
		return t.compare(ctx, w.query)
	}
	if w.act == actPay || w.act == actReport && t.person() {
		t.ask(w.act)
	}
	return t.withMenu(wording.Card{Lines: []string{t.say("find.none"), t.say("home.try")}}), nil
}

// which asks which one is meant, one button each.
func (t *turn) which(id string, a act, scopes []subscriptions.Scope) wording.Card {
	card := wording.Card{Lines: []string{t.say(id)}}
	for _, s := range scopes[:min(len(scopes), mostOffered)] {
		card.Choices = append(card.Choices, []wording.Choice{t.choice(t.name(s), wish{act: a, scope: s})})
	}
	card.Choices = append(card.Choices, []wording.Choice{t.choice(t.say("button.browse"), wish{act: actAgencies})})
	return card
}

// name of a scope: "Paying tax (KRA)".
func (t *turn) name(s subscriptions.Scope) string {
	kind, id := s.Split()
	switch kind {
	case "all":
		return t.say("name.all")
	case "agency":
		a, _ := t.nation.Agency(subscriptions.AgencyID(id))
		return t.text(a.Name)
	case "platform":
		p, _ := t.nation.Platform(subscriptions.PlatformID(id))
		return t.text(p.Name)
	}
	v, _ := t.nation.Service(subscriptions.ServiceID(id))
	if a, ok := t.nation.Agency(v.Agency); ok && a.Short != "" {
		return t.text(v.Name) + " (" + a.Short + ")"
	}
	return t.text(v.Name)
}

func (t *turn) text(x subscriptions.Text) string { return x.In(t.l, t.nation.DefaultLanguage) }

// short cuts a button's label to what a small phone shows.
func short(label string, most int) string {
	if utf8.RuneCountInString(label) <= most {
		return label
	}
	r := []rune(label)
	return string(r[:most-1]) + "…"
}

// follows it: exists reports whether a scope is in the catalogue in force, and
// returns what replaced it where it was retired.
func (t *turn) exists(s subscriptions.Scope) (subscriptions.Scope, bool) {
	kind, id := s.Split()
	switch kind {
	case "all":
		return s, true
	case "agency":
		a, ok := t.nation.Agency(subscriptions.AgencyID(id))
		return s, ok && !a.Retired
	case "platform":
		p, ok := t.nation.Platform(subscriptions.PlatformID(id))
		if ok && p.Retired {
			for _, q := range t.nation.Platforms {
				if q.Replaces == p.ID && !q.Retired {
					return subscriptions.ScopePlatform(q.ID), true
				}
			}
		}
		return s, ok && !p.Retired
	}
	v, ok := t.nation.Service(subscriptions.ServiceID(id))
	if ok && v.Retired {
		for _, q := range t.nation.Services {
			if q.Replaces == v.ID && !q.Retired {
				return subscriptions.ScopeService(q.ID), true
			}
		}
	}
	return s, ok && !v.Retired
}

// unknownScope answers a button or link that names nothing of today.
func (t *turn) unknownScope() wording.Card {
	return t.withMenu(t.plain("find.gone", "home.try"))
}
