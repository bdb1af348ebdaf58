package bot

import (
	"slices"
	"strings"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// phrases are what people say in whole sentences, where no single word tells the
// wish: that money has left, or that we shall leave them alone.
type phrases struct {
	polite []string // before or behind a wish, and no part of it
	asks   []string // before a wish, makes a question of it
	// stops stand before nothing but words of rests: "stop sending me" + "these".
	stops []said
	rests map[string]bool
	paid  []said
	// noise stands in sentences of who has paid and names no service.
	noise []string
	// fails say that something does not work; failsNoise beside them names nothing.
	fails      []said
	failsNoise []string
}

// said is a phrase: its parts stand in a text in this order, with any words
// between them.
type said struct {
	parts  []string
	tongue subscriptions.Language
}

func newPhrases(s *wording.Speaker) phrases {
	p := phrases{rests: map[string]bool{}}
	for _, l := range s.Languages() {
		list := func(id string) []string { return strings.Split(s.T(l, id, nil), "|") }
		p.polite = append(p.polite, squashed(list("hear.polite"))...)
		p.asks = append(p.asks, squashed(list("hear.ask"))...)
		p.noise = append(p.noise, squashed(list("hear.paid.noise"))...)
		for _, text := range squashed(list("hear.verb.stop")) {
			p.stops = append(p.stops, said{parts: []string{text}, tongue: l})
		}
		for _, text := range squashed(list("hear.stop.rest")) {
			p.rests[text] = true
		}
		for _, text := range list("hear.paid") {
			parts := squashed(strings.Split(text, "…"))
			p.paid = append(p.paid, said{parts: parts, tongue: l})
			p.noise = append(p.noise, parts...)
		}
	}
	for _, l := range s.Languages() {
		for _, text := range squashed(strings.Split(s.T(l, "hear.fails", nil), "|")) {
			p.fails = append(p.fails, said{parts: []string{text}, tongue: l})
			p.failsNoise = append(p.failsNoise, text)
		}
		p.failsNoise = append(p.failsNoise, squashed(strings.Split(s.T(l, "hear.fails.noise", nil), "|"))...)
	}
	for _, list := range [][]string{p.polite, p.asks, p.noise, p.failsNoise} {
		longestFirst(list)
	}
	return p
}

func squashed(list []string) []string {
	out := make([]string, 0, len(list))
	for _, text := range list {
		if text = squash(text); text != "" {
			out = append(out, text)
		}
	}
	return out
}

func longestFirst(list []string) {
	slices.SortStableFunc(list, func(a, b string) int { return len(b) - len(a) })
}

// plain takes greetings and polite words off both ends of a text. A text of
// nothing else stays as it is.
func (p *phrases) plain(text string) string {
	fields := strings.Fields(text)
	for again := true; again; {
		again = false
		for _, phrase := range p.polite {
			n := len(strings.Fields(phrase))
			if n >= len(fields) {
				continue
			}
			switch phrase {
			case squash(strings.Join(fields[:n], " ")):
				fields, again = fields[n:], true
			case squash(strings.Join(fields[len(fields)-n:], " ")):
				fields, again = fields[:len(fields)-n], true
			}
		}
	}
	return strings.Join(fields, " ")
}

// question takes off what makes a question of a wish.
func (p *phrases) question(text string) (rest string, ok bool) {
	text = squash(text)
	for _, phrase := range p.asks {
		if rest, ok := strings.CutPrefix(text, phrase+" "); ok {
			return rest, true
		}
	}
	return "", false
}

// stopping reports whether a text asks for no more messages in a sentence of its
// own, in whose language.
func (p *phrases) stopping(text string) (subscriptions.Language, bool) {
	text = squash(text)
	for _, s := range p.stops {
		if rest, ok := strings.CutPrefix(text, s.parts[0]+" "); ok && p.nothingElse(rest) {
			return s.tongue, true
		}
	}
	return "", false
}

// nothingElse reports whether a text names nothing: "these messages any more".
func (p *phrases) nothingElse(text string) bool {
	words := strings.Fields(squash(text))
	return len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool { return !p.rests[w] })
}

// paidFor reports whether a text says that money has left, and returns the words
// that are left of it, which may name a service.
func (p *phrases) paidFor(text string) (rest string, tongue subscriptions.Language, ok bool) {
	text = " " + squash(amount.ReplaceAllString(text, " ")) + " "
	at := slices.IndexFunc(p.paid, func(s said) bool { return s.in(text) })
	if at < 0 {
		return "", "", false
	}
	return without(text, p.noise), p.paid[at].tongue, true
}

// without takes phrases out of a text and returns the words that are left.
func without(text string, phrases []string) string {
	for _, phrase := range phrases {
		for strings.Contains(text, " "+phrase+" ") {
			text = strings.ReplaceAll(text, " "+phrase+" ", " ")
		}
	}
	return strings.TrimSpace(text)
}

// failsFor reports whether a text says that something does not work, and returns the
// words that are left of it, which may name a service.
func (p *phrases) failsFor(text string) (rest string, tongue subscriptions.Language, ok bool) {
	text = " " + squash(text) + " "
	at := slices.IndexFunc(p.fails, func(s said) bool { return s.in(text) })
	if at < 0 {
		return "", "", false
	}
	return without(text, p.failsNoise), p.fails[at].tongue, true
}

func (s said) in(text string) bool {
	for _, part := range s.parts {
		at := strings.Index(text, " "+part+" ")
		if at < 0 {
			return false
		}
		text = text[at+1+len(part):]
	}
	return len(s.parts) > 0
}
