package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// promoted is how many rows whose waiting time is over one Lease lets in.
const promoted = 1000

// Lease implements subscriptions.Outbox. It waits for nobody but another Lease of
// its lane: rows that somebody works on are passed over until the next time.
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

func (s *Store) lease(ctx context.Context, tx pgx.Tx, t subscriptions.Tenure, max int, now time.Time) ([]subscriptions.Delivery, error) {
	if _, err := tx.Exec(ctx, `UPDATE delivery SET next_at = NULL WHERE id IN (SELECT id FROM delivery
		WHERE lane = $1 AND state = 'pending' AND lease_until IS NULL AND next_at IS NOT NULL AND next_at <= $2 LIMIT $3 FOR UPDATE SKIP LOCKED)`,
		string(t.Lane), when(now), promoted); err != nil {
		return nil, err
	}
	live, err := s.live(ctx, tx, now)
	if err != nil || len(live) == 0 {
		return nil, err
	}
	ids, err := due(ctx, tx, live, t.Lane, max)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	rows, err := leasable(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	past, err := historiesOf(ctx, tx, rows)
	if err != nil {
		return nil, err
	}
	batch := &handing{tenure: t, past: past}
	for _, l := range rows {
		if len(batch.out) == max {
			break
		}
		batch.take(live[l.row.Notice], l, now)
	}
	return batch.out, batch.write(ctx, tx)
}

// live reads the notices that may be sent now.
func (s *Store) live(ctx context.Context, tx pgx.Tx, now time.Time) (map[subscriptions.NoticeID]*planned, error) {
	open, err := s.openNotices(ctx, tx)
	out := map[subscriptions.NoticeID]*planned{}
	for _, p := range open {
		if _, dead := p.dead(now); !dead {
			out[p.b.Notice.ID] = p
		}
	}
	return out, err
}

// due locks the heads of every live notice's queue and merges them in the order
// of rule 8. Rows of a notice that is overtaken are never looked at, however many
// they are. Rows that wait for another one in flight stay in front; as many more
// are read, so that they cannot stop the lane.
func due(ctx context.Context, tx pgx.Tx, live map[subscriptions.NoticeID]*planned, lane subscriptions.LaneID, max int) ([]subscriptions.DeliveryID, error) {
	var notices, order []int64
	for id, p := range live {
		notices, order = append(notices, int64(id)), append(order, p.b.Sequence)
	}
	var flying int
	if err := tx.QueryRow(ctx, "SELECT count(*) FROM delivery WHERE lane = $1 AND lease_until IS NOT NULL", string(lane)).Scan(&flying); err != nil {
		return nil, err
	}
	var out []subscriptions.DeliveryID
	batch := &pgx.Batch{}
	// Only delivery_due has the rows in order. Statistics that know little of what
	// waits make sorting all of it look as cheap, a few milliseconds every time.
	batch.Queue("SELECT set_config('enable_sort', 'off', true)")
	batch.Queue(`SELECT q.id FROM unnest($1::bigint[], $2::bigint[]) n (id, sequence)
		CROSS JOIN LATERAL (SELECT d.id, d.rank, d.class FROM delivery d
			WHERE d.notice_id = n.id AND d.lane = $3 AND d.state = 'pending' AND d.lease_until IS NULL AND d.next_at IS NULL
			ORDER BY d.rank, d.class, d.id LIMIT $4 FOR UPDATE SKIP LOCKED) q
		ORDER BY q.rank, q.class, n.sequence, q.id LIMIT $4`, notices, order, string(lane), max+flying).Query(func(rows pgx.Rows) (err error) {
		out, err = pgx.AppendRows(out, rows, pgx.RowTo[subscriptions.DeliveryID])
		return err
	})
	batch.Queue("SELECT set_config('enable_sort', 'on', true)")
	err := tx.SendBatch(ctx, batch).Close()
	return out, err
}

// leasing is a due row with its recipient.
type leasing struct {
	row       subscriptions.Row
	address   string
	kind      subscriptions.RecipientKind
	language  subscriptions.Language
	languages string
	silent    bool
}

// leasable reads the due rows with their recipients, in the given order.
func leasable(ctx context.Context, tx pgx.Tx, ids []subscriptions.DeliveryID) ([]leasing, error) {
	return all(ctx, tx, func(r pgx.Row) (l leasing, err error) {
		l.row, err = scanRowAnd(r, &l.address, &l.kind, &l.language, &l.languages, &l.silent)
		return l, err
	}, "SELECT "+rowColumns+`, r.address, r.kind, r.language, r.languages, r.silent FROM unnest($1::bigint[]) WITH ORDINALITY o (id, place)
		JOIN delivery d ON d.id = o.id JOIN recipient r ON r.id = d.recipient_id ORDER BY o.place`, numbers(ids))
}

// handing collects what one Lease hands out and what it rewrites.
type handing struct {
	tenure  subscriptions.Tenure
	past    histories
	out     []subscriptions.Delivery
	leased  []subscriptions.DeliveryID // rows of which only the lease changes
	changed []subscriptions.Row
}

// take hands a row out, or takes it out of the lane where nothing of it is true
// any more. A row whose talk has another one in flight stays.
func (h *handing) take(p *planned, l leasing, now time.Time) {
	t := talkOf(l.row)
	if h.past.leased[t] {
		return
	}
	row := p.Fit(l.row, p.verdict(l.row.Services, now))
	if !row.Unsent() {
		h.changed = append(h.changed, row)
		return
	}
	d := h.past.delivery(l, row, now)
	same := d.Mode == row.Mode && slices.Equal(row.Services, l.row.Services) && slices.Equal(row.Ends, l.row.Ends)
	row.Fence, row.LeaseUntil, row.Mode = h.tenure.Fence, h.tenure.Until, d.Mode
	if same {
		h.leased = append(h.leased, row.ID)
	} else {
		h.changed = append(h.changed, row)
	}
	if row.Incident != 0 {
		h.past.leased[t] = true
	}
	h.out = append(h.out, d)
}

func (h *handing) write(ctx context.Context, tx pgx.Tx) error {
	if err := updateRows(ctx, tx, h.changed); err != nil || len(h.leased) == 0 {
		return err
	}
	_, err := tx.Exec(ctx, "UPDATE delivery SET lease_fence = $1, lease_until = $2 WHERE id = ANY($3)", h.tenure.Fence, when(h.tenure.Until), numbers(h.leased))
	return err
}
