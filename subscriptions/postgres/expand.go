package postgres

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// maxPage keeps the transaction of a page short, whatever limit asks: Publish
// waits for it.
const maxPage = 2000

// scans is how many sources one page looks at before it lets Publish in.
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
// cursor but the time it takes. Replicas take turns.
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
	err = s.update(ctx, "expand", func(tx pgx.Tx) error {
		out = subscriptions.Expansion{}
		if err := sharePublish(ctx, tx); err != nil {
			return err
		}
		if err := lockExclusively(ctx, tx, lockExpand); err != nil {
			return err
		}
		if next, err = s.nextExpansion(ctx, tx, now); err != nil || next == nil {
			return err
		}
		if out, err = expand(ctx, tx, next, limit, now); err != nil || out.Added == 0 {
			return err
		}
		return hint(ctx, tx)
	})
	if err != nil {
		return subscriptions.Expansion{}, err
	}
	return out, nil
}

func (s *Store) nextExpansion(ctx context.Context, tx pgx.Tx, now time.Time) (*planned, error) {
	waiting, err := s.planners(ctx, tx, `WHERE n.sequence > 0 AND NOT n.settled AND n.state = 'published' AND n.overtaken = 0 AND n.expanded_at IS NULL
		ORDER BY n.rank, n.sequence`)
	for _, p := range waiting {
		if _, dead := p.dead(now); !dead {
			return p, err
		}
	}
	return nil, err
}

func expand(ctx context.Context, tx pgx.Tx, p *planned, limit int, now time.Time) (subscriptions.Expansion, error) {
	out := subscriptions.Expansion{Notice: p.b.Notice.ID}
	at, err := readCursor(ctx, tx, p.b.Notice.ID)
	if err != nil {
		return out, err
	}
	sources, err := sourcesOf(ctx, tx, p.b)
	if err != nil {
		return out, err
	}
	var who []subscriptions.RecipientID
	for range scans {
		if out.Done = at.Pass == passRest && at.Step >= len(sources); out.Done || len(who) >= limit {
			break
		}
		if who, at, err = scan(ctx, tx, p, sources, at, who, limit, now); err != nil {
			return out, err
		}
	}
	if err := deliver(ctx, tx, p, who, now, &out); err != nil {
		return out, err
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
	out.Added, err = insertRows(ctx, tx, fresh)
	return err
}

// source is one list of recipients in the order of their ids; its query takes the
// key, the id after which to begin, and how many.
type source struct {
	query string
	key   any
}

const (
	ofScope = "SELECT DISTINCT recipient_id FROM follow WHERE scope = $1 AND recipient_id > $2 ORDER BY recipient_id LIMIT $3"
	ofTold  = "SELECT recipient_id FROM delivery WHERE notice_id = $1 AND recipient_id > $2 ORDER BY recipient_id LIMIT $3"
	ofPosts = "SELECT id AS recipient_id FROM recipient WHERE kind <> $1 AND kind <> 'person' AND id > $2 ORDER BY id LIMIT $3"
	ofAsked = "SELECT id AS recipient_id FROM recipient WHERE asked_at > $1 AND id > $2 ORDER BY id LIMIT $3"
)

// sourcesOf lists where the recipients of a notice are found: the end goes to who
// has a row of an earlier notice, a correction to these and to its audience,
// everything else to who follows.
func sourcesOf(ctx context.Context, tx pgx.Tx, b subscriptions.Bulletin) (out []source, err error) {
	n := b.Notice
	if n.Kind == subscriptions.Restored {
		earlier, err := all(ctx, tx, scalar[int64], "SELECT id FROM notice WHERE incident_id = $1 AND sequence > 0 AND sequence < $2 ORDER BY sequence", int64(n.Incident), b.Sequence)
		for _, id := range earlier {
			out = append(out, source{ofTold, id})
		}
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
func scan(ctx context.Context, tx pgx.Tx, p *planned, sources []source, at cursor, who []subscriptions.RecipientID, limit int, now time.Time) ([]subscriptions.RecipientID, cursor, error) {
	from := source{ofPosts, ""}
	switch at.Pass {
	case passAsked:
		from = source{ofAsked, when(now.Add(-subscriptions.AskedWindow))}
	case passRest:
		from = sources[at.Step]
	}
	n := limit - len(who)
	rows, err := tx.Query(ctx, "SELECT p.recipient_id, EXISTS (SELECT 1 FROM delivery d WHERE d.notice_id = $4 AND d.recipient_id = p.recipient_id) FROM ("+
		from.query+") p ORDER BY p.recipient_id", from.key, int64(at.After), n, int64(p.b.Notice.ID))
	if err != nil {
		return nil, at, err
	}
	read, has := 0, false
	_, err = pgx.ForEachRow(rows, []any{&at.After, &has}, func() error {
		read++
		if !has {
			who = append(who, at.After)
		}
		return nil
	})
	if read < n {
		at = at.next()
	}
	return who, at, err
}

func (at cursor) next() cursor {
	if at.Pass < passRest {
		return cursor{Pass: at.Pass + 1}
	}
	return cursor{Pass: passRest, Step: at.Step + 1}
}
