package bot

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// reporting reports whether anybody remembers what citizens report.
func (t *turn) reporting() bool { return t.Complaints != nil }

// fails counts that something does not work for somebody, at once and whatever is
// said after it, and thanks with what is known now. What is not named is asked for.
func (t *turn) fails(ctx context.Context, w wish) (wording.Card, error) {
	if !t.reporting() {
		return t.home(), nil
	}
	if w.scope == "" {
		return t.whatFails(ctx)
	}
	scope, ok := t.exists(w.scope)
	if !ok {
		return t.unknownScope(), nil
	}
	service, ok := scope.Service()
	if !ok {
		return t.whichFails(ctx, scope)
	}
	t.asked()
	t.shown = scope
	_, fresh, err := t.put(ctx, subscriptions.Report{Service: service})
	if err != nil {
		return wording.Card{}, err
	}
	card, err := t.knownOf(ctx, scope)
	if err != nil {
		return wording.Card{}, err
	}
	id := "report.thanks"
	if !fresh {
		id = "report.again"
	}
	card.Title = t.say(id, "Name", t.name(scope))
	t.says = false // that it fails has just been said
	if fresh {
		card.Lines = append(card.Lines, t.say("report.how"))
		card.Choices = append(t.triedRows(func(how subscriptions.Tried) wish {
			return wish{act: actTried, scope: scope, tried: how}
		}, service), card.Choices...)
	}
	return card, nil
}

// put stores a report of this person or group; who reports is stored, so that they
// can be asked whether it works again.
func (t *turn) put(ctx context.Context, r subscriptions.Report) (subscriptions.Report, bool, error) {
	if t.person() {
		if err := t.stored(ctx); err != nil {
			return r, false, err
		}
	}
	r.Recipient, r.Lane, r.Address, r.Kind, r.At = t.me.ID, t.h.Lane, t.h.Address, t.h.Kind, t.now
	return t.Complaints.PutReport(ctx, r)
}

// asksFor counts a question for a service: the quieter kind of complaint.
func (t *turn) asksFor(ctx context.Context, scope subscriptions.Scope) error {
	service, ok := scope.Service()
	if _, known := t.nation.Service(service); !ok || !known || !t.reporting() {
		return nil
	}
	return t.Complaints.PutAsk(ctx, subscriptions.Ask{Lane: t.h.Lane, Address: t.h.Address, Kind: t.h.Kind, Service: service, At: t.now})
}

// knownOf says what is announced for a scope now. Who reports what is told already
// has asked about it, and hears the end.
func (t *turn) knownOf(ctx context.Context, scope subscriptions.Scope) (wording.Card, error) {
	stories, live, follows, owed, err := t.asksAbout(ctx, scope)
	if err != nil {
		return wording.Card{}, err
	}
	card := wording.Card{Lines: []string{t.asOf()}}
	switch unknown := unknownOnes(stories); {
	case len(live) > 0:
		t.brief(&card, live)
		if len(owed) > 0 {
			card.Lines = append(card.Lines, t.say("status.coming"))
		}
	case len(unknown) > 0:
		card.Lines = append(card.Lines, t.unsure(unknown[0]))
	default:
		said, err := t.quietly(ctx, scope)
		if err != nil {
			return wording.Card{}, err
		}
		card.Lines = append(card.Lines, said...)
		card.Lines = append(card.Lines, t.say("report.officers"))
	}
	if t.mayChange() && !own(follows, scope) && len(live) == 0 {
		card.Choices = append(card.Choices, []wording.Choice{t.choice(t.say("button.follow"), wish{act: actFollow, scope: scope})})
	}
	return card, nil
}

// quietly says that nothing was announced, and before it, where that is so, that many
// report it and no word is official.
func (t *turn) quietly(ctx context.Context, scope subscriptions.Scope) ([]string, error) {
	lines, err := t.unofficial(ctx, scope)
	return append(lines, t.silence()), err
}

// unofficial is the line about many reports without an official word, for a service
// that people complain of.
func (t *turn) unofficial(ctx context.Context, scope subscriptions.Scope) ([]string, error) {
	service, ok := scope.Service()
	if !ok || t.Alarms == nil {
		return nil, nil
	}
	all, err := t.Alarms.Alarms(ctx, t.now)
	if err != nil {
		return nil, err
	}
	if since, ok := subscriptions.Unofficial(all, service); ok {
		return []string{t.Speaker.Unofficial(t.l, t.local(since))}, nil
	}
	return nil, nil
}

// unofficially puts that line below the time of an answer, with a name before it where
// the answer is about several services.
func (t *turn) unofficially(ctx context.Context, card *wording.Card, scope subscriptions.Scope, name string) error {
	lines, err := t.unofficial(ctx, scope)
	if err != nil || len(lines) == 0 {
		return err
	}
	if name != "" {
		lines[0] = name + ": " + lines[0]
	}
	card.Lines = slices.Insert(card.Lines, min(1, len(card.Lines)), lines...)
	return nil
}

// whatFails asks what fails: something that is followed, or its name.
func (t *turn) whatFails(ctx context.Context) (wording.Card, error) {
	follows, err := t.follows(ctx)
	if err != nil {
		return wording.Card{}, err
	}
	var mine []subscriptions.Scope
	for _, f := range follows {
		if _, one := f.Scope.Service(); one {
			mine = append(mine, f.Scope)
		}
	}
	if t.person() {
		t.ask(actReport)
	}
	return t.which("report.which", actReport, mine), nil
}

// whichFails asks which service of an agency, or behind a platform, fails: a report
// is of one.
func (t *turn) whichFails(ctx context.Context, scope subscriptions.Scope) (wording.Card, error) {
	follows, err := t.follows(ctx)
	if err != nil {
		return wording.Card{}, err
	}
	var first, rest []subscriptions.Scope
	for _, s := range t.servicesOf(scope) {
		if own(follows, s) {
			first = append(first, s)
		} else {
			rest = append(rest, s)
		}
	}
	if t.person() {
		t.ask(actReport)
	}
	return t.which("report.which", actReport, append(first, rest...)), nil
}

// tried notes how somebody paid or tried, and asks a person for the county.
func (t *turn) tried(ctx context.Context, w wish) (wording.Card, error) {
	service, ok := t.reported(w)
	if !ok {
		return t.unknownScope(), nil
	}
	if _, _, err := t.put(ctx, subscriptions.Report{Service: service, Tried: w.tried}); err != nil {
		return wording.Card{}, err
	}
	if !t.person() || len(t.nation.Counties) == 0 {
		return t.wordsAsked(w), nil
	}
	return t.counties(w), nil
}

// reported is the service that a step of a report is about.
func (t *turn) reported(w wish) (subscriptions.ServiceID, bool) {
	scope, ok := t.exists(w.scope)
	service, one := scope.Service()
	return service, ok && one && t.reporting()
}

// wordsAsked ends the questions: a person may add some words.
func (t *turn) wordsAsked(w wish) wording.Card {
	card := wording.Card{Title: t.say("report.noted"), Replace: w.tapped}
	if t.person() {
		t.ask(actWords)
		t.next.Slots = map[string]string{slotService: scopeWord(w.scope)}
		card.Lines = append(card.Lines, t.say("report.words"))
	}
	card.Choices = append(card.Choices, []wording.Choice{
		t.choice(t.say("button.status-of"), wish{act: actStatus, scope: w.scope}), t.choice(t.say("button.mine"), wish{act: actMine})})
	return card
}

// slotService is the service that a question is about.
const slotService = "service"

// askedService is the service of the question that was asked before.
func (t *turn) askedService() subscriptions.Scope {
	s, _ := parseScope(t.talk().Slots[slotService])
	return s
}

// addWords puts somebody's own words to their report: for officers, never published.
// Who says that money has left is answered like everybody who says so.
func (t *turn) addWords(ctx context.Context, w wish) (wording.Card, error) {
	w.scope = t.askedService()
	service, ok := t.reported(w)
	if !ok {
		return t.home(), nil
	}
	if _, _, err := t.put(ctx, subscriptions.Report{Service: service, Text: tidy(w.query)}); err != nil {
		return wording.Card{}, err
	}
	if _, _, paid := t.vocabulary.paidFor(w.query); paid {
		return t.paid(ctx, wish{act: actPaid, scope: w.scope})
	}
	card := wording.Card{Title: t.say("report.noted")}
	card.Choices = append(card.Choices, []wording.Choice{
		t.choice(t.say("button.status-of"), wish{act: actStatus, scope: w.scope}), t.choice(t.say("button.mine"), wish{act: actMine})})
	return card, nil
}

// tidy brings somebody's words onto one line, without what could steer a screen.
func tidy(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, clip(text))
	return strings.Join(strings.Fields(text), " ")
}
