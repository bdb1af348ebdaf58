package postgres

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

const officerColumns = "o.doc, o.last_code"

func scanOfficer(r pgx.Row) (subscriptions.Officer, error) {
	var o subscriptions.Officer
	var doc string
	var code int64
	if err := r.Scan(&doc, &code); err != nil {
		return o, err
	}
	if err := json.Unmarshal([]byte(doc), &o); err != nil {
		return o, err
	}
	o.LastCode = code
	return o, nil
}

// Officers implements subscriptions.Officers.
func (s *Store) Officers(ctx context.Context) (out []subscriptions.Officer, err error) {
	err = s.view(ctx, "list officers", func(tx pgx.Tx) error {
		out, err = all(ctx, tx, scanOfficer, "SELECT "+officerColumns+" FROM officer o ORDER BY o.id")
		return err
	})
	return out, err
}

// Officer implements subscriptions.Officers.
func (s *Store) Officer(ctx context.Context, id subscriptions.OfficerID) (subscriptions.Officer, error) {
	return s.officer(ctx, "WHERE o.id = $1", int64(id))
}

// OfficerBy implements subscriptions.Officers.
func (s *Store) OfficerBy(ctx context.Context, i subscriptions.Identity) (subscriptions.Officer, error) {
	return s.officer(ctx, "JOIN identity i ON i.officer_id = o.id WHERE i.provider = $1 AND i.subject = $2", plain(i.Provider), plain(i.Subject))
}

func (s *Store) officer(ctx context.Context, where string, args ...any) (o subscriptions.Officer, err error) {
	err = s.view(ctx, "find an officer", func(tx pgx.Tx) error {
		o, err = scanOfficer(tx.QueryRow(ctx, "SELECT "+officerColumns+" FROM officer o "+where, args...))
		return err
	})
	return o, err
}

// PutOfficer implements subscriptions.Officers.
func (s *Store) PutOfficer(ctx context.Context, o subscriptions.Officer, line subscriptions.AuditLine) (out subscriptions.Officer, err error) {
	err = s.update(ctx, "store an officer", func(tx pgx.Tx) error {
		if out, err = putOfficer(ctx, tx, o); err != nil {
			return err
		}
		l := line
		if l.Officer == 0 {
			l.Officer = out.ID
		}
		_, err := seal(ctx, tx, l)
		return err
	})
	return out, err
}

func putOfficer(ctx context.Context, tx pgx.Tx, o subscriptions.Officer) (subscriptions.Officer, error) {
	o.CreatedAt, o.DisabledAt, o.FrozenAt = cut(o.CreatedAt), cut(o.DisabledAt), cut(o.FrozenAt)
	if o.ID == 0 {
		o.Revision = 0
		if err := tx.QueryRow(ctx, "INSERT INTO officer (revision, last_code, doc) VALUES (0, $1, '{}') RETURNING id", o.LastCode).Scan(&o.ID); err != nil {
			return o, err
		}
	}
	before := o.Revision
	o.Revision++
	doc, err := toJSON(o)
	if err != nil {
		return o, err
	}
	// A code that was used stays used, whatever the caller had read before.
	tag, err := tx.Exec(ctx, "UPDATE officer SET revision = $1, doc = $2, last_code = greatest(last_code, $3) WHERE id = $4 AND revision = $5",
		o.Revision, doc, o.LastCode, int64(o.ID), before)
	if err == nil {
		err = changedOne(ctx, tx, tag.RowsAffected(), "SELECT 1 FROM officer WHERE id = $1", int64(o.ID))
	}
	if err != nil {
		return o, err
	}
	return o, putIdentities(ctx, tx, o)
}

func putIdentities(ctx context.Context, tx pgx.Tx, o subscriptions.Officer) error {
	if _, err := tx.Exec(ctx, "DELETE FROM identity WHERE officer_id = $1", int64(o.ID)); err != nil {
		return err
	}
	for _, i := range o.Identities {
		if _, err := tx.Exec(ctx, "INSERT INTO identity (provider, subject, officer_id) VALUES ($1, $2, $3)", plain(i.Provider), plain(i.Subject), int64(o.ID)); err != nil {
			return err
		}
	}
	return nil
}

// UseCode implements subscriptions.Officers.
func (s *Store) UseCode(ctx context.Context, id subscriptions.OfficerID, step int64) error {
	return s.update(ctx, "use a code", func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, "UPDATE officer SET last_code = $1 WHERE id = $2 AND last_code < $1", step, int64(id))
		if err != nil {
			return err
		}
		return changedOne(ctx, tx, tag.RowsAffected(), "SELECT 1 FROM officer WHERE id = $1", int64(id))
	})
}

// PutLinkCode implements subscriptions.Officers.
func (s *Store) PutLinkCode(ctx context.Context, l subscriptions.LinkCode) error {
	return s.update(ctx, "store a link code", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO link_code (hash, officer_id, expires_at) VALUES ($1, $2, $3)
			ON CONFLICT (hash) DO UPDATE SET officer_id = excluded.officer_id, expires_at = excluded.expires_at`, plain(l.Hash), int64(l.Officer), when(l.Expires))
		return err
	})
}

// TakeLinkCode implements subscriptions.Officers.
func (s *Store) TakeLinkCode(ctx context.Context, hash string, now time.Time) (l subscriptions.LinkCode, err error) {
	err = s.update(ctx, "take a link code", func(tx pgx.Tx) error {
		l = subscriptions.LinkCode{}
		if _, err := tx.Exec(ctx, "DELETE FROM link_code WHERE expires_at <= $1", when(now)); err != nil {
			return err
		}
		return tx.QueryRow(ctx, "DELETE FROM link_code WHERE hash = $1 RETURNING hash, officer_id, expires_at", plain(hash)).Scan(&l.Hash, &l.Officer, (*when)(&l.Expires))
	})
	return l, err
}
