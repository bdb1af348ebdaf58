package sqlite

import (
	"database/sql"
	"slices"

	"arifa/subscriptions"
)

// claim is what one Lease took of the spans of one notice: these rows are in
// flight, though nothing is written on them.
type claim struct {
	id       int64 // 0 = new
	lane     subscriptions.LaneID
	fence    int64
	until    int64
	notice   subscriptions.NoticeID
	sequence int64
	rows     []int64 // ascending; a row that is not claimed any more is negative
	left     int     // of them claimed
	dirty    bool
}

// claims are all of the database, as this transaction sees and changes them. They
// are few: no more rows than may be in flight.
type claims []*claim

// claimed reads the claims, once in a transaction.
func (c *conn) claimed() (claims, error) {
	if c.open != nil {
		return *c.open, nil
	}
	var all claims
	err := c.each("SELECT id, lane, fence, until, notice_id, sequence, rows FROM claim ORDER BY id", nil, func(rs *sql.Rows) error {
		k := &claim{}
		var rows sql.RawBytes
		if err := rs.Scan(&k.id, &k.lane, &k.fence, &k.until, &k.notice, &k.sequence, &rows); err != nil {
			return err
		}
		k.rows = subscriptions.UnpackIDs(rows)
		k.left = len(k.rows)
		all = append(all, k)
		return nil
	})
	if err == nil {
		c.open = &all
	}
	return all, err
}

// find returns the claim that holds a row, and the row's place in it.
func (all claims) find(id subscriptions.DeliveryID) (*claim, int) {
	for _, k := range all {
		if at, ok := slices.BinarySearchFunc(k.rows, int64(id), func(row, id int64) int { return int(max(row, -row) - id) }); ok && k.rows[at] > 0 {
			return k, at
		}
	}
	return nil, 0
}

func (k *claim) drop(at int) {
	k.rows[at] = -k.rows[at]
	k.left--
	k.dirty = true
}

// unclaim notes that a row carries its state itself from now on.
func (c *conn) unclaim(id subscriptions.DeliveryID) error {
	all, err := c.claimed()
	if err != nil {
		return err
	}
	if k, at := all.find(id); k != nil {
		k.drop(at)
	}
	return nil
}

// lease puts a row's claim on it, as if it had been written there.
func (all claims) lease(r *subscriptions.Row, placed bool) {
	if !placed || !r.Unsent() {
		return
	}
	if k, _ := all.find(r.ID); k != nil {
		r.Fence, r.LeaseUntil = k.fence, fromMilli(max(1, k.until))
	}
}

// flush writes the claims that changed; it is the last thing of a transaction.
func (c *conn) flush() error {
	if c.open == nil {
		return nil
	}
	for _, k := range *c.open {
		if !k.dirty {
			continue
		}
		var err error
		rows := slices.DeleteFunc(k.rows, func(row int64) bool { return row < 0 })
		switch {
		case len(rows) == 0 && k.id == 0:
		case len(rows) == 0:
			_, err = c.exec("DELETE FROM claim WHERE id = ?", k.id)
		case k.id == 0:
			_, err = c.exec("INSERT INTO claim (lane, fence, until, notice_id, sequence, rows) VALUES (?, ?, ?, ?, ?, ?)", string(k.lane), k.fence, k.until, int64(k.notice), k.sequence, subscriptions.PackIDs(rows))
		default:
			_, err = c.exec("UPDATE claim SET rows = ? WHERE id = ?", subscriptions.PackIDs(rows), k.id)
		}
		if err != nil {
			return err
		}
	}
	c.open = nil
	return nil
}
