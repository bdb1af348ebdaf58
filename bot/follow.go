package bot

import (
	"context"
	"errors"
	"slices"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// soonFor is how long "tell me if something is announced" lasts.
const soonFor = 24 * time.Hour

// consentVersion is raised when the words that people agree to change.
const consentVersion = "1"

// consent names the words that were agreed to: "follow/en/1".
func (t *turn) consent(kind string) string {
	return kind + "/" + string(t.l) + "/" + consentVersion
}

// follows lists what this recipient follows now; nothing while it is not stored.
func (t *turn) follows(ctx context.Context) ([]subscriptions.Follow, error) {
	if !t.known() {
		return nil, nil
	}
	return t.Register.Follows(ctx, t.me.ID, t.now)
}

// subscribe stores follows and returns the notices that come as new messages.
func (t *turn) subscribe(ctx context.Context, follows []subscriptions.Follow) ([]subscriptions.NoticeID, error) {
	if len(follows) == 0 {
		return nil, nil
	}
	if err := t.stored(ctx); err != nil {
		return nil, err
	}
	owed, err := t.Register.Subscribe(ctx, t.me.ID, follows, t.now)
	if err != nil {
		return nil, err
	}
	var coming []subscriptions.NoticeID
	for _, o := range owed {
		if !o.Told && o.Mode == subscriptions.AsMessage {
			coming = append(coming, o.Notice)
		}
	}
	return coming, nil
}

// follow follows a scope and says what is announced for it now.
func (t *turn) follow(ctx context.Context, f subscriptions.Follow) (wording.Card, error) {
	scope, ok := t.exists(f.Scope)
	if !ok {
		return t.unknownScope(), nil
	}
	follows, err := t.follows(ctx)
	if err != nil {
		return wording.Card{}, err
	}
	if !own(follows, scope) && len(follows) >= t.MaxFollows {
		return t.withMenu(t.plain("follow.too-many")), nil
	}
	t.shown = scope
	f.Scope, f.Since = scope, t.now
	if f.Consent == "" {
		f.Consent = t.consent("follow")
	}
	coming, err := t.subscribe(ctx, []subscriptions.Follow{f})
	if err != nil {
		return wording.Card{}, err
	}
	stories, err := t.stories(ctx, []subscriptions.Scope{scope})
	if err != nil {
		return wording.Card{}, err
	}
	return t.followed(f, stories, coming), nil
}

// followed confirms a follow and adds what is known now.
func (t *turn) followed(f subscriptions.Follow, stories []story, coming []subscriptions.NoticeID) wording.Card {
	card := wording.Card{Title: t.say("follow.title", "Name", t.name(f.Scope))}
	live, unknown := liveOnes(stories), unknownOnes(stories)
	switch {
	case len(live) > 0:
		card.Lines = append(card.Lines, t.asOf())
		t.brief(&card, live)
		if slices.ContainsFunc(live, func(s story) bool { return slices.Contains(coming, s.notice.ID) }) {
			card.Lines = append(card.Lines, t.say("status.coming"))
		} else {
			card.Lines = append(card.Lines, t.say("follow.live"))
		}
	case len(unknown) > 0:
		card.Lines = append(card.Lines, t.asOf(), t.unsure(unknown[0]), t.say("follow.live"))
	default:
		card.Lines = append(card.Lines, t.say("follow.next"), t.asOf()+" "+t.silence())
	}
	if !f.Until.IsZero() {
		card.Title = t.say("soon.title", "Name", t.name(f.Scope), "Time", t.moment(f.Until))
	}
	card.Footer = append(card.Footer, t.say("consent"))
	card.Choices = [][]wording.Choice{
		{t.choice(t.say("button.leave"), wish{act: actLeave, scope: f.Scope})},
		{t.choice(t.say("button.mine"), wish{act: actMine}), t.choice(t.say("button.browse"), wish{act: actAgencies})},
	}
	return card
}

// soon follows a scope for a day. Who follows it for good keeps doing so.
func (t *turn) soon(ctx context.Context, scope subscriptions.Scope) (wording.Card, error) {
	follows, err := t.follows(ctx)
	if err != nil {
		return wording.Card{}, err
	}
	if own(follows, scope) {
		return t.follow(ctx, subscriptions.Follow{Scope: scope})
	}
	return t.follow(ctx, subscriptions.Follow{Scope: scope, Until: t.now.Add(soonFor), Consent: t.consent("soon")})
}

// watch follows one incident to its end. A late tap on an incident that is over
// gets the ending.
func (t *turn) watch(ctx context.Context, scope subscriptions.Scope, id subscriptions.IncidentID) (wording.Card, error) {
	scope, ok := t.exists(scope)
	if !ok {
		return t.unknownScope(), nil
	}
	i, err := t.Bulletins.Incident(ctx, id)
	if errors.Is(err, subscriptions.ErrNotFound) || err == nil && i.State.Over() {
		return t.status(ctx, scope)
	}
	if err != nil {
		return wording.Card{}, err
	}
	if _, err := t.subscribe(ctx, []subscriptions.Follow{{Scope: scope, Incident: id, Since: t.now, Consent: t.consent("watch")}}); err != nil {
		return wording.Card{}, err
	}
	card := wording.Card{Title: t.say("watch.title", "Name", t.name(scope)), Lines: []string{t.say("watch.line")}}
	card.Choices = [][]wording.Choice{
		{t.choice(t.say("button.follow"), wish{act: actFollow, scope: scope})},
		{t.choice(t.say("button.leave"), wish{act: actLeave, scope: scope})},
	}
	return card, nil
}
