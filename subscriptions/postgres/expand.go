package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// maxPage keeps the transaction of a page short, whatever limit asks: Publish
// waits for it.
const maxPage = 2000

// scans is how many stretches of recipients one page looks at before it lets
// Publish in.
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
	Made int       `json:"made,omitempty"`
	Full time.Time `json:"full,omitzero"`
	Over bool      `json:"over,omitempty"`
}

const (
	passPosts = iota
	passAsked
	passRest
	passes
)

// Expand implements subscriptions.Outbox. Who has a row already is passed over, so
// nothing depends on the cursor but the time it takes. Replicas take turns.
func (s *Store) Expand(ctx context.Context, limit int, now time.Time) (out subscriptions.Expansion, err error) {
	limit = max(1, min(limit, maxPage))
	var next *planned
	err = s.view(ctx, "find a notice to expand", func(tx pgx.Tx) error {
		next, err = s.nextExpansion(ctx, tx, now)
		return err
	})
	if err != nil || next == nil {
		return out, err
	}
	page := func(known bool) error {
		return s.update(ctx, "expand", func(tx pgx.Tx) error {
			out = subscriptions.Expansion{}
			if err := sharePublish(ctx, tx); err != nil {
				return err
			}
			if err := lockExclusively(ctx, tx, lockExpand); err != nil {
				return err
			}
			if err := lockExclusively(ctx, tx, lockRegister); err != nil {
				return err
			}
			if next, err = s.nextExpansion(ctx, tx, now); err != nil || next == nil {
				return err
			}
			if out, err = s.expand(ctx, tx, next, limit, known, now); err != nil || out.Added == 0 {
				return err
			}
			return hint(ctx, tx)
		})
	}
	// Who has a row was seen under the lock, so that no row can be there. Where one is
	// all the same, written by somebody who knows nothing of that lock, it is passed over.
	if err = page(false); errors.Is(err, subscriptions.ErrExists) {
		err = page(true)
	}
	if err != nil {
		return subscriptions.Expansion{}, err
	}
	return out, nil
}

func (s *Store) nextExpansion(ctx context.Context, tx pgx.Tx, now time.Time) (*planned, error) {
	waiting, err := s.planners(ctx, tx, `WHERE n.sequence > 0 AND NOT n.settled AND n.state = 'published' AND n.overtaken = 0 AND n.expanded_at IS NULL
		ORDER BY n.rank, n.sequence`)
	if err != nil {
		return nil, err
	}
	for _, p := range waiting {
		if _, dead := p.dead(now); dead {
			continue
		}
		room, err := roomOf(ctx, tx, p, maxPage, now)
		if err != nil || room > 0 {
			return p, err
		}
	}
	return nil, nil
}

// roomOf is how many rows of a notice may be made now.
func roomOf(ctx context.Context, tx pgx.Tx, p *planned, page int, now time.Time) (int, error) {
	n := p.b.Notice
	if n.Stage <= 0 {
		return page, nil
	}
	at, err := readCursor(ctx, tx, n.ID)
	if err != nil {
		return 0, err
	}
	stage := subscriptions.StageAt{Made: at.Made, Full: at.Full, Over: at.Over}
	if !at.Full.IsZero() && !at.Over {
		err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM delivery WHERE notice_id = $1 AND state = 'pending'), (SELECT max(last_at) FROM notice_sent WHERE notice_id = $1)`,
			int64(n.ID)).Scan(&stage.Waiting, (*when)(&stage.Last))
	}
	return stage.Room(n.Stage, page, now), err
}

func (s *Store) expand(ctx context.Context, tx pgx.Tx, p *planned, limit int, known bool, now time.Time) (subscriptions.Expansion, error) {
	out := subscriptions.Expansion{Notice: p.b.Notice.ID}
	at, err := readCursor(ctx, tx, p.b.Notice.ID)
	if err != nil {
		return out, err
	}
	if limit, err = roomOf(ctx, tx, p, limit, now); err != nil || limit == 0 {
		return out, err
	}
	made, full := at.Made, at.Full
	w := &wave{s: s, tx: tx, p: p, now: now, known: known}
	if err := w.begin(ctx); err != nil {
		return out, err
	}
	for range scans {
		if out.Done = at.Pass >= passes; out.Done || len(w.page) > limit/2 { // the rest would take as many looks again
			break
		}
		if at, err = w.scan(ctx, at, limit); err != nil {
			return out, err
		}
	}
	if err := w.deliver(ctx, &out); err != nil {
		return out, err
	}
	if n := p.b.Notice; n.Stage > 0 {
		if at.Made, at.Full, at.Over = made+out.Added, full, !full.IsZero(); full.IsZero() && at.Made >= n.Stage {
			at.Full = now
		}
	}
	text, err := toJSON(at)
	if err != nil {
		return out, err
	}
	var done time.Time
	if out.Done {
		done = now
	}
	_, err = tx.Exec(ctx, "UPDATE notice SET cursor = $1, expanded_at = $2 WHERE id = $3", text, when(done), int64(out.Notice))
	return out, err
}

func readCursor(ctx context.Context, tx pgx.Tx, id subscriptions.NoticeID) (at cursor, err error) {
	var text string
	if err := tx.QueryRow(ctx, "SELECT cursor FROM notice WHERE id = $1", int64(id)).Scan(&text); err != nil || text == "" {
		return at, err
	}
	return at, json.Unmarshal([]byte(text), &at)
}

// deliver plans and writes a page.
func deliver(ctx context.Context, tx pgx.Tx, p *planned, who []subscriptions.RecipientID, now time.Time, out *subscriptions.Expansion) error {
	people, err := facts(ctx, tx, p, who)
	if err != nil {
		return err
	}
	var fresh, changed []subscriptions.Row
	for _, f := range people {
		plan := p.Delivery(f, now)
		changed = append(changed, plan.Update...)
		if plan.Insert == nil {
			continue
		}
		fresh = append(fresh, *plan.Insert)
		if !slices.Contains(out.Lanes, f.Lane) {
			out.Lanes = append(out.Lanes, f.Lane)
		}
	}
	if err := updateRows(ctx, tx, changed); err != nil {
		return err
	}
	added, err := insertRows(ctx, tx, fresh)
	out.Added += added
	return err
}
