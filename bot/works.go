package bot

import (
	"context"
	"errors"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// Question asks somebody whether a service works for them now.
func (c *Conversation) Question(s subscriptions.Sample) wording.Card {
	t := turn{Conversation: c, nation: c.Nation(), me: subscriptions.Recipient{Language: s.Language}}
	t.speakIn(wish{}, Heard{})
	scope := subscriptions.ScopeService(s.Service)
	w := wish{act: actWorks, scope: scope, incident: s.Incident, round: s.Round}
	yes, no := w, w
	yes.reply, no.reply = "yes", "no"
	return wording.Card{
		Title:   t.say("sample.ask", "Name", t.name(scope)),
		Choices: [][]wording.Choice{{t.choice(t.say("button.works"), yes), t.choice(t.say("button.works-not"), no)}},
		Footer:  []string{t.say("sample.why")},
	}
}

// works takes the answer to such a question; after "no" it asks how they tried.
func (t *turn) works(ctx context.Context, w wish) (wording.Card, error) {
	over := wording.Card{Title: t.say("sample.over"), Replace: true}
	if t.Samples == nil || !t.known() || !t.person() {
		return over, nil
	}
	s := subscriptions.Sample{Incident: w.incident, Round: w.round, Recipient: t.me.ID, Works: w.reply == "yes"}
	if w.reply != "yes" && w.reply != "no" {
		s.Tried = subscriptions.Tried(w.reply)
	}
	err := t.Samples.AnswerSample(ctx, s, t.now)
	if errors.Is(err, subscriptions.ErrNotFound) {
		return over, nil
	}
	if err != nil {
		return wording.Card{}, err
	}
	t.asked()
	card := wording.Card{Title: t.say("sample.works"), Replace: true}
	status := []wording.Choice{t.choice(t.say("button.status-of"), wish{act: actStatus, scope: w.scope})}
	if s.Works {
		card.Choices = [][]wording.Choice{status}
		return card, nil
	}
	card.Title = t.say("sample.fails")
	service, one := w.scope.Service()
	if w.reply == "no" && one {
		card.Lines = []string{t.say("sample.how")}
		card.Choices = t.triedRows(func(how subscriptions.Tried) wish {
			return wish{act: actWorks, scope: w.scope, incident: w.incident, round: w.round, reply: string(how)}
		}, service)
	}
	card.Choices = append(card.Choices, status)
	return card, nil
}
