package sqlite

import (
	"context"
	"database/sql"
	"slices"
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
		{&done.Follows, retainFollows}, {&done.Deliveries, retainDeliveries},
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
	if _, err = s.among(ctx, followsNothing, nil, func(c *conn, who string) (int, error) {
		return c.exec("UPDATE recipient SET idle_at = ? WHERE id IN (SELECT value FROM json_each(?)) AND "+followsNothing, max(1, milli(now)), who)
	}); err != nil {
		return done, err
	}
	before := milli(now.Add(-keepRecipients))
	done.Recipients, err = s.among(ctx, forgettable, []any{before, before, before}, func(c *conn, who string) (int, error) {
		return c.forget("WHERE id IN (SELECT value FROM json_each(?)) AND "+forgettable, who, before, before, before)
	})
	return done, err
}

// stretchOfPeople is how many ids one search looks at.
const stretchOfPeople = 20_000

// among lets do write about everybody whom a condition holds of. It is looked for
// stretch by stretch and beside those who write, because that looks at everybody; so
// do has to ask again. who is a list for json_each.
func (s *Store) among(ctx context.Context, condition string, args []any, do func(c *conn, who string) (int, error)) (n int, err error) {
	for from, last := int64(0), int64(1); from < last; from += stretchOfPeople {
		var who []subscriptions.RecipientID
		err := s.view(ctx, "housekeeping", func(c *conn) error {
			who = nil
			if err := c.one("SELECT coalesce(max(id), 0) FROM recipient", nil, &last); err != nil {
				return err
			}
			return c.each("SELECT id FROM recipient WHERE id > ? AND id <= ? AND "+condition, append([]any{from, from + stretchOfPeople}, args...), func(rs *sql.Rows) error {
				var id subscriptions.RecipientID
				err := rs.Scan(&id)
				who = append(who, id)
				return err
			})
		})
		if err != nil {
			return n, err
		}
		for page := range slices.Chunk(who, retainPage) {
			k := 0
			err := s.update(ctx, "housekeeping", func(c *conn) (err error) {
				k, err = do(c, ids(page))
				return err
			})
			if err != nil {
				return n, err
			}
			n += k
		}
	}
	return n, nil
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
	return 0, nil
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

const (
	followsNothing = "idle_at = 0 AND NOT EXISTS (SELECT 1 FROM follow f WHERE f.recipient_id = recipient.id)"
	// forgettable is who is gone or follows nothing for 30 days and is not owed anything
	// in a live incident; it asks for that time three times.
	forgettable = `(gone_at > 0 AND gone_at < ? OR gone_at = 0 AND idle_at > 0 AND idle_at < ? AND asked_at < ?)
		AND NOT EXISTS (SELECT 1 FROM delivery d LEFT JOIN incident i ON i.id = d.incident_id WHERE d.recipient_id = recipient.id
			AND (d.state = 'pending' OR i.live = 1 AND d.owed <> ''))`
)

// forget erases whom where names.
func (c *conn) forget(where string, args ...any) (int, error) {
	rows, err := c.recipients(where, args...)
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		if err := c.erase(r.ID); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
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
