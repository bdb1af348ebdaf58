package subscriptions

import "strings"

// findNumbers reports the rows of numbers that are no time, date, count or amount.
func (s *scan) findNumbers() {
	list := s.chunks()
	atoms := s.atoms(list)
	for i := 0; i < len(atoms); {
		j := i + 1
		for j < len(atoms) && s.joined(list, atoms[j-1], atoms[j]) {
			j++
		}
		s.judgeRun(list, atoms[i:j])
		i = j
	}
	s.findMixedTokens()
}

// joined reports whether b goes on where a ends: only signs and spaces between
// them, or words that read numbers out ("ishirini na mbili", "two, then again
// two") unless both are numbers of two digits, as in "10 and 15".
func (s *scan) joined(list []chunk, a, b atom) bool {
	if a.first == b.first {
		return true
	}
	const far, fillers = 12, 4
	words, length := 0, 0
	for k := a.first + 1; k < b.first; k++ {
		if list[k].from < a.to {
			continue
		}
		if words == fillers || list[k].digits || !joinerWords[list[k].s] {
			return false
		}
		words, length = words+1, length+len(list[k].s)
	}
	if b.from-a.to > far+8*min(words, 1)+length {
		return false
	}
	return words > 0 && short(a) && short(b) || words == 0 && !s.overlaps(a.to, b.from)
}

func short(a atom) bool { return a.kind == said || a.kind == bare && len(a.digits) == 1 }

// run is a row of numbers that stand together.
type run struct {
	free      []atom // without a meaning of their own
	pass      []atom
	digits    string // of free
	single    int    // digits said one by one
	saidWords int
	clocks    int
	from, to  int // of free, or of everything when all pass
	unit      bool
}

func (s *scan) judgeRun(list []chunk, atoms []atom) {
	r := s.describe(list, atoms)
	near := s.callBefore(list, atoms[0].first, 8)
	if len(r.pass) > 0 && len(r.free) > 0 && len(r.digits) < 4 {
		r.from, r.to = atoms[0].from, atoms[len(atoms)-1].to // only the whole row is a number
	}
	switch {
	case len(r.free) == 0:
		s.judgePassing(list, atoms, r)
	case r.unit:
		return
	case near > 0 && (len(r.digits) >= 4 || near <= 3 && len(r.digits) == 3 || r.clocks >= 2 && len(r.digits) == 2):
		s.report(r.from, r.to, ScanMoneyNumber, "a number behind a word about paying or calling comes from the registry only: use {dest:…} or {contact:…}")
	case r.saidWords > 0 && (r.single >= 3 || len(r.digits) >= 4 || len(r.digits) == 3 && r.saidWords >= 2):
		s.report(r.from, r.to, ScanSpoken, "a number in words is judged like one in digits; for a count put its unit beside it")
	case len(r.digits) >= 4, len(r.pass) > 0 && len(r.digits) >= 3, r.clocks >= 2 && len(r.digits) >= 2:
		s.report(r.from, r.to, ScanNumber, "write a time as 11:00, a date as 3 January, a count with its unit; numbers to pay or call come from the registry")
	case len(r.digits) == 3 && s.isKnown(r.digits):
		s.report(r.from, r.to, ScanNumber, "this is a number of the registry")
	}
}

// describe sums up a run. A time in Swahili words ("saa tano") has a meaning too.
func (s *scan) describe(list []chunk, atoms []atom) run {
	r := run{from: atoms[0].from, to: atoms[len(atoms)-1].to}
	before := s.wordBefore(list, atoms[0].first)
	if before == "saa" || before == "tarehe" || before == "o'clock" {
		atoms = afterSpokenTime(atoms)
	}
	var words []string
	flush := func() {
		d, single := sayNumber(words)
		r.digits, r.single, words = r.digits+d, r.single+single, nil
	}
	for _, a := range atoms {
		switch {
		case a.passes():
			r.pass = append(r.pass, a)
			if a.kind == clock {
				r.clocks++
			}
			continue
		case a.kind == said:
			words = append(words, a.word)
			r.saidWords++
		default:
			flush()
			r.digits += a.digits
		}
		r.free = append(r.free, a)
	}
	flush()
	if len(r.free) > 0 {
		r.from, r.to = r.free[0].from, r.free[len(r.free)-1].to
		r.unit = s.unitBeside(list, r, before)
	}
	return r
}

// afterSpokenTime drops the words of a time or day: at most "kumi na mbili".
func afterSpokenTime(atoms []atom) []atom {
	n := 0
	for n < len(atoms) && n < 2 && atoms[n].kind == said {
		n++
	}
	if n == 2 && numberWords[atoms[0].word].value < 10 {
		n = 1 // "saa tano" and something else
	}
	if n < len(atoms) && atoms[n].kind == said {
		return atoms // "saa mbili mbili mbili" is no time
	}
	return atoms[n:]
}

// unitBeside reports whether a number in words, or one of at most three digits
// and a scale ("2 million people"), has its unit or currency beside it and so is a count.
// A row of single digits never is.
func (s *scan) unitBeside(list []chunk, r run, before string) bool {
	if r.single >= 3 || r.saidWords == 0 && len(r.digits) > 3 {
		return false
	}
	if y := r.digits; r.saidWords > 0 && len(y) == 4 && strings.HasPrefix(y, "20") && (yearWords[before] || monthWords[before]) {
		return true
	}
	for _, a := range r.free {
		if a.kind == bare && len(a.digits) > 3 {
			return false
		}
	}
	if s.callBefore(list, r.free[0].first, 4) > 0 && (len(r.digits) > 3 || !currencyWords[before]) {
		return false
	}
	behind := wordBehind(s.s[r.to:min(len(s.s), r.to+40)])
	return unitWords[before] || currencyWords[before] || unitWords[behind] || currencyWords[behind]
}

// judgePassing stops numbers that have a meaning where they stand right behind
// a money word ("till 11:00"), are too many, or are a value of the registry.
func (s *scan) judgePassing(list []chunk, atoms []atom, r run) {
	all := ""
	for _, a := range r.pass {
		all += a.digits
	}
	for _, a := range r.pass {
		window := 2
		if a.kind == amount || a.kind == count {
			window = 4
		}
		near := s.callBefore(list, a.first, window) > 0 && !timeWords[s.wordBefore(list, a.first)]
		switch {
		case s.message && a.kind == notice:
			s.report(a.from, a.to, ScanNotice, "a notice's number")
		case near && len(a.digits) >= 4 && a.kind != notice:
			s.report(a.from, a.to, ScanMoneyNumber, "a number right behind a word about paying or calling is taken for one to use; write before or by in front of a time, and amounts in another sentence")
		case len(a.digits) >= 5 && a.kind != date && s.isKnown(a.digits):
			s.report(a.from, a.to, ScanNumber, "this is a number of the registry")
		}
	}
	if r.clocks > 2 || len(r.pass) > 4 || len(r.pass) > 1 && s.isKnown(all) {
		s.report(r.from, r.to, ScanNumber, "so many times or dates in a row are taken for one number; put words between them")
	}
}

// isKnown reports whether digits are a value of the registry or a broken identifier.
func (s *scan) isKnown(digits string) bool {
	for _, k := range s.known {
		if k.digits != "" && sameNumber(k.digits, digits) {
			return true
		}
	}
	return false
}

// callBefore looks back from chunk i, over at most window words of the same
// sentence, for a word that a number to use follows. It returns how far away the
// word is, from 1, or 0.
func (s *scan) callBefore(list []chunk, i, window int) int {
	for d := 1; d <= window && i-d >= 0; d++ {
		gap := s.s[list[i-d].to:list[i-d+1].from]
		if sentenceEnd(gap) && !shortForms[list[i-d].s] {
			return 0
		}
		if c := list[i-d]; !c.digits && numberCall(c.s) {
			return d
		}
	}
	return 0
}

// sentenceEnd reports whether a gap between words ends a sentence. A full stop
// without a space, as in "till.222", does not, and neither does a line break or
// a colon: the number often stands on the next line.
func sentenceEnd(gap string) bool {
	return strings.Contains(gap, ". ") || strings.ContainsAny(gap, "!?;")
}

// findMixedTokens reports codes such as A1B2C3D4, whose digits no run holds together.
func (s *scan) findMixedTokens() {
	for i := 0; i < len(s.s); {
		j := i
		for j < len(s.s) && isWordy(s.s[j]) {
			j++
		}
		if t := s.s[i:j]; j > i && len(onlyDigits(t)) >= 4 && len(onlyDigits(t)) < len(t) && !plainUnits.MatchString(t) {
			s.report(i, j, ScanNumber, "a code of letters and digits is taken for an account")
		}
		i = max(j, i+1)
	}
}
