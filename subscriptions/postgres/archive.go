package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// Generation implements subscriptions.Archive.
func (s *Store) Generation(ctx context.Context) (generation int64, err error) {
	err = s.view(ctx, "read the generation", func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "SELECT generation FROM meta").Scan(&generation)
	})
	return generation, err
}

// Headlines implements subscriptions.Archive.
func (s *Store) Headlines(ctx context.Context, limit int) (out []subscriptions.Headline, err error) {
	err = s.view(ctx, "list headlines", func(tx pgx.Tx) error {
		out, err = all(ctx, tx, func(r pgx.Row) (subscriptions.Headline, error) {
			var h subscriptions.Headline
			err := r.Scan(&h.ID, &h.Incident, &h.Revision, &h.Overtaken)
			return h, err
		}, "SELECT id, incident_id, revision, overtaken FROM notice WHERE sequence > 0 ORDER BY sequence DESC LIMIT $1", limit)
		return err
	})
	return out, err
}

// NoticesOf implements subscriptions.Archive.
func (s *Store) NoticesOf(ctx context.Context, list []subscriptions.NoticeID) (out []subscriptions.Notice, err error) {
	numbers := make([]int64, len(list))
	for i, id := range list {
		numbers[i] = int64(id)
	}
	err = s.view(ctx, "read notices", func(tx pgx.Tx) error {
		out, err = notices(ctx, tx, "JOIN unnest($1::bigint[]) WITH ORDINALITY j (id, at) ON n.id = j.id ORDER BY j.at", numbers)
		return err
	})
	return out, err
}
