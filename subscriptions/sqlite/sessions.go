package sqlite

import (
	"context"
	"database/sql"
	"time"

	"arifa/subscriptions"
)

// sweptSessions is how many ended sessions one PutSession removes at most.
const sweptSessions = 100

// ended stands in the place of what an ended session remembered, until its time is
// over: a visit of nobody.
var ended = []byte("{}")

// Session implements subscriptions.Sessions.
func (s *Store) Session(ctx context.Context, hash string, now time.Time) (out subscriptions.Session, err error) {
	err = s.view(ctx, "find a session", func(c *conn) error {
		var ends int64
		if err := c.one("SELECT hash, data, ends_at FROM session WHERE hash = ? AND ends_at > ? AND data <> ?", []any{hash, milli(now), ended}, &out.Hash, &out.Data, &ends); err != nil {
			return err
		}
		out.Ends = fromMilli(ends)
		return nil
	})
	return out, err
}

// PutSession implements subscriptions.Sessions.
func (s *Store) PutSession(ctx context.Context, v subscriptions.Session, now time.Time) error {
	return s.update(ctx, "store a session", func(c *conn) error {
		_, err := c.exec("DELETE FROM session WHERE hash IN (SELECT hash FROM session WHERE ends_at <= ? LIMIT ?)", milli(now), sweptSessions)
		if err != nil {
			return err
		}
		_, err = c.exec("INSERT INTO session (hash, data, ends_at) VALUES (?, ?, ?) ON CONFLICT (hash) DO UPDATE SET data = excluded.data, ends_at = excluded.ends_at WHERE session.data <> ?",
			v.Hash, bytesOf(v.Data), milli(v.Ends), ended)
		return err
	})
}

// EndSession implements subscriptions.Sessions.
func (s *Store) EndSession(ctx context.Context, hash string) error {
	return s.update(ctx, "end a session", func(c *conn) error {
		_, err := c.exec("UPDATE session SET data = ? WHERE hash = ?", ended, hash)
		return err
	})
}

const passkeyColumns = "id, officer_id, name, doc, created_at, used_at, revision"

func scanPasskey(scan func(...any) error) (p subscriptions.Passkey, err error) {
	var created, used int64
	err = scan(&p.ID, &p.Officer, &p.Name, &p.Doc, &created, &used, &p.Revision)
	p.CreatedAt, p.UsedAt = fromMilli(created), fromMilli(used)
	return p, err
}

// Passkeys implements subscriptions.Sessions.
func (s *Store) Passkeys(ctx context.Context, o subscriptions.OfficerID) (out []subscriptions.Passkey, err error) {
	err = s.view(ctx, "list passkeys", func(c *conn) error {
		out = nil
		return c.each("SELECT "+passkeyColumns+" FROM passkey WHERE officer_id = ? ORDER BY created_at, id", []any{int64(o)}, func(rs *sql.Rows) error {
			p, err := scanPasskey(rs.Scan)
			out = append(out, p)
			return err
		})
	})
	return out, err
}

// Passkey implements subscriptions.Sessions.
func (s *Store) Passkey(ctx context.Context, id string) (p subscriptions.Passkey, err error) {
	err = s.view(ctx, "find a passkey", func(c *conn) error {
		p, err = scanPasskey(func(into ...any) error {
			return c.one("SELECT "+passkeyColumns+" FROM passkey WHERE id = ?", []any{id}, into...)
		})
		return err
	})
	return p, err
}

// PutPasskey implements subscriptions.Sessions.
func (s *Store) PutPasskey(ctx context.Context, p subscriptions.Passkey) (subscriptions.Passkey, error) {
	p.CreatedAt, p.UsedAt = cut(p.CreatedAt), cut(p.UsedAt)
	before := p.Revision
	p.Revision++
	return p, s.update(ctx, "store a passkey", func(c *conn) error {
		if before == 0 {
			_, err := c.exec("INSERT INTO passkey ("+passkeyColumns+") VALUES (?, ?, ?, ?, ?, ?, ?)",
				p.ID, int64(p.Officer), p.Name, bytesOf(p.Doc), milli(p.CreatedAt), milli(p.UsedAt), p.Revision)
			return err
		}
		n, err := c.exec("UPDATE passkey SET name = ?, doc = ?, used_at = ?, revision = ? WHERE id = ? AND revision = ?",
			p.Name, bytesOf(p.Doc), milli(p.UsedAt), p.Revision, p.ID, before)
		if err != nil || n == 1 {
			return err
		}
		var one int
		if err := c.one("SELECT 1 FROM passkey WHERE id = ?", []any{p.ID}, &one); err != nil {
			return err
		}
		return subscriptions.ErrConflict
	})
}

// DropPasskey implements subscriptions.Sessions.
func (s *Store) DropPasskey(ctx context.Context, id string) error {
	return s.update(ctx, "drop a passkey", func(c *conn) error {
		_, err := c.exec("DELETE FROM passkey WHERE id = ?", id)
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
