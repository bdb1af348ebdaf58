package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// announce does what publishing means: the order of publication, the audience,
// the incident's first and last notice, and what is overtaken. incident is nil
// where the change carries none; it is read then where a notice needs it.
func announce(ctx context.Context, tx pgx.Tx, incident **subscriptions.Incident, publishing []*subscriptions.Notice, ch subscriptions.Change) error {
	for k, n := range publishing {
		if n.Incident != 0 && *incident == nil {
			stored, err := only(incidents(ctx, tx, "WHERE id = $1", int64(n.Incident)))
			if err == nil {
				*incident, err = takeIncident(ctx, tx, &stored)
			}
			if err != nil {
				return fmt.Errorf("incident %d of notice %d: %w", n.Incident, n.ID, err)
			}
		}
		var i subscriptions.Incident
		if *incident != nil && (*incident).ID == n.Incident {
			i = **incident
		}
		if err := publish(ctx, tx, *n, i, ch.HighHarm); err != nil {
			return err
		}
		if i.ID != 0 {
			if err := firstAndLast(ctx, tx, *incident, *n); err != nil {
				return err
			}
		}
		if k > 0 {
			continue
		}
		for _, old := range ch.Overtakes {
			if err := overtake(ctx, tx, *n, old, i); err != nil {
				return err
			}
		}
	}
	return nil
}

func publish(ctx context.Context, tx pgx.Tx, n subscriptions.Notice, i subscriptions.Incident, highHarm []subscriptions.ServiceID) error {
	var sequence int64
	if err := tx.QueryRow(ctx, "UPDATE meta SET sequence = sequence + 1 RETURNING sequence").Scan(&sequence); err != nil {
		return err
	}
	rank := subscriptions.NewPlanner(subscriptions.Bulletin{Notice: n, Incident: i, HighHarm: highHarm}).NoticeRank()
	if _, err := tx.Exec(ctx, "UPDATE notice SET sequence = $1, rank = $2, high_harm = $3, expanded_at = NULL, settled = false, cursor = '' WHERE id = $4",
		sequence, rank, joined(highHarm), int64(n.ID)); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM notice_scope WHERE notice_id = $1", int64(n.ID)); err != nil {
		return err
	}
	var scopes, services []string
	for scope, ids := range n.Audience {
		scopes, services = append(scopes, string(scope)), append(services, joined(ids))
	}
	_, err := tx.Exec(ctx, "INSERT INTO notice_scope (notice_id, scope, services) SELECT $1::bigint, u.scope, u.services FROM unnest($2::text[], $3::text[]) u (scope, services)",
		int64(n.ID), scopes, services)
	return err
}

// firstAndLast notes n as the incident's newest notice, and as its first where
// this round has none.
func firstAndLast(ctx context.Context, tx pgx.Tx, i *subscriptions.Incident, n subscriptions.Notice) error {
	i.LastNotice = n.ID
	if i.FirstNotice != 0 {
		var round int
		err := tx.QueryRow(ctx, "SELECT round FROM notice WHERE id = $1", int64(i.FirstNotice)).Scan(&round)
		if err == nil && round == n.Round {
			return nil
		}
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
	}
	i.FirstNotice = n.ID
	return nil
}

// overtake marks an older notice, unless somebody who waits for it would be
// skipped by that.
func overtake(ctx context.Context, tx pgx.Tx, n subscriptions.Notice, id subscriptions.NoticeID, i subscriptions.Incident) error {
	if id == n.ID {
		return nil
	}
	old, err := only(notices(ctx, tx, "WHERE n.id = $1", int64(id)))
	if err != nil {
		return fmt.Errorf("overtaken notice %d: %w", id, err)
	}
	if old.Overtaken != 0 || !subscriptions.Overtakes(n, old, i) {
		return nil
	}
	_, err = tx.Exec(ctx, "UPDATE notice SET overtaken = $1 WHERE id = $2", int64(n.ID), int64(id))
	return err
}
