package sqlite

import (
	"cmp"
	"slices"
	"strings"

	"arifa/subscriptions"
)

// form is a row that many people get: what of it is the same for all of them.
type form struct {
	plain          bool // it is one row and nothing else, or none
	none           bool
	state, by      string
	mode           string
	rank, class    int
	asked, carried bool
	ends           bool // every service that it names has ended
	services       string
}

// run is what one statement has the same for all of its rows.
func (f form) run() form {
	f.services = ""
	return f
}

// memo is what a connection has planned already.
type memo struct {
	planner *subscriptions.Planner // of whom
	forms   map[string]form        // by key
}

// formsKept bounds the memo.
const formsKept = 8192

// fresh is somebody of a page who gets a plain row.
type fresh struct {
	person
	form
}

// deliver plans and writes the page.
func (w *wave) deliver(out *subscriptions.Expansion) error {
	if w.c.memo.planner != w.p.Planner {
		w.c.memo = memo{planner: w.p.Planner, forms: map[string]form{}}
	}
	plain := make([]fresh, 0, len(w.page))
	var alone []subscriptions.RecipientID
	for _, one := range w.page {
		f, err := w.form(one.key)
		switch {
		case err != nil:
			return err
		case !f.plain || w.s.each:
			alone = append(alone, one.id)
		case !f.none:
			plain = append(plain, fresh{one, f})
		}
	}
	if err := w.insert(plain, out); err != nil || len(alone) == 0 {
		return err
	}
	slices.Sort(alone)
	facts, err := w.c.facts(w.p, alone)
	if err != nil {
		return err
	}
	return w.c.deliver(w.p, facts, w.now, out)
}

// form plans for a key, once.
func (w *wave) form(key string) (form, error) {
	known := w.c.memo.forms
	if f, ok := known[key]; ok || key == "" {
		return f, nil
	}
	fact, err := w.p.FactOf(key, w.now, func(id subscriptions.NoticeID) (subscriptions.Bulletin, error) {
		p, err := w.s.plannerOf(w.c, id)
		if err != nil {
			return subscriptions.Bulletin{}, err
		}
		return p.b, nil
	})
	if err != nil {
		return form{}, err
	}
	f := formOf(w.p.Delivery(fact, w.now))
	if len(known) >= formsKept {
		clear(known)
	}
	known[strings.Clone(key)] = f // without its page
	return f, nil
}

func formOf(p subscriptions.Plan) form {
	r := p.Insert
	switch {
	case !p.Fresh() || r != nil && len(r.Ends) > 0 && !slices.Equal(r.Ends, r.Services):
		return form{}
	case r == nil:
		return form{plain: true, none: true}
	}
	return form{plain: true, state: string(r.State), by: string(r.By), mode: string(r.Mode), rank: r.Rank, class: r.Class, asked: r.Asked, carried: r.Carried,
		ends: len(r.Ends) > 0, services: joined(r.Services)}
}

// insert writes rows that stand in spans from the start, in the order of the lanes.
func (w *wave) insert(rows []fresh, out *subscriptions.Expansion) error {
	if len(rows) == 0 {
		return nil
	}
	slices.SortFunc(rows, func(a, b fresh) int {
		return cmp.Or(cmp.Compare(a.lane, b.lane), cmp.Compare(a.rank, b.rank), cmp.Compare(a.class, b.class), cmp.Compare(a.id, b.id))
	})
	var before int64
	if err := w.c.one("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'delivery'), 0)", nil, &before); err != nil {
		return err
	}
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && n < freshMost && rows[n].lane == rows[0].lane && rows[n].run() == rows[0].run() {
			n++
		}
		n = freshAtOnce(n)
		added, err := w.write(rows[:n])
		if err != nil {
			return err
		}
		out.Added, rows = out.Added+added, rows[n:]
	}
	if out.Added == 0 {
		return nil
	}
	lanes, err := w.c.addSpans(w.p, before)
	out.Lanes = lanes
	return err
}

// Rows go into the table so many at once: of each number there is one text.
const freshMost = 64

func freshAtOnce(n int) int {
	for most := freshMost; most > 1; most /= 8 {
		if n >= most {
			return most
		}
	}
	return 1
}

func freshText(n int) string {
	return "INSERT INTO delivery (notice_id, sequence, incident_id, round, kind, lane, state, by, mode, rank, class, asked, carried, recipient_id, services, ends, " +
		"more, left_services, told, owed, lease_fence, lease_until, attempt, repeat, next_at, message, message_at, sent_at, reason, placed) " +
		"SELECT n.*, v.*, CASE WHEN ? THEN v.column2 ELSE '' END, '', '', 0, '', 0, 0, 0, 0, 0, '', 0, 0, '', 1 " +
		"FROM (SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) n CROSS JOIN (VALUES (?, ?)" + strings.Repeat(", (?, ?)", n-1) + ") v WHERE true ON CONFLICT (notice_id, recipient_id) DO NOTHING"
}

// write inserts rows that differ only in who gets them and in their services; who
// has a row keeps it.
func (w *wave) write(rows []fresh) (int, error) {
	n, f := w.p.b.Notice, rows[0]
	args := make([]any, 0, 14+2*len(rows))
	args = append(args, flag(f.ends), int64(n.ID), w.p.b.Sequence, int64(n.Incident), n.Round, string(n.Kind), string(f.lane), f.state, f.by, f.mode, f.rank, f.class, flag(f.asked), flag(f.carried))
	for _, r := range rows {
		args = append(args, int64(r.id), r.services)
	}
	if w.c.freshes[len(rows)] == "" {
		w.c.freshes[len(rows)] = freshText(len(rows))
	}
	return w.c.exec(w.c.freshes[len(rows)], args...)
}
