// Package notifiertest is what every Channel promises, as tests. A network's
// package runs it over its channel and a fake wire of its own: Run proves the
// sentences of notifiers.Channel one by one. It knows no network.
package notifiertest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions/wording"
)

// Fault is one way in which a network or the way to it fails.
type Fault string

const (
	TooFast        Fault = "too fast for this chat"        // again after Wait
	LaneTooFast    Fault = "too fast for the credential"   // again after Wait
	Blocked        Fault = "the reader blocked us"         //
	Migrated       Fault = "the chat has another address"  //
	BadCard        Fault = "the card is refused"           // the same for everybody
	Refused        Fault = "this message is refused"       // an unknown refusal of this one
	DeadCredential Fault = "the credential is dead"        //
	ServerError    Fault = "the server answers with a 500" //
	Garbage        Fault = "the answer cannot be read"     // a page of a proxy, cut off
	Reset          Fault = "the connection is cut"         // after the request was read
	Hang           Fault = "no answer comes"               //
	Unreachable    Fault = "no connection"                 // nothing was written
	NotModified    Fault = "the edit changes nothing"      //
	EditGone       Fault = "the message to edit is gone"   //
)

// Wait is what the network asks for with TooFast and LaneTooFast.
const Wait = 7 * time.Second

// Harness is one channel with its fake wire.
type Harness interface {
	Channel() notifiers.Channel
	// Target is somebody who can be reached.
	Target() notifiers.Target
	// Fail lets the next request fail; false means that this network cannot fail
	// like that, and the case is left out.
	Fail(f Fault) bool
	// Erase deletes a message at the network, as a reader or moderator does.
	Erase(message string)
	// Seen returns what was accepted so far, oldest first, as its reader sees it:
	// without markup. An edit is an entry of its own.
	Seen() []Seen
	// Secrets are credentials that must never appear in an error.
	Secrets() []string
}

// Seen is one accepted message.
type Seen struct {
	Message string // the network's id
	Text    string // title, lines and footer
	ReplyTo string
	Edited  bool
	Silent  bool
}

// Run proves the contract over fresh harnesses.
func Run(t *testing.T, open func(t *testing.T) Harness) {
	for _, c := range []struct {
		sentence string
		prove    func(*testing.T, Harness)
	}{
		{"the name is a lane id and never changes", nameStays},
		{"an accepted message has an id and shows title, lines and footer", sends},
		{"hostile letters arrive as they were typed", hostile},
		{"a prepared card reads like one that is not", prepared},
		{"a reply stands under its message", replies},
		{"a reply to a message that is gone is sent without it", replyGone},
		{"an edit takes the place of the message", edits},
		{"sending is safe for many goroutines", concurrent},
		{"an ended context sends nothing", endedBefore},
		{"a context that ends after the request was written is unknown", endedAfter},
		{"no error names an address, a text or a credential", hushed},
	} {
		t.Run(c.sentence, func(t *testing.T) { c.prove(t, open(t)) })
	}
	for _, f := range faults {
		t.Run(string(f.fault)+" is "+f.outcome, func(t *testing.T) { f.prove(t, open(t)) })
	}
}

// card is what the cases send; word makes it one of a kind.
func card(word string) wording.Card {
	return wording.Card{
		Title:  "eCitizen " + word,
		Lines:  []string{"Payments to 222222 fail " + word + ".", "Do not pay again."},
		Footer: []string{"KRA, 020 4 999 999."},
	}
}

func messageOf(h Harness, word string) notifiers.Message {
	return notifiers.Message{ID: 1, To: h.Target(), Card: card(word)}
}

// shows checks that a reader sees every line of the card, in its order.
func shows(t *testing.T, s Seen, c wording.Card) {
	t.Helper()
	rest := s.Text
	for _, line := range append(append([]string{c.Title}, c.Lines...), c.Footer...) {
		_, after, ok := strings.Cut(rest, line)
		if !ok {
			t.Fatalf("the reader does not see %q, in its place, in:\n%s", line, s.Text)
		}
		rest = after
	}
}

func last(t *testing.T, h Harness) Seen {
	t.Helper()
	seen := h.Seen()
	if len(seen) == 0 {
		t.Fatal("nothing arrived")
	}
	return seen[len(seen)-1]
}

func is[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

// outcomeOf names the outcome of a request.
func outcomeOf(err error) string {
	switch {
	case err == nil:
		return "sent"
	case is[notifiers.Later](err):
		return "later"
	case is[notifiers.Never](err):
		return "never"
	case is[notifiers.Poison](err):
		return "poison"
	case is[notifiers.Gone](err):
		return "gone"
	case is[notifiers.Moved](err):
		return "moved"
	case is[notifiers.Halt](err):
		return "halt"
	case is[notifiers.Unknown](err):
		return "unknown"
	case is[notifiers.Uneditable](err):
		return "uneditable"
	}
	return "plain"
}

// leaks lists what an error tells that it must not.
func leaks(h Harness, m notifiers.Message, err error) []string {
	if err == nil {
		return nil
	}
	var out []string
	secret := append([]string{m.To.Address.Reveal(), m.Card.Title}, m.Card.Lines...)
	for _, s := range append(secret, h.Secrets()...) {
		if s != "" && (strings.Contains(err.Error(), s) || strings.Contains(fmt.Sprintf("%+v", err), s)) {
			out = append(out, fmt.Sprintf("a secret of %d bytes", len(s)))
		}
	}
	return out
}
