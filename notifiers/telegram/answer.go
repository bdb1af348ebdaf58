package telegram

import (
	"context"
	"errors"
	"slices"
	"time"

	"arifa/bot"
	"arifa/notifiers"
	"arifa/subscriptions/wording"
)

// waitingAnswers is how many answers may wait for the lane at once: half a minute's
// worth of a lane of 30 messages a second. When so many wait, no more is heard, and
// what comes stays in the store.
const waitingAnswers = 1024

// converse hears and answers. What was heard is stored when Hear returns, and
// counts, above all STOP; a chat that says too much is only not answered.
func (e *Ears) converse(ctx context.Context, h bot.Heard) error {
	cards, err := e.Conversation.Hear(ctx, h)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(cards, func(c wording.Card) bool { return c.Erase }) {
		e.erase(ctx, h)
	}
	if e.flood.Over(h.Address, h.At) || len(cards) == 0 {
		return nil
	}
	return e.say(ctx, h, cards)
}

// erase takes away what was said, for it held a secret. Telegram may refuse; the
// secret is used up by now, so that is only logged.
func (e *Ears) erase(ctx context.Context, h bot.Heard) {
	if h.Choice != "" || h.Message == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := e.channel.Erase(ctx, notifiers.Target{Address: h.Address, Kind: h.Kind}, h.Message); err != nil {
		e.log.Warn("a message that held a secret was not taken away", "error", err)
	}
}

// say sends the answer in its chat's turn.
func (e *Ears) say(ctx context.Context, h bot.Heard, cards []wording.Card) error {
	return e.answers.Say(ctx, h.Address, e.waits.prompt, e.waits.patience,
		func(ctx context.Context) error { return e.sayAll(ctx, h, cards) },
		func(err error) { e.log.Warn("answer lost", "error", err) })
}

func (e *Ears) sayAll(ctx context.Context, h bot.Heard, cards []wording.Card) error {
	for _, card := range cards {
		m := notifiers.Message{To: notifiers.Target{Address: h.Address, Kind: h.Kind}, Card: card}
		if card.Replace && h.Choice != "" {
			m.Edit = h.Message
		}
		if err := e.sayOne(ctx, h, m); err != nil {
			return err
		}
	}
	return nil
}

// sayOne sends one card, again while the network is in trouble and patience lasts.
// Its error means that somebody else must answer.
func (e *Ears) sayOne(ctx context.Context, h bot.Heard, m notifiers.Message) error {
	for movedOnce := false; ; {
		_, err := e.Reply(ctx, m)
		var moved notifiers.Moved
		switch {
		case err == nil:
			return nil
		case is[notifiers.Uneditable](err) && m.Edit != "":
			m.Edit = ""
			continue
		case is[notifiers.Gone](err):
			return e.Conversation.Left(context.WithoutCancel(ctx), h.Lane, m.To.Address, h.At)
		case errors.As(err, &moved) && !movedOnce:
			if err := e.move(ctx, m.To.Address, moved.To); err != nil {
				return err
			}
			m.To.Address, m.Edit, movedOnce = moved.To, "", true
			continue
		case errors.Is(err, notifiers.ErrNotOwner):
			return err // the owner hears it again, which is harmless, and answers
		case is[notifiers.Never](err), is[notifiers.Poison](err), is[notifiers.Unknown](err), is[notifiers.Moved](err), is[notifiers.Uneditable](err):
			e.log.Warn("answer lost", "error", err)
			return nil
		}
		if !pause(ctx, e.waits.again) {
			e.log.Warn("answer lost: Telegram did not take it in time", "error", err)
			return nil
		}
	}
}

func is[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}
