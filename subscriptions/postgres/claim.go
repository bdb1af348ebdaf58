package postgres

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// claim is what one Lease took of the spans of one notice: these rows are in
// flight, though nothing is written on them.
type claim struct {
	id       int64
	lane     subscriptions.LaneID
	fence    int64
	until    time.Time
	notice   subscriptions.NoticeID
	sequence int64
	rows     []int64 // ascending
}

func (k claim) has(id subscriptions.DeliveryID) bool {
	_, ok := slices.BinarySearch(k.rows, int64(id))
	return ok
}

// find returns the claim that holds a row.
func find(all []claim, id subscriptions.DeliveryID) (claim, bool) {
	for _, k := range all {
		if k.has(id) {
			return k, true
		}
	}
	return claim{}, false
}

func claimsWhere(ctx context.Context, tx pgx.Tx, where string, args ...any) ([]claim, error) {
	return all(ctx, tx, func(r pgx.Row) (claim, error) {
		var k claim
		var rows []byte
		err := r.Scan(&k.id, &k.lane, &k.fence, (*when)(&k.until), &k.notice, &k.sequence, &rows)
		k.rows = subscriptions.UnpackIDs(rows)
		return k, err
	}, "SELECT id, lane, fence, until, notice_id, sequence, rows FROM claim "+where+" ORDER BY id", args...)
}

func addClaim(ctx context.Context, tx pgx.Tx, k claim) error {
	_, err := tx.Exec(ctx, "INSERT INTO claim (lane, fence, until, notice_id, sequence, rows) VALUES ($1, $2, $3, $4, $5, $6)",
		string(k.lane), k.fence, when(k.until), int64(k.notice), k.sequence, subscriptions.PackIDs(k.rows))
	return err
}

// work is a transaction with what it knows of claims. Rows that it writes leave
// their claims; those are rewritten at the end, in one order, after everything
// that it waits for.
type work struct {
	pgx.Tx
	held  map[subscriptions.DeliveryID]int64 // rows that were found claimed, and by what
	freed map[int64][]int64                  // rows that left, by claim
}

// working returns the work of a transaction of this store.
func working(tx pgx.Tx) *work { return tx.(*work) }

// free notes that a row is not claimed any more: it carries its state itself.
func (w *work) free(id subscriptions.DeliveryID) {
	if k, claimed := w.held[id]; claimed {
		delete(w.held, id)
		w.freed[k] = append(w.freed[k], int64(id))
	}
}

func (w *work) hold(id subscriptions.DeliveryID, k int64) { w.held[id] = k }

// flush rewrites the claims that rows have left.
func (w *work) flush(ctx context.Context) error {
	if len(w.freed) == 0 {
		return nil
	}
	locked, err := all(ctx, w, func(r pgx.Row) (k claim, err error) {
		var rows []byte
		err = r.Scan(&k.id, &rows)
		k.rows = subscriptions.UnpackIDs(rows)
		return k, err
	}, "SELECT id, rows FROM claim WHERE id = ANY($1) ORDER BY id FOR UPDATE", slices.Sorted(maps.Keys(w.freed)))
	if err != nil {
		return err
	}
	batch := &pgx.Batch{}
	for _, k := range locked {
		gone := w.freed[k.id]
		slices.Sort(gone)
		left := slices.DeleteFunc(k.rows, func(id int64) bool { _, out := slices.BinarySearch(gone, id); return out })
		if len(left) == 0 {
			batch.Queue("DELETE FROM claim WHERE id = $1", k.id)
		} else {
			batch.Queue("UPDATE claim SET rows = $1 WHERE id = $2", subscriptions.PackIDs(left), k.id)
		}
	}
	return w.SendBatch(ctx, batch).Close()
}
