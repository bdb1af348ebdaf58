package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// sweptSessions is how many ended sessions one PutSession removes at most.
const sweptSessions = 100

// ended stands in the place of what an ended session remembered, until its time is
// over: a visit of nobody.
var ended = []byte("{}")

// Session implements subscriptions.Sessions.
func (s *Store) Session(ctx context.Context, hash string, now time.Time) (out subscriptions.Session, err error) {
	err = s.view(ctx, "find a session", func(tx pgx.Tx) error {
		out = subscriptions.Session{}
		return tx.QueryRow(ctx, "SELECT hash, data, ends_at FROM session WHERE hash = $1 AND ends_at > $2 AND data <> $3", plain(hash), when(now), ended).
			Scan(&out.Hash, &out.Data, (*when)(&out.Ends))
	})
	return out, err
}

// PutSession implements subscriptions.Sessions. Two that sweep at once pass over
// each other's rows.
func (s *Store) PutSession(ctx context.Context, v subscriptions.Session, now time.Time) error {
	return s.update(ctx, "store a session", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM session WHERE hash IN (SELECT hash FROM session WHERE ends_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)", when(now), sweptSessions)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "INSERT INTO session (hash, data, ends_at) VALUES ($1, $2, $3) ON CONFLICT (hash) DO UPDATE SET data = excluded.data, ends_at = excluded.ends_at WHERE session.data <> $4",
			plain(v.Hash), bytesOf(v.Data), when(v.Ends), ended)
		return err
	})
}

// EndSession implements subscriptions.Sessions.
func (s *Store) EndSession(ctx context.Context, hash string) error {
	return s.update(ctx, "end a session", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE session SET data = $1 WHERE hash = $2", ended, plain(hash))
		return err
	})
}

const passkeyColumns = "id, officer_id, name, doc, created_at, used_at, revision"

func scanPasskey(r pgx.Row) (p subscriptions.Passkey, err error) {
	err = r.Scan(&p.ID, &p.Officer, &p.Name, &p.Doc, (*when)(&p.CreatedAt), (*when)(&p.UsedAt), &p.Revision)
	return p, err
}

// Passkeys implements subscriptions.Sessions.
func (s *Store) Passkeys(ctx context.Context, o subscriptions.OfficerID) (out []subscriptions.Passkey, err error) {
	err = s.view(ctx, "list passkeys", func(tx pgx.Tx) error {
		out, err = all(ctx, tx, scanPasskey, "SELECT "+passkeyColumns+" FROM passkey WHERE officer_id = $1 ORDER BY created_at, id", int64(o))
		return err
	})
	return out, err
}

// Passkey implements subscriptions.Sessions.
func (s *Store) Passkey(ctx context.Context, id string) (p subscriptions.Passkey, err error) {
	err = s.view(ctx, "find a passkey", func(tx pgx.Tx) error {
		p, err = scanPasskey(tx.QueryRow(ctx, "SELECT "+passkeyColumns+" FROM passkey WHERE id = $1", plain(id)))
		return err
	})
	return p, err
}

// PutPasskey implements subscriptions.Sessions.
func (s *Store) PutPasskey(ctx context.Context, p subscriptions.Passkey) (subscriptions.Passkey, error) {
	p.CreatedAt, p.UsedAt = cut(p.CreatedAt), cut(p.UsedAt)
	before := p.Revision
	p.Revision++
	return p, s.update(ctx, "store a passkey", func(tx pgx.Tx) error {
		if before == 0 {
			_, err := tx.Exec(ctx, "INSERT INTO passkey ("+passkeyColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7)",
				plain(p.ID), int64(p.Officer), plain(p.Name), bytesOf(p.Doc), when(p.CreatedAt), when(p.UsedAt), p.Revision)
			return err
		}
		tag, err := tx.Exec(ctx, "UPDATE passkey SET name = $1, doc = $2, used_at = $3, revision = $4 WHERE id = $5 AND revision = $6",
			plain(p.Name), bytesOf(p.Doc), when(p.UsedAt), p.Revision, plain(p.ID), before)
		if err != nil || tag.RowsAffected() == 1 {
			return err
		}
		var one int
		if err := tx.QueryRow(ctx, "SELECT 1 FROM passkey WHERE id = $1", plain(p.ID)).Scan(&one); err != nil {
			return err
		}
		return subscriptions.ErrConflict
	})
}

// DropPasskey implements subscriptions.Sessions.
func (s *Store) DropPasskey(ctx context.Context, id string) error {
	return s.update(ctx, "drop a passkey", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM passkey WHERE id = $1", plain(id))
		return err
	})
}

// bytesOf is never NULL.
func bytesOf(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
