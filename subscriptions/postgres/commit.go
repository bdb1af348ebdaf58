package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// unsentAfter is when an unsent delivery of a notice without an expiry of its
// own is superseded.
const unsentAfter = 12 * time.Hour

// Commit implements subscriptions.Bulletins. Every decision takes the publish
// lock, not only a publication: whoever plans deliveries shares it and must not
// see an incident or a notice change half-way.
func (s *Store) Commit(ctx context.Context, ch subscriptions.Change) (out subscriptions.Change, err error) {
	err = s.update(ctx, "commit", func(tx pgx.Tx) error {
		if err := lockExclusively(ctx, tx, lockPublish); err != nil {
			return err
		}
		if done, ok, err := answered(ctx, tx, ch.Request); err != nil || ok {
			out = done
			return err
		}
		if err := hint(ctx, tx); err != nil {
			return err
		}
		out, err = commit(ctx, tx, ch)
		if err != nil || ch.Request == "" {
			return err
		}
		answer, err := toJSON(out)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "INSERT INTO request (key, at, answer) VALUES ($1, $2, $3)", ch.Request, when(ch.Now), answer)
		return err
	})
	if err != nil {
		return subscriptions.Change{}, err
	}
	return out, nil
}

// answered returns what an earlier Commit with the same key stored.
func answered(ctx context.Context, tx pgx.Tx, key string) (out subscriptions.Change, ok bool, err error) {
	if key == "" {
		return out, false, nil
	}
	var answer string
	err = tx.QueryRow(ctx, "SELECT answer FROM request WHERE key = $1", key).Scan(&answer)
	if errors.Is(err, pgx.ErrNoRows) {
		return out, false, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(answer), &out)
	}
	out.Repeated = true
	return out, true, err
}

func commit(ctx context.Context, tx pgx.Tx, ch subscriptions.Change) (subscriptions.Change, error) {
	if _, err := tx.Exec(ctx, "UPDATE meta SET generation = generation + 1"); err != nil {
		return ch, err
	}
	incident, err := takeIncident(ctx, tx, ch.Incident)
	if err != nil {
		return ch, err
	}
	ch.Notices = slices.Clone(ch.Notices)
	var publishing []*subscriptions.Notice
	for k := range ch.Notices {
		n := &ch.Notices[k]
		if n.Incident == 0 && ch.Incident != nil && ch.Incident.ID == 0 {
			n.Incident, n.Round = incident.ID, incident.Round
		}
		now, err := putNotice(ctx, tx, n, ch)
		if err != nil {
			return ch, err
		}
		if now {
			publishing = append(publishing, n)
		}
	}
	if err := announce(ctx, tx, &incident, publishing, ch); err != nil {
		return ch, err
	}
	if incident != nil {
		if err := putIncident(ctx, tx, incident); err != nil {
			return ch, err
		}
	}
	ch.Incident = incident
	if err := summonAll(ctx, tx, ch); err != nil {
		return ch, err
	}
	ch.Line, err = seal(ctx, tx, ch.Line)
	return ch, err
}

func summonAll(ctx context.Context, tx pgx.Tx, ch subscriptions.Change) error {
	about := ""
	if ch.Incident != nil {
		about = fmt.Sprintf("incident %d", ch.Incident.ID)
	}
	for _, m := range ch.Summons {
		if _, err := summon(ctx, tx, m, about); err != nil {
			return fmt.Errorf("calls: %w", err)
		}
	}
	return nil
}

// takeIncident inserts a new incident or claims the revision of a stored one, and
// returns a copy with the next revision; nil stays nil.
func takeIncident(ctx context.Context, tx pgx.Tx, given *subscriptions.Incident) (*subscriptions.Incident, error) {
	if given == nil {
		return nil, nil
	}
	i := *given
	if i.ID == 0 {
		i.Revision, i.Round = 0, max(i.Round, 1)
		if err := tx.QueryRow(ctx, "INSERT INTO incident (revision, live, round, doc) VALUES (1, false, 0, '{}') RETURNING id").Scan(&i.ID); err != nil {
			return nil, err
		}
	} else if err := claimRevision(ctx, tx, "incident", int64(i.ID), i.Revision); err != nil {
		return nil, fmt.Errorf("incident %d: %w", i.ID, err)
	}
	i.Revision++
	return &i, nil
}

// claimRevision refuses a decision that was made on a state that is gone.
func claimRevision(ctx context.Context, tx pgx.Tx, table string, id, revision int64) error {
	tag, err := tx.Exec(ctx, "UPDATE "+table+" SET revision = revision + 1 WHERE id = $1 AND revision = $2", id, revision)
	if err != nil {
		return err
	}
	return changedOne(ctx, tx, tag.RowsAffected(), "SELECT 1 FROM "+table+" WHERE id = $1", id)
}

func putIncident(ctx context.Context, tx pgx.Tx, i *subscriptions.Incident) error {
	for _, t := range []*time.Time{&i.OpenedAt, &i.Since, &i.StartsAt, &i.EndsAt, &i.NextUpdate, &i.EndedAt} {
		*t = cut(*t)
	}
	doc, err := toJSON(i)
	if err != nil {
		return err
	}
	live := !i.State.Over()
	// A watch is for the round in which it was asked for. (It needs "> 0" said to find
	// the index that holds watches alone; without it everybody's follows were read.)
	if _, err := tx.Exec(ctx, "DELETE FROM follow WHERE incident_id = $1 AND incident_id > 0 AND (SELECT round FROM incident WHERE id = $1) BETWEEN 1 AND $2", int64(i.ID), i.Round-1); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "UPDATE incident SET live = $1, round = $2, opened_at = $3, ended_at = $4, doc = $5 WHERE id = $6",
		live, i.Round, when(i.OpenedAt), when(i.EndedAt), doc, int64(i.ID)); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM live_platform WHERE incident_id = $1", int64(i.ID)); err != nil || !live {
		return err
	}
	for _, p := range i.Platforms() {
		if _, err := tx.Exec(ctx, "INSERT INTO live_platform (platform, incident_id) VALUES ($1, $2)", i.Claimed(p), int64(i.ID)); err != nil {
			return fmt.Errorf("platform %s has a live incident: %w", p, err)
		}
	}
	return nil
}

// putNotice stores one notice and reports whether it turns published.
func putNotice(ctx context.Context, tx pgx.Tx, n *subscriptions.Notice, ch subscriptions.Change) (publishing bool, err error) {
	var state subscriptions.NoticeState
	if n.ID == 0 {
		n.Revision, n.Overtaken, n.ExpandedAt = 0, 0, time.Time{}
		err = tx.QueryRow(ctx, `INSERT INTO notice (incident_id, round, kind, agency, state, revision, sequence, rank, corrects, overtaken, settled, cursor, high_harm, doc)
			VALUES (0, 0, '', '', '', 1, 0, 0, 0, 0, false, '', '', '{}') RETURNING id`).Scan(&n.ID)
	} else if err = claimRevision(ctx, tx, "notice", int64(n.ID), n.Revision); err == nil {
		err = tx.QueryRow(ctx, "SELECT state, overtaken, expanded_at FROM notice WHERE id = $1", int64(n.ID)).Scan(&state, &n.Overtaken, (*when)(&n.ExpandedAt))
	}
	if err != nil {
		return false, fmt.Errorf("notice %d: %w", n.ID, err)
	}
	n.Revision++
	if ch.Day != "" && n.Key == "" {
		if n.Key, err = nextKey(ctx, tx, ch.Day); err != nil {
			return false, err
		}
	}
	publishing = n.State == subscriptions.Published && state != subscriptions.Published
	if publishing {
		if n.PublishedAt.IsZero() {
			n.PublishedAt = ch.Now
		}
		if n.ExpiresAt.IsZero() {
			n.ExpiresAt = n.PublishedAt.Add(unsentAfter)
		}
	}
	for _, t := range []*time.Time{&n.CreatedAt, &n.SubmittedAt, &n.PublishedAt, &n.ExpiresAt, &n.StoppedAt} {
		*t = cut(*t)
	}
	return publishing, writeNotice(ctx, tx, *n)
}

func writeNotice(ctx context.Context, tx pgx.Tx, n subscriptions.Notice) error {
	doc, err := toJSON(n)
	if err != nil {
		return err
	}
	var key, short *string // NULL until it has a number
	if n.Key != "" {
		long, brief := string(n.Key), n.Key.Short()
		key, short = &long, &brief
	}
	_, err = tx.Exec(ctx, `UPDATE notice SET key = $1, short_key = $2, incident_id = $3, round = $4, kind = $5, agency = $6, state = $7, corrects = $8,
		published_at = $9, expires_at = $10, doc = $11 WHERE id = $12`,
		key, short, int64(n.Incident), n.Round, string(n.Kind), string(n.Agency), string(n.State), int64(n.Corrects), when(n.PublishedAt), when(n.ExpiresAt), doc, int64(n.ID))
	return err
}

// nextKey gives the next number of a day; numbers are never given twice.
func nextKey(ctx context.Context, tx pgx.Tx, day string) (subscriptions.NoticeKey, error) {
	var n int
	err := tx.QueryRow(ctx, `INSERT INTO notice_day (day, last) VALUES ($1, 1)
		ON CONFLICT (day) DO UPDATE SET last = notice_day.last + 1 RETURNING last`, day).Scan(&n)
	return subscriptions.NoticeKey(fmt.Sprintf("%s-%d", day, n)), err
}
