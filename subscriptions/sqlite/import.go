package sqlite

import (
	"context"
	"time"

	"arifa/subscriptions"
)

// ImportRecipients implements subscriptions.Importer.
func (s *Store) ImportRecipients(ctx context.Context, posts []subscriptions.Post, now time.Time) error {
	return s.update(ctx, "import recipients", func(c *conn) error {
		for _, p := range posts {
			r, _, err := c.newRecipient(p.Recipient)
			if err == nil {
				err = c.addFollows(r.ID, p.Follows, now)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
