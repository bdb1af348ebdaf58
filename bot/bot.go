// Package bot is the citizen's conversation: a message in, cards out. It
// understands what people type, tap and forward in every language, keeps what
// they follow, and answers with what is announced now.
//
// It knows no network and never sends a notice: what it makes somebody owe is
// written down by the register and told by the lane.
package bot

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// Heard is one thing that a citizen did: a message, a pressed button or a link
// that opened the chat.
type Heard struct {
	Lane     subscriptions.LaneID
	Address  subscriptions.Address
	Kind     subscriptions.RecipientKind
	Language subscriptions.Language // the network's hint; empty when it gives none
	Text     string                 // commands with their slash; "/status@name" is understood
	Choice   string                 // data of a pressed button
	Start    string                 // payload of the link that opened the chat
	Message  string                 // the network's id of what was said, or of the card whose button was pressed
	// Forwarded is set for a text that somebody else wrote.
	Forwarded bool
	// Admin is set when the sender administrates the group.
	Admin bool
	// Named is set in a group when the message mentions us or answers us.
	Named bool
	Title string // of a group
	At    time.Time
}

// Found is one answer of a search: exactly one of the ids is set.
type Found struct {
	Service  subscriptions.ServiceID
	Agency   subscriptions.AgencyID
	Platform subscriptions.PlatformID
	Score    float64 // above 0, at most 1: the very words
}

// Searcher finds services, agencies and platforms by what people type, the best
// first, with typing mistakes forgiven. It returns none where nothing fits.
type Searcher interface {
	Search(query string, limit int) []Found
}

// Config is what a conversation needs. Accounts, MaxFollows and Log may be left
// out; without Complaints nobody reports anything, without Alarms no answer says
// that many do, and without Samples nobody is asked whether it works.
type Config struct {
	Register   subscriptions.Register
	Bulletins  subscriptions.Bulletins
	Complaints subscriptions.Complaints
	Alarms     subscriptions.Alarms
	Samples    subscriptions.Samples
	Nation     func() *subscriptions.Nation // the catalogue in force
	Search     Searcher                     // over the catalogue in force
	Speaker    *wording.Speaker
	Host       string // of PUBLIC_URL; empty = none is set
	// BotName is our account's name on the network of a lane, without "@"; nil or
	// "" = it has none.
	BotName func(subscriptions.LaneID) string
	// Overseen reports whether somebody else may read what is written on a lane, such
	// as the owners of a workspace: people are told so, once; nil = nowhere.
	Overseen func(subscriptions.LaneID) bool
	// Accounts lists our other accounts and channels, without "@".
	Accounts   func() []string
	MaxFollows int // of one recipient; 0 = 200
	Log        *slog.Logger
}

// Conversation answers citizens. It is safe for concurrent use; what one
// recipient says must be given to it in order.
type Conversation struct {
	Config
	vocabulary vocabulary
	warned     *warned
}

// New returns a conversation. It panics where a part is missing that it cannot
// speak without.
func New(c Config) *Conversation {
	if err := c.valid(); err != nil {
		panic(fmt.Sprintf("bot: %v", err))
	}
	if c.BotName == nil {
		c.BotName = func(subscriptions.LaneID) string { return "" }
	}
	if c.Accounts == nil {
		c.Accounts = func() []string { return nil }
	}
	if c.MaxFollows == 0 {
		c.MaxFollows = 200
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Log = c.Log.With("component", "bot")
	return &Conversation{Config: c, vocabulary: newVocabulary(c.Speaker), warned: &warned{}}
}

func (c Config) valid() error {
	switch {
	case c.Register == nil, c.Bulletins == nil:
		return errors.New("no register or no bulletins")
	case c.Nation == nil, c.Search == nil:
		return errors.New("no catalogue or no search")
	case c.Speaker == nil:
		return errors.New("no speaker")
	}
	return nil
}
