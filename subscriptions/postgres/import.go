package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// ImportRecipients implements subscriptions.Importer.
func (s *Store) ImportRecipients(ctx context.Context, posts []subscriptions.Post, now time.Time) error {
	return s.update(ctx, "import recipients", func(tx pgx.Tx) error {
		for _, p := range posts {
			r, _, err := newRecipient(ctx, tx, p.Recipient)
			if err == nil {
				err = addFollows(ctx, tx, r.ID, p.Follows, now)
			}
			if err == nil {
				err = idle(ctx, tx, r.ID, now)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
