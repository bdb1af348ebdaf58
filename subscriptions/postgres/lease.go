package postgres

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// promoted is how many rows whose waiting time is over one Lease lets in.
const promoted = 1000

// Lease implements subscriptions.Outbox. Rows that wait by themselves and that
// somebody works on are passed over until the next time. Who changes a row that
// stands in a span keeps the span for a moment.
func (s *Store) Lease(ctx context.Context, t subscriptions.Tenure, max int, now time.Time) (out []subscriptions.Delivery, err error) {
	err = s.update(ctx, "lease", func(tx pgx.Tx) error {
		out = nil
		if _, err := holds(ctx, tx, t); err != nil {
			return err
		}
		var stopped bool
		if err := tx.QueryRow(ctx, "SELECT m.held OR coalesce(l.paused_until > $2, false) FROM lane l, meta m WHERE l.id = $1", string(t.Lane), when(now)).Scan(&stopped); err != nil {
			return err
		}
		if stopped || max <= 0 {
			return nil
		}
		out, err = s.lease(ctx, tx, t, max, now)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// leasing is one Lease under way.
type leasing struct {
	tx     pgx.Tx
	tenure subscriptions.Tenure
	max    int
	now    time.Time
	live   map[subscriptions.NoticeID]*planned

	out     []subscriptions.Delivery
	talks   map[talk]bool // of which one row is handed out
	claims  map[subscriptions.NoticeID]*claim
	changed []subscriptions.Row        // rows that carry their lease themselves, or leave the lane
	blocked []subscriptions.DeliveryID // of spans: their talk has another row in flight
	related related
	unsays  bool // something that is live corrects
}

func (s *Store) lease(ctx context.Context, tx pgx.Tx, t subscriptions.Tenure, max int, now time.Time) ([]subscriptions.Delivery, error) {
	if _, err := tx.Exec(ctx, `UPDATE delivery SET next_at = NULL WHERE id IN (SELECT id FROM delivery
		WHERE lane = $1 AND state = 'pending' AND NOT placed AND lease_until IS NULL AND next_at IS NOT NULL AND next_at <= $2 LIMIT $3 FOR UPDATE SKIP LOCKED)`,
		string(t.Lane), when(now), promoted); err != nil {
		return nil, err
	}
	open, err := s.openNotices(ctx, tx)
	if err != nil {
		return nil, err
	}
	l := &leasing{tx: tx, tenure: t, max: max, now: now, live: map[subscriptions.NoticeID]*planned{}, talks: map[talk]bool{}, claims: map[subscriptions.NoticeID]*claim{}}
	for _, p := range open {
		if _, dead := p.dead(now); !dead && !p.Waits(now) {
			l.live[p.b.Notice.ID] = p
			l.unsays = l.unsays || p.b.Notice.Corrects != 0
		}
	}
	if len(l.live) == 0 {
		return nil, nil
	}
	if l.related, err = s.related(ctx, tx, open, now); err != nil {
		return nil, err
	}
	if err := l.take(ctx); err != nil {
		return nil, err
	}
	return l.out, l.write(ctx)
}

// take merges the rows that wait by themselves and the spans, in the order of
// rule 8. Rows of a notice that is overtaken are never looked at, however many
// they are.
func (l *leasing) take(ctx context.Context) error {
	alone, err := l.alone(ctx)
	if err != nil {
		return err
	}
	spans, err := l.spans(ctx)
	if err != nil {
		return err
	}
	for len(l.out) < l.max {
		switch {
		case len(spans) == 0 && len(alone) == 0:
			return nil
		case len(spans) == 0, len(alone) > 0 && alone[0].before(spans[0]):
			n := 1
			for n < len(alone) && (len(spans) == 0 || alone[n].before(spans[0])) {
				n++
			}
			if err := l.takeAlone(ctx, alone[:n]); err != nil {
				return err
			}
			alone = alone[n:]
		default:
			if err := l.takeSpan(ctx, &spans[0], alone); err != nil {
				return err
			}
			if spans[0].next > spans[0].last {
				spans = spans[1:]
			}
		}
	}
	return nil
}

// write records what was handed out.
func (l *leasing) write(ctx context.Context) error {
	if err := updateRows(ctx, l.tx, l.changed); err != nil {
		return err
	}
	if len(l.blocked) > 0 {
		if _, err := l.tx.Exec(ctx, "UPDATE delivery SET placed = false WHERE id = ANY($1)", numbers(l.blocked)); err != nil {
			return err
		}
	}
	for _, k := range l.claims {
		slices.Sort(k.rows)
		if err := addClaim(ctx, l.tx, *k); err != nil {
			return err
		}
	}
	return nil
}

func (l *leasing) hand(d subscriptions.Delivery) {
	if d.Incident != 0 {
		l.talks[talk{d.Recipient, d.Incident}] = true
	}
	l.out = append(l.out, d)
}

// claim hands out a row of a span of which nothing changes.
func (l *leasing) claim(d subscriptions.Delivery, p *planned) {
	k := l.claims[d.Notice]
	if k == nil {
		k = &claim{lane: l.tenure.Lane, fence: l.tenure.Fence, until: l.tenure.Until, notice: d.Notice, sequence: p.b.Sequence}
		l.claims[d.Notice] = k
	}
	k.rows = append(k.rows, int64(d.ID))
	l.hand(d)
}

// mark hands out a row with its lease on it.
func (l *leasing) mark(d subscriptions.Delivery, r subscriptions.Row) {
	r.Fence, r.LeaseUntil, r.Mode = l.tenure.Fence, l.tenure.Until, d.Mode
	l.changed = append(l.changed, r)
	l.hand(d)
}

// dueRow is the place of a row that waits by itself in the lane's order.
type dueRow struct {
	id          subscriptions.DeliveryID
	sequence    int64
	rank, class int
}

func (d dueRow) order(o dueRow) int {
	return cmp.Or(cmp.Compare(d.rank, o.rank), cmp.Compare(d.class, o.class), cmp.Compare(d.sequence, o.sequence), cmp.Compare(d.id, o.id))
}

func (d dueRow) before(s span) bool {
	return d.order(dueRow{id: subscriptions.DeliveryID(s.next), sequence: s.sequence, rank: s.rank, class: s.class}) <= 0
}

// alone locks the heads of every live notice's queue of rows that wait by
// themselves, and merges them. Rows that wait for another one in flight stay in
// front; as many more are read, so that they cannot stop the lane.
func (l *leasing) alone(ctx context.Context) (out []dueRow, err error) {
	var notices, order []int64
	for id, p := range l.live {
		notices, order = append(notices, int64(id)), append(order, p.b.Sequence)
	}
	var flying int
	if err := l.tx.QueryRow(ctx, "SELECT count(*) FROM delivery WHERE lane = $1 AND lease_until IS NOT NULL", string(l.tenure.Lane)).Scan(&flying); err != nil {
		return nil, err
	}
	held, err := claimsWhere(ctx, l.tx, "WHERE lane = $1", string(l.tenure.Lane))
	if err != nil {
		return nil, err
	}
	for _, k := range held {
		flying += len(k.rows)
	}
	batch := &pgx.Batch{}
	// Only delivery_due has the rows in order. Statistics that know little of what
	// waits make sorting all of it look as cheap, a few milliseconds every time.
	batch.Queue("SELECT set_config('enable_sort', 'off', true)")
	batch.Queue(`SELECT q.id, n.sequence, q.rank, q.class FROM unnest($1::bigint[], $2::bigint[]) n (id, sequence)
		CROSS JOIN LATERAL (SELECT d.id, d.rank, d.class FROM delivery d
			WHERE d.notice_id = n.id AND d.lane = $3 AND d.state = 'pending' AND NOT d.placed AND d.lease_until IS NULL AND d.next_at IS NULL
			ORDER BY d.rank, d.class, d.id LIMIT $4 FOR UPDATE SKIP LOCKED) q
		ORDER BY q.rank, q.class, n.sequence, q.id LIMIT $4`, notices, order, string(l.tenure.Lane), l.max+flying).Query(func(rows pgx.Rows) (err error) {
		out, err = pgx.AppendRows(out, rows, func(r pgx.CollectableRow) (d dueRow, err error) {
			err = r.Scan(&d.id, &d.sequence, &d.rank, &d.class)
			return d, err
		})
		return err
	})
	batch.Queue("SELECT set_config('enable_sort', 'on', true)")
	err = l.tx.SendBatch(ctx, batch).Close()
	return out, err
}
