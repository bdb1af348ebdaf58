package bot

import (
	"context"
	"slices"
	"strings"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// pay answers where a service may be paid now: approved ways that have not
// expired while it fails, confirmed destinations that are not broken else, and
// otherwise the sentence that keeps people from paying a stranger.
func (t *turn) pay(ctx context.Context, scope subscriptions.Scope) (wording.Card, error) {
	t.asked()
	if scope == "" {
		return t.payMine(ctx)
	}
	scope, ok := t.exists(scope)
	if !ok {
		return t.unknownScope(), nil
	}
	if id, ok := scope.Service(); ok {
		return t.payService(ctx, id)
	}
	return t.which("pay.which", actPay, t.servicesOf(scope)), nil
}

// payMine asks which service is meant, those that fail now first.
func (t *turn) payMine(ctx context.Context) (wording.Card, error) {
	follows, err := t.follows(ctx)
	if err != nil {
		return wording.Card{}, err
	}
	var scopes, options []subscriptions.Scope
	for _, f := range follows {
		scopes = append(scopes, f.Scope)
	}
	stories, err := t.stories(ctx, scopes)
	if err != nil {
		return wording.Card{}, err
	}
	for _, s := range liveOnes(stories) {
		for _, id := range s.failing {
			options = append(options, subscriptions.ScopeService(id))
		}
	}
	for _, s := range scopes {
		if _, ok := s.Service(); ok && !slices.Contains(options, s) {
			options = append(options, s)
		}
	}
	if len(options) == 1 {
		return t.pay(ctx, options[0])
	}
	t.ask(actPay)
	return t.which("pay.which", actPay, options), nil
}

func (t *turn) servicesOf(scope subscriptions.Scope) []subscriptions.Scope {
	kind, id := scope.Split()
	var out []subscriptions.Scope
	for _, s := range t.nation.Services {
		mine := kind == "agency" && string(s.Agency) == id || kind == "platform" && slices.Contains(s.DependsOn, subscriptions.PlatformID(id))
		if mine && !s.Retired {
			out = append(out, subscriptions.ScopeService(s.ID))
		}
	}
	return out
}

func (t *turn) payService(ctx context.Context, id subscriptions.ServiceID) (wording.Card, error) {
	scope := subscriptions.ScopeService(id)
	stories, err := t.stories(ctx, []subscriptions.Scope{scope})
	if err != nil {
		return wording.Card{}, err
	}
	card := wording.Card{Title: t.say("pay.title", "Name", t.name(scope)), Lines: []string{t.asOf()}}
	live, unknown := liveOnes(stories), unknownOnes(stories)
	switch {
	case len(live) > 0:
		t.payAround(&card, live, id)
	case len(unknown) > 0:
		card.Lines = append(card.Lines, t.unsure(unknown[0]), t.Speaker.NoWay(t.l))
	default:
		t.payUsual(&card, id)
	}
	card.Footer = append(card.Footer, t.say("pin"))
	card.Choices = append(card.Choices, []wording.Choice{t.choice(t.say("button.status-of"), wish{act: actStatus, scope: scope})})
	return card, nil
}

// payAround says the approved ways of a service that fails. Where several
// troubles hit it, a way must stand in all of them: none may send people to what
// another one broke.
func (t *turn) payAround(card *wording.Card, live []story, id subscriptions.ServiceID) {
	words := t.sheetWords(live[0].notice)
	if line, ok := linesOf(words, id); ok {
		card.Lines = append(card.Lines, line.Label+": "+line.State+".")
	}
	card.Lines = append(card.Lines, slotLines(words.Head, subscriptions.SlotMoney)...)
	line, ok := linesOf(words, id)
	if len(live) > 1 || !ok || !t.wayStands(live[0], id) {
		card.Lines = append(card.Lines, t.Speaker.NoWay(t.l))
		return
	}
	card.Lines = append(card.Lines, line.Lines...)
	for _, c := range live[0].notice.Sheet.Copy[id] {
		if e, ok := t.nation.Entry(c.Entry); ok && payable(e) && e.Value == c.Value {
			t.offerCopy(card, e)
		}
	}
}

// wayStands reports whether the present words name another way for a service,
// and all of those ways are approved and unexpired still.
func (t *turn) wayStands(s story, id subscriptions.ServiceID) bool {
	return slices.ContainsFunc(s.incident.Ways, func(w subscriptions.Way) bool { return t.standing(w, id) }) && !t.wayFell(s, id)
}

// wayFell reports whether a way that the present words name has ended or expired
// since: the clock may be ahead of the next notice.
func (t *turn) wayFell(s story, id subscriptions.ServiceID) bool {
	for _, w := range s.incident.Ways {
		renewed := func(o subscriptions.Way) bool { return o.Alternative == w.Alternative && t.standing(o, id) }
		told := slices.Contains(w.Services, id) && !t.standing(w, id) && s.notice.Sheet.At.Before(ended(w))
		if told && !slices.ContainsFunc(s.incident.Ways, renewed) {
			return true
		}
	}
	return false
}

func (t *turn) standing(w subscriptions.Way, id subscriptions.ServiceID) bool {
	return slices.Contains(w.Services, id) && w.EndedAt.IsZero() && (w.Until.IsZero() || t.now.Before(w.Until))
}

// ended is when a way that does not stand fell.
func ended(w subscriptions.Way) time.Time {
	if w.EndedAt.IsZero() || !w.Until.IsZero() && w.Until.Before(w.EndedAt) {
		return w.Until
	}
	return w.EndedAt
}

// payUsual names the confirmed destinations of a service without a trouble.
func (t *turn) payUsual(card *wording.Card, id subscriptions.ServiceID) {
	card.Lines = append(card.Lines, t.silence())
	v, _ := t.nation.Service(id)
	found := false
	for _, e := range t.nation.Registry {
		if payable(e) && t.belongs(e, v) && !t.brokenNow(e) {
			found = true
			card.Lines = append(card.Lines, t.destination(e))
			t.offerCopy(card, e)
		}
	}
	if !found {
		card.Lines = append(card.Lines, t.say("pay.none"))
	}
}

// payable reports whether a citizen may be told to pay there.
func payable(e subscriptions.Entry) bool {
	return e.Destination && e.Publishable && !e.Verify && !e.Retired && e.Value != ""
}

// belongs reports whether the catalogue ties a destination to a service: it is a
// name of a platform that the service surely depends on, or people find the
// service by it.
func (t *turn) belongs(e subscriptions.Entry, s subscriptions.Service) bool {
	if slices.Contains(s.Keywords, e.Value) {
		return true
	}
	for _, id := range s.DependsOn {
		p, _ := t.nation.Platform(id)
		if !slices.Contains(s.DependencyVerify, id) && identifies(p, e.Value) {
			return true
		}
	}
	return false
}

// brokenNow reports whether a live trouble names what the destination is.
func (t *turn) brokenNow(e subscriptions.Entry) bool {
	return slices.ContainsFunc(t.live, func(i subscriptions.Incident) bool {
		return !i.State.Over() && slices.ContainsFunc(i.Platforms(), func(id subscriptions.PlatformID) bool {
			p, _ := t.nation.Platform(id)
			return identifies(p, e.Value)
		})
	})
}

func identifies(p subscriptions.Platform, value string) bool {
	return slices.ContainsFunc(p.Identifiers, func(i subscriptions.Identifier) bool {
		return strings.EqualFold(strings.TrimSpace(i.Value), strings.TrimSpace(value))
	})
}

func (t *turn) destination(e subscriptions.Entry) string {
	kind := t.say("pay.kind." + kindOf(e.Type))
	if e.ExpectName != "" {
		return t.say("pay.to-name", "Kind", kind, "Value", e.Value, "Name", e.ExpectName)
	}
	return t.say("pay.to", "Kind", kind, "Value", e.Value)
}

// kindOf maps the registry's types to those that have a word.
func kindOf(kind string) string {
	switch kind {
	case "mpesa-paybill", "ussd", "bank-account":
		return kind
	}
	return "other"
}

// offerCopy adds a copy button for a working destination.
func (t *turn) offerCopy(card *wording.Card, e subscriptions.Entry) {
	if !t.brokenNow(e) {
		card.Copy = append(card.Copy, wording.Copy{Label: t.say("button.copy", "Value", e.Value), Value: e.Value})
	}
}
