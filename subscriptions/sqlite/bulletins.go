package sqlite

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"arifa/subscriptions"
)

// Incident implements subscriptions.Bulletins.
func (s *Store) Incident(ctx context.Context, id subscriptions.IncidentID) (i subscriptions.Incident, err error) {
	err = s.view(ctx, "find an incident", func(c *conn) error {
		got, err := c.incidents("WHERE id = ?", int64(id))
		if err != nil || len(got) == 0 {
			return orNotFound(err)
		}
		i = got[0]
		return nil
	})
	return i, err
}

// Notice implements subscriptions.Bulletins.
func (s *Store) Notice(ctx context.Context, id subscriptions.NoticeID) (n subscriptions.Notice, err error) {
	err = s.view(ctx, "find a notice", func(c *conn) error {
		got, err := c.notices("WHERE n.id = ?", int64(id))
		if err != nil || len(got) == 0 {
			return orNotFound(err)
		}
		n = got[0]
		return nil
	})
	return n, err
}

// NoticesByKey implements subscriptions.Bulletins.
func (s *Store) NoticesByKey(ctx context.Context, key string) (out []subscriptions.Notice, err error) {
	where := "WHERE n.short_key = ? ORDER BY n.key DESC"
	if strings.Count(key, "-") == 2 {
		where = "WHERE n.key = ?"
	}
	err = s.view(ctx, "find notices by number", func(c *conn) error {
		out, err = c.notices(where, key)
		return err
	})
	return out, err
}

// Incidents implements subscriptions.Bulletins.
func (s *Store) Incidents(ctx context.Context, since time.Time) (out []subscriptions.Incident, err error) {
	err = s.view(ctx, "list incidents", func(c *conn) error {
		out, err = c.incidents("WHERE live = 1 OR ended_at > ? ORDER BY opened_at DESC, id DESC", milli(since))
		return err
	})
	return out, err
}

// Notices implements subscriptions.Bulletins.
func (s *Store) Notices(ctx context.Context, incident subscriptions.IncidentID, states ...subscriptions.NoticeState) (out []subscriptions.Notice, err error) {
	where, args := "WHERE 1 = 1", []any{}
	if incident != 0 {
		where, args = where+" AND n.incident_id = ?", append(args, int64(incident))
	}
	if len(states) > 0 {
		where += " AND n.state IN (?" + strings.Repeat(", ?", len(states)-1) + ")"
		for _, st := range states {
			args = append(args, string(st))
		}
	}
	err = s.view(ctx, "list notices", func(c *conn) error {
		out, err = c.notices(where+" ORDER BY n.id", args...)
		return err
	})
	return out, err
}

// Told implements subscriptions.Bulletins.
func (s *Store) Told(ctx context.Context, id subscriptions.RecipientID, since time.Time) (out []subscriptions.ToldNotice, err error) {
	err = s.view(ctx, "list what was told", func(c *conn) error {
		return c.each(`SELECT d.notice_id, d.incident_id, d.kind, d.services, max(d.sent_at, d.message_at)
			FROM delivery d JOIN incident i ON i.id = d.incident_id
			WHERE d.recipient_id = ? AND d.told > 0 AND (i.live = 1 OR i.ended_at > ?)
			ORDER BY d.sequence DESC`, []any{int64(id), milli(since)}, func(rs *sql.Rows) error {
			var t subscriptions.ToldNotice
			var services string
			var at int64
			err := rs.Scan(&t.Notice, &t.Incident, &t.Kind, &services, &at)
			t.Services, t.At = split[subscriptions.ServiceID](services), fromMilli(at)
			out = append(out, t)
			return err
		})
	})
	return out, err
}

// View implements subscriptions.Outbox.
func (s *Store) View(ctx context.Context, since int64) (v subscriptions.View, ok bool, err error) {
	err = s.view(ctx, "read the view", func(c *conn) error {
		var generation int64
		if err := c.one("SELECT generation FROM meta", nil, &generation); err != nil {
			return err
		}
		if generation <= since {
			return nil
		}
		ok = true
		v = subscriptions.View{Generation: generation, Notices: map[subscriptions.NoticeID]subscriptions.Notice{}, Incidents: map[subscriptions.IncidentID]subscriptions.Incident{}}
		notices, err := c.notices("WHERE n.sequence > 0 AND n.settled = 0")
		if err != nil {
			return err
		}
		for _, n := range notices {
			v.Notices[n.ID] = n
		}
		incidents, err := c.incidents("WHERE live = 1 OR id IN (SELECT incident_id FROM notice WHERE sequence > 0 AND settled = 0)")
		for _, i := range incidents {
			v.Incidents[i.ID] = i
		}
		return err
	})
	return v, ok, err
}
