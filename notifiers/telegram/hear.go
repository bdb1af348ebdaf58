package telegram

import (
	"context"
	"strings"
	"time"

	"arifa/bot"
	"arifa/subscriptions"
)

// hear turns one update into what the conversation understands.
func (e *Ears) hear(ctx context.Context, u *update, in subscriptions.Incoming) error {
	switch {
	case u.Member != nil:
		return e.membership(ctx, u.Member, in)
	case u.Callback != nil:
		return e.pressed(ctx, u.Callback, in)
	case u.Message != nil && u.Message.MigrateTo != 0:
		return e.move(ctx, address(u.Message.Chat.ID), address(u.Message.MigrateTo))
	case u.Message != nil:
		return e.said(ctx, u.Message, in)
	}
	return nil // a kind that was not asked for
}

// said hears a message. Bots are not heard; an anonymous administrator is, although
// a bot of Telegram's stands for him: the group itself is the sender.
func (e *Ears) said(ctx context.Context, m *message, in subscriptions.Incoming) error {
	kind, ok := m.Chat.kind()
	if !ok || m.Chat.ID == 0 {
		return errUndecodable
	}
	if kind == subscriptions.Channel || m.From == nil || m.From.IsBot && m.Sender == nil {
		return nil
	}
	h := bot.Heard{Lane: in.Lane, Address: address(m.Chat.ID), Kind: kind, Language: m.From.language(), Forwarded: m.Origin != nil, At: in.At}
	if m.ID > 0 {
		h.Message = itoa(m.ID)
	}
	if h.Text = m.Text; h.Text == "" {
		h.Text = m.Caption
	}
	if kind == subscriptions.Group {
		h.Title = m.Chat.Title
		h.Named = m.ReplyTo != nil && m.ReplyTo.From != nil && m.ReplyTo.From.ID == e.channel.id
	}
	if mine, err := e.addressed(ctx, &h); err != nil || !mine {
		return err
	}
	h.Start, h.Text = startPayload(h.Text)
	if err := e.rank(ctx, &h, m.Chat.ID, sender(m)); err != nil {
		return err
	}
	return e.converse(ctx, h)
}

// addressed takes our name out of the text; false for a command that another bot
// is to hear. Who we are is asked only where a name stands: STOP must not wait for
// getMe.
func (e *Ears) addressed(ctx context.Context, h *bot.Heard) (bool, error) {
	command := strings.HasPrefix(h.Text, "/")
	if !strings.Contains(h.Text, "@") || h.Kind == subscriptions.Person && !command {
		return true, nil
	}
	username, err := e.me.name(ctx, e.channel)
	if err != nil {
		return false, err
	}
	if toAnother(h.Text, username) {
		return false, nil
	}
	rest, ours := named(h.Text, username)
	h.Text, h.Named = rest, h.Named || ours && h.Kind == subscriptions.Group
	return true, nil
}

// rank finds out whether the sender administrates the group, where it matters.
func (e *Ears) rank(ctx context.Context, h *bot.Heard, chat, sender int64) (err error) {
	if h.Kind == subscriptions.Group && bot.NeedsAdmin(*h) {
		h.Admin, err = e.admins.is(ctx, e.channel, chat, sender, h.At)
	}
	return err
}

// sender is the group itself for an anonymous administrator, and the channel for
// one who writes in a channel's name, which administrates nothing.
func sender(m *message) int64 {
	if m.Sender != nil {
		return m.Sender.ID
	}
	return m.From.ID
}

// pressed hears a button. The wheel on it stops at once, whatever comes of it; that
// answer may be refused as late or given twice, which is no trouble.
func (e *Ears) pressed(ctx context.Context, q *callback, in subscriptions.Incoming) error {
	if q.From.ID == 0 {
		return errUndecodable
	}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		e.stopWheel(ctx, q.ID)
	}()
	defer func() { <-stopped }()
	if q.Data == "" {
		return nil
	}
	h := bot.Heard{Lane: in.Lane, Address: address(q.From.ID), Kind: subscriptions.Person, Choice: q.Data, Named: true, At: in.At, Language: q.From.language()}
	chat := q.From.ID
	if m := q.Message; m != nil {
		kind, ok := m.Chat.kind()
		if !ok || m.Chat.ID == 0 {
			return errUndecodable
		}
		if kind == subscriptions.Channel {
			return nil
		}
		chat, h.Address, h.Kind = m.Chat.ID, address(m.Chat.ID), kind
		if m.Date != 0 && m.ID > 0 {
			h.Message = itoa(m.ID)
		}
		if kind == subscriptions.Group {
			h.Title = m.Chat.Title
		}
	}
	if err := e.rank(ctx, &h, chat, q.From.ID); err != nil {
		return err
	}
	return e.converse(ctx, h)
}

func (e *Ears) stopWheel(ctx context.Context, id string) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	var ok bool
	if err := e.channel.ask(ctx, "answerCallbackQuery", map[string]any{"callback_query_id": id}, &ok); err != nil && ctx.Err() == nil {
		e.log.Debug("button not acknowledged", "error", err)
	}
}
