package sqlite

import (
	"database/sql"
	"strings"

	"arifa/subscriptions"
)

// rowColumns are scanned by scanRow and written by rowValues, in this order.
const rowColumns = `d.id, d.notice_id, d.sequence, d.incident_id, d.round, d.kind, d.recipient_id, d.lane,
	d.state, d.by, d.mode, d.rank, d.class, d.asked, d.carried, d.services, d.ends, d.more, d.left_services, d.told, d.owed,
	d.lease_fence, d.lease_until, d.attempt, d.repeat, d.next_at, d.message, d.message_at, d.sent_at, d.reason, d.placed`

// scanRow reads one row; a claim on it counts as if it stood in the row.
func (all claims) scanRow(rows *sql.Rows, more ...any) (subscriptions.Row, error) {
	var r subscriptions.Row
	var services, ends, grown, left, owed string
	var until, next, messageAt, sentAt int64
	var placed bool
	into := []any{&r.ID, &r.Notice, &r.Sequence, &r.Incident, &r.Round, &r.NoticeKind, &r.Recipient, &r.Lane,
		&r.State, &r.By, &r.Mode, &r.Rank, &r.Class, &r.Asked, &r.Carried, &services, &ends, &grown, &left, &r.Told, &owed,
		&r.Fence, &until, &r.Attempt, &r.Repeat, &next, &r.Message, &messageAt, &sentAt, &r.Reason, &placed}
	if err := rows.Scan(append(into, more...)...); err != nil {
		return r, err
	}
	r.Services, r.Ends, r.More = split[subscriptions.ServiceID](services), split[subscriptions.ServiceID](ends), split[subscriptions.ServiceID](grown)
	r.Left, r.Owed = split[subscriptions.ServiceID](left), split[subscriptions.ServiceID](owed)
	r.LeaseUntil, r.NextAt, r.MessageAt, r.SentAt = fromMilli(until), fromMilli(next), fromMilli(messageAt), fromMilli(sentAt)
	all.lease(&r, placed)
	return r, nil
}

// rowValues are the columns after the id: first what never changes, then what
// does, from fixedColumns on.
func rowValues(r subscriptions.Row) []any {
	return []any{int64(r.Notice), r.Sequence, int64(r.Incident), r.Round, string(r.NoticeKind), int64(r.Recipient), string(r.Lane),
		string(r.State), string(r.By), string(r.Mode), r.Rank, r.Class, flag(r.Asked), flag(r.Carried), joined(r.Services), joined(r.Ends), joined(r.More), joined(r.Left), int(r.Told), joined(r.Owed),
		r.Fence, milli(r.LeaseUntil), r.Attempt, flag(r.Repeat), milli(r.NextAt), r.Message, milli(r.MessageAt), milli(r.SentAt), r.Reason, flag(r.State != subscriptions.Pending)}
}

// fixedColumns of rowValues never change: notice to lane.
const fixedColumns = 7

// A statement inserts insertRows fresh rows of one notice, or one row: two texts
// are prepared. What a fresh row does not have is written out, for every bound
// value costs time, and a page has thousands.
const (
	insertRows   = 50
	sharedValues = 5  // notice, sequence, incident, round, kind
	freshValues  = 11 // recipient to ends
)

// Parameters have no numbers here: the driver looks a number up by its name.
func insertText(n int) string {
	shared := "?" + strings.Repeat(", ?", sharedValues-1)
	fresh := "(?" + strings.Repeat(", ?", freshValues-1) + ")"
	return "INSERT INTO delivery (notice_id, sequence, incident_id, round, kind, recipient_id, lane, state, by, mode, rank, class, asked, carried, services, ends, " +
		"more, left_services, told, owed, lease_fence, lease_until, attempt, repeat, next_at, message, message_at, sent_at, reason, placed) " +
		"SELECT n.*, v.*, '', '', 0, '', 0, 0, 0, 0, 0, '', 0, 0, '', v.column3 <> 'pending' FROM (SELECT " + shared + ") n CROSS JOIN (VALUES " + fresh + strings.Repeat(", "+fresh, n-1) + ") v " +
		"WHERE true ON CONFLICT (notice_id, recipient_id) DO NOTHING"
}

// insertRows inserts fresh rows of one notice; who has a row keeps it.
func (c *conn) insertRows(rows []subscriptions.Row) (added int, err error) {
	for len(rows) > 0 {
		n := 1
		if len(rows) >= insertRows {
			n = insertRows
		}
		f := rows[0]
		args := make([]any, 0, sharedValues+n*freshValues)
		args = append(args, int64(f.Notice), f.Sequence, int64(f.Incident), f.Round, string(f.NoticeKind))
		for _, r := range rows[:n] {
			args = append(args, int64(r.Recipient), string(r.Lane), string(r.State), string(r.By), string(r.Mode), r.Rank, r.Class, flag(r.Asked), flag(r.Carried), joined(r.Services), joined(r.Ends))
		}
		if c.inserts[n] == "" {
			c.inserts[n] = insertText(n)
		}
		k, err := c.exec(c.inserts[n], args...)
		if err != nil {
			return added, err
		}
		added, rows = added+k, rows[n:]
	}
	return added, nil
}

// reported writes a row that a lane has reported on: mostly nothing else about it
// has changed.
func (c *conn) reported(before, r subscriptions.Row) error {
	if r.State == subscriptions.Pending || r.Mode != before.Mode || len(before.More)+len(before.Left) > 0 || len(r.Services) != len(before.Services) {
		return c.updateRow(r)
	}
	if err := c.unclaim(r.ID); err != nil {
		return err
	}
	_, err := c.exec("UPDATE delivery SET state = ?, by = ?, placed = 1, told = ?, owed = ?, lease_until = ?, attempt = ?, repeat = ?, next_at = ?, message = ?, message_at = ?, sent_at = ?, reason = ? WHERE id = ?",
		string(r.State), string(r.By), int(r.Told), joined(r.Owed), milli(r.LeaseUntil), r.Attempt, flag(r.Repeat), milli(r.NextAt), r.Message, milli(r.MessageAt), milli(r.SentAt), r.Reason, int64(r.ID))
	return err
}

// updateRow writes a row back; whoever held it before, the row says it itself now.
func (c *conn) updateRow(r subscriptions.Row) error {
	if err := c.unclaim(r.ID); err != nil {
		return err
	}
	_, err := c.exec(`UPDATE delivery SET state = ?, by = ?, mode = ?, rank = ?, class = ?, asked = ?, carried = ?, services = ?, ends = ?, more = ?, left_services = ?, told = ?, owed = ?,
		lease_fence = ?, lease_until = ?, attempt = ?, repeat = ?, next_at = ?, message = ?, message_at = ?, sent_at = ?, reason = ?, placed = ? WHERE id = ?`,
		append(rowValues(r)[fixedColumns:], int64(r.ID))...)
	return err
}

func (c *conn) updateRows(rows []subscriptions.Row) error {
	for _, r := range rows {
		if err := c.updateRow(r); err != nil {
			return err
		}
	}
	return nil
}

// rows reads the deliveries that where names.
func (c *conn) rows(where string, args ...any) ([]subscriptions.Row, error) {
	var out []subscriptions.Row
	held, err := c.claimed()
	if err != nil {
		return nil, err
	}
	err = c.each("SELECT "+rowColumns+" FROM delivery d "+where, args, func(rs *sql.Rows) error {
		r, err := held.scanRow(rs)
		out = append(out, r)
		return err
	})
	return out, err
}
