package sqlite

import (
	"context"
	"database/sql"
	"time"

	"arifa/subscriptions"
)

const signalColumns = "id, source, key, platform, firing, summary, since, at, ended_at, count"

func scanSignal(scan func(...any) error) (subscriptions.Signal, error) {
	var s subscriptions.Signal
	var since, at, ended int64
	err := scan(&s.ID, &s.Source, &s.Key, &s.Platform, &s.Firing, &s.Summary, &since, &at, &ended, &s.Count)
	s.Since, s.At, s.EndedAt = fromMilli(since), fromMilli(at), fromMilli(ended)
	return s, err
}

// PutSignal implements subscriptions.Complaints.
func (s *Store) PutSignal(ctx context.Context, said subscriptions.Signal) (stored subscriptions.Signal, changed bool, err error) {
	err = s.update(ctx, "store a signal", func(c *conn) error {
		before, err := scanSignal(func(into ...any) error {
			return c.one("SELECT "+signalColumns+" FROM signal WHERE source = ? AND key = ?", []any{said.Source, said.Key}, into...)
		})
		if err != nil && !none(err) {
			return err
		}
		stored, changed = before.Said(said)
		if stored.Count == before.Count && !changed {
			return nil
		}
		if before.ID != 0 {
			_, err := c.exec("UPDATE signal SET platform = ?, firing = ?, summary = ?, since = ?, at = ?, ended_at = ?, count = ? WHERE id = ?",
				string(stored.Platform), flag(stored.Firing), stored.Summary, milli(stored.Since), milli(stored.At), milli(stored.EndedAt), stored.Count, before.ID)
			return err
		}
		stored.ID, err = c.insert("INSERT INTO signal (source, key, platform, firing, summary, since, at, ended_at, count) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)",
			stored.Source, stored.Key, string(stored.Platform), flag(stored.Firing), stored.Summary, milli(stored.Since), milli(stored.At), stored.Count)
		return err
	})
	return stored, changed, err
}

// Signals implements subscriptions.Complaints.
func (s *Store) Signals(ctx context.Context, since time.Time) (out []subscriptions.Signal, err error) {
	err = s.view(ctx, "list signals", func(c *conn) error {
		out = nil
		return c.each("SELECT "+signalColumns+" FROM signal WHERE firing = 1 UNION ALL SELECT "+signalColumns+" FROM signal WHERE firing = 0 AND ended_at > ? ORDER BY id", []any{milli(since)}, func(rs *sql.Rows) error {
			sg, err := scanSignal(rs.Scan)
			out = append(out, sg)
			return err
		})
	})
	return out, err
}
