package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"arifa/subscriptions"
)

const officerColumns = "o.doc, o.last_code"

func scanOfficer(scan func(...any) error) (subscriptions.Officer, error) {
	var o subscriptions.Officer
	var doc []byte
	var code int64
	if err := scan(&doc, &code); err != nil {
		return o, err
	}
	if err := json.Unmarshal(doc, &o); err != nil {
		return o, err
	}
	o.LastCode = code
	return o, nil
}

// Officers implements subscriptions.Officers.
func (s *Store) Officers(ctx context.Context) (out []subscriptions.Officer, err error) {
	err = s.view(ctx, "list officers", func(c *conn) error {
		return c.each("SELECT "+officerColumns+" FROM officer o ORDER BY o.id", nil, func(rs *sql.Rows) error {
			o, err := scanOfficer(rs.Scan)
			out = append(out, o)
			return err
		})
	})
	return out, err
}

// Officer implements subscriptions.Officers.
func (s *Store) Officer(ctx context.Context, id subscriptions.OfficerID) (subscriptions.Officer, error) {
	return s.officer(ctx, "WHERE o.id = ?", int64(id))
}

// OfficerBy implements subscriptions.Officers.
func (s *Store) OfficerBy(ctx context.Context, i subscriptions.Identity) (subscriptions.Officer, error) {
	return s.officer(ctx, "JOIN identity i ON i.officer_id = o.id WHERE i.provider = ? AND i.subject = ?", i.Provider, i.Subject)
}

func (s *Store) officer(ctx context.Context, where string, args ...any) (o subscriptions.Officer, err error) {
	err = s.view(ctx, "find an officer", func(c *conn) error {
		o, err = scanOfficer(func(into ...any) error {
			return c.one("SELECT "+officerColumns+" FROM officer o "+where, args, into...)
		})
		return err
	})
	return o, err
}

// PutOfficer implements subscriptions.Officers.
func (s *Store) PutOfficer(ctx context.Context, o subscriptions.Officer, line subscriptions.AuditLine) (out subscriptions.Officer, err error) {
	err = s.update(ctx, "store an officer", func(c *conn) error {
		if out, err = c.putOfficer(o); err != nil {
			return err
		}
		if line.Officer == 0 {
			line.Officer = out.ID
		}
		_, err := c.append(line)
		return err
	})
	return out, err
}

func (c *conn) putOfficer(o subscriptions.Officer) (subscriptions.Officer, error) {
	o.CreatedAt, o.DisabledAt, o.FrozenAt = cut(o.CreatedAt), cut(o.DisabledAt), cut(o.FrozenAt)
	if o.ID == 0 {
		o.Revision = 0
		id, err := c.insert("INSERT INTO officer (revision, last_code, doc) VALUES (0, ?, '')", o.LastCode)
		if err != nil {
			return o, err
		}
		o.ID = subscriptions.OfficerID(id)
	}
	before := o.Revision
	o.Revision++
	doc, err := toJSON(o)
	if err != nil {
		return o, err
	}
	// A code that was used stays used, whatever the caller had read before.
	n, err := c.exec("UPDATE officer SET revision = ?, doc = ?, last_code = max(last_code, ?) WHERE id = ? AND revision = ?", o.Revision, doc, o.LastCode, int64(o.ID), before)
	if err == nil {
		err = c.changedOne(n, "SELECT 1 FROM officer WHERE id = ?", int64(o.ID))
	}
	if err != nil {
		return o, err
	}
	if _, err := c.exec("DELETE FROM identity WHERE officer_id = ?", int64(o.ID)); err != nil {
		return o, err
	}
	for _, i := range o.Identities {
		if _, err := c.exec("INSERT INTO identity (provider, subject, officer_id) VALUES (?, ?, ?)", i.Provider, i.Subject, int64(o.ID)); err != nil {
			return o, err
		}
	}
	return o, nil
}

// UseCode implements subscriptions.Officers.
func (s *Store) UseCode(ctx context.Context, id subscriptions.OfficerID, step int64) error {
	return s.update(ctx, "use a code", func(c *conn) error {
		n, err := c.exec("UPDATE officer SET last_code = ? WHERE id = ? AND last_code < ?", step, int64(id), step)
		if err != nil {
			return err
		}
		return c.changedOne(n, "SELECT 1 FROM officer WHERE id = ?", int64(id))
	})
}

// PutLinkCode implements subscriptions.Officers.
func (s *Store) PutLinkCode(ctx context.Context, l subscriptions.LinkCode) error {
	return s.update(ctx, "store a link code", func(c *conn) error {
		_, err := c.exec("INSERT INTO link_code (hash, officer_id, expires_at) VALUES (?, ?, ?) ON CONFLICT (hash) DO UPDATE SET officer_id = excluded.officer_id, expires_at = excluded.expires_at",
			l.Hash, int64(l.Officer), milli(l.Expires))
		return err
	})
}

// TakeLinkCode implements subscriptions.Officers.
func (s *Store) TakeLinkCode(ctx context.Context, hash string, now time.Time) (l subscriptions.LinkCode, err error) {
	err = s.update(ctx, "take a link code", func(c *conn) error {
		var expires int64
		l = subscriptions.LinkCode{}
		if _, err := c.exec("DELETE FROM link_code WHERE expires_at <= ?", milli(now)); err != nil {
			return err
		}
		if err := c.one("DELETE FROM link_code WHERE hash = ? RETURNING hash, officer_id, expires_at", []any{hash}, &l.Hash, &l.Officer, &expires); err != nil {
			return err
		}
		l.Expires = fromMilli(expires)
		return nil
	})
	return l, err
}
