package main_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// room is one row of the import table: which packages of ours, and which modules
// of others, the non-test files of a package may import. The standard library is
// open to all.
type room struct {
	ours   []string // under "arifa/"; a trailing "/..." takes everything below
	others []string // import path or prefix
}

// networkRoom is what every notifiers/<network> may import besides its SDK. A
// sibling network is never in it: that is what keeps one channel's trouble there.
var networkRoom = []string{"notifiers", "notifiers/poster", "bot", "bot/desk", "bot/desk/talk", "bot/web", "subscriptions/wording", "subscriptions"}

const (
	xsync = "golang.org/x/sync"
	xtime = "golang.org/x/time"
)

// house is the import table: "bot thinks, notifiers speak and hear, subscriptions
// remember, cmd introduces them"; arrows point down only. A package without a row
// fails, so that a new one is a decision.
var house = map[string]room{
	"subscriptions":                       {},
	"subscriptions/wording":               {[]string{"subscriptions"}, []string{"github.com/nicksnyder/go-i18n/v2", "golang.org/x/text/language"}}, // go-i18n names languages by x/text's type
	"subscriptions/catalogue":             {[]string{"subscriptions"}, []string{"go.yaml.in/yaml/v3"}},
	"subscriptions/postgres":              {[]string{"subscriptions"}, []string{"github.com/jackc/pgx/v5", "github.com/pressly/goose/v3"}},
	"subscriptions/sqlite/sqlitetest":     {[]string{"subscriptions/sqlite"}, nil},
	"subscriptions/postgres/postgrestest": {nil, []string{"github.com/jackc/pgx/v5"}},
	"subscriptions/sqlite":                {[]string{"subscriptions"}, []string{"modernc.org/sqlite", "github.com/pressly/goose/v3"}},
	"subscriptions/storetest":             {[]string{"subscriptions"}, []string{"pgregory.net/rapid"}},
	"notifiers":                           {[]string{"subscriptions", "subscriptions/wording"}, []string{xsync, xtime}},
	"notifiers/poster":                    {},
	"notifiers/notifiertest":              {[]string{"notifiers", "subscriptions/wording", "subscriptions"}, nil},
	"notifiers/telegram":                  {networkRoom, []string{"github.com/go-telegram/bot"}},
	"notifiers/telegram/telegramtest":     {},
	"notifiers/slack":                     {networkRoom, []string{"github.com/slack-go/slack", "github.com/gorilla/websocket"}},
	"notifiers/slack/slacktest":           {nil, []string{"github.com/gorilla/websocket"}}, // what slack-go's Socket Mode stands on
	"notifiers/webchat":                   {networkRoom, nil},
	"notifiers/webchat/webchattest":       {},
	"notifiers/hooks":                     {[]string{"bot/web", "subscriptions"}, nil}, // hears machines, sends nothing: no network
	"notifiers/probes":                    {[]string{"subscriptions"}, nil},            // asks platforms, for signals
	"notifiers/statuspage":                {[]string{"bot/web", "subscriptions", "subscriptions/wording"}, []string{"rsc.io/qr"}},
	"bot":                                 {[]string{"subscriptions", "subscriptions/wording"}, nil},
	"bot/desk":                            {[]string{"subscriptions", "subscriptions/wording"}, []string{"github.com/pquerna/otp"}},
	"bot/desk/talk":                       {[]string{"bot/desk", "subscriptions", "subscriptions/wording"}, nil}, // the desk as a conversation: what it may, the desk decides
	"bot/web":                             {[]string{"subscriptions", "subscriptions/wording"}, nil},
	"bot/console": {[]string{"bot/desk", "bot/web", "subscriptions", "subscriptions/wording"},
		[]string{"github.com/alexedwards/scs/v2", "github.com/coreos/go-oidc/v3", "golang.org/x/oauth2", "github.com/go-webauthn/webauthn", "rsc.io/qr"}},
	"cmd/arifa":     {[]string{"..."}, cmdModules},
	"cmd/arifa/...": {[]string{"..."}, cmdModules},
}

// cmdModules: the command line, its YAML file and its terminal; time; figures;
// and the group that starts and ends what lives long.
var cmdModules = []string{"github.com/alecthomas/kong", "go.yaml.in/yaml/v3", "golang.org/x/term", "github.com/lmittmann/tint",
	"github.com/schollz/progressbar/v3", "github.com/robfig/cron/v3", "github.com/prometheus/client_golang", xsync}

// topLevel is all that the first look at the project shows, besides dot-entries.
var topLevel = []string{"LICENSE", "README.md", "bot", "cmd", "go.mod", "go.sum", "notifiers", "subscriptions"}

// file is one Go file of the tree, parsed.
type file struct {
	path string // from the module's root, with slashes
	ast  *ast.File
	test bool
}

// root is the module's directory: where go.mod is. The tests read the tree
// themselves: go list would answer them from the test cache.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if filepath.Dir(dir) == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}

// walk calls do for every file of the project, by its path from the root.
func walk(t *testing.T, do func(name string)) {
	t.Helper()
	ignored := ignored(t)
	err := fs.WalkDir(os.DirFS(root(t)), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist): // another test's temporary file
			return nil
		case err != nil:
			return err
		case d.IsDir() && d.Name() == ".git":
			return fs.SkipDir
		case name == ".git": // of a work tree: it names where the repository is
			return nil
		case d.Type().IsRegular() && !ignored(name):
			do(name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// ignored tells what .gitignore leaves out, with the few forms it uses.
func ignored(t *testing.T) func(name string) bool {
	t.Helper()
	var patterns []string
	for line := range strings.Lines(read(t, ".gitignore")) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			patterns = append(patterns, line)
		}
	}
	return func(name string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool {
			subject := path.Base(name)
			if strings.HasPrefix(p, "/") {
				p, subject = p[1:], name
			}
			ok, err := path.Match(p, subject)
			return ok && err == nil
		})
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root(t), filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// goFiles are the Go files of the tree, read once for all tests of the house.
func goFiles(t *testing.T) []file {
	t.Helper()
	tree.Lock()
	defer tree.Unlock()
	if tree.files != nil {
		return tree.files
	}
	var files []file
	fset := token.NewFileSet()
	walk(t, func(name string) {
		if !strings.HasSuffix(name, ".go") || strings.Contains(name, "testdata/") {
			return
		}
		f, err := parser.ParseFile(fset, filepath.Join(root(t), name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file{name, f, strings.HasSuffix(name, "_test.go")})
	})
	if len(files) == 0 {
		t.Fatal("no Go files found")
	}
	tree.files = files
	return files
}

var tree struct {
	sync.Mutex
	files []file
}

// rowOf returns the row of a package: its own, or that of everything below it.
func rowOf(pkg string) (room, bool) {
	if r, ok := house[pkg]; ok {
		return r, true
	}
	for row, r := range house {
		if parent, ok := strings.CutSuffix(row, "..."); ok && strings.HasPrefix(pkg, parent) {
			return r, true
		}
	}
	return room{}, false
}

// allows says why a package with this row may not import imp, or "".
func (r room) allows(imp string) string {
	if own, ok := strings.CutPrefix(imp, "arifa/"); ok {
		for _, o := range r.ours {
			if o == own || o == "..." {
				return ""
			}
		}
		return "arrows point down only; the row has " + strings.Join(r.ours, ", ")
	}
	if first, _, _ := strings.Cut(imp, "/"); !strings.Contains(first, ".") {
		return "" // the standard library
	}
	for _, o := range r.others {
		if imp == o || strings.HasPrefix(imp, o+"/") {
			return ""
		}
	}
	return "a module that the row does not name"
}

func TestHouse_imports_point_down(t *testing.T) {
	t.Parallel()
	missing := map[string]bool{}
	for _, f := range goFiles(t) {
		pkg := path.Dir(f.path)
		row, ok := rowOf(pkg)
		if !ok && !missing[pkg] {
			missing[pkg] = true
			t.Errorf("package %s has no row in the import table", pkg)
		}
		if !ok || f.test {
			continue
		}
		for _, spec := range f.ast.Imports {
			imp, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if why := row.allows(imp); why != "" {
				t.Errorf("%s imports %s: %s", f.path, imp, why)
			}
		}
	}
}

func TestHouse_table_refuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pkg, imp string
		ok       bool
	}{
		{"subscriptions", "time", true},
		{"subscriptions", "arifa/bot", false},
		{"subscriptions", "github.com/jackc/pgx/v5", false},
		{"subscriptions/postgres", "github.com/jackc/pgx/v5/pgxpool", true},
		{"subscriptions/postgres", "github.com/jackc/pgx/v55", false},
		{"notifiers/telegram", "arifa/notifiers/slack", false},
		{"notifiers/telegram", "arifa/bot/console", false},
		{"bot", "arifa/notifiers", false},
		{"cmd/arifa/demo", "arifa/notifiers/telegram/telegramtest", true},
		{"cmd/arifa/demo", "github.com/spf13/cobra", false},
	} {
		row, found := rowOf(c.pkg)
		if got := row.allows(c.imp) == ""; !found || got != c.ok {
			t.Errorf("%s imports %s: allowed %v (row found: %v), want %v", c.pkg, c.imp, got, found, c.ok)
		}
	}
	if _, found := rowOf("bot/util"); found {
		t.Error("an unknown package has a row")
	}
}

func TestHouse_every_package_says_what_it_is(t *testing.T) {
	t.Parallel()
	documented := map[string]bool{}
	for _, f := range goFiles(t) {
		if f.test {
			continue
		}
		pkg := path.Dir(f.path)
		documented[pkg] = documented[pkg] || f.ast.Doc != nil && len(strings.TrimSpace(f.ast.Doc.Text())) > 20
	}
	for pkg, ok := range documented {
		if !ok {
			t.Errorf("package %s has no package comment", pkg)
		}
	}
}

func TestHouse_top_level(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(root(t))
	if err != nil {
		t.Fatal(err)
	}
	ignored := ignored(t)
	var got []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !ignored(e.Name()) {
			got = append(got, e.Name())
		}
	}
	if !slices.Equal(got, topLevel) {
		t.Errorf("the top level holds %q, want %q", got, topLevel)
	}
}

func TestHouse_both_stores_have_the_same_migrations(t *testing.T) {
	t.Parallel()
	names := func(store string) []string {
		files, err := filepath.Glob(filepath.Join(root(t), "subscriptions", store, "migrations", "*.sql"))
		if err != nil {
			t.Fatal(err)
		}
		for i := range files {
			files[i] = filepath.Base(files[i])
		}
		return files
	}
	lite, pg := names("sqlite"), names("postgres")
	if len(lite) == 0 || !slices.Equal(lite, pg) {
		t.Errorf("migrations of sqlite %q and of postgres %q, want the same list", lite, pg)
	}
	for i, name := range lite {
		if n, err := strconv.Atoi(strings.SplitN(name, "_", 2)[0]); err != nil || n != i+1 || len(name) < len("0001_a.sql") {
			t.Errorf("migration %d is called %s, want %04d_name.sql", i+1, name, i+1)
		}
	}
}

// A path of somebody's machine works on that machine only.
func TestHouse_no_machine_paths(t *testing.T) {
	t.Parallel()
	paths := regexp.MustCompile(`(?:^|[^\w.%}-])/(?:wo` + `rk|ro` + `ot)/`)
	for before, want := range map[string]bool{`"/wo` + `rk/x"`: true, " /ro" + "ot/go": true, "https://example.org/wo" + "rk/x": false, "frame" + "/wo" + "rk/": false} {
		if got := paths.MatchString(before); got != want {
			t.Errorf("%q is a machine path: %v, want %v", before, got, want)
		}
	}
	walk(t, func(name string) {
		text := read(t, name)
		if !strings.Contains(text, "/wo"+"rk/") && !strings.Contains(text, "/ro"+"ot/") {
			return
		}
		for i, line := range strings.Split(text, "\n") {
			if at := paths.FindString(line); at != "" {
				t.Errorf("%s:%d names a path of a machine: %q", name, i+1, at)
			}
		}
	})
}

func TestHouse_files_are_short(t *testing.T) {
	t.Parallel()
	const smell, tooLong = 400, 600
	for _, f := range goFiles(t) {
		lines := strings.Count(read(t, f.path), "\n")
		switch {
		case f.test:
		case lines > tooLong:
			t.Errorf("%s has %d lines, at most %d", f.path, lines, tooLong)
		case lines > smell:
			t.Logf("%s has %d lines: more than %d are a smell", f.path, lines, smell)
		}
	}
}

// Every command line of the README names files, commands and flags that exist.
func TestHouse_readme_commands_exist(t *testing.T) {
	t.Parallel()
	commands, flags := commandNames(t)
	if len(commands) == 0 {
		t.Fatal("no commands found in cmd/arifa")
	}
	lines := commandLines(read(t, "README.md"))
	if len(lines) == 0 {
		t.Fatal("the README shows no command")
	}
	for _, line := range lines {
		words := strings.Fields(line)
		for len(words) > 0 && assignment.MatchString(words[0]) {
			words = words[1:]
		}
		if len(words) > 0 && words[0] == ".ci/run" {
			if info, err := os.Stat(filepath.Join(root(t), ".ci", "run")); err != nil || info.Mode()&0o111 == 0 {
				t.Errorf("README: %q: .ci/run cannot be run (%v)", line, err)
			}
		}
		args, ours := arguments(words)
		if !ours {
			continue
		}
		for _, fault := range unknown(args, commands, flags) {
			t.Errorf("README: %q: %s", line, fault)
		}
	}
}

var assignment = regexp.MustCompile(`^[A-Z_]+=`)

// commandLines returns the lines of the README's code blocks that run something,
// without prompt and comment.
func commandLines(readme string) []string {
	var lines []string
	code := false
	for line := range strings.Lines(readme) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "```") {
			code = !code
			continue
		}
		line = strings.TrimPrefix(line, "$ ")
		line, _, _ = strings.Cut(line, " #")
		words := strings.Fields(line)
		for len(words) > 0 && assignment.MatchString(words[0]) {
			words = words[1:]
		}
		if code && len(words) > 0 && slices.Contains([]string{"go", "arifa", "./arifa", ".ci/run"}, words[0]) {
			lines = append(lines, line)
		}
	}
	return lines
}

// arguments returns what follows arifa or go run ./cmd/arifa.
func arguments(words []string) ([]string, bool) {
	for i, w := range words {
		if w == "arifa" || w == "./arifa" || w == "./cmd/arifa" && slices.Contains(words[:i], "run") {
			return words[i+1:], true
		}
	}
	return nil, false
}

// unknown returns what an invocation names that the program does not have. Words
// behind the first flag or file may be values, and are not judged.
func unknown(args []string, commands, flags map[string]bool) []string {
	var faults []string
	for i, a := range args {
		if a == "|" || a == "&&" || a == ">" || a == "&" || a == ";" {
			break
		}
		if name, ok := strings.CutPrefix(a, "--"); ok {
			name, _, _ = strings.Cut(name, "=")
			if name != "" && !flags[name] && !flags[strings.TrimPrefix(name, "no-")] {
				faults = append(faults, "no flag --"+name)
			}
			continue
		}
		for _, word := range strings.Split(a, "|") { // officer add|list
			if i == 0 && word != "" && word[0] != '-' && !commands[word] {
				faults = append(faults, "no command "+word)
			}
		}
	}
	return faults
}

// commandNames reads the commands and flags from the struct tags of cmd/arifa, as
// kong does: a field's name in lower case with hyphens, or its name tag.
func commandNames(t *testing.T) (commands, flags map[string]bool) {
	t.Helper()
	commands, flags = map[string]bool{}, map[string]bool{"help": true}
	for _, f := range goFiles(t) {
		if f.test || !strings.HasPrefix(f.path, "cmd/arifa/") {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			s, ok := n.(*ast.StructType)
			if !ok {
				return true
			}
			for _, field := range s.Fields.List {
				for _, name := range field.Names {
					add(field, name.Name, commands, flags)
				}
			}
			return true
		})
	}
	return commands, flags
}

func add(field *ast.Field, name string, commands, flags map[string]bool) {
	tag := reflect.StructTag("")
	if field.Tag != nil {
		raw, _ := strconv.Unquote(field.Tag.Value)
		tag = reflect.StructTag(raw)
	}
	spelled := hyphens(name)
	if given := tag.Get("name"); given != "" {
		spelled = given
	}
	if _, ok := tag.Lookup("cmd"); ok {
		commands[spelled] = true
		for alias := range strings.SplitSeq(tag.Get("aliases"), ",") {
			commands[alias] = true
		}
		return
	}
	flags[spelled] = true
}

// Each promise of the README's table has tests that carry its number in their name.
func TestHouse_every_promise_has_a_test_by_its_number(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for _, f := range goFiles(t) {
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && f.test && strings.HasPrefix(fn.Name.Name, "TestG") {
				for _, g := range regexp.MustCompile(`G\d+`).FindAllString(fn.Name.Name, -1) {
					found[g] = true
				}
			}
		}
	}
	readme, err := os.ReadFile(filepath.Join(root(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for k := range 15 {
		g := fmt.Sprint("G", k+1)
		if !found[g] {
			t.Errorf("no test has %s in its name", g)
		}
		if !strings.Contains(string(readme), "\n| "+g+" |") {
			t.Errorf("the README's table has no %s", g)
		}
	}
}

// hyphens spells a field's name as a flag: PublicURL is public-url.
func hyphens(name string) string {
	s := regexp.MustCompile(`([a-z0-9])([A-Z])`).ReplaceAllString(name, "$1-$2")
	s = regexp.MustCompile(`([A-Z])([A-Z][a-z])`).ReplaceAllString(s, "$1-$2")
	return strings.ToLower(s)
}
