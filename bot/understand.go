package bot

import (
	"regexp"
	"strings"

	"arifa/subscriptions"
)

// pastedFrom is the length in bytes from which a text was not typed as a search.
const pastedFrom = 200

// commands are the commands of every language.
var commands = map[string]act{
	"start": actStart, "help": actHelp, "status": actStatus, "mine": actMine, "pay": actPay, "verify": actVerify,
	"language": actLanguage, "quiet": actQuiet, "mydata": actMyData, "forget": actForget, "stop": actStop,
	"follow": actFollow, "leave": actLeave, "agencies": actAgencies, "report": actReport,
	"anza": actStart, "msaada": actHelp, "hali": actStatus, "zangu": actMine, "lipa": actPay, "thibitisha": actVerify,
	"lugha": actLanguage, "kimya": actQuiet, "data": actMyData, "nisahau": actForget, "acha": actStop,
	"fuatilia": actFollow, "taasisi": actAgencies, "ripoti": actReport,
}

// NeedsAdmin reports whether it can matter for h who administrates the group.
func NeedsAdmin(h Heard) bool {
	return h.Kind == subscriptions.Group &&
		(h.Choice != "" || h.Start != "" || h.Named || strings.HasPrefix(strings.TrimSpace(h.Text), "/"))
}

// understand reads what was heard: pure. STOP, HELP, the language and the wish
// to be forgotten come first, whatever was asked before and in every language.
func (v *vocabulary) understand(h Heard, talk subscriptions.Talk, bot string) (w wish, addressed bool) {
	if h.Choice != "" {
		if w, ok := parseChoice(h.Choice); ok {
			return w, true
		}
		return wish{act: actHome, tapped: true}, true
	}
	if h.Start != "" {
		return parseStart(h.Start), true
	}
	text := unmention(clip(h.Text), bot)
	if w, ok := v.before(text); ok {
		return w, h.Named
	}
	if h.Forwarded {
		return wish{act: actCompare, query: text}, h.Named
	}
	if strings.HasPrefix(text, "/") {
		if w, mine, ok := command(text, bot); ok {
			return w, mine
		}
		text = strings.TrimLeft(text, "/")
	}
	if w, ok := v.answer(text, talk); ok {
		return w, h.Named
	}
	return v.words(text), h.Named
}

// before reads what goes before everything that was asked.
func (v *vocabulary) before(text string) (wish, bool) {
	if strings.HasPrefix(text, "/") {
		return wish{}, false
	}
	if m, ok := v.meaningOf(text); ok && first(m.act) {
		return wish{act: m.act, language: m.language, tongue: m.tongue}, true
	}
	if len(text) >= pastedFrom {
		return wish{}, false
	}
	plain := v.plain(text)
	if tongue, ok := v.stopping(plain); ok {
		return wish{act: actStop, tongue: tongue}, true
	}
	if m, rest, ok := v.verbOf(plain); ok && m.act == actLeave && v.nothingElse(rest) {
		return wish{act: actStop, tongue: m.tongue}, true
	}
	return v.howToStop(plain)
}

// meaningOf is that of a whole message, with or without polite words around it.
func (v *vocabulary) meaningOf(text string) (meaning, bool) {
	if m, ok := v.whole[squash(text)]; ok {
		return m, true
	}
	m, ok := v.whole[squash(v.plain(text))]
	return m, ok
}

// howToStop reads a question on how to leave: everything, or what it names.
func (v *vocabulary) howToStop(text string) (wish, bool) {
	rest, ok := v.question(text)
	if !ok {
		return wish{}, false
	}
	if m, ok := v.meaningOf(rest); ok && m.act == actStop {
		return wish{act: actStopHow, tongue: m.tongue}, true
	}
	if tongue, ok := v.stopping(rest); ok {
		return wish{act: actStopHow, tongue: tongue}, true
	}
	m, named, ok := v.verbOf(rest)
	if !ok || m.act != actLeave {
		return wish{}, false
	}
	if v.nothingElse(named) || v.all[named] {
		named = ""
	}
	return wish{act: actStopHow, query: named, tongue: m.tongue}, true
}

// first reports whether an act goes before everything that was asked.
func first(a act) bool {
	switch a {
	case actStop, actStopHow, actHelp, actLanguage, actLang, actForget:
		return true
	}
	return false
}

// command reads "/status@bot kra". mine is false when it is said to another bot.
func command(text, bot string) (w wish, mine, ok bool) {
	head, rest, _ := strings.Cut(text[1:], " ")
	if i := strings.IndexByte(head, '\n'); i >= 0 {
		head, rest = head[:i], head[i+1:]+" "+rest
	}
	name, to, said := strings.Cut(strings.ToLower(head), "@")
	if said && bot != "" && !strings.EqualFold(to, bot) {
		return wish{act: actNothing}, false, true
	}
	a, known := commands[name]
	rest = strings.TrimSpace(rest)
	switch {
	case !known:
		return wish{}, true, false
	case a == actStart && rest != "":
		return parseStart(rest), true, true
	case a == actStop && rest != "":
		return wish{act: actLeave, query: rest}, true, true
	case a == actQuiet:
		return wish{act: actQuiet, on: squash(rest) != "off"}, true, true
	case a == actVerify && rest != "":
		return wish{act: actCompare, query: rest}, true, true
	case (a == actFollow || a == actLeave) && rest == "":
		return wish{act: actMine}, true, true
	case a == actForget, a == actMyData, a == actHelp, a == actLanguage:
		rest = ""
	}
	return wish{act: a, query: rest}, true, true
}

// answer takes the text for the answer to what was asked before.
func (v *vocabulary) answer(text string, talk subscriptions.Talk) (wish, bool) {
	read, asked := questions[act(talk.State)]
	if !asked {
		return wish{}, false
	}
	return read(v, text, squash(text))
}

// questions are what may be asked, each with how the next text is read: whether it is
// the answer. word is the text without what makes no difference.
var questions = map[act]func(v *vocabulary, text, word string) (wish, bool){
	actForget: func(v *vocabulary, _, word string) (wish, bool) {
		if v.yes[word] {
			return wish{act: actForget, yes: true}, true
		}
		return wish{act: actHome}, v.no[word]
	},
	actVerify: func(v *vocabulary, text, word string) (wish, bool) {
		return wish{act: actCompare, query: text}, v.whole[word].act == "" && strings.ContainsAny(text, "0123456789@./")
	},
	actPay: func(v *vocabulary, text, word string) (wish, bool) {
		_, _, paid := v.paidFor(text)
		return wish{act: actPay, query: text}, word != "" && v.whole[word].act == "" && !paid
	},
	actReport: func(v *vocabulary, text, word string) (wish, bool) {
		return wish{act: actReport, query: v.failing(text)}, word != "" && v.whole[word].act == "" && v.names(text)
	},
	actCounty: func(v *vocabulary, text, word string) (wish, bool) {
		return wish{act: actCounty, query: text}, v.no[word] || v.whole[word].act == "" && v.names(text) && len(strings.Fields(word)) <= 4
	},
	actWords: func(v *vocabulary, text, word string) (wish, bool) {
		long := len(strings.Fields(word)) >= 3
		return wish{act: actWords, query: text}, long && v.whole[word].act == "" && len(text) < paidLength && !carriesCode(text)
	},
	actPaid: func(v *vocabulary, text, word string) (wish, bool) {
		_, _, paid := v.paidFor(text)
		return wish{act: actPaid, query: text}, word != "" && v.whole[word].act == "" && !paid && v.names(text)
	},
}

// words reads what was typed without being asked for.
func (v *vocabulary) words(text string) wish {
	word := squash(text)
	if m, ok := v.meaningOf(text); ok {
		return wish{act: m.act, language: m.language, tongue: m.tongue, on: true}
	}
	if rest, tongue, ok := v.paidFor(text); ok && len(text) < paidLength && !carriesCode(text) {
		return wish{act: actPaid, query: rest, tongue: tongue}
	}
	if w, ok := v.failure(text); ok {
		return w
	}
	m, rest, ok := v.verbOf(text)
	if !ok {
		m, rest, ok = v.verbOf(v.plain(text))
	}
	if ok && len(text) < pastedFrom {
		if m.act == actVerify {
			return wish{act: actCompare, query: rest, tongue: m.tongue}
		}
		return wish{act: m.act, query: rest, tongue: m.tongue}
	}
	if account(text) != "" {
		return wish{act: actAccount, query: text}
	}
	if _, err := codeIn(text); err == nil || len(text) >= pastedFrom || looksLikePhone(text) {
		return wish{act: actCompare, query: text}
	}
	if word == "" && !strings.ContainsAny(text, "*#") {
		return wish{act: actNothing}
	}
	return wish{act: actFind, query: text}
}

// failure reads "stima haifanyi kazi": a report of what it names. A question whether
// something fails asks how it is; what carries a number or a link of its own may be
// a text that somebody wants checked.
func (v *vocabulary) failure(text string) (wish, bool) {
	rest, tongue, ok := v.failsFor(v.plain(text))
	if !ok || len(text) >= pastedFrom || carriesCode(text) || looksLikePhone(text) || strings.Contains(text, "/") {
		return wish{}, false
	}
	w := wish{act: actReport, query: rest, tongue: tongue}
	if asking.MatchString(strings.TrimSpace(text)) {
		w.act = actStatus
	}
	return w, true
}

// failing is the name in a text that may say besides that it fails.
func (v *vocabulary) failing(text string) string {
	if rest, _, ok := v.failsFor(text); ok && rest != "" {
		return rest
	}
	return text
}

var asking = regexp.MustCompile(`(?i)\?$|^(is|are|does|has|je|kwani)\b`)

// carriesCode reports whether a text has a notice's number: then it is a notice,
// whatever it says of money.
func carriesCode(text string) bool {
	_, err := codeIn(text)
	return err == nil
}

// names reports whether a text may be the name of a service and nothing else: no
// wish of its own, no number of a notice, no account.
func (v *vocabulary) names(text string) bool {
	_, _, verb := v.verbOf(text)
	return !verb && len(text) < pastedFrom && account(text) == "" && !carriesCode(text) && !looksLikePhone(text)
}

// account returns the name in a text that is an account and nothing else.
func account(text string) string {
	text = strings.TrimSpace(text)
	for _, before := range []string{"https://t.me/", "http://t.me/", "t.me/", "@"} {
		if name, ok := strings.CutPrefix(text, before); ok && name != "" && !strings.ContainsAny(name, " \n/@") {
			return name
		}
	}
	return ""
}

// unmention takes our own name out of what was said to us.
func unmention(text, bot string) string {
	if bot == "" || strings.HasPrefix(text, "/") {
		return text
	}
	fields := strings.Fields(text)
	if len(fields) < 2 { // our name alone is a question about the account
		return text
	}
	lower, name := strings.ToLower(text), "@"+strings.ToLower(bot)
	if len(lower) != len(text) { // a letter whose small form has another length
		return text
	}
	for _, cut := range []string{name + " ", name + ", ", name + ": "} {
		if strings.HasPrefix(lower, cut) {
			return strings.TrimSpace(text[len(cut):])
		}
	}
	if strings.HasSuffix(lower, " "+name) {
		return strings.TrimSpace(text[:len(text)-len(name)-1])
	}
	return text
}
