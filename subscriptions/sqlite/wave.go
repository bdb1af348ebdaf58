package sqlite

import (
	"database/sql"
	"math"
	"strconv"
	"strings"
	"time"

	"arifa/subscriptions"
)

// wave is one page of Expand. What somebody gets of a notice follows from the
// follows that count, the place among others, and what is known of them in the
// incident. Few people differ in that; so it is written as a key, planned once for
// each key, and inserted for all who have it.
type wave struct {
	s    *Store
	c    *conn
	p    *planned
	now  time.Time
	rows string // the text of what is known of somebody in the incident
	page []person
	seen map[subscriptions.RecipientID]bool // of them, posts and who asked
	text []byte                             // of a key being written
	keys map[string]string                  // that were written
}

// person is one recipient of a page; key "" = planned by itself.
type person struct {
	id   subscriptions.RecipientID
	lane subscriptions.LaneID
	key  string
}

func (w *wave) begin() (err error) {
	w.seen, w.keys = map[subscriptions.RecipientID]bool{}, map[string]string{}
	w.rows, err = w.rowsKey()
	return err
}

// keyed is the text that reads a stretch of people with their keys, one behind the
// other: id, length of the lane, lane, key. As rows of their own they would cost as
// much again.
func (w *wave) keyed(source, follows string) string {
	return `SELECT group_concat(r.id || ' ' || octet_length(r.lane) || ' ' || r.lane || coalesce(` + classKey + ` || char(30) || ` + follows + ` || char(30) || ` + w.rows + `, '') || char(28), '')
		FROM (` + source + `) p CROSS JOIN recipient r ON r.id = p.recipient_id
		WHERE r.gone_at = 0 AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.notice_id = ?4 AND d.recipient_id = r.id)`
}

// Parameters of these texts: 1 to 3 are the source's, 4 the notice, 5 its incident,
// 6 now, 7 since when somebody asked lately, 8 the corrected notice.
const (
	classKey   = `CASE WHEN r.kind <> 'person' THEN 0 WHEN r.asked_at > ?7 THEN 1 ELSE 2 END`
	followKey  = `group_concat(CASE WHEN f.incident_id <> 0 OR f.until <> 0 THEN '?' ELSE '=' END || f.scope, char(31))`
	followed   = `FROM follow f CROSS JOIN notice_scope s ON s.notice_id = ?4 AND s.scope = f.scope`
	counts     = `+f.incident_id IN (0, ?5) AND (f.until = 0 OR f.until > ?6)`
	followsKey = `coalesce((SELECT ` + followKey + ` ` + followed + ` WHERE f.recipient_id = r.id AND ` + counts + `), '')`
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
		return nothingElse, nil
	case n.Corrects != 0:
		return correctedKey, nil
	}
	return nothingElse, nil
}

// The recipients of a stretch of ids, for each pass. The rest are, of an end, who
// has a row of an earlier notice of the incident; of a correction, these and its
// audience; of everything else, who follows. Ids go up: what is written stands
// together, and a page of the file is touched once.
const (
	ofPosts    = "SELECT id AS recipient_id FROM recipient WHERE kind <> 'person' AND id > ?1 AND id <= ?2"
	ofAsked    = "SELECT id AS recipient_id FROM recipient INDEXED BY recipient_asked WHERE asked_at > 0 AND asked_at > ?7 AND id > ?1 AND id <= ?2"
	ofFollows  = "SELECT f.recipient_id FROM notice_scope s CROSS JOIN follow f ON f.scope = s.scope WHERE s.notice_id = ?4 AND f.recipient_id > ?1 AND f.recipient_id <= ?2"
	ofTold     = "SELECT d.recipient_id FROM notice n CROSS JOIN delivery d ON d.notice_id = n.id WHERE n.incident_id = ?5 AND n.sequence > 0 AND n.sequence < ?3 AND d.recipient_id > ?1 AND d.recipient_id <= ?2"
	ofCorrects = "SELECT d.recipient_id FROM delivery d WHERE d.notice_id = ?8 AND d.recipient_id > ?1 AND d.recipient_id <= ?2"
	// Where most people follow, everybody's follows are read in their order: that is
	// less work than to look each scope of the audience up and sort who was found.
	ofNearlyAll = "SELECT f.recipient_id, " + followKey + " AS follows " + followed + " WHERE f.recipient_id > ?1 AND f.recipient_id <= ?2 AND " + counts + " GROUP BY f.recipient_id"
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
	case n.ToldOnly():
		return ofCorrects
	case n.Kind == subscriptions.Correction && n.Corrects != 0:
		return ofFollows + " UNION ALL " + ofCorrects
	}
	return ofFollows
}

// scan reads the next stretch into the page and moves the cursor over it.
func (w *wave) scan(at cursor, limit int) (cursor, error) {
	n := int64(limit - len(w.page))
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
	dense := at.Pass == passRest && w.members() == ofFollows && width <= n
	var added int
	switch {
	case dense && w.rows == nothingElse:
		added, err = w.readNearlyAll(at, to)
	case dense:
		added, err = w.read(at, to, w.keyed(ofNearlyAll, "p.follows"))
	default:
		added, err = w.read(at, to, w.keyed(w.source(at.Pass), followsKey))
	}
	if err != nil {
		return at, err
	}
	if over {
		return cursor{Pass: at.Pass + 1}, nil
	}
	if int64(added) < n/2 {
		width *= 2
	}
	return cursor{Pass: at.Pass, From: subscriptions.RecipientID(to), Width: width}, nil
}

func (w *wave) read(at cursor, to int64, text string) (added int, err error) {
	var page sql.NullString
	if err := w.c.one(text, w.args(at.From, to), &page); err != nil {
		return 0, err
	}
	before := len(w.page)
	for rest := page.String; rest != ""; {
		var one person
		if one, rest, err = w.c.nextPerson(rest); err != nil {
			return 0, err
		}
		if w.seen[one.id] { // a group that asked is met twice
			continue
		}
		if at.Pass != passRest {
			w.seen[one.id] = true
		}
		w.page = append(w.page, one)
	}
	return len(w.page) - before, nil
}

// nextPerson cuts the next one off a page.
func (c *conn) nextPerson(page string) (one person, rest string, err error) {
	id, page, _ := strings.Cut(page, " ")
	length, page, _ := strings.Cut(page, " ")
	n, err := strconv.ParseInt(id, 10, 64)
	k, kerr := strconv.Atoi(length)
	if err != nil || kerr != nil || k < 0 || k > len(page) {
		return one, "", errPage
	}
	one.id, one.lane = subscriptions.RecipientID(n), subscriptions.LaneID(c.word(page[:k]))
	one.key, rest, _ = strings.Cut(page[k:], "\x1c") // stands in no key
	return one, rest, nil
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
		if *width <= n {
			return to, to >= last, nil
		}
		var found int64
		if err := w.c.one("SELECT count(*) FROM (SELECT 1 FROM ("+w.members()+") LIMIT ?9)", append(w.args(from, to), 2*n+1), &found); err != nil {
			return 0, false, err
		}
		if found <= 2*n {
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
