package demo

import (
	"strings"
	"time"

	"arifa/subscriptions"
)

// sort of a word to the public.
type sort uint8

const (
	alert sort = iota // it fails, or what is new about it
	end               // it works again
	word              // a correction: stands beside the incident
)

// said is one step's words: what the demo knows of them without asking the
// program's database. A step may be two notices: to those who know already, and
// to the rest.
type said struct {
	keys     []string // as citizens read them: "0103-1"
	sort     sort
	kind     subscriptions.Kind
	by       subscriptions.AgencyID
	services set   // that it tells, or ends
	audience []set // by number of scope
	failing  set   // of the world after it
	// Real times since the server's epoch: before the officer pressed, and when
	// the desk had answered.
	begun, committed time.Duration
	cut              bool  // something newer was said before its wave was over
	beside           *said // of an end: the word to those who go on failing
}

// quiet is a moment at which the program had nothing left to do: everything owed
// must have been told by then.
type quiet struct {
	at      time.Duration
	said    int // words published so far
	failing set // what the world says fails then
}

// Tag finds the number of the notice in a message: "Notice 0103-1, code K7QF2M"
// or "Notisi 0103-1, msimbo …". Answers of the conversation name none in this form.
func Tag(text string) string {
	for _, form := range []struct{ name, code string }{{"Notice ", ", code "}, {"Notisi ", ", msimbo "}} {
		at := strings.LastIndex(text, form.name)
		if at < 0 {
			continue
		}
		rest := text[at+len(form.name):]
		n := strings.IndexFunc(rest, func(r rune) bool { return r != '-' && (r < '0' || r > '9') })
		if n > 0 && strings.HasPrefix(rest[n:], form.code) && strings.Contains(rest[:n], "-") {
			return strings.Clone(rest[:n])
		}
	}
	return ""
}
