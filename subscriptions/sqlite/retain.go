package sqlite

import (
	"context"
	"database/sql"
	"time"

	"arifa/subscriptions"
)

const (
	keepDeliveries = 30 * 24 * time.Hour
	keepRecipients = 30 * 24 * time.Hour
	keepInbox      = 48 * time.Hour
	keepRequests   = 30 * 24 * time.Hour
	keepCalls      = 30 * 24 * time.Hour
	keepTicks      = 48 * time.Hour
	retainPage     = 500
)

// Forget implements subscriptions.Register.
func (s *Store) Forget(ctx context.Context, id subscriptions.RecipientID, _ time.Time) error {
	return s.update(ctx, "forget a recipient", func(c *conn) error {
		if err := c.endDebts(id); err != nil {
			return err
		}
		if err := c.eraseHeard(id); err != nil {
			return err
		}
		return c.erase(id)
	})
}

// eraseHeard empties what was laid aside of what a recipient said.
func (c *conn) eraseHeard(id subscriptions.RecipientID) error {
	_, err := c.exec(`UPDATE inbox SET body = NULL, chat = '', reason = '' WHERE state = 'dead'
		AND (lane, chat) = (SELECT lane, address FROM recipient WHERE id = ?)`, int64(id))
	return err
}

// erase removes a recipient; what it was told stays as counts.
func (c *conn) erase(id subscriptions.RecipientID) error {
	if err := c.eraseTalk(id); err != nil {
		return err
	}
	if _, err := c.countOut("recipient_id = ?", int64(id)); err != nil {
		return err
	}
	if err := c.unlink(id); err != nil {
		return err
	}
	_, err := c.exec("DELETE FROM recipient WHERE id = ?", int64(id))
	return err
}

// countOut turns deliveries into counts.
func (c *conn) countOut(where string, args ...any) (int, error) {
	if _, err := c.exec(`INSERT INTO delivery_count (notice_id, lane, state, by, mode, n)
		SELECT notice_id, lane, CASE WHEN state = 'pending' THEN 'unknown' ELSE state END, by, mode, count(*) FROM delivery WHERE `+where+` GROUP BY 1, 2, 3, 4, 5
		ON CONFLICT (notice_id, lane, state, by, mode) DO UPDATE SET n = n + excluded.n`, args...); err != nil {
		return 0, err
	}
	return c.exec("DELETE FROM delivery WHERE "+where, args...)
}

// Retain implements subscriptions.Register. Each kind of housekeeping goes page
// by page, so that a broadcast beside it is not held up.
func (s *Store) Retain(ctx context.Context, now time.Time) (done subscriptions.Retained, err error) {
	for _, job := range []struct {
		count *int
		page  func(*conn, time.Time) (int, error)
	}{
		{&done.Follows, retainFollows}, {&done.Deliveries, retainDeliveries}, {&done.Recipients, retainRecipients},
		{&done.Inbox, retainInbox}, {new(int), retainRequests}, {new(int), retainTicks}, {new(int), retainCalls}, {new(int), retainCards}, {new(int), retainTalks},
		{&done.Leads, retainWords}, {&done.Leads, retainMarks}, {&done.Leads, retainCounts}, {&done.Leads, retainSamples},
	} {
		for more := true; more; {
			n := 0
			err := s.update(ctx, "housekeeping", func(c *conn) (err error) {
				n, err = job.page(c, now)
				return err
			})
			if err != nil {
				return done, err
			}
			*job.count += n
			more = n > 0
		}
	}
	return done, nil
}

// retainFollows removes what ended by itself: its time is over, or the incident
// that it watched.
func retainFollows(c *conn, now time.Time) (int, error) {
	n, err := c.exec(`DELETE FROM follow WHERE (recipient_id, scope, incident_id) IN (SELECT recipient_id, scope, incident_id FROM follow WHERE until > 0 AND until <= ? LIMIT ?)`, milli(now), retainPage)
	if err != nil || n > 0 {
		return n, err
	}
	n, err = c.exec(`DELETE FROM follow WHERE (recipient_id, scope, incident_id) IN (SELECT f.recipient_id, f.scope, f.incident_id FROM follow f
		JOIN incident i ON i.id = f.incident_id WHERE f.incident_id > 0 AND i.live = 0 AND i.ended_at <= ? LIMIT ?)`, milli(now.Add(-keepDeliveries)), retainPage)
	if err != nil || n > 0 {
		return n, err
	}
	return 0, c.markIdle(max(1, milli(now)))
}

// retainDeliveries takes a page of the oldest notice whose incident ended long
// ago and that still has deliveries.
func retainDeliveries(c *conn, now time.Time) (int, error) {
	var notice int64
	err := c.one(`SELECT n.id FROM notice n LEFT JOIN incident i ON i.id = n.incident_id
		WHERE n.sequence > 0 AND CASE WHEN n.incident_id = 0 THEN n.published_at < ?1 ELSE i.live = 0 AND i.ended_at > 0 AND i.ended_at < ?1 END
		AND EXISTS (SELECT 1 FROM delivery d WHERE d.notice_id = n.id AND d.lease_until = 0) ORDER BY n.id LIMIT 1`, []any{milli(now.Add(-keepDeliveries))}, &notice)
	if none(err) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	var list []subscriptions.DeliveryID
	err = c.each("SELECT id FROM delivery WHERE notice_id = ? AND lease_until = 0 LIMIT ?", []any{notice, retainPage}, func(rs *sql.Rows) error {
		var id subscriptions.DeliveryID
		err := rs.Scan(&id)
		list = append(list, id)
		return err
	})
	if err != nil {
		return 0, err
	}
	return c.countOut("id IN (SELECT value FROM json_each(?))", ids(list))
}

// retainRecipients erases who is gone or follows nothing for 30 days and is not
// owed anything in a live incident.
func retainRecipients(c *conn, now time.Time) (int, error) {
	before := milli(now.Add(-keepRecipients))
	var list []subscriptions.RecipientID
	rows, err := c.recipients(`WHERE (gone_at > 0 AND gone_at < ?1 OR gone_at = 0 AND idle_at > 0 AND idle_at < ?1 AND asked_at < ?1)
		AND NOT EXISTS (SELECT 1 FROM delivery d LEFT JOIN incident i ON i.id = d.incident_id WHERE d.recipient_id = recipient.id
			AND (d.state = 'pending' OR i.live = 1 AND d.owed <> ''))
		LIMIT ?2`, before, retainPage)
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		list = append(list, r.ID)
	}
	for _, id := range list {
		if err := c.erase(id); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// retainInbox forgets what was handled, and what was laid aside for an operator: that
// holds somebody's words.
func retainInbox(c *conn, now time.Time) (int, error) {
	return c.exec("DELETE FROM inbox WHERE seq IN (SELECT seq FROM inbox WHERE state = 'done' AND done_at < ? UNION ALL SELECT seq FROM inbox WHERE state = 'dead' AND at < ? LIMIT ?)",
		milli(now.Add(-keepInbox)), milli(now.Add(-subscriptions.ReportTextErase)), retainPage)
}

func retainRequests(c *conn, now time.Time) (int, error) {
	return c.exec("DELETE FROM request WHERE key IN (SELECT key FROM request WHERE at < ? LIMIT ?)", milli(now.Add(-keepRequests)), retainPage)
}
