// Package desk holds what an officer may do: draft, submit, approve, publish,
// correct, restore, stop; who may do it; and the audit line of each deed.
//
// Faces (command line, Telegram, Slack, browser) only ask and show. The desk
// never speaks to a network, never makes a sentence for a citizen and never
// reads a clock.
package desk

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// Store is the part of a store that the desk needs.
type Store interface {
	subscriptions.Catalogue
	subscriptions.Register
	subscriptions.Officers
	subscriptions.Bulletins
	subscriptions.Audit
	subscriptions.Outbox
	subscriptions.Lanes
	subscriptions.Ticks
	subscriptions.Complaints
	subscriptions.Alarms
	subscriptions.Samples
	subscriptions.Chats
	subscriptions.Calls
}

// Speaker puts facts into words.
type Speaker interface {
	Sheet(f wording.Facts) (subscriptions.Sheet, error)
	Card(s subscriptions.Sheet, sel wording.Selection) wording.Card
	// Texts are the versions that are copied by hand: SMS first, X, WhatsApp, radio.
	Texts(s subscriptions.Sheet, l subscriptions.Language) []wording.Preview
}

// Previewer shows how a card would look, once for each network.
type Previewer interface {
	Previews(c wording.Card, l subscriptions.Language) []wording.Preview
}

// Config is what a Desk is made of. Store, Nation and Speaker are required.
type Config struct {
	Store Store
	// Nation is the catalogue in force as it was parsed; the desk lays the
	// officers' decisions over it.
	Nation    func() *subscriptions.Nation
	Speaker   Speaker
	Previewer Previewer
	// Pace is how many messages a second a lane sends; 0 = not known.
	Pace func(subscriptions.LaneID) float64
	// Fee is what a lane's network takes for messages above its free pace; nil = nothing.
	Fee  func(subscriptions.LaneID) subscriptions.Fee
	Host string // of PUBLIC_URL; may be empty
	// UnofficialAfter is how long an alarm waits for a word before pages and answers
	// say that many report it; 0 = they never do.
	UnofficialAfter time.Duration
	// SampleSize is how many people are asked whether it works again; 0 = nobody.
	SampleSize int
	// Idle is how long an officer's chat stays open when nothing is done there; 0 =
	// IdleLock.
	Idle   time.Duration
	Rand   io.Reader // safe for concurrent use
	Log    *slog.Logger
	Notify func(Event) // called after the deed is durable; must not block
	// Tryout says whether the settings make this a try-out on one machine; nil = it
	// never is one.
	Tryout func() bool
}

// Desk is safe for many goroutines and many processes beside each other: what
// it must remember is in the store.
type Desk struct {
	Config
	usual     usual // remembered for an hour, and made again by any process
	strangers strangers
}

// New returns a Desk, or an error that names what is missing.
func New(c Config) (*Desk, error) {
	switch {
	case c.Store == nil:
		return nil, errors.New("desk: a store is required")
	case c.Nation == nil:
		return nil, errors.New("desk: a catalogue is required")
	case c.Speaker == nil:
		return nil, errors.New("desk: a speaker is required")
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Log = c.Log.With("component", "desk")
	if c.Notify == nil {
		c.Notify = func(Event) {}
	}
	if c.Pace == nil {
		c.Pace = func(subscriptions.LaneID) float64 { return 0 }
	}
	if c.Fee == nil {
		c.Fee = func(subscriptions.LaneID) subscriptions.Fee { return subscriptions.Fee{} }
	}
	return &Desk{Config: c}, nil
}

// Nation returns the effective catalogue: what may reach a citizen now. Changes
// that no two officers approved are not in it.
func (d *Desk) Nation(ctx context.Context) (*subscriptions.Nation, error) {
	changes, err := d.Store.Changes(ctx)
	if err != nil {
		return nil, err
	}
	return subscriptions.Effective(d.Config.Nation(), changes), nil
}

// Incidents lists the live incidents, and those that ended after since.
func (d *Desk) Incidents(ctx context.Context, since time.Time) ([]subscriptions.Incident, error) {
	return d.Store.Incidents(ctx, since)
}

// Incident finds one; subscriptions.ErrNotFound.
func (d *Desk) Incident(ctx context.Context, id subscriptions.IncidentID) (subscriptions.Incident, error) {
	return d.Store.Incident(ctx, id)
}

// Notices lists the notices of an incident (0 = all) in some states (none = all).
func (d *Desk) Notices(ctx context.Context, id subscriptions.IncidentID, states ...subscriptions.NoticeState) ([]subscriptions.Notice, error) {
	return d.Store.Notices(ctx, id, states...)
}

// Progress counts the deliveries of one notice. Nobody else is looked for once a newer
// word has overtaken it or it was stopped, though not all had been found: whoever follows
// it would wait for ever.
func (d *Desk) Progress(ctx context.Context, id subscriptions.NoticeID) (subscriptions.Progress, error) {
	p, err := d.Store.Progress(ctx, id)
	if err != nil || p.Expanded {
		return p, err
	}
	n, err := d.Store.Notice(ctx, id)
	p.Expanded = n.Closed()
	return p, err
}

// AuditVerify walks the whole record and returns how many lines it has; a
// subscriptions.AuditFault names the first line at which the chain breaks.
func (d *Desk) AuditVerify(ctx context.Context) (int64, error) {
	const page = 1000
	var last subscriptions.AuditLine
	for {
		lines, err := d.Store.AuditLines(ctx, last.Seq, page)
		if err != nil {
			return last.Seq, err
		}
		for _, l := range lines {
			if err := subscriptions.VerifyAudit(last, l); err != nil {
				return last.Seq, err
			}
			last = l
		}
		if len(lines) < page {
			return last.Seq, nil
		}
	}
}

// cut brings a time into the form in which both databases keep it.
func cut(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Millisecond)
}
