package subscriptions

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// NeedsTwoOfficers reports whether rule 4 asks for a second officer before the
// free text is published, and the findings say where. It asks for one wherever
// ScanText stops, and wherever there may be more than plain words: a digit or
// what stands for one, a number word, a letter or sign that honest sentences do
// not need, an account, a network, a word about money. It is wide on purpose: a
// word too many costs a second officer's look, a word too few costs money.
func NeedsTwoOfficers(text string) (bool, []Finding) {
	s := &scan{folded: fold(text)}
	s.findAll()
	list := s.chunks()
	for i, c := range list {
		if !c.digits {
			s.secondLook(list, i)
		}
	}
	s.findDigits()
	s.findRepeats(list)
	s.findLetterRows(list)
	for _, at := range tightStop.FindAllStringIndex(s.s, -1) {
		s.report(at[0], at[1], ScanLink, linkAdvice)
	}
	s.findSigns()
	found := s.sorted()
	return len(found) > 0, found
}

// tightStop is a stop without a space behind it, as in an address.
var tightStop = regexp.MustCompile(`[a-z\x7f]{2,}(?:[.,;:\x01\x02]+)[a-z\x7f]{2,}`)

// secondLook judges one word.
func (s *scan) secondLook(list []chunk, i int) {
	c, next := list[i], ""
	if i+1 < len(list) && list[i+1].from-c.to == 1 && (s.s[c.to] == ' ' || s.s[c.to] == '-') {
		next = list[i+1].s
	}
	switch {
	case moneyWord(c.s) || givingWords[c.s] || givingVerb.MatchString(c.s) || givingPairs[c.s+" "+next]:
		s.report(c.from, c.to, ScanMoneyWord, "words about money are read by a second officer")
	case numberish(c.s):
		s.report(c.from, c.to, ScanSpoken, "number words in a free text are read by a second officer")
	case networkWords[c.s]:
		s.report(c.from, c.to, ScanHandle, "where else to write or read is checked by a second officer")
	case dotWords[c.s] && i > 0, spokenDots[c.s] && i > 0 && next != "" && !dotless[next]:
		s.report(c.from, c.to, ScanLink, "an address that is read out is checked by a second officer")
	default:
		if reason, advice := personal(c.s, next); reason != "" {
			s.report(c.from, c.to, reason, advice)
		}
	}
}

// numberish reports whether a word says a number, an order or a part.
func numberish(w string) bool {
	return len(w) > 1 && (otherNumbers[w] || splitSpoken(w) != nil)
}

// findDigits reports every row of digits.
func (s *scan) findDigits() {
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
}

// repeatWindow is how many words back a repeated word is looked for.
const repeatWindow = 8

// findRepeats reports words that are said three times: in a row ("tuu tuu tuu"),
// or close together if they are no small words. That is how a number is read out,
// in whatever language or spelling.
func (s *scan) findRepeats(list []chunk) {
	for i := 2; i < len(list); i++ {
		w := list[i].s
		if list[i-1].s == w && list[i-2].s == w {
			s.report(list[i-2].from, list[i].to, ScanSpoken, repeatAdvice)
			continue
		}
		if smallWords[w] {
			continue
		}
		seen := 0
		for _, c := range list[max(0, i-repeatWindow):i] {
			if c.s == w {
				seen++
			}
		}
		if seen >= 2 {
			s.report(list[i].from, list[i].to, ScanSpoken, repeatAdvice)
		}
	}
}

const repeatAdvice = "a word that is repeated again and again may be a number; a second officer reads it"

// findLetterRows reports words and rows of words that are made of letters which
// look like digits, letters that stand alone, and letters written thrice.
func (s *scan) findLetterRows(list []chunk) {
	const advice = "letters that may stand for digits are read by a second officer"
	alone, odd := 0, 0
	for i, c := range list {
		word, _, _ := s.piece(c.from, c.to)
		near := i > 0 && c.from-list[i-1].to <= 2
		alone, odd = next(alone, near, len(c.s) == 1), next(odd, near, letterNumber(word))
		if alone >= 3 || odd >= 2 || odd == 1 && len(word) >= 3 || thrice(c.s) {
			s.report(c.from, c.to, ScanSign, advice)
		}
	}
}

// next counts a row: one more if what is counted goes on, else from the start.
func next(n int, near, is bool) int {
	switch {
	case !is:
		return 0
	case !near:
		return 1
	}
	return n + 1
}

func thrice(w string) bool {
	for i := 2; i < len(w); i++ {
		if w[i] == w[i-1] && w[i] == w[i-2] {
			return true
		}
	}
	return false
}

// findSigns reports what plain sentences do not need: other scripts, pictures,
// invisible characters, signs.
func (s *scan) findSigns() {
	for i, r := range s.text {
		if plainProse(r) || len(s.s) == 0 {
			continue
		}
		at, seen := slices.BinarySearch(s.start, i)
		if !seen { // an invisible character is quoted with the one before it
			at = max(at-1, 0)
		}
		s.report(at, at+1, ScanSign, "letters and signs that plain sentences do not need are read by a second officer")
	}
}

func plainProse(r rune) bool {
	switch {
	case r < unicode.MaxASCII:
		return r == ' ' || r == '\n' || r == '\r' || r == '\t' || unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(`.,;:!?'"()-/&%{}`, r)
	case r == 0xd7 || r == 0xf7: // × and ÷ stand among the accented letters
		return false
	}
	return 0xc0 <= r && r <= 0x17f || strings.ContainsRune("\u00a0–—‘’“”…", r)
}
