package subscriptions

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// ErrRefused is wrapped by ResolveText when a text names an entry of the registry
// that no citizen may see.
var ErrRefused = errors.New("must not reach a citizen")

// ErrReference is wrapped by ResolveText when a text holds a brace that is no reference.
var ErrReference = errors.New("not a reference such as {dest:ID} or {contact:ID}")

var (
	referencePattern = regexp.MustCompile(`\{(dest|contact):([^{}]*)\}`)
	bracePattern     = regexp.MustCompile(`\{[^{}]*\}?|\}`)
)

// ResolveText puts the registry's values in the place of {dest:ID} and
// {contact:ID}, and returns the entries that it used, each once, in the order of
// the text. It wraps ErrNotFound for an unknown entry or one of the other list,
// ErrRefused for one that is retired or not publishable, and ErrReference for any
// other brace: a mistyped reference must not be read by a citizen. All faults are
// joined. Whether two officers have confirmed a destination (Entry.Verify) is for
// the caller to judge by the entries returned.
func ResolveText(text string, n *Nation) (string, []EntryID, error) {
	var used []EntryID
	var faults []error
	resolved := bracePattern.ReplaceAllStringFunc(text, func(ref string) string {
		e, err := n.refer(ref)
		if err != nil {
			faults = append(faults, err)
			return ref
		}
		if !slices.Contains(used, e.ID) {
			used = append(used, e.ID)
		}
		return e.Value
	})
	if len(faults) > 0 {
		return "", nil, errors.Join(faults...)
	}
	return resolved, used, nil
}

// refer returns the entry that one reference in braces names.
func (n *Nation) refer(ref string) (Entry, error) {
	m := referencePattern.FindStringSubmatch(ref)
	if m == nil || m[0] != ref {
		return Entry{}, fmt.Errorf("%q: %w", ref, ErrReference)
	}
	if n == nil {
		return Entry{}, fmt.Errorf("%s: %w", ref, ErrNotFound)
	}
	e, ok := n.Entry(EntryID(m[2]))
	switch {
	case !ok:
		return Entry{}, fmt.Errorf("%s: %w", ref, ErrNotFound)
	case e.Destination != (m[1] == "dest"):
		return Entry{}, fmt.Errorf("%s: a %s by this name: %w", ref, m[1], ErrNotFound)
	case e.Retired:
		return Entry{}, fmt.Errorf("%s: %q is retired: %w", ref, e.Value, ErrRefused)
	case !e.Publishable:
		return Entry{}, fmt.Errorf("%s: %q is not confirmed for citizens: %w", ref, e.Value, ErrRefused)
	case strings.TrimSpace(e.Value) == "":
		return Entry{}, fmt.Errorf("%s has no value: %w", ref, ErrRefused)
	}
	return e, nil
}

// passReferences answers for the references of the text: one to a publishable
// entry is passed over, one to a refused entry is a finding. What remains is
// scanned like any other text.
func (s *scan) passReferences(n *Nation) {
	b := []byte(s.s)
	for _, at := range referencePattern.FindAllStringIndex(s.text, -1) {
		from, to := s.characters(at[0], at[1])
		ref := s.text[at[0]:at[1]]
		_, err := n.refer(ref)
		switch {
		case errors.Is(err, ErrRefused):
			s.report(from, to, ScanRetired, "this entry of the registry may not reach a citizen; publish without this line")
			s.found[len(s.found)-1].Entry = EntryID(referencePattern.FindStringSubmatch(ref)[2])
		case err != nil:
			continue
		default:
			s.take(from, to)
		}
		for i := from; i < to; i++ {
			b[i] = otherLetter // a word of no known language: numbers beside it stay apart
		}
	}
	s.s = string(b)
}

// characters returns the characters that the bytes from start up to end of the
// input became.
func (s *scan) characters(start, end int) (from, to int) {
	from, _ = slices.BinarySearch(s.start, start)
	to, _ = slices.BinarySearch(s.start, end)
	return from, to
}
