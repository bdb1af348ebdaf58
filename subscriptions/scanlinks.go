package subscriptions

import (
	"regexp"
	"strings"
)

// All patterns work on folded text: lower case, one byte a character, \x7f for
// a letter that is not Latin.
const (
	label   = `[a-z0-9\x7f_-]+`
	anyHost = label + `(?:\.` + label + `)*\.[a-z\x7f][a-z0-9\x7f-]+`
	tail    = `(?::\d+)?(?:/[^ \n]*)?`
	// A dot spelled out or bracketed, as people do to get an address past a filter.
	spelledDot = ` ?(?:[(\[{<] ?(?:\.|dot|nukta) ?[)\]}>]|\bdot\b|\bnukta\b) ?`
	spacedDot  = `(?: \. ?|\. )`
)

var (
	emailPattern = regexp.MustCompile(`[a-z0-9.\x7f_%+-]+ ?(?:@|[(\[{] ?(?:@|at) ?[)\]}]) ?` + label + `(?:(?:\.|` + spelledDot + `)` + label + `)+`)
	linkPatterns = []*regexp.Regexp{
		regexp.MustCompile(`\[[^\]\n]*\] ?\([^)\n]*\)`),                         // Markdown
		regexp.MustCompile(`<[ /]*a\b[^>\n]*>|\bhref ?=[^ \n>]*`),               // HTML
		regexp.MustCompile(`\b[a-z][a-z0-9+-]{1,15} ?: ?[/\\] ?[/\\] ?[^ \n]*`), // any scheme
		regexp.MustCompile(`\b(?:mailto|tel|sms|smsto|tg|geo|javascript):[^ \n]+`),
		regexp.MustCompile(`\bwww ?\. ?[^ \n]+|\bwww[0-9]*\b`),
		regexp.MustCompile(anyHost + tail),
		regexp.MustCompile(label + `(?:(?:` + spelledDot + `|\.)` + label + `)*` + spelledDot + `(?:` + looseEndings + `)\b` + tail),
		regexp.MustCompile(label + `(?: ?\. ?` + label + `)* \. ?(?:` + looseEndings + `)\b` + tail),
		regexp.MustCompile(label + `(?: ?\. ?` + label + `)*` + spacedDot + `(?:` + sureEndings + `)\b` + tail),
	}
	handlePattern = regexp.MustCompile(`@ ?[a-z0-9_.\x7f]*`)
	// An abbreviation that looks like a host and is none.
	abbreviation = regexp.MustCompile(`^p\.o\.box$`)
)

const linkAdvice = "links come from the registry only; if this is no address, put a space behind the full stop"

func (s *scan) findLinks() {
	for _, at := range emailPattern.FindAllStringIndex(s.s, -1) {
		s.report(at[0], at[1], ScanEmail, "e-mail addresses come from the registry only; publish without this line")
	}
	for _, p := range linkPatterns {
		for _, at := range p.FindAllStringIndex(s.s, -1) {
			from, to := at[0], at[1]
			for to > from && strings.IndexByte(".,;:!?)]'\" ", s.s[to-1]) >= 0 && s.s[from] != '[' {
				to--
			}
			if to > from && !abbreviation.MatchString(s.s[from:to]) && !s.onlyNumber(from, to) {
				s.report(from, to, ScanLink, linkAdvice)
			}
		}
	}
	for _, at := range handlePattern.FindAllStringIndex(s.s, -1) {
		s.report(at[0], at[1], ScanHandle, "accounts are not named in a free text; publish without this line")
	}
}

// onlyNumber reports whether a match is a time or number with its unit
// ("10.30am", "sh.500") and no host.
func (s *scan) onlyNumber(from, to int) bool { return numberWithUnit.MatchString(s.s[from:to]) }

var numberWithUnit = regexp.MustCompile(`^(?:\d[\d.,:]*(?:am|pm|a\.m|p\.m|hrs|hours|km|kg|m|st|nd|rd|th)?|(?:sh|ksh|kshs|kes|no|na)\.\d[\d.,]*)$`)

// Phone codes: *222#, * 222 #, 222#, *334, "star 222 hash".
var phoneCodes = []*regexp.Regexp{
	regexp.MustCompile(`[*#][ *#.-]*\d[\d *#.-]*#`),
	regexp.MustCompile(`\*[ ]?\d[\d ]*\*[ ]?\d[\d *]*`),
	regexp.MustCompile(`\* ?\d(?: ?\d){2,}`),
	regexp.MustCompile(`\b\d(?:[ .-]?\d)+ ?#`),
	regexp.MustCompile(`\b(?:star|asterisk|nyota)[ ,*.-]*[a-z0-9 ,*.-]{1,60}?\b(?:hash|pound|reli|kibao|alama)\b`),
	regexp.MustCompile(`\b(?:star|asterisk|nyota)[ ,*.-]*\d[\d ]*`),
}

func (s *scan) findPhoneCodes() {
	for _, p := range phoneCodes {
		for _, at := range p.FindAllStringIndex(s.s, -1) {
			from, to := at[0], at[1]
			for to > from && (s.s[to-1] == ' ' || s.s[to-1] == '.' || s.s[to-1] == '-') {
				to--
			}
			if s.readDigits(s.text[s.start[from]:s.end[to-1]]) == "" {
				continue // a star and a pound, without a number between them
			}
			s.report(from, to, ScanNumber, "phone codes come from the registry only: use its {dest:…} or {contact:…}")
		}
	}
}
