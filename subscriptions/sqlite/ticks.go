package sqlite

import (
	"context"
	"time"
)

// Claim implements subscriptions.Ticks.
func (s *Store) Claim(ctx context.Context, job string, at time.Time) (mine bool, err error) {
	err = s.update(ctx, "claim a tick", func(c *conn) error {
		n, err := c.exec("INSERT INTO tick (job, at) VALUES (?, ?) ON CONFLICT DO NOTHING", job, milli(at))
		mine = n == 1
		return err
	})
	return mine, err
}

// LastTick implements subscriptions.Ticks.
func (s *Store) LastTick(ctx context.Context, job string) (time.Time, error) {
	var at int64
	err := s.view(ctx, "read the last tick", func(c *conn) error {
		return c.one("SELECT coalesce(max(at), 0) FROM tick WHERE job = ?", []any{job}, &at)
	})
	return fromMilli(at), err
}
