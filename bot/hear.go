package bot

import (
	"context"
	"errors"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// Hear understands one thing and answers it, mostly with one card and with none
// where silence is right: in a group that talks among itself, or in a channel.
// An error means that the store could not answer; hearing the same thing again
// later does no harm.
func (c *Conversation) Hear(ctx context.Context, h Heard) ([]wording.Card, error) {
	if h.Kind == subscriptions.Channel {
		return nil, nil
	}
	t, err := c.turn(ctx, h)
	if err != nil {
		return nil, err
	}
	w, addressed := c.vocabulary.understand(h, t.talk(), c.BotName(h.Lane))
	if h.Kind == subscriptions.Group && (!addressed || w.act == actNothing) {
		return nil, nil
	}
	t.speakIn(w, h)
	card, err := t.answer(ctx, w)
	if err != nil {
		return nil, err
	}
	if err := t.keep(ctx); err != nil {
		return nil, err
	}
	return []wording.Card{t.finished(card, w)}, nil
}

// Left is called when the recipient blocked us or put us out: nothing is sent
// there until its owner comes back.
func (c *Conversation) Left(ctx context.Context, lane subscriptions.LaneID, a subscriptions.Address, now time.Time) error {
	me, err := c.Register.Recipient(ctx, lane, a)
	if errors.Is(err, subscriptions.ErrNotFound) {
		return nil
	}
	if err != nil || !me.GoneAt.IsZero() {
		return err
	}
	me.GoneAt, me.Talk = clock(now), subscriptions.Talk{}
	_, err = c.Register.SaveRecipient(ctx, me)
	return err
}

// Back is called when the owner let us in again: what was followed before is
// followed again. A recipient that was never known stays unknown.
func (c *Conversation) Back(ctx context.Context, lane subscriptions.LaneID, a subscriptions.Address, kind subscriptions.RecipientKind, now time.Time) error {
	me, err := c.Register.Recipient(ctx, lane, a)
	if errors.Is(err, subscriptions.ErrNotFound) {
		return nil
	}
	if err != nil || me.GoneAt.IsZero() && me.Kind == kind {
		return err
	}
	me.GoneAt, me.Kind = time.Time{}, kind
	_, err = c.Register.SaveRecipient(ctx, me)
	return err
}

// Command is one entry of a network's command menu.
type Command struct{ Name, Description string }

// Commands lists the commands with their descriptions in l.
func (c *Conversation) Commands(l subscriptions.Language) []Command {
	var all []Command
	for _, name := range []string{"status", "report", "mine", "pay", "verify", "agencies", "language", "quiet", "mydata", "forget", "stop", "help", "start"} {
		all = append(all, Command{Name: name, Description: c.Speaker.T(l, "command."+name, nil)})
	}
	return all
}

// clock cuts a time as both stores keep it.
func clock(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
