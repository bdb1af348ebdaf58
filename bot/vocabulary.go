package bot

import (
	"slices"
	"strings"
	"unicode"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// vocabulary is what people may say for an act: whole messages, and verbs that
// stand before a name. It is understood in every language at once.
type vocabulary struct {
	whole map[string]meaning
	verbs []verb          // the longest first
	all   map[string]bool // "everything", behind a verb that leaves
	yes   map[string]bool
	no    map[string]bool
	// codeWords may stand beside a notice's check code.
	codeWords map[string]bool
	phrases
}

// meaning of a word. tongue is empty where several languages have the word.
type meaning struct {
	act      act
	tongue   subscriptions.Language
	language subscriptions.Language // of actLang
}

type verb struct {
	words int
	text  string // folded, with a space behind it
	meaning
}

// heard are the lists of words in package wording, each "word|another word".
// The first acts win where a word stands in two lists.
var heard = []struct {
	id  string
	act act
}{
	{"hear.stop", actStop}, {"hear.stop.how", actStopHow}, {"hear.help", actHelp}, {"hear.language", actLanguage}, {"hear.forget", actForget},
	{"hear.status", actStatus}, {"hear.report", actReport}, {"hear.mine", actMine}, {"hear.pay", actPay}, {"hear.verify", actVerify},
	{"hear.quiet", actQuiet}, {"hear.mydata", actMyData}, {"hear.browse", actAgencies},
	{"hear.greeting", actHome}, {"hear.thanks", actThanks},
}

var heardVerbs = []struct {
	id  string
	act act
}{
	{"hear.verb.leave", actLeave}, {"hear.verb.follow", actFollow}, {"hear.verb.report", actReport}, {"hear.verb.status", actStatus}, {"hear.verb.verify", actVerify},
}

func newVocabulary(s *wording.Speaker) vocabulary {
	v := vocabulary{whole: map[string]meaning{}, yes: map[string]bool{}, all: map[string]bool{}, no: map[string]bool{},
		codeWords: map[string]bool{}, phrases: newPhrases(s)}
	for _, h := range heard {
		v.learn(s, h.id, func(text string, l subscriptions.Language) { v.put(text, meaning{act: h.act, tongue: l}) })
	}
	v.learn(s, "hear.name", func(text string, l subscriptions.Language) {
		v.whole[text] = meaning{act: actLang, language: l, tongue: l}
	})
	v.learn(s, "hear.yes", func(text string, _ subscriptions.Language) { v.yes[text] = true })
	v.learn(s, "hear.all", func(text string, _ subscriptions.Language) { v.all[text] = true })
	v.learn(s, "hear.code", func(text string, _ subscriptions.Language) { v.codeWords[text] = true })
	v.learn(s, "hear.no", func(text string, _ subscriptions.Language) { v.no[text] = true })
	for _, h := range heardVerbs {
		v.learn(s, h.id, func(text string, l subscriptions.Language) { v.putVerb(text, meaning{act: h.act, tongue: l}) })
	}
	slices.SortStableFunc(v.verbs, func(a, b verb) int { return b.words - a.words })
	return v
}

func (v *vocabulary) learn(s *wording.Speaker, id string, put func(string, subscriptions.Language)) {
	for _, l := range s.Languages() {
		for _, text := range strings.Split(s.T(l, id, nil), "|") {
			if text = squash(text); text != "" {
				put(text, l)
			}
		}
	}
}

// put keeps the first act of a word and forgets whose word it is when a second
// language has it too.
func (v *vocabulary) put(text string, m meaning) {
	old, known := v.whole[text]
	switch {
	case !known:
		v.whole[text] = m
	case old.act == m.act && old.tongue != m.tongue:
		old.tongue = ""
		v.whole[text] = old
	}
}

func (v *vocabulary) putVerb(text string, m meaning) {
	for i, old := range v.verbs {
		if old.text == text+" " {
			v.verbs[i].tongue = ""
			return
		}
	}
	v.verbs = append(v.verbs, verb{words: len(strings.Fields(text)), text: text + " ", meaning: m})
}

// verbOf finds the verb at the beginning of text and returns what follows it.
func (v *vocabulary) verbOf(text string) (m meaning, rest string, ok bool) {
	fields := strings.Fields(text)
	for _, verb := range v.verbs {
		if len(fields) <= verb.words {
			continue
		}
		if squash(strings.Join(fields[:verb.words], " "))+" " == verb.text {
			return verb.meaning, strings.Join(fields[verb.words:], " "), true
		}
	}
	return meaning{}, "", false
}

// squash leaves lower-case letters and digits, one space between words, and
// writes full-width forms plainly, so that " Stop!! " is "stop".
func squash(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range s {
		if r > 0xff00 && r < 0xff5f {
			r -= 0xfee0
		}
		r = unicode.ToLower(r)
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if gap && b.Len() > 0 {
				b.WriteByte(' ')
			}
			gap = false
			b.WriteRune(r)
		case r == '\'' || r == '’' || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Mn, r):
		default:
			gap = true
		}
	}
	return b.String()
}
