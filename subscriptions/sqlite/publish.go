package sqlite

import (
	"fmt"

	"arifa/subscriptions"
)

// announce does what publishing means: the order of publication, the audience,
// the incident's first and last notice, and what is overtaken. incident is nil
// where the change carries none; it is read then where a notice needs it.
func (s *Store) announce(c *conn, incident **subscriptions.Incident, publishing []*subscriptions.Notice, ch subscriptions.Change) error {
	for k, n := range publishing {
		if n.Incident != 0 && *incident == nil {
			i, err := c.incidents("WHERE id = ?", int64(n.Incident))
			if err != nil || len(i) == 0 {
				return fmt.Errorf("incident %d of notice %d: %w", n.Incident, n.ID, orNotFound(err))
			}
			if err := c.claimRevision("incident", int64(n.Incident), i[0].Revision); err != nil {
				return err
			}
			i[0].Revision++
			*incident = &i[0]
		}
		var i subscriptions.Incident
		if *incident != nil && (*incident).ID == n.Incident {
			i = **incident
		}
		if err := c.publish(*n, i, ch.HighHarm); err != nil {
			return err
		}
		if i.ID != 0 {
			if err := c.firstAndLast(*incident, *n); err != nil {
				return err
			}
		}
		if k > 0 {
			continue
		}
		for _, old := range ch.Overtakes {
			if err := c.overtake(*n, old, i); err != nil {
				return err
			}
		}
	}
	return nil
}

func orNotFound(err error) error {
	if err == nil {
		return subscriptions.ErrNotFound
	}
	return err
}

func (c *conn) publish(n subscriptions.Notice, i subscriptions.Incident, highHarm []subscriptions.ServiceID) error {
	var sequence int64
	if err := c.one("UPDATE meta SET sequence = sequence + 1 RETURNING sequence", nil, &sequence); err != nil {
		return err
	}
	rank := subscriptions.NewPlanner(subscriptions.Bulletin{Notice: n, Incident: i, HighHarm: highHarm}).NoticeRank()
	if _, err := c.exec("UPDATE notice SET sequence = ?, rank = ?, high_harm = ?, expanded_at = 0, settled = 0, cursor = '' WHERE id = ?",
		sequence, rank, joined(highHarm), int64(n.ID)); err != nil {
		return err
	}
	if _, err := c.exec("DELETE FROM notice_scope WHERE notice_id = ?", int64(n.ID)); err != nil {
		return err
	}
	for scope, services := range n.Audience {
		if _, err := c.exec("INSERT INTO notice_scope (notice_id, scope, services) VALUES (?, ?, ?)", int64(n.ID), string(scope), joined(services)); err != nil {
			return err
		}
	}
	return nil
}

// firstAndLast notes n as the incident's newest notice, and as its first where
// this round has none.
func (c *conn) firstAndLast(i *subscriptions.Incident, n subscriptions.Notice) error {
	i.LastNotice = n.ID
	if i.FirstNotice != 0 {
		var round int
		err := c.one("SELECT round FROM notice WHERE id = ?", []any{int64(i.FirstNotice)}, &round)
		if err == nil && round == n.Round {
			return nil
		}
		if err != nil && !none(err) {
			return err
		}
	}
	i.FirstNotice = n.ID
	return nil
}

// overtake marks an older notice, unless somebody who waits for it would be
// skipped by that.
func (c *conn) overtake(n subscriptions.Notice, id subscriptions.NoticeID, i subscriptions.Incident) error {
	if id == n.ID {
		return nil
	}
	old, err := c.notices("WHERE n.id = ?", int64(id))
	if err != nil || len(old) == 0 {
		return fmt.Errorf("overtaken notice %d: %w", id, orNotFound(err))
	}
	if old[0].Overtaken != 0 || !subscriptions.Overtakes(n, old[0], i) {
		return nil
	}
	_, err = c.exec("UPDATE notice SET overtaken = ? WHERE id = ?", int64(n.ID), int64(id))
	return err
}
