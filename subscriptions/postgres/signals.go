package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

const signalColumns = "id, source, key, platform, firing, summary, since, at, ended_at, count"

func scanSignal(r pgx.Row) (s subscriptions.Signal, err error) {
	err = r.Scan(&s.ID, &s.Source, &s.Key, &s.Platform, &s.Firing, &s.Summary, (*when)(&s.Since), (*when)(&s.At), (*when)(&s.EndedAt), &s.Count)
	return s, err
}

// PutSignal implements subscriptions.Complaints.
func (s *Store) PutSignal(ctx context.Context, said subscriptions.Signal) (stored subscriptions.Signal, changed bool, err error) {
	said.Source, said.Key, said.Summary = plain(said.Source), plain(said.Key), plain(said.Summary)
	err = s.update(ctx, "store a signal", func(tx pgx.Tx) error {
		// Two words of one machine at once: the second sees what the first said.
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1, hashtext($2))", lockReports, said.Source+"\x01"+said.Key); err != nil {
			return err
		}
		before, err := scanSignal(tx.QueryRow(ctx, "SELECT "+signalColumns+" FROM signal WHERE source = $1 AND key = $2", said.Source, said.Key))
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		stored, changed = before.Said(said)
		if stored.Count == before.Count && !changed {
			return nil
		}
		if before.ID != 0 {
			_, err := tx.Exec(ctx, "UPDATE signal SET platform = $1, firing = $2, summary = $3, since = $4, at = $5, ended_at = $6, count = $7 WHERE id = $8",
				string(stored.Platform), stored.Firing, stored.Summary, when(stored.Since), when(stored.At), when(stored.EndedAt), stored.Count, before.ID)
			return err
		}
		return tx.QueryRow(ctx, `INSERT INTO signal (source, key, platform, firing, summary, since, at, count) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
			stored.Source, stored.Key, string(stored.Platform), stored.Firing, stored.Summary, when(stored.Since), when(stored.At), stored.Count).Scan(&stored.ID)
	})
	return stored, changed, err
}

// Signals implements subscriptions.Complaints.
func (s *Store) Signals(ctx context.Context, since time.Time) (out []subscriptions.Signal, err error) {
	err = s.view(ctx, "list signals", func(tx pgx.Tx) error {
		out, err = all(ctx, tx, scanSignal, "SELECT "+signalColumns+" FROM signal WHERE firing UNION ALL SELECT "+signalColumns+
			" FROM signal WHERE NOT firing AND ended_at > $1 ORDER BY id", after(since))
		return err
	})
	return out, err
}
