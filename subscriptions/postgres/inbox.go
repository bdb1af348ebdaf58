package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"arifa/subscriptions"
)

// PutIncoming implements subscriptions.Inbox. The row of the highest id is written
// first: its lock lets one caller a lane in, so that the order of seq is the order
// in which updates became visible, and no older one of a chat appears later.
func (s *Store) PutIncoming(ctx context.Context, in []subscriptions.Incoming) (fresh int, err error) {
	err = s.update(ctx, "store updates", func(tx pgx.Tx) error {
		fresh = 0
		if err := raiseHighest(ctx, tx, in); err != nil {
			return err
		}
		batch := &pgx.Batch{}
		for _, u := range in {
			batch.Queue(`INSERT INTO inbox (lane, id, chat, body, at, attempt, next_at, state, done_at, reason)
				VALUES ($1, $2, $3, $4, $5, 0, NULL, 'waiting', NULL, '') ON CONFLICT (lane, id) DO NOTHING`,
				string(u.Lane), u.ID, plain(u.Chat), u.Body, when(u.At)).Exec(func(tag pgconn.CommandTag) error {
				fresh += int(tag.RowsAffected())
				return nil
			})
		}
		if err := tx.SendBatch(ctx, batch).Close(); err != nil {
			return err
		}
		if fresh == 0 {
			return nil
		}
		return hint(ctx, tx)
	})
	return fresh, err
}

// raiseHighest also notes ids that turn out to be old ones; lanes in one order, so
// that two callers never wait for each other.
func raiseHighest(ctx context.Context, tx pgx.Tx, in []subscriptions.Incoming) error {
	highest := map[string]int64{}
	var lanes []string
	for _, u := range in {
		lane := string(u.Lane)
		if h, seen := highest[lane]; !seen || u.ID > h {
			highest[lane] = u.ID
		}
		if !slices.Contains(lanes, lane) {
			lanes = append(lanes, lane)
		}
	}
	slices.Sort(lanes)
	for _, lane := range lanes {
		_, err := tx.Exec(ctx, `INSERT INTO inbox_highest (lane, id) VALUES ($1, $2)
			ON CONFLICT (lane) DO UPDATE SET id = greatest(inbox_highest.id, excluded.id)`, lane, highest[lane])
		if err != nil {
			return err
		}
	}
	return nil
}

// NextIncoming implements subscriptions.Inbox. An update without a chat waits for
// nobody.
func (s *Store) NextIncoming(ctx context.Context, lane subscriptions.LaneID, max int, now time.Time) (out []subscriptions.Incoming, err error) {
	err = s.view(ctx, "read updates", func(tx pgx.Tx) error {
		out, err = all(ctx, tx, scanIncoming, `SELECT i.lane, i.id, i.chat, i.body, i.at, i.attempt FROM inbox i
			WHERE i.lane = $1 AND i.state = 'waiting' AND (i.next_at IS NULL OR i.next_at <= $2) AND (i.chat = '' OR NOT EXISTS (
				SELECT 1 FROM inbox o WHERE o.lane = i.lane AND o.chat = i.chat AND o.state = 'waiting' AND o.seq < i.seq))
			ORDER BY i.seq LIMIT $3`, string(lane), when(now), max)
		return err
	})
	return out, err
}

func scanIncoming(r pgx.Row) (subscriptions.Incoming, error) {
	var u subscriptions.Incoming
	err := r.Scan(&u.Lane, &u.ID, &u.Chat, &u.Body, (*when)(&u.At), &u.Attempt)
	return u, err
}

// DoneIncoming implements subscriptions.Inbox.
func (s *Store) DoneIncoming(ctx context.Context, lane subscriptions.LaneID, id int64, now time.Time) error {
	return s.update(ctx, "mark an update as handled", func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE inbox SET state = 'done', body = NULL, chat = '', reason = '',
			done_at = CASE WHEN state = 'done' THEN done_at ELSE $3 END WHERE lane = $1 AND id = $2`, string(lane), id, when(now))
		return missing(tag, err)
	})
}

// RetryIncoming implements subscriptions.Inbox.
func (s *Store) RetryIncoming(ctx context.Context, lane subscriptions.LaneID, id int64, at time.Time, reason string, dead bool) error {
	state := "waiting"
	if dead {
		state = "dead"
	}
	return s.update(ctx, "lay an update aside", func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE inbox SET state = CASE WHEN state = 'done' THEN state ELSE $3 END, next_at = $4, reason = $5, attempt = attempt + 1
			WHERE lane = $1 AND id = $2`, string(lane), id, state, when(at), plain(reason))
		return missing(tag, err)
	})
}

func missing(tag pgconn.CommandTag, err error) error {
	if err == nil && tag.RowsAffected() == 0 {
		return subscriptions.ErrNotFound
	}
	return err
}

// InboxState implements subscriptions.Inbox.
func (s *Store) InboxState(ctx context.Context, lane subscriptions.LaneID) (st subscriptions.InboxState, err error) {
	err = s.view(ctx, "count updates", func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT coalesce((SELECT id FROM inbox_highest WHERE lane = $1), 0),
			(SELECT count(*) FROM inbox WHERE lane = $1 AND state = 'waiting'), (SELECT count(*) FROM inbox WHERE lane = $1 AND state = 'dead')`,
			string(lane)).Scan(&st.Highest, &st.Waiting, &st.Dead)
	})
	return st, err
}
