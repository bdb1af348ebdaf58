package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

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
	err = l.s.view(ctx, "look for skipped recipients", func(tx pgx.Tx) error {
		live = nil
		if err := tx.QueryRow(ctx, "SELECT coalesce(max(id), 0) FROM recipient").Scan(&last); err != nil {
			return err
		}
		open, err := l.s.openNotices(ctx, tx)
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
	err = l.s.view(ctx, "look for skipped recipients", func(tx pgx.Tx) error {
		count = 0
		found, err := l.s.planners(ctx, tx, "WHERE n.id = $1", int64(n))
		if err != nil || len(found) == 0 {
			return err
		}
		switch p := found[0]; {
		case p.b.Notice.Kind == subscriptions.Restored:
			count, err = skippedEnds(ctx, tx, p, from, to, l.now)
		case p.b.Notice.ToldOnly():
			count, err = skippedTold(ctx, tx, p, from, to)
		default:
			count, err = skippedFollowers(ctx, tx, p, from, to, l.now)
		}
		return err
	})
	return count, err
}

// without takes those out of a list of recipients who have a row of the notice.
const without = " EXCEPT SELECT recipient_id FROM delivery WHERE notice_id = $1 AND recipient_id > $2 AND recipient_id <= $3"

// skippedFollowers counts who follows what the notice tells, since before it was
// published. In one statement the database, which knows little of a table that grows,
// would look at everybody more closely; so it is two.
func skippedFollowers(ctx context.Context, tx pgx.Tx, p *planned, from, to subscriptions.RecipientID, now time.Time) (n int, err error) {
	b := p.b.Notice
	suspects, err := all(ctx, tx, scalar[int64], `SELECT f.recipient_id FROM notice_scope s JOIN follow f ON f.scope = s.scope
		WHERE s.notice_id = $1 AND f.recipient_id > $2 AND f.recipient_id <= $3`+without, int64(b.ID), int64(from), int64(to))
	if err != nil || len(suspects) == 0 {
		return 0, err
	}
	err = tx.QueryRow(ctx, `SELECT count(DISTINCT f.recipient_id) FROM recipient r JOIN follow f ON f.recipient_id = r.id JOIN notice_scope s ON s.notice_id = $1 AND s.scope = f.scope
		WHERE r.id = ANY($2) AND r.gone_at IS NULL AND coalesce(f.since < $3, true) AND f.incident_id IN (0, $4) AND (f.until IS NULL OR f.until > $5)
		AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.recipient_id = r.id AND d.incident_id = $4 AND $4 > 0::bigint AND d.sequence > $6)`,
		int64(b.ID), suspects, when(b.PublishedAt), int64(b.Incident), when(now), p.b.Sequence).Scan(&n)
	return n, err
}

// skippedTold counts who was told what the notice takes back, and has not left since.
func skippedTold(ctx context.Context, tx pgx.Tx, p *planned, from, to subscriptions.RecipientID) (n int, err error) {
	b := p.b.Notice
	err = tx.QueryRow(ctx, `SELECT count(*) FROM (
			SELECT recipient_id FROM delivery WHERE notice_id = $4 AND told > 0 AND left_services = '' AND recipient_id > $2 AND recipient_id <= $3`+without+`) q
		JOIN recipient r ON r.id = q.recipient_id WHERE r.gone_at IS NULL`, int64(b.ID), int64(from), int64(to), int64(b.Corrects)).Scan(&n)
	return n, err
}

// skippedEnds counts who was told what the notice ends, and is owed that end still. Most
// suspects were told nothing: their start had not left when the end came.
func skippedEnds(ctx context.Context, tx pgx.Tx, p *planned, from, to subscriptions.RecipientID, now time.Time) (n int, err error) {
	b := p.b.Notice
	suspects, err := all(ctx, tx, scalar[int64], `SELECT d.recipient_id FROM notice n JOIN delivery d ON d.notice_id = n.id
		WHERE n.incident_id = $4 AND n.sequence > 0 AND n.sequence < $5 AND d.recipient_id > $2 AND d.recipient_id <= $3`+without,
		int64(b.ID), int64(from), int64(to), int64(b.Incident), p.b.Sequence)
	if err != nil || len(suspects) == 0 {
		return 0, err
	}
	// Read without a lock, and without what flies in a claim: that is not told yet.
	rows, err := all(ctx, tx, scanRow, "SELECT "+rowColumns+` FROM delivery d WHERE d.incident_id = $1 AND d.recipient_id = ANY(ARRAY(
		SELECT d.recipient_id FROM delivery d JOIN recipient r ON r.id = d.recipient_id WHERE d.recipient_id = ANY($2) AND d.incident_id = $1 AND d.told > 0 AND d.owed <> '' AND r.gone_at IS NULL))`,
		int64(b.Incident), suspects)
	of := map[subscriptions.RecipientID][]subscriptions.Row{}
	for _, r := range rows {
		of[r.Recipient] = append(of[r.Recipient], r.Row)
	}
	for id, rows := range of {
		if p.Owes(subscriptions.Fact{Recipient: id, Rows: rows}, now) {
			n++
		}
	}
	return n, err
}
