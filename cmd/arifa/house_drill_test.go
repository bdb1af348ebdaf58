package main_test

import (
	"path"
	"strings"
	"testing"
)

// A drill cannot reach anybody by what it is made of: nothing that it imports, near
// or far, speaks to a network or holds a credential.
func TestDrillImportsNoNetwork(t *testing.T) {
	t.Parallel()
	imports := map[string][]string{}
	for _, f := range goFiles(t) {
		if f.test {
			continue
		}
		pkg := "arifa/" + path.Dir(f.path)
		for _, i := range f.ast.Imports {
			imports[pkg] = append(imports[pkg], strings.Trim(i.Path.Value, `"`))
		}
	}
	seen := map[string]bool{}
	var walk func(string)
	walk = func(pkg string) {
		if seen[pkg] {
			return
		}
		seen[pkg] = true
		for _, i := range imports[pkg] {
			walk(i)
		}
	}
	walk("arifa/cmd/arifa/drill")
	if len(seen) < 30 || !seen["arifa/bot/desk"] {
		t.Fatalf("the walk saw %d packages", len(seen))
	}
	for pkg := range seen {
		if strings.HasPrefix(pkg, "arifa/notifiers/") || strings.HasPrefix(pkg, "github.com/go-telegram/") || strings.HasPrefix(pkg, "github.com/slack-go/") || pkg == "net/smtp" || strings.HasPrefix(pkg, "arifa/subscriptions/postgres") {
			t.Errorf("a drill imports %s", pkg)
		}
	}
}
