package subscriptions

import (
	"context"
	"time"
)

// OfficerChat is one chat that an officer has linked, as the desk knows it: locked
// or open, and what the next text there answers. What is not known is locked.
type OfficerChat struct {
	Chat     Identity
	Revision int64
	// OpenedAt is when six digits opened it; zero = locked. UsedAt is when something
	// was said or pressed there since.
	OpenedAt, UsedAt time.Time
	// Asked is what the next text answers; Took is the question that a text answered
	// last, at that text's time: a text that comes again after a crash answers the same.
	Asked, Took Question
}

// Question is what a card asked: State names it. Empty = nothing.
type Question struct {
	State string
	Card  string
	At    time.Time
}

// OfficerCard is what a card in an officer's chat was about and what its buttons
// do. A button carries the token and its place; whatever a deed needs stays here,
// so that nothing can be made up or worn away on the way through a network.
type OfficerCard struct {
	Chat  Identity
	Token string
	Doc   []byte // of the conversation that made it
	At    time.Time
}

// CardsFor is how long the buttons of an officer's card work.
const CardsFor = 7 * 24 * time.Hour

// Chats remembers officers' chats and the cards that were shown there.
type Chats interface {
	// Chat finds the chat of an identity; ErrNotFound.
	Chat(ctx context.Context, i Identity) (OfficerChat, error)
	// PutChat stores it if Revision is the stored one (0 = none yet), else ErrConflict.
	PutChat(ctx context.Context, c OfficerChat) (OfficerChat, error)
	// Card finds a card that was shown in a chat by its token; ErrNotFound where
	// there is none in this very chat.
	Card(ctx context.Context, i Identity, token string) (OfficerCard, error)
	// PutCard stores a card, or stores it anew, and removes those of the same chat
	// that are older than CardsFor.
	PutCard(ctx context.Context, c OfficerCard) error
}
