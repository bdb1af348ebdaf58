package wording_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

func TestGSM7(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want int
		ok   bool
	}{
		{"", 0, true},
		{"Malipo kwa 222222 hayafanyi kazi.", 33, true},
		{"@£$¥èéùìòÇ", 10, true},
		{"ÄÖÑÜ§¿äöñüà", 11, true},
		{"[x] {y} ~ | ^ \\ €", 26, true},
		{"a\nb\r", 4, true},
		{"ç", 0, false},
		{"a – b", 0, false},
		{"“so”", 0, false},
		{"🙂", 0, false},
		{"`", 0, false},
	} {
		if got, ok := wording.GSM7(c.text); got != c.want || ok != c.ok {
			t.Errorf("%q: got %d %v, want %d %v", c.text, got, ok, c.want, c.ok)
		}
	}
}

func TestSMSPreview(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text, encoding string
		chars, limit, parts  int
	}{
		{"full", strings.Repeat("a", 160), "GSM-7", 160, 160, 1},
		{"two parts", strings.Repeat("a", 161), "GSM-7", 161, 160, 2},
		{"two full parts", strings.Repeat("a", 306), "GSM-7", 306, 160, 2},
		{"three parts", strings.Repeat("a", 307), "GSM-7", 307, 160, 3},
		{"extension", strings.Repeat("€", 80) + "a", "GSM-7", 161, 160, 2},
		{"one other sign", strings.Repeat("a", 69) + "–", "UCS-2", 70, 70, 1},
		{"other sign, two parts", strings.Repeat("a", 70) + "–", "UCS-2", 71, 70, 2},
		{"pairs", strings.Repeat("🙂", 36), "UCS-2", 72, 70, 2},
	} {
		p := wording.SMSPreview("en", subscriptions.Words{Short: c.text})
		if p.Network != "sms" || p.Encoding != c.encoding || p.Chars != c.chars || p.Limit != c.limit || p.Parts != c.parts {
			t.Errorf("%s: got %s %d of %d in %d, want %s %d of %d in %d", c.name, p.Encoding, p.Chars, p.Limit, p.Parts, c.encoding, c.chars, c.limit, c.parts)
		}
	}
}

func TestTextsToCopy(t *testing.T) {
	t.Parallel()
	for _, g := range goldens {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			sh := s.sheet(g.facts(s))
			for _, l := range s.speaker.Languages() {
				seen := map[string]bool{}
				for _, p := range s.speaker.Texts(sh, l) {
					seen[p.Network] = true
					if p.Network != "sms" && p.Chars != utf8.RuneCountInString(p.Text) {
						t.Errorf("%s %s: got %d characters, want %d", p.Network, l, p.Chars, utf8.RuneCountInString(p.Text))
					}
					if p.Text == "" || p.Limit > 0 && p.Chars > p.Limit {
						t.Errorf("%s %s: %d of %d: %q", p.Network, l, p.Chars, p.Limit, p.Text)
					}
					if !strings.Contains(p.Text, "0103-") {
						t.Errorf("%s %s: no number in %q", p.Network, l, p.Text)
					}
				}
				if !seen["sms"] || !seen["x"] || !seen["whatsapp"] || !seen["radio"] {
					t.Errorf("%s: got %v, want four texts", l, seen)
				}
			}
		})
	}
}

// What must not be missing from a text that is copied: not to pay again, and, of
// another way, the way itself; on the radio the line on the PIN too.
func TestTextsToCopyKeepWhatCounts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		golden, network string
		l               subscriptions.Language
		want            []string
	}{
		{"outage-driver", "x", "en", []string{"do not pay again", "Said by eCitizen"}},
		{"outage-driver", "x", "sw", []string{"usilipe tena"}},
		{"alternative-taxpayer", "x", "en", []string{"do not pay again", "card machine", "0103-2"}},
		{"alternative-taxpayer", "x", "sw", []string{"usilipe tena", "benki", "0103-2"}},
		{"alternative-taxpayer", "radio", "en", []string{"do not pay again", "card machine", "PIN"}},
		{"alternative-taxpayer", "radio", "sw", []string{"usilipe tena", "benki", "PIN"}},
		{"alternative-confirmed-number", "radio", "en", []string{"*247#", "PIN"}},
		{"restored-known", "x", "sw", []string{"usilipe tena"}},
		{"outage-driver", "radio", "sw", []string{"Hatuombi PIN yako."}},
	} {
		t.Run(c.golden+"-"+c.network+"-"+string(c.l), func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			at := slices.IndexFunc(goldens, func(g golden) bool { return g.name == c.golden })
			for _, p := range s.speaker.Texts(s.sheet(goldens[at].facts(s)), c.l) {
				for _, want := range c.want {
					if p.Network == c.network && !strings.Contains(p.Text, want) {
						t.Errorf("no %q in %d of %d: %s", want, p.Chars, p.Limit, p.Text)
					}
				}
			}
		})
	}
}
