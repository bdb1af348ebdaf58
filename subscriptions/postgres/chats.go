package postgres

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// Chat implements subscriptions.Chats.
func (s *Store) Chat(ctx context.Context, i subscriptions.Identity) (chat subscriptions.OfficerChat, err error) {
	err = s.view(ctx, "find an officer's chat", func(tx pgx.Tx) error {
		var doc string
		if err := tx.QueryRow(ctx, "SELECT doc FROM officer_chat WHERE provider = $1 AND subject = $2", plain(i.Provider), plain(i.Subject)).Scan(&doc); err != nil {
			return err
		}
		return json.Unmarshal([]byte(doc), &chat)
	})
	return chat, err
}

// PutChat implements subscriptions.Chats.
func (s *Store) PutChat(ctx context.Context, chat subscriptions.OfficerChat) (subscriptions.OfficerChat, error) {
	before := chat.Revision
	chat.Revision++
	chat.Chat.Subject = plain(chat.Chat.Subject)
	chat.OpenedAt, chat.UsedAt, chat.Asked.At, chat.Took.At = cut(chat.OpenedAt), cut(chat.UsedAt), cut(chat.Asked.At), cut(chat.Took.At)
	doc, err := toJSON(chat)
	if err != nil {
		return chat, err
	}
	err = s.update(ctx, "store an officer's chat", func(tx pgx.Tx) error {
		provider, subject := chat.Chat.Provider, chat.Chat.Subject
		if before == 0 {
			tag, err := tx.Exec(ctx, "INSERT INTO officer_chat (provider, subject, revision, doc) VALUES ($1, $2, 1, $3) ON CONFLICT DO NOTHING", provider, subject, doc)
			if err == nil && tag.RowsAffected() == 0 {
				err = subscriptions.ErrConflict
			}
			return err
		}
		tag, err := tx.Exec(ctx, "UPDATE officer_chat SET revision = revision + 1, doc = $1 WHERE provider = $2 AND subject = $3 AND revision = $4", doc, provider, subject, before)
		if err == nil && tag.RowsAffected() == 0 {
			err = subscriptions.ErrConflict
		}
		return err
	})
	return chat, err
}

// Card implements subscriptions.Chats.
func (s *Store) Card(ctx context.Context, i subscriptions.Identity, token string) (card subscriptions.OfficerCard, err error) {
	err = s.view(ctx, "find an officer's card", func(tx pgx.Tx) error {
		card = subscriptions.OfficerCard{Chat: i, Token: token}
		return tx.QueryRow(ctx, "SELECT at, doc FROM officer_card WHERE provider = $1 AND subject = $2 AND token = $3", plain(i.Provider), plain(i.Subject), plain(token)).
			Scan((*when)(&card.At), &card.Doc)
	})
	return card, err
}

// PutCard implements subscriptions.Chats.
func (s *Store) PutCard(ctx context.Context, card subscriptions.OfficerCard) error {
	return s.update(ctx, "store an officer's card", func(tx pgx.Tx) error {
		provider, subject := plain(card.Chat.Provider), plain(card.Chat.Subject)
		if _, err := tx.Exec(ctx, "DELETE FROM officer_card WHERE provider = $1 AND subject = $2 AND at < $3", provider, subject, when(card.At.Add(-subscriptions.CardsFor))); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO officer_card (provider, subject, token, at, doc) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (provider, subject, token) DO UPDATE SET at = excluded.at, doc = excluded.doc`,
			provider, subject, plain(card.Token), when(card.At), card.Doc)
		return err
	})
}
