package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"

	"arifa/subscriptions"
)

// promoted is how many rows whose waiting time is over one Lease lets in.
const promoted = 1000

// Lease implements subscriptions.Outbox.
func (s *Store) Lease(ctx context.Context, t subscriptions.Tenure, max int, now time.Time) (out []subscriptions.Delivery, err error) {
	err = s.update(ctx, "lease", func(c *conn) error {
		out = nil
		if err := s.holds(c, t); err != nil {
			return err
		}
		stopped, err := c.stopped(t.Lane, now)
		if err != nil || stopped || max <= 0 {
			return err
		}
		out, err = s.lease(c, t, max, now)
		return err
	})
	return out, err
}

// stopped reports whether the lane is paused or every lane is held.
func (c *conn) stopped(id subscriptions.LaneID, now time.Time) (bool, error) {
	var paused int64
	var held bool
	err := c.one("SELECT l.paused_until, m.held FROM lane l, meta m WHERE l.id = ?", []any{string(id)}, &paused, &held)
	return held || paused > milli(now), err
}

// leasing is one Lease under way.
type leasing struct {
	s      *Store
	c      *conn
	tenure subscriptions.Tenure
	max    int
	now    time.Time
	live   map[subscriptions.NoticeID]*planned

	out     []subscriptions.Delivery
	talks   map[talk]bool // of which one row is handed out
	claims  map[subscriptions.NoticeID]*claim
	blocked []subscriptions.DeliveryID // of spans: their talk has another row in flight
	related related
	unsays  bool // something that is live corrects
}

func (s *Store) lease(c *conn, t subscriptions.Tenure, max int, now time.Time) ([]subscriptions.Delivery, error) {
	if _, err := c.exec(`UPDATE delivery SET next_at = 0 WHERE id IN (SELECT id FROM delivery
		WHERE lane = ? AND state = 'pending' AND lease_until = 0 AND next_at > 0 AND next_at <= ? LIMIT ?)`, string(t.Lane), milli(now), promoted); err != nil {
		return nil, err
	}
	open, err := s.openNotices(c)
	if err != nil {
		return nil, err
	}
	l := &leasing{s: s, c: c, tenure: t, max: max, now: now, live: map[subscriptions.NoticeID]*planned{}, talks: map[talk]bool{}, claims: map[subscriptions.NoticeID]*claim{}}
	for _, p := range open {
		if _, dead := p.dead(now); !dead && !p.Waits(now) {
			l.live[p.b.Notice.ID] = p
			l.unsays = l.unsays || p.b.Notice.Corrects != 0
		}
	}
	if len(l.live) == 0 {
		return nil, nil
	}
	if l.related, err = s.related(c, open, now); err != nil {
		return nil, err
	}
	if err := l.take(); err != nil {
		return nil, err
	}
	return l.out, l.write()
}

// take merges the rows that wait by themselves and the spans, in the order of
// rule 8. Rows of a notice that is overtaken are never looked at, however many
// they are.
func (l *leasing) take() error {
	alone, err := l.alone()
	if err != nil {
		return err
	}
	spans, err := l.c.spans(l.tenure.Lane, slices.Collect(maps.Keys(l.live)))
	if err != nil {
		return err
	}
	for len(l.out) < l.max {
		at := slices.IndexFunc(spans, func(s span) bool { return l.live[s.notice] != nil && s.next <= s.last })
		switch {
		case at < 0 && len(alone) == 0:
			return nil
		case at < 0, len(alone) > 0 && alone[0].before(spans[at]):
			n := 1
			for n < len(alone) && (at < 0 || alone[n].before(spans[at])) {
				n++
			}
			if err := l.takeAlone(alone[:n]); err != nil {
				return err
			}
			alone = alone[n:]
		default:
			if err := l.takeSpan(&spans[at], alone); err != nil {
				return err
			}
		}
	}
	return nil
}

// write records what was handed out.
func (l *leasing) write() error {
	if len(l.blocked) > 0 {
		if _, err := l.c.exec("UPDATE delivery SET placed = 0 WHERE id IN (SELECT value FROM json_each(?))", ids(l.blocked)); err != nil {
			return err
		}
	}
	if len(l.claims) == 0 {
		return nil
	}
	all, err := l.c.claimed()
	if err != nil {
		return err
	}
	for _, k := range l.claims {
		slices.Sort(k.rows)
		all = append(all, k)
	}
	l.c.open = &all
	return nil
}

// hand gives a row out: with its own mark, or in a claim where nothing of it
// changes and it comes from a span.
func (l *leasing) hand(d subscriptions.Delivery) {
	if d.Incident != 0 {
		l.talks[talk{d.Recipient, d.Incident}] = true
	}
	l.out = append(l.out, d)
}

func (l *leasing) claim(d subscriptions.Delivery, p *planned) {
	k := l.claims[d.Notice]
	if k == nil {
		k = &claim{lane: l.tenure.Lane, fence: l.tenure.Fence, until: leaseEnd(l.tenure), notice: d.Notice, sequence: p.b.Sequence, dirty: true, rows: make([]int64, 0, cap(l.out))}
		l.claims[d.Notice] = k
	}
	k.rows = append(k.rows, int64(d.ID))
	k.left++
	l.hand(d)
}

// mark writes the lease on a row.
func (l *leasing) mark(d subscriptions.Delivery, r subscriptions.Row) error {
	r.Fence, r.LeaseUntil, r.Mode = l.tenure.Fence, fromMilli(leaseEnd(l.tenure)), d.Mode
	if err := l.c.updateRow(r); err != nil {
		return err
	}
	l.hand(d)
	return nil
}

// leaseEnd is never 0, which means that a row is not leased.
func leaseEnd(t subscriptions.Tenure) int64 { return max(1, milli(t.Until)) }

// dueRow is the place of a row that waits by itself in the lane's order.
type dueRow struct {
	id          subscriptions.DeliveryID
	notice      subscriptions.NoticeID
	sequence    int64
	rank, class int
}

func (d dueRow) order(o dueRow) int {
	return cmp.Or(cmp.Compare(d.rank, o.rank), cmp.Compare(d.class, o.class), cmp.Compare(d.sequence, o.sequence), cmp.Compare(d.id, o.id))
}

func (d dueRow) before(s span) bool {
	return d.order(dueRow{id: subscriptions.DeliveryID(s.next), sequence: s.sequence, rank: s.rank, class: s.class}) <= 0
}

// alone merges the heads of every live notice's queue of rows that wait by
// themselves.
func (l *leasing) alone() ([]dueRow, error) {
	var flying int
	if err := l.c.one("SELECT count(*) FROM delivery WHERE lane = ? AND lease_until > 0", []any{string(l.tenure.Lane)}, &flying); err != nil {
		return nil, err
	}
	held, err := l.c.claimed()
	if err != nil {
		return nil, err
	}
	for _, k := range held {
		if k.lane == l.tenure.Lane {
			flying += k.left
		}
	}
	var out []dueRow
	for _, p := range l.live {
		d := dueRow{notice: p.b.Notice.ID, sequence: p.b.Sequence}
		// Rows that wait for another one in flight stay in front; as many more are
		// read, so that they cannot stop the lane.
		err := l.c.each(`SELECT id, rank, class FROM delivery WHERE notice_id = ? AND lane = ? AND state = 'pending' AND placed = 0 AND lease_until = 0 AND next_at = 0
			ORDER BY rank, class, id LIMIT ?`, []any{int64(d.notice), string(l.tenure.Lane), l.max + flying}, func(rs *sql.Rows) error {
			err := rs.Scan(&d.id, &d.rank, &d.class)
			out = append(out, d)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, dueRow.order)
	return out[:min(len(out), l.max+flying)], nil
}

// talk is what has at most one message in flight.
type talk struct {
	recipient subscriptions.RecipientID
	incident  subscriptions.IncidentID
}
