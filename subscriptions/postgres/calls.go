package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// PutCalls implements subscriptions.Calls.
func (s *Store) PutCalls(ctx context.Context, m subscriptions.Summons) (fresh bool, err error) {
	err = s.update(ctx, "store calls", func(tx pgx.Tx) error {
		fresh, err = summon(ctx, tx, m, "")
		return err
	})
	return fresh, err
}

// summon stores the calls of an event that is not known yet; those about nothing
// are about the incident of the same change.
func summon(ctx context.Context, tx pgx.Tx, m subscriptions.Summons, about string) (fresh bool, err error) {
	tag, err := tx.Exec(ctx, "INSERT INTO officer_event (event, at) VALUES ($1, $2) ON CONFLICT DO NOTHING", plain(m.Event), when(m.At))
	if err != nil || tag.RowsAffected() == 0 {
		return false, err
	}
	batch := &pgx.Batch{}
	for _, call := range m.Calls {
		if call.About == "" {
			call.About = about
		}
		batch.Queue(`INSERT INTO officer_call (event, kind, about, facts, officer_id, provider, subject, live, at, next_at, lease_until, attempt, message, shown, ending)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, NULL, 0, $11, $12, '')`,
			plain(m.Event), call.Kind, call.About, call.Facts, int64(call.Officer), plain(call.Chat.Provider), plain(call.Chat.Subject), call.Live, when(call.At), when(call.NextAt), plain(call.Message), call.Shown)
	}
	return true, tx.SendBatch(ctx, batch).Close()
}

const callColumns = "id, event, kind, about, facts, officer_id, provider, subject, live, at, next_at, attempt, message, shown, sent_at, seen_at, ended_at, ending"

func scanCall(r pgx.Row) (subscriptions.Call, error) {
	var l subscriptions.Call
	err := r.Scan(&l.ID, &l.Event, &l.Kind, &l.About, &l.Facts, &l.Officer, &l.Chat.Provider, &l.Chat.Subject, &l.Live, (*when)(&l.At), (*when)(&l.NextAt), &l.Attempt,
		&l.Message, &l.Shown, (*when)(&l.SentAt), (*when)(&l.SeenAt), (*when)(&l.EndedAt), &l.Ending)
	return l, err
}

// LeaseCalls implements subscriptions.Calls. Rows that somebody else is leasing at
// this moment are passed over.
func (s *Store) LeaseCalls(ctx context.Context, network string, max int, now, until time.Time) (out []subscriptions.Call, err error) {
	err = s.update(ctx, "lease calls", func(tx pgx.Tx) error {
		out, err = all(ctx, tx, scanCall, `WITH due AS (
				SELECT id FROM officer_call WHERE provider = $1 AND ended_at IS NULL AND (next_at IS NULL OR next_at <= $2) AND (lease_until IS NULL OR lease_until <= $2)
				ORDER BY live, id LIMIT $3 FOR UPDATE SKIP LOCKED),
			leased AS (UPDATE officer_call l SET lease_until = $4 FROM due WHERE l.id = due.id RETURNING l.*)
			SELECT `+callColumns+` FROM leased ORDER BY live, id`, plain(network), when(now), max, when(until))
		return err
	})
	return out, err
}

// FinishCall implements subscriptions.Calls.
func (s *Store) FinishCall(ctx context.Context, l subscriptions.Call) error {
	return s.update(ctx, "finish a call", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE officer_call SET lease_until = NULL, next_at = $1, attempt = $2, message = $3, shown = $4, ending = $5,
			sent_at = coalesce(sent_at, $6), ended_at = coalesce(ended_at, $7) WHERE id = $8`,
			when(l.NextAt), l.Attempt, plain(l.Message), l.Shown, plain(l.Ending), when(l.SentAt), when(l.EndedAt), int64(l.ID))
		return err
	})
}

// CallsAbout implements subscriptions.Calls.
func (s *Store) CallsAbout(ctx context.Context, about string) (out []subscriptions.Call, err error) {
	err = s.view(ctx, "list calls", func(tx pgx.Tx) error {
		out, err = all(ctx, tx, scanCall, "SELECT "+callColumns+" FROM officer_call WHERE about = $1 ORDER BY id", plain(about))
		return err
	})
	return out, err
}

// SeeCalls implements subscriptions.Calls.
func (s *Store) SeeCalls(ctx context.Context, o subscriptions.OfficerID, about string, now time.Time) error {
	return s.update(ctx, "mark calls as seen", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE officer_call SET seen_at = $1 WHERE about = $2 AND officer_id = $3 AND seen_at IS NULL", when(now), plain(about), int64(o))
		return err
	})
}

// retainCalls forgets what officers were called for long ago.
func retainCalls(ctx context.Context, tx pgx.Tx, now time.Time) (int, error) {
	before := when(now.Add(-keepCalls))
	tag, err := tx.Exec(ctx, "DELETE FROM officer_call WHERE id IN (SELECT id FROM officer_call WHERE at < $1 ORDER BY id LIMIT $2)", before, retainPage)
	if err != nil || tag.RowsAffected() > 0 {
		return int(tag.RowsAffected()), err
	}
	tag, err = tx.Exec(ctx, "DELETE FROM officer_event WHERE event IN (SELECT event FROM officer_event WHERE at < $1 ORDER BY event LIMIT $2)", before, retainPage)
	return int(tag.RowsAffected()), err
}

func retainCards(ctx context.Context, tx pgx.Tx, now time.Time) (int, error) {
	tag, err := tx.Exec(ctx, "DELETE FROM officer_card WHERE (provider, subject, token) IN (SELECT provider, subject, token FROM officer_card WHERE at < $1 ORDER BY at LIMIT $2)",
		when(now.Add(-subscriptions.CardsFor)), retainPage)
	return int(tag.RowsAffected()), err
}
