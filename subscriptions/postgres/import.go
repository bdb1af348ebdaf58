package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// imported is a page of an import as columns: PostgreSQL takes it in four statements.
type imported struct {
	lane, address, kind, language, languages, title []string
	silent                                          []bool
	created                                         []time.Time
	idle                                            []*time.Time
	lanes                                           map[subscriptions.LaneID]bool

	toLane, toAddress, scope, consent []string
	since                             []time.Time
	until                             []*time.Time
}

// ImportRecipients implements subscriptions.Importer.
func (s *Store) ImportRecipients(ctx context.Context, posts []subscriptions.Post, now time.Time) error {
	p := columnsOf(posts, now)
	return s.update(ctx, "import recipients", func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO recipient (lane, address, kind, language, languages, title, silent, talk, created_at, idle_at)
			SELECT lane, address, kind, language, languages, title, silent, '{}', created, idle
			FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[], $8::timestamptz[], $9::timestamptz[])
				AS p (lane, address, kind, language, languages, title, silent, created, idle)
			ON CONFLICT (lane, address) DO NOTHING`, p.lane, p.address, p.kind, p.language, p.languages, p.title, p.silent, p.created, p.idle); err != nil {
			return err
		}
		for lane := range p.lanes {
			if err := knowLane(ctx, tx, lane); err != nil {
				return err
			}
		}
		// Each pair once: a statement may not change one row twice.
		if _, err := tx.Exec(ctx, `INSERT INTO follow (recipient_id, scope, incident_id, until, since, consent)
			SELECT DISTINCT ON (r.id, f.scope) r.id, f.scope, 0, f.until, f.since, f.consent
			FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[]) AS f (lane, address, scope, until, since, consent)
			JOIN recipient r ON r.lane = f.lane AND r.address = f.address
			ORDER BY r.id, f.scope, f.until DESC NULLS FIRST
			ON CONFLICT (recipient_id, scope, incident_id) DO UPDATE SET
				until = CASE WHEN follow.until IS NULL OR excluded.until IS NULL THEN NULL ELSE greatest(follow.until, excluded.until) END`,
			p.toLane, p.toAddress, p.scope, p.until, p.since, p.consent); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE recipient r SET idle_at = NULL FROM unnest($1::text[], $2::text[]) AS f (lane, address)
			WHERE r.lane = f.lane AND r.address = f.address AND r.idle_at IS NOT NULL`, p.toLane, p.toAddress)
		return err
	})
}

func columnsOf(posts []subscriptions.Post, now time.Time) imported {
	p := imported{lanes: map[subscriptions.LaneID]bool{}}
	for _, post := range posts {
		r := post.Recipient
		address := addressText(r.Address)
		p.lane, p.address, p.kind = append(p.lane, string(r.Lane)), append(p.address, address), append(p.kind, string(r.Kind))
		p.language, p.languages = append(p.language, string(r.Language)), append(p.languages, joined(r.Languages))
		p.title, p.silent = append(p.title, plain(r.Title)), append(p.silent, r.Silent)
		p.created = append(p.created, cut(r.CreatedAt))
		var idle *time.Time
		if len(post.Follows) == 0 {
			t := cut(r.CreatedAt)
			idle = &t
		}
		p.idle = append(p.idle, idle)
		p.lanes[r.Lane] = true
		for _, f := range post.Follows {
			since := f.Since
			if since.IsZero() {
				since = now
			}
			var until *time.Time
			if !f.Until.IsZero() {
				t := cut(f.Until)
				until = &t
			}
			p.toLane, p.toAddress, p.scope = append(p.toLane, string(r.Lane)), append(p.toAddress, address), append(p.scope, string(f.Scope))
			p.until, p.since, p.consent = append(p.until, until), append(p.since, cut(since)), append(p.consent, f.Consent)
		}
	}
	return p
}

// Subscribers implements subscriptions.Lister.
func (s *Store) Subscribers(ctx context.Context, after subscriptions.RecipientID, limit int) (out []subscriptions.Post, err error) {
	err = s.view(ctx, "list subscribers", func(tx pgx.Tx) error {
		people, err := recipients(ctx, tx, "WHERE id > $1 AND kind = 'person' ORDER BY id LIMIT $2", int64(after), limit)
		if err != nil || len(people) == 0 {
			return err
		}
		at := make(map[subscriptions.RecipientID]int, len(people))
		out = make([]subscriptions.Post, len(people))
		for i, r := range people {
			at[r.ID], out[i] = i, subscriptions.Post{Recipient: r}
		}
		rows, err := tx.Query(ctx, "SELECT recipient_id, scope, since, consent FROM follow WHERE recipient_id BETWEEN $1 AND $2 AND incident_id = 0 AND until IS NULL ORDER BY recipient_id, since, scope",
			int64(people[0].ID), int64(people[len(people)-1].ID))
		if err != nil {
			return err
		}
		var id subscriptions.RecipientID
		var f subscriptions.Follow
		_, err = pgx.ForEachRow(rows, []any{&id, &f.Scope, (*when)(&f.Since), &f.Consent}, func() error {
			if i, ok := at[id]; ok {
				out[i].Follows = append(out[i].Follows, f)
			}
			return nil
		})
		return err
	})
	return out, err
}
