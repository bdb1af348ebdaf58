package postgres

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

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
	err = s.view(ctx, "look for a sample", func(tx pgx.Tx) error {
		if who, err = reporters(ctx, tx, w); err != nil {
			return err
		}
		who, err = andTold(ctx, tx, w, who)
		return err
	})
	if err != nil {
		return 0, err
	}
	err = s.update(ctx, "pick a sample", func(tx pgx.Tx) error {
		n = 0
		for _, p := range who[:min(len(who), w.Most)] {
			tag, err := tx.Exec(ctx, `INSERT INTO sample (incident_id, round, recipient_id, lane, service, reported, picked_at, works, tried)
				SELECT $1, $2, id, lane, $3, $4, $5, false, '' FROM recipient WHERE id = $6 ON CONFLICT DO NOTHING`,
				int64(w.Incident), w.Round, string(p.service), p.reported, sure(now), int64(p.recipient))
			if err != nil {
				return err
			}
			n += int(tag.RowsAffected())
		}
		return nil
	})
	return n, err
}

const notAsked = " AND r.kind = 'person' AND r.gone_at IS NULL AND NOT EXISTS (SELECT 1 FROM sample s WHERE s.incident_id = $1 AND s.round = $2 AND s.recipient_id > 0 AND s.recipient_id = r.id)"

// reporters said themselves that it fails; of several services the newest counts.
func reporters(ctx context.Context, tx pgx.Tx, w subscriptions.SampleWish) (out []picked, err error) {
	rows, err := all(ctx, tx, func(r pgx.Row) (picked, error) {
		p := picked{reported: true}
		err := r.Scan(&p.recipient, &p.service)
		return p, err
	}, `SELECT r.id, p.service FROM report p JOIN recipient r ON r.id = p.recipient_id
		WHERE p.at >= $3 AND p.recipient_id > 0 AND p.service = ANY($4)`+notAsked+" ORDER BY p.at DESC LIMIT $5",
		int64(w.Incident), w.Round, when(w.Since), strs(w.Services), 8*w.Most)
	seen := map[subscriptions.RecipientID]bool{}
	for _, p := range rows {
		if !seen[p.recipient] {
			seen[p.recipient] = true
			out = append(out, p)
		}
	}
	return out, err
}

// sampleStretch is how many deliveries are looked at from one random place.
const sampleStretch = 200

// andTold adds people who were told of the round and follow still, from random
// places of its deliveries: nobody is asked more often for having come first.
func andTold(ctx context.Context, tx pgx.Tx, w subscriptions.SampleWish, who []picked) ([]picked, error) {
	var first, last int64
	err := tx.QueryRow(ctx, `SELECT coalesce(min(d.id), 0), coalesce(max(d.id), 0) FROM notice n JOIN delivery d ON d.notice_id = n.id
		WHERE n.incident_id = $1 AND n.round = $2 AND n.sequence > 0`, int64(w.Incident), w.Round).Scan(&first, &last)
	if err != nil || last == 0 {
		return who, err
	}
	var ids []subscriptions.RecipientID
	for _, p := range who {
		ids = append(ids, p.recipient)
	}
	for try := 0; try < 6*w.Most && len(who) < w.Most; try++ {
		from := first + rand.Int64N(last-first+1)
		var services string
		more, err := all(ctx, tx, func(r pgx.Row) (p picked, err error) {
			err = r.Scan(&p.recipient, &services)
			return p, err
		}, `SELECT r.id, d.services FROM delivery d JOIN recipient r ON r.id = d.recipient_id
			WHERE d.id >= $3 AND d.id < $4 AND d.incident_id = $1 AND d.round = $2 AND d.told > 0 AND r.idle_at IS NULL AND NOT r.id = ANY($5)`+notAsked+" ORDER BY d.id LIMIT 1",
			int64(w.Incident), w.Round, from, from+sampleStretch, numbers(ids))
		if err != nil {
			return nil, err
		}
		for _, p := range more {
			if p.service = subscriptions.OneOf(split[subscriptions.ServiceID](services), w.Services, rand.IntN); p.service != "" {
				who, ids = append(who, p), append(ids, p.recipient)
			}
		}
	}
	return who, nil
}

// DueSamples implements subscriptions.Samples.
func (s *Store) DueSamples(ctx context.Context, lane subscriptions.LaneID, limit int, now time.Time) (out []subscriptions.Sample, err error) {
	err = s.view(ctx, "list due questions", func(tx pgx.Tx) error {
		out, err = all(ctx, tx, func(r pgx.Row) (subscriptions.Sample, error) {
			var d subscriptions.Sample
			var address string
			err := r.Scan(&d.Incident, &d.Round, &d.Recipient, &d.Lane, &address, &d.Kind, &d.Language, &d.Silent, &d.Service, (*when)(&d.PickedAt))
			d.Address = subscriptions.AddressOf(address)
			return d, err
		}, `SELECT s.incident_id, s.round, s.recipient_id, s.lane, r.address, r.kind, r.language, r.silent, s.service, s.picked_at
			FROM sample s JOIN recipient r ON r.id = s.recipient_id
			WHERE s.lane = $1 AND s.asked_at IS NULL AND s.recipient_id > 0 AND s.picked_at > $2 AND r.gone_at IS NULL AND (s.reported OR r.idle_at IS NULL)
			AND (SELECT count(*) FROM delivery d WHERE d.recipient_id = r.id AND d.message_at > $3 AND d.kind NOT IN ('restored', 'correction'))
				+ (SELECT count(*) FROM sample q WHERE q.recipient_id = r.id AND q.asked_at > $3) < $4
			ORDER BY s.id LIMIT $5`, string(lane), when(now.Add(-subscriptions.SampleFor)), when(now.Add(-capWindow)), subscriptions.HourlyCap, limit)
		return err
	})
	return out, err
}

// AskedSample implements subscriptions.Samples.
func (s *Store) AskedSample(ctx context.Context, sm subscriptions.Sample, now time.Time) error {
	return s.update(ctx, "mark a question as asked", func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, "UPDATE sample SET asked_at = $1 WHERE incident_id = $2 AND round = $3 AND recipient_id = $4 AND recipient_id > 0 AND asked_at IS NULL",
			sure(now), int64(sm.Incident), sm.Round, int64(sm.Recipient))
		if err == nil && tag.RowsAffected() == 0 {
			err = subscriptions.ErrConflict
		}
		return err
	})
}

// AnswerSample implements subscriptions.Samples.
func (s *Store) AnswerSample(ctx context.Context, sm subscriptions.Sample, now time.Time) error {
	return s.update(ctx, "store an answer", func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE sample SET works = $1, tried = $2, answered_at = $3
			WHERE incident_id = $4 AND round = $5 AND recipient_id = $6 AND recipient_id > 0 AND asked_at IS NOT NULL`,
			sm.Works, string(sm.Tried), sure(now), int64(sm.Incident), sm.Round, int64(sm.Recipient))
		if err == nil && tag.RowsAffected() == 0 {
			err = subscriptions.ErrNotFound
		}
		return err
	})
}

// SampleCounts implements subscriptions.Samples.
func (s *Store) SampleCounts(ctx context.Context, i subscriptions.IncidentID, round int, since time.Time) (out []subscriptions.SampleCount, err error) {
	err = s.view(ctx, "count answers", func(tx pgx.Tx) error {
		out, err = all(ctx, tx, func(r pgx.Row) (n subscriptions.SampleCount, err error) {
			err = r.Scan(&n.Service, &n.Tried, &n.Asked, &n.Works, &n.Fails)
			return n, err
		}, `SELECT service, tried, count(*), count(*) FILTER (WHERE answered_at IS NOT NULL AND works), count(*) FILTER (WHERE answered_at IS NOT NULL AND NOT works)
			FROM sample WHERE incident_id = $1 AND round = $2 AND ($3::timestamptz IS NULL OR picked_at >= $3) AND asked_at IS NOT NULL
			GROUP BY service, tried ORDER BY service COLLATE "C", tried COLLATE "C"`, int64(i), round, when(since))
		return err
	})
	return out, err
}
