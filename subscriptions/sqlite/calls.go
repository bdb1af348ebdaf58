package sqlite

import (
	"context"
	"database/sql"
	"time"

	"arifa/subscriptions"
)

// PutCalls implements subscriptions.Calls.
func (s *Store) PutCalls(ctx context.Context, m subscriptions.Summons) (fresh bool, err error) {
	err = s.update(ctx, "store calls", func(c *conn) error {
		fresh, err = c.summon(m, "")
		return err
	})
	return fresh, err
}

// summon stores the calls of an event that is not known yet; those about nothing
// are about the incident of the same change.
func (c *conn) summon(m subscriptions.Summons, about string) (fresh bool, err error) {
	n, err := c.exec("INSERT INTO officer_event (event, at) VALUES (?, ?) ON CONFLICT DO NOTHING", m.Event, milli(m.At))
	if err != nil || n == 0 {
		return false, err
	}
	for _, call := range m.Calls {
		if call.About == "" {
			call.About = about
		}
		_, err := c.exec(`INSERT INTO officer_call (event, kind, about, facts, officer_id, provider, subject, live, at, next_at, lease_until, attempt, message, shown, sent_at, seen_at, ended_at, ending)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, 0, 0, 0, '')`,
			m.Event, call.Kind, call.About, call.Facts, int64(call.Officer), call.Chat.Provider, call.Chat.Subject, flag(call.Live), milli(call.At), milli(call.NextAt), call.Message, call.Shown)
		if err != nil {
			return false, err
		}
	}
	return true, nil
}

const callColumns = "id, event, kind, about, facts, officer_id, provider, subject, live, at, next_at, attempt, message, shown, sent_at, seen_at, ended_at, ending"

func (c *conn) calls(query string, args ...any) (out []subscriptions.Call, err error) {
	err = c.each(query, args, func(rs *sql.Rows) error {
		var l subscriptions.Call
		var at, next, sent, seen, ended int64
		err := rs.Scan(&l.ID, &l.Event, &l.Kind, &l.About, &l.Facts, &l.Officer, &l.Chat.Provider, &l.Chat.Subject, &l.Live, &at, &next, &l.Attempt, &l.Message, &l.Shown, &sent, &seen, &ended, &l.Ending)
		l.At, l.NextAt, l.SentAt, l.SeenAt, l.EndedAt = fromMilli(at), fromMilli(next), fromMilli(sent), fromMilli(seen), fromMilli(ended)
		out = append(out, l)
		return err
	})
	return out, err
}

// LeaseCalls implements subscriptions.Calls. Mostly nothing is due, and looking
// needs no writer.
func (s *Store) LeaseCalls(ctx context.Context, network string, max int, now, until time.Time) (out []subscriptions.Call, err error) {
	const due = "FROM officer_call WHERE provider = ? AND ended_at = 0 AND next_at <= ? AND lease_until <= ? ORDER BY live, id LIMIT ?"
	args := []any{network, milli(now), milli(now), max}
	some := false
	err = s.view(ctx, "look for calls", func(c *conn) error {
		return c.each("SELECT id "+due, args, func(*sql.Rows) error { some = true; return nil })
	})
	if err != nil || !some {
		return nil, err
	}
	err = s.update(ctx, "lease calls", func(c *conn) error {
		if out, err = c.calls("SELECT "+callColumns+" "+due, args...); err != nil {
			return err
		}
		for _, l := range out {
			if _, err := c.exec("UPDATE officer_call SET lease_until = ? WHERE id = ?", milli(until), int64(l.ID)); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// FinishCall implements subscriptions.Calls.
func (s *Store) FinishCall(ctx context.Context, l subscriptions.Call) error {
	return s.update(ctx, "finish a call", func(c *conn) error {
		_, err := c.exec(`UPDATE officer_call SET lease_until = 0, next_at = ?, attempt = ?, message = ?, shown = ?, ending = ?,
			sent_at = CASE WHEN sent_at = 0 THEN ? ELSE sent_at END, ended_at = CASE WHEN ended_at = 0 THEN ? ELSE ended_at END WHERE id = ?`,
			milli(l.NextAt), l.Attempt, l.Message, l.Shown, l.Ending, milli(l.SentAt), milli(l.EndedAt), int64(l.ID))
		return err
	})
}

// CallsAbout implements subscriptions.Calls.
func (s *Store) CallsAbout(ctx context.Context, about string) (out []subscriptions.Call, err error) {
	err = s.view(ctx, "list calls", func(c *conn) error {
		out, err = c.calls("SELECT "+callColumns+" FROM officer_call WHERE about = ? ORDER BY id", about)
		return err
	})
	return out, err
}

// SeeCalls implements subscriptions.Calls.
func (s *Store) SeeCalls(ctx context.Context, o subscriptions.OfficerID, about string, now time.Time) error {
	return s.update(ctx, "mark calls as seen", func(c *conn) error {
		_, err := c.exec("UPDATE officer_call SET seen_at = ? WHERE about = ? AND officer_id = ? AND seen_at = 0", milli(now), about, int64(o))
		return err
	})
}

// retainCalls forgets what officers were called for long ago.
func retainCalls(c *conn, now time.Time) (int, error) {
	before := milli(now.Add(-keepCalls))
	n, err := c.exec("DELETE FROM officer_call WHERE id IN (SELECT id FROM officer_call WHERE at < ? ORDER BY id LIMIT ?)", before, retainPage)
	if err != nil || n > 0 {
		return n, err
	}
	return c.exec("DELETE FROM officer_event WHERE event IN (SELECT event FROM officer_event WHERE at < ? LIMIT ?)", before, retainPage)
}

func retainCards(c *conn, now time.Time) (int, error) {
	return c.exec("DELETE FROM officer_card WHERE (provider, subject, token) IN (SELECT provider, subject, token FROM officer_card WHERE at < ? LIMIT ?)",
		milli(now.Add(-subscriptions.CardsFor)), retainPage)
}
