package telegram

import (
	"context"
	"errors"

	"arifa/bot"
	"arifa/subscriptions"
)

// membership hears where we were let in or put out: in a private chat it comes
// only with block and unblock, and is the quickest sign of leaving.
func (e *Ears) membership(ctx context.Context, m *membership, in subscriptions.Incoming) error {
	kind, ok := m.Chat.kind()
	now, known := m.New.in()
	if !ok || !known || m.Chat.ID == 0 {
		return errUndecodable
	}
	to := address(m.Chat.ID)
	e.admins.forget(m.Chat.ID)
	if !now {
		return e.Conversation.Left(ctx, in.Lane, to, in.At)
	}
	if err := e.Conversation.Back(ctx, in.Lane, to, kind, in.At); err != nil {
		return err
	}
	if kind == subscriptions.Channel && !(m.New.administrates() && m.New.Post && m.New.Edit) {
		e.log.Warn("the bot may not post or edit in a channel: give it both rights, and check with \"arifa doctor\"")
	}
	if before, known := m.Old.in(); kind == subscriptions.Group && known && !before {
		return e.converse(ctx, bot.Heard{Lane: in.Lane, Address: to, Kind: kind, Text: "/start", Title: m.Chat.Title, At: in.At, Language: m.From.language()})
	}
	return nil
}

// move follows a group that became a supergroup. Whoever followed something there
// follows it at the new address.
func (e *Ears) move(ctx context.Context, from, to subscriptions.Address) error {
	r, err := e.Register.Recipient(ctx, e.channel.lane, from)
	if errors.Is(err, subscriptions.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	r.Address = to
	_, err = e.Register.SaveRecipient(ctx, r)
	return err
}
