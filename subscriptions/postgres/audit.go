package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

const auditColumns = "seq, at, officer, agency, action, subject, outcome, rule, detail, via, prev_hash, hash"

func scanLine(r pgx.Row) (subscriptions.AuditLine, error) {
	var l subscriptions.AuditLine
	err := r.Scan(&l.Seq, (*when)(&l.At), &l.Officer, &l.Agency, &l.Action, &l.Subject, &l.Outcome, &l.Rule, &l.Detail, &l.Via, &l.PrevHash, &l.Hash)
	return l, err
}

// seal puts a line at the end of the record, in the caller's transaction and as
// the last thing in it: the lock makes the record one chain, and everybody who
// writes to it waits for this transaction. A line without an action is no line.
func seal(ctx context.Context, tx pgx.Tx, l subscriptions.AuditLine) (subscriptions.AuditLine, error) {
	if l.Action == "" {
		return l, nil
	}
	if err := lockExclusively(ctx, tx, lockAudit); err != nil {
		return l, err
	}
	prev, err := scanLine(tx.QueryRow(ctx, "SELECT "+auditColumns+" FROM audit ORDER BY seq DESC LIMIT 1"))
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return l, err
	}
	for _, text := range []*string{&l.Action, &l.Subject, &l.Outcome, &l.Rule, &l.Detail, &l.Via} {
		*text = plain(*text) // what cannot be stored must not be hashed either
	}
	l = l.Seal(prev)
	_, err = tx.Exec(ctx, "INSERT INTO audit ("+auditColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
		l.Seq, when(l.At), int64(l.Officer), string(l.Agency), l.Action, l.Subject, l.Outcome, l.Rule, l.Detail, l.Via, l.PrevHash, l.Hash)
	return l, err
}

// Append implements subscriptions.Audit.
func (s *Store) Append(ctx context.Context, l subscriptions.AuditLine) (out subscriptions.AuditLine, err error) {
	err = s.update(ctx, "append to the audit record", func(tx pgx.Tx) error {
		out, err = seal(ctx, tx, l)
		return err
	})
	return out, err
}

// AuditLines implements subscriptions.Audit.
func (s *Store) AuditLines(ctx context.Context, after int64, limit int) (out []subscriptions.AuditLine, err error) {
	err = s.view(ctx, "read the audit record", func(tx pgx.Tx) error {
		out, err = all(ctx, tx, scanLine, "SELECT "+auditColumns+" FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2", after, limit)
		return err
	})
	return out, err
}
