package subscriptions

import (
	"regexp"
	"strconv"
	"strings"
)

// atomKind says what a piece of a number is.
type atomKind int

const (
	bare   atomKind = iota // digits of no known meaning
	said                   // a number word
	clock                  // 11:00, 10.30 am
	date                   // 3 January, 3/1/2025
	amount                 // KSh 1,050
	count                  // 12,000 people, 10-15 minutes, 50 %
	notice                 // notice 0103-1
)

// atom is one number of the text: digits with a meaning, or one number word.
type atom struct {
	from, to int
	first    int // index of its first chunk
	kind     atomKind
	digits   string // of all kinds but said
	word     string // of said
}

func (a atom) passes() bool { return a.kind > said }

// atoms finds the numbers of the text in their order.
func (s *scan) atoms(list []chunk) []atom {
	var out []atom
	for i := 0; i < len(list); i++ {
		c := list[i]
		if s.overlaps(c.from, c.to) {
			continue
		}
		if !c.digits {
			out = append(out, spokenAtoms(list, i, out)...)
			continue
		}
		a := s.number(list, i)
		for i+1 < len(list) && list[i+1].from < a.to {
			i++
		}
		out = append(out, a)
	}
	return out
}

// spokenAtoms returns the number words of a chunk. A lone o or l is one only
// between digits ("2 o o 2").
func spokenAtoms(list []chunk, i int, before []atom) []atom {
	c := list[i]
	if c.s == "o" || c.s == "l" || c.s == "i" || c.s == "oh" {
		behind := len(before) > 0 && c.from-before[len(before)-1].to <= 3
		ahead := i+1 < len(list) && list[i+1].from-c.to <= 3 && (list[i+1].digits || splitSpoken(list[i+1].s) != nil)
		switch {
		case c.s[0] == 'o' && (behind || ahead):
			return []atom{{c.from, c.to, i, said, "", "zero"}}
		case c.s[0] != 'o' && behind && ahead:
			return []atom{{c.from, c.to, i, said, "", "one"}}
		}
		return nil
	}
	var out []atom
	for _, w := range splitSpoken(c.s) {
		out = append(out, atom{c.from, c.to, i, said, "", w})
	}
	return out
}

// Shapes of numbers that have a meaning, at the start of the rest of the text.
var (
	clockShape    = regexp.MustCompile(`^([01]?\d|2[0-4])(:|\.)[0-5]\d(?::[0-5]\d)?( ?(?:am|pm|a\.m|p\.m|hrs|hours|h)\b)?`)
	militaryShape = regexp.MustCompile(`^(?:[01]\d|2[0-4])[0-5]\d ?(?:hrs|hours|h)\b`)
	isoShape      = regexp.MustCompile(`^20\d\d([-/.])(\d{1,2})[-/.](\d{1,2})`)
	dayShape      = regexp.MustCompile(`^(\d{1,2})([/.-])(\d{1,2})(?:[/.-](?:20)?\d\d)?`)
	yearShape     = regexp.MustCompile(`^20[0-4]\d(?:[/-](?:20)?[0-4]\d)?`)
	groupedShape  = regexp.MustCompile(`^\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?`)
	smallShape    = regexp.MustCompile(`^\d{1,3}(?:[.,]\d{1,2})?(?: ?- ?\d{1,3})?`)
	amountShape   = regexp.MustCompile(`^(?:\d{1,3}(?:,\d{3})+|\d{1,4})(?:\.\d\d)?(?:/[=-])?`)
	percentShape  = regexp.MustCompile(`^\d{1,3}(?:[.,]\d{1,2})?(?: ?- ?\d{1,3})? ?%`)
	noticeShape   = regexp.MustCompile(`^(?:20\d\d-)?[01]\d[0-3]\d-\d{1,3}(?:-[0-9a-z]{6})?`)
)

// number reads the number that starts at chunk i: the longest shape that its
// neighbours confirm, or its bare digits.
func (s *scan) number(list []chunk, i int) atom {
	c := list[i]
	a := atom{from: c.from, to: c.to, first: i, digits: c.s}
	if c.s != s.s[c.from:c.to] { // look-alikes: no honest number
		return a
	}
	if i > 0 && list[i-1].to == c.from && !currencyWords[list[i-1].s] { // "ABC1234"
		return a
	}
	// A bounded rest keeps the whole scan linear: each look costs what it may see.
	before, rest := s.wordBefore(list, i), s.s[c.from:min(len(s.s), c.from+80)]
	if label := s.noticeLabel(list, i); label != "" {
		before = label
	}
	for _, shape := range []func(before, rest string) (int, atomKind){noticeNumber, s.clockOrDate, money, counted} {
		if n, kind := shape(before, rest); n >= len(c.s) && s.endsNumber(c.from+n, kind) {
			a.to, a.kind = c.from+n, kind
			a.digits = onlyDigits(s.s[a.from:a.to])
			return a
		}
	}
	return a
}

// endsNumber reports whether no digit, letter or joined digit follows at i, so
// that a shape is not the first part of a longer number.
func (s *scan) endsNumber(i int, kind atomKind) bool {
	rest := s.s[i:]
	if rest == "" {
		return true
	}
	if isDigit(rest[0]) || isLetter(rest[0]) && isWordy(s.s[i-1]) {
		return false
	}
	joins := ":./,_"
	if kind != clock {
		joins += "-"
	}
	return len(rest) < 2 || strings.IndexByte(joins, rest[0]) < 0 || !isDigit(rest[1])
}

// noticeLabel returns the word for a notice before chunk i, where at most two
// words such as "no." or "nambari ya" stand between them.
func (s *scan) noticeLabel(list []chunk, i int) string {
	for k := i; k > 0 && k > i-3; k-- {
		switch before := s.wordBefore(list, k); {
		case noticeWords[before]:
			return before
		case !numberLabels[before]:
			return ""
		}
	}
	return ""
}

func noticeNumber(before, rest string) (int, atomKind) {
	if !noticeWords[before] {
		return 0, bare
	}
	return len(noticeShape.FindString(rest)), notice
}

func (s *scan) clockOrDate(before, rest string) (int, atomKind) {
	if m := clockShape.FindStringSubmatch(rest); m != nil && (m[2] == ":" || m[3] != "" || timeWords[before]) {
		return len(m[0]), clock
	}
	if m := militaryShape.FindString(rest); m != "" {
		return len(m), clock
	}
	if m := isoShape.FindStringSubmatch(rest); m != nil && dayAndMonth(m[3], m[2]) {
		return len(m[0]), date
	}
	if m := dayShape.FindStringSubmatch(rest); m != nil && dayAndMonth(m[1], m[3]) && (m[2] == "/" || len(m[0]) > len(m[1])+len(m[3])+1) {
		return len(m[0]), date
	}
	return plainDay(before, rest)
}

// plainDay reads the day or the year of a date in words: "3rd January 2025",
// "January 3, 2025", "mwaka wa 2025".
func plainDay(before, rest string) (int, atomKind) {
	if m := yearShape.FindString(rest); m != "" && (monthWords[before] || yearWords[before]) {
		return len(m), date
	}
	day := dayOfMonth.FindStringSubmatch(rest)
	if day == nil {
		return 0, bare
	}
	if d, _ := strconv.Atoi(day[1]); d < 1 || d > 31 {
		return 0, bare
	}
	switch {
	case monthWords[day[3]]:
		// The whole date is one atom, so that its year needs no other neighbour.
		if y := yearShape.FindString(strings.TrimLeft(rest[len(day[0]):], ", ")); y != "" {
			return len(rest) - len(strings.TrimLeft(rest[len(day[0]):], ", ")) + len(y), date
		}
		return len(day[1]) + len(day[2]), date
	case monthWords[before]:
		if m := yearBehindDay.FindString(rest); m != "" {
			return len(m), date
		}
		return len(day[1]) + len(day[2]), date
	}
	return 0, bare
}

var (
	dayOfMonth    = regexp.MustCompile(`^(\d{1,2})(st|nd|rd|th)?(?:,? ?(?:of )?([a-z]+))?`)
	yearBehindDay = regexp.MustCompile(`^\d{1,2}(?:st|nd|rd|th)?,? 20[0-4]\d\b`)
)

func dayAndMonth(day, month string) bool {
	d, _ := strconv.Atoi(day)
	m, _ := strconv.Atoi(month)
	return 1 <= d && d <= 31 && 1 <= m && m <= 12
}

func money(before, rest string) (int, atomKind) {
	m := amountShape.FindString(rest)
	if m == "" || !currencyWords[before] && !strings.ContainsRune(m, '/') && !currencyWords[wordBehind(rest[len(m):])] {
		return 0, bare
	}
	return len(m), amount
}

func counted(before, rest string) (int, atomKind) {
	if m := percentShape.FindString(rest); m != "" {
		return len(m), count
	}
	for _, shape := range []*regexp.Regexp{groupedShape, smallShape} {
		if m := shape.FindString(rest); m != "" && (unitWords[before] || unitWords[wordBehind(rest[len(m):])]) {
			return len(m), count
		}
	}
	return 0, bare
}

// wordBehind returns the word that follows after at most a space or a dash.
func wordBehind(rest string) string {
	m := nextWord.FindStringSubmatch(rest)
	if m == nil {
		return ""
	}
	return m[1]
}

var nextWord = regexp.MustCompile(`^[ -]{0,2}([a-z]+)`)

// wordBefore returns the word before chunk i in the same sentence, or "".
func (s *scan) wordBefore(list []chunk, i int) string {
	if i == 0 || list[i-1].digits {
		return ""
	}
	gap := s.s[list[i-1].to:list[i].from]
	if len(gap) > 3 || strings.ContainsAny(gap, "\n!?;") {
		return ""
	}
	return list[i-1].s
}

// plainUnits are tokens of digits and units in which nothing hides.
var plainUnits = regexp.MustCompile(`^(?:(?:ksh|kshs|kes|sh|shs)?\d{1,4}|\d{1,4}(?:am|pm|hrs|hours|h|km|kg|kwh|kw|mw|min|mins|st|nd|rd|th)|\d{1,2}h\d{2}m?|(?:fy|kcse|kcpe|kpsea)20[0-4]\d|\d{1,2}(?:am|pm)\d{1,2}(?:am|pm)|[a-z\x7f]+20[0-4]\d|\d{1,2}[a-z]{3,9}20[0-4]\d)$`)
