package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// Alarms implements subscriptions.Alarms.
func (s *Store) Alarms(ctx context.Context, since time.Time) (out []subscriptions.Alarm, err error) {
	err = s.view(ctx, "list alarms", func(tx pgx.Tx) error {
		out, err = all(ctx, tx, scanDoc[subscriptions.Alarm], `SELECT doc FROM (SELECT id, doc FROM alarm WHERE live
			UNION ALL SELECT id, doc FROM alarm WHERE NOT live AND ended_at > $1) a ORDER BY id DESC`, after(since))
		return err
	})
	return out, err
}

// Alarm implements subscriptions.Alarms.
func (s *Store) Alarm(ctx context.Context, id subscriptions.AlarmID) (a subscriptions.Alarm, err error) {
	err = s.view(ctx, "find an alarm", func(tx pgx.Tx) error {
		a, err = scanDoc[subscriptions.Alarm](tx.QueryRow(ctx, "SELECT doc FROM alarm WHERE id = $1", int64(id)))
		return err
	})
	return a, err
}

// PutAlarm implements subscriptions.Alarms.
func (s *Store) PutAlarm(ctx context.Context, a subscriptions.Alarm, line subscriptions.AuditLine, calls ...subscriptions.Summons) (out subscriptions.Alarm, err error) {
	err = s.update(ctx, "store an alarm", func(tx pgx.Tx) error {
		if out, err = putAlarm(ctx, tx, a); err != nil {
			return err
		}
		for _, m := range calls {
			if _, err := summon(ctx, tx, m, ""); err != nil {
				return err
			}
		}
		_, err := seal(ctx, tx, line)
		return err
	})
	return out, err
}

func putAlarm(ctx context.Context, tx pgx.Tx, a subscriptions.Alarm) (subscriptions.Alarm, error) {
	a = a.Cut()
	if a.ID == 0 {
		a.Revision = 0
		if err := tx.QueryRow(ctx, "INSERT INTO alarm (revision, live, doc) VALUES (0, false, '{}') RETURNING id").Scan(&a.ID); err != nil {
			return a, err
		}
	}
	before := a.Revision
	a.Revision++
	doc, err := toJSON(a)
	if err != nil {
		return a, err
	}
	tag, err := tx.Exec(ctx, "UPDATE alarm SET revision = $1, live = $2, ended_at = $3, doc = $4 WHERE id = $5 AND revision = $6",
		a.Revision, a.Live(), when(a.EndedAt), doc, int64(a.ID), before)
	if err == nil {
		err = changedOne(ctx, tx, tag.RowsAffected(), "SELECT 1 FROM alarm WHERE id = $1", int64(a.ID))
	}
	if err != nil {
		return a, err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM live_alarm WHERE alarm_id = $1", int64(a.ID)); err != nil || !a.Live() {
		return a, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO live_alarm (subject, alarm_id) SELECT s, $2 FROM unnest($1::text[]) s ORDER BY s COLLATE "C"`, strs(a.Subjects()), int64(a.ID))
	return a, err
}

// Words implements subscriptions.Alarms.
func (s *Store) Words(ctx context.Context, services []subscriptions.ServiceID, from time.Time, limit int) (out []string, err error) {
	err = s.view(ctx, "read the words of reports", func(tx pgx.Tx) error {
		out, err = all(ctx, tx, scalar[string], "SELECT text FROM report WHERE at >= $1 AND text <> '' AND service = ANY($2) ORDER BY at DESC, id DESC LIMIT $3",
			after(from), strs(services), limit)
		return err
	})
	return out, err
}
