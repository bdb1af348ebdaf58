package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"arifa/subscriptions"
)

// maxPage keeps the writing transaction of a page short, whatever limit asks.
const maxPage = 500

// scans is how many sources one page looks at before it lets others write.
const scans = 32

// cursor is how far a notice is expanded: first channel posts, then people who
// asked, then every source of recipients after another, by recipient id.
type cursor struct {
	Pass  int                       `json:"pass"` // passPosts, passAsked, passRest
	Step  int                       `json:"step"` // of passRest: which source
	After subscriptions.RecipientID `json:"after"`
}

const (
	passPosts = iota
	passAsked
	passRest
)

// Expand implements subscriptions.Outbox. A recipient may be met in several
// sources; the second time there is a row already. So nothing depends on the
// cursor but the time it takes.
func (s *Store) Expand(ctx context.Context, limit int, now time.Time) (out subscriptions.Expansion, err error) {
	limit = max(1, min(limit, maxPage))
	var next *planned
	err = s.view(ctx, "find a notice to expand", func(c *conn) error {
		next, err = s.nextExpansion(c, now)
		return err
	})
	if err != nil || next == nil {
		return out, err
	}
	err = s.update(ctx, "expand", func(c *conn) error {
		out = subscriptions.Expansion{}
		if next, err = s.nextExpansion(c, now); err != nil || next == nil {
			return err
		}
		out, err = s.expand(c, next, limit, now)
		return err
	})
	return out, err
}

func (s *Store) nextExpansion(c *conn, now time.Time) (*planned, error) {
	hs, err := s.heads(c, `WHERE n.sequence > 0 AND n.settled = 0 AND n.state = 'published' AND n.overtaken = 0 AND n.expanded_at = 0 ORDER BY n.rank, n.sequence`)
	if err != nil {
		return nil, err
	}
	for _, h := range hs {
		p, err := s.planner(c, h)
		if err != nil {
			return nil, err
		}
		if _, dead := p.dead(now); !dead {
			return p, nil
		}
	}
	return nil, nil
}

func (s *Store) expand(c *conn, p *planned, limit int, now time.Time) (subscriptions.Expansion, error) {
	out := subscriptions.Expansion{Notice: p.b.Notice.ID}
	at, err := c.cursor(p.b.Notice.ID)
	if err != nil {
		return out, err
	}
	who := &crowd{seen: map[subscriptions.RecipientID]bool{}}
	sources, err := c.sources(p.b)
	if err != nil {
		return out, err
	}
	for range scans {
		if out.Done = at.Pass == passRest && at.Step >= len(sources); out.Done || len(who.ids) >= limit {
			break
		}
		if at, err = c.scan(p, sources, at, who, limit, now); err != nil {
			return out, err
		}
	}
	facts, err := c.facts(p, who.ids)
	if err != nil {
		return out, err
	}
	if err := c.deliver(p, facts, now, &out); err != nil {
		return out, err
	}
	text, err := toJSON(at)
	if err != nil {
		return out, err
	}
	done := int64(0)
	if out.Done {
		done = milli(now)
	}
	_, err = c.exec("UPDATE notice SET cursor = ?, expanded_at = ? WHERE id = ?", text, done, int64(out.Notice))
	return out, err
}

func (c *conn) cursor(id subscriptions.NoticeID) (at cursor, err error) {
	var text string
	if err := c.one("SELECT cursor FROM notice WHERE id = ?", []any{int64(id)}, &text); err != nil || text == "" {
		return at, err
	}
	return at, json.Unmarshal([]byte(text), &at)
}

// deliver plans and writes a page.
func (c *conn) deliver(p *planned, facts []subscriptions.Fact, now time.Time, out *subscriptions.Expansion) error {
	var rows []subscriptions.Row
	for _, f := range facts {
		plan := p.Delivery(f, now)
		if err := c.updateRows(plan.Update); err != nil {
			return err
		}
		if plan.Insert != nil {
			rows = append(rows, *plan.Insert)
			if !slices.Contains(out.Lanes, f.Lane) {
				out.Lanes = append(out.Lanes, f.Lane)
			}
		}
	}
	added, err := c.insertRows(rows)
	out.Added = added
	return err
}

// source is one list of recipients in the order of their ids; its query takes
// the key, the id after which to begin, and how many.
type source struct {
	query string
	key   any
}

const (
	ofScope = "SELECT recipient_id FROM follow WHERE scope = ?1 AND recipient_id > ?2 ORDER BY recipient_id LIMIT ?3"
	ofTold  = "SELECT recipient_id FROM delivery WHERE notice_id = ?1 AND recipient_id > ?2 ORDER BY recipient_id LIMIT ?3"
	ofPosts = "SELECT id AS recipient_id FROM recipient WHERE ?1 AND kind <> 'person' AND id > ?2 ORDER BY id LIMIT ?3"
	ofAsked = "SELECT id AS recipient_id FROM recipient WHERE asked_at > ?1 AND id > ?2 ORDER BY id LIMIT ?3"
)

// sources lists where the recipients of a notice are found: the end goes to who
// has a row of an earlier notice, a correction to these and to its audience,
// everything else to who follows.
func (c *conn) sources(b subscriptions.Bulletin) (out []source, err error) {
	n := b.Notice
	if n.Kind == subscriptions.Restored {
		err := c.each("SELECT id FROM notice WHERE incident_id = ? AND sequence > 0 AND sequence < ? ORDER BY sequence", []any{int64(n.Incident), b.Sequence}, func(rs *sql.Rows) error {
			var id int64
			err := rs.Scan(&id)
			out = append(out, source{ofTold, id})
			return err
		})
		return out, err
	}
	if n.Kind == subscriptions.Correction && n.Corrects != 0 {
		out = append(out, source{ofTold, int64(n.Corrects)})
	}
	for _, scope := range slices.Sorted(maps.Keys(n.Audience)) {
		out = append(out, source{ofScope, string(scope)})
	}
	return out, nil
}

// scan reads the next stretch of one source and moves the cursor over it.
// Recipients that have a row already are left out.
func (c *conn) scan(p *planned, sources []source, at cursor, who *crowd, limit int, now time.Time) (cursor, error) {
	from := source{ofPosts, 1}
	switch at.Pass {
	case passAsked:
		from = source{ofAsked, milli(now.Add(-subscriptions.AskedWindow))}
	case passRest:
		from = sources[at.Step]
	}
	n := limit - len(who.ids)
	read := 0
	err := c.each("SELECT p.recipient_id, EXISTS (SELECT 1 FROM delivery d WHERE d.notice_id = ?4 AND d.recipient_id = p.recipient_id) FROM ("+from.query+") p",
		[]any{from.key, int64(at.After), n, int64(p.b.Notice.ID)}, func(rs *sql.Rows) error {
			var id subscriptions.RecipientID
			var has bool
			if err := rs.Scan(&id, &has); err != nil {
				return err
			}
			read++
			at.After = id
			if !has {
				who.add(id)
			}
			return nil
		})
	if err != nil {
		return at, err
	}
	if read < n {
		at = at.next()
	}
	return at, nil
}

// crowd is the recipients of a page, each once.
type crowd struct {
	ids  []subscriptions.RecipientID
	seen map[subscriptions.RecipientID]bool
}

func (w *crowd) add(id subscriptions.RecipientID) {
	if !w.seen[id] {
		w.seen[id] = true
		w.ids = append(w.ids, id)
	}
}

func (at cursor) next() cursor {
	if at.Pass < passRest {
		return cursor{Pass: at.Pass + 1}
	}
	return cursor{Pass: passRest, Step: at.Step + 1}
}
