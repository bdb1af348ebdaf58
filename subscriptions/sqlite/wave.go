package sqlite

import (
	"context"
	"database/sql"
	"math"
	"strings"
	"time"

	"arifa/subscriptions"
)

// wave is one page of Expand. What somebody gets of a notice follows from the
// follows that count, the place among others, and what is known of them in the
// incident. Few people differ in that; so it is written as a key, planned once for
// each key, and inserted for all who have it.
type wave struct {
	s     *Store
	c     *conn
	p     *planned
	now   time.Time
	keyed string // the text that enters a stretch of people with their keys
	found int
}

// memo is what a connection has planned already.
type memo struct {
	made    bool                   // the temporary tables
	planner *subscriptions.Planner // of whom
}

// The tables of a page live in memory and with the connection.
var waveTables = []string{
	"CREATE TEMP TABLE page (id INTEGER PRIMARY KEY, lane TEXT NOT NULL, class INTEGER NOT NULL, key TEXT)", // key NULL = planned by itself
	`CREATE TEMP TABLE combination (key TEXT PRIMARY KEY, plain INTEGER NOT NULL, state TEXT NOT NULL, by TEXT NOT NULL, mode TEXT NOT NULL, rank INTEGER NOT NULL,
		asked INTEGER NOT NULL, carried INTEGER NOT NULL, services TEXT NOT NULL, ends TEXT NOT NULL) WITHOUT ROWID`,
}

// combinationsKept bounds the memo.
const combinationsKept = 20_000

func (w *wave) begin() error {
	m := &w.c.memo
	if !m.made {
		for _, text := range waveTables {
			if _, err := w.c.c.ExecContext(context.Background(), text); err != nil {
				return err
			}
		}
		m.made = true
	}
	if _, err := w.c.exec("DELETE FROM page"); err != nil {
		return err
	}
	var kept int
	if err := w.c.one("SELECT count(*) FROM combination", nil, &kept); err != nil {
		return err
	}
	if m.planner != w.p.Planner || kept > combinationsKept {
		if _, err := w.c.exec("DELETE FROM combination"); err != nil {
			return err
		}
		m.planner = w.p.Planner
	}
	rows, err := w.rowsKey()
	if w.s.each {
		rows = "NULL"
	}
	w.keyed = `SELECT r.id, r.lane, ` + classKey + `, ` + classKey + ` || char(30) || coalesce(` + followsKey + `, '') || char(30) || ` + rows + `
		FROM (%) p CROSS JOIN recipient r ON r.id = p.recipient_id
		WHERE r.gone_at = 0 AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.notice_id = ?4 AND d.recipient_id = r.id)`
	return err
}

// Parameters of these texts: 1 to 3 are the source's, 4 the notice, 5 its incident,
// 6 now, 7 since when somebody asked lately, 8 the corrected notice.
const (
	classKey   = `CASE WHEN r.kind <> 'person' THEN 0 WHEN r.asked_at > ?7 THEN 1 ELSE 2 END`
	followsKey = `(SELECT group_concat(CASE WHEN f.incident_id <> 0 OR f.until <> 0 THEN '?' ELSE '=' END || f.scope, char(31)) FROM follow f
		CROSS JOIN notice_scope s ON s.notice_id = ?4 AND s.scope = f.scope
		WHERE f.recipient_id = r.id AND f.incident_id IN (0, ?5) AND (f.until = 0 OR f.until > ?6))`
	// Somebody who was told one thing of the incident, and nothing else waits: most
	// who get its end. Whoever has more is planned by himself.
	toldKey = `CASE (SELECT count(*) FROM delivery d WHERE d.recipient_id = r.id AND d.incident_id = ?5) WHEN 0 THEN '' WHEN 1 THEN
		(SELECT CASE WHEN d.state = 'sent' AND d.told = 2 THEN d.notice_id || char(31) || d.told || char(31) || d.asked || char(31) || d.services || char(31) || d.left_services || char(31) ||
			d.mode || char(31) || (d.message <> '') || char(31) || d.ends || char(31) || d.owed || char(31) || d.more END FROM delivery d WHERE d.recipient_id = r.id AND d.incident_id = ?5) END`
	correctedKey = `CASE WHEN NOT EXISTS (SELECT 1 FROM delivery d WHERE d.notice_id = ?8 AND d.recipient_id = r.id) THEN '' ELSE
		(SELECT CASE WHEN d.state <> 'pending' THEN d.notice_id || char(31) || d.told || char(31) || d.asked || char(31) || d.services || char(31) || d.left_services END FROM delivery d WHERE d.notice_id = ?8 AND d.recipient_id = r.id) END`
)

// rowsKey says what of somebody's other deliveries the plan looks at: those that
// factRows reads.
func (w *wave) rowsKey() (string, error) {
	n := w.p.b.Notice
	switch {
	case n.Incident != 0 && n.Kind.Chain():
		var others bool
		err := w.c.one("SELECT EXISTS (SELECT 1 FROM notice WHERE incident_id = ? AND sequence > 0 AND id <> ?)", []any{int64(n.Incident), int64(n.ID)}, &others)
		if err != nil || others {
			return toldKey, err
		}
		return "''", nil
	case n.Corrects != 0:
		return correctedKey, nil
	}
	return "''", nil
}

// The recipients of a stretch of ids, for each pass. The rest are, of an end, who
// has a row of an earlier notice of the incident; of a correction, these and its
// audience; of everything else, who follows. Ids go up: what is written stands
// together, and a page of the file is touched once.
const (
	ofPosts    = "SELECT id AS recipient_id FROM recipient WHERE kind <> 'person' AND id > ?1 AND id <= ?2"
	ofAsked    = "SELECT id AS recipient_id FROM recipient WHERE asked_at > ?7 AND id > ?1 AND id <= ?2"
	ofFollows  = "SELECT f.recipient_id FROM notice_scope s CROSS JOIN follow f ON f.scope = s.scope WHERE s.notice_id = ?4 AND f.recipient_id > ?1 AND f.recipient_id <= ?2"
	ofTold     = "SELECT d.recipient_id FROM notice n CROSS JOIN delivery d ON d.notice_id = n.id WHERE n.incident_id = ?5 AND n.sequence > 0 AND n.sequence < ?3 AND d.recipient_id > ?1 AND d.recipient_id <= ?2"
	ofCorrects = "SELECT d.recipient_id FROM delivery d WHERE d.notice_id = ?8 AND d.recipient_id > ?1 AND d.recipient_id <= ?2"
)

func (w *wave) source(pass int) string {
	switch pass {
	case passPosts:
		return ofPosts
	case passAsked:
		return ofAsked
	}
	return "SELECT DISTINCT recipient_id FROM (" + w.members() + ") ORDER BY recipient_id"
}

// members lists the rest, some of them several times.
func (w *wave) members() string {
	switch n := w.p.b.Notice; {
	case n.Kind == subscriptions.Restored:
		return ofTold
	case n.Kind == subscriptions.Correction && n.Corrects != 0:
		return ofFollows + " UNION ALL " + ofCorrects
	}
	return ofFollows
}

// scan enters the next stretch into the page and moves the cursor over it.
func (w *wave) scan(at cursor, limit int) (cursor, error) {
	n := int64(limit - w.found)
	var to int64
	var over bool
	var err error
	width := max(at.Width, n)
	if at.Pass == passRest {
		to, over, err = w.stretch(at.From, &width, n)
	} else {
		to, over, err = w.few(at, n)
	}
	if err != nil {
		return at, err
	}
	added, err := w.c.exec("INSERT OR IGNORE INTO page (id, lane, class, key) "+strings.Replace(w.keyed, "%", w.source(at.Pass), 1), w.args(at.From, to)...)
	if err != nil {
		return at, err
	}
	w.found += added
	if over {
		return cursor{Pass: at.Pass + 1}, nil
	}
	if int64(added) < n/2 {
		width *= 2
	}
	return cursor{Pass: at.Pass, From: subscriptions.RecipientID(to), Width: width}, nil
}

// args are the parameters of the texts of a page.
func (w *wave) args(from subscriptions.RecipientID, to int64) []any {
	b := w.p.b.Notice
	return []any{int64(from), to, w.p.b.Sequence, int64(b.ID), int64(b.Incident), milli(w.now), milli(w.now.Add(-subscriptions.AskedWindow)), int64(b.Corrects)}
}

// stretch says up to which id about n recipients are found, and whether that is
// the last id. A width that was right where few follow would be far too much where
// everybody does; so it is tried before, without reading more than it takes.
func (w *wave) stretch(from subscriptions.RecipientID, width *int64, n int64) (to int64, over bool, err error) {
	var last int64
	if err := w.c.one("SELECT coalesce(max(id), 0) FROM recipient", nil, &last); err != nil {
		return 0, false, err
	}
	for {
		to = min(int64(from)+*width, last)
		var found int64
		if err := w.c.one("SELECT count(*) FROM (SELECT 1 FROM ("+w.members()+") LIMIT ?9)", append(w.args(from, to), 2*n+1), &found); err != nil {
			return 0, false, err
		}
		if found <= 2*n || *width <= n {
			return to, to >= last, nil
		}
		*width = max(n, *width/4)
	}
}

// few takes n of those who are found by an index of their own.
func (w *wave) few(at cursor, n int64) (to int64, over bool, err error) {
	read := int64(0)
	err = w.c.one("SELECT count(*), coalesce(max(recipient_id), ?2) FROM ("+w.source(at.Pass)+" ORDER BY 1 LIMIT ?9)", append(w.args(at.From, math.MaxInt64), n), &read, &to)
	if read < n {
		return math.MaxInt64, true, err
	}
	return to, false, err
}

// deliver plans and writes the page.
func (w *wave) deliver(out *subscriptions.Expansion) error {
	if w.found == 0 {
		return nil
	}
	if err := w.plan(); err != nil {
		return err
	}
	var before int64
	if err := w.c.one("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'delivery'), 0)", nil, &before); err != nil {
		return err
	}
	n := w.p.b.Notice
	added, err := w.c.exec(`INSERT INTO delivery (notice_id, sequence, incident_id, round, kind, recipient_id, lane, state, by, mode, rank, class, asked, carried, services, ends,
			more, left_services, told, owed, lease_fence, lease_until, attempt, repeat, next_at, message, message_at, sent_at, reason, placed)
		SELECT ?, ?, ?, ?, ?, p.id, p.lane, k.state, k.by, k.mode, k.rank, p.class, k.asked, k.carried, k.services, k.ends,
			'', '', 0, '', 0, 0, 0, 0, 0, '', 0, 0, '', 1
		FROM page p CROSS JOIN combination k ON k.key = p.key WHERE k.plain = 1 AND k.state <> '' ORDER BY p.lane, k.rank, p.class, p.id`,
		int64(n.ID), w.p.b.Sequence, int64(n.Incident), n.Round, string(n.Kind))
	if err != nil {
		return err
	}
	out.Added = added
	if added > 0 {
		if out.Lanes, err = w.c.addSpans(w.p, before); err != nil {
			return err
		}
	}
	return w.rest(out)
}

// plan plans each key that is new.
func (w *wave) plan() error {
	var keys []string
	err := w.c.each("SELECT DISTINCT key FROM page WHERE key IS NOT NULL AND key NOT IN (SELECT key FROM combination)", nil, func(rs *sql.Rows) error {
		var key string
		err := rs.Scan(&key)
		keys = append(keys, key)
		return err
	})
	if err != nil {
		return err
	}
	for _, key := range keys {
		f, err := w.p.FactOf(key, w.now, func(id subscriptions.NoticeID) (subscriptions.Bulletin, error) {
			p, err := w.s.plannerOf(w.c, id)
			if err != nil {
				return subscriptions.Bulletin{}, err
			}
			return p.b, nil
		})
		if err != nil {
			return err
		}
		plan := w.p.Delivery(f, w.now)
		r := subscriptions.Row{}
		if plan.Insert != nil {
			r = *plan.Insert
		}
		if _, err := w.c.exec("INSERT INTO combination (key, plain, state, by, mode, rank, asked, carried, services, ends) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			key, flag(plan.Fresh()), string(r.State), string(r.By), string(r.Mode), r.Rank, flag(r.Asked), flag(r.Carried), joined(r.Services), joined(r.Ends)); err != nil {
			return err
		}
	}
	return nil
}

// rest plans for each of those who have a story of their own.
func (w *wave) rest(out *subscriptions.Expansion) error {
	var who []subscriptions.RecipientID
	err := w.c.each("SELECT p.id FROM page p LEFT JOIN combination k ON k.key = p.key WHERE coalesce(k.plain, 0) = 0 ORDER BY p.id", nil, func(rs *sql.Rows) error {
		var id subscriptions.RecipientID
		err := rs.Scan(&id)
		who = append(who, id)
		return err
	})
	if err != nil || len(who) == 0 {
		return err
	}
	facts, err := w.c.facts(w.p, who)
	if err != nil {
		return err
	}
	return w.c.deliver(w.p, facts, w.now, out)
}
