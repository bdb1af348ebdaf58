package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"slices"

	"arifa/subscriptions"
)

// CatalogueInForce implements subscriptions.Catalogue.
func (s *Store) CatalogueInForce(ctx context.Context) (yaml []byte, revision int64, err error) {
	err = s.view(ctx, "read the catalogue", func(c *conn) error {
		return c.one("SELECT yaml, revision FROM catalogue ORDER BY revision DESC LIMIT 1", nil, &yaml, &revision)
	})
	return yaml, revision, err
}

// ReplaceCatalogue implements subscriptions.Catalogue.
func (s *Store) ReplaceCatalogue(ctx context.Context, r subscriptions.CatalogueReplacement) (touched int, err error) {
	err = s.update(ctx, "replace the catalogue", func(c *conn) error {
		touched = 0
		var current int64
		if err := c.one("SELECT coalesce(max(revision), 0) FROM catalogue", nil, &current); err != nil {
			return err
		}
		if current != r.Revision {
			return subscriptions.ErrConflict
		}
		if _, err := c.exec("INSERT INTO catalogue (revision, yaml, at) VALUES (?, ?, ?)", current+1, r.YAML, milli(r.At)); err != nil {
			return err
		}
		for _, ch := range r.Changes {
			ch.ID = 0
			if _, err := c.putChange(ch); err != nil {
				return err
			}
		}
		if touched, err = s.moveFollows(c, r); err != nil {
			return err
		}
		_, err := c.append(r.Line)
		return err
	})
	return touched, err
}

// moveFollows moves or removes the follows of retired scopes, and counts whom
// that touched. A follow of the replacement that exists already stays as it is.
// Who is moved to a service with a live incident is owed its current notice.
func (s *Store) moveFollows(c *conn, r subscriptions.CatalogueReplacement) (int, error) {
	touched := map[subscriptions.RecipientID]bool{}
	scopes := map[subscriptions.Scope]subscriptions.Scope{}
	for _, old := range r.Retired {
		scopes[old] = ""
	}
	for old, next := range r.Replaced {
		scopes[old] = next
	}
	for old, next := range scopes {
		err := c.each("SELECT DISTINCT recipient_id FROM follow WHERE scope = ?", []any{string(old)}, func(rs *sql.Rows) error {
			var id subscriptions.RecipientID
			err := rs.Scan(&id)
			touched[id] = true
			return err
		})
		if err != nil {
			return 0, err
		}
		if next != "" {
			if _, err := c.exec("UPDATE OR IGNORE follow SET scope = ? WHERE scope = ?", string(next), string(old)); err != nil {
				return 0, err
			}
		}
		if _, err := c.exec("DELETE FROM follow WHERE scope = ?", string(old)); err != nil {
			return 0, err
		}
	}
	if err := c.markIdle(max(1, milli(r.At))); err != nil {
		return 0, err
	}
	for _, id := range slices.Sorted(maps.Keys(touched)) {
		if _, err := s.owe(c, id, r.At); err != nil {
			return 0, err
		}
	}
	return len(touched), nil
}

// markIdle notes since when recipients follow nothing.
func (c *conn) markIdle(at int64) error {
	_, err := c.exec("UPDATE recipient SET idle_at = ? WHERE "+followsNothing, at)
	return err
}

// Changes implements subscriptions.Catalogue.
func (s *Store) Changes(ctx context.Context) (out []subscriptions.RegistryChange, err error) {
	err = s.view(ctx, "list registry changes", func(c *conn) error {
		return c.each("SELECT doc FROM registry_change ORDER BY proposed_at DESC, id DESC", nil, func(rs *sql.Rows) error {
			ch, err := scanDoc[subscriptions.RegistryChange](rs)
			out = append(out, ch)
			return err
		})
	})
	return out, err
}

func scanDoc[T any](rs *sql.Rows) (T, error) {
	var doc []byte
	var v T
	if err := rs.Scan(&doc); err != nil {
		return v, err
	}
	return v, json.Unmarshal(doc, &v)
}

// PutChange implements subscriptions.Catalogue.
func (s *Store) PutChange(ctx context.Context, ch subscriptions.RegistryChange, line subscriptions.AuditLine) (out subscriptions.RegistryChange, err error) {
	err = s.update(ctx, "store a registry change", func(c *conn) error {
		if out, err = c.putChange(ch); err != nil {
			return err
		}
		_, err := c.append(line)
		return err
	})
	return out, err
}

func (c *conn) putChange(ch subscriptions.RegistryChange) (subscriptions.RegistryChange, error) {
	ch.ProposedAt, ch.EffectiveAt = cut(ch.ProposedAt), cut(ch.EffectiveAt)
	if ch.ID == 0 {
		ch.Revision = 0
		id, err := c.insert("INSERT INTO registry_change (revision, state, agency, proposed_at, doc) VALUES (0, '', '', 0, '')")
		if err != nil {
			return ch, err
		}
		ch.ID = subscriptions.ChangeID(id)
	}
	before := ch.Revision
	ch.Revision++
	doc, err := toJSON(ch)
	if err != nil {
		return ch, err
	}
	n, err := c.exec("UPDATE registry_change SET revision = ?, state = ?, agency = ?, proposed_at = ?, doc = ? WHERE id = ? AND revision = ?",
		ch.Revision, string(ch.State), string(ch.Agency), milli(ch.ProposedAt), doc, int64(ch.ID), before)
	if err != nil {
		return ch, err
	}
	return ch, c.changedOne(n, "SELECT 1 FROM registry_change WHERE id = ?", int64(ch.ID))
}

// changedOne tells a lost revision from a missing thing.
func (c *conn) changedOne(n int, exists string, id int64) error {
	if n == 1 {
		return nil
	}
	var one int
	if err := c.one(exists, []any{id}, &one); err != nil {
		return err
	}
	return subscriptions.ErrConflict
}

// ReadyWays implements subscriptions.Catalogue.
func (s *Store) ReadyWays(ctx context.Context) (out []subscriptions.ReadyWay, err error) {
	err = s.view(ctx, "list ready ways", func(c *conn) error {
		return c.each("SELECT doc FROM ready_way ORDER BY agency, alternative", nil, func(rs *sql.Rows) error {
			w, err := scanDoc[subscriptions.ReadyWay](rs)
			out = append(out, w)
			return err
		})
	})
	return out, err
}

// PutReadyWay implements subscriptions.Catalogue.
func (s *Store) PutReadyWay(ctx context.Context, w subscriptions.ReadyWay, line subscriptions.AuditLine) error {
	return s.update(ctx, "store a ready way", func(c *conn) error {
		err := c.one("SELECT revision FROM ready_way WHERE alternative = ? AND agency = ?", []any{string(w.Alternative), string(w.Agency)}, &w.Revision)
		if none(err) {
			w.Revision, err = 0, nil
		}
		if err != nil {
			return err
		}
		w.Revision++
		w.At, w.Until = cut(w.At), cut(w.Until)
		doc, err := toJSON(w)
		if err != nil {
			return err
		}
		if _, err := c.exec("INSERT INTO ready_way (alternative, agency, revision, doc) VALUES (?, ?, ?, ?) ON CONFLICT (alternative, agency) DO UPDATE SET revision = excluded.revision, doc = excluded.doc",
			string(w.Alternative), string(w.Agency), w.Revision, doc); err != nil {
			return err
		}
		_, err = c.append(line)
		return err
	})
}
