package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Claim implements subscriptions.Ticks.
func (s *Store) Claim(ctx context.Context, job string, at time.Time) (mine bool, err error) {
	err = s.update(ctx, "claim a tick", func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, "INSERT INTO tick (job, at) VALUES ($1, $2) ON CONFLICT DO NOTHING", job, when(at))
		mine = tag.RowsAffected() == 1
		return err
	})
	return mine, err
}

// LastTick implements subscriptions.Ticks.
func (s *Store) LastTick(ctx context.Context, job string) (at time.Time, err error) {
	err = s.view(ctx, "read the last tick", func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "SELECT max(at) FROM tick WHERE job = $1", job).Scan((*when)(&at))
	})
	return at, err
}
