package slacktest

import (
	"hash/fnv"
	"slices"
	"time"
)

// Kind says what a ledger entry did.
type Kind string

// The kinds.
const (
	Send      Kind = "send"      // a new message
	Edit      Kind = "edit"      // other words or buttons in place
	Delete    Kind = "delete"    //
	Ephemeral Kind = "ephemeral" // shown to one person, kept by nobody
	Home      Kind = "home"      // somebody's App Home
)

// Entry is one accepted change.
type Entry struct {
	Seq       int64         // from 1, without gaps
	Begun     time.Duration // real monotonic time since Epoch when the request began
	Accepted  time.Duration // … and when it was taken into the ledger
	At        time.Time     // the server's clock, UTC
	Channel   string        // "" of a Home
	User      string        // of a direct message, Ephemeral and Home
	TS        string
	Thread    string // the parent's ts; "" = not a reply
	Broadcast bool   // a reply that the channel shows too
	Kind      Kind
	Hash      uint64 // of the plain text, as its reader sees it
	Tag       string // what Config.Tag found in it
	Mark      string // the string values of its metadata's payload, joined by a space
}

// record takes an accepted change into the ledger; s.mu is held.
func (s *Server) record(r *request, e Entry, text string) {
	e.Seq, e.Begun, e.Accepted, e.At = int64(len(s.ledger)+1), r.begun, s.real(), s.now().UTC()
	e.Hash, e.Tag = Hash(text), s.cfg.Tag(text)
	s.ledger = append(s.ledger, e)
	s.counts.accepted.Add(1)
	s.news()
}

// Hash is what an Entry keeps of a text.
func Hash(text string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text))
	return h.Sum64()
}

// Entries are the ledger's entries of this moment, oldest first.
func (s *Server) Entries() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.ledger)
}

// Sent are the messages of a channel among the entries, without edits.
func (s *Server) Sent(channel string) (out []Entry) {
	for _, e := range s.Entries() {
		if e.Channel == channel && e.Kind == Send {
			out = append(out, e)
		}
	}
	return out
}

// Refusal is one answer that was not ok.
type Refusal struct {
	Method, Code string
	Why          string // what the server found wrong, for the reader of a test
}

// Refused lists the answers that were not ok, 429 left out.
func (s *Server) Refused() []Refusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.refused)
}

// UsedScopes lists the scopes without which some call would have been refused.
func (s *Server) UsedScopes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for scope := range s.usedScopes {
		out = append(out, scope)
	}
	slices.Sort(out)
	return out
}
