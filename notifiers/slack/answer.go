package slack

import (
	"context"
	"errors"

	"arifa/bot"
	"arifa/notifiers"
	"arifa/subscriptions"
)

// converse hears and answers. What was heard is stored when Hear returns, and
// counts, above all STOP; a person who says too much is only not answered.
func (e *Ears) converse(ctx context.Context, h bot.Heard, pressed string) error {
	cards, err := e.Conversation.Hear(ctx, h)
	if err != nil {
		return err
	}
	if e.flood.Over(h.Address, h.At) || len(cards) == 0 {
		return nil
	}
	return e.say(ctx, h.Address, func(ctx context.Context) error {
		for _, card := range cards {
			m := notifiers.Message{To: notifiers.Target{Address: h.Address, Kind: h.Kind}, Card: slashless(card)}
			if card.Replace {
				m.Edit = pressed
			}
			if err := e.sayOne(ctx, h, m); err != nil {
				return err
			}
		}
		return nil
	})
}

// say speaks in the person's turn.
func (e *Ears) say(ctx context.Context, to subscriptions.Address, speak func(context.Context) error) error {
	return e.answers.Say(ctx, to, e.pauses.prompt, e.pauses.patience, speak, func(err error) { e.log.Warn("answer lost", "error", err) })
}

// sayOne sends one card, again while Slack is in trouble and patience lasts. Its
// error means that somebody else must answer.
func (e *Ears) sayOne(ctx context.Context, h bot.Heard, m notifiers.Message) error {
	for {
		_, err := e.Reply(ctx, m)
		switch {
		case err == nil:
			return nil
		case m.Edit != "" && (is[notifiers.Uneditable](err) || is[notifiers.Later](err)):
			m.Edit = "" // edits have a limit of their own: a new message comes sooner
			continue
		case is[notifiers.Gone](err):
			return e.Conversation.Left(context.WithoutCancel(ctx), h.Lane, m.To.Address, h.At)
		case errors.Is(err, notifiers.ErrNotOwner):
			return err // the owner hears it again, which is harmless, and answers
		case is[notifiers.Never](err), is[notifiers.Poison](err), is[notifiers.Unknown](err), is[notifiers.Moved](err), is[notifiers.Uneditable](err):
			e.log.Warn("answer lost", "error", err)
			return nil
		}
		if !pause(ctx, e.pauses.again) {
			e.log.Warn("answer lost: Slack did not take it in time", "error", err)
			return nil
		}
	}
}

func is[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}
