package postgres

import (
	"cmp"
	"context"
	"reflect"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// Leave implements subscriptions.Register.
func (s *Store) Leave(ctx context.Context, id subscriptions.RecipientID, scopes []subscriptions.Scope, now time.Time) (left subscriptions.Left, err error) {
	err = s.update(ctx, "leave", func(tx pgx.Tx) error {
		left = subscriptions.Left{}
		if err := sharePublish(ctx, tx); err != nil {
			return err
		}
		if err := lockRecipients(ctx, tx, []subscriptions.RecipientID{id}); err != nil {
			return err
		}
		before, err := followsOf(ctx, tx, id)
		if err != nil {
			return err
		}
		var remaining, removed []subscriptions.Follow
		for _, f := range before {
			if scopes != nil && !slices.Contains(scopes, f.Scope) {
				remaining = append(remaining, f)
				continue
			}
			removed = append(removed, f)
			if !slices.Contains(left.Scopes, f.Scope) {
				left.Scopes = append(left.Scopes, f.Scope)
			}
		}
		if _, err := tx.Exec(ctx, "DELETE FROM follow WHERE recipient_id = $1 AND scope = ANY($2)", int64(id), strs(left.Scopes)); err != nil {
			return err
		}
		if err := idle(ctx, tx, id, now); err != nil {
			return err
		}
		if scopes == nil { // who leaves is not asked either
			if err := unlink(ctx, tx, []subscriptions.RecipientID{id}); err != nil {
				return err
			}
		}
		left.Unended, err = s.endUnexplained(ctx, tx, id, removed, remaining, scopes == nil, now)
		return err
	})
	return left, err
}

// endUnexplained ends the debts of the removed follows, incident by incident, and
// counts the live ones of which the person will not hear the end.
func (s *Store) endUnexplained(ctx context.Context, tx pgx.Tx, id subscriptions.RecipientID, removed, remaining []subscriptions.Follow, everything bool, now time.Time) (unended int, err error) {
	rows, err := rowsWhere(ctx, tx, "WHERE d.recipient_id = $1", int64(id))
	if err != nil {
		return 0, err
	}
	slices.SortStableFunc(rows, func(a, b subscriptions.Row) int {
		return cmp.Or(cmp.Compare(a.Incident, b.Incident), cmp.Compare(a.Sequence, b.Sequence))
	})
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].Incident == rows[0].Incident && rows[0].Incident != 0 {
			n++
		}
		group := rows[:n]
		rows = rows[n:]
		lost, err := s.leaveGroup(ctx, tx, group, removed, remaining, everything, now)
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
func (s *Store) leaveGroup(ctx context.Context, tx pgx.Tx, rows []subscriptions.Row, removed, remaining []subscriptions.Follow, everything bool, now time.Time) (lost bool, err error) {
	heard, live, err := s.heard(ctx, tx, rows[0])
	if err != nil {
		return false, err
	}
	incident := rows[0].Incident
	gone := subscriptions.Leaving(heard, scopesOf(removed, incident, now), scopesOf(remaining, incident, now))
	outside := !explains(heard, scopesOf(remaining, incident, now)) && explains(heard, scopesOf(removed, incident, now))
	owing := len(subscriptions.Owing(rows)) > 0
	var changed []subscriptions.Row
	for k, r := range rows {
		after := subscriptions.PlanLeave(r, gone, everything || outside && len(r.Services) == 0)
		if reflect.DeepEqual(after, r) {
			continue
		}
		rows[k] = after
		changed = append(changed, after)
	}
	if err := updateRows(ctx, tx, changed); err != nil {
		return false, err
	}
	return live && owing && len(subscriptions.Owing(rows)) == 0, nil
}

// heard returns the audiences of everything published about the row's incident, or
// of its own notice, and whether the incident is live.
func (s *Store) heard(ctx context.Context, tx pgx.Tx, r subscriptions.Row) (heard []subscriptions.Audience, live bool, err error) {
	where, key := "WHERE n.id = $1", int64(r.Notice)
	if r.Incident != 0 {
		where, key = "WHERE n.incident_id = $1 AND n.sequence > 0", int64(r.Incident)
	}
	list, err := s.planners(ctx, tx, where, key)
	for _, p := range list {
		heard = append(heard, p.b.Notice.Audience)
		live = live || p.b.Incident.ID != 0 && !p.b.Incident.State.Over()
	}
	return heard, live, err
}
