package bot

import (
	"context"
	"regexp"
	"slices"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// paidLength is the length in bytes up to which a text is read as somebody's own
// words on a payment; people in need write long.
const paidLength = 400

// namedScore is how well a service must fit the rest of such a sentence.
const namedScore = 0.6

// amount is a sum of money as people write it: 1050, 1,050, 1050/=. It is no
// number to pay to.
var amount = regexp.MustCompile(`\b\d{1,4}(,\d{3})*(\.\d\d)?(/[=-])?(\s|$)`)

// paid answers somebody whose money has left: paying twice is the commonest
// harm. What a live notice says of it goes first, then what is always right.
func (t *turn) paid(ctx context.Context, w wish) (wording.Card, error) {
	t.asked()
	scope, options := w.scope, []subscriptions.Scope(nil)
	if scope == "" {
		scope, options = t.paidService(w.query)
	}
	if _, _, said := t.vocabulary.paidFor(clip(t.h.Text)); scope == "" && len(options) == 0 && w.query != "" && !said {
		return t.lookUp(ctx, wish{act: actFind, query: w.query}) // no answer to our question after all
	}
	if scope != "" {
		known, ok := t.exists(scope)
		if !ok {
			return t.unknownScope(), nil
		}
		scope, t.shown = known, known
	}
	follows, err := t.follows(ctx)
	if err != nil {
		return wording.Card{}, err
	}
	stories, err := t.stories(ctx, paidScopes(scope, follows))
	if err != nil {
		return wording.Card{}, err
	}
	card := wording.Card{}
	live, ended := liveOnes(stories), endedOnes(stories)
	switch {
	case len(live) > 0:
		if err := t.paidLive(ctx, &card, scope, live, follows); err != nil {
			return wording.Card{}, err
		}
	case len(ended) > 0:
		t.paidEnded(&card, ended[0])
	default:
		if err := t.paidUnsaid(ctx, &card, scope, unknownOnes(stories)); err != nil {
			return wording.Card{}, err
		}
	}
	t.paidAlways(&card, scope, options)
	return card, t.paidLeave(ctx, &card, scope, live)
}

// paidService finds the one service that the rest of the sentence names, or some
// that it may mean.
func (t *turn) paidService(query string) (subscriptions.Scope, []subscriptions.Scope) {
	if query == "" {
		return "", nil
	}
	found := t.Search.Search(query, 3)
	found = slices.DeleteFunc(found, func(f Found) bool { return f.Score < namedScore })
	if len(found) == 0 {
		return "", nil
	}
	if scope, ok := decide(found); ok {
		return scope, nil
	}
	return "", scopesOf(found)
}

// paidScopes are what is looked at: what was named, else what is followed.
func paidScopes(named subscriptions.Scope, follows []subscriptions.Follow) []subscriptions.Scope {
	if named != "" {
		return []subscriptions.Scope{named}
	}
	var scopes []subscriptions.Scope
	for _, f := range follows {
		scopes = append(scopes, f.Scope)
	}
	return scopes
}

// paidLive says what the notices say of the money. Who named the service has
// asked about it, and is told the end.
func (t *turn) paidLive(ctx context.Context, card *wording.Card, named subscriptions.Scope, live []story, follows []subscriptions.Follow) error {
	words := t.sheetWords(live[0].notice)
	card.Title, card.Lines = words.Title, []string{t.asOf()}
	card.Lines = append(card.Lines, t.states(words, live[0].failing)...)
	card.Lines = append(card.Lines, t.moneyLines(words)...)
	card.Lines = append(card.Lines, t.late(live[0])...)
	t.brief(card, live[1:])
	if named == "" {
		return nil
	}
	owed, err := t.watchAsked(ctx, named, live, follows)
	if err != nil {
		return err
	}
	if len(owed) > 0 {
		card.Lines = append(card.Lines, t.say("status.coming"))
		return nil
	}
	if follows, err = t.follows(ctx); err != nil {
		return err
	}
	card.Lines = append(card.Lines, t.watchLine(follows, named, live)...)
	return nil
}

// moneyLines are what a notice says of money that left; where it says nothing,
// what is always right.
func (t *turn) moneyLines(words subscriptions.Words) []string {
	if lines := slotLines(words.Head, subscriptions.SlotMoney); len(lines) > 0 {
		return lines
	}
	return []string{t.say("paid.again")}
}

// paidEnded says what the notice of the end says of the money.
func (t *turn) paidEnded(card *wording.Card, s story) {
	words := t.sheetWords(s.notice)
	card.Title = words.Title
	card.Lines = append([]string{t.asOf()}, t.moneyLines(words)...)
}

// paidUnsaid answers where no notice tells of it: what is announced at all is
// named, for it may be what the money hangs in.
func (t *turn) paidUnsaid(ctx context.Context, card *wording.Card, named subscriptions.Scope, unknown []story) error {
	card.Title = t.say("paid.again")
	if len(unknown) > 0 {
		card.Lines = []string{t.asOf(), t.unsure(unknown[0])}
		return nil
	}
	if named != "" {
		card.Lines = []string{t.asOf(), t.name(named) + ": " + t.silence()}
		return nil
	}
	all, err := t.stories(ctx, []subscriptions.Scope{subscriptions.ScopeAll})
	if err != nil {
		return err
	}
	if live := liveOnes(all); len(live) > 0 {
		card.Lines = []string{t.say("status.public") + ". " + t.asOf()}
		for _, s := range live[:min(len(live), mostStories)] {
			card.Lines = append(card.Lines, "• "+t.sheetWords(s.notice).Title)
		}
	}
	return nil
}

// paidAlways adds what is right after every payment, what the text names that is
// not ours, and the ways on.
func (t *turn) paidAlways(card *wording.Card, scope subscriptions.Scope, options []subscriptions.Scope) {
	card.Lines = append(card.Lines, t.say("paid.keep"), t.say("paid.office"))
	card.Lines = append(card.Lines, t.strangeLines(amount.ReplaceAllString(clip(t.h.Text), " "), nil)...)
	card.Footer = append(card.Footer, t.say("paid.pin"))
	switch {
	case len(options) > 0:
		card.Lines = append(card.Lines, t.say("paid.which"))
		for _, s := range options {
			card.Choices = append(card.Choices, []wording.Choice{t.choice(t.name(s), wish{act: actPaid, scope: s})})
		}
	case scope == "":
		card.Lines = append(card.Lines, t.say("paid.name"))
	}
	if scope == "" {
		t.ask(actPaid)
	}
	if check, ok := t.paymentCheck(scope); ok {
		card.Choices = append(card.Choices, []wording.Choice{t.choice(t.text(check.Name), wish{act: actService, scope: subscriptions.ScopeService(check.ID)})})
	}
	pay, status := wish{act: actPay, scope: scope}, wish{act: actStatus, scope: scope}
	label := "button.status"
	if scope != "" {
		label = "button.status-of"
	}
	card.Choices = append(card.Choices, []wording.Choice{t.choice(t.say("button.pay"), pay), t.choice(t.say(label), status)})
}

// paidLeave adds the way out of a watch.
func (t *turn) paidLeave(ctx context.Context, card *wording.Card, scope subscriptions.Scope, live []story) error {
	follows, err := t.follows(ctx)
	if err != nil || scope == "" || !t.mayChange() {
		return err
	}
	if watch := t.watchOf(follows, scope, live); watch != "" {
		card.Choices = append(card.Choices, []wording.Choice{t.choice(t.say("button.leave"), wish{act: actLeave, scope: watch})})
	}
	return nil
}

// paymentCheck finds the service that tells whether a payment came in, where the
// catalogue has one that serves this scope: both stand on one platform or know
// the same other way.
func (t *turn) paymentCheck(scope subscriptions.Scope) (subscriptions.Service, bool) {
	found := t.Search.Search(t.say("paid.check"), 1)
	if len(found) == 0 || found[0].Service == "" || found[0].Score < sureScore {
		return subscriptions.Service{}, false
	}
	check, ok := t.nation.Service(found[0].Service)
	if !ok || scope == "" {
		return check, ok
	}
	shares := func(v subscriptions.Service) bool {
		return slices.ContainsFunc(v.DependsOn, func(p subscriptions.PlatformID) bool { return slices.Contains(check.DependsOn, p) }) ||
			slices.ContainsFunc(v.Alternatives, func(a subscriptions.AlternativeID) bool { return slices.Contains(check.Alternatives, a) })
	}
	if id, one := scope.Service(); one {
		v, _ := t.nation.Service(id)
		return check, v.ID != check.ID && shares(v)
	}
	return check, slices.ContainsFunc(t.servicesOf(scope), func(s subscriptions.Scope) bool {
		id, _ := s.Service()
		v, _ := t.nation.Service(id)
		return shares(v)
	})
}
