package subscriptions

import (
	"context"
	"time"
)

// Hinter is an optional power of a store: a channel that gets a value soon
// after somebody, in this process or another, committed a change. It is a hint
// only: values may be lost or doubled.
type Hinter interface {
	Hints(ctx context.Context) <-chan struct{}
}

// Backer is an optional power of a store: a consistent copy while it runs.
type Backer interface {
	Backup(ctx context.Context, path string) error
}

// Importer is an optional power of a store: many recipients with their follows
// in one transaction. An address that is known keeps what it has and gains the
// follows. Nobody is owed what was published before: an import never sends
// history. Pages of 500 keep the transaction short.
type Importer interface {
	ImportRecipients(ctx context.Context, posts []Post, now time.Time) error
}

// Lister is an optional power of a store: who is subscribed, for an export.
type Lister interface {
	// Subscribers lists up to limit people after an id, by id, with what they follow
	// for good; also those who are gone or follow nothing, so that an empty page is
	// the last.
	Subscribers(ctx context.Context, after RecipientID, limit int) ([]Post, error)
}

// Dweller is an optional power of a store: it knows a copy of itself from the
// original, so that a restored backup does not send history by itself.
type Dweller interface {
	// Home returns where the database was when it was served last ("" = never) and
	// where it is now. They differ where it is a copy, or one that lies behind what
	// this machine has seen of it.
	Home(ctx context.Context) (last, now string, err error)
	// Settle notes that it is served at home, as Home returned it, and how far it has
	// come.
	Settle(ctx context.Context, home string) error
}
