package sqlite

import (
	"context"
	"database/sql"

	"arifa/subscriptions"
)

// Generation implements subscriptions.Archive.
func (s *Store) Generation(ctx context.Context) (generation int64, err error) {
	err = s.view(ctx, "read the generation", func(c *conn) error {
		return c.one("SELECT generation FROM meta", nil, &generation)
	})
	return generation, err
}

// Headlines implements subscriptions.Archive.
func (s *Store) Headlines(ctx context.Context, limit int) (out []subscriptions.Headline, err error) {
	err = s.view(ctx, "list headlines", func(c *conn) error {
		return c.each("SELECT id, incident_id, revision, overtaken FROM notice WHERE sequence > 0 ORDER BY sequence DESC LIMIT ?", []any{limit}, func(rs *sql.Rows) error {
			var h subscriptions.Headline
			err := rs.Scan(&h.ID, &h.Incident, &h.Revision, &h.Overtaken)
			out = append(out, h)
			return err
		})
	})
	return out, err
}

// NoticesOf implements subscriptions.Archive.
func (s *Store) NoticesOf(ctx context.Context, list []subscriptions.NoticeID) (out []subscriptions.Notice, err error) {
	err = s.view(ctx, "read notices", func(c *conn) error {
		out, err = c.notices("JOIN json_each(?) j ON n.id = j.value ORDER BY j.key", ids(list))
		return err
	})
	return out, err
}
