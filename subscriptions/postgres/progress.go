package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// Progress implements subscriptions.Outbox.
func (s *Store) Progress(ctx context.Context, id subscriptions.NoticeID) (p subscriptions.Progress, err error) {
	err = s.view(ctx, "count deliveries", func(tx pgx.Tx) error {
		p = subscriptions.Progress{Notice: id, ByLane: map[subscriptions.LaneID]map[subscriptions.DeliveryState]int{}, Superseded: map[subscriptions.SupersededBy]int{}}
		err := tx.QueryRow(ctx, `SELECT expanded_at IS NOT NULL, (SELECT min(first_at) FROM notice_sent WHERE notice_id = $1), (SELECT max(last_at) FROM notice_sent WHERE notice_id = $1)
			FROM notice WHERE id = $1`, int64(id)).Scan(&p.Expanded, (*when)(&p.FirstSent), (*when)(&p.LastSent))
		if err != nil {
			return err
		}
		held, err := claimsWhere(ctx, tx, "WHERE notice_id = $1", int64(id))
		if err != nil {
			return err
		}
		for _, k := range held {
			p.InFlight += len(k.rows)
		}
		rows, err := tx.Query(ctx, `SELECT lane, state, by, mode, sum(n)::bigint, sum(flying)::bigint FROM (
				SELECT lane, state, by, mode, count(*) AS n, count(lease_until) AS flying FROM delivery WHERE notice_id = $1 GROUP BY 1, 2, 3, 4
				UNION ALL SELECT lane, state, by, mode, n, 0 FROM delivery_count WHERE notice_id = $1) c
			GROUP BY 1, 2, 3, 4`, int64(id))
		if err != nil {
			return err
		}
		var c counted
		_, err = pgx.ForEachRow(rows, []any{&c.lane, &c.state, &c.by, &c.mode, &c.n, &c.flying}, func() error {
			c.add(&p)
			return nil
		})
		return err
	})
	return p, err
}

type counted struct {
	lane      subscriptions.LaneID
	state     subscriptions.DeliveryState
	by        subscriptions.SupersededBy
	mode      subscriptions.Mode
	n, flying int
}

func (c counted) add(p *subscriptions.Progress) {
	if p.ByLane[c.lane] == nil {
		p.ByLane[c.lane] = map[subscriptions.DeliveryState]int{}
	}
	p.ByLane[c.lane][c.state] += c.n
	p.InFlight += c.flying
	if c.state == subscriptions.Superseded {
		p.Superseded[c.by] += c.n
	}
	if c.state == subscriptions.Sent && c.mode == subscriptions.AsEdit {
		p.Edits += c.n
	}
}

// Deliveries implements subscriptions.Outbox.
func (s *Store) Deliveries(ctx context.Context, n subscriptions.NoticeID, state subscriptions.DeliveryState, after subscriptions.DeliveryID, limit int) (out []subscriptions.Delivery, err error) {
	err = s.view(ctx, "list deliveries", func(tx pgx.Tx) error {
		out, err = all(ctx, tx, func(row pgx.Row) (subscriptions.Delivery, error) {
			var kind subscriptions.RecipientKind
			r, err := scanRowAnd(row, &kind)
			return subscriptions.Delivery{ID: r.ID, Notice: r.Notice, Incident: r.Incident, Round: r.Round, Rank: r.Rank, Mode: r.Mode,
				Services: r.Services, Recipient: r.Recipient, Lane: r.Lane, Kind: kind, Asked: r.Asked, Attempt: r.Attempt, Repeat: r.Repeat}, err
		}, "SELECT "+rowColumns+`, coalesce(r.kind, '') FROM delivery d LEFT JOIN recipient r ON r.id = d.recipient_id
			WHERE d.notice_id = $1 AND d.state = $2 AND d.id > $3 ORDER BY d.id LIMIT $4`, int64(n), string(state), int64(after), limit)
		return err
	})
	return out, err
}
