package subscriptions

import (
	"regexp"
	"slices"
	"strings"
)

// All patterns work on folded text: lower case, one byte a character, \x7f for
// a letter that is not Latin.
const (
	label   = `[a-z0-9\x7f_-]+`
	anyHost = label + `(?:\.` + label + `)*\.[a-z\x7f][a-z0-9\x7f-]+`
	tail    = `(?::\d+)?(?:/[^ \n]*)?`
	// A dot spelled out or bracketed, as people do to get an address past a filter:
	// whatever stands behind it is an ending.
	spelledDot = ` ?(?:[(\[{<] ?(?:\.|dot|doti|nukta) ?[)\]}>]|\b(?:dot|dott|doti|nukta|nokta)\b) ?`
	spacedDot  = `(?: \. ?|\. )`
	// What else stands for a dot, where a well-known ending follows: words, rows of
	// dots, other signs.
	looseDot = `(?: (?:point|pointi|period|full ?stop) | ?(?:\.{2,}|\x02+) ?|[,;*|^~]| ?\x01+ ?)`
)

// pattern is an expression with what every match of it holds: at least one piece of each set.
// Few texts hold any, and to look for pieces costs a hundredth of looking for the pattern.
type pattern struct {
	exp   *regexp.Regexp
	holds [][]string
}

func patternOf(exp string, holds ...[]string) pattern {
	return pattern{regexp.MustCompile(exp), holds}
}

// in returns where the pattern stands in a text.
func (p pattern) in(text string) [][]int {
	for _, set := range p.holds {
		if !slices.ContainsFunc(set, func(piece string) bool { return strings.Contains(text, piece) }) {
			return nil
		}
	}
	return p.exp.FindAllStringIndex(text, -1)
}

// What some of the patterns hold.
var (
	anyDot     = []string{".", "dot", "nukta", "nokta"}
	realDot    = []string{"."}
	dotInWords = []string{"dot", "nukta", "nokta", "(.", "( .", "[.", "[ .", "{.", "{ .", "<.", "< ."}
	likeADot   = []string{"point", "period", "full stop", "fullstop", "..", "\x01", "\x02", ",", ";", "*", "|", "^", "~"}
	starWords  = []string{"star", "asterisk", "nyota"}
	sureHosts  = strings.Split(sureEndings, "|")
)

var (
	emailPattern = patternOf(`[a-z0-9.\x7f_%+-]+ ?(?:@|[(\[{] ?(?:@|at) ?[)\]}]) ?`+label+`(?:(?:\.|`+spelledDot+`)`+label+`)+`,
		[]string{"@", "(", "[", "{"}, anyDot)
	linkPatterns = []pattern{
		patternOf(`\[[^\]\n]*\] ?\([^)\n]*\)`, []string{"["}),                         // Markdown
		patternOf(`<[ /]*a\b[^>\n]*>|\bhref ?=[^ \n>]*`, []string{"<", "href"}),       // HTML
		patternOf(`\b[a-z][a-z0-9+-]{1,15} ?: ?[/\\] ?[/\\] ?[^ \n]*`, []string{":"}), // any scheme
		patternOf(`\b(?:mailto|tel|sms|smsto|tg|geo|javascript):[^ \n]+`, []string{":"}),
		patternOf(`\bwww ?\. ?[^ \n]+|\bwww[0-9]*\b`, []string{"www"}),
		patternOf(anyHost+tail, realDot),
		patternOf(label+`(?:(?:`+spelledDot+`|\.)`+label+`)*`+spelledDot+`[a-z0-9\x7f]`+label+`\b`+tail+`(?: ?\bslash `+label+`)*`, dotInWords),
		patternOf(label+`(?:`+looseDot+label+`)*`+looseDot+`(?:`+sureEndings+`)\b`+tail, likeADot, sureHosts),
		patternOf(`\b(?:t|wa|m|fb)[ .]{1,3}me ?(?:/|\bslash\b) ?[^ \n]*`, []string{"me"}, []string{"/", "slash"}),
		patternOf(`\b(?:[a-z0-9\x7f_-]+ )?[a-z0-9\x7f_-]*dot(?:com|net|org|info|biz|(?:co|go|or|ac)? ?ke)\b`, []string{"dot"}),
		// Addresses that are read out without their signs: "bit ly paynow", "hxxp ecitizen com".
		patternOf(`\bh(?:tt|xx)ps?\b(?: [^ \n]+){1,3}`, []string{"http", "hxxp"}),
		patternOf(`\b(?:bit|cutt|ow|rebrand|adf|t) ?ly [a-z0-9\x7f_-]+|\b(?:tiny ?url|tinyurl com|goo gl|is gd|v gd|linktr ee|short ?url at|rb gy|shorturl) [a-z0-9\x7f_-]+`, []string{"ly ", "url", "goo gl ", " gd ", "linktr ee ", "rb gy "}),
		patternOf(`\b(?:t|wa|fb) me [a-z0-9\x7f_-]{3,}`, []string{" me "}),
		patternOf(`\b[a-z0-9\x7f_-]{3,}(?: [a-z0-9\x7f_-]{2,})? (?:com|(?:co|go|or|ac|ne|sc) ke)\b`+tail, []string{" com", " ke"}),
		patternOf(label+`(?: ?\. ?`+label+`)* \. ?(?:`+looseEndings+`)\b`+tail, realDot),
		patternOf(label+`(?: ?\. ?`+label+`)*`+spacedDot+`(?:`+sureEndings+`)\b`+tail, realDot, sureHosts),
	}
	handlePattern = patternOf(`@ ?[a-z0-9_.\x7f]*`, []string{"@"})
	// The networks ask bots to bear a name that ends so.
	botPattern = patternOf(`\b[a-z0-9_\x7f]{2,}bots?\b`, []string{"bot"})
	plainBots  = wordSet(`robot robots chatbot chatbots abbot abbots turbot turbots`)
	// An abbreviation that looks like a host and is none.
	abbreviation = regexp.MustCompile(`^p\.o\.box$`)
)

const linkAdvice = "links come from the registry only; if this is no address, put a space behind the full stop"

func (s *scan) findLinks() {
	for _, at := range emailPattern.in(s.s) {
		if at[0] > 0 && strings.IndexByte(`/\=?#&`, s.s[at[0]-1]) >= 0 {
			continue // "evil.com/x@arifa.go.ke" is a link to the host in front
		}
		s.report(at[0], at[1], ScanEmail, "e-mail addresses come from the registry only; publish without this line")
	}
	for _, p := range linkPatterns {
		for _, at := range p.in(s.s) {
			from, to := at[0], at[1]
			for to > from && strings.IndexByte(".,;:!?)]'\" ", s.s[to-1]) >= 0 && s.s[from] != '[' {
				to--
			}
			if to > from && !abbreviation.MatchString(s.s[from:to]) && !onlyNumber(s.s[from:to]) {
				s.report(from, to, ScanLink, linkAdvice)
			}
		}
	}
	for _, at := range handlePattern.in(s.s) {
		s.report(at[0], at[1], ScanHandle, handleAdvice)
	}
	for _, at := range botPattern.in(s.s) {
		if !plainBots[s.s[at[0]:at[1]]] {
			s.report(at[0], at[1], ScanHandle, handleAdvice)
		}
	}
}

const handleAdvice = "accounts are not named in a free text; publish without this line"

// onlyNumber reports whether a match is a time or number with its unit
// ("10.30am", "sh.500", "mbili nukta tano") and no host.
func onlyNumber(match string) bool {
	if numberWithUnit.MatchString(match) {
		return true
	}
	parts := numberPoint.Split(match, -1)
	for _, p := range parts {
		if splitSpoken(p) == nil && strings.Trim(p, "0123456789") != "" {
			return false
		}
	}
	return len(parts) > 1
}

var numberPoint = regexp.MustCompile(` (?:dot|point|nukta) `)

var numberWithUnit = regexp.MustCompile(`^(?:\d[\d.,:]*(?:am|pm|a\.m|p\.m|hrs|hours|km|kg|m|st|nd|rd|th)?|(?:sh|ksh|kshs|kes|no|na)\.\d[\d.,]*)$`)

// Phone codes: *222#, * 222 #, 222#, *334, "star 222 hash".
var phoneCodes = []pattern{
	patternOf(`[*#][ *#.-]*\d[\d *#.-]*#`, []string{"#"}),
	patternOf(`\*[ ]?\d[\d ]*\*[ ]?\d[\d *]*`, []string{"*"}),
	patternOf(`\* ?\d(?: ?\d){2,}`, []string{"*"}),
	patternOf(`\b\d(?:[ .-]?\d)+ ?#`, []string{"#"}),
	patternOf(`\b(?:star|asterisk|nyota)[ ,*.-]*[a-z0-9 ,*.-]{1,60}?\b(?:hash|pound|reli|kibao|alama)\b`, starWords),
	patternOf(`\b(?:star|asterisk|nyota)[ ,*.-]*\d[\d ]*`, starWords),
}

func (s *scan) findPhoneCodes() {
	for _, p := range phoneCodes {
		for _, at := range p.in(s.s) {
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
