package postgres

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// CatalogueInForce implements subscriptions.Catalogue.
func (s *Store) CatalogueInForce(ctx context.Context) (yaml []byte, revision int64, err error) {
	err = s.view(ctx, "read the catalogue", func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "SELECT yaml, revision FROM catalogue ORDER BY revision DESC LIMIT 1").Scan(&yaml, &revision)
	})
	return yaml, revision, err
}

// ReplaceCatalogue implements subscriptions.Catalogue. It takes the publish lock,
// so that nobody follows a retired scope meanwhile.
func (s *Store) ReplaceCatalogue(ctx context.Context, r subscriptions.CatalogueReplacement) (touched int, err error) {
	err = s.update(ctx, "replace the catalogue", func(tx pgx.Tx) error {
		if err := lockExclusively(ctx, tx, lockPublish); err != nil {
			return err
		}
		var current int64
		if err := tx.QueryRow(ctx, "SELECT coalesce(max(revision), 0) FROM catalogue").Scan(&current); err != nil {
			return err
		}
		if current != r.Revision {
			return subscriptions.ErrConflict
		}
		if _, err := tx.Exec(ctx, "INSERT INTO catalogue (revision, yaml, at) VALUES ($1, $2, $3)", current+1, r.YAML, when(r.At)); err != nil {
			return err
		}
		for _, ch := range r.Changes {
			ch.ID = 0
			if _, err := putChange(ctx, tx, ch); err != nil {
				return err
			}
		}
		if touched, err = s.moveFollows(ctx, tx, r); err != nil {
			return err
		}
		if err := hint(ctx, tx); err != nil {
			return err
		}
		_, err := seal(ctx, tx, r.Line)
		return err
	})
	return touched, err
}

// moveFollows moves or removes the follows of retired scopes, and counts whom
// that touched. A follow of the replacement that exists already stays as it is.
// Who is moved to a service with a live incident is owed its current notice.
func (s *Store) moveFollows(ctx context.Context, tx pgx.Tx, r subscriptions.CatalogueReplacement) (int, error) {
	scopes := map[subscriptions.Scope]subscriptions.Scope{}
	for _, old := range r.Retired {
		scopes[old] = ""
	}
	for old, next := range r.Replaced {
		scopes[old] = next
	}
	var olds, nexts []string
	for old, next := range scopes {
		olds, nexts = append(olds, string(old)), append(nexts, string(next))
	}
	if len(olds) == 0 {
		return 0, nil
	}
	touched, err := all(ctx, tx, scalar[subscriptions.RecipientID], "SELECT DISTINCT recipient_id FROM follow WHERE scope = ANY($1) ORDER BY recipient_id", olds)
	if err != nil {
		return 0, err
	}
	if err := lockRecipients(ctx, tx, touched); err != nil {
		return 0, err
	}
	for _, text := range []string{
		`INSERT INTO follow (recipient_id, scope, incident_id, until, since, consent)
			SELECT f.recipient_id, m.next, f.incident_id, f.until, f.since, f.consent
			FROM unnest($1::text[], $2::text[]) m (old, next) JOIN follow f ON f.scope = m.old WHERE m.next <> '' ON CONFLICT DO NOTHING`,
		"DELETE FROM follow f USING unnest($1::text[], $2::text[]) m (old, next) WHERE f.scope = m.old",
	} {
		if _, err := tx.Exec(ctx, text, olds, nexts); err != nil {
			return 0, err
		}
	}
	if err := markIdle(ctx, tx, r.At, nil); err != nil {
		return 0, err
	}
	return len(touched), s.oweAll(ctx, tx, touched, r.At)
}

// oweAll makes recipients owed what is live for their follows.
func (s *Store) oweAll(ctx context.Context, tx pgx.Tx, who []subscriptions.RecipientID, now time.Time) error {
	open, err := s.openNotices(ctx, tx)
	if err != nil || len(open) == 0 {
		return err
	}
	for _, id := range who {
		if _, err := oweAmong(ctx, tx, open, id, now); err != nil {
			return err
		}
	}
	return nil
}

// markIdle notes since when recipients follow nothing: of these, or of all where of is
// nil. Whom somebody works on is passed over: they subscribe, or are seen the next
// time.
func markIdle(ctx context.Context, tx pgx.Tx, at time.Time, of []subscriptions.RecipientID) error {
	where, args := "", []any{sure(at)}
	if of != nil {
		where, args = " AND r.id = ANY($2)", append(args, numbers(of))
	}
	_, err := tx.Exec(ctx, "UPDATE recipient SET idle_at = $1 WHERE id IN (SELECT r.id FROM recipient r WHERE "+followsNothing+where+" ORDER BY r.id FOR NO KEY UPDATE SKIP LOCKED)", args...)
	return err
}

// Changes implements subscriptions.Catalogue.
func (s *Store) Changes(ctx context.Context) (out []subscriptions.RegistryChange, err error) {
	err = s.view(ctx, "list registry changes", func(tx pgx.Tx) error {
		out, err = all(ctx, tx, scanDoc[subscriptions.RegistryChange], "SELECT doc FROM registry_change ORDER BY proposed_at DESC NULLS LAST, id DESC")
		return err
	})
	return out, err
}

func scanDoc[T any](r pgx.Row) (T, error) {
	var doc string
	var v T
	if err := r.Scan(&doc); err != nil {
		return v, err
	}
	return v, json.Unmarshal([]byte(doc), &v)
}

// PutChange implements subscriptions.Catalogue.
func (s *Store) PutChange(ctx context.Context, ch subscriptions.RegistryChange, line subscriptions.AuditLine) (out subscriptions.RegistryChange, err error) {
	err = s.update(ctx, "store a registry change", func(tx pgx.Tx) error {
		if out, err = putChange(ctx, tx, ch); err != nil {
			return err
		}
		_, err := seal(ctx, tx, line)
		return err
	})
	return out, err
}

func putChange(ctx context.Context, tx pgx.Tx, ch subscriptions.RegistryChange) (subscriptions.RegistryChange, error) {
	ch.ProposedAt, ch.EffectiveAt = cut(ch.ProposedAt), cut(ch.EffectiveAt)
	if ch.ID == 0 {
		ch.Revision = 0
		err := tx.QueryRow(ctx, "INSERT INTO registry_change (revision, state, agency, doc) VALUES (0, '', '', '{}') RETURNING id").Scan(&ch.ID)
		if err != nil {
			return ch, err
		}
	}
	before := ch.Revision
	ch.Revision++
	doc, err := toJSON(ch)
	if err != nil {
		return ch, err
	}
	tag, err := tx.Exec(ctx, "UPDATE registry_change SET revision = $1, state = $2, agency = $3, proposed_at = $4, doc = $5 WHERE id = $6 AND revision = $7",
		ch.Revision, string(ch.State), string(ch.Agency), when(ch.ProposedAt), doc, int64(ch.ID), before)
	if err != nil {
		return ch, err
	}
	return ch, changedOne(ctx, tx, tag.RowsAffected(), "SELECT 1 FROM registry_change WHERE id = $1", int64(ch.ID))
}

// changedOne tells a lost revision from a missing thing.
func changedOne(ctx context.Context, tx pgx.Tx, n int64, exists string, id int64) error {
	if n == 1 {
		return nil
	}
	var one int
	if err := tx.QueryRow(ctx, exists, id).Scan(&one); err != nil {
		return err
	}
	return subscriptions.ErrConflict
}

// ReadyWays implements subscriptions.Catalogue.
func (s *Store) ReadyWays(ctx context.Context) (out []subscriptions.ReadyWay, err error) {
	err = s.view(ctx, "list ready ways", func(tx pgx.Tx) error {
		// Ids are ASCII: the order is the same in every collation with "C".
		out, err = all(ctx, tx, scanDoc[subscriptions.ReadyWay], `SELECT doc FROM ready_way ORDER BY agency COLLATE "C", alternative COLLATE "C"`)
		return err
	})
	return out, err
}

// PutReadyWay implements subscriptions.Catalogue.
func (s *Store) PutReadyWay(ctx context.Context, w subscriptions.ReadyWay, line subscriptions.AuditLine) error {
	w.At, w.Until = cut(w.At), cut(w.Until)
	return s.update(ctx, "store a ready way", func(tx pgx.Tx) error {
		// The row is made and locked first, so that the revision in the document
		// is the one of its column.
		err := tx.QueryRow(ctx, `INSERT INTO ready_way (alternative, agency, revision, doc) VALUES ($1, $2, 1, '{}')
			ON CONFLICT (alternative, agency) DO UPDATE SET revision = ready_way.revision + 1 RETURNING revision`,
			string(w.Alternative), string(w.Agency)).Scan(&w.Revision)
		if err != nil {
			return err
		}
		doc, err := toJSON(w)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "UPDATE ready_way SET doc = $1 WHERE alternative = $2 AND agency = $3", doc, string(w.Alternative), string(w.Agency)); err != nil {
			return err
		}
		_, err = seal(ctx, tx, line)
		return err
	})
}
