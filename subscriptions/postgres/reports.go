package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// lockReports keeps apart two tellings of one source at once; its second number is
// the source's.
const lockReports = 0x41726967

// sourceKey returns the key for digests of sources, made once for this database.
func sourceKey(ctx context.Context, tx pgx.Tx) (key []byte, err error) {
	err = tx.QueryRow(ctx, "SELECT key FROM source_key WHERE id = 1").Scan(&key)
	if !errors.Is(err, pgx.ErrNoRows) {
		return key, err
	}
	fresh := make([]byte, subscriptions.SourceKeyBytes)
	if _, err := rand.Read(fresh); err != nil {
		return nil, err
	}
	// Of two that make it at once the first one's stays.
	if _, err := tx.Exec(ctx, "INSERT INTO source_key (id, key) VALUES (1, $1) ON CONFLICT DO NOTHING", fresh); err != nil {
		return nil, err
	}
	err = tx.QueryRow(ctx, "SELECT key FROM source_key WHERE id = 1").Scan(&key)
	return key, err
}

// teller is who says something: the digest, the stored recipient (0 = none), and
// whether we have known it for too short a time to weigh fully.
type teller struct {
	digest    string
	recipient subscriptions.RecipientID
	fresh     bool
}

// tellerOf waits for another telling of the same source.
func tellerOf(ctx context.Context, tx pgx.Tx, lane subscriptions.LaneID, a subscriptions.Address, at time.Time) (s teller, err error) {
	key, err := sourceKey(ctx, tx)
	if err != nil {
		return s, err
	}
	s.digest = subscriptions.SourceDigest(key, lane, a)
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1, hashtext($2))", lockReports, s.digest); err != nil {
		return s, err
	}
	var created time.Time
	err = tx.QueryRow(ctx, "SELECT id, created_at FROM recipient WHERE lane = $1 AND address = $2", string(lane), addressText(a)).Scan(&s.recipient, (*when)(&created))
	if errors.Is(err, pgx.ErrNoRows) {
		s.fresh = true
		return s, nil
	}
	s.fresh = created.After(at.Add(-subscriptions.KnownAfter))
	return s, err
}

// PutReport implements subscriptions.Complaints.
func (s *Store) PutReport(ctx context.Context, r subscriptions.Report) (stored subscriptions.Report, fresh bool, err error) {
	err = s.update(ctx, "store a report", func(tx pgx.Tx) error {
		stored, fresh, err = putReport(ctx, tx, r)
		return err
	})
	return stored, fresh, err
}

func putReport(ctx context.Context, tx pgx.Tx, r subscriptions.Report) (subscriptions.Report, bool, error) {
	from, err := tellerOf(ctx, tx, r.Lane, r.Address, r.At)
	if err != nil {
		return r, false, err
	}
	r.Recipient, r.Text, r.At, r.County = 0, plain(subscriptions.Clip(r.Text, subscriptions.ReportTextMost)), cut(r.At), plain(r.County)
	if r.Kind == subscriptions.Person {
		r.Recipient = from.recipient
	}
	before, err := sameReport(ctx, tx, from.digest, r.Service, r.At)
	if !errors.Is(err, pgx.ErrNoRows) {
		if err != nil {
			return r, false, err
		}
		before = before.With(r)
		_, err := tx.Exec(ctx, "UPDATE report SET recipient_id = $1, tried = $2, county = $3, text = $4 WHERE id = $5",
			int64(before.Recipient), string(before.Tried), before.County, before.Text, int64(before.ID))
		return before, false, err
	}
	err = tx.QueryRow(ctx, `INSERT INTO report (source, recipient_id, grp, fresh, service, tried, county, text, at, counted)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, false) RETURNING id`, from.digest, int64(r.Recipient), r.Kind == subscriptions.Group, from.fresh,
		string(r.Service), string(r.Tried), r.County, r.Text, when(r.At)).Scan(&r.ID)
	r.Address = subscriptions.Address{}
	return r, true, err
}

// sameReport finds the report of a source for a service that another one within
// the hour is; pgx.ErrNoRows where there is none.
func sameReport(ctx context.Context, tx pgx.Tx, digest string, service subscriptions.ServiceID, at time.Time) (r subscriptions.Report, err error) {
	err = tx.QueryRow(ctx, `SELECT id, recipient_id, service, tried, county, text, at FROM report
		WHERE source = $1 AND service = $2 AND source <> '' AND at > $3 AND at < $4 ORDER BY at DESC LIMIT 1`,
		digest, string(service), when(at.Add(-subscriptions.ReportEvery)), when(at.Add(subscriptions.ReportEvery))).
		Scan(&r.ID, &r.Recipient, &r.Service, &r.Tried, &r.County, &r.Text, (*when)(&r.At))
	return r, err
}

// PutAsk implements subscriptions.Complaints.
func (s *Store) PutAsk(ctx context.Context, a subscriptions.Ask) error {
	return s.update(ctx, "count a question", func(tx pgx.Tx) error {
		from, err := tellerOf(ctx, tx, a.Lane, a.Address, a.At)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO ask (source, grp, fresh, service, at) SELECT $1::text, $2, $3, $4::text, $5 WHERE NOT EXISTS (
			SELECT 1 FROM ask WHERE source = $1 AND service = $4 AND at > $6 AND at < $7)`,
			from.digest, a.Kind == subscriptions.Group, from.fresh, string(a.Service), when(a.At),
			when(a.At.Add(-subscriptions.ReportEvery)), when(a.At.Add(subscriptions.ReportEvery)))
		return err
	})
}

// ReportsOf implements subscriptions.Complaints.
func (s *Store) ReportsOf(ctx context.Context, id subscriptions.RecipientID) (n int, err error) {
	err = s.view(ctx, "count reports", func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "SELECT count(*) FROM report WHERE recipient_id = $1 AND recipient_id > 0", int64(id)).Scan(&n)
	})
	return n, err
}

// Marks implements subscriptions.Complaints.
func (s *Store) Marks(ctx context.Context, since time.Time, limit int) (out []subscriptions.Mark, err error) {
	err = s.view(ctx, "list marks", func(tx pgx.Tx) error {
		out, err = all(ctx, tx, func(r pgx.Row) (subscriptions.Mark, error) {
			var m subscriptions.Mark
			err := r.Scan(&m.Kind, &m.Service, &m.Source, &m.Group, &m.New, (*when)(&m.At))
			return m, err
		}, `SELECT kind, service, source, grp, fresh, at FROM (
			(SELECT 'report' AS kind, service, source, grp, fresh, at FROM report WHERE at > $1 AND source <> '' ORDER BY at DESC LIMIT $2)
			UNION ALL
			(SELECT 'ask' AS kind, service, source, grp, fresh, at FROM ask WHERE at > $1 ORDER BY at DESC LIMIT $2)) m
			ORDER BY at DESC LIMIT $2`, after(since), limit)
		slices.Reverse(out)
		return err
	})
	return out, err
}

// Hours implements subscriptions.Complaints.
func (s *Store) Hours(ctx context.Context, since time.Time) (out []subscriptions.HourCount, err error) {
	err = s.view(ctx, "count hours", func(tx pgx.Tx) error {
		out, err = all(ctx, tx, func(r pgx.Row) (subscriptions.HourCount, error) {
			var h subscriptions.HourCount
			err := r.Scan((*when)(&h.Hour), &h.Service, &h.Reports, &h.Asks)
			return h, err
		}, `SELECT hour, service, sum(reports), sum(asks) FROM (
			SELECT hour, service, reports, asks FROM hour_count WHERE hour >= $1
			UNION ALL
			SELECT date_trunc('hour', at, 'UTC'), service, 1, 0 FROM report WHERE NOT counted AND at >= $1
			UNION ALL
			SELECT date_trunc('hour', at, 'UTC'), service, 0, 1 FROM ask WHERE at >= $1) h
			GROUP BY hour, service ORDER BY hour, service COLLATE "C"`, after(subscriptions.HourOf(since)))
		return err
	})
	return out, err
}

// Reported implements subscriptions.Complaints.
func (s *Store) Reported(ctx context.Context, services []subscriptions.ServiceID, from, until time.Time) (sum subscriptions.ReportSummary, err error) {
	err = s.view(ctx, "sum up reports", func(tx pgx.Tx) error {
		sum = subscriptions.ReportSummary{ByTried: map[subscriptions.Tried]int{}, ByCounty: map[string]int{}}
		_, err := all(ctx, tx, func(r pgx.Row) (struct{}, error) {
			var tried subscriptions.Tried
			var county string
			var n int
			var first, last time.Time
			err := r.Scan(&tried, &county, &n, (*when)(&first), (*when)(&last))
			if err == nil {
				sum.Add(tried, county, n, first, last)
			}
			return struct{}{}, err
		}, "SELECT tried, county, count(*), min(at), max(at) FROM report WHERE at >= $1 AND at < $2 AND ($3 OR service = ANY($4)) GROUP BY tried, county",
			after(from), when(until), services == nil, strs(services))
		return err
	})
	return sum, err
}
