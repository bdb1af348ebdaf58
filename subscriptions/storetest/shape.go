package storetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// Shape is what the SQL of a release relies on in a database: the columns of its tables,
// and the rules that rows must keep, such as unique keys and checks.
type Shape struct {
	Columns map[string]Column   // by "table.column"
	Rules   map[string][]string // by table
}

// Column is one column.
type Column struct {
	Type string
	// Free: a row may be written that does not name it.
	Free bool
	// Null: it may be written as NULL.
	Null bool
}

// Narrowed lists what was possible before a migration and is not after it: each would
// break the release before, which goes on while the new one is rolled out. A migration
// adds tables, columns that need not be named, indexes; what must go goes a release
// after the last one that used it.
func Narrowed(before, after Shape) (out []string) {
	tables := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(before.Columns)) {
		was := before.Columns[name]
		table, _, _ := strings.Cut(name, ".")
		tables[table] = true
		is, there := after.Columns[name]
		switch {
		case !there:
			out = append(out, name+" is gone")
		case is.Type != was.Type:
			out = append(out, fmt.Sprintf("%s was %s and is %s", name, was.Type, is.Type))
		case was.Null && !is.Null:
			out = append(out, name+" may not be NULL any more")
		case was.Free && !is.Free:
			out = append(out, name+" must be named now")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(after.Columns)) {
		table, _, _ := strings.Cut(name, ".")
		if _, known := before.Columns[name]; !known && tables[table] && !after.Columns[name].Free {
			out = append(out, name+" is new and must be named")
		}
	}
	for _, table := range slices.Sorted(maps.Keys(after.Rules)) {
		for _, rule := range after.Rules[table] {
			if tables[table] && !slices.Contains(before.Rules[table], rule) {
				out = append(out, table+" has a new rule: "+rule)
			}
		}
	}
	return out
}

// KeepsWhatIsUsed runs a store's migrations one after the other and holds each to what
// the release before it reads and writes. It returns the last shape.
func KeepsWhatIsUsed(t *testing.T, versions []int64, up func(version int64) error, shape func() Shape) (last Shape) {
	t.Helper()
	for _, v := range versions {
		if err := up(v); err != nil {
			t.Fatal(err)
		}
		after := shape()
		for _, lost := range Narrowed(last, after) {
			t.Errorf("migration %04d: %s", v, lost)
		}
		last = after
	}
	return last
}
