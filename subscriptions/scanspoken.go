package subscriptions

import (
	"strconv"
	"strings"
)

// numberWord is a word that says a number: its value, and whether it is a scale
// (hundred, elfu), a multiplier (triple) or one digit.
type numberWord struct {
	value  int64
	scale  bool // multiplies what stands before it (English) or behind it (Swahili)
	behind bool // a Swahili scale
	times  bool // repeats the digit behind it
	plural bool // is repeated by the number before it ("three twos")
}

var numberWords = spoken(
	`zero:0 nought:0 naught:0 nil:0 oh:0 one:1 two:2 three:3 four:4 five:5 six:6 seven:7 eight:8 nine:9
	ten:10 eleven:11 twelve:12 thirteen:13 fourteen:14 fifteen:15 sixteen:16 seventeen:17 eighteen:18 nineteen:19
	twenty:20 thirty:30 forty:40 fourty:40 fifty:50 sixty:60 seventy:70 eighty:80 ninety:90
	sifuri:0 sufuri:0 ziro:0 moja:1 mosi:1 mbili:2 pili:2 tatu:3 nne:4 tano:5 sita:6 saba:7 nane:8 tisa:9 kenda:9
	kumi:10 ishirini:20 thelathini:30 salasini:30 arobaini:40 arubaini:40 hamsini:50 sitini:60 sabini:70 themanini:80 tisini:90`,
	`hundred:100 thousand:1000 million:1000000`,
	`mia:100 elfu:1000 alfu:1000 laki:100000 milioni:1000000`,
	`double:2 pair:2 triple:3 treble:3 quadruple:4 quad:4`,
	`zeros:0 zeroes:0 noughts:0 ones:1 twos:2 threes:3 fours:4 fives:5 sixes:6 sevens:7 eights:8 nines:9`)

// concords are what agrees with a noun in front of a Swahili digit.
const (
	concords       = `wa ma mi vi`
	agreeingDigits = `wili:2 tatu:3 nne:4 tano:5 nane:8`
	agreeingOnes   = `mmoja kimoja jimoja`
)

func spoken(plain, scales, behind, times, plurals string) map[string]numberWord {
	m := map[string]numberWord{}
	add := func(list string, of func(int64) numberWord) {
		for _, f := range strings.Fields(list) {
			w, v, _ := strings.Cut(f, ":")
			n, _ := strconv.ParseInt(v, 10, 64)
			m[w] = of(n)
		}
	}
	add(plain, func(v int64) numberWord { return numberWord{value: v} })
	add(scales, func(v int64) numberWord { return numberWord{value: v, scale: true} })
	add(behind, func(v int64) numberWord { return numberWord{value: v, scale: true, behind: true} })
	add(times, func(v int64) numberWord { return numberWord{value: v, times: true} })
	add(plurals, func(v int64) numberWord { return numberWord{value: v, plural: true} })
	for _, c := range strings.Fields(concords) {
		for _, d := range strings.Fields(agreeingDigits) {
			add(c+d, func(v int64) numberWord { return numberWord{value: v} })
		}
	}
	for _, w := range strings.Fields(agreeingOnes) {
		m[w] = numberWord{value: 1}
	}
	return m
}

// sayNumber writes a row of number words as digits: cardinals by their value,
// single digits one after another ("triple two mia tisa" is "222900"). It
// returns how many of the digits were said one by one.
func sayNumber(words []string) (digits string, single int) {
	for i := 0; i < len(words); {
		w := numberWords[words[i]]
		if w.times {
			i++
			if i < len(words) {
				if d := numberWords[words[i]]; !d.scale && !d.times && d.value < 10 {
					digits += strings.Repeat(strconv.FormatInt(d.value, 10), int(w.value))
					single += int(w.value)
					i++
				}
			}
			continue
		}
		if n := repeats(words[i:]); n > 0 {
			digits += strings.Repeat(strconv.FormatInt(numberWords[words[i+1]].value, 10), n)
			single += n
			i += 2
			continue
		}
		v, n := cardinal(words[i:])
		i += n
		switch {
		case n == 1 && w.scale: // a bare "mia" or "thousand" is a manner of speaking
			continue
		case n == 1 && w.value < 10:
			single++
		}
		digits += strconv.FormatInt(v, 10)
	}
	return digits, single
}

// repeats returns how often "three twos" says its digit, or 0.
func repeats(words []string) int {
	if len(words) < 2 || !numberWords[words[1]].plural {
		return 0
	}
	w := numberWords[words[0]]
	if w.scale || w.plural || w.value > 12 {
		return 0
	}
	return int(w.value)
}

// cardinal reads one number from the start of words, English ("two hundred
// twenty") or Swahili ("mia mbili ishirini"), and returns how many words it took.
func cardinal(words []string) (int64, int) {
	if numberWords[words[0]].behind {
		return swahiliCardinal(words)
	}
	var total, part int64
	n, open := 0, true // open: a number below a hundred may follow
	for n < len(words) && total < 1e12 && part < 1e12 {
		w := numberWords[words[n]]
		if w.scale && !w.behind {
			part = max(part, 1) * w.value
			if w.value > 100 {
				total, part = total+part, 0
			}
			n, open = n+1, true
			continue
		}
		v, k := belowHundred(words[n:])
		if k == 0 || !open {
			break
		}
		part, n, open = part+v, n+k, false
	}
	return total + part, max(n, 1)
}

func swahiliCardinal(words []string) (int64, int) {
	total, n, last := int64(0), 0, int64(1<<62)
	for n < len(words) {
		w := numberWords[words[n]]
		if !w.behind || w.value >= last {
			break
		}
		last = w.value
		v, k := belowHundred(words[n+1:])
		if k == 0 {
			v = 1
		}
		total += w.value * v
		n += 1 + k
	}
	if last > 100 || n < len(words) { // the rest below a hundred
		v, k := belowHundred(words[n:])
		total, n = total+v, n+k
	}
	return total, n
}

// belowHundred reads "twenty two", "ishirini mbili", "twelve" or "two".
func belowHundred(words []string) (int64, int) {
	if len(words) == 0 {
		return 0, 0
	}
	first := numberWords[words[0]]
	if first.scale || first.times {
		return 0, 0
	}
	if first.value >= 10 && first.value%10 == 0 && len(words) > 1 {
		if d := numberWords[words[1]]; !d.scale && !d.times && d.value > 0 && d.value < 10 {
			return first.value + d.value, 2
		}
	}
	return first.value, 1
}

// longestNumberWord is the length of "thelathini" and "quadruple", with room.
const longestNumberWord = 12

// splitSpoken cuts a word that is nothing but number words written together
// ("mbilimbili"), or returns nil.
func splitSpoken(w string) []string {
	if _, ok := numberWords[w]; ok {
		return []string{w}
	}
	for i := min(len(w)-2, longestNumberWord); i >= 2; i-- {
		if _, ok := numberWords[w[:i]]; ok {
			if rest := splitSpoken(w[i:]); rest != nil {
				return append([]string{w[:i]}, rest...)
			}
		}
	}
	return nil
}

// readDigits reads a piece of text as one row of digits, words included.
func (s *scan) readDigits(piece string) string {
	f := &scan{folded: fold(piece)}
	digits, words := "", []string{}
	flush := func() {
		d, _ := sayNumber(words)
		digits, words = digits+d, nil
	}
	for _, a := range f.atoms(f.chunks()) {
		if a.kind == said {
			words = append(words, a.word)
			continue
		}
		flush()
		digits += a.digits
	}
	flush()
	return digits
}
