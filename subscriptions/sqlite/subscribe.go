package sqlite

import (
	"context"
	"reflect"
	"slices"
	"time"

	"arifa/subscriptions"
)

// Subscribe implements subscriptions.Register. The lock it shares with Publish is
// the file's one writer.
func (s *Store) Subscribe(ctx context.Context, id subscriptions.RecipientID, follows []subscriptions.Follow, now time.Time) (owed []subscriptions.Owed, err error) {
	err = s.update(ctx, "subscribe", func(c *conn) error {
		if err := c.addFollows(id, follows, now); err != nil {
			return err
		}
		owed, err = s.owe(c, id, now)
		return err
	})
	return owed, err
}

// addFollows enters follows; ErrNotFound where there is no such recipient.
func (c *conn) addFollows(id subscriptions.RecipientID, follows []subscriptions.Follow, now time.Time) error {
	if n, err := c.exec("UPDATE recipient SET idle_at = 0 WHERE id = ?", int64(id)); err != nil || n == 0 {
		return orNotFound(err)
	}
	for _, f := range follows {
		since := f.Since
		if since.IsZero() {
			since = now
		}
		if _, err := c.exec(`INSERT INTO follow (recipient_id, scope, incident_id, until, since, consent) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (recipient_id, scope, incident_id) DO UPDATE SET until = CASE WHEN until = 0 OR excluded.until = 0 THEN 0 ELSE max(until, excluded.until) END`,
			int64(id), string(f.Scope), int64(f.Incident), milli(f.Until), milli(since), f.Consent); err != nil {
			return err
		}
	}
	return c.idle(id, now)
}

// idle notes whether a recipient follows anything.
func (c *conn) idle(id subscriptions.RecipientID, now time.Time) error {
	_, err := c.exec(`UPDATE recipient SET idle_at = CASE WHEN EXISTS (SELECT 1 FROM follow WHERE recipient_id = ?1) THEN 0 WHEN idle_at > 0 THEN idle_at ELSE ?2 END WHERE id = ?1`,
		int64(id), max(1, milli(now)))
	return err
}

// owe makes a recipient owed the present state of every live incident that its
// follows match.
func (s *Store) owe(c *conn, id subscriptions.RecipientID, now time.Time) (owed []subscriptions.Owed, err error) {
	open, err := s.openNotices(c)
	if err != nil {
		return nil, err
	}
	var incidents []subscriptions.IncidentID
	current := map[subscriptions.IncidentID][]*planned{} // newest first
	for _, p := range slices.Backward(open) {
		n := p.b.Notice
		if _, dead := p.dead(now); dead || n.Incident == 0 || !n.Kind.Chain() || n.Kind == subscriptions.Restored {
			continue
		}
		if current[n.Incident] == nil {
			incidents = append(incidents, n.Incident)
		}
		current[n.Incident] = append(current[n.Incident], p)
	}
	for _, i := range incidents {
		o, ok, err := s.oweOne(c, id, current[i], now)
		if err != nil {
			return nil, err
		}
		if ok {
			owed = append(owed, o)
		}
	}
	return owed, nil
}

// oweOne takes the newest notice that the recipient's follows match, with what
// other live notices of the incident tell this person.
func (s *Store) oweOne(c *conn, id subscriptions.RecipientID, live []*planned, now time.Time) (o subscriptions.Owed, ok bool, err error) {
	var target *planned
	var fact subscriptions.Fact
	for _, p := range live {
		facts, err := c.facts(p, []subscriptions.RecipientID{id})
		if err != nil || len(facts) == 0 {
			return o, false, err
		}
		services, member := p.Hears(facts[0], now)
		switch {
		case !member:
		case target == nil:
			target, fact = p, facts[0]
		default:
			fact.Also = append(fact.Also, services...)
		}
	}
	if target == nil {
		return o, false, nil
	}
	plan := target.Delivery(fact, now)
	if plan.Why == subscriptions.PlanHasRow {
		plan = target.Grow(fact, now)
	}
	if err := c.apply(plan); err != nil {
		return o, false, err
	}
	o, ok = subscriptions.OwedBy(plan)
	return o, ok, nil
}

// Leave implements subscriptions.Register.
func (s *Store) Leave(ctx context.Context, id subscriptions.RecipientID, scopes []subscriptions.Scope, now time.Time) (left subscriptions.Left, err error) {
	err = s.update(ctx, "leave", func(c *conn) error {
		left = subscriptions.Left{}
		before, err := c.follows(id)
		if err != nil {
			return err
		}
		var remaining []subscriptions.Follow
		var removed []subscriptions.Follow
		for _, f := range before {
			if scopes != nil && !slices.Contains(scopes, f.Scope) {
				remaining = append(remaining, f)
				continue
			}
			removed = append(removed, f)
			if !slices.Contains(left.Scopes, f.Scope) {
				left.Scopes = append(left.Scopes, f.Scope)
			}
			if _, err := c.exec("DELETE FROM follow WHERE recipient_id = ? AND scope = ? AND incident_id = ?", int64(id), string(f.Scope), int64(f.Incident)); err != nil {
				return err
			}
		}
		if err := c.idle(id, now); err != nil {
			return err
		}
		if scopes == nil { // who leaves is not asked either
			if err := c.unlink(id); err != nil {
				return err
			}
		}
		left.Unended, err = s.endUnexplained(c, id, removed, remaining, scopes == nil, now)
		return err
	})
	return left, err
}

// endUnexplained ends the debts of the removed follows, incident by incident,
// and counts the live ones of which the person will not hear the end.
func (s *Store) endUnexplained(c *conn, id subscriptions.RecipientID, removed, remaining []subscriptions.Follow, all bool, now time.Time) (unended int, err error) {
	rows, err := c.rows("WHERE d.recipient_id = ? ORDER BY d.incident_id, d.sequence", int64(id))
	if err != nil {
		return 0, err
	}
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].Incident == rows[0].Incident && rows[0].Incident != 0 {
			n++
		}
		group := rows[:n]
		rows = rows[n:]
		lost, err := s.leaveGroup(c, group, removed, remaining, all, now)
		if err != nil {
			return 0, err
		}
		if lost {
			unended++
		}
	}
	return unended, nil
}

// leaveGroup does so for the rows of one incident, or for one row without any.
func (s *Store) leaveGroup(c *conn, rows []subscriptions.Row, removed, remaining []subscriptions.Follow, all bool, now time.Time) (lost bool, err error) {
	heard, live, err := s.heard(c, rows[0])
	if err != nil {
		return false, err
	}
	incident := rows[0].Incident
	gone := subscriptions.Leaving(heard, scopesOf(removed, incident, now), scopesOf(remaining, incident, now))
	outside := !explains(heard, scopesOf(remaining, incident, now)) && explains(heard, scopesOf(removed, incident, now))
	owing := len(subscriptions.Owing(rows)) > 0
	for k, r := range rows {
		after := subscriptions.PlanLeave(r, gone, all || outside && len(r.Services) == 0)
		if reflect.DeepEqual(after, r) {
			continue
		}
		rows[k] = after
		if err := c.updateRow(after); err != nil {
			return false, err
		}
	}
	return live && owing && len(subscriptions.Owing(rows)) == 0, nil
}

// heard returns the audiences of everything published about the row's incident,
// or of its own notice, and whether the incident is live.
func (s *Store) heard(c *conn, r subscriptions.Row) (heard []subscriptions.Audience, live bool, err error) {
	where, key := "WHERE n.id = ?", int64(r.Notice)
	if r.Incident != 0 {
		where, key = "WHERE n.incident_id = ? AND n.sequence > 0", int64(r.Incident)
	}
	hs, err := s.heads(c, where, key)
	if err != nil {
		return nil, false, err
	}
	for _, h := range hs {
		n, _, err := s.noticeOf(c, h)
		if err != nil {
			return nil, false, err
		}
		heard = append(heard, n.Audience)
	}
	if r.Incident != 0 {
		i, err := s.incidentOf(c, r.Incident)
		return heard, !i.State.Over(), err
	}
	return heard, false, nil
}

func scopesOf(follows []subscriptions.Follow, incident subscriptions.IncidentID, now time.Time) (out []subscriptions.Scope) {
	for _, f := range follows {
		if f.Counts(incident, now) {
			out = append(out, f.Scope)
		}
	}
	return out
}

func explains(heard []subscriptions.Audience, scopes []subscriptions.Scope) bool {
	for _, a := range heard {
		for _, s := range scopes {
			if _, ok := a[s]; ok {
				return true
			}
		}
	}
	return false
}
