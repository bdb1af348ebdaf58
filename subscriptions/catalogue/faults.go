package catalogue

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing that is wrong with a catalogue file.
type Fault struct {
	Line int `json:"line"` // from 1
	// Path leads to the place: "services.kra-pay-tax.depends_on[1]"; "" is the
	// whole file. An entry without a usable id is named by its position from 0.
	Path string `json:"path"`
	// Problem says what is wrong and what to do about it.
	Problem string `json:"problem"`
}

func (f Fault) String() string {
	if f.Path == "" {
		return fmt.Sprintf("line %d: %s", f.Line, f.Problem)
	}
	return fmt.Sprintf("line %d: %s: %s", f.Line, f.Path, f.Problem)
}

// Faults are all faults of one file, sorted by line. It is the error of Parse.
type Faults []Fault

// Error lists every fault on a line of its own.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}

// sorted orders by line and drops repetitions: two rules may find one fault.
func (f Faults) sorted() Faults {
	slices.SortStableFunc(f, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), strings.Compare(a.Path, b.Path), strings.Compare(a.Problem, b.Problem))
	})
	return slices.Compact(f)
}
