package postgres

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// lockRecipients locks recipients by id; whoever plans for somebody does so first.
// While Expand writes for many, it waits.
// Who was erased is simply not there.
func lockRecipients(ctx context.Context, tx pgx.Tx, ids []subscriptions.RecipientID) error {
	if err := shareRegister(ctx, tx); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "SELECT 1 FROM recipient WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE", numbers(ids))
	return err
}

// facts locks these recipients and reads what the planning of p needs to know of
// them, in a few queries for all. Erased ones are left out.
func facts(ctx context.Context, tx pgx.Tx, p *planned, ids []subscriptions.RecipientID) ([]subscriptions.Fact, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if err := lockRecipients(ctx, tx, ids); err != nil {
		return nil, err
	}
	// A statement after the lock sees what the one who held it before has done.
	out, err := all(ctx, tx, scanFact, "SELECT id, lane, kind, asked_at, gone_at IS NOT NULL FROM recipient WHERE id = ANY($1) ORDER BY id", numbers(ids))
	if err != nil {
		return nil, err
	}
	index := make(map[subscriptions.RecipientID]int, len(out))
	for i, f := range out {
		index[f.Recipient] = i
	}
	if err := factFollows(ctx, tx, p.b.Notice.ID, ids, func(id subscriptions.RecipientID, f subscriptions.Follow) {
		if i, ok := index[id]; ok {
			out[i].Follows = append(out[i].Follows, f)
		}
	}); err != nil {
		return nil, err
	}
	rows, err := factRows(ctx, tx, p.b.Notice, ids)
	for _, r := range rows {
		if i, ok := index[r.Recipient]; ok {
			out[i].Rows = append(out[i].Rows, r)
		}
	}
	return out, err
}

func scanFact(r pgx.Row) (subscriptions.Fact, error) {
	var f subscriptions.Fact
	err := r.Scan(&f.Recipient, &f.Lane, &f.Kind, (*when)(&f.AskedAt), &f.Gone)
	return f, err
}

// factFollows reads the follows that the notice's audience names.
func factFollows(ctx context.Context, tx pgx.Tx, n subscriptions.NoticeID, ids []subscriptions.RecipientID, add func(subscriptions.RecipientID, subscriptions.Follow)) error {
	rows, err := tx.Query(ctx, `SELECT f.recipient_id, f.scope, f.incident_id, f.until FROM follow f
		WHERE f.recipient_id = ANY($1) AND f.scope IN (SELECT scope FROM notice_scope WHERE notice_id = $2)
		ORDER BY f.recipient_id, f.scope COLLATE "C", f.incident_id`, numbers(ids), int64(n))
	if err != nil {
		return err
	}
	var id subscriptions.RecipientID
	var f subscriptions.Follow
	_, err = pgx.ForEachRow(rows, []any{&id, &f.Scope, &f.Incident, (*when)(&f.Until)}, func() error {
		add(id, f)
		return nil
	})
	return err
}

// factRows reads the rows of the same incident, those of the notice itself and those of
// one that it corrects.
func factRows(ctx context.Context, tx pgx.Tx, n subscriptions.Notice, ids []subscriptions.RecipientID) ([]subscriptions.Row, error) {
	if n.Incident == 0 || !n.Kind.Chain() {
		return rowsWhere(ctx, tx, "WHERE d.recipient_id = ANY($3) AND (d.notice_id IN ($1, $2) OR d.incident_id = $4 AND d.incident_id > 0)", int64(n.ID), int64(n.Corrects), numbers(ids), int64(n.Incident))
	}
	// Where the notice is the only one of its incident and nothing of it is
	// written, no row can exist. The recipients are locked, so none appears.
	var some bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM notice WHERE incident_id = $1 AND sequence > 0 AND id <> $2)
		OR EXISTS (SELECT 1 FROM delivery WHERE notice_id = $2)`, int64(n.Incident), int64(n.ID)).Scan(&some)
	if err != nil || !some {
		return nil, err
	}
	return rowsWhere(ctx, tx, "WHERE d.recipient_id = ANY($2) AND d.incident_id = $1", int64(n.Incident), numbers(ids))
}

// apply writes plans for different recipients.
func apply(ctx context.Context, tx pgx.Tx, plans ...subscriptions.Plan) error {
	var fresh, changed []subscriptions.Row
	for _, p := range plans {
		changed = append(changed, p.Update...)
		if p.Insert != nil {
			fresh = append(fresh, *p.Insert)
		}
	}
	if err := updateRows(ctx, tx, changed); err != nil {
		return err
	}
	_, err := insertRows(ctx, tx, fresh)
	return err
}

// distinct returns each id once, in order.
func distinct[T ~int64](ids []T) []T {
	slices.Sort(ids)
	return slices.Compact(ids)
}
