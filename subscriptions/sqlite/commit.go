package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"arifa/subscriptions"
)

// unsentAfter is when an unsent delivery of a notice without an expiry of its
// own is superseded.
const unsentAfter = 12 * time.Hour

// Commit implements subscriptions.Bulletins.
func (s *Store) Commit(ctx context.Context, ch subscriptions.Change) (out subscriptions.Change, err error) {
	err = s.update(ctx, "commit", func(c *conn) error {
		if done, ok, err := c.answered(ch.Request); err != nil || ok {
			out = done
			return err
		}
		out, err = s.commit(c, ch)
		if err != nil || ch.Request == "" {
			return err
		}
		answer, err := toJSON(out)
		if err != nil {
			return err
		}
		_, err = c.exec("INSERT INTO request (key, at, answer) VALUES (?, ?, ?)", ch.Request, milli(ch.Now), answer)
		return err
	})
	return out, err
}

// answered returns what an earlier Commit with the same key stored.
func (c *conn) answered(key string) (out subscriptions.Change, ok bool, err error) {
	if key == "" {
		return out, false, nil
	}
	var answer []byte
	err = c.one("SELECT answer FROM request WHERE key = ?", []any{key}, &answer)
	if none(err) {
		return out, false, nil
	}
	if err == nil {
		err = json.Unmarshal(answer, &out)
	}
	out.Repeated = true
	return out, true, err
}

func (s *Store) commit(c *conn, ch subscriptions.Change) (subscriptions.Change, error) {
	if _, err := c.exec("UPDATE meta SET generation = generation + 1"); err != nil {
		return ch, err
	}
	var incident *subscriptions.Incident
	if ch.Incident != nil {
		i := *ch.Incident
		if i.ID == 0 {
			if err := c.newIncident(&i); err != nil {
				return ch, err
			}
		} else if err := c.claimRevision("incident", int64(i.ID), i.Revision); err != nil {
			return ch, fmt.Errorf("incident %d: %w", i.ID, err)
		}
		i.Revision++
		incident = &i
	}
	ch.Notices = slices.Clone(ch.Notices)
	var publishing []*subscriptions.Notice
	for k := range ch.Notices {
		n := &ch.Notices[k]
		if n.Incident == 0 && ch.Incident != nil && ch.Incident.ID == 0 {
			n.Incident, n.Round = incident.ID, incident.Round
		}
		now, err := c.putNotice(n, ch)
		if err != nil {
			return ch, err
		}
		if now {
			publishing = append(publishing, n)
		}
	}
	if err := s.announce(c, &incident, publishing, ch); err != nil {
		return ch, err
	}
	if incident != nil {
		if err := c.putIncident(incident); err != nil {
			return ch, err
		}
	}
	ch.Incident = incident
	if err := c.summonAll(ch); err != nil {
		return ch, err
	}
	line, err := c.append(ch.Line)
	ch.Line = line
	return ch, err
}

func (c *conn) summonAll(ch subscriptions.Change) error {
	about := ""
	if ch.Incident != nil {
		about = fmt.Sprintf("incident %d", ch.Incident.ID)
	}
	for _, m := range ch.Summons {
		if _, err := c.summon(m, about); err != nil {
			return fmt.Errorf("calls: %w", err)
		}
	}
	return nil
}

// claimRevision refuses a decision that was made on a state that is gone.
func (c *conn) claimRevision(table string, id, revision int64) error {
	n, err := c.exec("UPDATE "+table+" SET revision = revision + 1 WHERE id = ? AND revision = ?", id, revision)
	if err != nil {
		return err
	}
	return c.changedOne(n, "SELECT 1 FROM "+table+" WHERE id = ?", id)
}

func (c *conn) newIncident(i *subscriptions.Incident) error {
	id, err := c.insert("INSERT INTO incident (revision, live, round, opened_at, ended_at, doc) VALUES (1, 0, 0, 0, 0, '')")
	i.ID, i.Revision = subscriptions.IncidentID(id), 0
	if i.Round == 0 {
		i.Round = 1
	}
	return err
}

func (c *conn) putIncident(i *subscriptions.Incident) error {
	cutIncident(i)
	doc, err := toJSON(i)
	if err != nil {
		return err
	}
	live := !i.State.Over()
	// A watch is for the round in which it was asked for. (It needs "> 0" said to find
	// the index that holds watches alone; without it everybody's follows were read.)
	if _, err := c.exec("DELETE FROM follow WHERE incident_id = ?1 AND incident_id > 0 AND (SELECT round FROM incident WHERE id = ?1) BETWEEN 1 AND ?2", int64(i.ID), i.Round-1); err != nil {
		return err
	}
	if _, err := c.exec("UPDATE incident SET live = ?, round = ?, opened_at = ?, ended_at = ?, doc = ? WHERE id = ?",
		flag(live), i.Round, milli(i.OpenedAt), milli(i.EndedAt), doc, int64(i.ID)); err != nil {
		return err
	}
	if _, err := c.exec("DELETE FROM live_platform WHERE incident_id = ?", int64(i.ID)); err != nil || !live {
		return err
	}
	for _, p := range i.Platforms() {
		if _, err := c.exec("INSERT INTO live_platform (platform, incident_id) VALUES (?, ?)", i.Claimed(p), int64(i.ID)); err != nil {
			return fmt.Errorf("platform %s has a live incident: %w", p, err)
		}
	}
	return nil
}

func cutIncident(i *subscriptions.Incident) {
	for _, t := range []*time.Time{&i.OpenedAt, &i.Since, &i.StartsAt, &i.EndsAt, &i.NextUpdate, &i.EndedAt} {
		*t = cut(*t)
	}
}

// putNotice stores one notice and reports whether it turns published.
func (c *conn) putNotice(n *subscriptions.Notice, ch subscriptions.Change) (publishing bool, err error) {
	var state string
	var overtaken, expanded int64
	if n.ID == 0 {
		id, err := c.insert(`INSERT INTO notice (incident_id, round, kind, agency, state, revision, sequence, rank, corrects, overtaken, published_at, expires_at, expanded_at, settled, cursor, high_harm, doc)
			VALUES (0, 0, '', '', '', 1, 0, 0, 0, 0, 0, 0, 0, 0, '', '', '')`)
		if err != nil {
			return false, err
		}
		n.ID, n.Revision = subscriptions.NoticeID(id), 0
	} else {
		if err := c.claimRevision("notice", int64(n.ID), n.Revision); err != nil {
			return false, fmt.Errorf("notice %d: %w", n.ID, err)
		}
		if err := c.one("SELECT state, overtaken, expanded_at FROM notice WHERE id = ?", []any{int64(n.ID)}, &state, &overtaken, &expanded); err != nil {
			return false, err
		}
	}
	n.Revision++
	n.Overtaken, n.ExpandedAt = subscriptions.NoticeID(overtaken), fromMilli(expanded)
	if ch.Day != "" && n.Key == "" {
		if n.Key, err = c.nextKey(ch.Day); err != nil {
			return false, err
		}
	}
	publishing = n.State == subscriptions.Published && state != published
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
	return publishing, c.writeNotice(*n)
}

func (c *conn) writeNotice(n subscriptions.Notice) error {
	doc, err := toJSON(n)
	if err != nil {
		return err
	}
	var key, short any
	if n.Key != "" {
		key, short = string(n.Key), n.Key.Short()
	}
	_, err = c.exec(`UPDATE notice SET key = ?, short_key = ?, incident_id = ?, round = ?, kind = ?, agency = ?, state = ?, corrects = ?, published_at = ?, expires_at = ?, doc = ? WHERE id = ?`,
		key, short, int64(n.Incident), n.Round, string(n.Kind), string(n.Agency), string(n.State), int64(n.Corrects), milli(n.PublishedAt), milli(n.ExpiresAt), doc, int64(n.ID))
	return err
}

// nextKey gives the next number of a day; numbers are never given twice.
func (c *conn) nextKey(day string) (subscriptions.NoticeKey, error) {
	var n int
	err := c.one("INSERT INTO notice_day (day, last) VALUES (?, 1) ON CONFLICT (day) DO UPDATE SET last = last + 1 RETURNING last", []any{day}, &n)
	return subscriptions.NoticeKey(fmt.Sprintf("%s-%d", day, n)), err
}
