package sqlite

import (
	"context"
	"database/sql"
	"time"

	"arifa/subscriptions"
)

// Unaccounted implements subscriptions.Outbox. Who is owed a notice and has a row of it
// is found by indexes alone; only the others are looked at.
func (s *Store) Unaccounted(ctx context.Context, now time.Time) (int, error) {
	return s.looks.Walk(ctx, skipping{s, now}, s.stretch)
}

// skipping looks for people who were skipped, as of a time.
type skipping struct {
	s   *Store
	now time.Time
}

// Lookable implements subscriptions.Skipping.
func (l skipping) Lookable(ctx context.Context) (live []subscriptions.NoticeID, last subscriptions.RecipientID, err error) {
	err = l.s.view(ctx, "look for skipped recipients", func(c *conn) error {
		live = nil
		if err := c.one("SELECT coalesce(max(id), 0) FROM recipient", nil, &last); err != nil {
			return err
		}
		open, err := l.s.openNotices(c)
		for _, p := range open {
			if _, dead := p.dead(l.now); !dead && !p.b.Notice.ExpandedAt.IsZero() {
				live = append(live, p.b.Notice.ID)
			}
		}
		return err
	})
	return live, last, err
}

// Skipped implements subscriptions.Skipping.
func (l skipping) Skipped(ctx context.Context, n subscriptions.NoticeID, from, to subscriptions.RecipientID) (count int, err error) {
	err = l.s.view(ctx, "look for skipped recipients", func(c *conn) error {
		p, err := l.s.plannerOf(c, n)
		if err != nil {
			return err
		}
		switch {
		case p.b.Notice.Kind == subscriptions.Restored:
			count, err = c.skippedEnds(p, from, to, l.now)
		case p.b.Notice.ToldOnly():
			count, err = c.skippedTold(p, from, to)
		default:
			count, err = c.skippedFollowers(p, from, to, l.now)
		}
		return err
	})
	return count, err
}

// without takes those out of a list of recipients who have a row of the notice.
const without = " EXCEPT SELECT recipient_id FROM delivery WHERE notice_id = ?1 AND recipient_id > ?2 AND recipient_id <= ?3"

// skippedFollowers counts who follows what the notice tells, since before it was
// published.
func (c *conn) skippedFollowers(p *planned, from, to subscriptions.RecipientID, now time.Time) (n int, err error) {
	b := p.b.Notice
	err = c.one(`SELECT count(DISTINCT f.recipient_id) FROM (
			SELECT f.recipient_id FROM notice_scope s CROSS JOIN follow f ON f.scope = s.scope WHERE s.notice_id = ?1 AND f.recipient_id > ?2 AND f.recipient_id <= ?3`+without+`) q
		CROSS JOIN recipient r ON r.id = q.recipient_id CROSS JOIN follow f ON f.recipient_id = r.id CROSS JOIN notice_scope s ON s.notice_id = ?1 AND s.scope = f.scope
		WHERE r.gone_at = 0 AND f.since < ?4 AND f.incident_id IN (0, ?5) AND (f.until = 0 OR f.until > ?6)
		AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.recipient_id = r.id AND d.incident_id = ?5 AND ?5 > 0 AND d.sequence > ?7)`,
		[]any{int64(b.ID), int64(from), int64(to), milli(b.PublishedAt), int64(b.Incident), milli(now), p.b.Sequence}, &n)
	return n, err
}

// skippedTold counts who was told what the notice takes back, and has not left since.
func (c *conn) skippedTold(p *planned, from, to subscriptions.RecipientID) (n int, err error) {
	b := p.b.Notice
	err = c.one(`SELECT count(*) FROM (
			SELECT recipient_id FROM delivery WHERE notice_id = ?4 AND told > 0 AND left_services = '' AND recipient_id > ?2 AND recipient_id <= ?3`+without+`) q
		CROSS JOIN recipient r ON r.id = q.recipient_id WHERE r.gone_at = 0`, []any{int64(b.ID), int64(from), int64(to), int64(b.Corrects)}, &n)
	return n, err
}

// skippedEnds counts who was told what the notice ends, and is owed that end still.
func (c *conn) skippedEnds(p *planned, from, to subscriptions.RecipientID, now time.Time) (n int, err error) {
	b := p.b.Notice
	var suspects []subscriptions.RecipientID
	err = c.each(`SELECT r.id FROM (
			SELECT d.recipient_id FROM notice n CROSS JOIN delivery d ON d.notice_id = n.id
			WHERE n.incident_id = ?4 AND n.sequence > 0 AND n.sequence < ?5 AND d.recipient_id > ?2 AND d.recipient_id <= ?3`+without+`) q
		CROSS JOIN recipient r ON r.id = q.recipient_id
		WHERE r.gone_at = 0 AND EXISTS (SELECT 1 FROM delivery d WHERE d.recipient_id = r.id AND d.incident_id = ?4 AND d.told > 0 AND d.owed <> '')`,
		[]any{int64(b.ID), int64(from), int64(to), int64(b.Incident), p.b.Sequence}, func(rs *sql.Rows) error {
			var id subscriptions.RecipientID
			err := rs.Scan(&id)
			suspects = append(suspects, id)
			return err
		})
	if err != nil || len(suspects) == 0 {
		return 0, err
	}
	of := map[subscriptions.RecipientID][]subscriptions.Row{}
	err = c.factRows(p, ids(suspects), func(r subscriptions.Row) { of[r.Recipient] = append(of[r.Recipient], r) })
	for id, rows := range of {
		if p.Owes(subscriptions.Fact{Recipient: id, Rows: rows}, now) {
			n++
		}
	}
	return n, err
}
