package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

const recipientColumns = "id, lane, address, kind, language, languages, title, silent, talk, asked_at, created_at, gone_at"

func scanRecipient(row pgx.Row) (subscriptions.Recipient, error) {
	var r subscriptions.Recipient
	var address, languages, talk string
	if err := row.Scan(&r.ID, &r.Lane, &address, &r.Kind, &r.Language, &languages, &r.Title, &r.Silent, &talk,
		(*when)(&r.AskedAt), (*when)(&r.CreatedAt), (*when)(&r.GoneAt)); err != nil {
		return r, err
	}
	r.Address, r.Languages = subscriptions.AddressOf(address), split[subscriptions.Language](languages)
	return r, json.Unmarshal([]byte(talk), &r.Talk)
}

func recipients(ctx context.Context, tx pgx.Tx, where string, args ...any) ([]subscriptions.Recipient, error) {
	return all(ctx, tx, scanRecipient, "SELECT "+recipientColumns+" FROM recipient "+where, args...)
}

// addressText is an address as its column keeps it.
func addressText(a subscriptions.Address) string { return plain(a.Reveal()) }

// Recipient implements subscriptions.Register.
func (s *Store) Recipient(ctx context.Context, lane subscriptions.LaneID, a subscriptions.Address) (r subscriptions.Recipient, err error) {
	err = s.view(ctx, "find a recipient", func(tx pgx.Tx) error {
		r, err = only(recipients(ctx, tx, "WHERE lane = $1 AND address = $2", string(lane), addressText(a)))
		return err
	})
	return r, err
}

// SaveRecipient implements subscriptions.Register.
func (s *Store) SaveRecipient(ctx context.Context, r subscriptions.Recipient) (out subscriptions.Recipient, err error) {
	exists := false
	err = s.update(ctx, "save a recipient", func(tx pgx.Tx) error {
		if r.ID == 0 {
			out, exists, err = newRecipient(ctx, tx, r)
			return err
		}
		if err := sharePublish(ctx, tx); err != nil {
			return err
		}
		out, err = s.changeRecipient(ctx, tx, r)
		return err
	})
	if err == nil && exists {
		err = fmt.Errorf("save a recipient: %w", subscriptions.ErrExists)
	}
	return out, err
}

func newRecipient(ctx context.Context, tx pgx.Tx, r subscriptions.Recipient) (out subscriptions.Recipient, exists bool, err error) {
	err = tx.QueryRow(ctx, `INSERT INTO recipient (lane, address, kind, language, languages, title, silent, talk, created_at, idle_at)
		VALUES ($1, $2, $3, '', '', '', false, '{}', $4, $5) ON CONFLICT (lane, address) DO NOTHING RETURNING id`,
		string(r.Lane), addressText(r.Address), string(r.Kind), when(r.CreatedAt), sure(r.CreatedAt)).Scan(&r.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		out, err = only(recipients(ctx, tx, "WHERE lane = $1 AND address = $2", string(r.Lane), addressText(r.Address)))
		return out, true, err
	}
	if err == nil {
		err = knowLane(ctx, tx, r.Lane)
	}
	if err == nil {
		err = writeRecipient(ctx, tx, r)
	}
	if err != nil {
		return r, false, err
	}
	out, err = only(recipients(ctx, tx, "WHERE id = $1", int64(r.ID)))
	return out, false, err
}

// writeRecipient stores all but lane, address and the time of creation.
func writeRecipient(ctx context.Context, tx pgx.Tx, r subscriptions.Recipient) error {
	r.Talk.At = cut(r.Talk.At)
	talk, err := toJSON(r.Talk)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "UPDATE recipient SET kind = $1, language = $2, languages = $3, title = $4, silent = $5, talk = $6, asked_at = $7, gone_at = $8 WHERE id = $9",
		string(r.Kind), string(r.Language), joined(r.Languages), plain(r.Title), r.Silent, talk, when(r.AskedAt), when(r.GoneAt), int64(r.ID))
	return err
}

func (s *Store) changeRecipient(ctx context.Context, tx pgx.Tx, r subscriptions.Recipient) (subscriptions.Recipient, error) {
	if err := shareRegister(ctx, tx); err != nil {
		return r, err
	}
	before, err := only(recipients(ctx, tx, "WHERE id = $1 FOR NO KEY UPDATE", int64(r.ID)))
	if err != nil {
		return r, err
	}
	if err := writeRecipient(ctx, tx, r); err != nil {
		return r, err
	}
	address := before.Address
	if r.Address != before.Address && !r.Address.IsZero() {
		address = r.Address
		if err := move(ctx, tx, r.ID, address); err != nil {
			return r, err
		}
	}
	after, err := only(recipients(ctx, tx, "WHERE lane = $1 AND address = $2", string(before.Lane), addressText(address)))
	if err != nil {
		return r, err
	}
	switch {
	case before.GoneAt.IsZero() && !after.GoneAt.IsZero():
		return after, endDebts(ctx, tx, after.ID)
	case !before.GoneAt.IsZero() && after.GoneAt.IsZero():
		// Its follows are alive again: what is live is owed as if they were new.
		now := after.AskedAt
		if now.IsZero() {
			now = before.GoneAt
		}
		_, err = s.owe(ctx, tx, after.ID, now)
	}
	return after, err
}

// move gives a recipient a new address. Where another recipient has it, the two
// become one: follows are united, of two rows of a notice the one that was told
// stays, and so does the older id.
func move(ctx context.Context, tx pgx.Tx, id subscriptions.RecipientID, to subscriptions.Address) error {
	r, err := only(recipients(ctx, tx, "WHERE id = $1", int64(id)))
	if errors.Is(err, subscriptions.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	others, err := recipients(ctx, tx, "WHERE lane = $1 AND address = $2 AND id <> $3 FOR UPDATE", string(r.Lane), addressText(to), int64(id))
	if err != nil {
		return err
	}
	for _, other := range others {
		id = min(r.ID, other.ID)
		if err := merge(ctx, tx, id, max(r.ID, other.ID)); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, "UPDATE recipient SET address = $1 WHERE id = $2", addressText(to), int64(id))
	return err
}

func merge(ctx context.Context, tx pgx.Tx, keep, drop subscriptions.RecipientID) error {
	// A lane that is leasing one of these rows is waited for; what is in flight says
	// so itself while the rows are compared.
	rows, err := rowsWhere(ctx, tx, "WHERE d.recipient_id IN ($1, $2)", int64(keep), int64(drop))
	if err == nil {
		err = updateRows(ctx, tx, slices.DeleteFunc(rows, func(r subscriptions.Row) bool { return r.State != subscriptions.Pending }))
	}
	if err != nil {
		return err
	}
	for _, text := range []string{
		`INSERT INTO follow (recipient_id, scope, incident_id, until, since, consent)
			SELECT $1::bigint, scope, incident_id, until, since, consent FROM follow WHERE recipient_id = $2
			ON CONFLICT (recipient_id, scope, incident_id) DO UPDATE SET since = least(follow.since, excluded.since),
				until = CASE WHEN follow.until IS NULL OR excluded.until IS NULL THEN NULL ELSE greatest(follow.until, excluded.until) END`,
		// Of two rows of one notice the better evidence stays.
		`DELETE FROM delivery d WHERE d.recipient_id = $1 AND EXISTS (SELECT 1 FROM delivery o WHERE o.recipient_id = $2 AND o.notice_id = d.notice_id
			AND (o.told > d.told OR o.told = d.told AND o.lease_until IS NOT NULL AND d.lease_until IS NULL))`,
		"DELETE FROM delivery d WHERE d.recipient_id = $2 AND EXISTS (SELECT 1 FROM delivery o WHERE o.recipient_id = $1 AND o.notice_id = d.notice_id)",
		"UPDATE delivery SET recipient_id = $1 WHERE recipient_id = $2",
		"UPDATE report SET recipient_id = $1 WHERE recipient_id > 0 AND recipient_id = $2",
		`UPDATE sample s SET recipient_id = CASE WHEN EXISTS (SELECT 1 FROM sample o WHERE o.incident_id = s.incident_id AND o.round = s.round AND o.recipient_id > 0 AND o.recipient_id = $1)
			THEN 0 ELSE $1 END WHERE s.recipient_id > 0 AND s.recipient_id = $2`,
		`UPDATE recipient k SET idle_at = CASE WHEN EXISTS (SELECT 1 FROM follow WHERE recipient_id = $1) THEN NULL ELSE k.idle_at END,
			gone_at = NULL, asked_at = greatest(k.asked_at, d.asked_at), language = CASE WHEN k.language = '' THEN d.language ELSE k.language END
			FROM recipient d WHERE k.id = $1 AND d.id = $2`,
		"DELETE FROM recipient WHERE $1 <> id AND id = $2",
	} {
		if _, err := tx.Exec(ctx, text, int64(keep), int64(drop)); err != nil {
			return err
		}
	}
	return nil
}

// followsOf lists all of a recipient, oldest first.
func followsOf(ctx context.Context, tx pgx.Tx, id subscriptions.RecipientID) ([]subscriptions.Follow, error) {
	return all(ctx, tx, func(r pgx.Row) (subscriptions.Follow, error) {
		var f subscriptions.Follow
		err := r.Scan(&f.Scope, &f.Incident, (*when)(&f.Until), (*when)(&f.Since), &f.Consent)
		return f, err
	}, `SELECT scope, incident_id, until, since, consent FROM follow WHERE recipient_id = $1 ORDER BY since NULLS FIRST, scope COLLATE "C", incident_id`, int64(id))
}

// Follows implements subscriptions.Register.
func (s *Store) Follows(ctx context.Context, id subscriptions.RecipientID, now time.Time) (out []subscriptions.Follow, err error) {
	err = s.view(ctx, "list follows", func(tx pgx.Tx) error {
		stored, err := followsOf(ctx, tx, id)
		out = nil
		for _, f := range stored {
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
	var scopes []string
	for scope := range a {
		scopes = append(scopes, string(scope))
	}
	err = s.view(ctx, "count an audience", func(tx pgx.Tx) error {
		out, err = all(ctx, tx, func(r pgx.Row) (subscriptions.LaneCount, error) {
			var l subscriptions.LaneCount
			err := r.Scan(&l.Lane, &l.Kind, &l.Asked, &l.Count)
			return l, err
		}, `SELECT r.lane, r.kind, count(*) FILTER (WHERE r.asked_at > $1), count(*) FROM recipient r WHERE r.gone_at IS NULL AND r.id IN (
				SELECT f.recipient_id FROM follow f WHERE f.scope = ANY($2) AND f.incident_id = 0 AND (f.until IS NULL OR f.until > $3))
			GROUP BY r.lane, r.kind ORDER BY r.lane COLLATE "C", r.kind COLLATE "C"`, when(now.Add(-subscriptions.AskedWindow)), scopes, when(now))
		return err
	})
	return out, err
}
