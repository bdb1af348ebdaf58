package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// tries is how often a transaction that had to give way is begun again.
const tries = 6

// Keys of the advisory locks; the first number keeps them apart from others'.
const (
	lockSpace   = 0x41726966 // "Arif"
	lockPublish = 1
	lockAudit   = 2
	lockExpand  = 3
	lockRetain  = 4
	// lockRegister is shared by whoever plans for single recipients, and Expand's
	// while it writes for many at once: so it need not lock each.
	lockRegister = 5
)

var reading = pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}

// update runs fn in one writing transaction: all of it or nothing. fn may run
// several times and starts from nothing each time.
func (s *Store) update(ctx context.Context, what string, fn func(pgx.Tx) error) error {
	return s.with(ctx, pgx.TxOptions{}, what, fn)
}

// often is for what a wave does hundreds of times: its statements are compiled once in
// a connection and not anew for their parameters, of which nothing depends on them but
// how many rows there are. (Measured: compiling took as long as half of a Lease.)
var often = pgx.TxOptions{BeginQuery: "begin; set local plan_cache_mode = force_generic_plan"}

// updateOften is update for what happens often.
func (s *Store) updateOften(ctx context.Context, what string, fn func(pgx.Tx) error) error {
	return s.with(ctx, often, what, fn)
}

// view runs fn on one consistent state of the database.
func (s *Store) view(ctx context.Context, what string, fn func(pgx.Tx) error) error {
	return s.with(ctx, reading, what, fn)
}

func (s *Store) with(ctx context.Context, how pgx.TxOptions, what string, fn func(pgx.Tx) error) error {
	for try := 1; ; try++ {
		err := s.once(ctx, how, fn)
		if err == nil {
			return nil
		}
		if try < tries && again(err) && pause(ctx, try) {
			continue
		}
		return fmt.Errorf("%s: %w", what, translate(ctx, err))
	}
}

func (s *Store) once(ctx context.Context, how pgx.TxOptions, fn func(pgx.Tx) error) error {
	tx, err := s.begin(ctx, how)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() {
		// After a commit this does nothing; a lost connection rolls back by itself.
		clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = tx.Rollback(clean)
	}()
	w := &work{Tx: tx, held: map[subscriptions.DeliveryID]int64{}, freed: map[int64][]int64{}}
	if err := fn(w); err != nil {
		if gone := tx.Conn().IsClosed() && ctx.Err() == nil; gone && !isDomain(err) && !again(err) {
			return errors.Join(subscriptions.ErrUnavailable, err)
		}
		return err
	}
	if err := w.flush(ctx); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// begin passes over connections that died in the pool: nothing was asked of the
// database yet, so asking the next one is safe.
func (s *Store) begin(ctx context.Context, how pgx.TxOptions) (tx pgx.Tx, err error) {
	for range int(s.pool.Config().MaxConns) + 1 {
		tx, err = s.pool.BeginTx(ctx, how)
		if err == nil || ctx.Err() != nil || !stale(err) {
			return tx, err
		}
	}
	return nil, err
}

// pause waits a little, longer each time; false when ctx ended.
func pause(ctx context.Context, try int) bool {
	t := time.NewTimer(rand.N(time.Duration(try) * 4 * time.Millisecond))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Shared and exclusive sides of the publish lock, and the audit lock; they end
// with the transaction.
func sharePublish(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock_shared($1, $2)", lockSpace, lockPublish)
	return err
}

func shareRegister(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock_shared($1, $2)", lockSpace, lockRegister)
	return err
}

func lockExclusively(ctx context.Context, tx pgx.Tx, which int) error {
	_, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1, $2)", lockSpace, which)
	return err
}

// all reads every row of a query; nil where there is none.
func all[T any](ctx context.Context, tx pgx.Tx, scan func(pgx.Row) (T, error), query string, args ...any) ([]T, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return pgx.AppendRows([]T(nil), rows, func(r pgx.CollectableRow) (T, error) { return scan(r) })
}

// scalar scans one column into any type.
func scalar[T any](r pgx.Row) (T, error) {
	var v T
	err := r.Scan(&v)
	return v, err
}
