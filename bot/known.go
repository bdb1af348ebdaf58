package bot

import (
	"regexp"
	"slices"
	"strings"

	"arifa/subscriptions"
)

// knowledge is what the numbers of a text are compared with.
type knowledge struct {
	notices  []subscriptions.Notice
	words    string                   // everything that the notices say, in every language
	digits   map[string]bool          // of the entries and broken things that they name
	asked    *subscriptions.CodeQuery // without notices: the number that was asked about is judged by itself
	registry bool                     // without notices: the registry's numbers are known
}

func (t *turn) knowledge(text string, notices []subscriptions.Notice) knowledge {
	k := knowledge{notices: notices, digits: map[string]bool{}, registry: notices == nil}
	if q, err := codeIn(text); err == nil && notices == nil {
		k.asked = &q
	}
	for _, n := range notices {
		for _, w := range n.Sheet.Words {
			k.words += allWords(w) + "\n"
		}
		for _, l := range n.Sheet.Links {
			k.words += l.URL + "\n"
		}
		for _, id := range n.Sheet.Entries {
			e, _ := t.nation.Entry(id)
			k.digits[subscriptions.Digits(e.Value)] = true
		}
	}
	for _, p := range t.nation.Platforms {
		for _, i := range p.Identifiers {
			if strings.Contains(k.words, i.Value) {
				k.digits[subscriptions.Digits(i.Value)] = true
			}
		}
	}
	delete(k.digits, "")
	return k
}

func (t *turn) isKnown(f subscriptions.Finding, k knowledge) bool {
	switch f.Reason {
	case subscriptions.ScanLink:
		return t.isAccount(f.Piece) || t.isKnownLink(f.Piece, k)
	case subscriptions.ScanEmail:
		return t.isKnownEmail(f.Piece, k)
	case subscriptions.ScanHandle:
		return t.isAccount(f.Piece)
	case subscriptions.ScanRetired:
		return false
	}
	return k.digits[f.Digits] || k.namesNotice(f) || k.registry && (f.Entry != "" || f.Platform != "")
}

// isKnownLink reports whether a link leads to us or to an official host, and
// carries nothing there that no notice has: a number in a path or in what a form
// is filled with looks as official as the host.
func (t *turn) isKnownLink(piece string, k knowledge) bool {
	host := hostOf(piece)
	if host == "" || strings.Contains(host, "xn--") || !strings.EqualFold(host, t.Host) && !t.nation.OfficialHost(host) {
		return false
	}
	piece = strings.ToLower(strings.TrimRight(piece, `.,;:!?)"'/`))
	if k.says(piece) {
		return true
	}
	before, rest, _ := strings.Cut(piece, host)
	if strings.ContainsAny(before+rest, `@?&=%#\`) {
		return false
	}
	digits := subscriptions.Digits(rest)
	if tail, ok := strings.CutPrefix(rest, "/n/"); ok && strings.EqualFold(host, t.Host) {
		return k.namesNotice(subscriptions.Finding{Piece: tail, Digits: digits})
	}
	return digits == ""
}

// isKnownEmail reports whether the registry or a notice has an e-mail address.
// Anybody can write any name in front of an official host.
func (t *turn) isKnownEmail(piece string, k knowledge) bool {
	piece = strings.TrimPrefix(strings.ToLower(strings.TrimRight(piece, ".")), "mailto:")
	return k.says(piece) || slices.ContainsFunc(t.nation.Registry, func(e subscriptions.Entry) bool {
		return strings.EqualFold(e.Value, piece)
	})
}

// says reports whether the notices have an address as a word of its own.
func (k knowledge) says(address string) bool {
	return slices.ContainsFunc(strings.Fields(strings.ToLower(k.words)), func(w string) bool {
		return strings.Trim(w, `.,;:!?()[]"'/`) == address
	})
}

// namesNotice reports whether a piece is the number of one of the notices, or of
// one that they name, and nothing more. Behind a word about paying it is a number
// to pay, however it is written.
func (k knowledge) namesNotice(f subscriptions.Finding) bool {
	q, err := subscriptions.ParseCode(f.Piece)
	if err != nil || f.Reason == subscriptions.ScanMoneyNumber {
		return false
	}
	if a := k.asked; a != nil {
		return q.Year == a.Year && q.Day == a.Day && q.N == a.N && (q.Code == "" || q.Code == a.Code) && onlyKey(f, q)
	}
	for _, n := range k.notices {
		if q.Matches(n.Key) && (q.Code == "" || subscriptions.SameCode(q.Code, n.Code)) && onlyKey(f, q) {
			return true
		}
	}
	full, _ := q.Key()
	return q.Code == "" && onlyKey(f, q) && strings.Contains(k.words, " "+full.Short())
}

// onlyKey reports whether a piece has no digits beside those of a notice's number.
func onlyKey(f subscriptions.Finding, q subscriptions.CodeQuery) bool {
	key, full := q.Key()
	if !full {
		key = subscriptions.NoticeKey(key.Short())
	}
	digits := subscriptions.Digits(string(key))
	return f.Digits == digits || f.Digits == digits+subscriptions.Digits(q.Code)
}

// isAccount reports whether a piece is one of our accounts: @name, its link, or
// the bare name of a bot.
func (t *turn) isAccount(piece string) bool {
	name := strings.TrimRight(piece, ".")
	if linked := account(name); linked != "" {
		name, _, _ = strings.Cut(linked, "?")
	}
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

var (
	webScheme = regexp.MustCompile(`^(?:https?:|mailto:)?/*`)
	plainHost = regexp.MustCompile(`^[a-z0-9-]+(?:\.[a-z0-9-]+)+$`)
)

// hostOf is the host that a link or an e-mail address leads to as browsers read
// it, for whom a backslash is a slash and slashes too many are none. It is empty
// where that cannot be told for sure.
func hostOf(piece string) string {
	s := strings.ToLower(strings.ReplaceAll(piece, `\`, "/"))
	s = s[len(webScheme.FindString(s)):]
	if i := strings.IndexAny(s, "/?#"); i >= 0 {
		s = s[:i]
	}
	s = s[strings.LastIndexByte(s, '@')+1:]
	s, _, _ = strings.Cut(s, ":")
	if s = strings.TrimSuffix(s, "."); !plainHost.MatchString(s) {
		return ""
	}
	return s
}

// seenHost is the host of a link for its reader, who looks for it in the text.
func seenHost(piece string) string {
	if host := hostOf(piece); host != "" {
		return host
	}
	if i := strings.LastIndex(piece, "://"); i >= 0 {
		piece = piece[i:]
	}
	return strings.ToLower(strings.TrimLeft(piece, `:/\.<>[](){}"'@ `))
}
