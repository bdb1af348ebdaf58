package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// waiting is a due row with its recipient.
type waiting struct {
	row       subscriptions.Row
	address   string
	kind      subscriptions.RecipientKind
	language  subscriptions.Language
	languages string
	silent    bool
}

// takeAlone hands out locked rows that wait by themselves; each carries its lease.
func (l *leasing) takeAlone(ctx context.Context, due []dueRow) error {
	list := make([]int64, len(due))
	for i, d := range due {
		list[i] = int64(d.id)
	}
	rows, err := all(ctx, l.tx, func(r pgx.Row) (w waiting, err error) {
		row, err := scanRowAnd(r, &w.address, &w.kind, &w.language, &w.languages, &w.silent)
		w.row = row.Row
		return w, err
	}, "SELECT "+rowColumns+`, r.address, r.kind, r.language, r.languages, r.silent FROM unnest($1::bigint[]) WITH ORDINALITY o (id, place)
		JOIN delivery d ON d.id = o.id JOIN recipient r ON r.id = d.recipient_id ORDER BY o.place`, list)
	if err != nil {
		return err
	}
	who := make([]subscriptions.RecipientID, len(rows))
	for i, w := range rows {
		who[i] = w.row.Recipient
	}
	past, err := historiesOf(ctx, l.tx, who, l.related, l.unsays)
	if err != nil {
		return err
	}
	for _, w := range rows {
		if len(l.out) == l.max {
			return nil
		}
		if t := talkOf(w.row); past.leased[t] || l.talks[t] {
			continue
		}
		p := l.live[w.row.Notice]
		w.row = p.Fit(w.row, p.verdict(w.row.Services, l.now))
		if !w.row.Unsent() {
			l.changed = append(l.changed, w.row)
			continue
		}
		l.mark(past.delivery(w, w.row, l.now), w.row)
	}
	return nil
}

// span is a stretch of ids that Expand wrote together: fresh rows of one notice
// with one place in the lane's order. Rows of others may lie between them, and
// some have left their place since.
type span struct {
	id          int64
	notice      subscriptions.NoticeID
	sequence    int64
	rank, class int
	next, last  int64
}

// spanned is a fresh row of a span with its recipient.
type spanned struct {
	waiting
	services string
	ends     string
	others   bool // the recipient has other deliveries that the message depends on
}

// takeSpan hands out the next rows of a span, up to the first that waits by itself
// and comes before them.
func (l *leasing) takeSpan(ctx context.Context, s *span, alone []dueRow) error {
	// The lock waits for whoever changes a row of the span; what they did is seen by
	// the statements after it.
	left, some := false, false
	b := &pgx.Batch{}
	b.Queue("SELECT next_id, last_id FROM span WHERE id = $1 FOR UPDATE", s.id).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&s.next, &s.last}, func() error { left = true; return nil })
		return err
	})
	b.Queue(othersSQL, []int64(l.related), int64(s.notice)).QueryRow(func(r pgx.Row) error { return r.Scan(&some) })
	if err := l.tx.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	if !left { // superseded meanwhile
		s.next = s.last + 1
		return nil
	}
	n := int64(l.max - len(l.out))
	if len(alone) > 0 {
		if a := alone[0]; a.rank == s.rank && a.class == s.class && a.sequence == s.sequence {
			n = min(n, max(1, int64(a.id)-s.next))
		}
	}
	fresh, err := l.readSpan(ctx, s, min(s.last, s.next+n-1), some)
	if err != nil {
		return err
	}
	var who []subscriptions.RecipientID
	for _, f := range fresh {
		if f.others || f.row.Mode == subscriptions.AsEdit {
			who = append(who, f.row.Recipient)
		}
	}
	past, err := historiesOf(ctx, l.tx, who, l.related, l.unsays)
	if err != nil {
		return err
	}
	p := l.live[s.notice]
	for _, f := range fresh {
		l.takeFresh(p, f, past)
	}
	return nil
}

// readSpan reads the rows of a span up to an id, and moves its beginning behind it.
func (l *leasing) readSpan(ctx context.Context, s *span, last int64, others bool) (fresh []spanned, err error) {
	p := l.live[s.notice]
	n := p.b.Notice
	with, args := "false", []any{s.next, last, int64(s.notice), string(l.tenure.Lane), s.rank, s.class}
	if others {
		with, args = "EXISTS (SELECT 1 FROM delivery o WHERE o.recipient_id = d.recipient_id AND o.incident_id = ANY($7) AND o.id <> d.id)", append(args, []int64(l.related))
	}
	b := &pgx.Batch{}
	b.Queue(`SELECT d.id, d.recipient_id, d.services, d.ends, d.mode, d.asked, d.carried, r.address, r.kind, r.language, r.languages, r.silent, `+with+`
		FROM delivery d JOIN recipient r ON r.id = d.recipient_id
		WHERE d.id BETWEEN $1 AND $2 AND d.placed AND d.state = 'pending' AND d.lease_until IS NULL AND d.notice_id = $3 AND d.lane = $4 AND d.rank = $5 AND d.class = $6
		ORDER BY d.id`, args...).Query(func(rows pgx.Rows) (err error) {
		fresh, err = pgx.AppendRows(fresh, rows, func(r pgx.CollectableRow) (f spanned, err error) {
			row := &f.row
			*row = subscriptions.Row{Notice: n.ID, Sequence: p.b.Sequence, Incident: n.Incident, Round: n.Round, NoticeKind: n.Kind, Lane: l.tenure.Lane,
				State: subscriptions.Pending, Rank: s.rank, Class: s.class}
			err = r.Scan(&row.ID, &row.Recipient, &f.services, &f.ends, &row.Mode, &row.Asked, &row.Carried, &f.address, &f.kind, &f.language, &f.languages, &f.silent, &f.others)
			return f, err
		})
		return err
	})
	if s.next = last + 1; s.next > s.last {
		b.Queue("DELETE FROM span WHERE id = $1", s.id)
	} else {
		b.Queue("UPDATE span SET next_id = $1 WHERE id = $2", s.next, s.id)
	}
	err = l.tx.SendBatch(ctx, b).Close()
	return fresh, err
}

// takeFresh hands out one row of a span. What fits nobody else's row is worked out
// once for all that say the same.
func (l *leasing) takeFresh(p *planned, f spanned, past histories) {
	if t := talkOf(f.row); past.leased[t] || l.talks[t] {
		l.blocked = append(l.blocked, f.row.ID)
		return
	}
	fit := p.fits.Of(f.services, f.ends, l.now)
	f.row.State, f.row.By, f.row.Services, f.row.Ends = fit.After.State, fit.After.By, fit.After.Services, fit.After.Ends
	if !f.row.Unsent() {
		l.changed = append(l.changed, f.row)
		return
	}
	d := past.delivery(f.waiting, f.row, l.now)
	if fit.Same && d.Mode == f.row.Mode {
		l.claim(d, p)
		return
	}
	l.mark(d, f.row)
}
