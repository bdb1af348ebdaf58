package subscriptions

import (
	"strings"
	"unicode"
)

// plainRune returns the plain form of a digit, letter, dash, space or sign of
// any width, style or script: an ASCII digit for every digit, an ASCII letter for
// every styled Latin letter. It returns false for what cannot be seen, such as a
// zero-width joiner, which must not split a number.
func plainRune(r rune) (rune, bool) {
	switch {
	case r == '\n' || r == '\u2028' || r == '\u2029':
		return '\n', true
	case r < 0x20 || r == 0x7f:
		return ' ', true
	case r < 0x7f:
		return r, true
	case invisible(r):
		return 0, false
	}
	if d, ok := digitValue(r); ok {
		return '0' + d, true
	}
	if l, ok := styledLetter(r); ok {
		return l, true
	}
	if p, ok := signs[r]; ok {
		return p, true
	}
	switch {
	case unicode.Is(unicode.Zs, r):
		return ' ', true
	case unicode.Is(unicode.Pd, r):
		return '-', true
	case r > 0xff00 && r < 0xff5f: // full-width forms of ASCII
		return r - 0xfee0, true
	}
	return r, true
}

func invisible(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Mn, unicode.Me, unicode.Variation_Selector) ||
		r == 0x115f || r == 0x1160 || r == 0x3164 || r == 0xffa0 // Hangul fillers
}

// digitRuns are digits outside Unicode's decimal digits: the first rune, how
// many follow each other, and the value of the first.
var digitRuns = []struct {
	from  rune
	n     rune
	value rune
}{
	{0x2070, 1, 0}, {0x00b9, 1, 1}, {0x00b2, 2, 2}, {0x2074, 6, 4}, {0x2080, 10, 0}, // raised and lowered
	{0x24ea, 1, 0}, {0x2460, 9, 1}, {0x2474, 9, 1}, {0x2488, 9, 1}, {0x24f5, 9, 1}, {0x24ff, 1, 0}, // circled, bracketed, dotted
	{0x2776, 9, 1}, {0x2780, 9, 1}, {0x278a, 9, 1}, {0x1f100, 1, 0}, {0x1f101, 10, 0}, {0x1f10b, 1, 0}, {0x1f10c, 1, 0},
	{0x2160, 9, 1}, {0x2170, 9, 1}, {0x3021, 9, 1}, {0x1369, 9, 1}, // Roman, Hangzhou, Ethiopic
	{0x2680, 6, 1}, {0x1f550, 9, 1}, {0x1f0a1, 9, 1}, {0x1f0b1, 9, 1}, {0x1f0c1, 9, 1}, {0x1f0d1, 9, 1}, // dice, clock faces, playing cards
	{0x281a, 1, 0}, {0x2801, 1, 1}, {0x2803, 1, 2}, {0x2809, 1, 3}, {0x2819, 1, 4}, {0x2811, 1, 5}, {0x280b, 1, 6}, {0x281b, 1, 7}, {0x2813, 1, 8}, {0x280a, 1, 9}, // Braille
	{0x1f51f, 1, 0}, {0x1f4af, 1, 0}, // "10" and "100" in one picture
	{0x3007, 1, 0}, {'一', 1, 1}, {'二', 1, 2}, {'三', 1, 3}, {'四', 1, 4}, {'五', 1, 5}, {'六', 1, 6}, {'七', 1, 7}, {'八', 1, 8}, {'九', 1, 9},
}

// digitValue returns the value of a digit of any script. A numeral of a kind
// that is not listed counts as a digit of value 0: better stopped than missed.
func digitValue(r rune) (rune, bool) {
	for _, t := range unicode.Nd.R16 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return (r - rune(t.Lo)) % 10, true // every block of Nd starts at a zero
		}
	}
	for _, t := range unicode.Nd.R32 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return (r - rune(t.Lo)) % 10, true
		}
	}
	for _, d := range digitRuns {
		if d.from <= r && r < d.from+d.n {
			return d.value + r - d.from, true
		}
	}
	return 0, unicode.In(r, unicode.No, unicode.Nl)
}

// styledLetter returns the Latin letter of mathematical, circled and squared
// alphabets, which people use as bold and italics.
func styledLetter(r rune) (rune, bool) {
	for _, b := range []struct{ from, to, size rune }{
		{0x1d400, 0x1d6a3, 52}, // bold, italic, script, Fraktur, double-struck, sans-serif, monospace
		{0x24b6, 0x24e9, 52},   // circled
	} {
		if b.from <= r && r <= b.to {
			if i := (r - b.from) % b.size; i < 26 {
				return 'A' + i, true
			} else {
				return 'a' + i - 26, true
			}
		}
	}
	for _, from := range []rune{0x249c, 0x1f110, 0x1f130, 0x1f150, 0x1f170, 0x1f1e6} {
		if from <= r && r < from+26 {
			return 'a' + r - from, true
		}
	}
	return 0, false
}

// signs are the looks of the few ASCII signs that hold numbers and links together.
var signs = pairs("∙. ⋅. ⸱. ꓸ. ・. ･. ܂. ܁. ᛫. ⸼. ˙. ꞏ. ᐧ. 。. ．. ｡. ․. ‧. ·. •. ۔. ٫. ⸳. 。. ،, ٬, 、, ，, " +
	"−- ⁃- ˗- ー- ⁄/ ∕/ ⧸/ ∶: ꞉: ː: ׃: ﹕: ＠@ ﹫@ ∗* ✱* ⁎* ٭* ✲* ✳* ⋆* ★* ＊* ﹡* ♯# ﹟# ＃# ﹢+ ➕+")

// lookalikes are letters of other scripts, small capitals and accented letters
// with the Latin letter that a reader takes them for.
var lookalikes = pairs("аa вb еe ѕs іi їi јj кk мm нh оo рp сc тt уy хx ѵv ԁd һh ӏl ԛq ԝw ьb гr пn иu ёe йu ѡw ӊh ԍg " +
	"αa βb εe ηn ιi κk νv οo ρp τt υu χx ωw γy ςs σo μu λa ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX " +
	"օo ոn սu հh ցg " +
	"ıi łl øo đd ħh ŧt ɡg ɑa ɩi ɪi ⅼl ℓl ǀl ∣l ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɢg ʜh ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz ℎh ℬb ℰe ℱf ℋh ℐi ℒl ℳm ℛr ℯe ℊg ℴo ℹi ℂc ℍh ℕn ℙp ℚq ℝr ℤz " +
	"З3 з3 Ӡ3 ӡ3 Ҙ3 ҙ3 Ʒ3 ʒ3 Ȝ3 ȝ3 Ɛ3 ɛ3 Յ3 Ч4 ч4 Ꮞ4 Ƽ5 ƽ5 б6 Ƨ2 ƨ2 ᄅ2 Ȣ8 ȣ8 " + // letters that look like digits
	"àa áa âa ãa äa åa āa ăa ąa ạa ảa ấa ầa çc ćc čc ċc ďd ḍd èe ée êe ëe ēe ęe ěe ėe ẹe ẻe ĝg ğg ġg ĥh ḥh ìi íi îi ïi īi įi ịi ĩi ĵj ķk ḳk ĺl ļl ľl ŀl ḷl ṃm ñn ńn ņn ňn ṇn " +
	"òo óo ôo õo öo ōo őo ọo ỏo ơo ŕr ŗr řr ṛr śs ŝs şs šs ṣs ßs ţt ťt ṭt ùu úu ûu üu ũu ūu ŭu ůu űu ųu ụu ưu ŵw ýy ÿy ŷy ỳy źz żz žz ẓz æa œo")

// pairs reads a table of two runes an entry: what is seen, and what it means.
func pairs(table string) map[rune]rune {
	m := map[rune]rune{}
	for _, field := range strings.Fields(table) {
		p := []rune(field)
		m[p[0]] = p[1]
	}
	return m
}

// Bytes of a folded text that stand for what ASCII does not have.
const (
	otherLetter = 0x7f
	otherSign   = 0x01
	otherDots   = 0x02 // two or three dots in one
)

// folded is a text as a reader takes it: one byte for each visible character,
// lower case, with look-alikes resolved, and where each stood in the input.
type folded struct {
	text  string // the input
	s     string // one byte a character
	start []int  // byte offset in text of the character's first byte
	end   []int  // and behind its last
}

func fold(text string) folded {
	f := folded{text: text}
	b := make([]byte, 0, len(text))
	for i, r := range text {
		p, ok := plainRune(r)
		if !ok {
			if n := len(f.end); n > 0 && unicode.In(r, unicode.Mn, unicode.Me) {
				f.end[n-1] = i + runeBytes(text[i:], r) // an accent or key cap belongs to its letter
			}
			continue
		}
		if l, ok := lookalikes[p]; ok {
			p = l
		}
		p = unicode.ToLower(p)
		if l, ok := lookalikes[p]; ok {
			p = l
		}
		switch {
		case p == '…' || p == '‥':
			b = append(b, otherDots)
		case p < 0x7f:
			b = append(b, byte(p))
		case unicode.IsLetter(p):
			b = append(b, otherLetter)
		default:
			b = append(b, otherSign)
		}
		f.start = append(f.start, i)
		f.end = append(f.end, i+runeBytes(text[i:], r))
	}
	f.s = string(b)
	return f
}

// runeBytes returns how many bytes r takes at the start of s; a broken byte is
// one byte long although the rune that stands for it is three.
func runeBytes(s string, r rune) int {
	if r == unicode.ReplacementChar && !strings.HasPrefix(s, "\uFFFD") {
		return 1
	}
	return len(string(r))
}

// piece returns the input behind the characters from a up to b, and where it stands.
func (f folded) piece(a, b int) (string, int, int) {
	start, end := f.start[a], f.end[b-1]
	return f.text[start:end], start, end
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || c == otherLetter }
func isWordy(c byte) bool  { return isDigit(c) || isLetter(c) }
