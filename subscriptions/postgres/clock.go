package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// DatabaseNow is the database's clock, for an operator who compares it with this
// machine's. Nothing is decided by it.
func (s *Store) DatabaseNow(ctx context.Context) (now time.Time, err error) {
	err = s.view(ctx, "read the clock", func(tx pgx.Tx) error {
		now, err = clock(ctx, tx)
		return err
	})
	return now, err
}

// Backend is the number of the server's process that answers us, for whoever
// measures a server on this machine.
func (s *Store) Backend(ctx context.Context) (pid int, err error) {
	err = s.view(ctx, "find the server's process", func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&pid)
	})
	return pid, err
}
