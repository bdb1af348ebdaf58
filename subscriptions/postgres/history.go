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
	messageAt time.Time // zero = it was an edit
	sentAt    time.Time
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

// related are the incidents that a message depends on: those that something is still
// said of, for its replies, edits and rows in flight; those of which something was
// sent within the hour of rule 13; and that of a notice which is corrected. What else
// a recipient has received in a month is not looked at. (A message that may have
// arrived, of a notice that is settled and of which nothing surely arrived within the
// hour, is therefore not counted.)
type related []int64

// queue asks for them.
func (of *related) queue(b *pgx.Batch, open []*planned, now time.Time) {
	*of = nil
	var wrong []int64
	for _, p := range open {
		n := p.b.Notice
		if n.Incident != 0 {
			*of = append(*of, int64(n.Incident))
		}
		if n.Corrects != 0 {
			wrong = append(wrong, int64(n.Corrects))
		}
	}
	b.Queue(`SELECT incident_id FROM notice WHERE id = ANY($1)
		UNION SELECT n.incident_id FROM notice_sent s JOIN notice n ON n.id = s.notice_id WHERE s.last_at > $2`, wrong, when(now.Add(-capWindow))).Query(func(rows pgx.Rows) (err error) {
		*of, err = pgx.AppendRows(*of, rows, func(r pgx.CollectableRow) (int64, error) { return scalar[int64](r) })
		slices.Sort(*of)
		*of = slices.Compact(*of)
		return err
	})
}

// othersSQL reports whether anything but this notice was ever said of related incidents:
// where nothing was, nobody has anything else, and is not asked for it.
const othersSQL = "SELECT EXISTS (SELECT 1 FROM notice WHERE incident_id = ANY($1) AND sequence > 0 AND id <> $2)"

// histories of the recipients of a batch.
type histories struct {
	leased map[talk]bool
	past   map[subscriptions.RecipientID][]past
}

// historiesOf reads edits only where something is corrected: nothing else depends on them.
func historiesOf(ctx context.Context, tx pgx.Tx, who []subscriptions.RecipientID, of related, edits bool) (histories, error) {
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
		err := r.Scan(&id, &p.notice, &p.recipient, &p.incident, &p.round, &p.kind, &p.message, (*when)(&p.messageAt), (*when)(&p.sentAt), &p.leased, &placed)
		if placed && !p.leased {
			_, p.leased = find(claims, id)
		}
		return p, err
	}, `SELECT d.id, d.notice_id, d.recipient_id, d.incident_id, d.round, d.kind, d.message, d.message_at, d.sent_at, d.lease_until IS NOT NULL, d.placed AND d.state = 'pending'
		FROM delivery d WHERE d.recipient_id = ANY($1) AND d.incident_id = ANY($2) AND (d.message_at IS NOT NULL OR $3 AND d.message <> '' OR d.lease_until IS NOT NULL OR d.placed AND d.state = 'pending') ORDER BY d.id`,
		numbers(distinct(slices.Clone(who))), []int64(of), edits)
	for _, p := range found {
		if p.leased && p.incident != 0 {
			h.leased[talk{p.recipient, p.incident}] = true
		}
		if !p.messageAt.IsZero() || p.message != "" {
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
	var spoken []subscriptions.Spoken
	for _, p := range h.past[r.Recipient] {
		if p.messageAt.After(since) && p.kind != subscriptions.Restored && p.kind != subscriptions.Correction {
			d.Recent++
			if d.OldestRecent.IsZero() || p.messageAt.Before(d.OldestRecent) {
				d.OldestRecent = p.messageAt
			}
		}
		if r.NoticeKind == subscriptions.Correction && p.message != "" {
			spoken = append(spoken, subscriptions.Spoken{Notice: p.notice, Message: p.message, At: p.sentAt})
		}
		if p.messageAt.IsZero() || r.Incident == 0 || p.incident != r.Incident || p.round != r.Round || !p.kind.Chain() || p.message == "" {
			continue
		}
		if first.IsZero() || p.messageAt.Before(first) {
			first, d.ReplyTo = p.messageAt, p.message
		}
		if !p.messageAt.Before(last) {
			last, d.Edit = p.messageAt, p.live()
		}
	}
	if len(spoken) > 0 {
		d.Read = subscriptions.Standing(spoken)
	}
	if d.Mode == subscriptions.AsEdit && d.Edit == "" { // nothing is there to edit
		d.Mode = subscriptions.AsMessage
	}
	if d.Mode == subscriptions.AsMessage {
		d.Edit = ""
	}
	return d
}
