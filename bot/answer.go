package bot

import (
	"context"
	"slices"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// answer does what was wished and says so.
func (t *turn) answer(ctx context.Context, w wish) (wording.Card, error) {
	if w.changes() && !t.mayChange() {
		return t.plain("group.admins-only"), nil
	}
	if w.asksFirst() && t.person() && t.me.Language == "" && w.tongue == "" {
		return t.chooseLanguage(w), nil
	}
	if w.act == actFind || w.act == actCompare {
		if card, ok, err := t.byCode(ctx, w.query); ok || err != nil {
			return card, err
		}
	}
	if w.query != "" && w.scope == "" {
		switch w.act {
		case actFind, actFollow, actLeave, actStatus, actPay, actReport:
			return t.lookUp(ctx, w)
		}
	}
	return t.act(ctx, w)
}

func (t *turn) act(ctx context.Context, w wish) (wording.Card, error) {
	switch w.act {
	case actLang:
		return t.setLanguage(ctx, w)
	case actLanguage:
		return t.chooseLanguage(wish{}), nil
	case actHelp:
		return t.help(), nil
	case actAgencies:
		return t.agencies(w), nil
	case actAgency:
		return t.agency(w)
	case actService:
		return t.status(ctx, w.scope)
	case actFollow:
		return t.follow(ctx, subscriptions.Follow{Scope: w.scope})
	case actSoon:
		return t.soon(ctx, w.scope)
	case actWatch:
		return t.watch(ctx, w.scope, w.incident)
	case actLeave:
		return t.leave(ctx, w.scope)
	case actStop:
		return t.stop(ctx)
	case actReport:
		return t.fails(ctx, w)
	case actTried:
		return t.tried(ctx, w)
	case actCounties:
		return t.countyPages(w), nil
	case actCounty:
		return t.county(ctx, w)
	case actWords:
		return t.addWords(ctx, w)
	case actWorks:
		return t.works(ctx, w)
	case actStatus:
		if w.scope != "" {
			if err := t.asksFor(ctx, w.scope); err != nil {
				return wording.Card{}, err
			}
			return t.status(ctx, w.scope)
		}
		return t.statusOfMine(ctx)
	case actMine:
		return t.mine(ctx, w.page, w.tapped)
	case actPay:
		return t.pay(ctx, w.scope)
	case actPaid:
		return t.paid(ctx, w)
	case actStopHow:
		return t.howToStop(ctx, w)
	case actVerify:
		if w.key != "" {
			return t.compare(ctx, w.key)
		}
		t.ask(actVerify)
		return t.plain("verify.ask"), nil
	case actCompare:
		return t.compare(ctx, w.query)
	case actAccount:
		return t.judgeAccount(w.query), nil
	case actQuiet:
		return t.quiet(ctx, w.on)
	case actMyData:
		return t.myData(ctx)
	case actForget:
		return t.forget(ctx, w.yes || !w.tapped)
	case actThanks:
		return t.withMenu(t.plain("talk.thanks")), nil
	case actNothing:
		return t.withMenu(t.plain("talk.nothing")), nil
	}
	return t.home(), nil
}

// changes reports whether the wish changes what the whole group gets.
func (w wish) changes() bool {
	switch w.act {
	case actFollow, actLeave, actStop, actWatch, actSoon, actLang, actQuiet, actForget:
		return true
	}
	return false
}

// asksFirst reports whether a language is asked for before the answer: where
// somebody opens the chat and has said nothing yet.
func (w wish) asksFirst() bool {
	switch w.act {
	case actStart:
		return true
	case actHome, actService:
		return !w.tapped
	}
	return w.act == actVerify && w.key != "" && !w.tapped
}

// finished adds what belongs under every card of this recipient.
func (t *turn) finished(card wording.Card, w wish) wording.Card {
	card = t.withFails(card)
	if t.h.Kind == subscriptions.Group {
		if name := t.BotName(t.h.Lane); name != "" {
			card.Footer = append(card.Footer, t.say("group.only", "Bot", "@"+name))
		}
		return card
	}
	card = t.overseen(card)
	if t.fresh && !w.asksFirst() && w.act != actLanguage && w.act != actLang && !t.gone {
		card.Choices = append(card.Choices, t.languageRow(w, t.l))
	}
	return card
}

// withFails puts "it fails for me" under every answer that says how something is:
// told, or not announced.
func (t *turn) withFails(card wording.Card) wording.Card {
	if !t.says || !t.reporting() || slices.ContainsFunc(card.Choices, func(row []wording.Choice) bool {
		return slices.ContainsFunc(row, func(c wording.Choice) bool {
			w, ok := parseChoice(c.Data)
			return ok && (w.act == actReport || w.act == actTried)
		})
	}) {
		return card
	}
	var of []subscriptions.ServiceID
	if id, one := t.shown.Service(); one {
		of = []subscriptions.ServiceID{id}
	}
	card.Choices = slices.Insert(slices.Clone(card.Choices), min(1, len(card.Choices)), []wording.Choice{t.Speaker.Fails(t.l, of...)})
	return card
}

// languageRow offers the languages but one; what was asked is answered again in
// the chosen one.
func (t *turn) languageRow(w wish, but subscriptions.Language) []wording.Choice {
	next, scope := "", t.shown
	if w.act == actService {
		scope = w.scope
	}
	switch {
	case scope != "":
		next = wish{act: actStatus, scope: scope}.data()
	case w.act == actVerify && w.key != "":
		next = wish{act: actVerify, key: w.key}.data()
	}
	var row []wording.Choice
	for _, l := range t.nation.Languages {
		if l == but || !t.Speaker.Speaks(l) {
			continue
		}
		data := wish{act: actLang, language: l, next: next}.data()
		if len(data) > maxData {
			data = wish{act: actLang, language: l}.data()
		}
		row = append(row, wording.Choice{Label: t.Speaker.T(l, "language.name", nil), Data: data})
	}
	return row
}

// chooseLanguage asks in every language at once.
func (t *turn) chooseLanguage(w wish) wording.Card {
	var card wording.Card
	card.Title = t.say("talk.name")
	for _, l := range t.nation.Languages {
		if t.Speaker.Speaks(l) {
			card.Lines = append(card.Lines, t.Speaker.T(l, "language.choose", nil))
		}
	}
	card.Choices = [][]wording.Choice{t.languageRow(w, "")}
	return card
}

func (t *turn) setLanguage(ctx context.Context, w wish) (wording.Card, error) {
	if !t.speaks(w.language) {
		return t.chooseLanguage(wish{}), nil
	}
	t.me.Language, t.l = w.language, w.language
	if next, ok := parseChoice(w.next); ok && w.next != "" {
		return t.answer(ctx, next)
	}
	card := t.home()
	card.Lines = append([]string{t.say("language.set")}, card.Lines...)
	return card, nil
}

func (t *turn) home() wording.Card {
	id := "home.lines"
	if t.h.Kind == subscriptions.Group {
		id = "home.group"
	}
	card := wording.Card{Title: t.say("talk.name"), Lines: []string{t.say(id), t.say("home.try")}, Footer: []string{t.say("pin")}}
	if t.h.Kind == subscriptions.Group {
		return t.withMenu(card)
	}
	return t.withMost(card)
}

func (t *turn) help() wording.Card {
	card := wording.Card{Title: t.say("help.title"), Footer: []string{t.say("pin")}}
	for _, id := range []string{"help.find", "help.status", "help.pay", "help.verify", "help.self", "help.stop"} {
		card.Lines = append(card.Lines, t.say(id))
	}
	return t.withMenu(card)
}

// plain is a card of these sentences.
func (t *turn) plain(ids ...string) wording.Card {
	var card wording.Card
	for _, id := range ids {
		card.Lines = append(card.Lines, t.say(id))
	}
	return card
}

// withMenu puts the ways on under a card, so that no answer is a dead end.
func (t *turn) withMenu(card wording.Card) wording.Card {
	card.Choices = append(card.Choices,
		[]wording.Choice{t.choice(t.say("button.browse"), wish{act: actAgencies}), t.choice(t.say("button.mine"), wish{act: actMine})},
		[]wording.Choice{t.choice(t.say("button.status"), wish{act: actStatus}), t.choice(t.say("button.help"), wish{act: actHelp})})
	return card
}

// own reports whether some scopes are in a list.
func own(follows []subscriptions.Follow, s subscriptions.Scope) bool {
	return slices.ContainsFunc(follows, func(f subscriptions.Follow) bool { return f.Scope == s && f.Incident == 0 && f.Until.IsZero() })
}
