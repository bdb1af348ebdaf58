package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// Sweep implements subscriptions.Outbox.
func (s *Store) Sweep(ctx context.Context, limit int, now time.Time) (n int, err error) {
	limit = max(1, min(limit, maxPage))
	busy := false
	err = s.view(ctx, "look for what to sweep", func(tx pgx.Tx) error {
		busy, err = s.sweepable(ctx, tx, now)
		return err
	})
	if err != nil || !busy {
		return 0, err
	}
	err = s.update(ctx, "sweep", func(tx pgx.Tx) error {
		if err := sharePublish(ctx, tx); err != nil {
			return err
		}
		n = 0
		for _, part := range []func(context.Context, pgx.Tx, int, time.Time) (int, error){s.sweepLeases, s.sweepDead, s.sweepCarried} {
			more, err := part(ctx, tx, limit-n, now)
			if n += more; err != nil || n >= limit {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// lapsed finds leases that are over by the database's clock, or whose lane has a
// newer owner.
const lapsed = `FROM delivery d LEFT JOIN lane l ON l.id = d.lane
	WHERE d.lease_until IS NOT NULL AND (d.lease_until <= clock_timestamp() OR coalesce(l.fence, 0) > d.lease_fence)`

// lapsedClaims finds claims of which the same is true.
const lapsedClaims = "FROM claim k LEFT JOIN lane l ON l.id = k.lane WHERE k.until <= clock_timestamp() OR coalesce(l.fence, 0) > k.fence"

// sweepable asks without any lock, for most of the time there is nothing to do.
func (s *Store) sweepable(ctx context.Context, tx pgx.Tx, now time.Time) (bool, error) {
	var some bool
	// The order makes statistics that are out of date keep to delivery_carried,
	// where mere existence would have them read the whole table in vain.
	if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT 1 "+lapsed+") OR EXISTS (SELECT 1 "+lapsedClaims+") OR (SELECT d.id FROM delivery d WHERE "+carried+" ORDER BY d.id LIMIT 1) IS NOT NULL").Scan(&some); err != nil || some {
		return some, err
	}
	open, err := s.openNotices(ctx, tx)
	for _, p := range open {
		if _, dead := p.dead(now); dead {
			return true, nil
		}
	}
	return false, err
}

// lapse is a lease as it was found: by the time the row is locked it may have been
// reported, or leased again.
type lapse struct {
	id     subscriptions.DeliveryID
	notice subscriptions.NoticeID
	fence  int64
	until  time.Time
	claim  int64 // 0 = it stood in the row
}

func (s *Store) sweepLeases(ctx context.Context, tx pgx.Tx, limit int, now time.Time) (int, error) {
	found, err := all(ctx, tx, func(r pgx.Row) (lapse, error) {
		var l lapse
		err := r.Scan(&l.id, &l.notice, &l.fence, (*when)(&l.until))
		return l, err
	}, "SELECT d.id, d.notice_id, d.lease_fence, d.lease_until "+lapsed+" LIMIT $1", limit)
	if err != nil {
		return 0, err
	}
	over, err := claimsWhere(ctx, tx, "WHERE id IN (SELECT k.id "+lapsedClaims+")")
	if err != nil {
		return 0, err
	}
	for _, k := range over {
		for _, id := range k.rows[:min(len(k.rows), limit-len(found))] {
			found = append(found, lapse{subscriptions.DeliveryID(id), k.notice, k.fence, k.until, k.id})
		}
	}
	if len(found) == 0 {
		return 0, nil
	}
	notices := make([]subscriptions.NoticeID, len(found))
	for i, l := range found {
		notices[i] = l.notice
	}
	list, err := s.planners(ctx, tx, "WHERE n.id = ANY($1)", numbers(distinct(notices)))
	if err != nil {
		return 0, err
	}
	planners := map[subscriptions.NoticeID]*planned{}
	for _, p := range list {
		planners[p.b.Notice.ID] = p
	}
	changes := make([]change, len(found))
	for i, l := range found {
		changes[i] = change{l.id, func(r subscriptions.Row) subscriptions.Row {
			if !r.Leased() || r.Fence != l.fence || !r.LeaseUntil.Equal(l.until) {
				return r
			}
			p := planners[r.Notice]
			return subscriptions.PlanLapse(r, p != nil && p.verdict(r.Services, now).Send)
		}}
	}
	if err := s.settle(ctx, tx, changes); err != nil {
		return 0, err
	}
	for _, l := range found { // a row may be gone with its person, and leaves its claim too
		if l.claim != 0 {
			working(tx).hold(l.id, l.claim)
			working(tx).free(l.id)
		}
	}
	return len(found), nil
}

// sweepDead rewrites what waits for notices that are not sent any more, and
// remembers which of them have nothing left. It takes the turn of Expand, which
// might be writing a page of a notice that expires right now.
func (s *Store) sweepDead(ctx context.Context, tx pgx.Tx, limit int, now time.Time) (int, error) {
	if err := lockExclusively(ctx, tx, lockExpand); err != nil {
		return 0, err
	}
	open, err := s.openNotices(ctx, tx)
	if err != nil {
		return 0, err
	}
	done := 0
	for _, p := range open {
		by, dead := p.dead(now)
		if !dead {
			continue
		}
		if by, err = why(ctx, tx, p, by); err != nil {
			return done, err
		}
		n, err := supersede(ctx, tx, p.b.Notice.ID, by, limit-done)
		if err != nil {
			return done, err
		}
		if done += n; done >= limit {
			break
		}
		if err := settleNotice(ctx, tx, p, now); err != nil {
			return done, err
		}
	}
	return done, nil
}

// settleNotice marks a notice of which nothing waits. One that died of its age
// keeps a minute: a subscription that began right before may still be writing.
func settleNotice(ctx context.Context, tx pgx.Tx, p *planned, now time.Time) error {
	if _, dead := p.dead(now.Add(-time.Minute)); !dead {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE notice SET settled = true WHERE id = $1
		AND NOT EXISTS (SELECT 1 FROM delivery WHERE notice_id = $1 AND NOT placed AND state = 'pending')
		AND NOT EXISTS (SELECT 1 FROM span WHERE notice_id = $1) AND NOT EXISTS (SELECT 1 FROM claim WHERE notice_id = $1)`, int64(p.b.Notice.ID))
	return err
}

// why tells people whose trouble was over from people who get something newer.
func why(ctx context.Context, tx pgx.Tx, p *planned, by subscriptions.SupersededBy) (subscriptions.SupersededBy, error) {
	if p.b.Notice.Overtaken == 0 || p.b.Notice.Kind == subscriptions.Restored {
		return by, nil
	}
	var kind subscriptions.Kind
	err := tx.QueryRow(ctx, "SELECT kind FROM notice WHERE id = $1", int64(p.b.Notice.Overtaken)).Scan(&kind)
	if kind == subscriptions.Restored {
		by = subscriptions.ByRestored
	}
	return by, err
}

// supersede takes up to limit waiting rows of a notice out of their lanes: those
// that stand in spans, and those that wait by themselves. Of the latter, rows that
// somebody works on are left for the next time.
func supersede(ctx context.Context, tx pgx.Tx, id subscriptions.NoticeID, by subscriptions.SupersededBy, limit int) (int, error) {
	n, err := supersedeSpans(ctx, tx, id, by, limit)
	if err != nil || n >= limit {
		return n, err
	}
	tag, err := tx.Exec(ctx, `UPDATE delivery SET state = 'superseded', by = $1, next_at = NULL, more = '', placed = true WHERE id IN (
		SELECT id FROM delivery WHERE notice_id = $2 AND state = 'pending' AND NOT placed AND lease_until IS NULL AND told = 0 LIMIT $3 FOR UPDATE SKIP LOCKED)`,
		string(by), int64(id), limit-n)
	if n += int(tag.RowsAffected()); err != nil || n >= limit {
		return n, err
	}
	rows, err := all(ctx, tx, scanRow, "SELECT "+rowColumns+` FROM delivery d WHERE d.notice_id = $1 AND d.state = 'pending' AND NOT d.placed AND d.lease_until IS NULL
		LIMIT $2 FOR UPDATE SKIP LOCKED`, int64(id), limit-n)
	if err != nil {
		return n, err
	}
	out := make([]subscriptions.Row, len(rows))
	for i, r := range rows {
		out[i] = r.Supersede(by)
	}
	return n + len(rows), updateRows(ctx, tx, out)
}

// supersedeSpans does so for a stretch of one span: rows first, then the span, as
// everybody who changes rows of it; what was taken from it meanwhile is left for the
// next time. It counts ids, most of which are rows.
func supersedeSpans(ctx context.Context, tx pgx.Tx, id subscriptions.NoticeID, by subscriptions.SupersededBy, limit int) (int, error) {
	var s span
	err := tx.QueryRow(ctx, "SELECT id, next_id, last_id FROM span WHERE notice_id = $1 ORDER BY id LIMIT 1", int64(id)).Scan(&s.id, &s.next, &s.last)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	last := min(s.last, s.next+int64(limit)-1)
	rows, err := all(ctx, tx, scalar[int64], `SELECT id FROM delivery WHERE id BETWEEN $1 AND $2 AND notice_id = $3 AND state = 'pending' AND placed AND lease_until IS NULL
		ORDER BY id FOR UPDATE`, s.next, last, int64(id))
	if err != nil {
		return 0, err
	}
	var next int64
	err = tx.QueryRow(ctx, "SELECT next_id FROM span WHERE id = $1 FOR UPDATE", s.id).Scan(&next)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && next != s.next {
		return limit, nil
	}
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, "UPDATE delivery SET state = 'superseded', by = $1 WHERE id = ANY($2) AND placed AND state = 'pending'", string(by), rows); err != nil {
		return 0, err
	}
	if last == s.last {
		_, err = tx.Exec(ctx, "DELETE FROM span WHERE id = $1", s.id)
	} else {
		_, err = tx.Exec(ctx, "UPDATE span SET next_id = $1 WHERE id = $2", last+1, s.id)
	}
	return int(last - s.next + 1), err
}
