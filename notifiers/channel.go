// Package notifiers carries notices to networks: the Channel contract, the
// outcomes of a send, and the Dispatcher that expands, leases, paces, retries
// and overtakes. It never makes a sentence and knows no network.
package notifiers

import (
	"context"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// Channel is one lane's mouth: everything sent through one credential.
//
//   - Name returns the lane id and never changes.
//   - Send returns after the network has answered. A nil error means that the
//     network accepted the message, and Receipt.Message identifies it.
//   - Every other ending is an outcome error of this package; a plain error means
//     that nothing arrived and the same message may be tried again.
//   - When ctx ends after the request was written the outcome is Unknown, never
//     a plain error.
//   - Send is safe for many goroutines, does not retry and does not pace: the
//     Dispatcher does.
//   - No error text contains an address, a message text or a credential.
type Channel interface {
	Name() subscriptions.LaneID
	Send(ctx context.Context, m Message) (Receipt, error)
}

// Runner is a Channel that also listens. Run returns when ctx ends and its own
// goroutines are gone, or with the reason why it cannot listen any more.
type Runner interface {
	Run(ctx context.Context) error
}

// Editor is a Channel that can put a card in place of a message of its own.
// m.Edit names the message. "Not modified" is success. A message that cannot be
// edited any more is Uneditable: the Dispatcher sends it as a new message.
type Editor interface {
	Edit(ctx context.Context, m Message) (Receipt, error)
}

// Finder is a Channel that can look up an unknown outcome by delivery id.
type Finder interface {
	Find(ctx context.Context, m Message) (Receipt, bool, error)
}

// Preparer is a Channel that renders a card once for many recipients. The
// result is passed back in Message.Prepared, and stands for the card then.
type Preparer interface {
	Prepare(c wording.Card) (any, error)
}

// Previewer is a Channel that can show how a card would look.
type Previewer interface {
	Preview(c wording.Card, l subscriptions.Language) wording.Preview
}

// Pinner is a Channel that can keep a live incident on top of a public channel.
type Pinner interface {
	Pin(ctx context.Context, to Target, message string) error
	Unpin(ctx context.Context, to Target, message string) error
}

// Eraser is a Channel that can take away a message that somebody else wrote into a
// chat with us: one that held a secret. A message that is gone already is success.
type Eraser interface {
	Erase(ctx context.Context, to Target, message string) error
}

// Target is where a message goes.
type Target struct {
	Address subscriptions.Address
	Kind    subscriptions.RecipientKind
}

// Message is one card for one recipient.
type Message struct {
	ID       subscriptions.DeliveryID // 0 for a conversation's reply
	To       Target
	Card     wording.Card
	Prepared any // of Preparer, in place of Card, which may then be empty; nil = render Card
	// ReplyTo is the network's id of the first message, Edit that of the live one;
	// empty = none. A reply to a message that is gone is sent without it.
	ReplyTo string
	Edit    string
	Silent  bool
	// Of a delivery, for a network that shows kinds in different ways or is a
	// Finder: what kind of notice it is, a mark that no other delivery ever had or
	// will have (ids begin anew with a new database; only a Finder gets one), and the
	// time before which nothing of it was sent.
	Kind  subscriptions.Kind
	Mark  string
	Since time.Time
}

// Receipt says what the network accepted.
type Receipt struct {
	Message string // the network's id of the message
	At      time.Time
}
