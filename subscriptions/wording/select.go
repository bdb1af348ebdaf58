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
	var room [2 * cardNames]*subscriptions.ServiceLines // a wave has thousands of cards: few need more
	chosen := chosenOf(room[:0], &words, sel)
	card := Card{Title: words.Title, Lines: make([]string, 0, len(words.Head)+len(chosen)+1+len(words.Tail)), Footer: make([]string, 0, footerLines)}
	var footer bool
	for i := range words.Head {
		card.Lines = append(card.Lines, words.Head[i].Text)
	}
	card.Lines = grouped(card.Lines, words.More, chosen, sel)
	for i := range words.Tail {
		l := &words.Tail[i]
		if footer = footer || l.Slot == subscriptions.SlotWho; footer {
			card.Footer = append(card.Footer, l.Text)
		} else {
			card.Lines = append(card.Lines, l.Text)
		}
	}
	if why := whyOf(&words, chosen, sel); why != "" {
		card.Footer = append(card.Footer, why)
	}
	card.Copy = copiesOf(sh, chosen)
	if sh.Kind.Chain() && sh.Kind != subscriptions.Restored && !sel.Post {
		card.Choices = [][]Choice{{s.fails(sel.Language, chosen)}}
	}
	if len(sh.Links) > 0 {
		card.Links = make([]Link, 0, len(sh.Links))
	}
	for _, l := range sh.Links {
		card.Links = append(card.Links, Link{Label: sh.Host, URL: l.URL})
	}
	return card
}

// fails is the button "it fails for me" under what was chosen.
func (s *Speaker) fails(l subscriptions.Language, chosen []*subscriptions.ServiceLines) Choice {
	if len(chosen) == 1 {
		return s.Fails(l, chosen[0].Service)
	}
	return s.Fails(l) // which of several it is, is asked
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

// chosenOf adds the services of a selection to chosen, in the sheet's order.
func chosenOf(chosen []*subscriptions.ServiceLines, words *subscriptions.Words, sel Selection) []*subscriptions.ServiceLines {
	all := sel.Post && sel.Services == nil
	for i := range words.Services {
		if all || slices.Contains(sel.Services, words.Services[i].Service) {
			chosen = append(chosen, &words.Services[i])
		}
	}
	for i := range words.Others {
		if !all && slices.Contains(sel.Services, words.Others[i].Service) {
			chosen = append(chosen, &words.Others[i])
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

// grouped adds a paragraph for the services that share their other-way lines, in the
// sheet's order, and counts those that are not named. more is a format with their number.
func grouped(out []string, more string, chosen []*subscriptions.ServiceLines, sel Selection) []string {
	limit := limitOf(len(chosen), sel)
	if rest := len(chosen) - limit; rest > 0 {
		more = fmt.Sprintf(more, rest)
		if alike(chosen) {
			return append(out, paragraph(chosen[:limit], 0, more))
		}
	} else {
		more = ""
	}
	named := chosen[:limit]
	for i := range named {
		if !slices.ContainsFunc(named[:i], func(o *subscriptions.ServiceLines) bool { return slices.Equal(o.Lines, named[i].Lines) }) {
			out = append(out, paragraph(named, i, ""))
		}
	}
	if more != "" {
		out = append(out, more)
	}
	return out
}

// alike reports whether the same is said of all.
func alike(chosen []*subscriptions.ServiceLines) bool {
	return !slices.ContainsFunc(chosen, func(sl *subscriptions.ServiceLines) bool {
		return sl.State != chosen[0].State || !slices.Equal(sl.Lines, chosen[0].Lines)
	})
}

// paragraph is "Names – state. Names – state. Lines", of all from first on whose lines
// are the first's; within it, those that share a state stand together. more is named
// behind them.
func paragraph(chosen []*subscriptions.ServiceLines, first int, more string) string {
	lines := chosen[first].Lines
	size := len(more)
	for _, sl := range chosen[first:] {
		size += len(sl.Label) + len(sl.State) + 8
	}
	for _, l := range lines {
		size += len(l) + 1
	}
	var b strings.Builder
	b.Grow(size)
	ours := func(sl *subscriptions.ServiceLines) bool { return slices.Equal(sl.Lines, lines) }
	for i := first; i < len(chosen); i++ {
		state := chosen[i].State
		if !ours(chosen[i]) || slices.ContainsFunc(chosen[first:i], func(o *subscriptions.ServiceLines) bool { return o.State == state && ours(o) }) {
			continue
		}
		apart(&b, " ")
		b.WriteString(chosen[i].Label)
		for _, o := range chosen[i+1:] {
			if o.State == state && ours(o) {
				b.WriteString("; ")
				b.WriteString(o.Label)
			}
		}
		if more != "" {
			b.WriteString("; ")
			b.WriteString(more)
		}
		if state != "" {
			b.WriteString(" – ")
			b.WriteString(state)
			b.WriteByte('.')
		} else if len(lines) > 0 {
			b.WriteByte(':')
		}
	}
	for _, l := range lines {
		if l != "" {
			apart(&b, " ")
			b.WriteString(l)
		}
	}
	return b.String()
}

func apart(b *strings.Builder, by string) {
	if b.Len() > 0 {
		b.WriteString(by)
	}
}

func whyOf(words *subscriptions.Words, chosen []*subscriptions.ServiceLines, sel Selection) string {
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
func copiesOf(sh subscriptions.Sheet, chosen []*subscriptions.ServiceLines) []Copy {
	if len(sh.Copy) == 0 {
		return nil
	}
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
