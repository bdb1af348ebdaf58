package sqlite

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"arifa/subscriptions"
)

// atOnce is how many rows of an import one statement writes: a statement for each row
// costs many times as much.
const atOnce = 500

// ImportRecipients implements subscriptions.Importer.
func (s *Store) ImportRecipients(ctx context.Context, posts []subscriptions.Post, now time.Time) error {
	return s.update(ctx, "import recipients", func(c *conn) error {
		for len(posts) > 0 {
			page := posts[:min(atOnce, len(posts))]
			posts = posts[len(page):]
			ids, known, err := c.enter(page)
			if err != nil {
				return err
			}
			if err := c.enterFollows(page, ids, now); err != nil {
				return err
			}
			for _, id := range known {
				if err := c.idle(id, now); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// place is what a recipient is unique on.
type place struct {
	lane    subscriptions.LaneID
	address string
}

func placeOf(r subscriptions.Recipient) place { return place{r.Lane, r.Address.Reveal()} }

// enter writes who is not known yet, and finds everybody's id; known are those who
// were there before.
func (c *conn) enter(posts []subscriptions.Post) (ids map[place]subscriptions.RecipientID, known []subscriptions.RecipientID, err error) {
	ids = make(map[place]subscriptions.RecipientID, len(posts))
	lanes := map[subscriptions.LaneID]bool{}
	args := make([]any, 0, 10*len(posts))
	for _, p := range posts {
		r, idle := p.Recipient, 0
		if len(p.Follows) == 0 {
			idle = int(max(1, milli(r.CreatedAt)))
		}
		args = append(args, string(r.Lane), r.Address.Reveal(), string(r.Kind), string(r.Language), joined(r.Languages), r.Title, flag(r.Silent), milli(r.CreatedAt), milli(r.GoneAt), idle)
		lanes[r.Lane] = true
	}
	err = c.each("INSERT INTO recipient (lane, address, kind, language, languages, title, silent, created_at, gone_at, idle_at, talk, asked_at) VALUES "+
		values("(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '{}', 0)", len(posts))+" ON CONFLICT (lane, address) DO NOTHING RETURNING id, lane, address", args, func(rs *sql.Rows) error {
		var id subscriptions.RecipientID
		var at place
		err := rs.Scan(&id, &at.lane, &at.address)
		ids[at] = id
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	for lane := range lanes {
		if _, err := c.exec("INSERT INTO lane (id, owner, fence, until, paused_until, paused_why) VALUES (?, '', 0, 0, 0, '') ON CONFLICT DO NOTHING", string(lane)); err != nil {
			return nil, nil, err
		}
	}
	for _, p := range posts {
		at := placeOf(p.Recipient)
		if ids[at] != 0 {
			continue
		}
		var id subscriptions.RecipientID
		if err := c.one("SELECT id FROM recipient WHERE lane = ? AND address = ?", []any{string(at.lane), at.address}, &id); err != nil {
			return nil, nil, err
		}
		ids[at], known = id, append(known, id)
	}
	return ids, known, nil
}

func (c *conn) enterFollows(posts []subscriptions.Post, ids map[place]subscriptions.RecipientID, now time.Time) error {
	args, rows := make([]any, 0, 5*atOnce), 0
	flush := func() error {
		if rows == 0 {
			return nil
		}
		_, err := c.exec("INSERT INTO follow (recipient_id, scope, until, since, consent, incident_id) VALUES "+values("(?, ?, ?, ?, ?, 0)", rows)+
			" ON CONFLICT (recipient_id, scope, incident_id) DO UPDATE SET until = CASE WHEN until = 0 OR excluded.until = 0 THEN 0 ELSE max(until, excluded.until) END", args...)
		args, rows = args[:0], 0
		return err
	}
	for _, p := range posts {
		for _, f := range p.Follows {
			since := f.Since
			if since.IsZero() {
				since = now
			}
			args, rows = append(args, int64(ids[placeOf(p.Recipient)]), string(f.Scope), milli(f.Until), milli(since), f.Consent), rows+1
			if rows == atOnce {
				if err := flush(); err != nil {
					return err
				}
			}
		}
	}
	return flush()
}

// values is a list of n rows of one form.
func values(row string, n int) string { return strings.TrimSuffix(strings.Repeat(row+",", n), ",") }

// Subscribers implements subscriptions.Lister.
func (s *Store) Subscribers(ctx context.Context, after subscriptions.RecipientID, limit int) (out []subscriptions.Post, err error) {
	err = s.view(ctx, "list subscribers", func(c *conn) error {
		people, err := c.recipients("WHERE id > ? AND kind = 'person' ORDER BY id LIMIT ?", int64(after), limit)
		if err != nil || len(people) == 0 {
			return err
		}
		at := make(map[subscriptions.RecipientID]int, len(people))
		out = make([]subscriptions.Post, len(people))
		for i, r := range people {
			at[r.ID], out[i] = i, subscriptions.Post{Recipient: r}
		}
		return c.each("SELECT recipient_id, scope, since, consent FROM follow WHERE recipient_id BETWEEN ? AND ? AND incident_id = 0 AND until = 0 ORDER BY recipient_id, since, scope",
			[]any{int64(people[0].ID), int64(people[len(people)-1].ID)}, func(rs *sql.Rows) error {
				var id subscriptions.RecipientID
				var since int64
				var f subscriptions.Follow
				err := rs.Scan(&id, &f.Scope, &since, &f.Consent)
				if i, ok := at[id]; ok {
					f.Since = fromMilli(since)
					out[i].Follows = append(out[i].Follows, f)
				}
				return err
			})
	})
	return out, err
}
