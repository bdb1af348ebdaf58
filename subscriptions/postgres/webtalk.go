package postgres

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

const webColumns = "id, address, key, body, reply_to, silent, version, change, seen, known, at"

func scanUtterance(r pgx.Row) (u subscriptions.Utterance, err error) {
	var address string
	err = r.Scan(&u.ID, &address, &u.Key, &u.Body, &u.ReplyTo, &u.Silent, &u.Version, &u.Change, &u.Seen, &u.Known, (*when)(&u.At))
	u.Address = subscriptions.AddressOf(address)
	return u, err
}

func utterances(ctx context.Context, tx pgx.Tx, where string, args ...any) ([]subscriptions.Utterance, error) {
	return all(ctx, tx, scanUtterance, "SELECT "+webColumns+" FROM webtalk "+where, args...)
}

// nextChange moves the clock of all talks. Whoever writes a talk begins with it: its
// row is the lock that lets one in, so that changes become visible in their order.
func nextChange(ctx context.Context, tx pgx.Tx) (n int64, err error) {
	err = tx.QueryRow(ctx, "UPDATE webtalk_clock SET change = change + 1 RETURNING change").Scan(&n)
	return n, err
}

// PutUtterance implements subscriptions.WebTalk.
func (s *Store) PutUtterance(ctx context.Context, u subscriptions.Utterance) (out subscriptions.Utterance, err error) {
	err = s.update(ctx, "put an utterance", func(tx pgx.Tx) error {
		change, err := nextChange(ctx, tx)
		if err != nil {
			return err
		}
		var known []subscriptions.Utterance
		if u.Key != 0 {
			if known, err = utterances(ctx, tx, "WHERE address = $1 AND key = $2", plain(u.Address.Reveal()), u.Key); err != nil {
				return err
			}
		}
		if len(known) > 0 && known[0].Seen {
			out = known[0]
			return nil
		}
		out = u
		out.Version, out.Change, out.Seen, out.At = change, change, false, cut(u.At)
		if len(known) > 0 {
			out.ID = known[0].ID
			_, err = tx.Exec(ctx, "UPDATE webtalk SET body = $1, version = $2, change = $2, at = $3 WHERE id = $4", u.Body, change, when(u.At), out.ID)
			return err
		}
		if err := tx.QueryRow(ctx, `INSERT INTO webtalk (address, key, body, reply_to, silent, version, change, seen, known, at)
			VALUES ($1, $2, $3, $4, $5, $6, $6, false, false, $7) RETURNING id`,
			plain(u.Address.Reveal()), u.Key, u.Body, u.ReplyTo, u.Silent, change, when(u.At)).Scan(&out.ID); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "DELETE FROM webtalk WHERE address = $1 AND id <= (SELECT id FROM webtalk WHERE address = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)",
			plain(u.Address.Reveal()), subscriptions.MostUtterances)
		return err
	})
	return out, err
}

// ReplaceUtterance implements subscriptions.WebTalk.
func (s *Store) ReplaceUtterance(ctx context.Context, a subscriptions.Address, id int64, body []byte, at time.Time) (out subscriptions.Utterance, err error) {
	err = s.update(ctx, "replace an utterance", func(tx pgx.Tx) error {
		change, err := nextChange(ctx, tx)
		if err != nil {
			return err
		}
		if out, err = only(utterances(ctx, tx, "WHERE address = $1 AND id = $2", plain(a.Reveal()), id)); err != nil || bytes.Equal(out.Body, body) {
			return err
		}
		out.Body, out.Version, out.Change, out.Seen, out.At = body, change, change, false, cut(at)
		_, err = tx.Exec(ctx, "UPDATE webtalk SET body = $1, version = $2, change = $2, seen = false, at = $3 WHERE id = $4", body, change, when(at), id)
		return err
	})
	return out, err
}

// Utterances implements subscriptions.WebTalk.
func (s *Store) Utterances(ctx context.Context, a subscriptions.Address, limit int) (out []subscriptions.Utterance, err error) {
	err = s.view(ctx, "list utterances", func(tx pgx.Tx) error {
		out, err = utterances(ctx, tx, "WHERE address = $1 ORDER BY id DESC LIMIT $2", plain(a.Reveal()), limit)
		slices.Reverse(out)
		return err
	})
	return out, err
}

// UtteranceChanges implements subscriptions.WebTalk.
func (s *Store) UtteranceChanges(ctx context.Context, after int64, limit int) (out []subscriptions.Utterance, err error) {
	err = s.view(ctx, "list changed utterances", func(tx pgx.Tx) error {
		out, err = utterances(ctx, tx, "WHERE change > $1 ORDER BY change LIMIT $2", after, limit)
		return err
	})
	return out, err
}

// LastUtteranceChange implements subscriptions.WebTalk.
func (s *Store) LastUtteranceChange(ctx context.Context) (n int64, err error) {
	err = s.view(ctx, "read the clock of talks", func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "SELECT change FROM webtalk_clock").Scan(&n)
	})
	return n, err
}

// SeenUtterances implements subscriptions.WebTalk.
func (s *Store) SeenUtterances(ctx context.Context, a subscriptions.Address, versions []int64) error {
	return s.update(ctx, "note what was seen", func(tx pgx.Tx) error {
		change, err := nextChange(ctx, tx)
		if err != nil {
			return err
		}
		fresh, err := utterances(ctx, tx, "WHERE address = $1 AND NOT seen AND version = ANY($2) ORDER BY id", plain(a.Reveal()), numbers(versions))
		if err != nil {
			return err
		}
		for i, u := range fresh {
			if i > 0 {
				if change, err = nextChange(ctx, tx); err != nil {
					return err
				}
			}
			if _, err := tx.Exec(ctx, "UPDATE webtalk SET seen = true, known = true, change = $1 WHERE id = $2", change, u.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// DropUtterance implements subscriptions.WebTalk.
func (s *Store) DropUtterance(ctx context.Context, a subscriptions.Address, id int64) (dropped bool, err error) {
	err = s.update(ctx, "drop an utterance", func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, "DELETE FROM webtalk WHERE address = $1 AND id = $2 AND NOT known", plain(a.Reveal()), id)
		dropped = tag.RowsAffected() > 0
		return err
	})
	return dropped, err
}

// eraseTalks removes the talks of browsers that are recipients.
func eraseTalks(ctx context.Context, tx pgx.Tx, who []subscriptions.RecipientID) error {
	_, err := tx.Exec(ctx, "DELETE FROM webtalk WHERE address IN (SELECT address FROM recipient WHERE id = ANY($1) AND lane = $2)", numbers(who), string(subscriptions.WebLane))
	return err
}

func retainTalks(ctx context.Context, tx pgx.Tx, now time.Time) (int, error) {
	tag, err := tx.Exec(ctx, `DELETE FROM webtalk WHERE id IN (SELECT w.id FROM webtalk w WHERE w.at < $1
		OR w.at < $2 AND NOT EXISTS (SELECT 1 FROM recipient r WHERE r.lane = $3 AND r.address = w.address) LIMIT $4)`,
		when(now.Add(-subscriptions.UtteranceFor)), when(now.Add(-subscriptions.StrangeUtterFor)), string(subscriptions.WebLane), retainPage)
	return int(tag.RowsAffected()), err
}
