package catalogue

import "strings"

// shapes compares whole phrases by their trigrams without regard to spaces. It
// finds what the words do not: "drivnglicence", "nashonal park".
type shapes struct {
	postings map[string][]int32 // trigram → phrases
	size     []int32            // by phrase: its number of trigrams
	thing    []int32            // by phrase: whose it is
}

func (h *shapes) add(thing int, text string) {
	grams := trigrams(text)
	if len(grams) == 0 {
		return
	}
	if h.postings == nil {
		h.postings = map[string][]int32{}
	}
	id := int32(len(h.size))
	for g := range grams {
		h.postings[g] = append(h.postings[g], id)
	}
	h.size, h.thing = append(h.size, int32(len(grams))), append(h.thing, int32(thing))
}

// like returns for each thing the best Dice coefficient, from 0 to 1, of its
// phrases with the text.
func (h *shapes) like(text string, things int) []float64 {
	best := make([]float64, things)
	grams := trigrams(text)
	if len(grams) < 4 {
		return best // too short for its shape to tell anything
	}
	shared := make([]int32, len(h.size))
	for g := range grams {
		for _, id := range h.postings[g] {
			shared[id]++
		}
	}
	for id, n := range shared {
		if n > 0 {
			dice := 2 * float64(n) / float64(int(h.size[id])+len(grams))
			best[h.thing[id]] = max(best[h.thing[id]], dice)
		}
	}
	return best
}

// trigrams are the three-letter pieces of a text run together, with its ends.
func trigrams(text string) map[string]struct{} {
	squeezed := strings.ReplaceAll(fold(text), " ", "")
	if squeezed == "" {
		return nil
	}
	padded := "^" + squeezed + "$"
	grams := make(map[string]struct{}, len(padded))
	for i := 0; i+3 <= len(padded); i++ {
		grams[padded[i:i+3]] = struct{}{}
	}
	return grams
}
