package sqlite

import (
	"context"
	"encoding/json"

	"arifa/subscriptions"
)

// Chat implements subscriptions.Chats.
func (s *Store) Chat(ctx context.Context, i subscriptions.Identity) (chat subscriptions.OfficerChat, err error) {
	err = s.view(ctx, "find an officer's chat", func(c *conn) error {
		var doc []byte
		if err := c.one("SELECT doc FROM officer_chat WHERE provider = ? AND subject = ?", []any{i.Provider, i.Subject}, &doc); err != nil {
			return err
		}
		return json.Unmarshal(doc, &chat)
	})
	return chat, err
}

// PutChat implements subscriptions.Chats.
func (s *Store) PutChat(ctx context.Context, chat subscriptions.OfficerChat) (subscriptions.OfficerChat, error) {
	before := chat.Revision
	chat.Revision++
	chat.OpenedAt, chat.UsedAt, chat.Asked.At, chat.Took.At = cut(chat.OpenedAt), cut(chat.UsedAt), cut(chat.Asked.At), cut(chat.Took.At)
	doc, err := toJSON(chat)
	if err != nil {
		return chat, err
	}
	err = s.update(ctx, "store an officer's chat", func(c *conn) error {
		if before == 0 {
			n, err := c.exec("INSERT INTO officer_chat (provider, subject, revision, doc) VALUES (?, ?, 1, ?) ON CONFLICT DO NOTHING", chat.Chat.Provider, chat.Chat.Subject, doc)
			if err == nil && n == 0 {
				err = subscriptions.ErrConflict
			}
			return err
		}
		n, err := c.exec("UPDATE officer_chat SET revision = revision + 1, doc = ? WHERE provider = ? AND subject = ? AND revision = ?", doc, chat.Chat.Provider, chat.Chat.Subject, before)
		if err == nil && n == 0 {
			err = subscriptions.ErrConflict
		}
		return err
	})
	return chat, err
}

// Card implements subscriptions.Chats.
func (s *Store) Card(ctx context.Context, i subscriptions.Identity, token string) (card subscriptions.OfficerCard, err error) {
	err = s.view(ctx, "find an officer's card", func(c *conn) error {
		var at int64
		card = subscriptions.OfficerCard{Chat: i, Token: token}
		err := c.one("SELECT at, doc FROM officer_card WHERE provider = ? AND subject = ? AND token = ?", []any{i.Provider, i.Subject, token}, &at, &card.Doc)
		card.At = fromMilli(at)
		return err
	})
	return card, err
}

// PutCard implements subscriptions.Chats.
func (s *Store) PutCard(ctx context.Context, card subscriptions.OfficerCard) error {
	return s.update(ctx, "store an officer's card", func(c *conn) error {
		if _, err := c.exec("DELETE FROM officer_card WHERE provider = ? AND subject = ? AND at < ?", card.Chat.Provider, card.Chat.Subject, milli(card.At.Add(-subscriptions.CardsFor))); err != nil {
			return err
		}
		_, err := c.exec(`INSERT INTO officer_card (provider, subject, token, at, doc) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (provider, subject, token) DO UPDATE SET at = excluded.at, doc = excluded.doc`,
			card.Chat.Provider, card.Chat.Subject, card.Token, milli(card.At), card.Doc)
		return err
	})
}
