package sqlite

import (
	"database/sql"
	"slices"
	"time"

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
	messageAt int64 // 0 = it was an edit
	sentAt    int64
}

// live is the message that an edit may take the place of. An end is never edited
// away: what still fails beside it is said in a message of its own.
func (p past) live() string {
	if p.kind == subscriptions.Restored {
		return ""
	}
	return p.message
}

// related are the incidents that a message depends on, as a list of ids: those that
// something is still said of, for its replies, edits and rows in flight; those of
// which something was sent within the hour of rule 13; and that of a notice which is
// corrected. What else a recipient has received in a month is not looked at. (A
// message that may have arrived, of a notice that is settled and of which nothing
// surely arrived within the hour, is therefore not counted.)
type related string

func (s *Store) related(c *conn, open []*planned, now time.Time) (related, error) {
	var of []subscriptions.IncidentID
	for _, p := range open {
		n := p.b.Notice
		if n.Incident != 0 {
			of = append(of, n.Incident)
		}
		if n.Corrects == 0 {
			continue
		}
		wrong, err := s.plannerOf(c, n.Corrects)
		if err != nil {
			return "", err
		}
		of = append(of, wrong.b.Notice.Incident)
	}
	err := c.each("SELECT n.incident_id FROM notice_sent s CROSS JOIN notice n ON n.id = s.notice_id WHERE s.last_at > ?", []any{milli(now.Add(-capWindow))}, func(rs *sql.Rows) error {
		var id subscriptions.IncidentID
		err := rs.Scan(&id)
		of = append(of, id)
		return err
	})
	slices.Sort(of)
	return related(ids(slices.Compact(of))), err
}

// others reports whether anything but this notice was ever said of related incidents:
// where nothing was, nobody has anything else, and is not asked for it.
func (c *conn) others(id subscriptions.NoticeID, of related) (yes bool, err error) {
	err = c.one("SELECT EXISTS (SELECT 1 FROM json_each(?) j CROSS JOIN notice n ON n.incident_id = j.value WHERE n.sequence > 0 AND n.id <> ?)", []any{string(of), int64(id)}, &yes)
	return yes, err
}

// histories of the recipients of a batch.
type histories struct {
	leased map[talk]bool
	past   map[subscriptions.RecipientID][]past
}

// Edits are read only where something is corrected: nothing else depends on them.
func (c *conn) histories(who []subscriptions.RecipientID, of related, edits bool) (histories, error) {
	h := histories{leased: map[talk]bool{}, past: map[subscriptions.RecipientID][]past{}}
	if len(who) == 0 {
		return h, nil
	}
	held, err := c.claimed()
	if err != nil {
		return h, err
	}
	seen := map[subscriptions.DeliveryID]bool{}
	err = c.each(`SELECT d.id, d.notice_id, d.recipient_id, d.incident_id, d.round, d.kind, d.message, d.message_at, d.sent_at, d.lease_until, d.placed AND d.state = 'pending'
		FROM json_each(?) j CROSS JOIN delivery d ON d.recipient_id = j.value AND d.incident_id IN (SELECT value FROM json_each(?))
		WHERE d.message_at > 0 OR ? AND d.message <> '' OR d.lease_until > 0 OR d.placed AND d.state = 'pending'`, []any{ids(who), string(of), edits}, func(rs *sql.Rows) error {
		var id subscriptions.DeliveryID
		var p past
		var until int64
		var placed bool
		if err := rs.Scan(&id, &p.notice, &p.recipient, &p.incident, &p.round, &p.kind, &p.message, &p.messageAt, &p.sentAt, &until, &placed); err != nil || seen[id] {
			return err
		}
		seen[id] = true
		if placed {
			if k, _ := held.find(id); k != nil {
				until = k.until
			}
		}
		if until > 0 && p.incident != 0 {
			h.leased[talk{p.recipient, p.incident}] = true
		}
		if p.messageAt > 0 || p.message != "" {
			h.past[p.recipient] = append(h.past[p.recipient], p)
		}
		return nil
	})
	return h, err
}

// delivery is everything that a lane needs to speak to one recipient.
func (h histories) delivery(l waiting, now time.Time) subscriptions.Delivery {
	r := l.row
	d := subscriptions.Delivery{ID: r.ID, Notice: r.Notice, Incident: r.Incident, Round: r.Round, Rank: r.Rank, Mode: r.Mode, Services: r.Services,
		Recipient: r.Recipient, Lane: r.Lane, Kind: l.kind, Address: subscriptions.AddressOf(l.address), Language: l.language,
		Languages: split[subscriptions.Language](l.languages), Silent: l.silent, Asked: r.Asked, Attempt: r.Attempt + 1, Repeat: r.Repeat}
	since := milli(now.Add(-capWindow))
	var first, last, oldest int64
	var spoken []subscriptions.Spoken
	for _, p := range h.past[r.Recipient] {
		if p.messageAt > since && p.kind != subscriptions.Restored && p.kind != subscriptions.Correction {
			d.Recent++
			if oldest == 0 || p.messageAt < oldest {
				oldest = p.messageAt
			}
		}
		if r.NoticeKind == subscriptions.Correction && p.message != "" {
			spoken = append(spoken, subscriptions.Spoken{Notice: p.notice, Message: p.message, At: fromMilli(p.sentAt)})
		}
		if p.messageAt == 0 || r.Incident == 0 || p.incident != r.Incident || p.round != r.Round || !p.kind.Chain() || p.message == "" {
			continue
		}
		if first == 0 || p.messageAt < first {
			first, d.ReplyTo = p.messageAt, p.message
		}
		if p.messageAt >= last {
			last, d.Edit = p.messageAt, p.live()
		}
	}
	d.OldestRecent = fromMilli(oldest)
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
