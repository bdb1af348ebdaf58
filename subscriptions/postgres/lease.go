package postgres

import (
	"cmp"
	"context"
	"errors"
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
	err = s.updateOften(ctx, "lease", func(tx pgx.Tx) error {
		out = nil
		o, err := opening(ctx, tx, t, now)
		if err != nil || o.stopped || max <= 0 {
			return err
		}
		out, err = s.lease(ctx, tx, t, max, o.flying, now)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// opened is how a lane stands when a Lease begins.
type opened struct {
	stopped bool // paused or held
	flying  int  // rows in flight
}

// opening locks the lane, returns ErrFenced unless t is its tenure now, and lets in
// rows whose waiting time is over.
func opening(ctx context.Context, tx pgx.Tx, t subscriptions.Tenure, now time.Time) (o opened, err error) {
	have, lane := subscriptions.Tenure{}, string(t.Lane)
	b := &pgx.Batch{}
	b.Queue(tenureSQL, lane).QueryRow(func(r pgx.Row) error {
		if err := scanTenure(r, &have); !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		return nil
	})
	b.Queue(clockSQL).QueryRow(func(r pgx.Row) error { return r.Scan((*when)(&have.Now)) })
	b.Queue("SELECT m.held OR coalesce(l.paused_until > $2, false) FROM lane l, meta m WHERE l.id = $1", lane, when(now)).QueryRow(func(r pgx.Row) error {
		if err := r.Scan(&o.stopped); !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		return nil
	})
	b.Queue(`UPDATE delivery SET next_at = NULL WHERE id IN (SELECT id FROM delivery
		WHERE lane = $1 AND state = 'pending' AND NOT placed AND lease_until IS NULL AND next_at IS NOT NULL AND next_at <= $2 LIMIT $3 FOR UPDATE SKIP LOCKED)`,
		lane, when(now), promoted)
	b.Queue("SELECT count(*) FROM delivery WHERE lane = $1 AND lease_until IS NOT NULL", lane).QueryRow(func(r pgx.Row) error { return r.Scan(&o.flying) })
	b.Queue("SELECT rows FROM claim WHERE lane = $1", lane).Query(func(rows pgx.Rows) error {
		var packed []byte
		_, err := pgx.ForEachRow(rows, []any{&packed}, func() error {
			o.flying += len(subscriptions.UnpackIDs(packed))
			return nil
		})
		return err
	})
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return o, err
	}
	if !holding(have, t) {
		return o, subscriptions.ErrFenced
	}
	return o, nil
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

func (s *Store) lease(ctx context.Context, tx pgx.Tx, t subscriptions.Tenure, max, flying int, now time.Time) ([]subscriptions.Delivery, error) {
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
	alone, spans, err := l.queues(ctx, open, flying)
	if err != nil {
		return nil, err
	}
	if err := l.take(ctx, alone, spans); err != nil {
		return nil, err
	}
	return l.out, l.write(ctx)
}

// take merges the rows that wait by themselves and the spans, in the order of
// rule 8. Rows of a notice that is overtaken are never looked at, however many
// they are.
func (l *leasing) take(ctx context.Context, alone []dueRow, spans []span) error {
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

// spansRead is how many spans of a lane one Lease looks at.
const spansRead = 64

// queues reads what waits, in rule 8's order: it locks the heads of every live notice's
// queue of rows that wait by themselves, merges them, and lists the first spans of the
// lane. Rows that wait for another one in flight stay in front; as many more are read as
// are flying, so that they cannot stop the lane.
func (l *leasing) queues(ctx context.Context, open []*planned, flying int) (alone []dueRow, spans []span, err error) {
	var notices, order []int64
	for id, p := range l.live {
		notices, order = append(notices, int64(id)), append(order, p.b.Sequence)
	}
	lane := string(l.tenure.Lane)
	b := &pgx.Batch{}
	l.related.queue(b, open, l.now)
	// Only delivery_due has the rows in order. Statistics that know little of what
	// waits make sorting all of it look as cheap, a few milliseconds every time.
	b.Queue("SELECT set_config('enable_sort', 'off', true)")
	b.Queue(`SELECT q.id, n.sequence, q.rank, q.class FROM unnest($1::bigint[], $2::bigint[]) n (id, sequence)
		CROSS JOIN LATERAL (SELECT d.id, d.rank, d.class FROM delivery d
			WHERE d.notice_id = n.id AND d.lane = $3 AND d.state = 'pending' AND NOT d.placed AND d.lease_until IS NULL AND d.next_at IS NULL
			ORDER BY d.rank, d.class, d.id LIMIT $4 FOR UPDATE SKIP LOCKED) q
		ORDER BY q.rank, q.class, n.sequence, q.id LIMIT $4`, notices, order, lane, l.max+flying).Query(func(rows pgx.Rows) (err error) {
		alone, err = pgx.AppendRows(alone, rows, func(r pgx.CollectableRow) (d dueRow, err error) {
			err = r.Scan(&d.id, &d.sequence, &d.rank, &d.class)
			return d, err
		})
		return err
	})
	b.Queue("SELECT set_config('enable_sort', 'on', true)")
	b.Queue("SELECT id, notice_id, sequence, rank, class, next_id, last_id FROM span WHERE lane = $1 AND notice_id = ANY($2) ORDER BY rank, class, sequence, id LIMIT $3",
		lane, notices, spansRead).Query(func(rows pgx.Rows) (err error) {
		spans, err = pgx.AppendRows(spans, rows, func(r pgx.CollectableRow) (s span, err error) {
			err = r.Scan(&s.id, &s.notice, &s.sequence, &s.rank, &s.class, &s.next, &s.last)
			return s, err
		})
		return err
	})
	err = l.tx.SendBatch(ctx, b).Close()
	return alone, spans, err
}
