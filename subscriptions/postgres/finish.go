package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// Finish implements subscriptions.Outbox.
func (s *Store) Finish(ctx context.Context, rs []subscriptions.Result) error {
	if len(rs) == 0 {
		return nil
	}
	return s.updateOften(ctx, "finish", func(tx pgx.Tx) error {
		if err := sharePublish(ctx, tx); err != nil {
			return err
		}
		sent := sentTimes{}
		rs, err := s.finishPlain(ctx, tx, rs, sent)
		if err != nil {
			return err
		}
		done := map[int]subscriptions.Row{} // by place in rs
		changes := make([]change, len(rs))
		for i, res := range rs {
			res.At = cut(res.At)
			changes[i] = change{res.ID, func(r subscriptions.Row) subscriptions.Row {
				r = subscriptions.PlanResult(r, res)
				done[i] = r
				return r
			}}
		}
		if err := s.settle(ctx, tx, changes); err != nil {
			return err
		}
		for i, res := range rs {
			row, found := done[i]
			if !found { // the person was erased meanwhile
				continue
			}
			if row.Told == subscriptions.SurelyTold && res.State == subscriptions.Sent {
				sent.add(row.Notice, row.Lane, cut(res.At))
			}
			if err := s.moved(ctx, tx, row.Recipient, res); err != nil {
				return err
			}
		}
		return sent.write(ctx, tx)
	})
}

// moved does what a report says of the address.
func (s *Store) moved(ctx context.Context, tx pgx.Tx, id subscriptions.RecipientID, res subscriptions.Result) error {
	if !res.MovedTo.IsZero() {
		return move(ctx, tx, id, res.MovedTo)
	}
	if res.Gone {
		return gone(ctx, tx, id, res.At)
	}
	return nil
}

// gone notes a dead address: nothing is sent to it, and its debts end. A report
// from before the person came back does not count.
func gone(ctx context.Context, tx pgx.Tx, id subscriptions.RecipientID, at time.Time) error {
	tag, err := tx.Exec(ctx, "UPDATE recipient SET gone_at = $1 WHERE id = $2 AND gone_at IS NULL AND coalesce(asked_at <= $1, true)", sure(at), int64(id))
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	return endDebts(ctx, tx, id)
}

// endDebts takes everything out of the lane for a recipient, who is locked.
func endDebts(ctx context.Context, tx pgx.Tx, id subscriptions.RecipientID) error {
	rows, err := rowsWhere(ctx, tx, "WHERE d.recipient_id = $1", int64(id))
	if err != nil {
		return err
	}
	for i, r := range rows {
		rows[i] = subscriptions.PlanLeave(r, nil, true)
	}
	return updateRows(ctx, tx, rows)
}

// sure is a time that must not be NULL.
func sure(t time.Time) when {
	if t.IsZero() {
		return when(time.UnixMilli(1))
	}
	return when(t)
}

// sentTimes collects when a batch sent the first and the last of a notice.
type sentTimes map[sentKey][2]time.Time

type sentKey struct {
	notice subscriptions.NoticeID
	lane   subscriptions.LaneID
}

func (t sentTimes) add(notice subscriptions.NoticeID, lane subscriptions.LaneID, at time.Time) {
	k := sentKey{notice, lane}
	v, ok := t[k]
	if !ok || at.Before(v[0]) {
		v[0] = at
	}
	if !ok || at.After(v[1]) {
		v[1] = at
	}
	t[k] = v
}

// write is the last statement of a batch; the rows of two lanes never meet, and
// those of one are few.
func (t sentTimes) write(ctx context.Context, tx pgx.Tx) error {
	for k, v := range t {
		if _, err := tx.Exec(ctx, `INSERT INTO notice_sent (notice_id, lane, first_at, last_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (notice_id, lane) DO UPDATE SET first_at = least(notice_sent.first_at, excluded.first_at), last_at = greatest(notice_sent.last_at, excluded.last_at)`,
			int64(k.notice), string(k.lane), when(v[0]), when(v[1])); err != nil {
			return err
		}
	}
	return nil
}
