package subscriptions

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// NoticeKey names a notice for good: year, month and day of the catalogue's
// zone, and the notice's number on that day ("2025-0103-1").
type NoticeKey string

// NewNoticeKey returns the key of the n-th notice (from 1) of the day that t
// shows; t must be in the catalogue's zone.
func NewNoticeKey(t time.Time, n int) NoticeKey {
	return NoticeKey(t.Format("2006-0102-") + strconv.Itoa(n))
}

// Short returns the key as citizens see it, without the year ("0103-1").
func (k NoticeKey) Short() string {
	if _, short, ok := strings.Cut(string(k), "-"); ok {
		return short
	}
	return string(k)
}

// CodeQuery is what a citizen asks about.
type CodeQuery struct {
	Year int    // 0 when it was left out
	Day  string // month and day, "0103"
	N    int    // the notice's number on that day, from 1
	Code string // check code in capitals, folded; empty when it was left out
}

// ErrNoCode is returned by ParseCode for a text that names no notice.
var ErrNoCode = errors.New("no notice number, such as 0103-1, found")

// Key returns the full key, or false when the citizen left out the year.
func (q CodeQuery) Key() (NoticeKey, bool) {
	return NoticeKey(fmt.Sprintf("%04d-%s-%d", q.Year, q.Day, q.N)), q.Year != 0
}

// Matches reports whether k is a notice that q may mean. The check code is not
// judged here: compare it with SameCode.
func (q CodeQuery) Matches(k NoticeKey) bool {
	full, ok := q.Key()
	if ok {
		return k == full
	}
	return k.Short() == full.Short()
}

// Digits may be mistyped as the letters that look like them, so the classes
// hold O, I and L beside 0 and 1. The typed form lets any separator stand
// between the groups; inside a longer text only the dash joins them, for a text
// is full of other numbers.
var (
	typedCode  = regexp.MustCompile(`^(?:([0-9OIL]{4})[ -]+)?([0-9OIL]{4})[ -]+([0-9OIL]{1,3})([ -]+[0-9A-Z]+)?$`)
	digitsOnly = regexp.MustCompile(`^[0-9]+$`)
	pastedCode = regexp.MustCompile(`(?:^|[^0-9A-Z-])(?:(\d{4}) ?- ?)?(\d{4}) ?- ?([1-9]\d{0,2})(-[0-9A-Z]+)?(?:[^0-9A-Z]|$)`)
	codeLabel  = regexp.MustCompile(`^(?:/?VERIFY|THIBITISHA|NOTICE|NOTISI|ILANI|NUMBER|NAMBARI|NO|N|YA)\b[ .:-]*`)
	separators = regexp.MustCompile(`[ ./_#:,()\[\]]+`)
)

// ParseCode understands what citizens type or paste: "0103-1",
// "Notisi 2025-0103-1", "0103-1-k7qf2m", or a whole notice that names its number.
// Case, full-width and other digits, every kind of dash and look-alike letters
// are forgiven. It returns ErrNoCode where no notice is named.
func ParseCode(s string) (CodeQuery, error) {
	flat := strings.ToUpper(plainDigits(s))
	typed := separators.ReplaceAllString(flat, " ")
	for {
		typed = strings.Trim(typed, " -")
		rest := codeLabel.ReplaceAllString(typed, "")
		if rest == typed {
			break
		}
		typed = rest
	}
	if m := typedCode.FindStringSubmatch(typed); m != nil && !phoneShaped(typed) {
		if q, ok := codeQuery(m); ok {
			return q, nil
		}
	}
	for rest := flat; ; {
		at := pastedCode.FindStringSubmatchIndex(rest)
		if at == nil {
			return CodeQuery{}, ErrNoCode
		}
		if q, ok := codeQuery(pastedCode.FindStringSubmatch(rest)); ok {
			return q, nil
		}
		rest = rest[at[5]:] // go on behind the group that was taken for a day
	}
}

// phoneShaped reports whether digits that only spaces join are rather a phone
// number, or the beginning of one: "0712 345 678", "0712 1225 34", "0712 345".
func phoneShaped(typed string) bool {
	if strings.Contains(typed, "-") || strings.Trim(typed, "0123456789 ") != "" {
		return false
	}
	groups := strings.Fields(typed)
	if len(groups) == 3 && len(groups[0]) == 4 && len(groups[1]) == 4 && len(groups[2]) < 3 && strings.HasPrefix(groups[0], "20") {
		return false // a year in front: "2025 0103 1"
	}
	digits := strings.Join(groups, "")
	switch {
	case len(digits) == 9, len(digits) == 10 && digits[0] == '0', len(digits) == 12 && strings.HasPrefix(digits, "254"):
		return true
	}
	return len(groups) == 2 && len(groups[1]) > 2
}

// codeQuery judges the groups year, day, number and code of a match. A wrong
// code behind a dash is kept, so that it is seen to be wrong; a word that merely
// follows the number is a code only when it looks like one. A last group of digits
// that is no code ("0712-345-678") makes the whole another kind of number.
func codeQuery(m []string) (CodeQuery, bool) {
	year, day, n, code := foldCode(m[1]), foldCode(m[2]), foldCode(m[3]), foldCode(m[4])
	if !isCheckCode(code) {
		switch {
		case digitsOnly.MatchString(code):
			return CodeQuery{}, false
		case !strings.HasPrefix(m[4], "-"):
			code = ""
		}
	}
	if year != "" && !strings.HasPrefix(year, "20") {
		return CodeQuery{}, false
	}
	number, err := strconv.Atoi(n)
	if err != nil || n[0] == '0' {
		return CodeQuery{}, false
	}
	// 2024 is a leap year, so that 29 February is a day; a year that was given
	// must have that day itself.
	if _, err := time.Parse("20060102", orElse(year, "2024")+day); err != nil {
		return CodeQuery{}, false
	}
	y, _ := strconv.Atoi(orElse(year, "0"))
	return CodeQuery{Year: y, Day: day, N: number, Code: code}, true
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// Crockford's base 32 leaves out the letters that people confuse; six letters
// are 30 bits, so a guess succeeds once in a thousand million.
const (
	codeAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	codeLength   = 6
)

// NewCheckCode returns six characters of Crockford's base 32, 30 bits read from
// rand. It panics when rand fails: a code that can be guessed must never leave.
func NewCheckCode(rand io.Reader) string {
	var b [codeLength]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		panic(fmt.Sprintf("check code: %v", err))
	}
	for i := range b {
		b[i] = codeAlphabet[b[i]&31] // 256 is a multiple of 32: every letter is as likely
	}
	return string(b[:])
}

// SameCode compares two check codes in constant time. Case, spaces and dashes
// do not count, O is 0, I and L are 1. An empty code is the same as nothing.
func SameCode(a, b string) bool {
	a, b = foldCode(plainDigits(a)), foldCode(plainDigits(b))
	return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

func isCheckCode(s string) bool {
	return len(s) == codeLength && strings.Trim(s, codeAlphabet) == ""
}

// foldCode writes a code as Crockford asks readers to understand it.
func foldCode(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case 'O':
			return '0'
		case 'I', 'L':
			return '1'
		case ' ', '-':
			return -1
		}
		return r
	}, strings.ToUpper(s))
}

// plainDigits writes digits and letters of every width and script, dashes,
// spaces and invisible characters in their plain ASCII form.
func plainDigits(s string) string {
	var b strings.Builder
	for _, r := range s {
		if p, ok := plainRune(r); ok {
			b.WriteRune(p)
		}
	}
	return b.String()
}
