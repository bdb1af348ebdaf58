package sqlite

import (
	"database/sql"
	"slices"
	"strings"

	"arifa/subscriptions"
)

// Plain results are the many of a broadcast: a row of a claim that was sent, of
// which nothing else follows. They are written in one statement, which says what
// PlanResult would, and finds by itself which of them are not plain after all:
// something was added or left in flight, or an end has another row to think of.
const (
	finishMany   = 64
	finishValues = 3 // id, message, time
)

func finishText(n int) string {
	return "WITH v (id, message, at) AS (VALUES (?, ?, ?)" + strings.Repeat(", (?, ?, ?)", n-1) + `)
		UPDATE delivery SET state = 'sent', by = '', carried = 0, told = 2, owed = CASE WHEN ends = '' THEN services ELSE '' END, attempt = attempt + 1, message = v.message,
			message_at = CASE mode WHEN 'message' THEN v.at ELSE message_at END, sent_at = v.at, reason = ''
		FROM v WHERE delivery.id = v.id AND state = 'pending' AND placed = 1 AND lease_until = 0 AND more = '' AND left_services = ''
			AND (ends = '' OR ends = services AND NOT EXISTS (SELECT 1 FROM delivery o WHERE o.recipient_id = delivery.recipient_id
				AND o.incident_id = delivery.incident_id AND o.id <> delivery.id AND o.state = 'pending'))`
}

// plainly is a result of a claimed row.
type plainly struct {
	res   subscriptions.Result
	claim *claim
	at    int // in the claim
}

// finishPlain records the plain ones and returns the others.
func (s *Store) finishPlain(c *conn, rs []subscriptions.Result, sent sentTimes) (others []subscriptions.Result, err error) {
	held, err := c.claimed()
	if err != nil || len(held) == 0 {
		return rs, err
	}
	follows, err := s.followed(c)
	if err != nil {
		return nil, err
	}
	plain := make([]plainly, 0, len(rs))
	for _, r := range rs {
		k, at := held.find(r.ID)
		if k == nil || k.fence != r.Fence || r.State != subscriptions.Sent || r.Message == "" || !r.Counted || r.Gone || !r.MovedTo.IsZero() || r.Reason != "" || follows(k) {
			others = append(others, r)
			continue
		}
		r.At = cut(r.At)
		plain = append(plain, plainly{r, k, at})
	}
	for len(plain) > 0 {
		n := 1
		if len(plain) >= finishMany {
			n = finishMany
		}
		left, err := c.finishSome(plain[:n], sent)
		if err != nil {
			return nil, err
		}
		others, plain = append(others, left...), plain[n:]
	}
	return others, nil
}

// finishSome writes one statement's worth and returns what was not plain.
func (c *conn) finishSome(list []plainly, sent sentTimes) (others []subscriptions.Result, err error) {
	args := make([]any, 0, len(list)*finishValues)
	for _, p := range list {
		args = append(args, int64(p.res.ID), p.res.Message, milli(p.res.At))
	}
	if c.finishes[len(list)] == "" {
		c.finishes[len(list)] = finishText(len(list))
	}
	done, err := c.exec(c.finishes[len(list)], args...)
	if err != nil {
		return nil, err
	}
	var left []subscriptions.DeliveryID
	if done < len(list) {
		if left, err = c.stillPending(list); err != nil {
			return nil, err
		}
	}
	for _, p := range list {
		if slices.Contains(left, p.res.ID) {
			others = append(others, p.res)
			continue
		}
		p.claim.drop(p.at)
		sent.add(p.claim.notice, p.claim.lane, milli(p.res.At))
	}
	return others, nil
}

// stillPending lists those that the statement passed over.
func (c *conn) stillPending(list []plainly) (left []subscriptions.DeliveryID, err error) {
	all := make([]subscriptions.DeliveryID, len(list))
	for i, p := range list {
		all[i] = p.res.ID
	}
	// A row that was sent keeps its claim until here; one that is gone has none of
	// the states.
	err = c.each("SELECT j.value FROM json_each(?) j LEFT JOIN delivery d ON d.id = j.value WHERE d.state IS NULL OR d.state <> 'sent' OR d.placed = 0 OR d.told < 2", []any{ids(all)}, func(rs *sql.Rows) error {
		var id subscriptions.DeliveryID
		err := rs.Scan(&id)
		left = append(left, id)
		return err
	})
	return left, err
}

// followed tells of which claims late rows need more than a record: something has
// been published about them since.
func (s *Store) followed(c *conn) (func(*claim) bool, error) {
	hs, err := s.heads(c, "WHERE "+follows)
	if err != nil || len(hs) == 0 {
		return func(*claim) bool { return false }, err
	}
	var since []*planned
	for _, h := range hs {
		p, err := s.planner(c, h)
		if err != nil {
			return nil, err
		}
		since = append(since, p)
	}
	incident := map[subscriptions.NoticeID]subscriptions.IncidentID{}
	return func(k *claim) bool {
		i, known := incident[k.notice]
		if !known {
			if p, err := s.plannerOf(c, k.notice); err == nil {
				i = p.b.Notice.Incident
			}
			incident[k.notice] = i
		}
		return slices.ContainsFunc(since, func(p *planned) bool {
			return p.b.Sequence > k.sequence && (p.b.Notice.Corrects == k.notice || i != 0 && p.b.Notice.Kind == subscriptions.Restored && p.b.Notice.Incident == i)
		})
	}, nil
}
