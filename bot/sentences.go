package bot

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"arifa/subscriptions"
)

// foreign lists the sentences of a text that no notice has, in the text's own
// words. A sentence is a notice's only as a whole: "pay again" is a part of "do
// not pay again" and says the opposite. A short question about a number is typed
// in one's own words, so there only what could mislead others is foreign.
func (t *turn) foreign(text string, notices []subscriptions.Notice) []string {
	if !t.h.Forwarded && len(text) < pastedFrom && harmless(text) {
		return nil
	}
	var out []string
	known, k := unitsOf(notices), t.knowledge(text, notices)
	for _, s := range sentencesOf(text) {
		if known[squash(s)] && !oddSigns(s, k.words) || t.onlyAsks(s, notices, k) {
			continue
		}
		if out = append(out, strings.TrimSpace(s)); len(out) == mostForeign {
			break
		}
	}
	return out
}

// mostForeign is how many foreign sentences are looked at: a text of thousands
// must not keep others waiting, and one is enough to tell that it differs.
const mostForeign = 20

// harmless reports whether a text speaks of nothing that one could pay or follow.
func harmless(text string) bool {
	_, found := subscriptions.NeedsTwoOfficers(text)
	return !slices.ContainsFunc(found, func(f subscriptions.Finding) bool {
		return f.Reason != subscriptions.ScanNumber && f.Reason != subscriptions.ScanDigit && f.Reason != subscriptions.ScanNotice
	})
}

// sentencesOf splits a text where one thing said ends: at lines, and at signs
// with a space behind them. "6:04", "arifa.go.ke" and "?start" stay whole.
func sentencesOf(text string) []string {
	var out []string
	runes, from := []rune(text), 0
	for i, r := range runes {
		last := i+1 == len(runes) || unicode.IsSpace(runes[i+1])
		if r == '\n' || last && strings.ContainsRune(".!?;:–", r) {
			out = append(out, string(runes[from:i+1]))
			from = i + 1
		}
	}
	return append(out, string(runes[from:]))
}

// aside is a name or a time in brackets, which people leave out.
var aside = regexp.MustCompile(`\([^()]*\)`)

// unitsOf are the sentences of notices in every language, squashed, with those
// that a card makes of counts and names.
func unitsOf(notices []subscriptions.Notice) map[string]bool {
	units := map[string]bool{"": true}
	add := func(text string) {
		for _, s := range sentencesOf(text) {
			units[squash(s)] = true
			units[squash(aside.ReplaceAllString(s, " "))] = true
		}
	}
	for _, n := range notices {
		for _, w := range n.Sheet.Words {
			add(allWords(w))
			for i, s := range w.Services {
				add(fmt.Sprintf(w.More, i+1))
				add(fmt.Sprintf(w.Why, s.Name))
				add(fmt.Sprintf(w.Why, s.Name+"; "+s.Name))
			}
		}
	}
	return units
}

// askWords may stand around the number of a notice, our links and our accounts.
var askWords = map[string]bool{
	"is": true, "this": true, "it": true, "the": true, "real": true, "true": true, "fake": true, "false": true, "notice": true,
	"no": true, "number": true, "code": true, "see": true, "or": true, "and": true, "check": true, "at": true, "from": true, "arifa": true,
	"je": true, "hii": true, "ni": true, "ya": true, "kweli": true, "uongo": true, "notisi": true, "nambari": true, "namba": true,
	"msimbo": true, "na": true, "au": true, "ama": true, "angalia": true, "kwenye": true, "thibitisha": true,
}

// onlyAsks reports whether a sentence is a greeting, or names what is the
// notice's or ours and says nothing of it.
func (t *turn) onlyAsks(sentence string, notices []subscriptions.Notice, k knowledge) bool {
	if oddSigns(sentence, k.words) {
		return false
	}
	rest := withoutCodes(sentence, notices)
	found := subscriptions.ScanMessage(rest, t.nation)
	for _, f := range slices.Backward(found) {
		if t.isKnown(f, k) {
			rest = rest[:f.Start] + " " + rest[f.End:]
		}
	}
	words := strings.Fields(squash(t.vocabulary.plain("arifa " + rest)))
	return !slices.ContainsFunc(words, func(w string) bool {
		return !askWords[w] && !slices.ContainsFunc(notices, func(n subscriptions.Notice) bool { return n.Code != "" && strings.EqualFold(n.Code, w) })
	})
}

// oddSigns reports whether a text has two pictures or signs for numbers that the
// notices do not have: squashing drops them. One alone is a thumb or a warning.
func oddSigns(text, words string) bool {
	odd := 0
	for _, r := range text {
		if unicode.In(r, unicode.So, unicode.Nl, unicode.No) && !strings.ContainsRune(words, r) {
			odd++
		}
	}
	return odd > 1
}

// quotes names the foreign sentences that speak of money, by the words they begin
// with; one whose number or link was named needs no other name.
func (t *turn) quotes(foreign []string, notices []subscriptions.Notice) []string {
	var out []string
	for _, s := range foreign {
		if len(out) == mostNames {
			break
		}
		if speaksOfMoney(s) && len(t.strange(s, notices)) == 0 {
			if q := quote(s); !slices.Contains(out, q) {
				out = append(out, q)
			}
		}
	}
	return out
}

func speaksOfMoney(s string) bool {
	_, found := subscriptions.NeedsTwoOfficers(s)
	return slices.ContainsFunc(found, func(f subscriptions.Finding) bool {
		return f.Reason == subscriptions.ScanMoneyWord || f.Reason == subscriptions.ScanMoneyNumber
	})
}

// How much of a foreign sentence is shown: enough to find it in the text.
const (
	quotedWords   = 3
	quotedLetters = 12
)

// quote is the beginning of a sentence without anything that could be used.
func quote(s string) string {
	var words []string
	for _, w := range strings.Fields(squash(s)) {
		if len(words) == quotedWords {
			break
		}
		if w = head(w, quotedLetters); w == "" {
			w = "…"
		}
		words = append(words, w)
	}
	return "“" + strings.Join(words, " ") + "…”"
}
