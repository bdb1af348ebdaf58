package sqlite

import (
	"context"
	"database/sql"
	"time"

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

// Unaccounted implements subscriptions.Outbox. An end is owed to who was told,
// not to who follows; so restored notices do not count here.
func (s *Store) Unaccounted(ctx context.Context, now time.Time) (n int, err error) {
	err = s.view(ctx, "look for skipped recipients", func(c *conn) error {
		n = 0
		open, err := s.openNotices(c)
		if err != nil {
			return err
		}
		for _, p := range open {
			b := p.b.Notice
			if _, dead := p.dead(now); dead || b.ExpandedAt.IsZero() || b.Kind == subscriptions.Restored {
				continue
			}
			k := 0
			err := c.one(`SELECT count(DISTINCT f.recipient_id) FROM notice_scope s JOIN follow f ON f.scope = s.scope JOIN recipient r ON r.id = f.recipient_id
				WHERE s.notice_id = ?1 AND f.since < ?2 AND f.incident_id IN (0, ?3) AND (f.until = 0 OR f.until > ?4) AND r.gone_at = 0
				AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.recipient_id = f.recipient_id AND d.incident_id = ?3 AND (d.notice_id = ?1 OR ?3 > 0 AND d.sequence > ?5))`,
				[]any{int64(b.ID), milli(b.PublishedAt), int64(b.Incident), milli(now), p.b.Sequence}, &k)
			if err != nil {
				return err
			}
			n += k
		}
		return nil
	})
	return n, err
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
