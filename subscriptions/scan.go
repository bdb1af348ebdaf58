package subscriptions

import (
	"cmp"
	"slices"
	"strings"
)

// ScanReason names why the scan stopped at a piece of text.
type ScanReason string

const (
	ScanNumber      ScanReason = "number"            // four or more digits, a phone number, a phone code
	ScanMoneyNumber ScanReason = "money-word-number" // a number behind a word such as till, lipa, call
	ScanLink        ScanReason = "link"              // an address, a host, a Markdown link
	ScanHandle      ScanReason = "handle"            // an @
	ScanEmail       ScanReason = "e-mail"
	ScanSpoken      ScanReason = "number-words" // a number read out in English or Swahili
	ScanRetired     ScanReason = "retired"      // a value that the registry knows and that no citizen may see
	ScanNotice      ScanReason = "notice"       // a notice's number; only from ScanMessage
	ScanMoneyWord   ScanReason = "money-word"   // only from NeedsTwoOfficers
	ScanDigit       ScanReason = "digit"        // only from NeedsTwoOfficers
	ScanSign        ScanReason = "sign"         // a letter or sign that can stand for a digit; only from NeedsTwoOfficers
)

// Finding is one piece of an officer's text that looks like a number to pay or
// to call, or like a link.
type Finding struct {
	Piece      string // the input from Start up to End
	Start, End int    // byte offsets in the input
	Reason     ScanReason
	Digits     string     // what a number reads as, in any script or in words, as 0 to 9
	Entry      EntryID    // the registry entry with this value; empty = none
	Platform   PlatformID // the platform whose broken identifier this is; empty = none
	Advice     string     // what the officer can do; English
}

// ScanText finds everything in a free text or an alternative's text that a
// citizen could take for a number to pay or call, a link, an address or an
// account, however it is spelled: spaced, dotted, in other digits, with invisible
// or look-alike characters, in words. Such things reach citizens only as
// {dest:ID} or {contact:ID}, and a reference that n knows is passed over, unless
// its entry may not be published. n may be nil: then no reference is known.
//
// Times, dates, years beside a month, counts with their unit and amounts with
// their currency pass, unless they stand right behind a money word. The findings
// do not overlap and come in the order of the text.
func ScanText(text string, n *Nation) []Finding {
	s := &scan{folded: fold(text), known: knownValues(n)}
	s.passReferences(n)
	s.findAll()
	return s.sorted()
}

// ScanMessage is ScanText for a message that somebody got and asks about. There
// the numbers of notices are findings as well: whoever compares it knows which
// are its own.
func ScanMessage(text string, n *Nation) []Finding {
	s := &scan{folded: fold(text), known: knownValues(n), message: true}
	s.findAll()
	return s.sorted()
}

// Digits returns the digits of a text, of every script and width, as 0 to 9.
func Digits(text string) string { return onlyDigits(fold(text).s) }

func (s *scan) findAll() {
	s.findLinks()
	s.findPhoneCodes()
	s.findNumbers()
	s.findLetterNumbers()
}

// scan is one pass over one text.
type scan struct {
	folded
	known   []knownValue
	message bool // numbers of notices are reported too
	found   []Finding
	taken   []bool // the characters that a finding or a reference has already answered for
}

// report adds a finding for the characters from a up to b, unless a part of them
// is in one already.
func (s *scan) report(a, b int, reason ScanReason, advice string) {
	if s.overlaps(a, b) {
		return
	}
	f := Finding{Reason: reason, Advice: advice}
	f.Piece, f.Start, f.End = s.piece(a, b)
	s.take(a, b)
	s.found = append(s.found, s.judge(f))
}

func (s *scan) take(a, b int) {
	if s.taken == nil {
		s.taken = make([]bool, len(s.s))
	}
	for i := a; i < b; i++ {
		s.taken[i] = true
	}
}

func (s *scan) overlaps(a, b int) bool {
	return s.taken != nil && a < b && slices.Contains(s.taken[a:b], true)
}

func (s *scan) sorted() []Finding {
	slices.SortFunc(s.found, func(a, b Finding) int { return cmp.Compare(a.Start, b.Start) })
	return s.found
}

// knownValue is a value of the registry or a broken identifier, as the scan
// compares it.
type knownValue struct {
	entry    Entry
	platform PlatformID
	value    string // as it is typed
	digits   string // of a number or code; empty for an address
	host     string // of an address, without scheme, www. and the last slash
}

// knownValues lists the registry, destinations first: a value in both lists is
// judged as a place to pay.
func knownValues(n *Nation) []knownValue {
	if n == nil {
		return nil
	}
	var known []knownValue
	for _, e := range n.Registry {
		known = append(known, known1(e.Value, e, ""))
	}
	slices.SortStableFunc(known, func(a, b knownValue) int {
		return cmp.Compare(weight(a.entry), weight(b.entry))
	})
	for _, p := range n.Platforms {
		for _, id := range p.Identifiers {
			known = append(known, known1(id.Value, Entry{}, p.ID))
		}
	}
	return known
}

func weight(e Entry) int {
	if e.Destination {
		return 0
	}
	return 1
}

func known1(value string, e Entry, p PlatformID) knownValue {
	k := knownValue{entry: e, platform: p, value: value}
	if strings.Contains(value, "://") || strings.Contains(value, ".") && strings.Trim(value, "0123456789. ") != "" {
		k.host = plainHost(value)
	} else {
		k.digits = onlyDigits(fold(value).s)
	}
	return k
}

func (k knownValue) refused() bool {
	return k.entry.ID != "" && (k.entry.Retired || !k.entry.Publishable)
}

func plainHost(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s = rest
	}
	return strings.TrimSuffix(strings.TrimPrefix(s, "www."), "/")
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, s)
}
