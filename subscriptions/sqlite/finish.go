package sqlite

import (
	"context"
	"database/sql"
	"time"

	"arifa/subscriptions"
)

// Finish implements subscriptions.Outbox.
func (s *Store) Finish(ctx context.Context, rs []subscriptions.Result) error {
	if len(rs) == 0 {
		return nil
	}
	return s.update(ctx, "finish", func(c *conn) error {
		sent := sentTimes{}
		rs, err := s.finishPlain(c, rs, sent)
		if err != nil {
			return err
		}
		if len(rs) == 0 {
			return c.noteSent(sent)
		}
		rows, err := c.finishing(rs)
		if err != nil {
			return err
		}
		late, err := c.followsUp()
		if err != nil {
			return err
		}
		stale := map[subscriptions.RecipientID]bool{} // rows changed under us by a row of this batch
		for _, res := range rs {
			before, ok := rows[res.ID]
			if !ok { // the person was erased meanwhile
				if err := c.unclaim(res.ID); err != nil {
					return err
				}
				continue
			}
			if stale[before.Recipient] {
				if before, err = c.row(res.ID); err != nil {
					if none(err) {
						continue
					}
					return err
				}
			}
			stale[before.Recipient] = true
			if err := s.finish(c, before, res, late, sent); err != nil {
				return err
			}
		}
		return c.noteSent(sent)
	})
}

func (s *Store) finish(c *conn, before subscriptions.Row, res subscriptions.Result, late bool, sent sentTimes) error {
	res.At = cut(res.At)
	after := subscriptions.PlanResult(before, res)
	if err := s.settle(c, before, after, late); err != nil {
		return err
	}
	if after.Told == subscriptions.SurelyTold && res.State == subscriptions.Sent {
		sent.add(after.Notice, after.Lane, milli(res.At))
	}
	if !res.MovedTo.IsZero() {
		return c.move(before.Recipient, res.MovedTo)
	}
	if res.Gone {
		return c.gone(before.Recipient, res.At)
	}
	return nil
}

func (c *conn) finishing(rs []subscriptions.Result) (map[subscriptions.DeliveryID]subscriptions.Row, error) {
	list := make([]subscriptions.DeliveryID, len(rs))
	for i, r := range rs {
		list[i] = r.ID
	}
	rows := make(map[subscriptions.DeliveryID]subscriptions.Row, len(rs))
	held, err := c.claimed()
	if err != nil {
		return nil, err
	}
	err = c.each("SELECT "+rowColumns+" FROM json_each(?) j CROSS JOIN delivery d ON d.id = j.value", []any{ids(list)}, func(q *sql.Rows) error {
		r, err := held.scanRow(q)
		rows[r.ID] = r
		return err
	})
	return rows, err
}

func (c *conn) row(id subscriptions.DeliveryID) (subscriptions.Row, error) {
	rows, err := c.rows("WHERE d.id = ?", int64(id))
	if err == nil && len(rows) == 0 {
		return subscriptions.Row{}, sql.ErrNoRows
	}
	if err != nil {
		return subscriptions.Row{}, err
	}
	return rows[0], nil
}

// gone notes a dead address: nothing is sent to it, and its debts end. A report
// from before the person came back does not count.
func (c *conn) gone(id subscriptions.RecipientID, at time.Time) error {
	n, err := c.exec("UPDATE recipient SET gone_at = ? WHERE id = ? AND gone_at = 0 AND asked_at <= ?", max(1, milli(at)), int64(id), max(1, milli(at)))
	if err != nil || n == 0 {
		return err
	}
	return c.endDebts(id)
}

// endDebts takes everything out of the lane for a recipient.
func (c *conn) endDebts(id subscriptions.RecipientID) error {
	rows, err := c.rows("WHERE d.recipient_id = ?", int64(id))
	if err != nil {
		return err
	}
	for _, r := range rows {
		if err := c.updateRow(subscriptions.PlanLeave(r, nil, true)); err != nil {
			return err
		}
	}
	return nil
}

// sentTimes collects when a batch sent the first and the last of a notice.
type sentTimes map[sentKey][2]int64

type sentKey struct {
	notice subscriptions.NoticeID
	lane   subscriptions.LaneID
}

func (t sentTimes) add(notice subscriptions.NoticeID, lane subscriptions.LaneID, at int64) {
	k := sentKey{notice, lane}
	v, ok := t[k]
	if !ok {
		v = [2]int64{at, at}
	}
	t[k] = [2]int64{min(v[0], at), max(v[1], at)}
}

func (c *conn) noteSent(t sentTimes) error {
	for k, v := range t {
		if _, err := c.exec(`INSERT INTO notice_sent (notice_id, lane, first_at, last_at) VALUES (?, ?, ?, ?)
			ON CONFLICT (notice_id, lane) DO UPDATE SET first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)`,
			int64(k.notice), string(k.lane), v[0], v[1]); err != nil {
			return err
		}
	}
	return nil
}
