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
