package catalogue

import (
	"regexp"
	"strings"
	"unicode"

	s "arifa/subscriptions"
)

// referenceForm is a reference to the registry inside a text.
var referenceForm = regexp.MustCompile(`\{(dest|contact):([^{}\s]*)\}`)

// shortNumber is what a notice's scan lets pass in an officer's sentence, but no
// catalogue text has a use for: three digits in a row.
var shortNumber = regexp.MustCompile(`[0-9]{3}`)

// loose returns every piece of a text that a person could dial, pay to, open or
// write to, as the scan of notices finds them, and numbers of three digits.
// References to the registry are not loose.
func loose(text string) []string {
	text = referenceForm.ReplaceAllString(text, " ; ")
	var found []string
	rest := asciiDigits(text)
	for _, f := range s.ScanText(text, nil) {
		piece := strings.TrimSpace(asciiDigits(f.Piece))
		found = append(found, piece)
		rest = strings.Replace(rest, piece, " ; ", 1)
	}
	return append(found, shortNumber.FindAllString(rest, -1)...)
}

// asciiDigits writes the digits of every script as 0 to 9, full-width signs as
// plain ones, and leaves out what cannot be seen.
func asciiDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return plainRune(r)
	}, text)
}

// bare is a code without what stands between its digits, as the registry and a
// text are compared.
func bare(code string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '*' || r == '#' {
			return r
		}
		return -1
	}, asciiDigits(code))
}

// heldCodes are the codes and links that a name may show: the identifiers of
// platforms, and what the registry lets reach a citizen.
func heldCodes(n *s.Nation) map[string]bool {
	held := map[string]bool{}
	add := func(value string) {
		held[value] = true
		for _, piece := range loose(value) {
			held[bare(piece)] = true
		}
	}
	for _, p := range n.Platforms {
		for _, i := range p.Identifiers {
			add(i.Value)
		}
	}
	for _, e := range n.Registry {
		if e.Publishable && !e.Retired {
			add(e.Value)
		}
	}
	delete(held, "")
	return held
}
