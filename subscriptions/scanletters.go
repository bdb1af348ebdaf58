package subscriptions

import "strings"

// Letters that are read as digits although no digit stands beside them: round
// and straight ones, and Roman numerals.
const (
	digitLooks = "OQDILJZSBG"
	romanLooks = "IVXLCDM"
)

// letterNames are common short forms that happen to be made of such letters.
var letterNames = wordSet(`id ids dl dls dci cid gis iso sos cd cds md mds llc dc`)

// letterNumber reports whether a word, as it stands in the text, is made only of
// letters that look like digits, in a way that no word is written: all capitals,
// or capitals in its middle ("lOOlOO").
func letterNumber(word string) bool {
	if len(word) < 2 || letterNames[strings.ToLower(word)] {
		return false
	}
	upper := strings.ToUpper(word)
	if strings.Trim(word, romanLooks) == "" {
		return true
	}
	return strings.Trim(upper, digitLooks) == "" && word[1:] != strings.ToLower(word[1:])
}

// findLetterNumbers reports "paybill IIOOSS": letters that look like digits where
// a number to use is expected.
func (s *scan) findLetterNumbers() {
	list := s.chunks()
	for i, c := range list {
		word, _, _ := s.piece(c.from, c.to)
		if len(word) < 4 || !letterNumber(word) || numberCall(c.s) {
			continue
		}
		if s.callBefore(list, i, 3) > 0 {
			s.report(c.from, c.to, ScanMoneyNumber, "letters that look like digits behind a word about paying or calling are taken for a number; write words in small letters")
		}
	}
}
