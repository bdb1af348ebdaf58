package subscriptions

import (
	"context"
	"time"
)

type CallID int64

// Call carries one event to one officer in one of her chats: it is stored with the
// deed that raised it, and ends when the network took it.
type Call struct {
	ID    CallID
	Event string // of its Summons
	Kind  string // names of package desk: why officers are called
	// About is the thing that it is about: "notice 12", "incident 3", "change 4".
	// Empty in a Change means its incident.
	About string
	Facts []byte // the event as the desk wrote it
	// Officer 0 stands for an event that calls nobody.
	Officer OfficerID
	// Chat is empty for an officer who has linked none: the call is only recorded.
	Chat Identity
	// Live calls go on after they were sent: what they say is edited in place until
	// somebody ends them.
	Live bool
	At   time.Time

	NextAt  time.Time // not before
	Attempt int       // failed ones since the last success
	Message string    // the network's id of the message that carries it
	Shown   string    // digest of what that message says
	SentAt  time.Time // when the network first took it
	SeenAt  time.Time // when the officer opened what it is about
	EndedAt time.Time // nothing is left to be done
	Ending  string    // why it ended, in a word
}

// Summons is one event with the calls that it leads to. Event names it: it is
// stored once, however often it is put.
type Summons struct {
	Event string
	At    time.Time
	Calls []Call
}

// Calls is the outbox of officers' wake-ups: a process that raises one and dies
// loses none, whoever carries it.
type Calls interface {
	// PutCalls stores the calls of an event and returns true; where the event is
	// known it changes nothing and returns false. One without calls is remembered
	// too.
	PutCalls(ctx context.Context, s Summons) (fresh bool, err error)
	// LeaseCalls hands out up to max due calls to chats of a network ("" = calls to
	// nobody's chat), the oldest first and live ones last, until a time: whoever asks
	// meanwhile gets others.
	LeaseCalls(ctx context.Context, network string, max int, now, until time.Time) ([]Call, error)
	// FinishCall records what became of one and gives it back: NextAt, Attempt,
	// Message, Shown and Ending as they are, SentAt and EndedAt where they were not
	// set before.
	FinishCall(ctx context.Context, c Call) error
	// CallsAbout lists the calls about a thing, oldest first.
	CallsAbout(ctx context.Context, about string) ([]Call, error)
	// SeeCalls marks an officer's calls about a thing as seen, where they were not.
	SeeCalls(ctx context.Context, o OfficerID, about string, now time.Time) error
}
