package catalogue

import (
	_ "embed"
	"slices"
	"strings"
)

//go:embed words.txt
var generalWords string

// lexicon knows the words of one catalogue and the general words, and what each
// means: one or two concepts. It is read-only after newLexicon.
type lexicon struct {
	means   map[string][]string // written word → concepts
	skips   map[string]bool
	phrases []string // folded phrases to leave out, each between spaces
	heads   []string // verb beginnings of Swahili
}

// newLexicon reads the general words and then every text of the catalogue.
func newLexicon(texts []string) *lexicon {
	lex := &lexicon{means: map[string][]string{}, skips: map[string]bool{}}
	for line := range strings.Lines(generalWords) {
		lex.general(strings.TrimSpace(line))
	}
	for _, text := range texts {
		for _, word := range strings.Fields(fold(joinHyphens(text))) {
			lex.learn(stem(word))
		}
	}
	return lex
}

func (lex *lexicon) general(line string) {
	if phrase, ok := strings.CutPrefix(line, "skip: "); ok {
		lex.phrases = append(lex.phrases, " "+strings.TrimSpace(fold(phrase))+" ")
		return
	}
	if words, ok := strings.CutPrefix(line, "skip "); ok {
		for _, w := range strings.Fields(words) {
			lex.skips[w] = true
		}
		return
	}
	if heads, ok := strings.CutPrefix(line, "before "); ok {
		lex.heads = strings.Fields(heads)
		return
	}
	left, right, ok := strings.Cut(line, "=")
	if !ok || strings.HasPrefix(line, "#") {
		return
	}
	var concepts []string
	for _, w := range strings.Fields(left) {
		concepts = append(concepts, stem(w))
	}
	for _, w := range strings.Fields(right) {
		lex.means[stem(w)] = concepts
	}
	for _, c := range concepts {
		lex.learn(c)
	}
}

func (lex *lexicon) learn(word string) {
	if _, known := lex.means[word]; !known && len(word) > 1 && !lex.skips[word] {
		lex.means[word] = []string{word}
	}
}

// words cuts a text into the words to look up: skipped ones left out, halves of
// a known word joined ("e citizen"), known words that were run together parted
// ("goodconduct").
func (lex *lexicon) words(text string) []string {
	raw := lex.joined(strings.Fields(fold(text)))
	line := " " + strings.Join(raw, " ") + " "
	for _, p := range lex.phrases {
		line = strings.ReplaceAll(line, p, " ")
	}
	var words []string
	for _, w := range strings.Fields(line) {
		if lex.skips[w] || len(w) < 2 {
			continue
		}
		words = append(words, lex.parted(lex.beheaded(stem(w)))...)
	}
	return words
}

// beheaded takes a Swahili verb's beginning off an unknown word of which the
// rest is known: "kurenew", "imeexpire".
func (lex *lexicon) beheaded(word string) string {
	if _, known := lex.means[word]; known {
		return word
	}
	for _, head := range lex.heads {
		rest := strings.TrimPrefix(word, head)
		if _, known := lex.means[rest]; known && rest != word && len(rest) >= 4 {
			return rest
		}
	}
	return word
}

func (lex *lexicon) joined(raw []string) []string {
	var words []string
	for i := 0; i < len(raw); i++ {
		if i+1 < len(raw) {
			if _, known := lex.means[stem(raw[i]+raw[i+1])]; known {
				words = append(words, raw[i]+raw[i+1])
				i++
				continue
			}
		}
		words = append(words, raw[i])
	}
	return words
}

// parted cuts an unknown word into two or three words of which at least one is
// known and the others are known or skipped, and returns the known ones; the word
// itself where it is known or cannot be cut.
func (lex *lexicon) parted(word string) []string {
	if _, known := lex.means[word]; known || len(word) < 5 || len(word) > 40 {
		return []string{word}
	}
	for cut := len(word) - 2; cut >= 2; cut-- {
		if parts := lex.known(word[:cut], word[cut:]); parts != nil {
			return parts
		}
	}
	for cut := 3; cut <= len(word)-6; cut++ {
		for second := cut + 3; second <= len(word)-3; second++ {
			if parts := lex.known(word[:cut], word[cut:second], word[second:]); parts != nil {
				return parts
			}
		}
	}
	return []string{word}
}

// known returns the parts that mean something; nil if one is no word at all.
func (lex *lexicon) known(parts ...string) []string {
	var known []string
	for _, part := range parts {
		_, ok := lex.means[stem(part)]
		switch {
		case part[0] >= '0' && part[0] <= '9':
			return nil // half a number is another number
		case ok:
			known = append(known, stem(part))
		case len(part) < 3 || !lex.skips[part]:
			return nil
		}
	}
	return known
}

// stem takes the English plural away, from both sides of a comparison alike.
func stem(word string) string {
	if len(word) > 3 && strings.HasSuffix(word, "s") && !slices.Contains([]string{"s", "u", "i"}, word[len(word)-2:len(word)-1]) {
		return word[:len(word)-1]
	}
	return word
}

// joinHyphens makes one word of "M-PESA" and "e-slip".
func joinHyphens(text string) string {
	return strings.NewReplacer("-", "", "‑", "", "–", " ").Replace(text)
}
