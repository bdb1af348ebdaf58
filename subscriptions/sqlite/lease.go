package sqlite

import (
	"cmp"
	"context"
	"database/sql"
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

func (s *Store) lease(c *conn, t subscriptions.Tenure, max int, now time.Time) ([]subscriptions.Delivery, error) {
	if _, err := c.exec(`UPDATE delivery SET next_at = 0 WHERE id IN (SELECT id FROM delivery
		WHERE lane = ? AND state = 'pending' AND lease_until = 0 AND next_at > 0 AND next_at <= ? LIMIT ?)`, string(t.Lane), milli(now), promoted); err != nil {
		return nil, err
	}
	open, err := s.openNotices(c)
	if err != nil {
		return nil, err
	}
	due, err := c.due(open, t.Lane, max, now)
	if err != nil || len(due) == 0 {
		return nil, err
	}
	rows, err := c.leasing(due)
	if err != nil {
		return nil, err
	}
	history, err := c.histories(rows)
	if err != nil {
		return nil, err
	}
	var out []subscriptions.Delivery
	var unchanged []subscriptions.DeliveryID
	for _, l := range rows {
		if len(out) == max {
			break
		}
		if history.leased[l.talk()] {
			continue
		}
		p := due.planner(open, l.row.Notice)
		before := l.row
		l.row = p.Fit(l.row, p.verdict(l.row.Services, now))
		if !l.row.Unsent() {
			if err := c.updateRow(l.row); err != nil {
				return nil, err
			}
			continue
		}
		d := history.delivery(l, now)
		if plain, err := c.hand(d, l.row, before, t); err != nil {
			return nil, err
		} else if plain {
			unchanged = append(unchanged, d.ID)
		}
		if l.row.Incident != 0 {
			history.leased[l.talk()] = true
		}
		out = append(out, d)
	}
	_, err = c.exec("UPDATE delivery SET lease_fence = ?, lease_until = ? WHERE id IN (SELECT value FROM json_each(?))", t.Fence, leaseEnd(t), ids(unchanged))
	return out, err
}

// dueRow is a place in the lane's order.
type dueRow struct {
	id          subscriptions.DeliveryID
	notice      subscriptions.NoticeID
	sequence    int64
	rank, class int
}

type dueRows []dueRow

// due merges the heads of every live notice's queue in the order of rule 8. Rows
// of a notice that is overtaken are never looked at, however many they are.
func (c *conn) due(open []*planned, lane subscriptions.LaneID, max int, now time.Time) (dueRows, error) {
	var flying int
	if err := c.one("SELECT count(*) FROM delivery WHERE lane = ? AND lease_until > 0", []any{string(lane)}, &flying); err != nil {
		return nil, err
	}
	var out dueRows
	for _, p := range open {
		if _, dead := p.dead(now); dead {
			continue
		}
		d := dueRow{notice: p.b.Notice.ID, sequence: p.b.Sequence}
		// Rows that wait for another one in flight stay in front; as many more are
		// read, so that they cannot stop the lane.
		err := c.each(`SELECT id, rank, class FROM delivery WHERE notice_id = ? AND lane = ? AND state = 'pending' AND lease_until = 0 AND next_at = 0
			ORDER BY rank, class, id LIMIT ?`, []any{int64(d.notice), string(lane), max + flying}, func(rs *sql.Rows) error {
			err := rs.Scan(&d.id, &d.rank, &d.class)
			out = append(out, d)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b dueRow) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.class, b.class), cmp.Compare(a.sequence, b.sequence), cmp.Compare(a.id, b.id))
	})
	return out[:min(len(out), max+flying)], nil
}

func (dueRows) planner(open []*planned, id subscriptions.NoticeID) *planned {
	for _, p := range open {
		if p.b.Notice.ID == id {
			return p
		}
	}
	return nil
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

// talk is what has at most one message in flight.
type talk struct {
	recipient subscriptions.RecipientID
	incident  subscriptions.IncidentID
}

func (l leasing) talk() talk { return talk{l.row.Recipient, l.row.Incident} }

func (c *conn) leasing(due dueRows) ([]leasing, error) {
	list := make([]subscriptions.DeliveryID, len(due))
	for i, d := range due {
		list[i] = d.id
	}
	out := make([]leasing, 0, len(due))
	err := c.each("SELECT "+rowColumns+", r.address, r.kind, r.language, r.languages, r.silent FROM json_each(?) j CROSS JOIN delivery d ON d.id = j.value CROSS JOIN recipient r ON r.id = d.recipient_id ORDER BY j.key",
		[]any{ids(list)}, func(rs *sql.Rows) (err error) {
			var l leasing
			l.row, err = scanRow(rs, &l.address, &l.kind, &l.language, &l.languages, &l.silent)
			out = append(out, l)
			return err
		})
	return out, err
}

// hand leases a row of which more changes than the lease; plain ones are written
// together.
func (c *conn) hand(d subscriptions.Delivery, r, before subscriptions.Row, t subscriptions.Tenure) (plain bool, err error) {
	if len(r.Services) == len(before.Services) && len(r.Ends) == len(before.Ends) && d.Mode == before.Mode {
		return true, nil
	}
	r.Fence, r.LeaseUntil, r.Mode = t.Fence, fromMilli(leaseEnd(t)), d.Mode
	return false, c.updateRow(r)
}

// leaseEnd is never 0, which means that a row is not leased.
func leaseEnd(t subscriptions.Tenure) int64 { return max(1, milli(t.Until)) }
