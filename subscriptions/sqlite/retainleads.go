package sqlite

import (
	"time"

	"arifa/subscriptions"
)

// unlink takes a person out of what they reported and answered. What they said
// stays as a count; its words go.
func (c *conn) unlink(id subscriptions.RecipientID) error {
	if _, err := c.exec("UPDATE report SET recipient_id = 0, text = '' WHERE recipient_id = ?", int64(id)); err != nil {
		return err
	}
	if _, err := c.exec("DELETE FROM sample WHERE recipient_id = ? AND asked_at = 0", int64(id)); err != nil {
		return err
	}
	_, err := c.exec("UPDATE sample SET recipient_id = 0 WHERE recipient_id = ?", int64(id))
	return err
}

// retainWords erases the words of reports and who said them.
func retainWords(c *conn, now time.Time) (int, error) {
	return c.exec(`UPDATE report SET text = '', recipient_id = 0 WHERE id IN (
		SELECT id FROM report WHERE at <= ? AND (text <> '' OR recipient_id > 0) LIMIT ?)`, milli(now.Add(-subscriptions.ReportTextErase)), retainPage)
}

// retainMarks makes counts of hours of what detection does not look back on any
// more, and forgets whose marks they were.
func retainMarks(c *conn, now time.Time) (int, error) {
	before := milli(subscriptions.HourOf(now.Add(-subscriptions.MarkFor)))
	n, err := c.foldMarks(before, "report", "counted = 0 AND at < ?", "1 AS r, 0 AS a")
	if err != nil || n > 0 {
		return n, err
	}
	return c.foldMarks(before, "ask", "at < ?", "0 AS r, 1 AS a")
}

func (c *conn) foldMarks(before int64, table, where, counts string) (int, error) {
	var last int64
	err := c.one("SELECT coalesce(max(id), 0) FROM (SELECT id FROM "+table+" WHERE "+where+" ORDER BY id LIMIT ?)", []any{before, retainPage}, &last)
	if err != nil || last == 0 {
		return 0, err
	}
	if _, err := c.exec(`INSERT INTO hour_count (hour, service, reports, asks) SELECT h, service, sum(r), sum(a) FROM (
		SELECT at - at % ? AS h, service, `+counts+" FROM "+table+" WHERE "+where+" AND id <= ?) GROUP BY h, service"+`
		ON CONFLICT (hour, service) DO UPDATE SET reports = reports + excluded.reports, asks = asks + excluded.asks`, hour, before, last); err != nil {
		return 0, err
	}
	if table == "ask" {
		return c.exec("DELETE FROM ask WHERE at < ? AND id <= ?", before, last)
	}
	return c.exec("UPDATE report SET counted = 1, source = '' WHERE counted = 0 AND at < ? AND id <= ?", before, last)
}

// retainCounts removes what is older than the usual level is made of.
func retainCounts(c *conn, now time.Time) (int, error) {
	before := milli(now.Add(-subscriptions.HoursFor))
	n, err := c.exec("DELETE FROM hour_count WHERE hour < ?", before)
	if err != nil {
		return 0, err
	}
	m, err := c.exec("DELETE FROM report WHERE id IN (SELECT id FROM report WHERE at < ? LIMIT ?)", before, retainPage)
	if err != nil {
		return 0, err
	}
	k, err := c.exec("DELETE FROM signal WHERE firing = 0 AND ended_at < ?", before)
	return n + m + k, err
}

// retainSamples forgets who was asked long ago: the answers stay.
func retainSamples(c *conn, now time.Time) (int, error) {
	before := milli(now.Add(-subscriptions.ReportTextErase))
	n, err := c.exec("DELETE FROM sample WHERE asked_at = 0 AND recipient_id > 0 AND picked_at <= ?", before)
	if err != nil {
		return 0, err
	}
	m, err := c.exec("UPDATE sample SET recipient_id = 0 WHERE recipient_id > 0 AND picked_at <= ?", before)
	return n + m, err
}

// retainTicks forgets ticks that a newer one of the job has made useless.
func retainTicks(c *conn, now time.Time) (int, error) {
	return c.exec("DELETE FROM tick WHERE (job, at) IN (SELECT job, at FROM tick WHERE at < ? AND EXISTS (SELECT 1 FROM tick n WHERE n.job = tick.job AND n.at > tick.at) LIMIT ?)",
		milli(now.Add(-keepTicks)), retainPage)
}
