package catalogue

import (
	"maps"
	"math"
	"slices"
	"strings"

	s "arifa/subscriptions"
)

// Kind says what a Hit is.
type Kind string

const (
	ServiceHit  Kind = "service"
	AgencyHit   Kind = "agency"
	PlatformHit Kind = "platform"
)

// Hit is one answer to a search. Of the three ids the one of its kind is set.
type Hit struct {
	Kind     Kind         `json:"kind"`
	Service  s.ServiceID  `json:"service,omitempty"`
	Agency   s.AgencyID   `json:"agency,omitempty"`
	Platform s.PlatformID `json:"platform,omitempty"`
	Score    float64      `json:"score"` // above 0, at most 1: the very words
}

// ID is "kra-pay-tax" for a service, "agency:kra" and "platform:mpesa" else.
func (h Hit) ID() string {
	switch h.Kind {
	case AgencyHit:
		return "agency:" + string(h.Agency)
	case PlatformHit:
		return "platform:" + string(h.Platform)
	}
	return string(h.Service)
}

// Index finds services, agencies and platforms by what people type, and lists
// them for browsing. It is read-only after NewIndex and safe for concurrent use.
type Index struct {
	nation   *s.Nation
	lexicon  *lexicon
	concepts map[string]int // concept → its number
	weight   []float64      // by number: rare concepts tell more
	words    []word         // every written word, for slips of the keyboard
	things   []thing
	shapes   shapes
}

// thing is one entry that can be found.
type thing struct {
	hit     Hit
	factor  float64 // a service goes before an agency of the same words
	phrases []phrase
	context map[int]float64 // concept → how much it tells: agency and description
}

// phrase is one name or keyword, as concepts.
type phrase struct {
	concepts []int
	weight   float64 // sum over the concepts
}

type word struct {
	text     string
	concepts []int
}

// NewIndex prepares the search over everything in n that is not retired.
func NewIndex(n *s.Nation) *Index {
	drafts := draftsOf(n)
	var texts []string
	for _, d := range drafts {
		texts = append(texts, d.phrases...)
		texts = append(texts, d.context...)
	}
	x := &Index{nation: n, lexicon: newLexicon(texts), concepts: map[string]int{}}
	for _, d := range drafts {
		x.add(d)
	}
	x.weigh()
	for _, w := range slices.Sorted(maps.Keys(x.lexicon.means)) {
		if ids := x.known(x.lexicon.means[w]); ids != nil {
			x.words = append(x.words, word{w, ids})
		}
	}
	return x
}

// draft is a thing as the catalogue writes it.
type draft struct {
	hit     Hit
	factor  float64
	phrases []string
	context []string
}

func draftsOf(n *s.Nation) []draft {
	var all []draft
	for _, v := range n.Services {
		if v.Retired {
			continue
		}
		a, _ := n.Agency(v.Agency)
		all = append(all, draft{
			hit: Hit{Kind: ServiceHit, Service: v.ID}, factor: 1,
			phrases: slices.Concat(named(v.Name), v.Keywords),
			context: slices.Concat(named(a.Name), []string{a.Short, v.Description}),
		})
	}
	for _, v := range n.Agencies {
		if !v.Retired {
			all = append(all, draft{hit: Hit{Kind: AgencyHit, Agency: v.ID}, factor: 0.97, phrases: append(named(v.Name), v.Short)})
		}
	}
	for _, v := range n.Platforms {
		if v.Retired {
			continue
		}
		phrases := make([]string, 0, len(v.Name)+len(v.Identifiers))
		for _, l := range slices.Sorted(maps.Keys(v.Name)) {
			phrases = append(phrases, v.Name[l])
		}
		for _, id := range v.Identifiers {
			phrases = append(phrases, id.Value)
		}
		all = append(all, draft{hit: Hit{Kind: PlatformHit, Platform: v.ID}, factor: 0.9, phrases: phrases})
	}
	return all
}

// named returns a name in every language, and its parts in and before brackets:
// people type one of them.
func named(t s.Text) []string {
	var all []string
	for _, l := range slices.Sorted(maps.Keys(t)) {
		name := t[l]
		all = append(all, name)
		if before, rest, ok := strings.Cut(name, "("); ok {
			inside, _, _ := strings.Cut(rest, ")")
			all = append(all, before, inside)
		}
	}
	return all
}

func (x *Index) add(d draft) {
	t := thing{hit: d.hit, factor: d.factor, context: map[int]float64{}}
	for _, text := range d.phrases {
		ids := x.number(text)
		if len(ids) == 0 {
			continue
		}
		t.phrases = append(t.phrases, phrase{concepts: ids})
		x.shapes.add(len(x.things), text)
		for _, id := range ids {
			t.context[id] = 1
		}
	}
	for _, text := range d.context {
		for _, id := range x.number(text) {
			t.context[id] = max(t.context[id], 0.7)
		}
	}
	x.things = append(x.things, t)
}

// number turns a text of the catalogue into concepts, each once.
func (x *Index) number(text string) []int {
	var ids []int
	for _, w := range x.lexicon.words(joinHyphens(text)) {
		for _, c := range x.meaning(w) {
			id, ok := x.concepts[c]
			if !ok {
				id = len(x.concepts)
				x.concepts[c] = id
			}
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

func (x *Index) meaning(w string) []string {
	if concepts, ok := x.lexicon.means[w]; ok {
		return concepts
	}
	return []string{w}
}

func (x *Index) known(concepts []string) []int {
	var ids []int
	for _, c := range concepts {
		id, ok := x.concepts[c]
		if !ok {
			return nil
		}
		ids = append(ids, id)
	}
	return ids
}

// weigh gives each concept its weight by the number of things that have it.
func (x *Index) weigh() {
	x.weight = make([]float64, len(x.concepts))
	for _, t := range x.things {
		for id, how := range t.context {
			if how == 1 {
				x.weight[id]++
			}
		}
	}
	for id, count := range x.weight {
		x.weight[id] = math.Log(1 + float64(len(x.things))/(1+count))
	}
	for i := range x.things {
		for j := range x.things[i].phrases {
			p := &x.things[i].phrases[j]
			for _, id := range p.concepts {
				p.weight += x.weight[id]
			}
		}
	}
}
