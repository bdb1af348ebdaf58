package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// capWindow is the hour of rule 13.
const capWindow = time.Hour

// past is what a recipient has received: enough to reply, to edit, and to count.
type past struct {
	notice    subscriptions.NoticeID
	recipient subscriptions.RecipientID
	incident  subscriptions.IncidentID
	round     int
	kind      subscriptions.Kind
	message   string
	messageAt time.Time
	leased    bool
}

// live is the message that an edit may take the place of. An end is never edited
// away: what still fails beside it is said in a message of its own.
func (p past) live() string {
	if p.kind == subscriptions.Restored {
		return ""
	}
	return p.message
}

// histories of the recipients of a batch.
type histories struct {
	leased map[talk]bool
	past   map[subscriptions.RecipientID][]past
}

func historiesOf(ctx context.Context, tx pgx.Tx, who []subscriptions.RecipientID) (histories, error) {
	h := histories{leased: map[talk]bool{}, past: map[subscriptions.RecipientID][]past{}}
	if len(who) == 0 {
		return h, nil
	}
	claims, err := claimsWhere(ctx, tx, "")
	if err != nil {
		return h, err
	}
	found, err := all(ctx, tx, func(r pgx.Row) (past, error) {
		var p past
		var id subscriptions.DeliveryID
		var placed bool
		err := r.Scan(&id, &p.notice, &p.recipient, &p.incident, &p.round, &p.kind, &p.message, (*when)(&p.messageAt), &p.leased, &placed)
		if placed && !p.leased {
			_, p.leased = find(claims, id)
		}
		return p, err
	}, `SELECT d.id, d.notice_id, d.recipient_id, d.incident_id, d.round, d.kind, d.message, d.message_at, d.lease_until IS NOT NULL, d.placed AND d.state = 'pending'
		FROM delivery d WHERE d.recipient_id = ANY($1) AND (d.message_at IS NOT NULL OR d.lease_until IS NOT NULL OR d.placed AND d.state = 'pending') ORDER BY d.id`,
		numbers(distinct(slices.Clone(who))))
	for _, p := range found {
		if p.leased && p.incident != 0 {
			h.leased[talk{p.recipient, p.incident}] = true
		}
		if !p.messageAt.IsZero() {
			h.past[p.recipient] = append(h.past[p.recipient], p)
		}
	}
	return h, err
}

// delivery is everything that a lane needs to speak to one recipient.
func (h histories) delivery(l waiting, r subscriptions.Row, now time.Time) subscriptions.Delivery {
	d := subscriptions.Delivery{ID: r.ID, Notice: r.Notice, Incident: r.Incident, Round: r.Round, Rank: r.Rank, Mode: r.Mode, Services: r.Services,
		Recipient: r.Recipient, Lane: r.Lane, Kind: l.kind, Address: subscriptions.AddressOf(l.address), Language: l.language,
		Languages: split[subscriptions.Language](l.languages), Silent: l.silent, Asked: r.Asked, Attempt: r.Attempt + 1, Repeat: r.Repeat}
	since := now.Add(-capWindow)
	var first, last time.Time
	for _, p := range h.past[r.Recipient] {
		if p.messageAt.After(since) && p.kind != subscriptions.Restored && p.kind != subscriptions.Correction {
			d.Recent++
			if d.OldestRecent.IsZero() || p.messageAt.Before(d.OldestRecent) {
				d.OldestRecent = p.messageAt
			}
		}
		if r.NoticeKind == subscriptions.Correction && p.message != "" {
			if d.Read == nil {
				d.Read = map[subscriptions.NoticeID]string{}
			}
			d.Read[p.notice] = p.message
		}
		if r.Incident == 0 || p.incident != r.Incident || p.round != r.Round || !p.kind.Chain() || p.message == "" {
			continue
		}
		if first.IsZero() || p.messageAt.Before(first) {
			first, d.ReplyTo = p.messageAt, p.message
		}
		if !p.messageAt.Before(last) {
			last, d.Edit = p.messageAt, p.live()
		}
	}
	if d.Mode == subscriptions.AsEdit && d.Edit == "" { // nothing is there to edit
		d.Mode = subscriptions.AsMessage
	}
	if d.Mode == subscriptions.AsMessage {
		d.Edit = ""
	}
	return d
}
