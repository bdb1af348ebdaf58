package sqlite

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"slices"
	"time"

	"arifa/subscriptions"
)

// picked is somebody who may be asked.
type picked struct {
	recipient subscriptions.RecipientID
	service   subscriptions.ServiceID
	reported  bool
}

// PickSample implements subscriptions.Samples. It looks before it writes: who may
// be asked is read beside other work, and the write is short.
func (s *Store) PickSample(ctx context.Context, w subscriptions.SampleWish, now time.Time) (n int, err error) {
	if w.Most <= 0 || len(w.Services) == 0 {
		return 0, nil
	}
	var who []picked
	err = s.view(ctx, "look for a sample", func(c *conn) error {
		if who, err = c.reporters(w); err != nil {
			return err
		}
		who, err = c.andTold(w, who)
		return err
	})
	if err != nil {
		return 0, err
	}
	err = s.update(ctx, "pick a sample", func(c *conn) error {
		n = 0
		for _, p := range who[:min(len(who), w.Most)] {
			k, err := c.exec(`INSERT INTO sample (incident_id, round, recipient_id, lane, service, reported, picked_at, asked_at, works, tried, answered_at)
				SELECT ?, ?, id, lane, ?, ?, ?, 0, 0, '', 0 FROM recipient WHERE id = ? ON CONFLICT DO NOTHING`,
				int64(w.Incident), w.Round, string(p.service), flag(p.reported), milli(now), int64(p.recipient))
			if err != nil {
				return err
			}
			n += k
		}
		return nil
	})
	return n, err
}

const notAsked = " AND r.kind = 'person' AND r.gone_at = 0 AND NOT EXISTS (SELECT 1 FROM sample s WHERE s.incident_id = ? AND s.round = ? AND s.recipient_id = r.id)"

// reporters said themselves that it fails; of several services the newest counts.
func (c *conn) reporters(w subscriptions.SampleWish) (out []picked, err error) {
	list, err := toJSON(w.Services)
	if err != nil {
		return nil, err
	}
	seen := map[subscriptions.RecipientID]bool{}
	err = c.each(`SELECT r.id, p.service FROM report p CROSS JOIN recipient r ON r.id = p.recipient_id
		WHERE p.at >= ? AND p.recipient_id > 0 AND p.service IN (SELECT value FROM json_each(?))`+notAsked+" ORDER BY p.at DESC LIMIT ?",
		[]any{milli(w.Since), list, int64(w.Incident), w.Round, 8 * w.Most}, func(rs *sql.Rows) error {
			p := picked{reported: true}
			if err := rs.Scan(&p.recipient, &p.service); err != nil || seen[p.recipient] {
				return err
			}
			seen[p.recipient] = true
			out = append(out, p)
			return nil
		})
	return out, err
}

// andTold adds people who were told of the round and follow still, from random
// places of its deliveries: nobody is asked more often for having come first.
func (c *conn) andTold(w subscriptions.SampleWish, who []picked) ([]picked, error) {
	var first, last int64
	err := c.one("SELECT coalesce(min(d.id), 0), coalesce(max(d.id), 0) FROM notice n CROSS JOIN delivery d ON d.notice_id = n.id WHERE n.incident_id = ? AND n.round = ? AND n.sequence > 0",
		[]any{int64(w.Incident), w.Round}, &first, &last)
	if err != nil || last == 0 {
		return who, err
	}
	list, err := toJSON(who2ids(who))
	if err != nil {
		return nil, err
	}
	for try := 0; try < 6*w.Most && len(who) < w.Most; try++ {
		from := first + rand.Int64N(last-first+1)
		err := c.each(`SELECT r.id, d.services FROM delivery d CROSS JOIN recipient r ON r.id = d.recipient_id
			WHERE d.id >= ? AND d.id < ? AND d.incident_id = ? AND d.round = ? AND d.told > 0 AND r.idle_at = 0 AND r.id NOT IN (SELECT value FROM json_each(?))`+notAsked+" ORDER BY d.id LIMIT 1",
			[]any{from, from + sampleStretch, int64(w.Incident), w.Round, list, int64(w.Incident), w.Round}, func(rs *sql.Rows) error {
				var p picked
				var services string
				if err := rs.Scan(&p.recipient, &services); err != nil {
					return err
				}
				if p.service = subscriptions.OneOf(split[subscriptions.ServiceID](services), w.Services, rand.IntN); p.service != "" {
					who = append(who, p)
				}
				return nil
			})
		if err != nil {
			return nil, err
		}
		if list, err = toJSON(who2ids(who)); err != nil {
			return nil, err
		}
	}
	return who, nil
}

// sampleStretch is how many deliveries are looked at from one random place.
const sampleStretch = 200

func who2ids(who []picked) []int64 {
	out := make([]int64, 0, len(who))
	for _, p := range who {
		out = append(out, int64(p.recipient))
	}
	slices.Sort(out)
	return out
}

const sampleColumns = "s.incident_id, s.round, s.recipient_id, s.lane, r.address, r.kind, r.language, r.silent, s.service, s.picked_at, s.asked_at, s.works, s.tried, s.answered_at"

func scanSample(rs *sql.Rows) (subscriptions.Sample, error) {
	var s subscriptions.Sample
	var address string
	var pickedAt, asked, answered int64
	err := rs.Scan(&s.Incident, &s.Round, &s.Recipient, &s.Lane, &address, &s.Kind, &s.Language, &s.Silent, &s.Service, &pickedAt, &asked, &s.Works, &s.Tried, &answered)
	s.Address, s.PickedAt, s.AskedAt, s.AnsweredAt = subscriptions.AddressOf(address), fromMilli(pickedAt), fromMilli(asked), fromMilli(answered)
	return s, err
}

// DueSamples implements subscriptions.Samples.
func (s *Store) DueSamples(ctx context.Context, lane subscriptions.LaneID, limit int, now time.Time) (out []subscriptions.Sample, err error) {
	err = s.view(ctx, "list due questions", func(c *conn) error {
		out = nil
		return c.each("SELECT "+sampleColumns+` FROM sample s CROSS JOIN recipient r ON r.id = s.recipient_id
			WHERE s.lane = ?1 AND s.asked_at = 0 AND s.recipient_id > 0 AND s.picked_at > ?2 AND r.gone_at = 0 AND (s.reported = 1 OR r.idle_at = 0)
			AND (SELECT count(*) FROM delivery d WHERE d.recipient_id = r.id AND d.message_at > ?3 AND d.kind NOT IN ('restored', 'correction'))
				+ (SELECT count(*) FROM sample q WHERE q.recipient_id = r.id AND q.asked_at > ?3) < ?4
			ORDER BY s.id LIMIT ?5`, []any{string(lane), milli(now.Add(-subscriptions.SampleFor)), milli(now.Add(-capWindow)), subscriptions.HourlyCap, limit}, func(rs *sql.Rows) error {
			d, err := scanSample(rs)
			out = append(out, d)
			return err
		})
	})
	return out, err
}

// AskedSample implements subscriptions.Samples.
func (s *Store) AskedSample(ctx context.Context, sm subscriptions.Sample, now time.Time) error {
	return s.update(ctx, "mark a question as asked", func(c *conn) error {
		n, err := c.exec("UPDATE sample SET asked_at = ? WHERE incident_id = ? AND round = ? AND recipient_id = ? AND recipient_id > 0 AND asked_at = 0",
			milli(now), int64(sm.Incident), sm.Round, int64(sm.Recipient))
		if err == nil && n == 0 {
			err = subscriptions.ErrConflict
		}
		return err
	})
}

// AnswerSample implements subscriptions.Samples.
func (s *Store) AnswerSample(ctx context.Context, sm subscriptions.Sample, now time.Time) error {
	return s.update(ctx, "store an answer", func(c *conn) error {
		n, err := c.exec("UPDATE sample SET works = ?, tried = ?, answered_at = ? WHERE incident_id = ? AND round = ? AND recipient_id = ? AND recipient_id > 0 AND asked_at > 0",
			flag(sm.Works), string(sm.Tried), milli(now), int64(sm.Incident), sm.Round, int64(sm.Recipient))
		if err == nil && n == 0 {
			err = subscriptions.ErrNotFound
		}
		return err
	})
}

// SampleCounts implements subscriptions.Samples.
func (s *Store) SampleCounts(ctx context.Context, i subscriptions.IncidentID, round int, since time.Time) (out []subscriptions.SampleCount, err error) {
	err = s.view(ctx, "count answers", func(c *conn) error {
		out = nil
		return c.each(`SELECT service, tried, count(*), sum(answered_at > 0 AND works), sum(answered_at > 0 AND NOT works) FROM sample
			WHERE incident_id = ? AND round = ? AND picked_at >= ? AND asked_at > 0 GROUP BY service, tried ORDER BY service, tried`, []any{int64(i), round, milli(since)}, func(rs *sql.Rows) error {
			var n subscriptions.SampleCount
			err := rs.Scan(&n.Service, &n.Tried, &n.Asked, &n.Works, &n.Fails)
			out = append(out, n)
			return err
		})
	})
	return out, err
}
