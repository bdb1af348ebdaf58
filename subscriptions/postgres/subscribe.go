package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// Subscribe implements subscriptions.Register.
func (s *Store) Subscribe(ctx context.Context, id subscriptions.RecipientID, follows []subscriptions.Follow, now time.Time) (owed []subscriptions.Owed, err error) {
	err = s.update(ctx, "subscribe", func(tx pgx.Tx) error {
		owed = nil
		if err := sharePublish(ctx, tx); err != nil {
			return err
		}
		if err := shareRegister(ctx, tx); err != nil {
			return err
		}
		if _, err := only(all(ctx, tx, scalar[int64], "SELECT id FROM recipient WHERE id = $1 FOR NO KEY UPDATE", int64(id))); err != nil {
			return err
		}
		if err := addFollows(ctx, tx, id, follows, now); err != nil {
			return err
		}
		if err := idle(ctx, tx, id, now); err != nil {
			return err
		}
		if owed, err = s.owe(ctx, tx, id, now); err != nil || len(owed) == 0 {
			return err
		}
		return hint(ctx, tx)
	})
	if err != nil {
		return nil, err
	}
	return owed, nil
}

func addFollows(ctx context.Context, tx pgx.Tx, id subscriptions.RecipientID, follows []subscriptions.Follow, now time.Time) error {
	batch := &pgx.Batch{}
	for _, f := range follows {
		since := f.Since
		if since.IsZero() {
			since = now
		}
		batch.Queue(`INSERT INTO follow (recipient_id, scope, incident_id, until, since, consent) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (recipient_id, scope, incident_id) DO UPDATE SET
				until = CASE WHEN follow.until IS NULL OR excluded.until IS NULL THEN NULL ELSE greatest(follow.until, excluded.until) END`,
			int64(id), string(f.Scope), int64(f.Incident), when(f.Until), when(since), f.Consent)
	}
	return tx.SendBatch(ctx, batch).Close()
}

// idle notes whether a recipient follows anything.
func idle(ctx context.Context, tx pgx.Tx, id subscriptions.RecipientID, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE recipient SET idle_at = CASE WHEN EXISTS (SELECT 1 FROM follow WHERE recipient_id = $1) THEN NULL ELSE coalesce(idle_at, $2) END WHERE id = $1`,
		int64(id), sure(now))
	return err
}

// owe makes a recipient, who is locked, owed the present state of every live
// incident that its follows match.
func (s *Store) owe(ctx context.Context, tx pgx.Tx, id subscriptions.RecipientID, now time.Time) (owed []subscriptions.Owed, err error) {
	open, err := s.openNotices(ctx, tx)
	if err != nil || len(open) == 0 {
		return nil, err
	}
	return oweAmong(ctx, tx, open, id, now)
}

// oweAmong does so for the open notices, oldest first.
func oweAmong(ctx context.Context, tx pgx.Tx, open []*planned, id subscriptions.RecipientID, now time.Time) (owed []subscriptions.Owed, err error) {
	follows, err := followsOf(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	var incidents []subscriptions.IncidentID
	current := map[subscriptions.IncidentID][]*planned{} // newest first
	for _, p := range slices.Backward(open) {
		n := p.b.Notice
		if _, dead := p.dead(now); dead || n.Incident == 0 || !n.Kind.Chain() || n.Kind == subscriptions.Restored || !explains([]subscriptions.Audience{n.Audience}, scopesOf(follows, n.Incident, now)) {
			continue
		}
		if current[n.Incident] == nil {
			incidents = append(incidents, n.Incident)
		}
		current[n.Incident] = append(current[n.Incident], p)
	}
	for _, i := range incidents {
		o, ok, err := oweOne(ctx, tx, id, current[i], now)
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
func oweOne(ctx context.Context, tx pgx.Tx, id subscriptions.RecipientID, live []*planned, now time.Time) (o subscriptions.Owed, ok bool, err error) {
	plans, err := owing(ctx, tx, []subscriptions.RecipientID{id}, live, now)
	if err != nil || len(plans) == 0 {
		return o, false, err
	}
	o, ok = subscriptions.OwedBy(plans[0])
	return o, ok, apply(ctx, tx, plans...)
}

// owing plans so for several recipients at once; who hears of none of the notices
// has no plan.
func owing(ctx context.Context, tx pgx.Tx, ids []subscriptions.RecipientID, live []*planned, now time.Time) (plans []subscriptions.Plan, err error) {
	targets := map[subscriptions.RecipientID]*planned{}
	var hearing []subscriptions.Fact
	place := map[subscriptions.RecipientID]int{} // in hearing
	for _, p := range live {
		people, err := facts(ctx, tx, p, ids)
		if err != nil {
			return nil, err
		}
		for _, f := range people {
			services, member := p.Hears(f, now)
			switch {
			case !member:
			case targets[f.Recipient] == nil:
				targets[f.Recipient], place[f.Recipient] = p, len(hearing)
				hearing = append(hearing, f)
			default:
				first := &hearing[place[f.Recipient]]
				first.Also = append(first.Also, services...)
			}
		}
	}
	for _, f := range hearing {
		plan := targets[f.Recipient].Delivery(f, now)
		if plan.Why == subscriptions.PlanHasRow {
			plan = targets[f.Recipient].Grow(f, now)
		}
		plans = append(plans, plan)
	}
	return plans, nil
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
