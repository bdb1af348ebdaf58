package postgres

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// carried finds rows that took more out of the lane with them than their notice.
const carried = "d.state = 'superseded' AND d.carried"

// sweepCarried owes anew what such rows had still to say for older ones. A stopped
// notice may leave one to everybody, so a page of people is planned together.
// People whom somebody works on are left for the next time: who holds them may be
// waiting for what this transaction has locked already.
func (s *Store) sweepCarried(ctx context.Context, tx pgx.Tx, limit int, now time.Time) (int, error) {
	ids, err := all(ctx, tx, scalar[subscriptions.DeliveryID], "SELECT c.id FROM (SELECT d.id, d.recipient_id FROM delivery d WHERE "+carried+
		" ORDER BY d.id LIMIT $1) c JOIN recipient r ON r.id = c.recipient_id FOR NO KEY UPDATE OF r SKIP LOCKED", limit)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	// A statement after the lock sees what the one who held it before has done.
	found, err := all(ctx, tx, func(r pgx.Row) (t talk, err error) {
		err = r.Scan(&t.recipient, &t.incident)
		return t, err
	}, "UPDATE delivery d SET carried = false WHERE d.id = ANY($1) AND "+carried+" RETURNING d.recipient_id, d.incident_id", numbers(ids))
	if err != nil || len(found) == 0 {
		return 0, err
	}
	who := map[subscriptions.IncidentID][]subscriptions.RecipientID{}
	for _, t := range found {
		who[t.incident] = append(who[t.incident], t.recipient)
	}
	open, err := s.openNotices(ctx, tx)
	if err != nil {
		return 0, err
	}
	for _, i := range slices.Sorted(maps.Keys(who)) {
		if err := oweAgain(ctx, tx, open, i, distinct(who[i]), now); err != nil {
			return 0, err
		}
	}
	return len(found), hint(ctx, tx)
}

// oweAgain makes recipients owed what fails by what is live of the incident, and
// then ends by its restored notices, oldest first.
func oweAgain(ctx context.Context, tx pgx.Tx, open []*planned, incident subscriptions.IncidentID, ids []subscriptions.RecipientID, now time.Time) error {
	var alerts, ends []*planned // newest first, oldest first
	for _, p := range open {
		n := p.b.Notice
		if _, dead := p.dead(now); dead || n.Incident != incident || !n.Kind.Chain() {
			continue
		}
		if n.Kind == subscriptions.Restored {
			ends = append(ends, p)
		} else {
			alerts = slices.Insert(alerts, 0, p)
		}
	}
	plans, err := owing(ctx, tx, ids, alerts, now)
	if err != nil {
		return err
	}
	if err := apply(ctx, tx, plans...); err != nil {
		return err
	}
	for _, p := range ends {
		people, err := facts(ctx, tx, p, ids)
		if err != nil {
			return err
		}
		again := make([]subscriptions.Plan, len(people))
		for i, f := range people {
			again[i] = p.Again(f, now)
		}
		if err := apply(ctx, tx, again...); err != nil {
			return err
		}
	}
	return nil
}
