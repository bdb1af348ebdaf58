package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// Plain results are the many of a broadcast: a row of a claim that was sent, of
// which nothing else follows. They are written in one statement, which says what
// PlanResult would, and finds by itself which of them are not plain after all:
// something was added or left in flight, or an end has another row to think of.
const plainSQL = `UPDATE delivery d SET state = 'sent', by = '', carried = false, told = 2, owed = CASE WHEN d.ends = '' THEN d.services ELSE '' END,
		attempt = d.attempt + 1, message = v.message, message_at = CASE d.mode WHEN 'message' THEN v.at ELSE d.message_at END, sent_at = v.at, reason = ''
	FROM unnest($1::bigint[], $2::text[], $3::timestamptz[]) v (id, message, at)
	WHERE d.id = v.id AND d.state = 'pending' AND d.placed AND d.lease_until IS NULL AND d.more = '' AND d.left_services = ''
		AND (d.ends = '' OR d.ends = d.services AND NOT EXISTS (SELECT 1 FROM delivery o WHERE o.recipient_id = d.recipient_id
			AND o.incident_id = d.incident_id AND o.id <> d.id AND o.state = 'pending'))
	RETURNING d.id`

// finishPlain records the plain ones and returns the others.
func (s *Store) finishPlain(ctx context.Context, tx pgx.Tx, rs []subscriptions.Result, sent sentTimes) (others []subscriptions.Result, err error) {
	held, err := claimsWhere(ctx, tx, "")
	if err != nil || len(held) == 0 {
		return rs, err
	}
	follows, err := s.followed(ctx, tx)
	if err != nil {
		return nil, err
	}
	var plainly []subscriptions.Result
	for _, r := range rs {
		k, claimed := find(held, r.ID)
		if !claimed || k.fence != r.Fence || r.State != subscriptions.Sent || r.Message == "" || !r.Counted || r.Gone || !r.MovedTo.IsZero() || r.Reason != "" || follows(k) {
			others = append(others, r)
			continue
		}
		r.At = cut(r.At)
		plainly = append(plainly, r)
	}
	if len(plainly) == 0 {
		return others, nil
	}
	done, err := writePlain(ctx, tx, plainly)
	if err != nil {
		return nil, err
	}
	for _, r := range plainly {
		if !done[r.ID] {
			others = append(others, r)
			continue
		}
		k, _ := find(held, r.ID)
		working(tx).hold(r.ID, k.id)
		working(tx).free(r.ID)
		sent.add(k.notice, k.lane, r.At)
	}
	return others, nil
}

func writePlain(ctx context.Context, tx pgx.Tx, rs []subscriptions.Result) (map[subscriptions.DeliveryID]bool, error) {
	ids, messages, at := make([]int64, len(rs)), make([]string, len(rs)), make([]when, len(rs))
	for i, r := range rs {
		ids[i], messages[i], at[i] = int64(r.ID), plain(r.Message), when(r.At)
	}
	rows, err := tx.Query(ctx, plainSQL, ids, messages, at)
	if err != nil {
		return nil, err
	}
	done := make(map[subscriptions.DeliveryID]bool, len(rs))
	var id subscriptions.DeliveryID
	_, err = pgx.ForEachRow(rows, []any{&id}, func() error {
		done[id] = true
		return nil
	})
	return done, err
}

// followed tells of which claims late rows need more than a record: something has
// been published about them since.
func (s *Store) followed(ctx context.Context, tx pgx.Tx) (func(claim) bool, error) {
	since, err := s.planners(ctx, tx, `WHERE NOT n.settled AND n.sequence > 0 AND n.state = 'published' AND n.overtaken = 0 AND (n.kind = 'restored' OR n.corrects > 0)`)
	if err != nil || len(since) == 0 {
		return func(claim) bool { return false }, err
	}
	open, err := s.openNotices(ctx, tx)
	incident := map[subscriptions.NoticeID]subscriptions.IncidentID{}
	for _, p := range open {
		incident[p.b.Notice.ID] = p.b.Notice.Incident
	}
	return func(k claim) bool {
		about, known := incident[k.notice]
		for _, p := range since {
			n := p.b.Notice
			if p.b.Sequence > k.sequence && (!known || n.Corrects == k.notice || about != 0 && n.Kind == subscriptions.Restored && n.Incident == about) {
				return true
			}
		}
		return false
	}, err
}
