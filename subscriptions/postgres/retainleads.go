package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// unlink takes people out of what they reported and answered. What they said stays
// as a count; its words go.
func unlink(ctx context.Context, tx pgx.Tx, who []subscriptions.RecipientID) error {
	for _, text := range []string{
		"UPDATE report SET recipient_id = 0, text = '' WHERE recipient_id > 0 AND recipient_id = ANY($1)",
		"DELETE FROM sample WHERE recipient_id > 0 AND recipient_id = ANY($1) AND asked_at IS NULL",
		"UPDATE sample SET recipient_id = 0 WHERE recipient_id > 0 AND recipient_id = ANY($1)",
	} {
		if _, err := tx.Exec(ctx, text, numbers(who)); err != nil {
			return err
		}
	}
	return nil
}

// retainWords erases the words of reports and who said them.
func retainWords(ctx context.Context, tx pgx.Tx, now time.Time) (int, error) {
	tag, err := tx.Exec(ctx, `UPDATE report SET text = '', recipient_id = 0 WHERE id IN (
		SELECT id FROM report WHERE at <= $1 AND (text <> '' OR recipient_id > 0) LIMIT $2)`, when(now.Add(-subscriptions.ReportTextErase)), retainPage)
	return int(tag.RowsAffected()), err
}

// retainMarks makes counts of hours of what detection does not look back on any
// more, and forgets whose marks they were.
func retainMarks(ctx context.Context, tx pgx.Tx, now time.Time) (n int, err error) {
	before := when(subscriptions.HourOf(now.Add(-subscriptions.MarkFor)))
	for _, fold := range []string{
		`WITH m AS (UPDATE report SET counted = true, source = '' WHERE id IN (SELECT id FROM report WHERE NOT counted AND at < $1 LIMIT $2) RETURNING at, service, 1 AS reports, 0 AS asks)`,
		`WITH m AS (DELETE FROM ask WHERE id IN (SELECT id FROM ask WHERE at < $1 LIMIT $2) RETURNING at, service, 0 AS reports, 1 AS asks)`,
	} {
		err := tx.QueryRow(ctx, fold+`, counted AS (INSERT INTO hour_count AS c (hour, service, reports, asks)
				SELECT date_trunc('hour', at, 'UTC'), service, sum(reports), sum(asks) FROM m GROUP BY 1, 2 ORDER BY 1, 2
				ON CONFLICT (hour, service) DO UPDATE SET reports = c.reports + excluded.reports, asks = c.asks + excluded.asks)
			SELECT count(*) FROM m`, before, retainPage).Scan(&n)
		if err != nil || n > 0 {
			return n, err
		}
	}
	return 0, nil
}

// retainCounts removes what is older than the usual level is made of.
func retainCounts(ctx context.Context, tx pgx.Tx, now time.Time) (n int, err error) {
	for _, text := range []string{
		"DELETE FROM hour_count WHERE hour < $1",
		"DELETE FROM report WHERE at < $1",
		"DELETE FROM signal WHERE NOT firing AND ended_at < $1",
	} {
		tag, err := tx.Exec(ctx, text, when(now.Add(-subscriptions.HoursFor)))
		if err != nil {
			return n, err
		}
		n += int(tag.RowsAffected())
	}
	return n, nil
}

// retainSamples forgets who was asked long ago: the answers stay.
func retainSamples(ctx context.Context, tx pgx.Tx, now time.Time) (n int, err error) {
	for _, text := range []string{
		"DELETE FROM sample WHERE asked_at IS NULL AND recipient_id > 0 AND picked_at <= $1",
		"UPDATE sample SET recipient_id = 0 WHERE recipient_id > 0 AND picked_at <= $1",
	} {
		tag, err := tx.Exec(ctx, text, when(now.Add(-subscriptions.ReportTextErase)))
		if err != nil {
			return n, err
		}
		n += int(tag.RowsAffected())
	}
	return n, nil
}

// retainTicks forgets ticks that a newer one of the job has made useless.
func retainTicks(ctx context.Context, tx pgx.Tx, now time.Time) (int, error) {
	tag, err := tx.Exec(ctx, `DELETE FROM tick WHERE (job, at) IN (SELECT t.job, t.at FROM tick t
		WHERE t.at < $1 AND EXISTS (SELECT 1 FROM tick n WHERE n.job = t.job AND n.at > t.at) LIMIT $2)`, when(now.Add(-keepTicks)), retainPage)
	return int(tag.RowsAffected()), err
}
