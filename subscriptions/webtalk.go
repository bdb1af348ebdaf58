package subscriptions

import (
	"context"
	"time"
)

// Utterance is one message of ours in a browser's talk. What the person writes is
// not kept.
type Utterance struct {
	ID      int64   // its place in the talk; never changes
	Address Address // digest of the browser's cookie, which is stored nowhere
	Key     int64   // names it for the channel; 0 = an answer of the conversation
	Body    []byte  // of the channel: a card
	ReplyTo int64
	Silent  bool
	Version int64 // of the body: grows over all talks
	Change  int64 // the newest of anything about it: grows over all talks
	Seen    bool  // the browser has confirmed this body
	Known   bool  // … or an earlier one of it
	At      time.Time
}

// How long a talk is kept: with a recipient, and of a browser that only looked around.
const (
	UtteranceFor           = 30 * 24 * time.Hour
	StrangeUtterFor        = 24 * time.Hour
	MostUtterances         = 200 // of one browser: the oldest leave first
	WebLane         LaneID = "webchat"
)

// WebTalk remembers what browsers are shown. Forget erases a recipient's talk, and
// Retain what is too old.
type WebTalk interface {
	// PutUtterance adds one. The same Key (not 0) to the same browser is the same one:
	// while it is not seen it takes the new body and At, with a new version; once it
	// is seen it stays and is returned as it is.
	PutUtterance(ctx context.Context, u Utterance) (Utterance, error)
	// ReplaceUtterance puts another body in the place of one of this browser's;
	// the same body changes nothing. ErrNotFound.
	ReplaceUtterance(ctx context.Context, a Address, id int64, body []byte, at time.Time) (Utterance, error)
	// Utterances lists the newest of one browser, oldest first.
	Utterances(ctx context.Context, a Address, limit int) ([]Utterance, error)
	// UtteranceChanges lists up to limit utterances of all browsers that changed
	// after a change, in order; in no order that a later commit could slip into.
	UtteranceChanges(ctx context.Context, after int64, limit int) ([]Utterance, error)
	// LastUtteranceChange returns the newest change; 0 = none.
	LastUtteranceChange(ctx context.Context) (int64, error)
	// SeenUtterances notes that a browser has the bodies of these versions.
	SeenUtterances(ctx context.Context, a Address, versions []int64) error
	// DropUtterance removes one that no browser has confirmed, as if it had not been
	// said; false where it was confirmed, or is not there.
	DropUtterance(ctx context.Context, a Address, id int64) (bool, error)
}
