package subscriptions

import "strings"

// chunk is a word or a row of digits of a folded text.
type chunk struct {
	from, to int
	s        string // as it is meant: look-alike letters and digits resolved
	digits   bool
}

// chunks cuts the text into words and rows of digits.
func (s *scan) chunks() []chunk {
	var list []chunk
	for i := 0; i < len(s.s); {
		if !isWordy(s.s[i]) {
			i++
			continue
		}
		j := i
		for j < len(s.s) && isWordy(s.s[j]) {
			j++
		}
		list = append(list, token(s.s[i:j], i)...)
		i = j
	}
	return joinSpelled(s.s, list)
}

// token cuts one row of letters and digits that starts at the given character.
func token(t string, at int) []chunk {
	digits := len(onlyDigits(t))
	switch {
	case digits == 0 || digits == len(t):
		return []chunk{{at, at + len(t), t, digits > 0}}
	}
	if n, ok := lookalikeNumber(t, digits); ok {
		return []chunk{{at, at + len(t), n, true}}
	}
	if w, ok := disguised(t); ok {
		return []chunk{{at, at + len(t), w, false}}
	}
	var list []chunk
	for i := 0; i < len(t); {
		j := i
		for j < len(t) && isDigit(t[j]) == isDigit(t[i]) {
			j++
		}
		list = append(list, chunk{at + i, at + j, t[i:j], isDigit(t[i])})
		i = j
	}
	return list
}

// letterDigits are letters that are written for digits inside a number.
var letterDigits = strings.NewReplacer("o", "0", "q", "0", "d", "0", "l", "1", "i", "1", "j", "1", "z", "2", "s", "5", "b", "8", "g", "9")

// lookalikeNumber reads a token such as "2OO22l" as a number. One letter at the
// end is a unit ("30s", "100g", "5th"), not a digit, unless it is an O or an l
// behind three digits and more.
func lookalikeNumber(t string, digits int) (string, bool) {
	n := letterDigits.Replace(t)
	if len(onlyDigits(n)) != len(n) || len(n) < 3 || len(n) < 4 && digits < 2 {
		return "", false
	}
	if last := t[len(t)-1]; digits == len(t)-1 && !isDigit(last) {
		return n, len(n) >= 3 && last == 'o' || len(n) >= 4 && (last == 'l' || last == 'i')
	}
	return n, true
}

// joinSpelled joins letters that stand alone ("p a y b i l l", "t-i-l-l") into
// the word that they spell, where the scan knows it.
func joinSpelled(s string, list []chunk) []chunk {
	out := list[:0:0]
	for i := 0; i < len(list); {
		j := i
		for j < len(list) && len(list[j].s) == 1 && !list[j].digits && (j == i || list[j].from-list[j-1].to <= 2) {
			j++
		}
		w, n := longestSpelled(list[i:j])
		if n == 0 {
			out = append(out, list[i])
			i++
			continue
		}
		out = append(out, chunk{list[i].from, list[i+n-1].to, w, false})
		i += n
	}
	return out
}

// longestSpelled returns the longest known word that the first letters spell,
// and how many letters it takes: three at least.
func longestSpelled(letters []chunk) (string, int) {
	var b strings.Builder
	word, n := "", 0
	for i, c := range letters[:min(len(letters), 16)] {
		b.WriteString(c.s)
		if i >= 2 && meaningful(b.String()) {
			word, n = b.String(), i+1
		}
	}
	return word, n
}
