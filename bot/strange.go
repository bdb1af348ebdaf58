package bot

import (
	"regexp"
	"strings"
	"unicode"

	"arifa/subscriptions"
)

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
	if strings.ContainsFunc(text, unicode.IsLetter) {
		return false
	}
	d := subscriptions.Digits(text)
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
	pieces := t.strange(text, notices)
	if notices == nil {
		return t.linesOn("strange.unknown", pieces, false)
	}
	foreign := t.foreign(text, notices)
	return t.linesOn("strange.not-in-notice", append(pieces, t.quotes(foreign, notices)...), len(foreign) > 0 || t.unread)
}

// linesOn says which pieces are strange, and whether there are sentences that are. No
// notice is so long that its end is not read, so what has such an end is none.
func (t *turn) linesOn(id string, pieces []string, foreign bool) []string {
	var lines []string
	if len(pieces) > 0 {
		more := len(pieces) - mostNames
		pieces = pieces[:min(len(pieces), mostNames)]
		if more > 0 {
			pieces = append(pieces, t.count("strange.more", more))
		}
		lines = append(lines, t.say(id, "Pieces", t.Speaker.List(t.l, pieces)))
	}
	if foreign {
		lines = append(lines, t.say("strange.words"))
	}
	return lines
}

// strange lists the numbers, links and accounts of a text that the notices do
// not name; without notices, those that the registry does not know.
func (t *turn) strange(text string, notices []subscriptions.Notice) []string {
	found := subscriptions.ScanMessage(withoutCodes(text, notices), t.nation)
	if len(found) == 0 {
		return nil
	}
	k, seen := t.knowledge(text, notices), map[string]bool{}
	var out []string
	for _, f := range found {
		if t.isKnown(f, k) {
			continue
		}
		if m := t.mask(f); m != "" && !seen[m] {
			seen[m] = true
			out = append(out, m)
		}
	}
	return out
}

// withoutCodes takes the notices' own check codes out of a text, where they are
// called so or stand behind the number that they belong to: many of them look like
// numbers.
func withoutCodes(text string, notices []subscriptions.Notice) string {
	for _, n := range notices {
		if n.Code == "" {
			continue
		}
		code := alike(n.Code)
		text = regexp.MustCompile(`(?i)\b(code|msimbo)[ :]+`+code+`\b`).ReplaceAllString(text, "$1")
		text = regexp.MustCompile(`(?i)(`+behind(n.Key)+`)[ .,;:/_-]+`+code+`\b`).ReplaceAllString(text, "$1")
	}
	return text
}

// alike matches a code as people copy it: in either case, with the letters that look
// like a digit.
func alike(code string) string {
	return strings.NewReplacer("0", "[0O]", "1", "[1IL]").Replace(regexp.QuoteMeta(code))
}

// behind matches a notice's number as people write it.
func behind(key subscriptions.NoticeKey) string {
	const dash = `[ ./_]*-?[ ./_]*`
	year, short, _ := strings.Cut(string(key), "-")
	day, n, _ := strings.Cut(short, "-")
	return `\b(?:` + year + dash + `)?` + alike(day) + `(?:[ ./_]*-[ ./_]*|[ ./_]+)` + alike(n)
}

// labelled finds a check code that a text gives to a number by name: "0103-1, code
// K7QF2M"; "" = none.
func labelledCode(text string, q subscriptions.CodeQuery) string {
	key, _ := q.Key()
	p := regexp.MustCompile(`(?i)` + behind(key) + `[ .,;:]*(?:code|msimbo)[ :.]*([0-9A-Z]{6})\b`)
	if m := p.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// mask names a piece so that its reader finds it in the text and nobody can use
// it: two digits at each end, three letters of a host.
func (t *turn) mask(f subscriptions.Finding) string {
	switch f.Reason {
	case subscriptions.ScanLink, subscriptions.ScanEmail:
		return t.say("strange.link", "Start", head(seenHost(f.Piece), 3))
	case subscriptions.ScanHandle:
		return t.say("strange.account", "Start", head(strings.TrimLeft(f.Piece, "@"), 3))
	case subscriptions.ScanSpoken:
		return t.say("strange.spoken")
	}
	d := subscriptions.Digits(f.Piece)
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

// allWords joins everything that a citizen can have read of a sheet.
func allWords(w subscriptions.Words) string {
	parts := []string{w.Title, w.More, w.Why, w.WhyAsked, w.WhyPost, w.WhyGroup, w.Short}
	for _, l := range append(append([]subscriptions.Line{}, w.Head...), w.Tail...) {
		parts = append(parts, l.Text)
	}
	for _, s := range w.Services {
		parts = append(append(parts, s.Name, s.Label, s.State), s.Lines...)
	}
	return strings.Join(parts, "\n")
}
