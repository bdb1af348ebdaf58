package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// misspelt refuses an ARIFA_ variable that no setting reads, and warns of one that is
// nearly a setting's: either would be silently without effect. ARIFA_TEST_ and
// ARIFA_REQUIRE_ are the tests' own.
func misspelt(model *kong.Application, w io.Writer) error {
	known := variables(model)
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if slices.Contains(known, name) || strings.HasPrefix(name, "ARIFA_TEST_") || strings.HasPrefix(name, "ARIFA_REQUIRE_") {
			continue
		}
		near := nearest(name, known)
		switch {
		case strings.HasPrefix(name, "ARIFA_") && near != "":
			return fmt.Errorf("%s is set, but is no setting; did you mean %s?", name, near)
		case strings.HasPrefix(name, "ARIFA_"):
			return fmt.Errorf("%s is set, but is no setting", name)
		case near != "":
			fmt.Fprintf(w, "arifa: warning: %s is set, but is no setting; did you mean %s?\n", name, near)
		}
	}
	return nil
}

// swallowed refuses a flag that was given no value: the next flag would be taken for
// it, for a value may begin with a hyphen (--since -30m), and "--hash --code 123456"
// would complain of the digits.
func swallowed(model *kong.Application, args []string) error {
	takes := map[string]bool{} // by name, whether each flag of that name takes a value
	_ = kong.Visit(model, func(node kong.Visitable, next kong.Next) error {
		if f, ok := node.(*kong.Flag); ok {
			value := !f.IsBool() && !f.IsCounter()
			if before, seen := takes[f.Name]; seen {
				value = value && before
			}
			takes[f.Name] = value
		}
		return next(nil)
	})
	for k, arg := range args {
		if arg == "--" {
			return nil
		}
		name, ok := strings.CutPrefix(arg, "--")
		if !ok || !takes[name] {
			continue
		}
		if k+1 == len(args) {
			return fmt.Errorf("%s needs a value behind it", arg)
		}
		after, ok := strings.CutPrefix(args[k+1], "--")
		after, _, _ = strings.Cut(after, "=")
		if _, flag := takes[after]; ok && flag {
			return fmt.Errorf("%s needs a value, and %s is none", arg, args[k+1])
		}
	}
	return nil
}

// variables are the names of all settings in the environment.
func variables(model *kong.Application) (names []string) {
	for _, group := range model.AllFlags(false) {
		for _, f := range group {
			names = append(names, f.Envs...)
		}
	}
	return names
}

// nearest is the known name that differs by a slip of the finger or two; empty = none.
func nearest(name string, known []string) string {
	best, least := "", 3
	for _, k := range known {
		if len(k) < 8 { // of short names too much else is near
			continue
		}
		if d := slips(name, k, least); d < least {
			best, least = k, d
		}
	}
	return best
}

// slips counts the letters that are to be changed, added or taken away to make b of
// a; most or more are counted as most.
func slips(a, b string, most int) int {
	if d := len(a) - len(b); d >= most || -d >= most {
		return most
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := before
			if a[i] != b[j] {
				change++
			}
			before = row[j+1]
			row[j+1] = min(change, row[j+1]+1, row[j]+1)
		}
	}
	return min(row[len(b)], most)
}
