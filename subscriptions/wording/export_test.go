package wording

import (
	"slices"

	"github.com/nicksnyder/go-i18n/v2/i18n"

	"arifa/subscriptions"
)

// Sentences gives the tests every sentence of every language.
func Sentences() map[subscriptions.Language][]*i18n.Message {
	all := map[subscriptions.Language][]*i18n.Message{}
	for _, t := range tongues() {
		all[t.language] = slices.Concat(t.messages, t.talk, t.page)
	}
	return all
}

// Verb gives the tests what is said of a broken thing.
func Verb(s *Speaker, l subscriptions.Language, subject, tenseName string) string {
	return s.tongue(l).verbs([]string{subject}).in(tense(tenseName))
}
