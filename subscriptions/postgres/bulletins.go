package postgres

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// Incident implements subscriptions.Bulletins.
func (s *Store) Incident(ctx context.Context, id subscriptions.IncidentID) (i subscriptions.Incident, err error) {
	err = s.view(ctx, "find an incident", func(tx pgx.Tx) error {
		i, err = only(incidents(ctx, tx, "WHERE id = $1", int64(id)))
		return err
	})
	return i, err
}

// Notice implements subscriptions.Bulletins.
func (s *Store) Notice(ctx context.Context, id subscriptions.NoticeID) (n subscriptions.Notice, err error) {
	err = s.view(ctx, "find a notice", func(tx pgx.Tx) error {
		n, err = only(notices(ctx, tx, "WHERE n.id = $1", int64(id)))
		return err
	})
	return n, err
}

// only returns the one thing of a list, or ErrNotFound.
func only[T any](list []T, err error) (T, error) {
	var none T
	switch {
	case err != nil:
		return none, err
	case len(list) == 0:
		return none, subscriptions.ErrNotFound
	}
	return list[0], nil
}

// NoticesByKey implements subscriptions.Bulletins.
func (s *Store) NoticesByKey(ctx context.Context, key string) (out []subscriptions.Notice, err error) {
	where := `WHERE n.short_key = $1 ORDER BY n.key COLLATE "C" DESC`
	if strings.Count(key, "-") == 2 {
		where = "WHERE n.key = $1"
	}
	err = s.view(ctx, "find notices by number", func(tx pgx.Tx) error {
		out, err = notices(ctx, tx, where, plain(key))
		return err
	})
	return out, err
}

// Incidents implements subscriptions.Bulletins.
func (s *Store) Incidents(ctx context.Context, since time.Time) (out []subscriptions.Incident, err error) {
	err = s.view(ctx, "list incidents", func(tx pgx.Tx) error {
		out, err = incidents(ctx, tx, "WHERE live OR ended_at > $1 ORDER BY opened_at DESC NULLS LAST, id DESC", after(since))
		return err
	})
	return out, err
}

// after is a bound of a time: the zero time lies before every other.
func after(t time.Time) when {
	if t.IsZero() {
		return when(time.Unix(0, 0))
	}
	return when(t)
}

// Notices implements subscriptions.Bulletins.
func (s *Store) Notices(ctx context.Context, incident subscriptions.IncidentID, states ...subscriptions.NoticeState) (out []subscriptions.Notice, err error) {
	err = s.view(ctx, "list notices", func(tx pgx.Tx) error {
		out, err = notices(ctx, tx, "WHERE ($1 = 0::bigint OR n.incident_id = $1) AND (cardinality($2::text[]) = 0 OR n.state = ANY($2)) ORDER BY n.id",
			int64(incident), strs(states))
		return err
	})
	return out, err
}

// Told implements subscriptions.Bulletins.
func (s *Store) Told(ctx context.Context, id subscriptions.RecipientID, since time.Time) (out []subscriptions.ToldNotice, err error) {
	err = s.view(ctx, "list what was told", func(tx pgx.Tx) error {
		out, err = all(ctx, tx, scanTold, `SELECT d.notice_id, d.incident_id, d.kind, d.services, greatest(d.sent_at, d.message_at)
			FROM delivery d JOIN incident i ON i.id = d.incident_id
			WHERE d.recipient_id = $1 AND d.told > 0 AND (i.live OR i.ended_at > $2)
			ORDER BY d.sequence DESC`, int64(id), after(since))
		return err
	})
	return out, err
}

func scanTold(r pgx.Row) (subscriptions.ToldNotice, error) {
	var t subscriptions.ToldNotice
	var services string
	err := r.Scan(&t.Notice, &t.Incident, &t.Kind, &services, (*when)(&t.At))
	t.Services = split[subscriptions.ServiceID](services)
	return t, err
}

// View implements subscriptions.Outbox.
func (s *Store) View(ctx context.Context, since int64) (v subscriptions.View, ok bool, err error) {
	err = s.view(ctx, "read the view", func(tx pgx.Tx) error {
		v, ok = subscriptions.View{}, false
		var generation int64
		if err := tx.QueryRow(ctx, "SELECT generation FROM meta").Scan(&generation); err != nil || generation <= since {
			return err
		}
		ok = true
		v = subscriptions.View{Generation: generation, Notices: map[subscriptions.NoticeID]subscriptions.Notice{}, Incidents: map[subscriptions.IncidentID]subscriptions.Incident{}}
		open, err := notices(ctx, tx, "WHERE n.sequence > 0 AND NOT n.settled")
		if err != nil {
			return err
		}
		for _, n := range open {
			v.Notices[n.ID] = n
		}
		told, err := incidents(ctx, tx, "WHERE live OR id IN (SELECT incident_id FROM notice WHERE sequence > 0 AND NOT settled)")
		for _, i := range told {
			v.Incidents[i.ID] = i
		}
		return err
	})
	return v, ok, err
}
