package bot

import (
	"regexp"
	"strings"
	"unicode"

	"arifa/subscriptions"
)

// noticeNumber is a notice's number as we write it. Forgiven spellings are left
// to ParseCode: here one of them would let a phone number pass.
var noticeNumber = regexp.MustCompile(`^(20\d\d-)?[01]\d[0-3]\d-\d{1,2}(-[0-9A-Za-z]{6})?$`)

// codeIn finds the notice's number in a text. "0712 345 678" is a phone number,
// though its first groups could be a day and a count.
func codeIn(text string) (subscriptions.CodeQuery, error) {
	if looksLikePhone(text) {
		return subscriptions.CodeQuery{}, subscriptions.ErrNoCode
	}
	return subscriptions.ParseCode(text)
}

// looksLikePhone reports whether a text is one phone number and nothing else, as
// Kenya writes them: 0712 345 678, 254 712 345 678, 712 345 678.
func looksLikePhone(text string) bool {
	if strings.ContainsFunc(text, unicode.IsLetter) || noticeNumber.MatchString(strings.TrimSpace(text)) {
		return false
	}
	d := digitsOf(text)
	switch len(d) {
	case 9:
		return d[0] == '7' || d[0] == '1'
	case 10:
		return d[0] == '0'
	case 12:
		return strings.HasPrefix(d, "254")
	}
	return false
}

// strangeLines names what a text says and the notices do not: numbers, links and
// accounts, never so that they could be used, and sentences.
func (t *turn) strangeLines(text string, notices []subscriptions.Notice) []string {
	return t.linesOn(t.strange(text, notices), text, notices)
}

// linesOn says what strange found.
func (t *turn) linesOn(pieces []string, text string, notices []subscriptions.Notice) []string {
	var lines []string
	if len(pieces) > 0 {
		id := "strange.unknown"
		if notices != nil {
			id = "strange.not-in-notice"
		}
		more := len(pieces) - mostNames
		pieces = pieces[:min(len(pieces), mostNames)]
		if more > 0 {
			pieces = append(pieces, t.count("strange.more", more))
		}
		lines = append(lines, t.say(id, "Pieces", t.Speaker.List(t.l, pieces)))
	}
	if notices != nil && unlike(text, notices) {
		lines = append(lines, t.say("strange.words"))
	}
	return lines
}

// strange lists the numbers, links and accounts of a text that the notices do
// not name; without notices, those that the registry does not know.
func (t *turn) strange(text string, notices []subscriptions.Notice) []string {
	found := subscriptions.ScanText(text, t.nation)
	if len(found) == 0 {
		return nil
	}
	known, seen := t.numbersOf(notices), map[string]bool{}
	var out []string
	for _, f := range found {
		if t.isKnown(f, known, notices == nil) {
			continue
		}
		if m := t.mask(f); m != "" && !seen[m] {
			seen[m] = true
			out = append(out, m)
		}
	}
	return out
}

// numbersOf are the digits of what notices name: the entries that their sheets
// carry, the names of what is broken, and their own numbers.
func (t *turn) numbersOf(notices []subscriptions.Notice) map[string]bool {
	known := map[string]bool{}
	for _, n := range notices {
		short := n.Key.Short()
		for _, own := range []string{string(n.Key), short, short[:min(4, len(short))], short + n.Code, string(n.Key) + n.Code} {
			known[digitsOf(own)] = true
		}
		for _, id := range n.Sheet.Entries {
			e, _ := t.nation.Entry(id)
			known[digitsOf(e.Value)] = true
		}
		t.addIdentifiers(known, n)
	}
	delete(known, "")
	return known
}

func (t *turn) addIdentifiers(known map[string]bool, n subscriptions.Notice) {
	words := allWords(t.sheetWords(n))
	for _, p := range t.nation.Platforms {
		for _, i := range p.Identifiers {
			if strings.Contains(words, i.Value) {
				known[digitsOf(i.Value)] = true
			}
		}
	}
}

func (t *turn) isKnown(f subscriptions.Finding, known map[string]bool, byRegistry bool) bool {
	switch f.Reason {
	case subscriptions.ScanLink, subscriptions.ScanEmail:
		host := hostOf(f.Piece)
		return host == "" || strings.EqualFold(host, t.Host) || t.nation.OfficialHost(host) || t.isAccount(f.Piece)
	case subscriptions.ScanHandle:
		return t.isAccount(f.Piece)
	case subscriptions.ScanRetired:
		return false
	}
	if known[digitsOf(f.Piece)] {
		return true
	}
	if noticeNumber.MatchString(strings.TrimSpace(f.Piece)) {
		return true // the number of a notice is judged by itself
	}
	return byRegistry && (f.Entry != "" || f.Platform != "")
}

func (t *turn) isAccount(piece string) bool {
	name := account(piece)
	for _, o := range t.ours() {
		if name != "" && sameName(o, name) {
			return true
		}
	}
	return false
}

func sameName(a, b string) bool {
	return strings.EqualFold(strings.TrimPrefix(a, "@"), strings.TrimPrefix(b, "@"))
}

// mask names a piece so that its reader finds it in the text and nobody can use
// it: two digits at each end, three letters of a host.
func (t *turn) mask(f subscriptions.Finding) string {
	switch f.Reason {
	case subscriptions.ScanLink, subscriptions.ScanEmail:
		return t.say("strange.link", "Start", head(hostOf(f.Piece), 3))
	case subscriptions.ScanHandle:
		return t.say("strange.account", "Start", head(strings.TrimLeft(f.Piece, "@"), 3))
	case subscriptions.ScanSpoken:
		return t.say("strange.spoken")
	}
	d := digitsOf(f.Piece)
	switch {
	case d == "":
		return t.say("strange.spoken")
	case len(d) < 4:
		return t.say("strange.number", "Start", d[:1], "End", d[len(d)-1:])
	}
	return t.say("strange.number", "Start", d[:2], "End", d[len(d)-2:])
}

// head is the beginning of a name without anything that looks like a number.
func head(s string, n int) string {
	var b strings.Builder
	for _, r := range s {
		if n == 0 || !unicode.IsLetter(r) {
			break
		}
		b.WriteRune(r)
		n--
	}
	return b.String()
}

func digitsOf(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r > 0xff00 && r < 0xff5f:
			r -= 0xfee0
		case r >= 0x660 && r <= 0x669:
			r -= 0x660 - '0'
		}
		if r >= '0' && r <= '9' {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// hostOf is the host of a link or of an e-mail address.
func hostOf(piece string) string {
	s := strings.ToLower(piece)
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s = rest
	}
	if i := strings.IndexAny(s, "/?#)"); i >= 0 {
		s = s[:i]
	}
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		s = s[i+1:]
	}
	s, _, _ = strings.Cut(s, ":")
	return strings.Trim(s, ". ([<")
}

// Sentences shorter than this say too little to be judged.
const sentenceWords = 4

// unlike reports whether a text has a sentence most of whose words no notice has.
func unlike(text string, notices []subscriptions.Notice) bool {
	known := map[string]bool{}
	for _, n := range notices {
		for _, w := range n.Sheet.Words {
			for _, word := range strings.Fields(squash(allWords(w))) {
				known[word] = true
			}
		}
	}
	for _, sentence := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '.' || r == '!' || r == ';' }) {
		words := strings.Fields(squash(sentence))
		hits := 0
		for _, w := range words {
			if known[w] {
				hits++
			}
		}
		if len(words) >= sentenceWords && hits*2 < len(words) {
			return true
		}
	}
	return false
}

// allWords joins everything that a citizen can have read of a sheet.
func allWords(w subscriptions.Words) string {
	parts := []string{w.Title, w.More, w.Why, w.WhyAsked, w.WhyPost, w.Short}
	for _, l := range append(append([]subscriptions.Line{}, w.Head...), w.Tail...) {
		parts = append(parts, l.Text)
	}
	for _, s := range w.Services {
		parts = append(append(parts, s.Name, s.Label, s.State), s.Lines...)
	}
	return strings.Join(parts, "\n")
}
