package postgres

import (
	"context"
	"reflect"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// change is what happens to one row: plan makes the new row of the stored one.
type change struct {
	id   subscriptions.DeliveryID
	plan func(subscriptions.Row) subscriptions.Row
}

// talk is what has at most one message in flight.
type talk struct {
	recipient subscriptions.RecipientID
	incident  subscriptions.IncidentID
}

func talkOf(r subscriptions.Row) talk { return talk{r.Recipient, r.Incident} }

// settling is a batch of rows being changed: all of it is planned in memory, on
// locked rows, and written in a few statements.
type settling struct {
	rows  map[subscriptions.DeliveryID]subscriptions.Row
	dirty map[subscriptions.DeliveryID]bool
	talks map[talk][]subscriptions.DeliveryID // those whose rows are all here
	late  []subscriptions.Row                 // that may need what was published since
}

// settle changes rows that a report, a lapse or a release is about, and does what
// follows from it for the recipients' other rows: a row that is back in the lane
// gives way to a newer one; an end that arrived is not said twice; a start that
// arrived late gets its end, a lie its correction. Rows that are not there any
// more are left out. The caller holds the publish lock.
func (s *Store) settle(ctx context.Context, tx pgx.Tx, changes []change) error {
	if len(changes) == 0 {
		return nil
	}
	b, err := s.settleRows(ctx, tx, changes)
	if err != nil {
		return err
	}
	planners, err := s.plannersOf(ctx, tx, b)
	if err != nil {
		return err
	}
	for _, ch := range changes {
		if before, ok := b.rows[ch.id]; ok {
			b.apply(before, ch.plan(before), planners)
		}
	}
	var out []subscriptions.Row
	for id := range b.dirty {
		out = append(out, b.rows[id])
	}
	if err := updateRows(ctx, tx, out); err != nil {
		return err
	}
	return s.followUp(ctx, tx, b.late)
}

// settleRows locks and reads the rows, and every row of a talk in which one change
// may touch another row.
func (s *Store) settleRows(ctx context.Context, tx pgx.Tx, changes []change) (*settling, error) {
	ids := make([]subscriptions.DeliveryID, len(changes))
	for i, ch := range changes {
		ids[i] = ch.id
	}
	rows, err := lockRows(ctx, tx, distinct(ids))
	if err != nil {
		return nil, err
	}
	b := &settling{rows: map[subscriptions.DeliveryID]subscriptions.Row{}, dirty: map[subscriptions.DeliveryID]bool{}, talks: map[talk][]subscriptions.DeliveryID{}}
	for _, r := range rows {
		b.rows[r.ID] = r
	}
	var recipients, about []int64
	changed := map[talk]int{}
	for _, ch := range changes {
		r, ok := b.rows[ch.id]
		if !ok || r.Incident == 0 {
			continue
		}
		t := talkOf(r)
		changed[t]++
		if _, in := b.talks[t]; in || !touchesOthers(ch.plan(r)) && changed[t] < 2 {
			continue
		}
		b.talks[t] = nil
		recipients, about = append(recipients, int64(t.recipient)), append(about, int64(t.incident))
	}
	if len(recipients) == 0 {
		return b, nil
	}
	rows, err = rowsWhere(ctx, tx, "WHERE (d.recipient_id, d.incident_id) IN (SELECT * FROM unnest($1::bigint[], $2::bigint[]))", recipients, about)
	for _, r := range rows {
		b.rows[r.ID] = r
		b.talks[talkOf(r)] = append(b.talks[talkOf(r)], r.ID)
	}
	return b, err
}

// lockRows locks the recipients of these rows, then the rows. A row that changed
// its recipient meanwhile (two chats became one) makes it look again.
func lockRows(ctx context.Context, tx pgx.Tx, ids []subscriptions.DeliveryID) ([]subscriptions.Row, error) {
	locked := map[subscriptions.RecipientID]bool{}
	for {
		whose, err := all(ctx, tx, scalar[subscriptions.RecipientID], "SELECT DISTINCT recipient_id FROM delivery WHERE id = ANY($1)", numbers(ids))
		if err != nil {
			return nil, err
		}
		if err := lockRecipients(ctx, tx, whose); err != nil {
			return nil, err
		}
		for _, id := range whose {
			locked[id] = true
		}
		rows, err := rowsWhere(ctx, tx, "WHERE d.id = ANY($1)", numbers(ids))
		if err != nil || !slices.ContainsFunc(rows, func(r subscriptions.Row) bool { return !locked[r.Recipient] }) {
			return rows, err
		}
	}
}

// touchesOthers reports whether a changed row may change others of its talk.
func touchesOthers(r subscriptions.Row) bool {
	return r.Incident != 0 && r.NoticeKind.Chain() && (r.Unsent() || r.Told == subscriptions.SurelyTold && len(r.Ends) > 0)
}

// plannersOf reads the planning of the notices of these rows.
func (s *Store) plannersOf(ctx context.Context, tx pgx.Tx, b *settling) (map[subscriptions.NoticeID]*planned, error) {
	out := map[subscriptions.NoticeID]*planned{}
	if len(b.talks) == 0 {
		return out, nil
	}
	var ids []subscriptions.NoticeID
	for _, r := range b.rows {
		ids = append(ids, r.Notice)
	}
	found, err := s.planners(ctx, tx, "WHERE n.id = ANY($1)", numbers(distinct(ids)))
	for _, p := range found {
		out[p.b.Notice.ID] = p
	}
	return out, err
}

func (b *settling) apply(before, after subscriptions.Row, planners map[subscriptions.NoticeID]*planned) {
	if reflect.DeepEqual(before, after) {
		return
	}
	if p := planners[after.Notice]; p != nil && touchesOthers(after) {
		among := make([]subscriptions.Row, 0, 4)
		at := 0
		for _, id := range b.talks[talkOf(after)] {
			if id == after.ID {
				at = len(among)
			}
			among = append(among, b.rows[id])
		}
		among[at] = after
		for _, r := range p.After(among, at) {
			b.put(r)
		}
	} else {
		b.put(after)
	}
	if subscriptions.SaidMore(before, after) {
		b.late = append(b.late, after)
	}
}

func (b *settling) put(r subscriptions.Row) {
	b.rows[r.ID], b.dirty[r.ID] = r, true
}

// followUp gives rows that were told late what has been published about them
// since: the end of what they said, or its correction.
func (s *Store) followUp(ctx context.Context, tx pgx.Tx, late []subscriptions.Row) error {
	if len(late) == 0 {
		return nil
	}
	var incidents []subscriptions.IncidentID
	var corrected []subscriptions.NoticeID
	for _, r := range late {
		incidents, corrected = append(incidents, r.Incident), append(corrected, r.Notice)
	}
	since, err := s.planners(ctx, tx, `WHERE NOT n.settled AND n.sequence > 0 AND n.state = 'published' AND n.overtaken = 0
		AND (n.incident_id = ANY($1) AND n.incident_id <> 0 AND n.kind = 'restored' OR n.corrects = ANY($2)) ORDER BY n.sequence`,
		numbers(distinct(incidents)), numbers(distinct(corrected)))
	if err != nil {
		return err
	}
	for _, p := range since {
		if err := followWith(ctx, tx, p, late); err != nil {
			return err
		}
	}
	return nil
}

func followWith(ctx context.Context, tx pgx.Tx, p *planned, late []subscriptions.Row) error {
	n := p.b.Notice
	told := map[subscriptions.RecipientID]time.Time{}
	var who []subscriptions.RecipientID
	for _, r := range late {
		about := n.Kind == subscriptions.Restored && r.Incident != 0 && r.Incident == n.Incident || n.Corrects == r.Notice
		at := latest(r.SentAt, r.MessageAt, n.PublishedAt)
		if _, dead := p.dead(at); r.Sequence < p.b.Sequence && about && !dead {
			told[r.Recipient] = at
			who = append(who, r.Recipient)
		}
	}
	people, err := facts(ctx, tx, p, distinct(who))
	if err != nil {
		return err
	}
	plans := make([]subscriptions.Plan, len(people))
	for i, f := range people {
		plans[i] = p.Delivery(f, told[f.Recipient])
	}
	return apply(ctx, tx, plans...)
}

func latest(times ...time.Time) time.Time {
	var out time.Time
	for _, t := range times {
		if t.After(out) {
			out = t
		}
	}
	return out
}
