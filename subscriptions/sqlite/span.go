package sqlite

import (
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"

	"arifa/subscriptions"
)

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

// spansRead is how many spans of a lane one Lease looks at.
const spansRead = 64

// spans lists the first spans of a lane in rule 8's order, of these notices.
func (c *conn) spans(lane subscriptions.LaneID, of []subscriptions.NoticeID) (out []span, err error) {
	err = c.each("SELECT id, notice_id, sequence, rank, class, next_id, last_id FROM span WHERE lane = ? AND notice_id IN (SELECT value FROM json_each(?)) ORDER BY rank, class, sequence, id LIMIT ?",
		[]any{string(lane), ids(of), spansRead}, func(rs *sql.Rows) error {
			var s span
			err := rs.Scan(&s.id, &s.notice, &s.sequence, &s.rank, &s.class, &s.next, &s.last)
			out = append(out, s)
			return err
		})
	return out, err
}

// shorten moves the beginning of a span behind what was taken.
func (c *conn) shorten(s span) error {
	if s.next > s.last {
		_, err := c.exec("DELETE FROM span WHERE id = ?", s.id)
		return err
	}
	_, err := c.exec("UPDATE span SET next_id = ? WHERE id = ?", s.next, s.id)
	return err
}

// addSpans enters the rows that were written since a row id, in as few spans as
// they need.
func (c *conn) addSpans(p *planned, after int64) (lanes []subscriptions.LaneID, err error) {
	type group struct {
		lane        string
		rank, class int
		first, last int64
	}
	var fresh []group
	err = c.each("SELECT lane, rank, class, min(id), max(id) FROM delivery WHERE id > ? AND state = 'pending' GROUP BY lane, rank, class ORDER BY min(id)", []any{after}, func(rs *sql.Rows) error {
		var g group
		err := rs.Scan(&g.lane, &g.rank, &g.class, &g.first, &g.last)
		fresh = append(fresh, g)
		return err
	})
	if err != nil {
		return nil, err
	}
	n := int64(p.b.Notice.ID)
	for _, g := range fresh {
		if lane := subscriptions.LaneID(g.lane); !slices.Contains(lanes, lane) {
			lanes = append(lanes, lane)
		}
		grown, err := c.exec("UPDATE span SET last_id = ? WHERE notice_id = ? AND lane = ? AND rank = ? AND class = ? AND last_id = ?", g.last, n, g.lane, g.rank, g.class, g.first-1)
		if err != nil || grown > 0 {
			if err != nil {
				return nil, err
			}
			continue
		}
		if _, err := c.exec("INSERT INTO span (notice_id, sequence, lane, rank, class, next_id, last_id) VALUES (?, ?, ?, ?, ?, ?, ?)", n, p.b.Sequence, g.lane, g.rank, g.class, g.first, g.last); err != nil {
			return nil, err
		}
	}
	return lanes, nil
}

// A row of a span as it is read: everything of a page of them in one value,
// because each value that crosses from the database costs more than the row
// itself. Numbers first, then the lengths of the texts, then the texts.
const spanRow = `d.id || ' ' || d.recipient_id || ' ' || (d.asked + 2 * d.carried + 4 * (d.mode = 'edit') + 8 * r.silent + 16 * (r.kind = 'group') + 32 * (r.kind = 'channel')
	+ 64 * %) || ' ' ||
	octet_length(d.services) || ' ' || octet_length(d.ends) || ' ' || octet_length(r.language) || ' ' || octet_length(r.languages) || ' ' || octet_length(r.address) || ' ' ||
	d.services || d.ends || r.language || r.languages || r.address`

// hasOthers is whether the recipient has other deliveries that a message depends on.
const hasOthers = `EXISTS (SELECT 1 FROM delivery o WHERE o.recipient_id = d.recipient_id AND o.incident_id IN (SELECT value FROM json_each(?)) AND o.id <> d.id)`

// Bits of the third number of a spanRow.
const (
	bitAsked = 1 << iota
	bitCarried
	bitEdit
	bitSilent
	bitGroup
	bitChannel
	bitOthers // hasOthers
)

// readSpan reads up to max rows of a span, in order, and moves its beginning behind
// the last one looked at. The unary pluses keep the database to the ids.
func (c *conn) readSpan(s *span, lane subscriptions.LaneID, max int, others bool, of related) (string, error) {
	last := min(s.last, s.next+int64(max)-1)
	with, args := "0", []any{s.next, last, int64(s.notice), string(lane), s.rank, s.class}
	if others {
		with, args = hasOthers, append([]any{string(of)}, args...)
	}
	var page sql.NullString
	err := c.one(`SELECT group_concat(`+strings.Replace(spanRow, "%", with, 1)+`, '') FROM delivery d CROSS JOIN recipient r ON r.id = d.recipient_id
		WHERE d.id BETWEEN ? AND ? AND +d.placed = 1 AND +d.state = 'pending' AND +d.lease_until = 0 AND +d.notice_id = ? AND +d.lane = ? AND +d.rank = ? AND +d.class = ? ORDER BY d.id`,
		args, &page)
	s.next = last + 1
	return page.String, err
}

// spanned is a row of a span with its recipient.
type spanned struct {
	id        subscriptions.DeliveryID
	recipient subscriptions.RecipientID
	bits      int
	services  string
	ends      string
	language  string
	languages string
	address   string
}

var errPage = errors.New("a page of deliveries cannot be read")

// nextSpanned cuts the next row off a page.
func nextSpanned(page string) (s spanned, rest string, err error) {
	var n [8]int64
	for i := range n {
		at := 0
		for at < len(page) && page[at] != ' ' {
			at++
		}
		if at == len(page) {
			return s, "", errPage
		}
		if n[i], err = strconv.ParseInt(page[:at], 10, 64); err != nil {
			return s, "", errPage
		}
		page = page[at+1:]
	}
	s.id, s.recipient, s.bits = subscriptions.DeliveryID(n[0]), subscriptions.RecipientID(n[1]), int(n[2])
	for i, text := range []*string{&s.services, &s.ends, &s.language, &s.languages, &s.address} {
		k := int(n[3+i])
		if k < 0 || k > len(page) {
			return s, "", errPage
		}
		*text, page = page[:k], page[k:]
	}
	s.address = strings.Clone(s.address) // it outlives its page
	return s, page, nil
}

func (s spanned) kind() subscriptions.RecipientKind {
	switch {
	case s.bits&bitGroup != 0:
		return subscriptions.Group
	case s.bits&bitChannel != 0:
		return subscriptions.Channel
	}
	return subscriptions.Person
}
