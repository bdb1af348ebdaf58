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
	ScanMoneyWord   ScanReason = "money-word"   // only from NeedsTwoOfficers
	ScanDigit       ScanReason = "digit"        // only from NeedsTwoOfficers
)

// Finding is one piece of an officer's text that looks like a number to pay or
// to call, or like a link.
type Finding struct {
	Piece      string // the input from Start up to End
	Start, End int    // byte offsets in the input
	Reason     ScanReason
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
	s.findLinks()
	s.findPhoneCodes()
	s.findNumbers()
	return s.sorted()
}

// NeedsTwoOfficers reports whether rule 4 asks for a second officer before the
// free text is published: it holds a digit, a link, an @ or a money word, and the
// findings say where.
func NeedsTwoOfficers(text string) (bool, []Finding) {
	s := &scan{folded: fold(text)}
	s.findLinks()
	s.findPhoneCodes()
	s.findNumbers()
	for _, c := range s.chunks() {
		if !c.digits && moneyWord(c.s) {
			s.report(c.from, c.to, ScanMoneyWord, "words about money are read by a second officer")
		}
	}
	for i := 0; i < len(s.s); i++ {
		j := i
		for j < len(s.s) && isDigit(s.s[j]) {
			j++
		}
		if j > i {
			s.report(i, j, ScanDigit, "a number in a free text is read by a second officer")
			i = j
		}
	}
	found := s.sorted()
	return len(found) > 0, found
}

// scan is one pass over one text.
type scan struct {
	folded
	known []knownValue
	found []Finding
	taken []span // characters that a finding or a reference has already answered for
}

type span struct{ from, to int }

// report adds a finding for the characters from a up to b, unless a part of them
// is in one already.
func (s *scan) report(a, b int, reason ScanReason, advice string) {
	if s.overlaps(a, b) {
		return
	}
	f := Finding{Reason: reason, Advice: advice}
	f.Piece, f.Start, f.End = s.piece(a, b)
	s.taken = append(s.taken, span{a, b})
	s.found = append(s.found, s.judge(f))
}

func (s *scan) overlaps(a, b int) bool {
	for _, t := range s.taken {
		if a < t.to && t.from < b {
			return true
		}
	}
	return false
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
