package sqlite

import (
	"context"
	"database/sql"

	"arifa/subscriptions"
)

// Progress implements subscriptions.Outbox.
func (s *Store) Progress(ctx context.Context, id subscriptions.NoticeID) (p subscriptions.Progress, err error) {
	err = s.view(ctx, "count deliveries", func(c *conn) error {
		p = subscriptions.Progress{Notice: id, ByLane: map[subscriptions.LaneID]map[subscriptions.DeliveryState]int{}, Superseded: map[subscriptions.SupersededBy]int{}}
		var expanded, first, last int64
		err := c.one(`SELECT expanded_at, coalesce((SELECT min(first_at) FROM notice_sent WHERE notice_id = ?1), 0), coalesce((SELECT max(last_at) FROM notice_sent WHERE notice_id = ?1), 0)
			FROM notice WHERE id = ?1`, []any{int64(id)}, &expanded, &first, &last)
		if err != nil {
			return err
		}
		held, err := c.claimed()
		if err != nil {
			return err
		}
		for _, k := range held {
			if k.notice == id {
				p.InFlight += k.left
			}
		}
		p.Expanded, p.FirstSent, p.LastSent = expanded != 0, fromMilli(first), fromMilli(last)
		return c.each(`SELECT lane, state, by, mode, sum(n), sum(flying) FROM (
				SELECT lane, state, by, mode, 1 AS n, lease_until > 0 AS flying FROM delivery WHERE notice_id = ?1
				UNION ALL SELECT lane, state, by, mode, n, 0 FROM delivery_count WHERE notice_id = ?1)
			GROUP BY lane, state, by, mode`, []any{int64(id)}, func(rs *sql.Rows) error {
			var lane subscriptions.LaneID
			var state subscriptions.DeliveryState
			var by subscriptions.SupersededBy
			var mode subscriptions.Mode
			var n, flying int
			if err := rs.Scan(&lane, &state, &by, &mode, &n, &flying); err != nil {
				return err
			}
			if p.ByLane[lane] == nil {
				p.ByLane[lane] = map[subscriptions.DeliveryState]int{}
			}
			p.ByLane[lane][state] += n
			p.InFlight += flying
			if state == subscriptions.Superseded {
				p.Superseded[by] += n
			}
			if state == subscriptions.Sent && mode == subscriptions.AsEdit {
				p.Edits += n
			}
			return nil
		})
	})
	return p, err
}

// Deliveries implements subscriptions.Outbox.
func (s *Store) Deliveries(ctx context.Context, n subscriptions.NoticeID, state subscriptions.DeliveryState, after subscriptions.DeliveryID, limit int) (out []subscriptions.Delivery, err error) {
	err = s.view(ctx, "list deliveries", func(c *conn) error {
		return c.each("SELECT "+rowColumns+", coalesce(r.kind, '') FROM delivery d LEFT JOIN recipient r ON r.id = d.recipient_id WHERE d.notice_id = ? AND d.state = ? AND d.id > ? ORDER BY d.id LIMIT ?",
			[]any{int64(n), string(state), int64(after), limit}, func(rs *sql.Rows) error {
				var kind subscriptions.RecipientKind
				r, err := claims(nil).scanRow(rs, &kind)
				out = append(out, subscriptions.Delivery{ID: r.ID, Notice: r.Notice, Incident: r.Incident, Round: r.Round, Rank: r.Rank, Mode: r.Mode,
					Services: r.Services, Recipient: r.Recipient, Lane: r.Lane, Kind: kind, Asked: r.Asked, Attempt: r.Attempt, Repeat: r.Repeat})
				return err
			})
	})
	return out, err
}
