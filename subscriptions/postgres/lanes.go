package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// clock reads the database's clock: only Lanes and the lapse of leases do. It is
// asked after a lock was waited for, never in the same statement.
func clock(ctx context.Context, tx pgx.Tx) (now time.Time, err error) {
	err = tx.QueryRow(ctx, clockSQL).Scan((*when)(&now))
	return now, err
}

const (
	clockSQL  = "SELECT date_trunc('milliseconds', clock_timestamp())"
	tenureSQL = "SELECT owner, fence, until FROM lane WHERE id = $1 FOR NO KEY UPDATE"
)

func scanTenure(r pgx.Row, t *subscriptions.Tenure) error {
	return r.Scan(&t.Owner, &t.Fence, (*when)(&t.Until))
}

// tenure locks a lane and reads its owner; the zero Tenure before the first.
func tenure(ctx context.Context, tx pgx.Tx, id subscriptions.LaneID) (subscriptions.Tenure, error) {
	t := subscriptions.Tenure{Lane: id}
	err := scanTenure(tx.QueryRow(ctx, tenureSQL, string(id)), &t)
	if err == nil || errors.Is(err, pgx.ErrNoRows) {
		t.Now, err = clock(ctx, tx)
	}
	return t, err
}

// knowLane makes a lane known.
func knowLane(ctx context.Context, tx pgx.Tx, id subscriptions.LaneID) error {
	_, err := tx.Exec(ctx, "INSERT INTO lane (id, owner, fence, paused_why) VALUES ($1, '', 0, '') ON CONFLICT DO NOTHING", string(id))
	return err
}

func putTenure(ctx context.Context, tx pgx.Tx, t subscriptions.Tenure) error {
	_, err := tx.Exec(ctx, "UPDATE lane SET owner = $1, fence = $2, until = $3 WHERE id = $4", t.Owner, t.Fence, when(t.Until), string(t.Lane))
	return err
}

// Acquire implements subscriptions.Lanes.
func (s *Store) Acquire(ctx context.Context, id subscriptions.LaneID, owner string, ttl time.Duration) (t subscriptions.Tenure, err error) {
	err = s.update(ctx, "acquire a lane", func(tx pgx.Tx) error {
		if err := knowLane(ctx, tx, id); err != nil {
			return err
		}
		if t, err = tenure(ctx, tx, id); err != nil {
			return err
		}
		held := t.Owner != "" && t.Now.Before(t.Until)
		if held && t.Owner != owner {
			return subscriptions.ErrFenced
		}
		if !held {
			t.Fence++
		}
		t.Owner, t.Until = owner, cut(t.Now.Add(ttl))
		return putTenure(ctx, tx, t)
	})
	return t, err
}

// holds locks the lane and returns ErrFenced unless t is its tenure now.
func holds(ctx context.Context, tx pgx.Tx, t subscriptions.Tenure) (now time.Time, err error) {
	have, err := tenure(ctx, tx, t.Lane)
	if err != nil {
		return now, err
	}
	if !holding(have, t) {
		return now, subscriptions.ErrFenced
	}
	return have.Now, nil
}

// holding reports whether t is the tenure that a lane has.
func holding(have, t subscriptions.Tenure) bool {
	return have.Fence == t.Fence && have.Owner == t.Owner && have.Now.Before(have.Until)
}

// Renew implements subscriptions.Lanes.
func (s *Store) Renew(ctx context.Context, t subscriptions.Tenure, ttl time.Duration) (subscriptions.Tenure, error) {
	err := s.update(ctx, "renew a lane", func(tx pgx.Tx) error {
		now, err := holds(ctx, tx, t)
		if err != nil {
			return err
		}
		t.Now, t.Until = now, cut(now.Add(ttl))
		return putTenure(ctx, tx, t)
	})
	return t, err
}

// Release implements subscriptions.Lanes. A tenure that was lost already has
// nothing to release.
func (s *Store) Release(ctx context.Context, t subscriptions.Tenure) error {
	return s.update(ctx, "release a lane", func(tx pgx.Tx) error {
		if err := sharePublish(ctx, tx); err != nil {
			return err
		}
		have, err := tenure(ctx, tx, t.Lane)
		if err != nil || have.Fence != t.Fence || have.Owner != t.Owner {
			return err
		}
		have.Owner, have.Until = "", time.Time{}
		if err := putTenure(ctx, tx, have); err != nil {
			return err
		}
		leased, err := all(ctx, tx, scalar[subscriptions.DeliveryID], "SELECT id FROM delivery WHERE lane = $1 AND lease_until IS NOT NULL AND lease_fence = $2", string(t.Lane), t.Fence)
		if err != nil {
			return err
		}
		claimed, err := claimsWhere(ctx, tx, "WHERE lane = $1 AND fence = $2", string(t.Lane), t.Fence)
		if err != nil {
			return err
		}
		for _, k := range claimed {
			for _, id := range k.rows {
				leased = append(leased, subscriptions.DeliveryID(id))
			}
		}
		changes := make([]change, len(leased))
		for i, id := range leased {
			changes[i] = change{id, func(r subscriptions.Row) subscriptions.Row {
				if !r.Leased() || r.Fence != t.Fence {
					return r
				}
				return subscriptions.PlanRelease(r)
			}}
		}
		if err := s.settle(ctx, tx, changes); err != nil {
			return err
		}
		for _, k := range claimed { // a row may be gone with its person
			for _, id := range k.rows {
				working(tx).hold(subscriptions.DeliveryID(id), k.id)
				working(tx).free(subscriptions.DeliveryID(id))
			}
		}
		return nil
	})
}

// LaneList implements subscriptions.Lanes.
func (s *Store) LaneList(ctx context.Context) (out []subscriptions.Lane, err error) {
	err = s.view(ctx, "list lanes", func(tx pgx.Tx) error {
		out, err = all(ctx, tx, func(r pgx.Row) (subscriptions.Lane, error) {
			var l subscriptions.Lane
			err := r.Scan(&l.ID, &l.Tenure.Owner, &l.Tenure.Fence, (*when)(&l.Tenure.Until), (*when)(&l.PausedUntil), &l.PausedWhy, &l.Held, &l.Rate, (*when)(&l.Tenure.Now))
			l.Tenure.Lane = l.ID
			return l, err
		}, `SELECT l.id, l.owner, l.fence, l.until, l.paused_until, l.paused_why, m.held, l.rate, date_trunc('milliseconds', clock_timestamp()) FROM lane l, meta m ORDER BY l.id COLLATE "C"`)
		return err
	})
	return out, err
}

// SetPause implements subscriptions.Lanes.
func (s *Store) SetPause(ctx context.Context, id subscriptions.LaneID, until time.Time, why string) error {
	return s.update(ctx, "pause a lane", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO lane (id, owner, fence, paused_until, paused_why) VALUES ($1, '', 0, $2, $3)
			ON CONFLICT (id) DO UPDATE SET paused_until = excluded.paused_until, paused_why = excluded.paused_why`, string(id), when(until), plain(why))
		if err != nil {
			return err
		}
		return hint(ctx, tx)
	})
}

// SetRate implements subscriptions.Lanes.
func (s *Store) SetRate(ctx context.Context, id subscriptions.LaneID, rate float64) error {
	return s.update(ctx, "set a lane's rate", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO lane (id, owner, fence, paused_why, rate) VALUES ($1, '', 0, '', $2)
			ON CONFLICT (id) DO UPDATE SET rate = excluded.rate`, string(id), rate)
		if err != nil {
			return err
		}
		return hint(ctx, tx)
	})
}

// SetHold implements subscriptions.Lanes.
func (s *Store) SetHold(ctx context.Context, held bool) error {
	return s.update(ctx, "hold every lane", func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "UPDATE meta SET held = $1", held); err != nil {
			return err
		}
		return hint(ctx, tx)
	})
}

// Posts implements subscriptions.Lanes.
func (s *Store) Posts(ctx context.Context) (out []subscriptions.Post, err error) {
	err = s.view(ctx, "list channel posts", func(tx pgx.Tx) error {
		posts, err := recipients(ctx, tx, "WHERE kind <> 'person' ORDER BY id")
		if err != nil {
			return err
		}
		out = nil
		for _, r := range posts {
			follows, err := followsOf(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			out = append(out, subscriptions.Post{Recipient: r, Follows: follows})
		}
		return nil
	})
	return out, err
}
