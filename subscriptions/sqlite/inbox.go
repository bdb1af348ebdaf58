package sqlite

import (
	"context"
	"database/sql"
	"time"

	"arifa/subscriptions"
)

// PutIncoming implements subscriptions.Inbox.
func (s *Store) PutIncoming(ctx context.Context, in []subscriptions.Incoming) (fresh int, err error) {
	err = s.update(ctx, "store updates", func(c *conn) error {
		fresh = 0
		for _, u := range in {
			n, err := c.exec("INSERT INTO inbox (lane, id, chat, body, at, attempt, next_at, state, done_at, reason) VALUES (?, ?, ?, ?, ?, 0, 0, 'waiting', 0, '') ON CONFLICT (lane, id) DO NOTHING",
				string(u.Lane), u.ID, u.Chat, u.Body, milli(u.At))
			if err != nil {
				return err
			}
			fresh += n
			if _, err := c.exec("INSERT INTO inbox_highest (lane, id) VALUES (?, ?) ON CONFLICT (lane) DO UPDATE SET id = max(id, excluded.id)", string(u.Lane), u.ID); err != nil {
				return err
			}
		}
		return nil
	})
	return fresh, err
}

// NextIncoming implements subscriptions.Inbox. An update without a chat waits for
// nobody.
func (s *Store) NextIncoming(ctx context.Context, lane subscriptions.LaneID, max int, now time.Time) (out []subscriptions.Incoming, err error) {
	err = s.view(ctx, "read updates", func(c *conn) error {
		return c.each(`SELECT i.lane, i.id, i.chat, i.body, i.at, i.attempt FROM inbox i
			WHERE i.lane = ? AND i.state = 'waiting' AND i.next_at <= ? AND (i.chat = '' OR NOT EXISTS (
				SELECT 1 FROM inbox o WHERE o.lane = i.lane AND o.chat = i.chat AND o.state = 'waiting' AND o.seq < i.seq))
			ORDER BY i.seq LIMIT ?`, []any{string(lane), milli(now), max}, func(rs *sql.Rows) error {
			var u subscriptions.Incoming
			var at int64
			err := rs.Scan(&u.Lane, &u.ID, &u.Chat, &u.Body, &at, &u.Attempt)
			u.At = fromMilli(at)
			out = append(out, u)
			return err
		})
	})
	return out, err
}

// DoneIncoming implements subscriptions.Inbox.
func (s *Store) DoneIncoming(ctx context.Context, lane subscriptions.LaneID, id int64, now time.Time) error {
	return s.update(ctx, "mark an update as handled", func(c *conn) error {
		_, err := c.exec("UPDATE inbox SET state = 'done', body = NULL, chat = '', reason = '', done_at = CASE WHEN state = 'done' THEN done_at ELSE ? END WHERE lane = ? AND id = ?", milli(now), string(lane), id)
		return err
	})
}

// RetryIncoming implements subscriptions.Inbox.
func (s *Store) RetryIncoming(ctx context.Context, lane subscriptions.LaneID, id int64, at time.Time, reason string, dead bool) error {
	state := "waiting"
	if dead {
		state = "dead"
	}
	return s.update(ctx, "lay an update aside", func(c *conn) error {
		_, err := c.exec("UPDATE inbox SET state = CASE WHEN state = 'done' THEN state ELSE ? END, next_at = ?, reason = ?, attempt = attempt + 1 WHERE lane = ? AND id = ?", state, milli(at), reason, string(lane), id)
		return err
	})
}

// InboxState implements subscriptions.Inbox.
func (s *Store) InboxState(ctx context.Context, lane subscriptions.LaneID) (st subscriptions.InboxState, err error) {
	err = s.view(ctx, "count updates", func(c *conn) error {
		return c.one(`SELECT coalesce((SELECT id FROM inbox_highest WHERE lane = ?1), 0),
			(SELECT count(*) FROM inbox WHERE lane = ?1 AND state = 'waiting'), (SELECT count(*) FROM inbox WHERE lane = ?1 AND state = 'dead')`,
			[]any{string(lane)}, &st.Highest, &st.Waiting, &st.Dead)
	})
	return st, err
}
