package sqlite

import (
	"context"
	"database/sql"
	"time"

	"arifa/subscriptions"
)

// tenure reads a lane's present owner; the zero Tenure before the first.
func (c *conn) tenure(id subscriptions.LaneID) (subscriptions.Tenure, error) {
	t := subscriptions.Tenure{Lane: id}
	var until int64
	err := c.one("SELECT owner, fence, until FROM lane WHERE id = ?", []any{string(id)}, &t.Owner, &t.Fence, &until)
	t.Until = fromMilli(until)
	if none(err) {
		err = nil
	}
	return t, err
}

func (c *conn) putTenure(t subscriptions.Tenure) error {
	_, err := c.exec(`INSERT INTO lane (id, owner, fence, until, paused_until, paused_why) VALUES (?, ?, ?, ?, 0, '')
		ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, fence = excluded.fence, until = excluded.until`, string(t.Lane), t.Owner, t.Fence, milli(t.Until))
	return err
}

// Acquire implements subscriptions.Lanes.
func (s *Store) Acquire(ctx context.Context, id subscriptions.LaneID, owner string, ttl time.Duration) (t subscriptions.Tenure, err error) {
	err = s.update(ctx, "acquire a lane", func(c *conn) error {
		now := cut(s.clock())
		if t, err = c.tenure(id); err != nil {
			return err
		}
		t.Now = now
		held := t.Owner != "" && now.Before(t.Until)
		if held && t.Owner != owner {
			return subscriptions.ErrFenced
		}
		if !held {
			t.Fence++
		}
		t.Owner, t.Until = owner, cut(now.Add(ttl))
		return c.putTenure(t)
	})
	return t, err
}

// holds returns ErrFenced unless t is the lane's tenure now.
func (s *Store) holds(c *conn, t subscriptions.Tenure) error {
	have, err := c.tenure(t.Lane)
	if err != nil {
		return err
	}
	if have.Fence != t.Fence || have.Owner != t.Owner || !cut(s.clock()).Before(have.Until) {
		return subscriptions.ErrFenced
	}
	return nil
}

// Renew implements subscriptions.Lanes.
func (s *Store) Renew(ctx context.Context, t subscriptions.Tenure, ttl time.Duration) (subscriptions.Tenure, error) {
	err := s.update(ctx, "renew a lane", func(c *conn) error {
		if err := s.holds(c, t); err != nil {
			return err
		}
		t.Now = cut(s.clock())
		t.Until = cut(t.Now.Add(ttl))
		return c.putTenure(t)
	})
	return t, err
}

// Release implements subscriptions.Lanes. A tenure that was lost already has
// nothing to release.
func (s *Store) Release(ctx context.Context, t subscriptions.Tenure) error {
	return s.update(ctx, "release a lane", func(c *conn) error {
		have, err := c.tenure(t.Lane)
		if err != nil || have.Fence != t.Fence || have.Owner != t.Owner {
			return err
		}
		have.Owner, have.Until = "", time.Time{}
		if err := c.putTenure(have); err != nil {
			return err
		}
		rows, err := c.rows("WHERE d.lane = ? AND d.lease_until > 0 AND d.lease_fence = ?", string(t.Lane), t.Fence)
		if err != nil {
			return err
		}
		held, err := c.claimed()
		if err != nil {
			return err
		}
		for _, k := range held {
			if k.lane != t.Lane || k.fence != t.Fence {
				continue
			}
			more, err := c.rows("WHERE d.id IN (SELECT value FROM json_each(?))", ids(k.rows))
			if err != nil {
				return err
			}
			rows = append(rows, more...)
			for at, id := range k.rows {
				if id > 0 {
					k.drop(at)
				}
			}
		}
		for _, r := range rows {
			if err := s.settle(c, r, subscriptions.PlanRelease(r), true); err != nil {
				return err
			}
		}
		return nil
	})
}

// LaneList implements subscriptions.Lanes.
func (s *Store) LaneList(ctx context.Context) (out []subscriptions.Lane, err error) {
	err = s.view(ctx, "list lanes", func(c *conn) error {
		return c.each("SELECT l.id, l.owner, l.fence, l.until, l.paused_until, l.paused_why, m.held, l.rate FROM lane l, meta m ORDER BY l.id", nil, func(rs *sql.Rows) error {
			var l subscriptions.Lane
			var until, paused int64
			err := rs.Scan(&l.ID, &l.Tenure.Owner, &l.Tenure.Fence, &until, &paused, &l.PausedWhy, &l.Held, &l.Rate)
			l.Tenure.Lane, l.Tenure.Until, l.PausedUntil = l.ID, fromMilli(until), fromMilli(paused)
			l.Tenure.Now = cut(s.clock())
			out = append(out, l)
			return err
		})
	})
	return out, err
}

// SetPause implements subscriptions.Lanes.
func (s *Store) SetPause(ctx context.Context, id subscriptions.LaneID, until time.Time, why string) error {
	return s.update(ctx, "pause a lane", func(c *conn) error {
		_, err := c.exec(`INSERT INTO lane (id, owner, fence, until, paused_until, paused_why) VALUES (?, '', 0, 0, ?, ?)
			ON CONFLICT (id) DO UPDATE SET paused_until = excluded.paused_until, paused_why = excluded.paused_why`, string(id), milli(until), why)
		return err
	})
}

// SetRate implements subscriptions.Lanes.
func (s *Store) SetRate(ctx context.Context, id subscriptions.LaneID, rate float64) error {
	return s.update(ctx, "set a lane's rate", func(c *conn) error {
		_, err := c.exec(`INSERT INTO lane (id, owner, fence, until, paused_until, paused_why, rate) VALUES (?, '', 0, 0, 0, '', ?)
			ON CONFLICT (id) DO UPDATE SET rate = excluded.rate`, string(id), rate)
		return err
	})
}

// SetHold implements subscriptions.Lanes.
func (s *Store) SetHold(ctx context.Context, held bool) error {
	return s.update(ctx, "hold every lane", func(c *conn) error {
		_, err := c.exec("UPDATE meta SET held = ?", flag(held))
		return err
	})
}

// Posts implements subscriptions.Lanes.
func (s *Store) Posts(ctx context.Context) (out []subscriptions.Post, err error) {
	err = s.view(ctx, "list channel posts", func(c *conn) error {
		posts, err := c.recipients("WHERE kind <> 'person' ORDER BY id")
		if err != nil {
			return err
		}
		for _, r := range posts {
			follows, err := c.follows(r.ID)
			if err != nil {
				return err
			}
			out = append(out, subscriptions.Post{Recipient: r, Follows: follows})
		}
		return nil
	})
	return out, err
}
