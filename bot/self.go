package bot

import (
	"context"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// quiet chooses messages without sound, or with it again.
func (t *turn) quiet(ctx context.Context, on bool) (wording.Card, error) {
	if t.known() || on {
		if err := t.stored(ctx); err != nil {
			return wording.Card{}, err
		}
		t.me.Silent = on
	}
	if on {
		card := t.plain("quiet.on")
		card.Choices = [][]wording.Choice{{t.choice(t.say("button.loud"), wish{act: actQuiet, on: false})}}
		return card, nil
	}
	card := t.plain("quiet.off")
	card.Choices = [][]wording.Choice{{t.choice(t.say("button.quiet"), wish{act: actQuiet, on: true})}}
	return card, nil
}

// myData says exactly what is stored of this chat.
func (t *turn) myData(ctx context.Context) (wording.Card, error) {
	if !t.known() {
		if t.h.Lane.Network() == "webchat" { // the page shows it
			card := t.plain("mydata.said", "mydata.nothing-else")
			card.Title = t.say("mydata.title")
			return t.withMenu(card), nil
		}
		return t.withMenu(t.plain("mydata.nothing")), nil
	}
	follows, err := t.follows(ctx)
	if err != nil {
		return wording.Card{}, err
	}
	told, err := t.Bulletins.Told(ctx, t.me.ID, t.now.AddDate(0, 0, -30))
	if err != nil {
		return wording.Card{}, err
	}
	card := wording.Card{Title: t.say("mydata.title")}
	card.Lines = append(card.Lines, t.say("mydata.chat", "Network", networkName(t.h.Lane), "Since", t.moment(t.before.CreatedAt)))
	if t.before.Title != "" {
		card.Lines = append(card.Lines, t.say("mydata.group"))
	}
	if t.before.Language != "" {
		card.Lines = append(card.Lines, t.say("mydata.language", "Language", t.Speaker.T(t.before.Language, "language.name", nil)))
	}
	if t.before.Silent {
		card.Lines = append(card.Lines, t.say("mydata.silent"))
	}
	card.Lines = append(card.Lines, t.followsStored(follows)...)
	if !t.before.AskedAt.IsZero() {
		card.Lines = append(card.Lines, t.say("mydata.asked", "Time", t.moment(t.before.AskedAt)))
	}
	if t.before.Talk.State != "" {
		card.Lines = append(card.Lines, t.say("mydata.talk", "Time", t.moment(t.before.Talk.At)))
	}
	if len(told) > 0 {
		card.Lines = append(card.Lines, t.count("mydata.told", len(told)))
	}
	if t.reporting() {
		n, err := t.Complaints.ReportsOf(ctx, t.me.ID)
		if err != nil {
			return wording.Card{}, err
		}
		if n > 0 {
			card.Lines = append(card.Lines, t.count("mydata.reports", n))
		}
	}
	if t.h.Lane.Network() == "webchat" {
		card.Lines = append(card.Lines, t.say("mydata.said"))
	}
	card.Lines = append(card.Lines, t.say("mydata.nothing-else"))
	card.Choices = [][]wording.Choice{
		{t.choice(t.say("button.mine"), wish{act: actMine}), t.choice(t.say("button.forget"), wish{act: actForget})},
	}
	return card, nil
}

// followsStored names the follows with the day of each agreement; more than a
// screen holds are counted, and the button beside lists them.
func (t *turn) followsStored(follows []subscriptions.Follow) []string {
	if len(follows) == 0 {
		return []string{t.say("mydata.follows-none")}
	}
	lines := []string{t.count("mydata.follows", len(follows))}
	for _, f := range follows[:min(len(follows), mostNames)] {
		lines = append(lines, "• "+t.say("mydata.follow", "Name", t.followLine(f), "Date", t.Speaker.Date(t.l, t.local(f.Since))))
	}
	if n := len(follows) - mostNames; n > 0 {
		lines = append(lines, t.count("status.more-services", n))
	}
	return lines
}

// networkName is how people call a network.
func networkName(l subscriptions.LaneID) string {
	switch n := l.Network(); n {
	case "telegram":
		return "Telegram"
	case "slack":
		return "Slack"
	case "webchat":
		return "Web"
	default:
		return n
	}
}

// forget erases at once and says so: who writes it means it. A button may be touched
// by mistake, so that is asked about once.
func (t *turn) forget(ctx context.Context, sure bool) (wording.Card, error) {
	if !t.known() {
		// A page keeps what was said on it, and the inbox what could not be handled, also
		// of somebody whom nothing else knows. Both are erased with a recipient.
		err := t.save(ctx)
		if err == nil {
			err = t.Register.Forget(ctx, t.me.ID, t.now)
		}
		t.gone = true
		return t.plain("forget.nothing"), err
	}
	if !sure {
		t.ask(actForget)
		card := t.plain("forget.ask")
		card.Choices = [][]wording.Choice{
			{t.choice(t.say("button.forget-yes"), wish{act: actForget, yes: true})},
			{t.choice(t.say("button.no"), wish{act: actHome})},
		}
		return card, nil
	}
	if err := t.Register.Forget(ctx, t.me.ID, t.now); err != nil {
		return wording.Card{}, err
	}
	t.gone = true
	return t.plain("forget.done", "stop.return"), nil
}
