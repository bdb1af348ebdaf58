package bot_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// screen is the most characters of one answer: what a small phone shows with a
// little scrolling.
const screen = 1300

// Numbers that are no number to pay or to call: clocks, days, years, keys of
// notices, counts, and the ends of a number that is not ours.
var harmless = []*regexp.Regexp{
	regexp.MustCompile(`\b(20\d\d-)?\d{4}-\d{1,3}(-[0-9A-Z]{6})?\b`),
	regexp.MustCompile(`\d{1,2}:\d{2}`),
	regexp.MustCompile(`\d{1,2} \p{L}+ 20\d\d`),
}

var numberLike = regexp.MustCompile(`[*#]?\d[\d *#.-]*\d#?`)

// checkCard holds every card to what no card may break: no number that the
// registry does not hold, no link off the list, buttons that fit, one screen.
func checkCard(t testing.TB, number int, c wording.Card, n *subscriptions.Nation) {
	t.Helper()
	for _, text := range append(append([]string{c.Title}, c.Lines...), c.Footer...) {
		for _, stranger := range strangers(text, n) {
			t.Errorf("line %d: the card names %q, which no registry holds: %s", number, stranger, text)
		}
		if strings.TrimSpace(text) == "" && text != c.Title {
			t.Errorf("line %d: an empty line", number)
		}
		if strings.Contains(text, "{{") || strings.Contains(text, "no value") || strings.Contains(text, "%!") {
			t.Errorf("line %d: an unfinished sentence: %s", number, text)
		}
	}
	for _, b := range c.Copy {
		if e := entryOf(n, b.Value); !e.Destination || !e.Publishable || e.Verify {
			t.Errorf("line %d: %q may be copied and is not a confirmed destination", number, b.Value)
		}
	}
	for _, row := range c.Choices {
		for _, b := range row {
			if b.Label == "" || b.Data == "" || len(b.Data) > 64 {
				t.Errorf("line %d: a button %q with data %q", number, b.Label, b.Data)
			}
		}
	}
	if size := utf8.RuneCountInString(strings.Join(shown(c), "\n")); size > screen {
		t.Errorf("line %d: the answer has %d characters, want at most %d", number, size, screen)
	}
	if len(c.Lines) == 0 && c.Title == "" || len(c.Lines)+len(c.Footer) > 16 {
		t.Errorf("line %d: %d lines", number, len(c.Lines)+len(c.Footer))
	}
}

// strangers are what looks like a number to pay or to call in a text and is
// neither a value of the registry, nor a name of a platform.
func strangers(text string, n *subscriptions.Nation) []string {
	for _, e := range n.Registry {
		if e.Publishable && !e.Retired {
			text = strings.ReplaceAll(text, e.Value, " ")
		}
	}
	for _, p := range n.Platforms {
		for _, i := range p.Identifiers {
			text = strings.ReplaceAll(text, i.Value, " ")
		}
	}
	for _, h := range harmless {
		text = h.ReplaceAllString(text, " ")
	}
	var out []string
	for _, m := range numberLike.FindAllString(text, -1) {
		if digits := strings.Map(onlyDigits, m); len(digits) > 3 {
			out = append(out, m)
		}
	}
	return out
}

func onlyDigits(r rune) rune {
	if r >= '0' && r <= '9' {
		return r
	}
	return -1
}

func entryOf(n *subscriptions.Nation, value string) subscriptions.Entry {
	for _, e := range n.Registry {
		if e.Value == value {
			return e
		}
	}
	return subscriptions.Entry{}
}

func TestStrangers(t *testing.T) {
	t.Parallel()
	n := theWorld(t).nation
	for text, want := range map[string]int{
		"Pay to 0712 345 678 now":                        1,
		"Dial *544# now":                                 0, // three digits: the scan of texts stops it, not this check
		"Till 512345":                                    1,
		"Payments to 222222 fail since 6:00 am":          0,
		"As of 11:00 am on 3 January 2025.":              0,
		"Notice 0103-1 and 2025-0103-12-K7QF2M":          0,
		"You follow 12 things, saa tano asubuhi (11:00)": 0,
		"the number 07…78":                               0,
	} {
		if got := strangers(text, n); len(got) != want {
			t.Errorf("strangers(%q) = %q, want %d", text, got, want)
		}
	}
}
