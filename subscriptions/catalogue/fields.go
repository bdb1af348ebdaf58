package catalogue

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"arifa/subscriptions"
)

// reader collects faults and remembers on which line each path stands.
type reader struct {
	faults    Faults
	lines     map[string]int
	languages []subscriptions.Language
}

func (r *reader) fault(line int, path, problem string, args ...any) {
	r.faults = append(r.faults, Fault{max(line, 1), path, fmt.Sprintf(problem, args...)})
}

// at faults the place of path, or the nearest thing around it that has a line.
func (r *reader) at(path, problem string, args ...any) {
	for p := path; p != ""; p = p[:max(strings.LastIndexAny(p, ".["), 0)] {
		if line, ok := r.lines[p]; ok {
			r.fault(line, path, problem, args...)
			return
		}
	}
	r.fault(1, path, problem, args...)
}

// plain faults what lets a small file stand for a large one or for another: a
// reader of the file must see all of it where it stands.
func (r *reader) plain(n *yaml.Node) {
	if n.Anchor != "" {
		r.fault(n.Line, "", "an anchor (&%s): write the value out at each place", n.Anchor)
	}
	if n.Kind == yaml.AliasNode {
		r.fault(n.Line, "", "an alias (*%s): write the value out", n.Value)
		return // never followed: an alias may lead back to its own parent
	}
	if n.Style&yaml.TaggedStyle != 0 {
		r.fault(n.Line, "", "a tag (%s): take it away and use quotes for text", n.Tag)
	}
	for _, child := range n.Content {
		r.plain(child)
	}
}

// fields is one mapping of the file while it is read. Each reading method takes
// one key; end faults the keys that nothing asked for.
type fields struct {
	r      *reader
	path   string
	node   *yaml.Node
	values map[string]*yaml.Node
	keys   map[string]int // key → line
	asked  []string
}

func (r *reader) object(path string, n *yaml.Node) (*fields, bool) {
	r.lines[path] = n.Line
	if n.Kind == yaml.AliasNode {
		return nil, false
	}
	if n.Kind != yaml.MappingNode {
		r.fault(n.Line, path, "must be keys with values, not %s", kindOf(n))
		return nil, false
	}
	f := &fields{r: r, path: path, node: n, values: map[string]*yaml.Node{}, keys: map[string]int{}}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			r.fault(key.Line, path, "a key must be one word, not %s", kindOf(key))
			continue
		}
		if first, again := f.keys[key.Value]; again {
			r.fault(key.Line, f.child(key.Value), "the key stands already on line %d: keep one of them", first)
			continue
		}
		f.keys[key.Value], f.values[key.Value] = key.Line, value
		r.lines[f.child(key.Value)] = key.Line
	}
	return f, true
}

func (f *fields) child(key string) string { return strings.TrimPrefix(f.path+"."+key, ".") }

// take returns the value of key, nil where it is absent or already faulted.
func (f *fields) take(key string, required bool) *yaml.Node {
	f.asked = append(f.asked, key)
	n, ok := f.values[key]
	if !ok && required {
		f.r.fault(f.node.Line, f.path, "the key %s is missing: add it", key)
	}
	if !ok || n.Kind == yaml.AliasNode {
		return nil
	}
	return n
}

// end faults every key that was not asked for, with the nearest known one.
func (f *fields) end() {
	for key, line := range f.keys {
		if slices.Contains(f.asked, key) {
			continue
		}
		if near := nearest(key, f.asked); near != "" {
			f.r.fault(line, f.child(key), "unknown key: did you mean %s?", near)
			continue
		}
		f.r.fault(line, f.child(key), "unknown key: take it away or use one of %s", strings.Join(f.asked, ", "))
	}
}

// pass lets keys with this ending through unread.
func (f *fields) pass(ending string) {
	for key := range f.keys {
		if strings.HasSuffix(key, ending) {
			f.asked = append(f.asked, key)
		}
	}
}

func (f *fields) str(key string, required bool) string {
	n := f.take(key, required)
	if n == nil {
		return ""
	}
	return f.r.word(f.child(key), n)
}

// word reads one text of one line.
func (r *reader) word(path string, n *yaml.Node) string {
	r.lines[path] = n.Line
	switch {
	case n.Kind == yaml.AliasNode:
		return ""
	case n.Kind != yaml.ScalarNode:
		r.fault(n.Line, path, "must be a text, not %s", kindOf(n))
	case n.Tag != "!!str":
		r.fault(n.Line, path, "must be a text, not %s: write it in quotes", kindOf(n))
	case strings.TrimSpace(n.Value) == "":
		r.fault(n.Line, path, "is empty: write the text or take the key away")
	case len(n.Value) > 2000:
		r.fault(n.Line, path, "has %d bytes: shorten it to 2000", len(n.Value))
	case hidden(n.Value) >= 0:
		r.fault(n.Line, path, "holds the invisible character U+%04X: type the text again without it", hidden(n.Value))
	default:
		return n.Value
	}
	return ""
}

// hidden returns the first character that a person reading the text would not
// see, or -1: it could make one number look like another.
func hidden(s string) rune {
	for _, r := range s {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
			return r
		}
	}
	return -1
}

func (f *fields) oneOf(key string, required bool, allowed ...string) string {
	s := f.str(key, required)
	if s != "" && !slices.Contains(allowed, s) {
		f.r.at(f.child(key), "%q is not known: use %s", s, strings.Join(allowed, ", "))
		return ""
	}
	return s
}

func (f *fields) flag(key string, required bool) bool {
	n := f.take(key, required)
	if n == nil {
		return false
	}
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" || n.Value != "true" && n.Value != "false" {
		f.r.fault(n.Line, f.child(key), "must be true or false, not %s", kindOf(n))
		return false
	}
	return n.Value == "true"
}

// list reads a list of texts, none twice.
func (f *fields) list(key string, required bool) []string {
	n := f.take(key, required)
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		f.r.fault(n.Line, f.child(key), "must be a list [a, b], not %s", kindOf(n))
		return nil
	}
	if len(n.Content) > mostListed {
		f.r.fault(n.Line, f.child(key), "has %d items: a list has at most %d", len(n.Content), mostListed)
		return nil
	}
	var words []string
	for i, item := range n.Content {
		path := fmt.Sprintf("%s[%d]", f.child(key), i)
		word := f.r.word(path, item)
		if word != "" && slices.Contains(words, word) {
			f.r.fault(item.Line, path, "%q stands in this list already: keep it once", word)
		}
		words = append(words, word) // faulty ones too: positions stay those of the file
	}
	return words
}

// text reads a sentence or name in every language of the catalogue.
func (f *fields) text(key string) subscriptions.Text {
	n := f.take(key, true)
	if n == nil {
		return nil
	}
	in, ok := f.r.object(f.child(key), n)
	if !ok || len(f.r.languages) == 0 { // without languages that is the one fault to mend first
		return nil
	}
	text := subscriptions.Text{}
	for _, l := range f.r.languages {
		in.asked = append(in.asked, string(l))
		if v, ok := in.values[string(l)]; !ok {
			f.r.fault(n.Line, in.child(string(l)), "the text in this language is missing: write it")
		} else if s := f.r.word(in.child(string(l)), v); s != "" {
			text[l] = s
		}
	}
	in.end()
	return text
}

var idForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func validID(s string) bool { return len(s) <= 40 && idForm.MatchString(s) }

func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "keys with values"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	switch n.Tag {
	case "!!null":
		return "nothing"
	case "!!bool":
		return "true or false"
	case "!!int", "!!float":
		return "a number"
	case "!!timestamp":
		return "a date"
	case "!!str":
		return fmt.Sprintf("the text %.40q", n.Value)
	}
	return "a value of another type"
}
