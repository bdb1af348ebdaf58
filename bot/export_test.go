package bot

import (
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// RoundTrip reads the data of a button and writes it again.
func RoundTrip(data string) (again string, ok bool) {
	w, ok := parseChoice(data)
	return w.data(), ok
}

// Understood names the act that a text is understood as, and what is looked up.
func Understood(s *wording.Speaker, text, talk string) (act, query string) {
	v := newVocabulary(s)
	w, _ := v.understand(Heard{Kind: subscriptions.Person, Text: text}, subscriptions.Talk{State: talk}, "arifa_bot")
	return string(w.act), w.query
}

// Decide is what a search is taken to mean without asking, or "".
func Decide(found []Found) subscriptions.Scope {
	if len(found) == 0 {
		return ""
	}
	if s, ok := decide(found); ok {
		return s
	}
	return ""
}

// ScopesOf lists what a search offers.
func ScopesOf(found []Found) []subscriptions.Scope { return scopesOf(found) }

// CommandNames are the names under which each command is typed.
func CommandNames() map[string][]string {
	names := map[string][]string{}
	for name, a := range commands {
		names[string(a)] = append(names[string(a)], name)
	}
	return names
}
