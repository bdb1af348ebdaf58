package postgres

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// Where most people follow and nothing else can be known of them, everybody of a stretch
// is read in the order of the ids, and so are their follows and who has a row: three plain
// walks, which are merged here. That is half of the work of joining them for each.
const (
	allOfStretch     = "SELECT id, lane, CASE WHEN kind <> 'person' THEN 0 WHEN asked_at > $3::timestamptz THEN 1 ELSE 2 END FROM recipient WHERE id > $1 AND id <= $2 AND gone_at IS NULL ORDER BY id"
	followsOfStretch = `SELECT f.recipient_id, f.scope, f.incident_id <> 0 OR f.until IS NOT NULL FROM follow f WHERE f.recipient_id > $1 AND f.recipient_id <= $2
		AND (f.scope || '') = ANY($5::text[]) AND f.incident_id IN (0, $3::bigint) AND (f.until IS NULL OR f.until > $4::timestamptz) ORDER BY f.recipient_id`
	rowsOfStretch = "SELECT recipient_id FROM delivery WHERE notice_id = $3 AND recipient_id > $1 AND recipient_id <= $2"
)

// nothingElse is the text of what is known of people where nothing can be.
const nothingElse = "''"

// readNearlyAll reads what the keyed text of ofNearlyAll would.
func (w *wave) readNearlyAll(ctx context.Context, at cursor, to int64) (added int64, err error) {
	b := w.p.b.Notice
	from := int64(at.From)
	have := map[subscriptions.RecipientID]bool{}
	page := make([]person, 0, min(maxPage, to-from))
	batch := &pgx.Batch{}
	batch.Queue(rowsOfStretch, from, to, int64(b.ID)).Query(func(rows pgx.Rows) error {
		var id subscriptions.RecipientID
		_, err := pgx.ForEachRow(rows, []any{&id}, func() error {
			have[id] = true
			return nil
		})
		return err
	})
	batch.Queue(allOfStretch, from, to, when(w.now.Add(-subscriptions.AskedWindow))).Query(func(rows pgx.Rows) error {
		var p person
		_, err := pgx.ForEachRow(rows, []any{&p.id, &p.lane, &p.class}, func() error {
			if !have[p.id] && !w.seen[p.id] {
				page = append(page, p)
			}
			return nil
		})
		return err
	})
	k := keying{known: map[string]*string{}}
	batch.Queue(followsOfStretch, from, to, int64(b.Incident), when(w.now), w.scopes()).Query(func(rows pgx.Rows) error {
		var id subscriptions.RecipientID
		var scope string
		var bounded bool
		next := 0 // of the page
		_, err := pgx.ForEachRow(rows, []any{&id, &scope, &bounded}, func() error {
			for next < len(page) && page[next].id < id {
				k.end(&page[next])
				next++
			}
			if next < len(page) && page[next].id == id {
				k.add(page[next], scope, bounded)
			}
			return nil
		})
		if next < len(page) {
			k.end(&page[next])
		}
		return err
	})
	if err := w.tx.SendBatch(ctx, batch).Close(); err != nil {
		return 0, err
	}
	for _, p := range page {
		if p.key != nil { // who follows nothing of it is not among the audience
			w.seen[p.id] = true
			w.page = append(w.page, p)
			added++
		}
	}
	return added, nil
}

// keying writes the keys of people, one after the other; who has the same shares it.
type keying struct {
	text  []byte
	known map[string]*string
}

func (k *keying) add(p person, scope string, bounded bool) {
	if len(k.text) == 0 {
		k.text = append(strconv.AppendInt(k.text, int64(p.class), 10), subscriptions.KeyPart...)
	} else {
		k.text = append(k.text, subscriptions.KeyField...)
	}
	sort := byte('=')
	if bounded {
		sort = '?'
	}
	k.text = append(append(k.text, sort), scope...)
}

// end gives a person the key that was added for them; none where nothing was.
func (k *keying) end(p *person) {
	if len(k.text) == 0 {
		return
	}
	k.text = append(k.text, subscriptions.KeyPart...)
	key, known := k.known[string(k.text)]
	if !known {
		s := string(k.text)
		key = &s
		k.known[s] = key
	}
	p.key, k.text = key, k.text[:0]
}
