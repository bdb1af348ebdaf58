package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Home implements subscriptions.Dweller. A dump that is loaded lies in another
// database of another number; a whole cluster that is put back knows nothing of it.
func (s *Store) Home(ctx context.Context) (last, now string, err error) {
	err = s.view(ctx, "find out where the database was", func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT m.home, 'cluster ' || c.system_identifier || ' database ' || d.oid
			FROM meta m, pg_control_system() c, pg_database d WHERE d.datname = current_database()`).Scan(&last, &now)
	})
	return last, now, err
}

// Settle implements subscriptions.Dweller.
func (s *Store) Settle(ctx context.Context, home string) error {
	return s.update(ctx, "note where the database is", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE meta SET home = $1 WHERE home <> $1", home)
		return err
	})
}
