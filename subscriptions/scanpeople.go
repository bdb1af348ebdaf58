package subscriptions

import (
	"regexp"
	"slices"
	"unicode"
	"unicode/utf8"
)

// Fraud needs no number: "settle with Otieno at the gate" names a person, "share
// the code you receive" asks for what opens an account, "get the app from the Play
// Store" leads to a stranger's program. What may be such a thing asks for a second
// officer; honest sentences with these words wait for one too, or go without the line.

const (
	ScanPerson ScanReason = "person" // who or what one is sent to; only from NeedsTwoOfficers
	ScanSecret ScanReason = "secret" // what opens an account; only from NeedsTwoOfficers
)

const (
	personAdvice = "who people are sent to, and who does it for them, is read by a second officer"
	secretAdvice = "codes, secrets and who calls people are read by a second officer"
	nameAdvice   = "a name that the catalogue does not hold is read by a second officer"
)

// personWords are those through whom a service that stands still is said to go on.
var personWords = wordSet(`kiosk kiosks kibanda vibanda duka maduka guard guards watchman watchmen mlinzi walinzi askari gateman gatemen caretaker
	broker brokers fixer fixers middleman middlemen dalali madalali tout touts makanga conductor kuponyesha ponyesha ponyesheni ponyoka
	facilitate facilitates facilitated facilitating facilitation chapa chapeni chapia shika shikeni doo dooh
	download downloads downloaded downloading install installs installed installing apk playstore appstore pakua pakueni sakinisha sakinisheni`)

// personPairs are two words that mean it only together.
var personPairs = wordPairs("play store", "app store", "the man", "a man", "this man", "the guy", "a guy", "this guy", "the lady", "a lady", "this lady", "the woman", "the boy",
	"see him", "see her", "find him", "find her", "ask him", "ask her", "tell him", "tell her", "sort you", "sorts you", "sort him", "sort her", "sort them", "sort out with",
	"clear with", "clear it", "clears it", "clears you", "clears everyone", "clears everybody", "cleared with", "look for", "looks for",
	"offer the", "offer him", "offer her", "offer them", "offer something", "leave it", "leave them", "leave notes", "leave something", "notes with", "notes and", "in notes",
	"hand it", "hand them", "hand him", "hand her", "hand the", "receives on", "receive it", "receives it", "receive them", "collects it", "collect it", "collects from",
	"our behalf", "your behalf", "his behalf", "her behalf", "their behalf", "my behalf", "niaba yetu", "niaba yako", "niaba yao", "niaba yake", "niaba yangu",
	"pitia kwa", "pitieni kwa", "peleka kwa", "pelekeni kwa", "wasilisha kwa", "wasilisheni kwa", "nenda kwa", "nendeni kwa", "enda kwa", "endeni kwa", "fika kwa", "fikeni kwa",
	"kamilisha na", "kamilisheni na", "simama na", "simameni na", "shughulika na", "ongea na", "ongeeni na", "sema na", "semeni na", "elewana na", "elewaneni na", "patana na", "pataneni na",
	"talk to", "speak to", "deal with", "deal directly", "meet with", "agree with", "through him", "through her", "kupitia kwa")

// personVerbs are Swahili verbs of meeting, finishing a matter with somebody, handing
// over, and of one person who takes, serves or helps.
var personVerbs = regexp.MustCompile(`^(?:` + verbPrefixes + `(?:malizan|elewan|patan|ongan)(?:a|e|eni|ieni)|(?:m|tu|u|ku|mka)?onan(?:a|e|eni)|` +
	subjects + `?` + objects + `?kabidhi(?:ni|we)?|(?:a|wa)(?:na|ta|me)?poke(?:a|lea)|a(?:na|ta)(?:ku|wa|m)?(?:shughulikia|hudumia|saidia|sort|kamilishia|malizia))$`)

// secretWords and secretPairs speak of what opens an account, and of a caller who
// asks for it.
var secretWords = wordSet(`code codes msimbo misimbo secret secrets siri caller callers login logins credential credentials passphrase selfie fingerprint`)

var secretPairs = wordPairs("call you", "calls you", "ring you", "rings you", "phone you", "phones you", "text you", "texts you", "calling you", "ringing you", "contact you", "contacts you",
	"phone shows", "phone receives", "word you", "words you", "word that", "one time", "id number", "sign in", "signing in", "simu yako", "simu zenu", "namba yako", "ujumbe unaopokea", "unachopokea kwenye")

// secretVerbs: somebody will call you.
var secretVerbs = regexp.MustCompile(`^` + verbPrefixes + `(?:ku|wa)pigi(?:a|e)(?:ni)?$`)

// personal judges one word by the tables above; next is the word right behind it.
func personal(w, next string) (ScanReason, string) {
	switch {
	case personWords[w] || personPairs[w+" "+next] || personVerbs.MatchString(w):
		return ScanPerson, personAdvice
	case secretWords[w] || secretPairs[w+" "+next] || secretVerbs.MatchString(w):
		return ScanSecret, secretAdvice
	}
	return "", ""
}

// FreeTextNeedsTwo is NeedsTwoOfficers for the free text of a notice, where a name
// that the catalogue does not hold asks for a second officer as well: a person, an
// app or a place that people would be sent to.
func FreeTextNeedsTwo(text string, n *Nation) (bool, []Finding) {
	_, found := NeedsTwoOfficers(text)
	var known map[string]bool // few texts hold a name
	for _, f := range names(text) {
		if known == nil {
			known = n.nameWords()
		}
		clash := slices.ContainsFunc(found, func(x Finding) bool { return x.Start < f.End && f.Start < x.End })
		if !known[fold(f.Piece).s] && !clash {
			found = append(found, f)
		}
	}
	slices.SortFunc(found, func(a, b Finding) int { return a.Start - b.Start })
	return len(found) > 0, found
}

// capitalised finds words, with their apostrophes ("Ng'ang'a").
var capitalised = regexp.MustCompile(`\pL[\pL\pM'’-]*`)

// names finds the words that are written as names within a sentence. The first word
// of a sentence tells nothing, and short rows of capitals are offices ("KRA").
func names(text string) []Finding {
	var out []Finding
	for _, at := range capitalised.FindAllStringIndex(text, -1) {
		w := text[at[0]:at[1]]
		first, size := utf8.DecodeRuneInString(w)
		office := len(w) <= 5 && !slices.ContainsFunc([]rune(w[size:]), unicode.IsLower)
		if !unicode.IsUpper(first) || office || begins(text[:at[0]]) {
			continue
		}
		out = append(out, Finding{Piece: w, Start: at[0], End: at[1], Reason: ScanPerson, Advice: nameAdvice})
	}
	return out
}

// begins reports whether a sentence begins behind this text.
func begins(before string) bool {
	for len(before) > 0 {
		r, size := utf8.DecodeLastRuneInString(before)
		switch {
		case r == '\n' || r == '.' || r == '!' || r == '?' || r == ':':
			return true
		case !unicode.IsSpace(r) && r != '"' && r != '“' && r != '(' && r != '\'' && r != '‘':
			return false
		}
		before = before[:len(before)-size]
	}
	return true
}

// plainNames are names that every notice may hold.
var plainNames = wordSet(`i monday tuesday wednesday thursday friday saturday sunday jumatatu jumanne jumatano alhamisi ijumaa jumamosi jumapili
	kenya kenyan kenyans wakenya mkenya swahili kiswahili english kiingereza christmas easter krismasi pasaka idd eid ramadan ramadhani madaraka jamhuri mashujaa
	internet government serikali county kaunti counties ministry wizara centre centres kituo vituo office offices ofisi service services huduma national kitaifa taifa`)

// nameWords are the words of every name in the catalogue, folded.
func (n *Nation) nameWords() map[string]bool {
	words := map[string]bool{}
	for w := range plainNames {
		words[w] = true
	}
	for w := range monthWords {
		words[w] = true
	}
	if n == nil {
		return words
	}
	add := func(names ...string) {
		for _, name := range names {
			for _, w := range capitalised.FindAllString(name, -1) {
				words[fold(w).s] = true
			}
		}
	}
	for _, a := range n.Agencies {
		add(a.Short)
		for _, name := range a.Name {
			add(name)
		}
	}
	for _, p := range n.Platforms {
		for _, name := range p.Name {
			add(name)
		}
	}
	for _, s := range n.Services {
		for _, name := range s.Name {
			add(name)
		}
	}
	for _, c := range n.Counties {
		add(c.Name)
	}
	return words
}
