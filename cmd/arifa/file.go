package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// lists are the keys of the file that no flag and no variable can hold: each reads
// its entries strictly into the settings.
func (s *settings) lists() map[string]func(n *yaml.Node) []error {
	return map[string]func(*yaml.Node) []error{
		"hooks": listInto("hooks", &s.hooks),
		"lanes": listInto("lanes", &s.entries),
	}
}

// readFile makes a resolver of a file whose keys are the flags' names and lists.
func (s *settings) readFile(r io.Reader) (kong.Resolver, error) {
	var doc yaml.Node
	switch err := yaml.NewDecoder(io.LimitReader(r, 1<<20)).Decode(&doc); {
	case errors.Is(err, io.EOF):
		return fileResolver{}, nil
	case err != nil:
		return nil, fmt.Errorf("config: %w", err)
	}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return fileResolver{}, nil
	}
	if root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("config: line %d: write the names of settings with their values, as in listen: 127.0.0.1:8080", root.Line)
	}
	f, faults, lists := fileResolver{values: map[string]string{}}, []error(nil), s.lists()
	seen := map[string]int{}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		if first, again := seen[key.Value]; again {
			faults = append(faults, fmt.Errorf("line %d: %s stands already on line %d: keep one of them", key.Line, key.Value, first))
			continue
		}
		seen[key.Value] = key.Line
		if read, ok := lists[key.Value]; ok {
			faults = append(faults, read(value)...)
			continue
		}
		text, err := flat(key.Value, value)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		f.values[key.Value], f.keys = text, append(f.keys, key.Value)
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("config:\n%w", errors.Join(faults...))
	}
	return f, nil
}

// flat is the value of a setting that a flag has too; several values of one are
// joined as on the command line.
func flat(key string, n *yaml.Node) (string, error) {
	switch n = follow(n); {
	case n.Kind == yaml.ScalarNode && n.Tag == "!!null":
		return "", fmt.Errorf("line %d: %s has no value: write one or take the line away", n.Line, key)
	case n.Kind == yaml.ScalarNode:
		return n.Value, nil
	case n.Kind == yaml.SequenceNode:
		var words []string
		for _, item := range n.Content {
			if item = follow(item); item.Kind != yaml.ScalarNode {
				return "", fmt.Errorf("line %d: %s holds more than words", item.Line, key)
			}
			words = append(words, item.Value)
		}
		return strings.Join(words, ","), nil
	}
	return "", fmt.Errorf("line %d: %s takes one value, not keys with values", n.Line, key)
}

func follow(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// listInto reads entries of one form; every key that the form does not have is
// named, with its line.
func listInto[T any](key string, into *[]T) func(n *yaml.Node) []error {
	return func(n *yaml.Node) []error {
		if faults := misfits(key, n, reflect.TypeFor[[]T]()); len(faults) > 0 {
			return faults
		}
		if err := n.Decode(into); err != nil {
			return []error{fmt.Errorf("line %d: %s: %w", n.Line, key, err)}
		}
		return nil
	}
}

// misfits lists where a value has not the form of a type: structs with yaml tags,
// slices, maps, texts and flags.
func misfits(path string, n *yaml.Node, t reflect.Type) (faults []error) {
	n = follow(n)
	fault := func(at *yaml.Node, path, problem string, args ...any) {
		faults = append(faults, fmt.Errorf("line %d: %s: %s", at.Line, path, fmt.Sprintf(problem, args...)))
	}
	switch t.Kind() {
	case reflect.Slice:
		if n.Kind != yaml.SequenceNode {
			fault(n, path, "must be a list, each entry beginning with -")
			return faults
		}
		for i, item := range n.Content {
			faults = append(faults, misfits(fmt.Sprintf("%s[%d]", path, i), item, t.Elem())...)
		}
	case reflect.Struct, reflect.Map:
		if n.Kind != yaml.MappingNode {
			fault(n, path, "must be keys with values")
			return faults
		}
		known, names := fieldsOf(t)
		seen := map[string]bool{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			of, ok := known[key.Value]
			if t.Kind() == reflect.Map {
				of, ok = t.Elem(), true
			}
			switch at := path + "." + key.Value; {
			case !ok:
				fault(key, at, "unknown key: use %s", strings.Join(names, ", "))
			case seen[key.Value]:
				fault(key, at, "stands here twice: keep one of them")
			default:
				faults = append(faults, misfits(at, value, of)...)
			}
			seen[key.Value] = true
		}
	case reflect.Bool:
		if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
			fault(n, path, "must be true or false")
		}
	default:
		if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
			fault(n, path, "must be one value")
		}
	}
	return faults
}

// fieldsOf returns a struct's keys in the file.
func fieldsOf(t reflect.Type) (known map[string]reflect.Type, names []string) {
	if t.Kind() != reflect.Struct {
		return nil, nil
	}
	known = map[string]reflect.Type{}
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		known[name] = f.Type
		names = append(names, name)
	}
	return known, names
}

// fileResolver gives flags the values of the file.
type fileResolver struct {
	values map[string]string
	keys   []string
}

// Resolve leaves a setting alone that the environment names: the file comes before
// it, and kong asks resolvers last.
func (f fileResolver) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range flag.Envs {
		if _, ok := os.LookupEnv(name); ok {
			return nil, nil
		}
	}
	if v, ok := f.values[flag.Name]; ok {
		return v, nil
	}
	return nil, nil
}

// Validate refuses keys that no flag has: a setting that is misspelt must not be
// silently without effect.
func (f fileResolver) Validate(app *kong.Application) error {
	for _, key := range f.keys {
		if !slices.ContainsFunc(app.Flags, func(flag *kong.Flag) bool { return flag.Name == key }) {
			return fmt.Errorf("config: %q is no setting; \"arifa --help\" lists them", key)
		}
	}
	return nil
}
