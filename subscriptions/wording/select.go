package wording

import (
	"fmt"
	"slices"
	"strings"

	"arifa/subscriptions"
)

// footerLines is room for who speaks, the number and why.
const footerLines = 4

// How many services a card names.
const (
	cardNames   = 6 // of one person: up to six are named,
	cardFew     = 5 // of more only five, and a count
	postNames   = 8 // of a channel post
	whyNames    = 2 // in the line on why one gets it
	copyButtons = 4
)

// Selection says for whom lines are selected.
type Selection struct {
	Language subscriptions.Language // one that the sheet lacks becomes the first that it has
	// Services are those of the sheet that the recipient is told about; nil means
	// all of them for a post, none for a person.
	Services []subscriptions.ServiceID
	Asked    bool // the person asked and does not follow
	Post     bool // a public channel or a group
	// Account, of a group, is the one that alone speaks for us there, with its "@".
	Account string
	// MaxServices is how many are named at most; 0 = what suits a person or a post.
	MaxServices int
}

// Card selects and joins lines of a sheet for one recipient. It adds no word of
// its own, so what was approved is what is read; under what is live a person finds
// the button "it fails for me".
func (s *Speaker) Card(sh subscriptions.Sheet, sel Selection) Card {
	words := s.wordsOf(sh, sel.Language)
	chosen := chosenOf(words, sel)
	card := Card{Title: words.Title, Lines: make([]string, 0, len(words.Head)+len(chosen)+1+len(words.Tail)), Footer: make([]string, 0, footerLines)}
	var footer bool
	for _, l := range words.Head {
		card.Lines = append(card.Lines, l.Text)
	}
	card.Lines = append(card.Lines, grouped(words, chosen, sel)...)
	for _, l := range words.Tail {
		if footer = footer || l.Slot == subscriptions.SlotWho; footer {
			card.Footer = append(card.Footer, l.Text)
		} else {
			card.Lines = append(card.Lines, l.Text)
		}
	}
	if why := whyOf(words, chosen, sel); why != "" {
		card.Footer = append(card.Footer, why)
	}
	card.Copy = copiesOf(sh, chosen)
	if sh.Kind.Chain() && sh.Kind != subscriptions.Restored && !sel.Post {
		card.Choices = [][]Choice{{s.Fails(sel.Language, servicesIn(chosen)...)}}
	}
	for _, l := range sh.Links {
		card.Links = append(card.Links, Link{Label: sh.Host, URL: l.URL})
	}
	return card
}

func servicesIn(chosen []subscriptions.ServiceLines) []subscriptions.ServiceID {
	out := make([]subscriptions.ServiceID, 0, len(chosen))
	for _, sl := range chosen {
		out = append(out, sl.Service)
	}
	return out
}

// wordsOf returns the words in l, or in the first language that the sheet has.
func (s *Speaker) wordsOf(sh subscriptions.Sheet, l subscriptions.Language) subscriptions.Words {
	if w, ok := sh.Words[l]; ok {
		return w
	}
	for _, l := range s.languages {
		if w, ok := sh.Words[l]; ok {
			return w
		}
	}
	return subscriptions.Words{}
}

func chosenOf(words subscriptions.Words, sel Selection) []subscriptions.ServiceLines {
	if sel.Post && sel.Services == nil {
		return words.Services
	}
	chosen := make([]subscriptions.ServiceLines, 0, len(sel.Services))
	for _, list := range [][]subscriptions.ServiceLines{words.Services, words.Others} {
		for i := range list { // a wave has thousands of cards: nothing is copied but what is chosen
			if slices.Contains(sel.Services, list[i].Service) {
				chosen = append(chosen, list[i])
			}
		}
	}
	return chosen
}

func limitOf(n int, sel Selection) int {
	limit := sel.MaxServices
	switch {
	case limit > 0:
	case sel.Post:
		limit = postNames
	case n > cardNames:
		limit = cardFew
	default:
		limit = cardNames
	}
	return min(n, limit)
}

// paragraph holds services that share their other-way lines; within it, those
// that share a state.
type paragraph struct {
	lines  []string
	states []named
}

// named are the labels of services in one state.
type named struct {
	state  string
	labels []string
}

// grouped joins services that share what is said of them, in the sheet's order,
// and counts those that are not named.
func grouped(words subscriptions.Words, chosen []subscriptions.ServiceLines, sel Selection) []string {
	limit := limitOf(len(chosen), sel)
	more := ""
	if rest := len(chosen) - limit; rest > 0 {
		more = fmt.Sprintf(words.More, rest)
	}
	paragraphs := paragraphsOf(chosen[:limit])
	if more != "" && len(paragraphs) == 1 && len(paragraphs[0].states) == 1 && alike(chosen) {
		only := &paragraphs[0].states[0]
		only.labels = append(only.labels, more)
		more = ""
	}
	out := make([]string, 0, len(paragraphs)+1)
	for _, p := range paragraphs {
		out = append(out, p.text())
	}
	if more != "" {
		out = append(out, more)
	}
	return out
}

func paragraphsOf(chosen []subscriptions.ServiceLines) []paragraph {
	all := make([]paragraph, 0, len(chosen))
	for i := range chosen {
		sl := &chosen[i]
		at := slices.IndexFunc(all, func(p paragraph) bool { return slices.Equal(p.lines, sl.Lines) })
		if at < 0 {
			at, all = len(all), append(all, paragraph{lines: sl.Lines})
		}
		all[at].name(sl.State, sl.Label)
	}
	return all
}

func (p *paragraph) name(state, label string) {
	at := slices.IndexFunc(p.states, func(n named) bool { return n.state == state })
	if at < 0 {
		at, p.states = len(p.states), append(p.states, named{state: state})
	}
	p.states[at].labels = append(p.states[at].labels, label)
}

// alike reports whether the same is said of all.
func alike(chosen []subscriptions.ServiceLines) bool {
	return !slices.ContainsFunc(chosen, func(sl subscriptions.ServiceLines) bool {
		return sl.State != chosen[0].State || !slices.Equal(sl.Lines, chosen[0].Lines)
	})
}

// text is "Names – state. Names – state. Lines".
func (p *paragraph) text() string {
	var b strings.Builder
	b.Grow(p.size())
	for _, n := range p.states {
		apart(&b, " ")
		for i, label := range n.labels {
			if i > 0 {
				b.WriteString("; ")
			}
			b.WriteString(label)
		}
		if n.state != "" {
			b.WriteString(" – ")
			b.WriteString(n.state)
			b.WriteByte('.')
		} else if len(p.lines) > 0 {
			b.WriteByte(':')
		}
	}
	for _, l := range p.lines {
		if l != "" {
			apart(&b, " ")
			b.WriteString(l)
		}
	}
	return b.String()
}

// size is about how many bytes its text has.
func (p *paragraph) size() (n int) {
	for _, s := range p.states {
		n += len(s.state) + 6
		for _, l := range s.labels {
			n += len(l) + 2
		}
	}
	for _, l := range p.lines {
		n += len(l) + 1
	}
	return n
}

func apart(b *strings.Builder, by string) {
	if b.Len() > 0 {
		b.WriteString(by)
	}
}

func whyOf(words subscriptions.Words, chosen []subscriptions.ServiceLines, sel Selection) string {
	switch {
	case sel.Post && sel.Account != "" && words.WhyGroup != "":
		return fmt.Sprintf(words.WhyGroup, sel.Account)
	case sel.Post:
		return words.WhyPost
	case sel.Asked:
		return words.WhyAsked
	case len(chosen) == 0:
		return ""
	}
	names := chosen[0].Name
	switch {
	case len(chosen) > whyNames:
		names += "…" // the card has just named them
	case len(chosen) == whyNames:
		names += "; " + chosen[1].Name
	}
	return fmt.Sprintf(words.Why, names)
}

// copiesOf offers each working destination of the chosen services once.
func copiesOf(sh subscriptions.Sheet, chosen []subscriptions.ServiceLines) []Copy {
	var out []Copy
	for _, sl := range chosen {
		for _, c := range sh.Copy[sl.Service] {
			button := Copy{Label: c.Value, Value: c.Value}
			if c.Name != "" {
				button.Label += " (" + c.Name + ")"
			}
			if !slices.Contains(out, button) && len(out) < copyButtons {
				out = append(out, button)
			}
		}
	}
	return out
}
