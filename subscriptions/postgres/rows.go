package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// rowColumns are scanned by scanRow and written by arrays, in this order: first
// what never changes, then what does, from the state on.
const rowColumns = `d.id, d.notice_id, d.sequence, d.incident_id, d.round, d.kind, d.recipient_id, d.lane,
	d.state, d.by, d.mode, d.rank, d.class, d.asked, d.carried, d.services, d.ends, d.more, d.left_services, d.told, d.owed,
	d.lease_fence, d.lease_until, d.attempt, d.repeat, d.next_at, d.message, d.message_at, d.sent_at, d.reason, d.placed`

// placedRow is a row as it is stored: where it is pending and placed, a span or a
// claim knows more of it.
type placedRow struct {
	subscriptions.Row
	placed bool
}

func scanRow(r pgx.Row) (placedRow, error) { return scanRowAnd(r) }

func scanRowAnd(from pgx.Row, more ...any) (placedRow, error) {
	var r placedRow
	var services, ends, grown, left, owed string
	into := []any{&r.ID, &r.Notice, &r.Sequence, &r.Incident, &r.Round, &r.NoticeKind, &r.Recipient, &r.Lane,
		&r.State, &r.By, &r.Mode, &r.Rank, &r.Class, &r.Asked, &r.Carried, &services, &ends, &grown, &left, &r.Told, &owed,
		&r.Fence, (*when)(&r.LeaseUntil), &r.Attempt, &r.Repeat, (*when)(&r.NextAt), &r.Message, (*when)(&r.MessageAt), (*when)(&r.SentAt), &r.Reason, &r.placed}
	if err := from.Scan(append(into, more...)...); err != nil {
		return r, err
	}
	r.Services, r.Ends, r.More = split[subscriptions.ServiceID](services), split[subscriptions.ServiceID](ends), split[subscriptions.ServiceID](grown)
	r.Left, r.Owed = split[subscriptions.ServiceID](left), split[subscriptions.ServiceID](owed)
	return r, nil
}

// rowsWhere reads deliveries and locks them, by id. Their recipients must be locked
// before. A row that stands in a span is kept from being leased; one that was
// leased counts as if that stood in the row.
func rowsWhere(ctx context.Context, tx pgx.Tx, where string, args ...any) ([]subscriptions.Row, error) {
	found, err := all(ctx, tx, scanRow, "SELECT "+rowColumns+" FROM delivery d "+where+" ORDER BY d.id FOR UPDATE OF d", args...)
	if err != nil {
		return nil, err
	}
	return settled(ctx, tx, found)
}

// settled holds locked rows against spans and claims.
func settled(ctx context.Context, tx pgx.Tx, found []placedRow) ([]subscriptions.Row, error) {
	out := make([]subscriptions.Row, len(found))
	var standing []int // placed ones that wait or fly
	for i, r := range found {
		if out[i] = r.Row; r.placed && r.Unsent() {
			standing = append(standing, i)
		}
	}
	if len(standing) == 0 {
		return out, nil
	}
	ids, notices := make([]int64, len(standing)), make([]int64, len(standing))
	for k, i := range standing {
		ids[k], notices[k] = int64(out[i].ID), int64(out[i].Notice)
	}
	// Lease changes a span under its lock, so this waits for one that takes from it,
	// and then sees what is left.
	if _, err := tx.Exec(ctx, `SELECT s.id FROM span s WHERE s.id IN (SELECT c.id FROM unnest($1::bigint[], $2::bigint[]) d (id, notice_id)
		JOIN span c ON c.notice_id = d.notice_id AND c.next_id <= d.id AND c.last_id >= d.id) ORDER BY s.id FOR SHARE OF s`, ids, notices); err != nil {
		return nil, err
	}
	claims, err := claimsWhere(ctx, tx, "")
	if err != nil {
		return nil, err
	}
	for _, i := range standing {
		if k, claimed := find(claims, out[i].ID); claimed {
			out[i].Fence, out[i].LeaseUntil = k.fence, k.until
			working(tx).hold(out[i].ID, k.id)
		}
	}
	return out, nil
}

// column makes the array of one column for unnest.
func column[T any](rows []subscriptions.Row, of func(subscriptions.Row) T) []T {
	out := make([]T, len(rows))
	for i, r := range rows {
		out[i] = of(r)
	}
	return out
}

// fixed are the arrays of the columns that never change, the id left out.
func fixed(rows []subscriptions.Row) []any {
	return []any{
		column(rows, func(r subscriptions.Row) int64 { return int64(r.Notice) }),
		column(rows, func(r subscriptions.Row) int64 { return r.Sequence }),
		column(rows, func(r subscriptions.Row) int64 { return int64(r.Incident) }),
		column(rows, func(r subscriptions.Row) int32 { return int32(r.Round) }),
		column(rows, func(r subscriptions.Row) string { return string(r.NoticeKind) }),
		column(rows, func(r subscriptions.Row) int64 { return int64(r.Recipient) }),
	}
}

// mutable are the arrays of the columns that do change.
func mutable(rows []subscriptions.Row) []any {
	return []any{
		column(rows, func(r subscriptions.Row) string { return string(r.Lane) }),
		column(rows, func(r subscriptions.Row) string { return string(r.State) }),
		column(rows, func(r subscriptions.Row) string { return string(r.By) }),
		column(rows, func(r subscriptions.Row) string { return string(r.Mode) }),
		column(rows, func(r subscriptions.Row) int32 { return int32(r.Rank) }),
		column(rows, func(r subscriptions.Row) int32 { return int32(r.Class) }),
		column(rows, func(r subscriptions.Row) bool { return r.Asked }),
		column(rows, func(r subscriptions.Row) bool { return r.Carried }),
		column(rows, func(r subscriptions.Row) string { return joined(r.Services) }),
		column(rows, func(r subscriptions.Row) string { return joined(r.Ends) }),
		column(rows, func(r subscriptions.Row) string { return joined(r.More) }),
		column(rows, func(r subscriptions.Row) string { return joined(r.Left) }),
		column(rows, func(r subscriptions.Row) int32 { return int32(r.Told) }),
		column(rows, func(r subscriptions.Row) string { return joined(r.Owed) }),
		column(rows, func(r subscriptions.Row) int64 { return r.Fence }),
		column(rows, func(r subscriptions.Row) when { return when(r.LeaseUntil) }),
		column(rows, func(r subscriptions.Row) int32 { return int32(r.Attempt) }),
		column(rows, func(r subscriptions.Row) bool { return r.Repeat }),
		column(rows, func(r subscriptions.Row) when { return when(r.NextAt) }),
		column(rows, func(r subscriptions.Row) string { return plain(r.Message) }),
		column(rows, func(r subscriptions.Row) when { return when(r.MessageAt) }),
		column(rows, func(r subscriptions.Row) when { return when(r.SentAt) }),
		column(rows, func(r subscriptions.Row) string { return plain(r.Reason) }),
		column(rows, func(r subscriptions.Row) bool { return r.State != subscriptions.Pending }), // placed
	}
}

const insertSQL = `INSERT INTO delivery (notice_id, sequence, incident_id, round, kind, recipient_id, lane,
		state, by, mode, rank, class, asked, carried, services, ends, more, left_services, told, owed,
		lease_fence, lease_until, attempt, repeat, next_at, message, message_at, sent_at, reason, placed)
	SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::int[], $5::text[], $6::bigint[], $7::text[],
		$8::text[], $9::text[], $10::text[], $11::int[], $12::int[], $13::bool[], $14::bool[], $15::text[], $16::text[], $17::text[], $18::text[], $19::int[], $20::text[],
		$21::bigint[], $22::timestamptz[], $23::int[], $24::bool[], $25::timestamptz[], $26::text[], $27::timestamptz[], $28::timestamptz[], $29::text[], $30::bool[])
	ON CONFLICT (notice_id, recipient_id) DO NOTHING`

// insertRows writes new rows in one statement; a row that exists stays as it is.
func insertRows(ctx context.Context, tx pgx.Tx, rows []subscriptions.Row) (added int, err error) {
	if len(rows) == 0 {
		return 0, nil
	}
	tag, err := tx.Exec(ctx, insertSQL, append(fixed(rows), mutable(rows)...)...)
	return int(tag.RowsAffected()), err
}

const updateSQL = `UPDATE delivery d SET lane = u.lane, state = u.state, by = u.by, mode = u.mode, rank = u.rank, class = u.class, asked = u.asked, carried = u.carried,
		services = u.services, ends = u.ends, more = u.more, left_services = u.left_services, told = u.told, owed = u.owed,
		lease_fence = u.lease_fence, lease_until = u.lease_until, attempt = u.attempt, repeat = u.repeat, next_at = u.next_at,
		message = u.message, message_at = u.message_at, sent_at = u.sent_at, reason = u.reason, placed = u.placed
	FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::int[], $8::bool[], $9::bool[],
		$10::text[], $11::text[], $12::text[], $13::text[], $14::int[], $15::text[],
		$16::bigint[], $17::timestamptz[], $18::int[], $19::bool[], $20::timestamptz[],
		$21::text[], $22::timestamptz[], $23::timestamptz[], $24::text[], $25::bool[])
	u (id, lane, state, by, mode, rank, class, asked, carried, services, ends, more, left_services, told, owed,
		lease_fence, lease_until, attempt, repeat, next_at, message, message_at, sent_at, reason, placed)
	WHERE d.id = u.id`

// updateRows writes rows back in one statement: each says itself how it stands from
// now on. Each id may be in it once.
func updateRows(ctx context.Context, tx pgx.Tx, rows []subscriptions.Row) error {
	if len(rows) == 0 {
		return nil
	}
	for _, r := range rows {
		working(tx).free(r.ID)
	}
	ids := column(rows, func(r subscriptions.Row) int64 { return int64(r.ID) })
	_, err := tx.Exec(ctx, updateSQL, append([]any{ids}, mutable(rows)...)...)
	return err
}
