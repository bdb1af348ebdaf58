package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"arifa/subscriptions"
)

// Alarms implements subscriptions.Alarms.
func (s *Store) Alarms(ctx context.Context, since time.Time) (out []subscriptions.Alarm, err error) {
	err = s.view(ctx, "list alarms", func(c *conn) error {
		out = nil
		return c.each("SELECT id, doc FROM alarm WHERE live = 1 UNION ALL SELECT id, doc FROM alarm WHERE live = 0 AND ended_at > ? ORDER BY id DESC", []any{milli(since)}, func(rs *sql.Rows) error {
			var id int64
			var doc []byte
			if err := rs.Scan(&id, &doc); err != nil {
				return err
			}
			var a subscriptions.Alarm
			out = append(out, a)
			return json.Unmarshal(doc, &out[len(out)-1])
		})
	})
	return out, err
}

// Alarm implements subscriptions.Alarms.
func (s *Store) Alarm(ctx context.Context, id subscriptions.AlarmID) (a subscriptions.Alarm, err error) {
	err = s.view(ctx, "find an alarm", func(c *conn) error {
		var doc []byte
		if err := c.one("SELECT doc FROM alarm WHERE id = ?", []any{int64(id)}, &doc); err != nil {
			return err
		}
		a = subscriptions.Alarm{}
		return json.Unmarshal(doc, &a)
	})
	return a, err
}

// PutAlarm implements subscriptions.Alarms.
func (s *Store) PutAlarm(ctx context.Context, a subscriptions.Alarm, line subscriptions.AuditLine, calls ...subscriptions.Summons) (out subscriptions.Alarm, err error) {
	err = s.update(ctx, "store an alarm", func(c *conn) error {
		if out, err = c.putAlarm(a); err != nil {
			return err
		}
		for _, m := range calls {
			if _, err := c.summon(m, ""); err != nil {
				return err
			}
		}
		_, err := c.append(line)
		return err
	})
	return out, err
}

func (c *conn) putAlarm(a subscriptions.Alarm) (subscriptions.Alarm, error) {
	a = a.Cut()
	if a.ID == 0 {
		a.Revision = 0
		id, err := c.insert("INSERT INTO alarm (revision, live, ended_at, doc) VALUES (0, 0, 0, '')")
		if err != nil {
			return a, err
		}
		a.ID = subscriptions.AlarmID(id)
	}
	before := a.Revision
	a.Revision++
	doc, err := toJSON(a)
	if err != nil {
		return a, err
	}
	n, err := c.exec("UPDATE alarm SET revision = ?, live = ?, ended_at = ?, doc = ? WHERE id = ? AND revision = ?", a.Revision, flag(a.Live()), milli(a.EndedAt), doc, int64(a.ID), before)
	if err == nil {
		err = c.changedOne(n, "SELECT 1 FROM alarm WHERE id = ?", int64(a.ID))
	}
	if err != nil {
		return a, err
	}
	if _, err := c.exec("DELETE FROM live_alarm WHERE alarm_id = ?", int64(a.ID)); err != nil || !a.Live() {
		return a, err
	}
	for _, subject := range a.Subjects() {
		if _, err := c.exec("INSERT INTO live_alarm (subject, alarm_id) VALUES (?, ?)", string(subject), int64(a.ID)); err != nil {
			return a, err
		}
	}
	return a, nil
}

// Words implements subscriptions.Alarms.
func (s *Store) Words(ctx context.Context, services []subscriptions.ServiceID, from time.Time, limit int) (out []string, err error) {
	list, err := toJSON(services)
	if err != nil {
		return nil, err
	}
	err = s.view(ctx, "read the words of reports", func(c *conn) error {
		out = nil
		return c.each("SELECT text FROM report WHERE at >= ? AND text <> '' AND service IN (SELECT value FROM json_each(?)) ORDER BY at DESC, id DESC LIMIT ?",
			[]any{milli(from), list, limit}, func(rs *sql.Rows) error {
				var text string
				err := rs.Scan(&text)
				out = append(out, text)
				return err
			})
	})
	return out, err
}
