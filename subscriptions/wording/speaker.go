// Package wording turns facts into words: the sheets of notices, the cards that
// are selected from them, the fixed sentences, and their previews, in every
// language of the catalogue. It is the only place with sentences for citizens.
//
// It never decides what is said or to whom, never asks a store or a network, and
// never re-words what a sheet has frozen.
package wording

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"arifa/subscriptions"
)

// tongue is one language: its sentences and its ways with clocks, dates and lists.
type tongue struct {
	language subscriptions.Language
	messages []*i18n.Message // of notices and fixed sentences
	talk     []*i18n.Message // of the conversation
	page     []*i18n.Message // of the public page
	clock    func(time.Time) string
	brief    func(time.Time) string // the clock where every letter counts
	months   [12]string
	verbs    func(subjects []string) verbs // that agree with what is broken
	dateTime string                        // format of clock and date
	and      string                        // before the last of a list
}

// tongues lists the languages; the first is spoken where another is not known.
func tongues() []tongue { return []tongue{english(), swahili()} }

// Speaker knows every sentence in every language. It is safe for concurrent use.
type Speaker struct {
	tongues    map[subscriptions.Language]tongue
	languages  []subscriptions.Language
	localizers map[subscriptions.Language]*i18n.Localizer
	known      map[string]bool
	fixed      *sync.Map // sentence{} → string: what was said without data is said the same again
	strict     bool
}

// sentence is one in one language.
type sentence struct {
	language subscriptions.Language
	id       string
}

// NewSpeaker loads every language. It returns an error when a sentence stands
// twice in a language; that each is a template is proved by the tests, not again
// by every command.
func NewSpeaker() (*Speaker, error) {
	all := tongues()
	bundle := i18n.NewBundle(language.Make(string(all[0].language)))
	s := &Speaker{
		tongues:    map[subscriptions.Language]tongue{},
		localizers: map[subscriptions.Language]*i18n.Localizer{},
		known:      map[string]bool{},
		fixed:      &sync.Map{},
	}
	for _, t := range all {
		messages := slices.Concat(t.messages, t.talk, t.page)
		if id, twice := repeated(messages); twice {
			return nil, fmt.Errorf("language %s: sentence %s stands twice", t.language, id)
		}
		if err := bundle.AddMessages(language.Make(string(t.language)), messages...); err != nil {
			return nil, fmt.Errorf("language %s: %w", t.language, err)
		}
		for _, m := range messages {
			s.known[m.ID] = true
		}
		s.tongues[t.language] = t
		s.languages = append(s.languages, t.language)
	}
	for _, l := range s.languages {
		s.localizers[l] = i18n.NewLocalizer(bundle, string(l))
	}
	return s, nil
}

// repeated finds a sentence that stands twice.
func repeated(messages []*i18n.Message) (id string, twice bool) {
	seen := make(map[string]bool, len(messages))
	for _, m := range messages {
		if seen[m.ID] {
			return m.ID, true
		}
		seen[m.ID] = true
	}
	return "", false
}

// Strict returns a Speaker that panics on an unknown sentence or on data that a
// sentence cannot use, for tests. A Speaker that is not strict leaves such a
// sentence out: a citizen reads less, but never a name of ours.
func (s *Speaker) Strict() *Speaker {
	c := *s
	c.strict = true
	return &c
}

// Languages lists the languages, the default first.
func (s *Speaker) Languages() []subscriptions.Language {
	return append([]subscriptions.Language{}, s.languages...)
}

// Speaks reports whether l is one of the languages.
func (s *Speaker) Speaks(l subscriptions.Language) bool { _, ok := s.tongues[l]; return ok }

// Has reports whether a sentence exists.
func (s *Speaker) Has(id string) bool { return s.known[id] }

// T says the sentence id in l (the default where l is not spoken). data is a map
// or a struct with the fields that the sentence names, or nil.
func (s *Speaker) T(l subscriptions.Language, id string, data any) string {
	if data != nil || !s.known[id] {
		return s.say(l, &i18n.LocalizeConfig{MessageID: id, TemplateData: data})
	}
	k := sentence{s.tongue(l).language, id}
	if said, ok := s.fixed.Load(k); ok {
		return said.(string)
	}
	text := s.say(l, &i18n.LocalizeConfig{MessageID: id})
	s.fixed.Store(k, text)
	return text
}

// N says a sentence that changes with the number n. Where data is nil the
// sentence may use {{.N}}; otherwise it uses data's own fields.
func (s *Speaker) N(l subscriptions.Language, id string, n int, data any) string {
	if data == nil {
		data = map[string]any{"N": s.Number(l, n)}
	}
	return s.say(l, &i18n.LocalizeConfig{MessageID: id, PluralCount: n, TemplateData: data})
}

func (s *Speaker) say(l subscriptions.Language, c *i18n.LocalizeConfig) string {
	text, err := s.localizers[s.tongue(l).language].Localize(c)
	if err == nil && strings.Contains(text, "<no value>") {
		err = fmt.Errorf("a field of the sentence is missing in %v", c.TemplateData)
	}
	if err == nil {
		return text
	}
	if s.strict {
		panic(fmt.Sprintf("wording: sentence %s in %s: %v", c.MessageID, l, err))
	}
	return ""
}

func (s *Speaker) tongue(l subscriptions.Language) tongue {
	if t, ok := s.tongues[l]; ok {
		return t
	}
	return s.tongues[s.languages[0]]
}

// Clock says the time of day of t in t's own zone: "11:00 am",
// "saa tano asubuhi (11:00)".
func (s *Speaker) Clock(l subscriptions.Language, t time.Time) string { return s.tongue(l).clock(t) }

// Date says the day of t in t's own zone: "3 January 2025", "3 Januari 2025".
func (s *Speaker) Date(l subscriptions.Language, t time.Time) string {
	return fmt.Sprintf("%d %s %d", t.Day(), s.tongue(l).months[t.Month()-1], t.Year())
}

// DateTime says both: "11:00 am on 3 January 2025".
func (s *Speaker) DateTime(l subscriptions.Language, t time.Time) string {
	return fmt.Sprintf(s.tongue(l).dateTime, s.Clock(l, t), s.Date(l, t))
}

// List joins names: "a, b and c", "a, b na c".
func (s *Speaker) List(l subscriptions.Language, items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := len(items) - 1
	return strings.Join(items[:last], ", ") + " " + s.tongue(l).and + " " + items[last]
}

// Number groups the digits of n by thousands: "13,500".
func (s *Speaker) Number(_ subscriptions.Language, n int) string {
	digits := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// briefly says clock and day where every letter counts: "11:00 am 3 Jan".
func (s *Speaker) briefly(l subscriptions.Language, t time.Time) string {
	u := s.tongue(l)
	return fmt.Sprintf("%s %d %.3s", u.brief(t), t.Day(), u.months[t.Month()-1])
}

// verbs are what a broken thing does, in the number or noun class of its name.
type verbs struct {
	Fails, Still, Some, Will, Works string
}

// phrase is a sentence of one form; counted has a form for one and for others.
func phrase(id, text string) *i18n.Message { return &i18n.Message{ID: id, Other: text} }

func counted(id, one, other string) *i18n.Message {
	return &i18n.Message{ID: id, One: one, Other: other}
}
