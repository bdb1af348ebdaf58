package catalogue

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// What a search is judged by. The numbers were set on the table of queries that
// people would type; its test says how well they do.
const (
	mostRunes     = 200  // of a query; the rest is not read
	mostWords     = 16   // of a query
	leastScore    = 0.40 // below it nothing was found
	unknownWeight = 2.0  // a word that nobody here knows tells little, but not nothing
	shapeFactor   = 0.85 // a likeness of letters is worth less than the words
	leastShape    = 0.6
	leastLikeness = 0.6
	contextShare  = 0.4 // how much of a query's cover may come from agency and description
)

// asked is one word of a query and what it may mean.
type asked struct {
	likeness map[int]float64 // concept → 0 to 1
	weight   float64
}

// Search returns what the query may mean, best first and at most limit. It
// forgives slips of the keyboard, joined and missing words, case, accents and
// signs. Nothing is better than a guess: garbage and greetings find nothing.
func (x *Index) Search(query string, limit int) []Hit {
	query = clip(query)
	words := x.ask(query)
	if len(words) == 0 || limit <= 0 {
		return nil
	}
	shape := x.shapes.like(query, len(x.things))
	total := 0.0
	for _, w := range words {
		total += w.weight
	}
	var hits []Hit
	for i := range x.things {
		t := &x.things[i]
		score := t.score(words, total, x.weight)
		if shape[i] >= leastShape {
			score = max(score, shape[i]*shapeFactor)
		}
		if score >= leastScore {
			h := t.hit
			h.Score = min(score*t.factor, 1)
			hits = append(hits, h)
		}
	}
	slices.SortStableFunc(hits, func(a, b Hit) int { return cmp.Compare(b.Score, a.Score) })
	return hits[:min(limit, len(hits))]
}

func clip(query string) string {
	for i := range query {
		if utf8.RuneCountInString(query[:i]) >= mostRunes {
			return query[:i]
		}
	}
	return query
}

// ask turns a query into its words with their possible meanings.
func (x *Index) ask(query string) []asked {
	var all []asked
	for _, w := range x.lexicon.words(strings.ReplaceAll(query, "-", " ")) {
		if len(all) == mostWords {
			break
		}
		all = append(all, x.meanings(w)...)
	}
	return all
}

// meanings looks a word up: as it stands, else by its beginning and by slips.
func (x *Index) meanings(w string) []asked {
	if ids := x.known(x.meaning(w)); ids != nil {
		all := make([]asked, len(ids))
		for i, id := range ids {
			all[i] = asked{map[int]float64{id: 1}, x.weight[id]}
		}
		return all
	}
	a := asked{likeness: map[int]float64{}, weight: unknownWeight}
	for _, known := range x.words {
		like := likeness(w, known.text)
		if like == 0 || len(known.concepts) > 1 {
			continue
		}
		id := known.concepts[0]
		a.likeness[id] = max(a.likeness[id], like)
	}
	for id, like := range a.likeness {
		a.weight = max(a.weight, like*x.weight[id])
	}
	return []asked{a}
}

// likeness tells how far a typed word may be a known one, 0 to below 1.
func likeness(typed, known string) float64 {
	if len(typed) < 3 || len(known) < 3 || typed[0] >= '0' && typed[0] <= '9' {
		return 0 // short words and numbers mean themselves only
	}
	like := max(begins(typed, known), slips(typed, known))
	if like < leastLikeness {
		return 0
	}
	return like
}

// begins compares a word with a longer one that begins with it: typed so far, or
// with an ending that the catalogue does not use.
func begins(typed, known string) float64 {
	if len(typed) >= 4 && strings.HasPrefix(known, typed) || len(known) >= 5 && strings.HasPrefix(typed, known) {
		return 0.55 + 0.4*float64(min(len(typed), len(known)))/float64(max(len(typed), len(known)))
	}
	return 0
}

// slips counts the slips of the keyboard that lie between two words.
func slips(typed, known string) float64 {
	n := len(typed)
	allowed := 0
	switch {
	case n >= 9:
		allowed = 3
	case n >= 6:
		allowed = 2
	case n == 5 || n == 4 && len(known) != 4: // of four letters, another one makes another word
		allowed = 1
	}
	d := distance(typed, known, allowed+1)
	if d > allowed {
		return 0
	}
	like := 1 - 1.5*float64(d)/float64(max(n, len(known)))
	if typed[0] != known[0] {
		like -= 0.15 // people seldom miss the first letter
	}
	return like
}

// score tells how well a thing answers: how much of the query its best phrase
// and its surroundings explain, and how much of that phrase was asked for.
func (t *thing) score(words []asked, total float64, weight []float64) float64 {
	around := 0.0
	for _, w := range words {
		best := 0.0
		for id, like := range w.likeness {
			best = max(best, like*t.context[id])
		}
		around += best * w.weight
	}
	if around == 0 {
		return 0
	}
	best := 0.0
	for i := range t.phrases {
		best = max(best, t.phrases[i].score(words, total, around/total, weight))
	}
	return best
}

func (p *phrase) score(words []asked, total, around float64, weight []float64) float64 {
	explained, asked := 0.0, 0.0
	for _, w := range words {
		best := 0.0
		for _, id := range p.concepts {
			best = max(best, w.likeness[id])
		}
		explained += best * w.weight
	}
	if explained == 0 {
		return 0
	}
	for _, id := range p.concepts {
		best := 0.0
		for _, w := range words {
			best = max(best, w.likeness[id])
		}
		asked += best * weight[id]
	}
	q := (1-contextShare)*explained/total + contextShare*around
	d := asked / p.weight
	// The query counts for more than the phrase: people type parts of names.
	return 3 * q * d / (2*d + q)
}
