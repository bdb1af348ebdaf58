package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"arifa/subscriptions"
)

const recipientColumns = "id, lane, address, kind, language, languages, title, silent, talk, asked_at, created_at, gone_at"

func scanRecipient(scan func(...any) error) (subscriptions.Recipient, error) {
	var r subscriptions.Recipient
	var address, languages, talk string
	var asked, created, gone int64
	if err := scan(&r.ID, &r.Lane, &address, &r.Kind, &r.Language, &languages, &r.Title, &r.Silent, &talk, &asked, &created, &gone); err != nil {
		return r, err
	}
	r.Address, r.Languages = subscriptions.AddressOf(address), split[subscriptions.Language](languages)
	r.AskedAt, r.CreatedAt, r.GoneAt = fromMilli(asked), fromMilli(created), fromMilli(gone)
	if talk == "" {
		return r, nil
	}
	return r, json.Unmarshal([]byte(talk), &r.Talk)
}

func (c *conn) recipients(where string, args ...any) (out []subscriptions.Recipient, err error) {
	err = c.each("SELECT "+recipientColumns+" FROM recipient "+where, args, func(rs *sql.Rows) error {
		r, err := scanRecipient(rs.Scan)
		out = append(out, r)
		return err
	})
	return out, err
}

func (c *conn) recipient(where string, args ...any) (subscriptions.Recipient, error) {
	return scanRecipient(func(into ...any) error {
		return c.one("SELECT "+recipientColumns+" FROM recipient "+where, args, into...)
	})
}

// Recipient implements subscriptions.Register.
func (s *Store) Recipient(ctx context.Context, lane subscriptions.LaneID, a subscriptions.Address) (r subscriptions.Recipient, err error) {
	err = s.view(ctx, "find a recipient", func(c *conn) error {
		r, err = c.recipient("WHERE lane = ? AND address = ?", string(lane), a.Reveal())
		return err
	})
	return r, err
}

// SaveRecipient implements subscriptions.Register.
func (s *Store) SaveRecipient(ctx context.Context, r subscriptions.Recipient) (out subscriptions.Recipient, err error) {
	exists := false
	err = s.update(ctx, "save a recipient", func(c *conn) error {
		if r.ID == 0 {
			out, exists, err = c.newRecipient(r)
			return err
		}
		out, err = s.changeRecipient(c, r)
		return err
	})
	if err == nil && exists {
		err = fmt.Errorf("save a recipient: %w", subscriptions.ErrExists)
	}
	return out, err
}

func (c *conn) newRecipient(r subscriptions.Recipient) (out subscriptions.Recipient, exists bool, err error) {
	out, err = c.recipient("WHERE lane = ? AND address = ?", string(r.Lane), r.Address.Reveal())
	if err == nil {
		return out, true, nil
	}
	if !none(err) {
		return out, false, err
	}
	idle := max(1, milli(r.CreatedAt))
	id, err := c.insert(`INSERT INTO recipient (lane, address, kind, language, languages, title, silent, talk, asked_at, created_at, gone_at, idle_at)
		VALUES (?, ?, ?, '', '', '', 0, '', 0, ?, 0, ?)`, string(r.Lane), r.Address.Reveal(), string(r.Kind), milli(r.CreatedAt), idle)
	if err != nil {
		return r, false, err
	}
	r.ID = subscriptions.RecipientID(id)
	if _, err := c.exec("INSERT INTO lane (id, owner, fence, until, paused_until, paused_why) VALUES (?, '', 0, 0, 0, '') ON CONFLICT DO NOTHING", string(r.Lane)); err != nil {
		return r, false, err
	}
	if err := c.writeRecipient(r); err != nil {
		return r, false, err
	}
	out, err = c.recipient("WHERE id = ?", id)
	return out, false, err
}

// writeRecipient stores all but lane, address and the time of creation.
func (c *conn) writeRecipient(r subscriptions.Recipient) error {
	r.Talk.At = cut(r.Talk.At)
	talk, err := toJSON(r.Talk)
	if err != nil {
		return err
	}
	_, err = c.exec("UPDATE recipient SET kind = ?, language = ?, languages = ?, title = ?, silent = ?, talk = ?, asked_at = ?, gone_at = ? WHERE id = ?",
		string(r.Kind), string(r.Language), joined(r.Languages), r.Title, flag(r.Silent), talk, milli(r.AskedAt), milli(r.GoneAt), int64(r.ID))
	return err
}

func (s *Store) changeRecipient(c *conn, r subscriptions.Recipient) (subscriptions.Recipient, error) {
	before, err := c.recipient("WHERE id = ?", int64(r.ID))
	if err != nil {
		return r, err
	}
	if err := c.writeRecipient(r); err != nil {
		return r, err
	}
	if r.Address != before.Address && !r.Address.IsZero() {
		if err := c.move(r.ID, r.Address); err != nil {
			return r, err
		}
	}
	after, err := c.recipient("WHERE lane = ? AND address = ?", string(before.Lane), orAddress(r.Address, before.Address).Reveal())
	if err != nil {
		return r, err
	}
	switch {
	case before.GoneAt.IsZero() && !after.GoneAt.IsZero():
		return after, c.endDebts(after.ID)
	case !before.GoneAt.IsZero() && after.GoneAt.IsZero():
		// Its follows are alive again: what is live is owed as if they were new.
		now := after.AskedAt
		if now.IsZero() {
			now = before.GoneAt
		}
		_, err = s.owe(c, after.ID, now)
	}
	return after, err
}

func orAddress(a, b subscriptions.Address) subscriptions.Address {
	if a.IsZero() {
		return b
	}
	return a
}

// move gives a recipient a new address. Where another recipient has it, the two
// become one: follows are united, of two rows of a notice the one that was told
// stays, and so does the older id.
func (c *conn) move(id subscriptions.RecipientID, to subscriptions.Address) error {
	r, err := c.recipient("WHERE id = ?", int64(id))
	if none(err) {
		return nil
	}
	if err != nil {
		return err
	}
	other, err := c.recipient("WHERE lane = ? AND address = ? AND id <> ?", string(r.Lane), to.Reveal(), int64(id))
	if err != nil && !none(err) {
		return err
	}
	if err == nil {
		keep, drop := min(r.ID, other.ID), max(r.ID, other.ID)
		if err := c.merge(keep, drop); err != nil {
			return err
		}
		id = keep
	}
	_, err = c.exec("UPDATE recipient SET address = ? WHERE id = ?", to.Reveal(), int64(id))
	return err
}

func (c *conn) merge(keep, drop subscriptions.RecipientID) error {
	// What is in flight says so itself while the rows are compared.
	for _, id := range []subscriptions.RecipientID{keep, drop} {
		rows, err := c.rows("WHERE d.recipient_id = ? AND d.state = 'pending'", int64(id))
		if err == nil {
			err = c.updateRows(rows)
		}
		if err != nil {
			return err
		}
	}
	for _, text := range []string{
		"INSERT INTO follow (recipient_id, scope, incident_id, until, since, consent) SELECT ?1, scope, incident_id, until, since, consent FROM follow WHERE recipient_id = ?2 ON CONFLICT (recipient_id, scope, incident_id) DO UPDATE SET since = min(since, excluded.since), until = CASE WHEN until = 0 OR excluded.until = 0 THEN 0 ELSE max(until, excluded.until) END",
		// Of two rows of one notice the better evidence stays.
		"DELETE FROM delivery WHERE recipient_id = ?1 AND EXISTS (SELECT 1 FROM delivery o WHERE o.recipient_id = ?2 AND o.notice_id = delivery.notice_id AND (o.told > delivery.told OR o.told = delivery.told AND o.lease_until > 0 AND delivery.lease_until = 0))",
		"DELETE FROM delivery WHERE recipient_id = ?2 AND EXISTS (SELECT 1 FROM delivery o WHERE o.recipient_id = ?1 AND o.notice_id = delivery.notice_id)",
		"UPDATE delivery SET recipient_id = ?1 WHERE recipient_id = ?2",
		"UPDATE report SET recipient_id = ?1 WHERE recipient_id = ?2",
		"UPDATE OR IGNORE sample SET recipient_id = ?1 WHERE recipient_id = ?2",
		"UPDATE sample SET recipient_id = 0 WHERE recipient_id = ?2 AND ?1 > 0", // both were asked
		`UPDATE recipient SET idle_at = CASE WHEN EXISTS (SELECT 1 FROM follow WHERE recipient_id = ?1) THEN 0 ELSE idle_at END,
			gone_at = 0, asked_at = max(asked_at, (SELECT asked_at FROM recipient WHERE id = ?2)),
			language = CASE WHEN language = '' THEN (SELECT language FROM recipient WHERE id = ?2) ELSE language END WHERE id = ?1`,
		"DELETE FROM recipient WHERE id = ?2",
	} {
		if _, err := c.exec(text, int64(keep), int64(drop)); err != nil {
			return err
		}
	}
	return nil
}

// follows lists all of a recipient, oldest first.
func (c *conn) follows(id subscriptions.RecipientID) (out []subscriptions.Follow, err error) {
	err = c.each("SELECT scope, incident_id, until, since, consent FROM follow WHERE recipient_id = ? ORDER BY since, scope, incident_id", []any{int64(id)}, func(rs *sql.Rows) error {
		var f subscriptions.Follow
		var until, since int64
		err := rs.Scan(&f.Scope, &f.Incident, &until, &since, &f.Consent)
		f.Until, f.Since = fromMilli(until), fromMilli(since)
		out = append(out, f)
		return err
	})
	return out, err
}

// Follows implements subscriptions.Register.
func (s *Store) Follows(ctx context.Context, id subscriptions.RecipientID, now time.Time) (out []subscriptions.Follow, err error) {
	err = s.view(ctx, "list follows", func(c *conn) error {
		all, err := c.follows(id)
		out = nil
		for _, f := range all {
			if f.Until.IsZero() || now.Before(f.Until) {
				out = append(out, f)
			}
		}
		return err
	})
	return out, err
}

// Count implements subscriptions.Register.
func (s *Store) Count(ctx context.Context, a subscriptions.Audience, now time.Time) (out []subscriptions.LaneCount, err error) {
	scopes := make([]subscriptions.Scope, 0, len(a))
	for scope := range a {
		scopes = append(scopes, scope)
	}
	list, err := toJSON(scopes)
	if err != nil {
		return nil, err
	}
	err = s.view(ctx, "count an audience", func(c *conn) error {
		return c.each(`SELECT r.lane, r.kind, sum(r.asked_at > ?), count(*) FROM recipient r WHERE r.gone_at = 0 AND r.id IN (
				SELECT f.recipient_id FROM json_each(?) j CROSS JOIN follow f ON f.scope = j.value WHERE f.incident_id = 0 AND (f.until = 0 OR f.until > ?))
			GROUP BY r.lane, r.kind ORDER BY r.lane, r.kind`, []any{milli(now.Add(-subscriptions.AskedWindow)), list, milli(now)}, func(rs *sql.Rows) error {
			var l subscriptions.LaneCount
			err := rs.Scan(&l.Lane, &l.Kind, &l.Asked, &l.Count)
			out = append(out, l)
			return err
		})
	})
	return out, err
}
