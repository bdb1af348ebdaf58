package bot

import (
	"context"
	"slices"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// mostStories is how many incidents one answer names.
const mostStories = 3

// status answers what is known of a scope now, with the ways to follow it. For a
// person the answer to a live trouble is a delivery: the register owes it, so
// that they hear the end too.
func (t *turn) status(ctx context.Context, scope subscriptions.Scope) (wording.Card, error) {
	scope, ok := t.exists(scope)
	if !ok {
		return t.unknownScope(), nil
	}
	t.asked()
	t.shown = scope
	stories, live, follows, owed, err := t.asksAbout(ctx, scope)
	if err != nil {
		return wording.Card{}, err
	}
	card := t.report(scope, stories, owed, own(follows, scope))
	if len(live) == 0 {
		if err := t.unofficially(ctx, &card, scope, ""); err != nil {
			return wording.Card{}, err
		}
		if err := t.nearby(ctx, &card, scope); err != nil {
			return wording.Card{}, err
		}
	}
	if len(live) > 0 { // a watch may have begun
		if follows, err = t.follows(ctx); err != nil {
			return wording.Card{}, err
		}
	}
	if len(owed) == 0 {
		card.Lines = append(card.Lines, t.watchLine(follows, scope, live)...)
	}
	card.Choices = append(card.Choices, t.waysOn(scope, live, follows)...)
	return card, nil
}

// nearby says, where nothing is announced of a service, what is announced of others of
// its agency: who typed "ecitizen" or "kitambulisho" may have meant one of those, and
// must not go away with "no trouble announced". It stands above the offer to follow.
func (t *turn) nearby(ctx context.Context, card *wording.Card, scope subscriptions.Scope) error {
	id, ok := scope.Service()
	if !ok {
		return nil
	}
	v, _ := t.nation.Service(id)
	a, ok := t.nation.Agency(v.Agency)
	if !ok {
		return nil
	}
	stories, err := t.stories(ctx, []subscriptions.Scope{subscriptions.ScopeAgency(a.ID)})
	if err != nil {
		return err
	}
	at := 1 + slices.Index(card.Lines, t.Speaker.Silence(t.l))
	if at == 0 { // it says more than silence
		return nil
	}
	live := liveOnes(stories)
	for _, s := range live[:min(len(live), mostStories)] {
		card.Lines = slices.Insert(card.Lines, at, t.say("status.nearby", "Agency", a.Short, "Title", t.sheetWords(s.notice).Title))
		at++
	}
	return nil
}

// asksAbout looks up what is told of a scope, which of that is live, what is followed,
// and what the question makes owed.
func (t *turn) asksAbout(ctx context.Context, scope subscriptions.Scope) (stories, live []story, follows []subscriptions.Follow, owed []subscriptions.NoticeID, err error) {
	if stories, err = t.stories(ctx, []subscriptions.Scope{scope}); err != nil {
		return nil, nil, nil, nil, err
	}
	if follows, err = t.follows(ctx); err != nil {
		return nil, nil, nil, nil, err
	}
	live = liveOnes(stories)
	owed, err = t.watchAsked(ctx, scope, live, follows)
	return stories, live, follows, owed, err
}

// watchLine says that they are told the end because they asked, wherever that is
// so and they do not follow anyway.
func (t *turn) watchLine(follows []subscriptions.Follow, scope subscriptions.Scope, live []story) []string {
	if t.watchOf(follows, scope, live) == "" {
		return nil
	}
	return []string{t.say("watch.on")}
}

// watchOf finds what is watched until a trouble of these ends and brings the end
// for this scope: the scope itself, else a wider one; "" = nothing, or it is
// followed for good.
func (t *turn) watchOf(follows []subscriptions.Follow, scope subscriptions.Scope, live []story) (found subscriptions.Scope) {
	var lasting []subscriptions.Follow
	for _, f := range follows {
		if f.Incident == 0 && f.Until.IsZero() {
			lasting = append(lasting, f)
		}
	}
	for _, s := range live {
		if own(follows, scope) || covered(t, lasting, s) {
			continue
		}
		for _, f := range follows {
			reaches := func(id subscriptions.ServiceID) bool {
				return t.reaches(s.incident, []subscriptions.Scope{f.Scope}, id)
			}
			if f.Incident == s.incident.ID && (f.Scope == scope || found == "" && slices.ContainsFunc(s.failing, reaches)) {
				found = f.Scope
			}
		}
	}
	return found
}

// watchAsked makes the register owe a person who asks about a live trouble its
// present notice and its end. It returns the notices that now come as messages.
func (t *turn) watchAsked(ctx context.Context, scope subscriptions.Scope, live []story, follows []subscriptions.Follow) ([]subscriptions.NoticeID, error) {
	if !t.person() || len(live) == 0 {
		return nil, nil
	}
	var watches []subscriptions.Follow
	for _, s := range live {
		if !covered(t, follows, s) {
			watches = append(watches, subscriptions.Follow{Scope: scope, Incident: s.incident.ID, Since: t.now, Consent: t.consent("asked")})
		}
	}
	return t.subscribe(ctx, watches)
}

// covered reports whether what is followed already brings all of the story.
func covered(t *turn, follows []subscriptions.Follow, s story) bool {
	var scopes []subscriptions.Scope
	for _, f := range follows {
		if f.Counts(s.incident.ID, t.now) && f.Until.IsZero() {
			scopes = append(scopes, f.Scope)
		}
	}
	for _, id := range s.failing {
		if !t.reaches(s.incident, scopes, id) {
			return false
		}
	}
	return true
}

// report says what is known of a scope: the words of the one live trouble, or a
// line for each of several; else what is not known, what ended, or that nothing
// was announced, which is never said as health.
func (t *turn) report(scope subscriptions.Scope, stories []story, owed []subscriptions.NoticeID, followed bool) wording.Card {
	live := liveOnes(stories)
	switch {
	case len(live) == 1 && slices.Contains(owed, live[0].notice.ID):
		return t.coming(live[0])
	case len(live) == 1:
		return t.whole(live[0], true)
	case len(live) > 1:
		card := wording.Card{Title: t.name(scope), Lines: []string{t.asOf()}}
		t.brief(&card, live)
		if len(owed) > 0 {
			card.Lines = append(card.Lines, t.say("status.coming"))
		}
		return card
	}
	card := wording.Card{Title: t.name(scope), Lines: []string{t.asOf()}}
	if unknown := unknownOnes(stories); len(unknown) > 0 {
		for _, s := range unknown[:min(len(unknown), mostStories)] {
			card.Lines = append(card.Lines, t.unsure(s))
		}
		return card
	}
	if ended := endedOnes(stories); len(ended) > 0 {
		end := t.words(ended[0], ended[0].ended, true)
		end.Lines = append(append([]string{t.asOf(), t.say("status.ended")}, end.Lines...), t.silence())
		return end
	}
	card.Lines = append(card.Lines, t.silence())
	if t.mayChange() && !followed {
		card.Lines = append(card.Lines, t.say("status.offer"))
		card.Footer = append(card.Footer, t.say("consent"))
	}
	return card
}

// whole is one live trouble in the words of its present notice.
func (t *turn) whole(s story, asked bool) wording.Card {
	t.says = true
	card := t.words(s, s.failing, asked)
	card.Lines = append([]string{t.asOf()}, card.Lines...)
	if len(s.unknown) > 0 {
		card.Lines = append(card.Lines, t.unsure(s))
	}
	card.Lines = append(card.Lines, t.late(s)...)
	return card
}

// coming says the most needed lines of a notice that is on its way to this
// person as a message of its own.
func (t *turn) coming(s story) wording.Card {
	t.says = true
	words := t.sheetWords(s.notice)
	card := wording.Card{Title: words.Title, Lines: []string{t.asOf()}}
	card.Lines = append(card.Lines, t.states(words, s.failing)...)
	card.Lines = append(card.Lines, slotLines(words.Head, subscriptions.SlotMoney)...)
	card.Lines = append(card.Lines, t.late(s)...)
	card.Lines = append(card.Lines, t.say("status.coming"))
	return card
}

// brief adds a few lines for each of several troubles.
func (t *turn) brief(card *wording.Card, all []story) {
	t.says = t.says || len(all) > 0
	for _, s := range all[:min(len(all), mostStories)] {
		words := t.sheetWords(s.notice)
		card.Lines = append(card.Lines, words.Title)
		card.Lines = append(card.Lines, t.states(words, s.failing)...)
		card.Lines = append(card.Lines, t.late(s)...)
	}
	if n := len(all) - mostStories; n > 0 {
		card.Lines = append(card.Lines, t.count("status.more", n))
	}
}

// unsure says that nobody knows whether services suffer.
func (t *turn) unsure(s story) string {
	var names []string
	for _, id := range s.unknown {
		names = append(names, t.name(subscriptions.ScopeService(id)))
	}
	if n := len(names) - mostNames; n > 0 {
		names = append(names[:mostNames:mostNames], t.count("strange.more", n))
	}
	return t.say("status.unknown", "What", t.sheetWords(s.notice).Title, "Names", t.Speaker.List(t.l, names))
}

// late says which promise of time has passed: nothing else is known then.
func (t *turn) late(s story) []string {
	i := s.incident
	switch {
	case i.Maintenance && !i.EndsAt.IsZero() && t.now.After(i.EndsAt) && !i.State.Over():
		return []string{t.Speaker.EndPassed(t.l, t.local(i.EndsAt))}
	case !i.NextUpdate.IsZero() && t.now.After(i.NextUpdate):
		return []string{t.Speaker.Overdue(t.l, t.local(i.NextUpdate))}
	}
	return nil
}

// waysOn are the buttons under an answer about one scope.
func (t *turn) waysOn(scope subscriptions.Scope, live []story, follows []subscriptions.Follow) [][]wording.Choice {
	var rows [][]wording.Choice
	service, isService := scope.Service()
	if t.mayChange() {
		watch := t.watchOf(follows, scope, live)
		if own(follows, scope) {
			rows = append(rows, []wording.Choice{t.choice(t.say("button.leave"), wish{act: actLeave, scope: scope})})
		} else {
			rows = append(rows, []wording.Choice{t.choice(t.say("button.follow"), wish{act: actFollow, scope: scope})})
			switch {
			case watch != "":
				rows = append(rows, []wording.Choice{t.choice(t.say("button.leave"), wish{act: actLeave, scope: watch})})
			case len(live) > 0 && !t.person(): // a person who asks is told the end anyway
				rows = append(rows, []wording.Choice{t.choice(t.say("button.watch"), wish{act: actWatch, scope: scope, incident: live[0].incident.ID})})
			case len(live) == 0:
				rows = append(rows, []wording.Choice{t.choice(t.say("button.soon"), wish{act: actSoon, scope: scope})})
			}
		}
	}
	if isService {
		row := []wording.Choice{t.choice(t.say("button.pay"), wish{act: actPay, scope: scope})}
		if v, ok := t.nation.Service(service); ok {
			a, _ := t.nation.Agency(v.Agency)
			row = append(row, t.choice(t.say("button.more-of", "Agency", a.Short), wish{act: actAgency, scope: subscriptions.ScopeAgency(v.Agency)}))
		}
		rows = append(rows, row)
	}
	return rows
}
