package bot

import (
	"context"
	"slices"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// minePage is how many follows one page names: each has a line and a button.
const minePage = 6

// mine lists what is followed, with one tap to leave each.
func (t *turn) mine(ctx context.Context, page int, replace bool) (wording.Card, error) {
	follows, err := t.follows(ctx)
	if err == nil {
		follows, err = t.lasting(ctx, follows)
	}
	if err != nil {
		return wording.Card{}, err
	}
	if len(follows) == 0 {
		return t.withMenu(t.plain("mine.none", "home.try")), nil
	}
	pages := (len(follows) + minePage - 1) / minePage
	page = min(page, pages-1)
	card := wording.Card{Title: t.count("mine.title", len(follows)), Replace: replace}
	for _, f := range follows[page*minePage : min(len(follows), (page+1)*minePage)] {
		card.Lines = append(card.Lines, "• "+t.followLine(f))
		label := t.say("button.leave-name", "Name", short(t.shortName(f.Scope), 40))
		card.Choices = append(card.Choices, []wording.Choice{t.choice(label, wish{act: actLeave, scope: f.Scope})})
	}
	var row []wording.Choice
	if page > 0 {
		row = append(row, t.choice(t.say("button.previous"), wish{act: actMine, page: page - 1}))
	}
	if page < pages-1 {
		row = append(row, t.choice(t.say("button.next"), wish{act: actMine, page: page + 1}))
	}
	if row != nil {
		card.Choices = append(card.Choices, row)
		card.Lines = append(card.Lines, t.pageLine(page, pages))
	}
	card.Choices = append(card.Choices, []wording.Choice{
		t.choice(t.say("button.status"), wish{act: actStatus}), t.choice(t.say("button.browse"), wish{act: actAgencies})})
	return card, nil
}

// lasting leaves out what was followed for one incident that has ended: nothing
// comes of it any more, though /status still answers with the ending.
func (t *turn) lasting(ctx context.Context, follows []subscriptions.Follow) ([]subscriptions.Follow, error) {
	out := make([]subscriptions.Follow, 0, len(follows))
	for _, f := range follows {
		if f.Incident != 0 {
			_, over, err := t.incidentOf(ctx, subscriptions.Notice{Incident: f.Incident})
			if err != nil {
				return nil, err
			}
			if over {
				continue
			}
		}
		out = append(out, f)
	}
	return out, nil
}

// followLine names a follow and when it ends by itself.
func (t *turn) followLine(f subscriptions.Follow) string {
	name := t.name(f.Scope)
	if kind, _ := f.Scope.Split(); kind == "agency" {
		name = t.say("name.agency", "Name", name)
	}
	switch {
	case f.Incident != 0:
		return t.say("mine.watch", "Name", name)
	case !f.Until.IsZero():
		return t.say("mine.soon", "Name", name, "Time", t.moment(f.Until))
	}
	return name
}

// shortName is the name without its agency, for a button.
func (t *turn) shortName(s subscriptions.Scope) string {
	id, ok := s.Service()
	if v, found := t.nation.Service(id); ok && found {
		return t.text(v.Name)
	}
	return t.name(s)
}

// statusOfMine answers for everything that is followed, and with the endings of what
// was told before; for who follows nothing it names what is announced.
func (t *turn) statusOfMine(ctx context.Context) (wording.Card, error) {
	t.asked()
	follows, err := t.follows(ctx)
	if err != nil {
		return wording.Card{}, err
	}
	var scopes []subscriptions.Scope
	for _, f := range follows {
		scopes = append(scopes, f.Scope)
	}
	endings, err := t.endings(ctx, scopes)
	if err != nil {
		return wording.Card{}, err
	}
	if len(follows) == 0 {
		return t.announced(ctx, endings)
	}
	stories, err := t.stories(ctx, scopes)
	if err != nil {
		return wording.Card{}, err
	}
	stories = append(stories, endings...)
	if len(follows) == 1 && len(endings) == 0 {
		card := t.report(scopes[0], stories, nil, own(follows, scopes[0]))
		if len(liveOnes(stories)) == 0 {
			if err := t.unofficially(ctx, &card, scopes[0], ""); err != nil {
				return wording.Card{}, err
			}
		}
		card.Lines = append(card.Lines, t.watchLine(follows, scopes[0], liveOnes(stories))...)
		card.Choices = append(card.Choices, t.waysOn(scopes[0], liveOnes(stories), follows)...)
		return card, nil
	}
	card := t.summary(stories)
	for _, scope := range scopes {
		if failsIn(stories, scope) || len(card.Lines) > mostLines {
			continue
		}
		if err := t.unofficially(ctx, &card, scope, t.name(scope)); err != nil {
			return wording.Card{}, err
		}
	}
	return card, nil
}

// mostLines is from how many lines on a summary gets no more.
const mostLines = 12

// failsIn reports whether a live trouble tells of a service.
func failsIn(stories []story, scope subscriptions.Scope) bool {
	id, _ := scope.Service()
	return slices.ContainsFunc(stories, func(s story) bool { return slices.Contains(s.failing, id) })
}

// summary tells of several follows on one screen: the words of one live trouble
// or a few lines of each, and what is not known, ended or unannounced.
func (t *turn) summary(stories []story) wording.Card {
	live, unknown, ended := liveOnes(stories), unknownOnes(stories), endedOnes(stories)
	card := wording.Card{Title: t.say("status.title"), Lines: []string{t.asOf()}}
	if len(live) == 1 {
		card = t.whole(live[0], false)
	} else {
		t.brief(&card, live)
	}
	for _, s := range unknown {
		card.Lines = append(card.Lines, t.unsure(s))
	}
	card.Lines = append(card.Lines, t.endedLines(ended)...)
	if len(live)+len(unknown) == 0 {
		card.Lines = append(card.Lines, t.silence())
	} else {
		card.Lines = append(card.Lines, t.say("status.rest"))
	}
	return t.withMenu(card)
}

// endedLines are a line for each of several that were announced as over.
func (t *turn) endedLines(ended []story) (lines []string) {
	for _, s := range ended[:min(len(ended), mostStories)] {
		lines = append(lines, t.say("status.ended")+" "+t.sheetWords(s.notice).Title)
	}
	return lines
}

// announced names the live troubles, for whoever follows nothing, and how ended what
// they were told of.
func (t *turn) announced(ctx context.Context, endings []story) (wording.Card, error) {
	stories, err := t.stories(ctx, []subscriptions.Scope{subscriptions.ScopeAll})
	if err != nil {
		return wording.Card{}, err
	}
	live := liveOnes(stories)
	card := wording.Card{Title: t.say("status.public"), Lines: []string{t.asOf()}}
	if len(endings) == 1 {
		end := t.words(endings[0], endings[0].ended, true)
		card.Lines, card.Footer = append(append(card.Lines, t.say("status.ended"), end.Title), end.Lines...), end.Footer
	} else {
		card.Lines = append(card.Lines, t.endedLines(endings)...)
	}
	for _, s := range live[:min(len(live), mostStories)] {
		card.Lines = append(card.Lines, "• "+t.sheetWords(s.notice).Title)
	}
	if len(live) == 0 {
		card.Lines = append(card.Lines, t.silence())
	} else {
		card.Lines = append(card.Lines, t.say("status.rest"))
	}
	if n := len(live) - mostStories; n > 0 {
		card.Lines = append(card.Lines, t.count("status.more", n))
	}
	card.Lines = append(card.Lines, t.say("home.try"))
	return t.withMenu(card), nil
}
