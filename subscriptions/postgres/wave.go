package postgres

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// wave is one page of Expand. What somebody gets of a notice follows from the
// follows that count, the place among others, and what is known of them in the
// incident. Few people differ in that; so it is written as a key, planned once for
// each key, and inserted for all who have it.
type wave struct {
	s    *Store
	tx   pgx.Tx
	p    *planned
	now  time.Time
	rows string // the text of what is known of somebody in the incident
	page []person
	seen map[subscriptions.RecipientID]bool
	// known says that rows may be there that were not seen: they are kept. To be ready for
	// them costs every row a third more.
	known bool
}

// person is one recipient of a page.
type person struct {
	id    subscriptions.RecipientID
	lane  string
	class int
	key   *string // nil = planned by itself
}

// Parameters of these texts: 1 and 2 bound the ids, 3 is the notice's sequence, 4 the
// notice, 5 its incident, 6 now, 7 since when somebody asked lately, 8 the corrected
// notice, 9 the scopes of the audience.
const (
	classKey = `CASE WHEN r.kind <> 'person' THEN 0 WHEN r.asked_at > $7::timestamptz THEN 1 ELSE 2 END`
	// Adding nothing to the scope keeps the database from looking for each scope of
	// the audience in turn: somebody has two or three.
	followKey  = `string_agg(CASE WHEN f.incident_id <> 0 OR f.until IS NOT NULL THEN '?' ELSE '=' END || f.scope, E'\x1f')`
	counts     = `(f.scope || '') = ANY($9::text[]) AND f.incident_id IN (0, $5::bigint) AND (f.until IS NULL OR f.until > $6::timestamptz)`
	followsKey = `(SELECT ` + followKey + ` FROM follow f WHERE f.recipient_id = r.id AND ` + counts + `)`
	// Somebody who was told one thing of the incident, and nothing else waits: most
	// who get its end. Whoever has more is planned by himself.
	toldKey = `CASE (SELECT count(*) FROM delivery d WHERE d.recipient_id = r.id AND d.incident_id = $5::bigint) WHEN 0 THEN '' WHEN 1 THEN
		(SELECT CASE WHEN d.state = 'sent' AND d.told = 2 THEN concat_ws(E'\x1f', d.notice_id, d.told, d.asked::int, d.services, d.left_services,
			d.mode, (d.message <> '')::int, d.ends, d.owed, d.more) END FROM delivery d WHERE d.recipient_id = r.id AND d.incident_id = $5::bigint) END`
	correctedKey = `CASE WHEN NOT EXISTS (SELECT 1 FROM delivery d WHERE d.notice_id = $8::bigint AND d.recipient_id = r.id) THEN '' ELSE
		(SELECT CASE WHEN d.state <> 'pending' THEN concat_ws(E'\x1f', d.notice_id, d.told, d.asked::int, d.services, d.left_services) END
			FROM delivery d WHERE d.notice_id = $8::bigint AND d.recipient_id = r.id) END`
)

// The recipients of a stretch of ids, for each pass. The rest are, of an end, who
// has a row of an earlier notice of the incident; of a correction, these and its
// audience; of everything else, who follows. Ids go up: what is written stands
// together, and a page of the table is touched once.
const (
	ofPosts    = "SELECT id AS recipient_id FROM recipient WHERE kind <> 'person' AND id > $1 AND id <= $2"
	ofAsked    = "SELECT id AS recipient_id FROM recipient WHERE asked_at > $7::timestamptz AND id > $1 AND id <= $2"
	ofFollows  = "SELECT f.recipient_id FROM follow f WHERE f.scope = ANY($9::text[]) AND f.recipient_id > $1 AND f.recipient_id <= $2"
	ofTold     = "SELECT d.recipient_id FROM notice n JOIN delivery d ON d.notice_id = n.id WHERE n.incident_id = $5::bigint AND n.sequence > 0 AND n.sequence < $3::bigint AND d.recipient_id > $1 AND d.recipient_id <= $2"
	ofCorrects = "SELECT d.recipient_id FROM delivery d WHERE d.notice_id = $8::bigint AND d.recipient_id > $1 AND d.recipient_id <= $2"
	// Where most people follow, everybody's follows are read in their order: that is
	// less work than to find who follows and look for the follows of each again.
	ofNearlyAll = "SELECT f.recipient_id, " + followKey + " AS follows FROM follow f WHERE f.recipient_id > $1 AND f.recipient_id <= $2 AND " + counts + " GROUP BY f.recipient_id"
	// every names all parameters, so that each text has them.
	every = "WITH p AS (SELECT $3::bigint, $4::bigint, $5::bigint, $6::timestamptz, $7::timestamptz, $8::bigint, $9::text[]) "
)

func (w *wave) begin(ctx context.Context) (err error) {
	w.seen = map[subscriptions.RecipientID]bool{}
	w.rows, err = w.rowsKey(ctx)
	return err
}

// keyed is the text that reads a stretch of people with their keys.
func (w *wave) keyed(source, follows string) string {
	return every + `SELECT r.id, r.lane, ` + classKey + `, ` + classKey + ` || E'\x1e' || coalesce(` + follows + `, '') || E'\x1e' || ` + w.rows + `
		FROM (` + source + `) q JOIN recipient r ON r.id = q.recipient_id
		WHERE r.gone_at IS NULL AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.notice_id = $4::bigint AND d.recipient_id = r.id) ORDER BY r.id`
}

// rowsKey says what of somebody's other deliveries the plan looks at: those that
// factRows reads.
func (w *wave) rowsKey(ctx context.Context) (string, error) {
	n := w.p.b.Notice
	switch {
	case n.Incident != 0 && n.Kind.Chain():
		var others bool
		err := w.tx.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM notice WHERE incident_id = $1 AND sequence > 0 AND id <> $2)", int64(n.Incident), int64(n.ID)).Scan(&others)
		if err != nil || others {
			return toldKey, err
		}
		return nothingElse, nil
	case n.Corrects != 0:
		return correctedKey, nil
	}
	return nothingElse, nil
}

func (w *wave) source(pass int) string {
	switch pass {
	case passPosts:
		return ofPosts
	case passAsked:
		return ofAsked
	}
	return "SELECT DISTINCT recipient_id FROM (" + w.members() + ") m"
}

// members lists the rest, some of them several times.
func (w *wave) members() string {
	switch n := w.p.b.Notice; {
	case n.Kind == subscriptions.Restored:
		return ofTold
	case n.ToldOnly():
		return ofCorrects
	case n.Kind == subscriptions.Correction && n.Corrects != 0:
		return ofFollows + " UNION ALL " + ofCorrects
	}
	return ofFollows
}

// args are the parameters of the texts of a page.
func (w *wave) args(from subscriptions.RecipientID, to int64) []any {
	b := w.p.b.Notice
	return []any{int64(from), to, w.p.b.Sequence, int64(b.ID), int64(b.Incident), when(w.now), when(w.now.Add(-subscriptions.AskedWindow)), int64(b.Corrects), w.scopes()}
}

// scopes are those of the audience.
func (w *wave) scopes() []string {
	out := make([]string, 0, len(w.p.b.Notice.Audience))
	for s := range w.p.b.Notice.Audience {
		out = append(out, string(s))
	}
	return out
}

// scan reads the next stretch into the page and moves the cursor over it.
func (w *wave) scan(ctx context.Context, at cursor, limit int) (cursor, error) {
	n := int64(limit - len(w.page))
	var to int64
	var over bool
	var err error
	width := max(at.Width, n)
	if at.Pass == passRest {
		to, over, err = w.stretch(ctx, at.From, &width, n)
	} else {
		to, over, err = w.few(ctx, at, n)
	}
	if err != nil {
		return at, err
	}
	dense := at.Pass == passRest && w.members() == ofFollows && width <= n
	var added int64
	switch {
	case dense && w.rows == nothingElse:
		added, err = w.readNearlyAll(ctx, at, to)
	case dense:
		added, err = w.read(ctx, at, to, w.keyed(ofNearlyAll, "q.follows"))
	default:
		added, err = w.read(ctx, at, to, w.keyed(w.source(at.Pass), followsKey))
	}
	switch {
	case err != nil:
		return at, err
	case over:
		return cursor{Pass: at.Pass + 1}, nil
	case added < n/2:
		width *= 2
	}
	return cursor{Pass: at.Pass, From: subscriptions.RecipientID(to), Width: width}, nil
}

func (w *wave) read(ctx context.Context, at cursor, to int64, text string) (added int64, err error) {
	rows, err := w.tx.Query(ctx, text, w.args(at.From, to)...)
	if err != nil {
		return 0, err
	}
	var p person
	_, err = pgx.ForEachRow(rows, []any{&p.id, &p.lane, &p.class, &p.key}, func() error {
		if !w.seen[p.id] { // a group that asked is met twice
			w.seen[p.id] = true
			w.page = append(w.page, p)
			added++
		}
		return nil
	})
	return added, err
}

// stretch says up to which id about n recipients are found, and whether that is
// the last id. A width that was right where few follow would be far too much where
// everybody does; so it is tried before, without reading more than it takes.
func (w *wave) stretch(ctx context.Context, from subscriptions.RecipientID, width *int64, n int64) (to int64, over bool, err error) {
	var last int64
	if err := w.tx.QueryRow(ctx, "SELECT coalesce(max(id), 0) FROM recipient").Scan(&last); err != nil {
		return 0, false, err
	}
	for {
		to = min(int64(from)+*width, last)
		if *width <= n {
			return to, to >= last, nil
		}
		var found int64
		if err := w.tx.QueryRow(ctx, every+"SELECT count(*) FROM (SELECT 1 FROM ("+w.members()+") m LIMIT $10) c", append(w.args(from, to), 2*n+1)...).Scan(&found); err != nil {
			return 0, false, err
		}
		if found <= 2*n {
			return to, to >= last, nil
		}
		*width = max(n, *width/4)
	}
}

// few takes n of those who are found by an index of their own.
func (w *wave) few(ctx context.Context, at cursor, n int64) (to int64, over bool, err error) {
	read := int64(0)
	err = w.tx.QueryRow(ctx, every+"SELECT count(*), coalesce(max(recipient_id), $2) FROM ("+w.source(at.Pass)+" ORDER BY 1 LIMIT $10) c", append(w.args(at.From, math.MaxInt64), n)...).Scan(&read, &to)
	if read < n {
		return math.MaxInt64, true, err
	}
	return to, false, err
}

// group is people of a page who get the same row.
type group struct {
	person
	row *subscriptions.Row
}

// deliver plans and writes the page.
func (w *wave) deliver(ctx context.Context, out *subscriptions.Expansion) error {
	plans := map[string]subscriptions.Plan{}
	var fresh []group
	var alone []subscriptions.RecipientID
	for _, one := range w.page {
		if one.key == nil || w.s.each {
			alone = append(alone, one.id)
			continue
		}
		plan, known := plans[*one.key]
		if !known {
			f, err := w.p.FactOf(*one.key, w.now, func(id subscriptions.NoticeID) (subscriptions.Bulletin, error) { return w.bulletin(ctx, id) })
			if err != nil {
				return err
			}
			plan = w.p.Delivery(f, w.now)
			plans[*one.key] = plan
		}
		switch {
		case !plan.Fresh():
			alone = append(alone, one.id)
		case plan.Insert != nil:
			fresh = append(fresh, group{one, plan.Insert})
		}
	}
	if err := w.insert(ctx, fresh, out); err != nil || len(alone) == 0 {
		return err
	}
	return deliver(ctx, w.tx, w.p, alone, w.now, out)
}

func (w *wave) bulletin(ctx context.Context, id subscriptions.NoticeID) (subscriptions.Bulletin, error) {
	found, err := w.s.planners(ctx, w.tx, "WHERE n.id = $1", int64(id))
	if err == nil && len(found) == 0 {
		err = subscriptions.ErrNotFound
	}
	if err != nil {
		return subscriptions.Bulletin{}, err
	}
	return found[0].b, nil
}

// freshSQL inserts rows in the order of the lane and says which ids they got; after
// freshKept the rows that are there are kept.
const freshSQL = `WITH fresh AS (INSERT INTO delivery (notice_id, sequence, incident_id, round, kind, recipient_id, lane, state, by, mode, rank, class, asked, carried, services, ends,
		more, left_services, told, owed, lease_fence, attempt, repeat, message, reason, placed)
	SELECT $1::bigint, $2::bigint, $3::bigint, $4::int, $5::text, p.id, l.lane, k.state, k.by, k.mode, k.rank, p.class, k.asked, k.carried, k.services, k.ends,
		'', '', 0, '', 0, 0, false, '', '', true
	FROM unnest($6::bigint[], $7::int[], $8::int[], $9::int[]) WITH ORDINALITY p (id, lane, class, row, place)
	JOIN unnest($10::text[]) WITH ORDINALITY l (lane, no) ON l.no = p.lane
	JOIN unnest($11::text[], $12::text[], $13::text[], $14::int[], $15::bool[], $16::bool[], $17::text[], $18::text[]) WITH ORDINALITY k (state, by, mode, rank, asked, carried, services, ends, no) ON k.no = p.row
	ORDER BY p.place
	%s RETURNING id, lane, rank, class, state)
	SELECT lane, rank, class, state = 'pending', min(id), max(id), count(*) FROM fresh GROUP BY 1, 2, 3, 4 ORDER BY 5`

const freshKept = "ON CONFLICT (notice_id, recipient_id) DO NOTHING"

// insert writes rows that stand in spans from the start.
func (w *wave) insert(ctx context.Context, fresh []group, out *subscriptions.Expansion) error {
	if len(fresh) == 0 {
		return nil
	}
	slices.SortFunc(fresh, func(a, b group) int {
		return cmp.Or(cmp.Compare(a.lane, b.lane), cmp.Compare(a.row.Rank, b.row.Rank), cmp.Compare(a.class, b.class), cmp.Compare(a.id, b.id))
	})
	ids, lanes, classes, kinds := make([]int64, len(fresh)), make([]int32, len(fresh)), make([]int32, len(fresh)), make([]int32, len(fresh))
	var names []string
	var rows []subscriptions.Row
	laneNo, rowNo := map[string]int32{}, map[*subscriptions.Row]int32{}
	for i, g := range fresh {
		if laneNo[g.lane] == 0 {
			names = append(names, g.lane)
			laneNo[g.lane] = int32(len(names))
		}
		if rowNo[g.row] == 0 {
			rows = append(rows, *g.row)
			rowNo[g.row] = int32(len(rows))
		}
		ids[i], lanes[i], classes[i], kinds[i] = int64(g.id), laneNo[g.lane], int32(g.class), rowNo[g.row]
	}
	n := w.p.b.Notice
	kept := ""
	if w.known {
		kept = freshKept
	}
	found, err := all(ctx, w.tx, scanWritten, fmt.Sprintf(freshSQL, kept), int64(n.ID), w.p.b.Sequence, int64(n.Incident), int32(n.Round), string(n.Kind), ids, lanes, classes, kinds, names,
		column(rows, func(r subscriptions.Row) string { return string(r.State) }), column(rows, func(r subscriptions.Row) string { return string(r.By) }),
		column(rows, func(r subscriptions.Row) string { return string(r.Mode) }), column(rows, func(r subscriptions.Row) int32 { return int32(r.Rank) }),
		column(rows, func(r subscriptions.Row) bool { return r.Asked }), column(rows, func(r subscriptions.Row) bool { return r.Carried }),
		column(rows, func(r subscriptions.Row) string { return joined(r.Services) }), column(rows, func(r subscriptions.Row) string { return joined(r.Ends) }))
	if err != nil {
		return err
	}
	for _, g := range found {
		out.Added += g.n
		if lane := subscriptions.LaneID(g.lane); !slices.Contains(out.Lanes, lane) {
			out.Lanes = append(out.Lanes, lane)
		}
		if !g.pending {
			continue
		}
		if err := w.addSpan(ctx, g); err != nil {
			return err
		}
	}
	return nil
}

// written is what a page wrote for one place in a lane.
type written struct {
	lane        string
	rank, class int
	pending     bool
	first, last int64
	n           int
}

func scanWritten(r pgx.Row) (g written, err error) {
	err = r.Scan(&g.lane, &g.rank, &g.class, &g.pending, &g.first, &g.last, &g.n)
	return g, err
}

// addSpan lets a span grow, or begins a new one. Ids of other rows may lie between.
func (w *wave) addSpan(ctx context.Context, g written) error {
	n := int64(w.p.b.Notice.ID)
	tag, err := w.tx.Exec(ctx, "UPDATE span SET last_id = $1 WHERE notice_id = $2 AND lane = $3 AND rank = $4 AND class = $5 AND last_id = $6", g.last, n, g.lane, g.rank, g.class, g.first-1)
	if err != nil || tag.RowsAffected() > 0 {
		return err
	}
	_, err = w.tx.Exec(ctx, "INSERT INTO span (notice_id, sequence, lane, rank, class, next_id, last_id) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		n, w.p.b.Sequence, g.lane, g.rank, g.class, g.first, g.last)
	return err
}
