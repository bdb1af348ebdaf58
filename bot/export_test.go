package bot

import (
	"slices"
	"strings"

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

// Questions lists what may be asked: the states of a conversation.
func Questions() []string {
	var all []string
	for a := range questions {
		all = append(all, string(a))
	}
	slices.Sort(all)
	return all
}

// Heed says how h is understood while something is asked: as which act, whether that
// goes before what is asked, and whether it is the answer to it.
func (c *Conversation) Heed(h Heard, talk subscriptions.Talk) (wish string, goesFirst, answers bool) {
	w, _ := c.vocabulary.understand(h, talk, c.BotName(h.Lane))
	if h.Choice == "" && h.Start == "" && !h.Forwarded && !first(w.act) && !strings.HasPrefix(h.Text, "/") {
		_, answers = c.vocabulary.answer(clip(h.Text), talk)
	} else if talk.State == string(actForget) && w.act == actForget && w.yes {
		answers = true
	}
	return string(w.act), first(w.act) && !answers, answers
}

// Patience is how long an answer is waited for.
const Patience = patience
