package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"slices"
	"time"

	"arifa/subscriptions"
)

// sourceKey returns the key for digests of sources, made once for this database.
func (c *conn) sourceKey() (key []byte, err error) {
	err = c.one("SELECT key FROM source_key WHERE id = 1", nil, &key)
	if !none(err) {
		return key, err
	}
	key = make([]byte, subscriptions.SourceKeyBytes)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	_, err = c.exec("INSERT INTO source_key (id, key) VALUES (1, ?)", key)
	return key, err
}

// teller is who says something: the digest, the stored recipient (0 = none), and
// whether we have known it for too short a time to weigh fully.
type teller struct {
	digest    string
	recipient subscriptions.RecipientID
	fresh     bool
}

func (c *conn) teller(lane subscriptions.LaneID, a subscriptions.Address, at time.Time) (s teller, err error) {
	key, err := c.sourceKey()
	if err != nil {
		return s, err
	}
	s.digest = subscriptions.SourceDigest(key, lane, a)
	var created int64
	err = c.one("SELECT id, created_at FROM recipient WHERE lane = ? AND address = ?", []any{string(lane), a.Reveal()}, &s.recipient, &created)
	s.fresh = none(err) || created > milli(at.Add(-subscriptions.KnownAfter))
	if none(err) {
		err = nil
	}
	return s, err
}

// PutReport implements subscriptions.Complaints.
func (s *Store) PutReport(ctx context.Context, r subscriptions.Report) (stored subscriptions.Report, fresh bool, err error) {
	err = s.update(ctx, "store a report", func(c *conn) error {
		stored, fresh, err = c.putReport(r)
		return err
	})
	return stored, fresh, err
}

func (c *conn) putReport(r subscriptions.Report) (subscriptions.Report, bool, error) {
	from, err := c.teller(r.Lane, r.Address, r.At)
	if err != nil {
		return r, false, err
	}
	r.Recipient, r.Text, r.At = 0, subscriptions.Clip(r.Text, subscriptions.ReportTextMost), cut(r.At)
	if r.Kind == subscriptions.Person {
		r.Recipient = from.recipient
	}
	before, err := c.sameReport(from.digest, r.Service, r.At)
	if !none(err) {
		if err != nil {
			return r, false, err
		}
		return c.saidAnew(before, r)
	}
	id, err := c.insert("INSERT INTO report (source, recipient_id, grp, fresh, service, tried, county, text, at, counted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
		from.digest, int64(r.Recipient), flag(r.Kind == subscriptions.Group), flag(from.fresh), string(r.Service), string(r.Tried), r.County, r.Text, milli(r.At))
	r.ID, r.Address = subscriptions.ReportID(id), subscriptions.Address{}
	return r, true, err
}

// sameReport finds the report of a source for a service that another one within
// the hour is; sql.ErrNoRows where there is none.
func (c *conn) sameReport(digest string, service subscriptions.ServiceID, at time.Time) (subscriptions.Report, error) {
	var r subscriptions.Report
	var ms int64
	err := c.one("SELECT id, recipient_id, service, tried, county, text, at FROM report WHERE source = ? AND service = ? AND source <> '' AND at > ? AND at < ? ORDER BY at DESC LIMIT 1",
		[]any{digest, string(service), milli(at.Add(-subscriptions.ReportEvery)), milli(at.Add(subscriptions.ReportEvery))},
		&r.ID, &r.Recipient, &r.Service, &r.Tried, &r.County, &r.Text, &ms)
	r.At = fromMilli(ms)
	return r, err
}

func (c *conn) saidAnew(before, r subscriptions.Report) (subscriptions.Report, bool, error) {
	before = before.With(r)
	_, err := c.exec("UPDATE report SET recipient_id = ?, tried = ?, county = ?, text = ? WHERE id = ?", int64(before.Recipient), string(before.Tried), before.County, before.Text, int64(before.ID))
	return before, false, err
}

// PutAsk implements subscriptions.Complaints.
func (s *Store) PutAsk(ctx context.Context, a subscriptions.Ask) error {
	return s.update(ctx, "count a question", func(c *conn) error {
		from, err := c.teller(a.Lane, a.Address, a.At)
		if err != nil {
			return err
		}
		_, err = c.exec(`INSERT INTO ask (source, grp, fresh, service, at) SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (
			SELECT 1 FROM ask WHERE source = ?1 AND service = ?4 AND at > ?6 AND at < ?7)`,
			from.digest, flag(a.Kind == subscriptions.Group), flag(from.fresh), string(a.Service), milli(a.At),
			milli(a.At.Add(-subscriptions.ReportEvery)), milli(a.At.Add(subscriptions.ReportEvery)))
		return err
	})
}

// ReportsOf implements subscriptions.Complaints.
func (s *Store) ReportsOf(ctx context.Context, id subscriptions.RecipientID) (n int, err error) {
	err = s.view(ctx, "count reports", func(c *conn) error {
		return c.one("SELECT count(*) FROM report WHERE recipient_id = ? AND recipient_id > 0", []any{int64(id)}, &n)
	})
	return n, err
}

// Marks implements subscriptions.Complaints.
func (s *Store) Marks(ctx context.Context, since time.Time, limit int) (out []subscriptions.Mark, err error) {
	err = s.view(ctx, "list marks", func(c *conn) error {
		out = nil
		err := c.each(`SELECT kind, service, source, grp, fresh, at FROM (
			SELECT * FROM (SELECT 'report' AS kind, service, source, grp, fresh, at FROM report WHERE at > ?1 AND source <> '' ORDER BY at DESC LIMIT ?2)
			UNION ALL
			SELECT * FROM (SELECT 'ask' AS kind, service, source, grp, fresh, at FROM ask WHERE at > ?1 ORDER BY at DESC LIMIT ?2))
			ORDER BY at DESC LIMIT ?2`, []any{milli(since), limit}, func(rs *sql.Rows) error {
			var m subscriptions.Mark
			var at int64
			err := rs.Scan(&m.Kind, &m.Service, &m.Source, &m.Group, &m.New, &at)
			m.At = fromMilli(at)
			out = append(out, m)
			return err
		})
		slices.Reverse(out)
		return err
	})
	return out, err
}

const hour = int64(time.Hour / time.Millisecond)

// Hours implements subscriptions.Complaints.
func (s *Store) Hours(ctx context.Context, since time.Time) (out []subscriptions.HourCount, err error) {
	err = s.view(ctx, "count hours", func(c *conn) error {
		out = nil
		return c.each(`SELECT hour, service, sum(reports), sum(asks) FROM (
			SELECT hour, service, reports, asks FROM hour_count WHERE hour >= ?1
			UNION ALL
			SELECT at - at % ?2, service, 1, 0 FROM report WHERE counted = 0 AND at >= ?1
			UNION ALL
			SELECT at - at % ?2, service, 0, 1 FROM ask WHERE at >= ?1)
			GROUP BY hour, service ORDER BY hour, service`, []any{milli(subscriptions.HourOf(since)), hour}, func(rs *sql.Rows) error {
			var h subscriptions.HourCount
			var at int64
			err := rs.Scan(&at, &h.Service, &h.Reports, &h.Asks)
			h.Hour = fromMilli(at)
			out = append(out, h)
			return err
		})
	})
	return out, err
}

// Reported implements subscriptions.Complaints.
func (s *Store) Reported(ctx context.Context, services []subscriptions.ServiceID, from, until time.Time) (sum subscriptions.ReportSummary, err error) {
	list, err := toJSON(services)
	if err != nil {
		return sum, err
	}
	err = s.view(ctx, "sum up reports", func(c *conn) error {
		sum = subscriptions.ReportSummary{ByTried: map[subscriptions.Tried]int{}, ByCounty: map[string]int{}}
		return c.each(`SELECT tried, county, count(*), min(at), max(at) FROM report WHERE at >= ? AND at < ? AND (? OR service IN (SELECT value FROM json_each(?)))
			GROUP BY tried, county`, []any{milli(from), milli(until), services == nil, list}, func(rs *sql.Rows) error {
			var tried subscriptions.Tried
			var county string
			var n int
			var first, last int64
			if err := rs.Scan(&tried, &county, &n, &first, &last); err != nil {
				return err
			}
			sum.Add(tried, county, n, fromMilli(first), fromMilli(last))
			return nil
		})
	})
	return sum, err
}
