// Package talk is the desk as a conversation: an officer's words or a tap in,
// cards out. It asks the desk and shows what the desk answers; it decides nothing
// about who may do what, knows no network and makes no sentence for a citizen.
package talk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// Heard is one thing that happened in a chat: a message or a pressed button.
type Heard struct {
	Chat    subscriptions.Identity // whose account it is, as the network has proved
	Private bool                   // nobody else reads there
	Text    string
	Choice  string // data of a pressed button
	// Message is the network's id of the card whose button was pressed.
	Message string
	// Answers is the token of the question that a form showed (wording.Ask); empty =
	// the text answers whatever was asked last.
	Answers   string
	Forwarded bool // somebody else wrote the text
	At        time.Time
}

// Found is one answer of a search: exactly one of the ids is set.
type Found struct {
	Service  subscriptions.ServiceID
	Platform subscriptions.PlatformID
	Agency   subscriptions.AgencyID
}

// Searcher finds services and platforms by what people type, the best first.
type Searcher interface {
	Search(query string, limit int) []Found
}

// Speaker selects cards from sheets, and names what citizens chose; wording.Speaker
// is it.
type Speaker interface {
	Card(s subscriptions.Sheet, sel wording.Selection) wording.Card
	T(l subscriptions.Language, id string, data any) string
}

// Config is what a Talk is made of. Citizen, Rand and Log may be left out.
type Config struct {
	Desk    *desk.Desk
	Chats   subscriptions.Chats
	Calls   subscriptions.Calls
	Search  Searcher
	Speaker Speaker
	// Citizen reports whether a whole message is a citizen's, whatever was asked
	// before: STOP, HELP, the language.
	Citizen func(text string) bool
	Rand    io.Reader // safe for concurrent use
	Log     *slog.Logger
}

// Talk answers officers. It is safe for concurrent use; what happens in one chat
// must be given to it in order.
type Talk struct {
	Config
	tries tries
	verbs map[string]verb
	texts map[string]runs
}

// New returns a Talk, or an error that names what is missing.
func New(c Config) (*Talk, error) {
	switch {
	case c.Desk == nil:
		return nil, errors.New("talk: a desk is required")
	case c.Chats == nil || c.Calls == nil:
		return nil, errors.New("talk: chats and calls are required")
	case c.Search == nil || c.Speaker == nil:
		return nil, errors.New("talk: a search and a speaker are required")
	}
	if c.Citizen == nil {
		c.Citizen = func(string) bool { return false }
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Log = c.Log.With("component", "talk")
	return &Talk{Config: c, verbs: verbTable(), texts: textTable()}, nil
}

// Hear answers what is the desk's to answer; mine is false for everything else,
// which is a citizen's: an officer is one too, in the same chat. An error means
// that the store could not answer; hearing the same again does no harm.
func (t *Talk) Hear(ctx context.Context, h Heard) (cards []wording.Card, mine bool, err error) {
	h.At = h.At.UTC().Truncate(time.Millisecond)
	h.Text = strings.TrimSpace(h.Text)
	if code, ok := linkCode(h); ok {
		card, err := t.link(ctx, h, code)
		return []wording.Card{card}, true, err
	}
	u := &turn{Talk: t, h: h, now: h.At}
	if mine, err = u.isOurs(ctx); err != nil || !mine {
		return nil, false, err
	}
	if !h.Private {
		return []wording.Card{plain("Only in your own chat", "The desk opens in your own chat with me, where nobody else reads.")}, true, nil
	}
	cards, err = u.hear(ctx)
	return cards, true, err
}

// isOurs decides whether the desk answers: its commands, its buttons, and the text
// that it asked for. A citizen's STOP is never taken for an answer.
func (u *turn) isOurs(ctx context.Context) (bool, error) {
	text := u.h.Text
	switch {
	case strings.HasPrefix(u.h.Choice, buttonMark), u.h.Answers != "":
		return true, nil
	case u.h.Choice != "" || text == "" || u.h.Forwarded:
		return false, nil
	case command(text) != "":
		return true, nil
	case strings.HasPrefix(text, "/") || !u.h.Private:
		return false, nil
	}
	c, err := u.Chats.Chat(ctx, u.h.Chat)
	if errors.Is(err, subscriptions.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	state := u.question(c).State
	if state == "" || u.Citizen(text) {
		return false, nil
	}
	asksDigits := state == asksUnlock || state == asksApproval
	return !asksDigits || isDigits(text), nil
}

// question is what a text answers: what was asked, as long as an answer is waited
// for, or what this very text answered before.
func (u *turn) question(c subscriptions.OfficerChat) subscriptions.Question {
	switch {
	case c.Took.State != "" && c.Took.At.Equal(u.now):
		return c.Took
	case c.Asked.State == "" || u.now.Sub(c.Asked.At) >= patience:
		return subscriptions.Question{}
	}
	return c.Asked
}

// patience is how long an answer to a question is waited for.
const patience = 15 * time.Minute

// command is which of the desk's commands a text is; empty = none.
func command(text string) string {
	head, _, _ := strings.Cut(strings.ToLower(text), " ")
	head, _, _ = strings.Cut(head, "@")
	if head == "/desk" || head == "/lock" {
		return head[1:]
	}
	return ""
}

// isDigits reports whether a text is six digits, with or without a gap.
func isDigits(text string) bool {
	n := 0
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9':
			n++
		case r != ' ':
			return false
		}
	}
	return n == 6
}

func plain(title string, lines ...string) wording.Card {
	return wording.Card{Title: title, Lines: lines}
}

func (t *Talk) token() (string, error) {
	b := make([]byte, 10) // 80 bits
	if _, err := io.ReadFull(t.Rand, b); err != nil {
		return "", fmt.Errorf("random source: %w", err)
	}
	return tokens.EncodeToString(b), nil
}
