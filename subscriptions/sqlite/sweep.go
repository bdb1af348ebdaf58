package sqlite

import (
	"context"
	"database/sql"
	"time"

	"arifa/subscriptions"
)

// Sweep implements subscriptions.Outbox.
func (s *Store) Sweep(ctx context.Context, limit int, now time.Time) (n int, err error) {
	limit = max(1, min(limit, maxPage))
	busy := false
	err = s.view(ctx, "look for what to sweep", func(c *conn) error {
		busy, err = s.sweepable(c, now)
		return err
	})
	if err != nil || !busy {
		return 0, err
	}
	err = s.update(ctx, "sweep", func(c *conn) error {
		n = 0
		for _, part := range []func(*conn, int, time.Time) (int, error){s.sweepLeases, s.sweepDead, s.sweepCarried} {
			more, err := part(c, limit-n, now)
			if n += more; err != nil || n >= limit {
				return err
			}
		}
		return nil
	})
	return n, err
}

// lapsed finds leases that are over by the database's clock, or whose lane has
// a newer owner.
const lapsed = `FROM delivery d LEFT JOIN lane l ON l.id = d.lane WHERE d.lease_until > 0 AND (d.lease_until <= ? OR coalesce(l.fence, 0) > d.lease_fence)`

// lapsedClaims finds claims of which the same is true.
const lapsedClaims = `FROM claim k LEFT JOIN lane l ON l.id = k.lane WHERE k.until <= ? OR coalesce(l.fence, 0) > k.fence`

// sweepable asks without the writer's lock, for most of the time there is
// nothing to do.
func (s *Store) sweepable(c *conn, now time.Time) (bool, error) {
	var some bool
	if err := c.one("SELECT EXISTS (SELECT 1 "+lapsed+") OR EXISTS (SELECT 1 "+lapsedClaims+") OR EXISTS (SELECT 1 "+carried+")", []any{milli(s.clock()), milli(s.clock())}, &some); err != nil || some {
		return some, err
	}
	open, err := s.openNotices(c)
	for _, p := range open {
		if _, dead := p.dead(now); dead {
			return true, nil
		}
	}
	return false, err
}

func (s *Store) sweepLeases(c *conn, limit int, now time.Time) (int, error) {
	rows, err := c.lapsing(milli(s.clock()), limit)
	if err != nil {
		return 0, err
	}
	for _, id := range rows {
		// An earlier row of this page may have changed this one; a claimed one may be
		// gone with its person.
		r, err := c.row(id)
		if none(err) {
			if err := c.unclaim(id); err != nil {
				return 0, err
			}
			continue
		}
		if err != nil {
			return 0, err
		}
		p, err := s.plannerOf(c, r.Notice)
		if err != nil {
			return 0, err
		}
		if err := s.settle(c, r, subscriptions.PlanLapse(r, p.verdict(r.Services, now).Send), true); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

// lapsing lists up to limit rows whose lease is over.
func (c *conn) lapsing(now int64, limit int) (out []subscriptions.DeliveryID, err error) {
	err = c.each("SELECT d.id "+lapsed+" LIMIT ?", []any{now, limit}, func(rs *sql.Rows) error {
		var id subscriptions.DeliveryID
		err := rs.Scan(&id)
		out = append(out, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	held, err := c.claimed()
	if err != nil {
		return nil, err
	}
	over := map[int64]bool{}
	err = c.each("SELECT k.id "+lapsedClaims, []any{now}, func(rs *sql.Rows) error {
		var id int64
		err := rs.Scan(&id)
		over[id] = true
		return err
	})
	for _, k := range held {
		for _, id := range k.rows {
			if over[k.id] && id > 0 && len(out) < limit {
				out = append(out, subscriptions.DeliveryID(id))
			}
		}
	}
	return out, err
}

// sweepDead rewrites what waits for notices that are not sent any more, and
// remembers which of them have nothing left.
func (s *Store) sweepDead(c *conn, limit int, now time.Time) (int, error) {
	open, err := s.openNotices(c)
	if err != nil {
		return 0, err
	}
	done := 0
	for _, p := range open {
		by, dead := p.dead(now)
		if !dead || done >= limit {
			continue
		}
		if by, err = c.why(p, by); err != nil {
			return done, err
		}
		n, err := c.supersede(p.b.Notice.ID, by, limit-done)
		if err != nil {
			return done, err
		}
		done += n
		if done >= limit {
			break
		}
		if _, err := c.exec(`UPDATE notice SET settled = 1 WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM delivery WHERE notice_id = ?1 AND state = 'pending' AND placed = 0)
			AND NOT EXISTS (SELECT 1 FROM span WHERE notice_id = ?1) AND NOT EXISTS (SELECT 1 FROM claim WHERE notice_id = ?1)`, int64(p.b.Notice.ID)); err != nil {
			return done, err
		}
	}
	return done, nil
}

// carried finds rows that took more out of the lane with them than their notice.
const carried = "FROM delivery WHERE state = 'superseded' AND carried = 1"

// sweepCarried owes anew what such a row had still to say for older ones: what
// fails by what is live of the incident, and ends by their restored notices.
func (s *Store) sweepCarried(c *conn, limit int, now time.Time) (int, error) {
	rows, err := c.rows("WHERE d.state = 'superseded' AND d.carried = 1 LIMIT ?", limit)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	open, err := s.openNotices(c)
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		if _, err := c.exec("UPDATE delivery SET carried = 0 WHERE id = ?", int64(r.ID)); err != nil {
			return 0, err
		}
		if _, err := s.owe(c, r.Recipient, now); err != nil {
			return 0, err
		}
		for _, p := range open {
			n := p.b.Notice
			if _, dead := p.dead(now); dead || n.Incident != r.Incident || n.Kind != subscriptions.Restored {
				continue
			}
			facts, err := c.facts(p, []subscriptions.RecipientID{r.Recipient})
			if err != nil {
				return 0, err
			}
			for _, f := range facts {
				if err := c.apply(p.Again(f, now)); err != nil {
					return 0, err
				}
			}
		}
	}
	return len(rows), nil
}

// why tells people whose trouble was over from people who get something newer.
func (c *conn) why(p *planned, by subscriptions.SupersededBy) (subscriptions.SupersededBy, error) {
	if p.b.Notice.Overtaken == 0 || p.b.Notice.Kind == subscriptions.Restored {
		return by, nil
	}
	var kind subscriptions.Kind
	err := c.one("SELECT kind FROM notice WHERE id = ?", []any{int64(p.b.Notice.Overtaken)}, &kind)
	if kind == subscriptions.Restored {
		by = subscriptions.ByRestored
	}
	return by, err
}

// supersede takes up to limit waiting rows of a notice out of their lanes: those
// that stand in spans, and those that wait by themselves.
func (c *conn) supersede(id subscriptions.NoticeID, by subscriptions.SupersededBy, limit int) (int, error) {
	n, err := c.supersedeSpans(id, by, limit)
	if err != nil || n >= limit {
		return n, err
	}
	more, err := c.exec(`UPDATE delivery SET state = 'superseded', by = ?, next_at = 0, more = '', placed = 1 WHERE id IN (
		SELECT id FROM delivery WHERE notice_id = ? AND state = 'pending' AND placed = 0 AND lease_until = 0 AND told = 0 LIMIT ?)`, string(by), int64(id), limit-n)
	if n += more; err != nil || n >= limit {
		return n, err
	}
	rows, err := c.rows("WHERE d.notice_id = ? AND d.state = 'pending' AND d.placed = 0 AND d.lease_until = 0 LIMIT ?", int64(id), limit-n)
	if err != nil {
		return n, err
	}
	for _, r := range rows {
		if err := c.updateRow(r.Supersede(by)); err != nil {
			return n, err
		}
	}
	return n + len(rows), nil
}

// supersedeSpans does so for spans, stretch by stretch; nothing of what is left of
// a span is in flight. It counts ids, most of which are rows.
func (c *conn) supersedeSpans(id subscriptions.NoticeID, by subscriptions.SupersededBy, limit int) (n int, err error) {
	var spans []span
	err = c.each("SELECT id, next_id, last_id FROM span WHERE notice_id = ? ORDER BY next_id LIMIT ?", []any{int64(id), limit}, func(rs *sql.Rows) error {
		var s span
		err := rs.Scan(&s.id, &s.next, &s.last)
		spans = append(spans, s)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, s := range spans {
		last := min(s.last, s.next+int64(limit-n)-1)
		if last < s.next {
			break
		}
		if _, err := c.exec("UPDATE delivery SET state = 'superseded', by = ? WHERE id BETWEEN ? AND ? AND notice_id = ? AND state = 'pending' AND placed = 1 AND lease_until = 0",
			string(by), s.next, last, int64(id)); err != nil {
			return n, err
		}
		n += int(last - s.next + 1)
		s.next = last + 1
		if err := c.shorten(s); err != nil {
			return n, err
		}
	}
	return n, nil
}
