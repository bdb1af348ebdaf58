package bot

import (
	"slices"
	"strconv"
	"strings"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// act names what somebody wants.
type act string

const (
	actHome     act = "home"
	actHelp     act = "help"
	actLanguage act = "language" // choose one
	actLang     act = "lang"     // this one
	actAgencies act = "agencies"
	actAgency   act = "agency"
	actService  act = "service"
	actFollow   act = "follow"
	actLeave    act = "leave"
	actStop     act = "stop"
	actWatch    act = "watch"
	actSoon     act = "soon"
	actStatus   act = "status"
	actMine     act = "mine"
	actPay      act = "pay"
	actVerify   act = "verify"
	actQuiet    act = "quiet"
	actMyData   act = "mydata"
	actForget   act = "forget"
	actPaid     act = "paid"               // money has left
	actReport   act = wording.ChoiceReport // it fails for me
	actTried    act = "tried"              // how they paid or tried
	actCounties act = "counties"           // a page of them
	actCounty   act = "county"             // this one
	actWorks    act = "works"              // whether it works now

	// These are only ever typed.
	actStart   act = "start"
	actFind    act = "find"
	actCompare act = "compare"
	actAccount act = "account"
	actStopHow act = "stophow"
	actThanks  act = "thanks"
	actWords   act = "words"   // what somebody adds to a report
	actNothing act = "nothing" // no words at all: a sticker, a row of emoji
)

// wish is what somebody wants, understood from a tap or from words.
type wish struct {
	act      act
	scope    subscriptions.Scope
	query    string // words that must be looked up first
	page     int
	incident subscriptions.IncidentID
	language subscriptions.Language
	next     string // data of what follows the choice of a language
	key      string // of a notice
	tried    subscriptions.Tried
	county   string // of a report
	round    int    // of the incident
	reply    string // to "does it work?": yes, no, or how they tried
	on, yes  bool
	tapped   bool
	// tongue is the language whose words were used, where only one has them.
	tongue subscriptions.Language
}

// maxData is the most bytes that a button carries on the narrowest network:
// Telegram's callback_data.
const maxData = 64

// data writes the wish as a button carries it. It is absolute: applying it
// twice is the same as once.
func (w wish) data() string {
	words := []string{string(w.act)}
	switch w.act {
	case actLang:
		words = append(words, string(w.language))
		if w.next != "" {
			words = append(words, w.next)
		}
	case actAgencies, actMine:
		words = append(words, strconv.Itoa(w.page))
	case actAgency:
		_, id := w.scope.Split()
		words = append(words, id, strconv.Itoa(w.page))
	case actWatch:
		words = append(words, strconv.FormatInt(int64(w.incident), 36), scopeWord(w.scope))
	case actService, actFollow, actLeave, actSoon:
		words = append(words, scopeWord(w.scope))
	case actTried:
		words = append(words, string(w.tried), scopeWord(w.scope))
	case actCounties:
		words = append(words, strconv.Itoa(w.page), scopeWord(w.scope))
	case actCounty:
		words = append(words, w.county, scopeWord(w.scope))
	case actWorks:
		words = append(words, strconv.FormatInt(int64(w.incident), 36), strconv.Itoa(w.round), w.reply)
		if service := scopeWord(w.scope); service != "" && len(strings.Join(words, " "))+1+len(service) <= maxData {
			words = append(words, service) // it only helps to ask on
		}
	case actStatus, actPay, actPaid, actReport:
		if w.scope != "" {
			words = append(words, scopeWord(w.scope))
		}
	case actVerify:
		if w.key != "" {
			words = append(words, w.key)
		}
	case actQuiet:
		words = append(words, onOff(w.on))
	case actForget:
		if w.yes {
			words = append(words, "yes")
		} else {
			words = append(words, "ask")
		}
	}
	return strings.Join(words, " ")
}

// parseChoice reads the data of a button; false for what no button of ours says.
func parseChoice(data string) (wish, bool) {
	if len(data) > maxData {
		return wish{}, false
	}
	name, rest, _ := strings.Cut(strings.TrimSpace(data), " ")
	w, ok := parseArguments(act(name), strings.TrimSpace(rest))
	w.act, w.tapped = act(name), true
	return w, ok
}

func parseArguments(a act, rest string) (w wish, ok bool) {
	switch a {
	case actHome, actHelp, actLanguage, actStop, actMyData:
		return w, rest == ""
	case actLang:
		l, next, _ := strings.Cut(rest, " ")
		w.language, w.next = subscriptions.Language(l), next
		after, known := parseChoice(next)
		return w, isTag(l) && (next == "" || known && after.act != actLang)
	case actAgencies, actMine:
		w.page, ok = parsePage(rest)
		return w, ok
	case actAgency:
		id, page, _ := strings.Cut(rest, " ")
		w.scope = subscriptions.ScopeAgency(subscriptions.AgencyID(id))
		w.page, ok = parsePage(page)
		return w, ok && isID(id)
	case actWatch:
		id, scope, _ := strings.Cut(rest, " ")
		n, err := strconv.ParseInt(id, 36, 64)
		w.incident = subscriptions.IncidentID(n)
		w.scope, ok = parseScope(scope)
		return w, ok && err == nil && n > 0
	case actService, actFollow, actLeave, actSoon:
		w.scope, ok = parseScope(rest)
		return w, ok
	case actTried:
		how, service, _ := strings.Cut(rest, " ")
		w.tried = subscriptions.Tried(how)
		w.scope, ok = parseService(service)
		return w, ok && slices.Contains(subscriptions.AllTried, w.tried)
	case actCounties:
		page, service, _ := strings.Cut(rest, " ")
		w.scope, ok = parseService(service)
		var number bool
		w.page, number = parsePage(page)
		return w, ok && number
	case actCounty:
		county, service, _ := strings.Cut(rest, " ")
		w.county = county
		w.scope, ok = parseService(service)
		return w, ok && isID(county)
	case actWorks:
		return parseWorks(rest)
	case actStatus, actPay, actPaid, actReport:
		if rest == "" {
			return w, true
		}
		w.scope, ok = parseScope(rest)
		return w, ok
	case actVerify:
		w.key = rest
		_, err := subscriptions.ParseCode(rest)
		return w, rest == "" || err == nil
	case actQuiet:
		w.on = rest == "on"
		return w, w.on || rest == "off"
	case actForget:
		w.yes = rest == "yes"
		return w, w.yes || rest == "ask"
	}
	return w, false
}

// parseService reads a service's id.
func parseService(word string) (subscriptions.Scope, bool) {
	return subscriptions.ScopeService(subscriptions.ServiceID(word)), isID(word)
}

// parseWorks reads the answer to a question: incident, round, answer and service.
func parseWorks(rest string) (w wish, ok bool) {
	words := strings.Fields(rest)
	if len(words) < 3 || len(words) > 4 {
		return w, false
	}
	id, err := strconv.ParseInt(words[0], 36, 64)
	round, bad := strconv.Atoi(words[1])
	w.incident, w.round, w.reply = subscriptions.IncidentID(id), round, words[2]
	if len(words) == 4 {
		if w.scope, ok = parseService(words[3]); !ok {
			return w, false
		}
	}
	known := w.reply == "yes" || w.reply == "no" || slices.Contains(subscriptions.AllTried, subscriptions.Tried(w.reply))
	return w, err == nil && bad == nil && id > 0 && round > 0 && known
}

// parseStart reads the payload of a link that opens the chat: a service's id, or
// "agency-", "platform-" or "notice-" before one.
func parseStart(payload string) wish {
	if key, ok := strings.CutPrefix(payload, "notice-"); ok {
		if _, err := subscriptions.ParseCode(key); err == nil {
			return wish{act: actVerify, key: key}
		}
	}
	for _, kind := range []string{"agency", "platform"} {
		if id, ok := strings.CutPrefix(payload, kind+"-"); ok && isID(id) {
			return wish{act: actService, scope: subscriptions.Scope(kind + ":" + id)}
		}
	}
	if isID(payload) {
		return wish{act: actService, scope: subscriptions.ScopeService(subscriptions.ServiceID(payload))}
	}
	return wish{act: actStart}
}

// scopeWord writes a scope; the commonest kind, a service, without its kind.
func scopeWord(s subscriptions.Scope) string {
	if id, ok := s.Service(); ok {
		return string(id)
	}
	return string(s)
}

func parseScope(word string) (subscriptions.Scope, bool) {
	kind, id, colon := strings.Cut(word, ":")
	switch {
	case word == string(subscriptions.ScopeAll):
		return subscriptions.ScopeAll, true
	case !colon:
		return subscriptions.ScopeService(subscriptions.ServiceID(word)), isID(word)
	}
	return subscriptions.Scope(word), isID(id) && (kind == "agency" || kind == "platform")
}

// isID reports whether s can be an id of the catalogue.
func isID(s string) bool {
	return s != "" && len(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func isTag(s string) bool { return len(s) == 2 && isID(s) }

// parsePage reads a page's number; none is the first.
func parsePage(s string) (int, bool) {
	if s == "" {
		return 0, true
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 0 && n < 1000
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
