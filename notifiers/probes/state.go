package probes

// state is what several answers in a row amount to.
type state struct {
	fails, oks int
	firing     bool
}

// says is what is told after an answer.
type says int

const (
	nothing says = iota
	fire         // it fails, or still does
	end          // it works again
)

// after counts one answer.
func (s state) after(ok bool) (state, says) {
	if ok {
		s.fails, s.oks = 0, s.oks+1
		if s.firing && s.oks >= answers {
			s.firing = false
			return s, end
		}
		return s, nothing
	}
	s.fails, s.oks = s.fails+1, 0
	if s.firing || s.fails >= failures {
		s.firing = true
		return s, fire
	}
	return s, nothing
}

// open reports whether the next answers may change what is said.
func (s state) open() bool {
	return !s.firing && s.fails > 0 || s.firing && s.oks > 0
}

// short keeps the first 200 letters.
func short(s string) string {
	r := []rune(s)
	return string(r[:min(len(r), 200)])
}
