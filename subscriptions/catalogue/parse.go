package catalogue

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"arifa/subscriptions"
)

// Parse reads and checks a catalogue file. The error is a Faults with all faults
// at once, sorted by line; the nation is then nil. It does not panic, whatever
// the data.
func Parse(data []byte) (*subscriptions.Nation, error) {
	root, faults := document(data)
	if len(faults) > 0 {
		return nil, faults
	}
	p := &parser{reader: reader{lines: map[string]int{}}, n: &subscriptions.Nation{}, ids: map[string]map[string]int{}}
	p.plain(root)
	if top, ok := p.object("", root); ok {
		p.nation(top)
		p.check()
	}
	if len(p.faults) > 0 {
		return nil, p.faults.sorted()
	}
	return p.n, nil
}

// parser fills one Nation. The paths run beside the nation's slices: paths of
// services[i] is paths["services"][i].
type parser struct {
	reader
	n     *subscriptions.Nation
	paths map[string][]string
	ids   map[string]map[string]int // name space → id → line of its first use
}

// Sizes beyond which a file is no catalogue of one country. They keep the checks
// of a hostile file short.
const (
	mostPlatforms = 200
	mostServices  = 2000
	mostOthers    = 2000
	mostListed    = 100 // items of one list of words or ids
)

func (p *parser) nation(top *fields) {
	p.paths = map[string][]string{}
	p.general(top)
	p.sources(top)
	p.each(top, "platforms", "platforms", mostPlatforms, p.platform)
	p.each(top, "agencies", "agencies", mostOthers, p.agency)
	p.each(top, "alternatives", "alternatives", mostOthers, p.alternative)
	p.each(top, "payment_destinations", "registry", mostOthers, p.destination)
	p.each(top, "contacts", "registry", mostOthers, p.contact)
	p.each(top, "services", "services", mostServices, p.service)
	top.end()
}

// each reads the entries of one list; space is the name space of their ids.
func (p *parser) each(top *fields, key, space string, most int, read func(f *fields, id string)) {
	n := top.take(key, true)
	if n == nil {
		return
	}
	if n.Kind != yaml.SequenceNode {
		p.fault(n.Line, key, "must be a list of entries, each beginning with - id:, not %s", kindOf(n))
		return
	}
	if len(n.Content) > most {
		p.fault(n.Line, key, "has %d entries: at most %d are read; split the catalogue", len(n.Content), most)
		return
	}
	for i, item := range n.Content {
		path := fmt.Sprintf("%s[%d]", key, i)
		f, ok := p.object(path, item)
		if !ok {
			continue
		}
		id := p.id(f, space)
		if id != "" {
			p.rename(f, key+"."+id)
		}
		p.paths[space] = append(p.paths[space], f.path)
		read(f, id)
		f.end()
	}
}

// id reads the id of an entry and returns "" where it cannot serve as one.
func (p *parser) id(f *fields, space string) string {
	id := f.str("id", true)
	if id == "" {
		return ""
	}
	line := p.lines[f.child("id")]
	if !validID(id) {
		p.fault(line, f.child("id"), "%q is no id: use lower-case words and digits joined by hyphens, at most 40 bytes", id)
		return ""
	}
	if p.ids[space] == nil {
		p.ids[space] = map[string]int{}
	}
	if first, again := p.ids[space][id]; again {
		p.fault(line, f.child("id"), "the id %s is taken on line %d: give this entry another one", id, first)
		return ""
	}
	p.ids[space][id] = line
	return id
}

// rename gives the entry a path that a person recognises.
func (p *parser) rename(f *fields, path string) {
	p.lines[path] = p.lines[f.path]
	f.path = path
	for key, line := range f.keys {
		p.lines[f.child(key)] = line
	}
}

func listOf[T ~string](words []string) []T {
	if len(words) == 0 {
		return nil
	}
	out := make([]T, len(words))
	for i, w := range words {
		out[i] = T(w)
	}
	return out
}
