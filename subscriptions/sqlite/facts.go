package sqlite

import (
	"database/sql"
	"time"

	"arifa/subscriptions"
)

// facts reads what the planning of p needs to know of these recipients, in a few
// queries for all of them, in the order of the ids. Erased ones are left out.
func (c *conn) facts(p *planned, list []subscriptions.RecipientID) ([]subscriptions.Fact, error) {
	n, at := p.b.Notice, ids(list)
	index := make(map[subscriptions.RecipientID]int, len(list))
	out := make([]subscriptions.Fact, 0, len(list))
	err := c.each("SELECT r.id, r.lane, r.kind, r.asked_at, r.gone_at FROM json_each(?) j CROSS JOIN recipient r ON r.id = j.value", []any{at}, func(rs *sql.Rows) error {
		var f subscriptions.Fact
		var asked, gone int64
		err := rs.Scan(&f.Recipient, &f.Lane, &f.Kind, &asked, &gone)
		f.AskedAt, f.Gone = fromMilli(asked), gone != 0
		index[f.Recipient] = len(out)
		out = append(out, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = c.each(`SELECT f.recipient_id, f.scope, f.incident_id, f.until FROM json_each(?) j CROSS JOIN follow f ON f.recipient_id = j.value
		CROSS JOIN notice_scope s ON s.notice_id = ? AND s.scope = f.scope`, []any{at, int64(n.ID)}, func(rs *sql.Rows) error {
		var id subscriptions.RecipientID
		var f subscriptions.Follow
		var until int64
		err := rs.Scan(&id, &f.Scope, &f.Incident, &until)
		f.Until = fromMilli(until)
		if i, ok := index[id]; ok {
			out[i].Follows = append(out[i].Follows, f)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, c.factRows(p, at, func(r subscriptions.Row) {
		if i, ok := index[r.Recipient]; ok {
			out[i].Rows = append(out[i].Rows, r)
		}
	})
}

// factRows reads the rows of the same incident, those of the notice itself and those of
// one that it corrects.
func (c *conn) factRows(p *planned, recipients string, add func(subscriptions.Row)) error {
	n := p.b.Notice
	query, args := "", []any{recipients}
	switch {
	case n.Incident != 0 && n.Kind.Chain():
		first, err := c.firstOfIncident(n)
		if err != nil || first {
			return err
		}
		query = "CROSS JOIN delivery d ON d.recipient_id = j.value AND d.incident_id = ?"
		args = append(args, int64(n.Incident))
	default:
		query = "CROSS JOIN delivery d ON d.recipient_id = j.value AND (d.notice_id IN (?, ?) OR d.incident_id = ? AND d.incident_id > 0)"
		args = append(args, int64(n.ID), int64(n.Corrects), int64(n.Incident))
	}
	held, err := c.claimed()
	if err != nil {
		return err
	}
	return c.each("SELECT "+rowColumns+" FROM json_each(?) j "+query, args, func(rs *sql.Rows) error {
		r, err := held.scanRow(rs)
		if err == nil {
			add(r)
		}
		return err
	})
}

// firstOfIncident reports whether no row can exist yet: the notice is the only
// one of its incident that was published, and not a page of it is written.
func (c *conn) firstOfIncident(n subscriptions.Notice) (bool, error) {
	var other, own int
	err := c.one("SELECT EXISTS (SELECT 1 FROM notice WHERE incident_id = ? AND sequence > 0 AND id <> ?), EXISTS (SELECT 1 FROM delivery WHERE notice_id = ?)",
		[]any{int64(n.Incident), int64(n.ID), int64(n.ID)}, &other, &own)
	return other == 0 && own == 0, err
}

// apply writes a plan; it returns the inserted row's lane, if one was inserted.
func (c *conn) apply(p subscriptions.Plan) error {
	if p.Insert != nil {
		if _, err := c.insertRows([]subscriptions.Row{*p.Insert}); err != nil {
			return err
		}
	}
	return c.updateRows(p.Update)
}

// settle writes a row that a report, a lapse or a release changed, and what
// follows from it for the recipient's other rows: a row that is back in the lane
// gives way to a newer one; an end that arrived is not said twice; a start that
// arrived late gets its end, a lie its correction. late is what followsUp says.
func (s *Store) settle(c *conn, before, after subscriptions.Row, late bool) error {
	if after.Incident != 0 && after.NoticeKind.Chain() && (after.Unsent() || after.Told == subscriptions.SurelyTold && len(after.Ends) > 0) {
		if err := s.settleAmong(c, after); err != nil {
			return err
		}
	} else if err := c.reported(before, after); err != nil {
		return err
	}
	if late && subscriptions.SaidMore(before, after) {
		return s.followUp(c, after)
	}
	return nil
}

func (s *Store) settleAmong(c *conn, after subscriptions.Row) error {
	rows, err := c.rows("WHERE d.recipient_id = ? AND d.incident_id = ?", int64(after.Recipient), int64(after.Incident))
	if err != nil {
		return err
	}
	p, err := s.plannerOf(c, after.Notice)
	if err != nil {
		return err
	}
	at := -1
	for i := range rows {
		if rows[i].ID == after.ID {
			rows[i], at = after, i
		}
	}
	return c.updateRows(p.After(rows, at))
}

// follows is what may have been published about rows that are told only now.
const follows = `n.settled = 0 AND n.sequence > 0 AND n.state = 'published' AND n.overtaken = 0 AND (n.kind = 'restored' OR n.corrects > 0)`

// followsUp reports whether anything is published that a late row may need; it
// is asked once for a batch.
func (c *conn) followsUp() (late bool, err error) {
	err = c.one("SELECT EXISTS (SELECT 1 FROM notice n WHERE "+follows+")", nil, &late)
	return late, err
}

// followUp gives a row that was told late what has been published about it since.
func (s *Store) followUp(c *conn, r subscriptions.Row) error {
	hs, err := s.heads(c, "WHERE "+follows+` AND n.sequence > ? AND (n.incident_id = ? AND n.incident_id <> 0 AND n.kind = 'restored' OR n.corrects = ?) ORDER BY n.sequence`,
		r.Sequence, int64(r.Incident), int64(r.Notice))
	if err != nil {
		return err
	}
	for _, h := range hs {
		p, err := s.planner(c, h)
		if err != nil {
			return err
		}
		at := time.UnixMilli(max(milli(r.SentAt), milli(r.MessageAt), milli(p.b.Notice.PublishedAt)))
		if _, dead := p.dead(at); dead {
			continue
		}
		facts, err := c.facts(p, []subscriptions.RecipientID{r.Recipient})
		if err != nil {
			return err
		}
		for _, f := range facts {
			if err := c.apply(p.Delivery(f, at)); err != nil {
				return err
			}
		}
	}
	return nil
}
