package sqlite

import (
	"context"
	"database/sql"

	"arifa/subscriptions"
)

const auditColumns = "seq, at, officer, agency, action, subject, outcome, rule, detail, via, prev_hash, hash"

func scanLine(rs *sql.Rows) (subscriptions.AuditLine, error) {
	var l subscriptions.AuditLine
	var at int64
	err := rs.Scan(&l.Seq, &at, &l.Officer, &l.Agency, &l.Action, &l.Subject, &l.Outcome, &l.Rule, &l.Detail, &l.Via, &l.PrevHash, &l.Hash)
	l.At = fromMilli(at)
	return l, err
}

// append seals a line to the end of the record, in the caller's transaction. A
// line without an action is no line.
func (c *conn) append(l subscriptions.AuditLine) (subscriptions.AuditLine, error) {
	if l.Action == "" {
		return l, nil
	}
	var prev subscriptions.AuditLine
	err := c.each("SELECT "+auditColumns+" FROM audit ORDER BY seq DESC LIMIT 1", nil, func(rs *sql.Rows) (err error) {
		prev, err = scanLine(rs)
		return err
	})
	if err != nil {
		return l, err
	}
	l.At = cut(l.At) // 1970 would come back as zero, and break the hash
	l = l.Seal(prev)
	_, err = c.exec("INSERT INTO audit ("+auditColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		l.Seq, milli(l.At), int64(l.Officer), string(l.Agency), l.Action, l.Subject, l.Outcome, l.Rule, l.Detail, l.Via, l.PrevHash, l.Hash)
	return l, err
}

// Append implements subscriptions.Audit.
func (s *Store) Append(ctx context.Context, l subscriptions.AuditLine) (out subscriptions.AuditLine, err error) {
	err = s.update(ctx, "append to the audit record", func(c *conn) error {
		out, err = c.append(l)
		return err
	})
	return out, err
}

// AuditLines implements subscriptions.Audit.
func (s *Store) AuditLines(ctx context.Context, after int64, limit int) (out []subscriptions.AuditLine, err error) {
	err = s.view(ctx, "read the audit record", func(c *conn) error {
		return c.each("SELECT "+auditColumns+" FROM audit WHERE seq > ? ORDER BY seq LIMIT ?", []any{after, limit}, func(rs *sql.Rows) error {
			l, err := scanLine(rs)
			out = append(out, l)
			return err
		})
	})
	return out, err
}
