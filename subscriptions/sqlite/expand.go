package sqlite

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"arifa/subscriptions"
)

// maxPage keeps the writing transaction of a page short, whatever limit asks.
const maxPage = 2000

// scans is how many stretches of recipients one page looks at before it lets
// others write.
const scans = 32

// cursor is how far a notice is expanded: first channel posts, then people who
// asked, then everybody else, each in the order of their ids. (The release before
// has "step" and "after" instead, and goes by scopes; neither takes the other's
// place for its own, and begins again, which costs nothing but time.)
type cursor struct {
	Pass int                       `json:"pass"` // passPosts, passAsked, passRest
	From subscriptions.RecipientID `json:"from"`
	// Width is how many ids the next stretch spans: where few of them are in the
	// audience it grows.
	Width int64 `json:"width"`
	// Of a notice with a stage: the rows that were made, when its first ones were
	// complete, and whether the hold is over.
	Made int   `json:"made,omitempty"`
	Full int64 `json:"full,omitempty"`
	Over bool  `json:"over,omitempty"`
}

const (
	passPosts = iota
	passAsked
	passRest
	passes
)

// Expand implements subscriptions.Outbox. Who has a row already is passed over, so
// nothing depends on the cursor but the time it takes.
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
	if err != nil { // nothing of it was written
		return subscriptions.Expansion{}, err
	}
	return out, nil
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
		if _, dead := p.dead(now); dead {
			continue
		}
		room, err := c.room(p, maxPage, now)
		if err != nil || room > 0 {
			return p, err
		}
	}
	return nil, nil
}

// room is how many rows of a notice may be made now.
func (c *conn) room(p *planned, page int, now time.Time) (int, error) {
	n := p.b.Notice
	if n.Stage <= 0 {
		return page, nil
	}
	at, err := c.cursor(n.ID)
	if err != nil {
		return 0, err
	}
	stage := subscriptions.StageAt{Made: at.Made, Full: fromMilli(at.Full), Over: at.Over}
	if at.Full != 0 && !at.Over {
		var last int64
		err = c.one(`SELECT EXISTS (SELECT 1 FROM delivery WHERE notice_id = ?1 AND state = 'pending'), coalesce((SELECT max(last_at) FROM notice_sent WHERE notice_id = ?1), 0)`,
			[]any{int64(n.ID)}, &stage.Waiting, &last)
		stage.Last = fromMilli(last)
	}
	return stage.Room(n.Stage, page, now), err
}

func (s *Store) expand(c *conn, p *planned, limit int, now time.Time) (subscriptions.Expansion, error) {
	out := subscriptions.Expansion{Notice: p.b.Notice.ID}
	at, err := c.cursor(p.b.Notice.ID)
	if err != nil {
		return out, err
	}
	if limit, err = c.room(p, limit, now); err != nil || limit == 0 {
		return out, err
	}
	made, full := at.Made, at.Full
	w := wave{s: s, c: c, p: p, now: now}
	if err := w.begin(); err != nil {
		return out, err
	}
	for range scans {
		if out.Done = at.Pass >= passes; out.Done || len(w.page) > limit/2 { // the rest would take as many looks again
			break
		}
		if at, err = w.scan(at, limit); err != nil {
			return out, err
		}
	}
	if err := w.deliver(&out); err != nil {
		return out, err
	}
	if n := p.b.Notice; n.Stage > 0 {
		if at.Made, at.Full, at.Over = made+out.Added, full, full != 0; full == 0 && at.Made >= n.Stage {
			at.Full = milli(now)
		}
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
	out.Added += added
	return err
}
