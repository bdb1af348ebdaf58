package catalogue

import (
	"regexp"
	"strings"
	"unicode"

	s "arifa/subscriptions"
)

// referenceForm is a reference to the registry inside a text.
var referenceForm = regexp.MustCompile(`\{(dest|contact):([^{}\s]*)\}`)

var (
	linkForm = regexp.MustCompile(`(?i)[a-z][a-z0-9+.-]*://[^\s]+|\bwww\.[^\s]+|[\pL\pN_-]+(\.[\pL\pN_-]+)*\.\pL{2,}(/[^\s]*)?|\S*@\S*`)
	// Digits with anything between them that a person reads over: one number.
	codeForm  = regexp.MustCompile(`[*#+]*[0-9](?:[\s.,'_/()*#:–-]{0,3}[0-9])*[*#]*`)
	clockForm = regexp.MustCompile(`^([01]?[0-9]|2[0-3]):[0-5][0-9]$`)
	wordForm  = regexp.MustCompile(`\pL+`)
)

// digitWords are the digits as English and Swahili say them.
var digitWords = map[string]bool{
	"zero": true, "one": true, "two": true, "three": true, "four": true, "five": true, "six": true, "seven": true, "eight": true, "nine": true,
	"sifuri": true, "moja": true, "mbili": true, "tatu": true, "nne": true, "tano": true, "sita": true, "saba": true, "nane": true, "tisa": true,
	"double": true, "triple": true, "oh": true, "nought": true,
}

// loose returns every piece of a text that a person could dial, pay to, open or
// write to: codes, numbers of three digits and more (also spelt as words), links
// and addresses. References to the registry are not loose; hours are not either.
func loose(text string) []string {
	text = referenceForm.ReplaceAllString(text, " ; ")
	var found []string
	for _, link := range linkForm.FindAllString(text, -1) {
		found = append(found, link)
		text = strings.Replace(text, link, " ; ", 1)
	}
	plain := asciiDigits(text)
	for _, code := range codeForm.FindAllString(plain, -1) {
		code = strings.TrimRight(code, " ")
		digits := len(onlyDigits(code))
		if clockForm.MatchString(code) || digits < 3 && !strings.ContainsAny(code, "*#") {
			continue
		}
		found = append(found, code)
	}
	return append(found, spelt(plain)...)
}

// spelt finds three digit words in a row and more.
func spelt(text string) []string {
	var found, run []string
	flush := func() {
		if len(run) >= 3 {
			found = append(found, strings.Join(run, " "))
		}
		run = nil
	}
	for _, w := range wordForm.FindAllString(text, -1) {
		if digitWords[strings.ToLower(w)] {
			run = append(run, w)
			continue
		}
		flush()
	}
	flush()
	return found
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

func onlyDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
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
