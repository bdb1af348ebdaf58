package subscriptions

import (
	"context"
	"time"
)

// ProviderPasskey is the identity provider of a passkey: Subject is its ID.
const ProviderPasskey = "passkey"

// Session is what the desk in a browser remembers of one visit. The token that
// finds it is nowhere but in the browser: who reads the database cannot sign in.
type Session struct {
	Hash string // SHA-256 of the token
	Data []byte // as the console wrote it
	Ends time.Time
}

// Passkey is the public half of a key that an officer's device holds. It opens
// nothing by itself: whose it is says that officer's identity of ProviderPasskey,
// and with the identity its power ends.
type Passkey struct {
	ID        string // the credential's id, base64 for URLs
	Officer   OfficerID
	Name      string // as the officer calls the device
	Doc       []byte // the credential as the console keeps it
	CreatedAt time.Time
	UsedAt    time.Time // zero = never
	Revision  int64
}

// Sessions remembers visits of the desk in a browser, and passkeys.
type Sessions interface {
	// Session finds one by the hash of its token; ErrNotFound where it is unknown or
	// its end is not after now.
	Session(ctx context.Context, hash string, now time.Time) (Session, error)
	// PutSession stores one, or stores it anew, unless it was ended by then: a request
	// that began before the visitor signed out must not bring the visit back. It removes
	// some whose time is over, so that nobody has to sweep.
	PutSession(ctx context.Context, s Session, now time.Time) error
	// EndSession ends one for good. It is absolute: an unknown one is no error.
	EndSession(ctx context.Context, hash string) error
	// Passkeys lists an officer's, oldest first; Passkey finds one by its id,
	// ErrNotFound.
	Passkeys(ctx context.Context, o OfficerID) ([]Passkey, error)
	Passkey(ctx context.Context, id string) (Passkey, error)
	// PutPasskey inserts (Revision 0), with ErrExists where the id is known, or
	// stores if Revision is the stored one, else ErrConflict. Officer and CreatedAt
	// of a stored one stay as they are.
	PutPasskey(ctx context.Context, p Passkey) (Passkey, error)
	// DropPasskey removes one. It is absolute: an unknown one is no error.
	DropPasskey(ctx context.Context, id string) error
}
