package sqlite

import (
	"database/sql"
	"slices"
	"strings"

	"arifa/subscriptions"
)

// waiting is a due row with its recipient.
type waiting struct {
	row       subscriptions.Row
	address   string
	kind      subscriptions.RecipientKind
	language  subscriptions.Language
	languages string
	silent    bool
}

func (w waiting) talk() talk { return talk{w.row.Recipient, w.row.Incident} }

// takeAlone hands out rows that wait by themselves; each gets a mark of its own.
func (l *leasing) takeAlone(due []dueRow) error {
	rows, err := l.c.waiting(due)
	if err != nil {
		return err
	}
	who := make([]subscriptions.RecipientID, len(rows))
	for i, w := range rows {
		who[i] = w.row.Recipient
	}
	past, err := l.c.histories(who, l.related, l.unsays)
	if err != nil {
		return err
	}
	for _, w := range rows {
		if len(l.out) == l.max {
			return nil
		}
		if past.leased[w.talk()] || l.talks[w.talk()] {
			continue
		}
		p := l.live[w.row.Notice]
		w.row = p.Fit(w.row, p.verdict(w.row.Services, l.now))
		if !w.row.Unsent() {
			if err := l.c.updateRow(w.row); err != nil {
				return err
			}
			continue
		}
		if err := l.mark(past.delivery(w, l.now), w.row); err != nil {
			return err
		}
	}
	return nil
}

// wordsKept is how many of the words that many rows share a connection remembers.
const wordsKept = 256

// word is a string that many rows share, without the page that it came in.
func (c *conn) word(s string) string {
	w, known := c.words[s]
	if !known {
		if w = strings.Clone(s); len(c.words) >= wordsKept {
			clear(c.words)
		}
		c.words[w] = w
	}
	return w
}

func (c *conn) waiting(due []dueRow) ([]waiting, error) {
	list := make([]subscriptions.DeliveryID, len(due))
	for i, d := range due {
		list[i] = d.id
	}
	held, err := c.claimed()
	if err != nil {
		return nil, err
	}
	out := make([]waiting, 0, len(due))
	err = c.each("SELECT "+rowColumns+", r.address, r.kind, r.language, r.languages, r.silent FROM json_each(?) j CROSS JOIN delivery d ON d.id = j.value CROSS JOIN recipient r ON r.id = d.recipient_id ORDER BY j.key",
		[]any{ids(list)}, func(rs *sql.Rows) (err error) {
			var w waiting
			w.row, err = held.scanRow(rs, &w.address, &w.kind, &w.language, &w.languages, &w.silent)
			out = append(out, w)
			return err
		})
	return out, err
}

// takeSpan hands out the next rows of a span, up to the first that waits by itself
// and comes before them.
func (l *leasing) takeSpan(s *span, alone []dueRow) error {
	n := l.max - len(l.out)
	if len(alone) > 0 {
		if a := alone[0]; a.rank == s.rank && a.class == s.class && a.sequence == s.sequence {
			n = min(n, int(int64(a.id)-s.next))
		}
	}
	others, err := l.c.others(s.notice, l.related)
	if err != nil {
		return err
	}
	page, err := l.c.readSpan(s, l.tenure.Lane, n, others, l.related)
	if err == nil {
		err = l.c.shorten(*s)
	}
	if err != nil {
		return err
	}
	p := l.live[s.notice]
	fresh := make([]spanned, 0, n)
	var who []subscriptions.RecipientID
	for len(page) > 0 {
		var row spanned
		if row, page, err = nextSpanned(page); err != nil {
			return err
		}
		if row.bits&(bitOthers|bitEdit) != 0 {
			who = append(who, row.recipient)
		}
		fresh = append(fresh, row)
	}
	past, err := l.c.histories(who, l.related, l.unsays)
	if err != nil {
		return err
	}
	l.out = slices.Grow(l.out, len(fresh))
	for _, row := range fresh {
		if err := l.takeFresh(p, s, row, past); err != nil {
			return err
		}
	}
	return nil
}

// takeFresh hands out one row of a span. What fits nobody else's row is worked out
// once for all that say the same.
func (l *leasing) takeFresh(p *planned, s *span, row spanned, past histories) error {
	if t := (talk{row.recipient, p.b.Notice.Incident}); past.leased[t] || l.talks[t] {
		l.blocked = append(l.blocked, row.id)
		return nil
	}
	f := p.fits.Of(row.services, row.ends, l.now)
	d := subscriptions.Delivery{ID: row.id, Notice: p.b.Notice.ID, Incident: p.b.Notice.Incident, Round: p.b.Notice.Round, Rank: s.rank, Mode: subscriptions.AsMessage,
		Services: f.After.Services, Recipient: row.recipient, Lane: l.tenure.Lane, Kind: row.kind(), Address: subscriptions.AddressOf(row.address),
		Language: subscriptions.Language(l.c.word(row.language)), Languages: split[subscriptions.Language](row.languages), Silent: row.bits&bitSilent != 0, Asked: row.bits&bitAsked != 0, Attempt: 1}
	if f.Same && row.bits&(bitOthers|bitEdit) == 0 {
		l.claim(d, p)
		return nil
	}
	r := p.fresh(s, row, l.tenure.Lane)
	r.State, r.By, r.Services, r.Ends = f.After.State, f.After.By, f.After.Services, f.After.Ends
	if !r.Unsent() {
		return l.c.updateRow(r)
	}
	w := waiting{row: r, address: row.address, kind: d.Kind, language: d.Language, languages: row.languages, silent: d.Silent}
	d = past.delivery(w, l.now)
	if f.Same && d.Mode == r.Mode {
		l.claim(d, p)
		return nil
	}
	return l.mark(d, r)
}

// fresh is a row of a span as it stands in the table.
func (p *planned) fresh(s *span, row spanned, lane subscriptions.LaneID) subscriptions.Row {
	n := p.b.Notice
	r := subscriptions.Row{ID: row.id, Notice: n.ID, Sequence: p.b.Sequence, Incident: n.Incident, Round: n.Round, NoticeKind: n.Kind, Recipient: row.recipient, Lane: lane,
		State: subscriptions.Pending, Mode: subscriptions.AsMessage, Rank: s.rank, Class: s.class, Asked: row.bits&bitAsked != 0, Carried: row.bits&bitCarried != 0,
		Services: split[subscriptions.ServiceID](row.services), Ends: split[subscriptions.ServiceID](row.ends)}
	if row.bits&bitEdit != 0 {
		r.Mode = subscriptions.AsEdit
	}
	return r
}
