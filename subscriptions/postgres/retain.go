package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

const (
	keepDeliveries = 30 * 24 * time.Hour
	keepRecipients = 30 * 24 * time.Hour
	keepInbox      = 48 * time.Hour
	keepRequests   = 30 * 24 * time.Hour
	keepCalls      = 30 * 24 * time.Hour
	keepTicks      = 48 * time.Hour
	retainPage     = 1000
)

// Forget implements subscriptions.Register.
func (s *Store) Forget(ctx context.Context, id subscriptions.RecipientID, _ time.Time) error {
	return s.update(ctx, "forget a recipient", func(tx pgx.Tx) error {
		if err := sharePublish(ctx, tx); err != nil {
			return err
		}
		who := []subscriptions.RecipientID{id}
		if err := lockRecipients(ctx, tx, who); err != nil {
			return err
		}
		if err := endDebts(ctx, tx, id); err != nil {
			return err
		}
		if err := eraseHeard(ctx, tx, id); err != nil {
			return err
		}
		return erase(ctx, tx, who)
	})
}

// eraseHeard empties what was laid aside of what a recipient said.
func eraseHeard(ctx context.Context, tx pgx.Tx, id subscriptions.RecipientID) error {
	_, err := tx.Exec(ctx, `UPDATE inbox SET body = NULL, chat = '', reason = '' WHERE state = 'dead'
		AND (lane, chat) = (SELECT lane, address FROM recipient WHERE id = $1)`, int64(id))
	return err
}

// erase removes recipients; what they were told stays as counts.
func erase(ctx context.Context, tx pgx.Tx, who []subscriptions.RecipientID) error {
	if err := eraseTalks(ctx, tx, who); err != nil {
		return err
	}
	if _, err := countOut(ctx, tx, "recipient_id = ANY($1)", numbers(who)); err != nil {
		return err
	}
	if err := unlink(ctx, tx, who); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "DELETE FROM recipient WHERE id = ANY($1)", numbers(who))
	return err
}

// countOut turns deliveries into counts. What a lane holds right now may arrive.
func countOut(ctx context.Context, tx pgx.Tx, where string, args ...any) (n int, err error) {
	err = tx.QueryRow(ctx, `WITH gone AS (DELETE FROM delivery WHERE `+where+` RETURNING notice_id, lane, state, by, mode),
		counted AS (INSERT INTO delivery_count AS c (notice_id, lane, state, by, mode, n)
			SELECT notice_id, lane, CASE WHEN state = 'pending' THEN 'unknown' ELSE state END, by, mode, count(*) FROM gone GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
			ON CONFLICT (notice_id, lane, state, by, mode) DO UPDATE SET n = c.n + excluded.n)
		SELECT count(*) FROM gone`, args...).Scan(&n)
	return n, err
}

// Retain implements subscriptions.Register. Each kind of housekeeping goes page by
// page, so that a broadcast beside it is not held up.
func (s *Store) Retain(ctx context.Context, now time.Time) (done subscriptions.Retained, err error) {
	for _, job := range []struct {
		count *int
		page  func(context.Context, pgx.Tx, time.Time) (int, error)
	}{
		{&done.Follows, retainFollows}, {&done.Deliveries, retainDeliveries},
		{&done.Inbox, retainInbox}, {new(int), retainRequests}, {new(int), retainTicks}, {new(int), retainCalls}, {new(int), retainCards}, {new(int), retainTalks},
		{&done.Leads, retainWords}, {&done.Leads, retainMarks}, {&done.Leads, retainCounts}, {&done.Leads, retainSamples},
	} {
		for more := true; more; {
			n := 0
			err := s.housekeeping(ctx, func(tx pgx.Tx) (err error) {
				n, err = job.page(ctx, tx, now)
				return err
			})
			if err != nil {
				return done, err
			}
			*job.count += n
			more = n > 0
		}
	}
	if _, err = s.among(ctx, followsNothing, nil, func(tx pgx.Tx, who []subscriptions.RecipientID) (int, error) {
		return 0, markIdle(ctx, tx, now, who)
	}); err != nil {
		return done, err
	}
	before := []any{when(now.Add(-keepRecipients))}
	done.Recipients, err = s.among(ctx, forgettable, before, func(tx pgx.Tx, who []subscriptions.RecipientID) (int, error) {
		return forget(ctx, tx, before[0], who)
	})
	return done, err
}

// housekeeping runs fn in a transaction that no other housekeeping meets.
func (s *Store) housekeeping(ctx context.Context, fn func(pgx.Tx) error) error {
	return s.update(ctx, "housekeeping", func(tx pgx.Tx) error {
		if err := sharePublish(ctx, tx); err != nil {
			return err
		}
		if err := lockExclusively(ctx, tx, lockRetain); err != nil {
			return err
		}
		return fn(tx)
	})
}

// stretchOfPeople is how many ids one search looks at.
const stretchOfPeople = 20_000

// among lets do write about everybody whom a condition holds of. It is looked for
// stretch by stretch and without any lock, because that looks at everybody while
// others publish; so do has to ask again.
func (s *Store) among(ctx context.Context, condition string, args []any, do func(tx pgx.Tx, who []subscriptions.RecipientID) (int, error)) (n int, err error) {
	for from, last := int64(0), int64(1); from < last; from += stretchOfPeople {
		var who []subscriptions.RecipientID
		err := s.view(ctx, "housekeeping", func(tx pgx.Tx) (err error) {
			if err := tx.QueryRow(ctx, "SELECT coalesce(max(id), 0) FROM recipient").Scan(&last); err != nil {
				return err
			}
			at := len(args)
			who, err = all(ctx, tx, scalar[subscriptions.RecipientID], fmt.Sprintf("SELECT r.id FROM recipient r WHERE %s AND r.id > $%d AND r.id <= $%d ORDER BY r.id", condition, at+1, at+2),
				append(slices.Clone(args), from, from+stretchOfPeople)...)
			return err
		})
		if err != nil {
			return n, err
		}
		for page := range slices.Chunk(who, retainPage) {
			k := 0
			err := s.housekeeping(ctx, func(tx pgx.Tx) (err error) {
				k, err = do(tx, page)
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
// that it watched ended long ago.
func retainFollows(ctx context.Context, tx pgx.Tx, now time.Time) (int, error) {
	tag, err := tx.Exec(ctx, `DELETE FROM follow WHERE (recipient_id, scope, incident_id) IN (
		SELECT recipient_id, scope, incident_id FROM follow WHERE until <= $1 ORDER BY recipient_id LIMIT $2)`, when(now), retainPage)
	if err != nil || tag.RowsAffected() > 0 {
		return int(tag.RowsAffected()), err
	}
	tag, err = tx.Exec(ctx, `DELETE FROM follow WHERE (recipient_id, scope, incident_id) IN (
		SELECT f.recipient_id, f.scope, f.incident_id FROM follow f JOIN incident i ON i.id = f.incident_id
		WHERE f.incident_id > 0 AND NOT i.live AND i.ended_at <= $1 ORDER BY f.recipient_id LIMIT $2)`, when(now.Add(-keepDeliveries)), retainPage)
	if err != nil || tag.RowsAffected() > 0 {
		return int(tag.RowsAffected()), err
	}
	return 0, nil
}

// retainDeliveries takes a page of the oldest notice whose incident ended long ago
// and that still has deliveries.
func retainDeliveries(ctx context.Context, tx pgx.Tx, now time.Time) (int, error) {
	old, err := all(ctx, tx, scalar[int64], `SELECT n.id FROM notice n LEFT JOIN incident i ON i.id = n.incident_id
		WHERE n.sequence > 0 AND CASE WHEN n.incident_id = 0 THEN n.published_at < $1 ELSE NOT i.live AND i.ended_at < $1 END
			AND EXISTS (SELECT 1 FROM delivery d WHERE d.notice_id = n.id AND d.lease_until IS NULL)
		ORDER BY n.id LIMIT 1`, when(now.Add(-keepDeliveries)))
	if err != nil || len(old) == 0 {
		return 0, err
	}
	return countOut(ctx, tx, "id IN (SELECT id FROM delivery WHERE notice_id = $1 AND lease_until IS NULL LIMIT $2)", old[0], retainPage)
}

const (
	followsNothing = "r.idle_at IS NULL AND NOT EXISTS (SELECT 1 FROM follow f WHERE f.recipient_id = r.id)"
	// forgettable is who is gone or follows nothing for 30 days and is not owed anything
	// in a live incident.
	forgettable = `(r.gone_at < $1 OR r.gone_at IS NULL AND r.idle_at < $1 AND coalesce(r.asked_at < $1, true)
			AND NOT EXISTS (SELECT 1 FROM follow f WHERE f.recipient_id = r.id))
		AND NOT EXISTS (SELECT 1 FROM delivery d LEFT JOIN incident i ON i.id = d.incident_id WHERE d.recipient_id = r.id
			AND (d.state = 'pending' OR i.live AND d.owed <> ''))`
)

// forget erases those of whom that holds now: who came back before the lock was ours
// stays.
func forget(ctx context.Context, tx pgx.Tx, before any, who []subscriptions.RecipientID) (int, error) {
	if err := lockRecipients(ctx, tx, who); err != nil {
		return 0, err
	}
	who, err := all(ctx, tx, scalar[subscriptions.RecipientID], "SELECT r.id FROM recipient r WHERE "+forgettable+" AND r.id = ANY($2)", before, numbers(who))
	if err != nil || len(who) == 0 {
		return 0, err
	}
	return len(who), erase(ctx, tx, who)
}

// retainInbox forgets what was handled, and what was laid aside for an operator: that
// holds somebody's words.
func retainInbox(ctx context.Context, tx pgx.Tx, now time.Time) (int, error) {
	tag, err := tx.Exec(ctx, "DELETE FROM inbox WHERE seq IN (SELECT seq FROM inbox WHERE state = 'done' AND done_at < $1 UNION ALL SELECT seq FROM inbox WHERE state = 'dead' AND at < $2 LIMIT $3)",
		when(now.Add(-keepInbox)), when(now.Add(-subscriptions.ReportTextErase)), retainPage)
	return int(tag.RowsAffected()), err
}

func retainRequests(ctx context.Context, tx pgx.Tx, now time.Time) (int, error) {
	tag, err := tx.Exec(ctx, "DELETE FROM request WHERE key IN (SELECT key FROM request WHERE at < $1 LIMIT $2)", when(now.Add(-keepRequests)), retainPage)
	return int(tag.RowsAffected()), err
}
