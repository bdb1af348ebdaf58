package hooks

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"arifa/subscriptions"
)

// Kind is the form in which a source speaks.
type Kind string

const (
	Alertmanager Kind = "alertmanager" // Prometheus, webhook version 4
	UptimeKuma   Kind = "uptime-kuma"
	Statuspage   Kind = "statuspage"
	JSON         Kind = "json" // ours, see README
)

// Kinds lists all of them.
var Kinds = []Kind{Alertmanager, UptimeKuma, Statuspage, JSON}

// Source is one sender: its name is a part of its address, its secret another.
type Source struct {
	Name   string
	Kind   Kind
	Secret string
	Rules  []Rule // the first that fits decides
}

// Rule says of which platform a sender speaks.
type Rule struct {
	// Match holds patterns by field; all must fit. * stands for anything, capitals
	// do not matter, an empty pattern fits what is not there. The fields of
	// Alertmanager and JSON are the labels' names; the others have those of Fields.
	Match    map[string]string
	Platform subscriptions.PlatformID
	Ignore   bool // it is known and says nothing of a platform
}

// Fields lists what rules of a kind may match on; nil = any label.
func (k Kind) Fields() []string {
	switch k {
	case UptimeKuma:
		return []string{"monitor", "id", "type", "tag", "url", "path"}
	case Statuspage:
		return []string{"component", "incident", "impact", "page"}
	}
	return nil
}

// Lengths of a secret: 24 letters are 120 bits and more where a machine made them.
const (
	leastSecret = 24
	mostSecret  = 200
	mostSources = 50
	mostRules   = 200
	mostMatch   = 20
	mostPattern = 200
)

var (
	nameForm   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	secretForm = regexp.MustCompile(`^[A-Za-z0-9_-]*$`)
	labelForm  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// Check lists everything that is wrong with sources, each fault with the name of
// its key: "hooks[1].rules[0].platform: …". No secret is in it.
func Check(sources []Source) []error {
	c := &check{names: map[string]int{}, secrets: map[string]int{}}
	if len(sources) > mostSources {
		c.fault("hooks", "has %d entries: at most %d", len(sources), mostSources)
		return c.faults
	}
	for i, s := range sources {
		c.source(i, s)
	}
	return c.faults
}

type check struct {
	faults         []error
	names, secrets map[string]int
}

func (c *check) fault(key, problem string, args ...any) {
	c.faults = append(c.faults, fmt.Errorf("%s: %s", key, fmt.Sprintf(problem, args...)))
}

func (c *check) source(i int, s Source) {
	key := fmt.Sprintf("hooks[%d]", i)
	if !nameForm.MatchString(s.Name) || len(s.Name) > 40 {
		c.fault(key+".name", "%q will not do: use lower-case words and digits joined by hyphens, at most 40; it is a part of the address", s.Name)
	}
	if first, again := c.names[s.Name]; again {
		c.fault(key+".name", "%s is hooks[%d] already", s.Name, first)
	}
	if !slices.Contains(Kinds, s.Kind) {
		c.fault(key+".kind", "%q is not known: use one of %v", s.Kind, Kinds)
	}
	switch first, again := c.secrets[s.Secret]; {
	case s.Secret == "":
		c.fault(key+".secret", "is empty: write secret or secret-file; openssl rand -hex 24 makes a good one")
	case len(s.Secret) < leastSecret || len(s.Secret) > mostSecret || !secretForm.MatchString(s.Secret):
		c.fault(key+".secret", "use %d to %d of A-Z a-z 0-9 _ - only; openssl rand -hex 24 makes a good one", leastSecret, mostSecret)
	case again:
		c.fault(key+".secret", "is that of hooks[%d]: each source needs its own, so that one can be taken back", first)
	}
	c.names[s.Name], c.secrets[s.Secret] = i, i
	if len(s.Rules) == 0 || len(s.Rules) > mostRules {
		c.fault(key+".rules", "has %d entries: write 1 to %d, so that what is heard finds its platform", len(s.Rules), mostRules)
		return
	}
	for j, r := range s.Rules {
		c.rule(fmt.Sprintf("%s.rules[%d]", key, j), s.Kind, r)
	}
}

func (c *check) rule(key string, kind Kind, r Rule) {
	if (r.Platform == "") == !r.Ignore {
		c.fault(key, "write platform: ID or ignore: true, one of them")
	}
	if len(r.Match) == 0 || len(r.Match) > mostMatch {
		c.fault(key+".match", "has %d fields: write 1 to %d, such as {%s: \"*\"}", len(r.Match), mostMatch, cmp.Or(strings.Join(kind.Fields()[:min(1, len(kind.Fields()))], ""), "alertname"))
	}
	for field, pattern := range r.Match {
		switch fields := kind.Fields(); {
		case fields != nil && !slices.Contains(fields, field):
			c.fault(key+".match."+field, "%s has no such field: use %s", kind, strings.Join(fields, ", "))
		case fields == nil && !labelForm.MatchString(field):
			c.fault(key+".match."+field, "is no name of a label: use letters, digits and _")
		}
		if len(pattern) > mostPattern {
			c.fault(key+".match."+field, "has %d bytes: a pattern has at most %d; * stands for anything", len(pattern), mostPattern)
		}
	}
}

// Unknown lists the rules whose platform the catalogue does not have, or has
// retired.
func Unknown(sources []Source, n *subscriptions.Nation) []error {
	c := &check{}
	for i, s := range sources {
		for j, r := range s.Rules {
			p, ok := n.Platform(r.Platform)
			key := fmt.Sprintf("hooks[%d].rules[%d].platform", i, j)
			switch {
			case r.Platform == "":
			case !ok:
				c.fault(key, "no platform has the id %s; the catalogue has %s", r.Platform, living(n))
			case p.Retired:
				c.fault(key, "the platform %s is retired: name what took its place", r.Platform)
			}
		}
	}
	return c.faults
}

func living(n *subscriptions.Nation) string {
	var ids []string
	for _, p := range n.Platforms {
		if !p.Retired {
			ids = append(ids, string(p.ID))
		}
	}
	slices.Sort(ids)
	return strings.Join(ids, ", ")
}

// place finds the rule for something that is about these fields.
func (s Source) place(about map[string][]string) (Rule, bool) {
	for _, r := range s.Rules {
		if r.fits(about) {
			return r, true
		}
	}
	return Rule{}, false
}

func (r Rule) fits(about map[string][]string) bool {
	for field, pattern := range r.Match {
		fits := func(value string) bool { return like(strings.ToLower(pattern), strings.ToLower(value)) }
		there := func(value string) bool { return value != "" }
		if pattern == "" && slices.ContainsFunc(about[field], there) || pattern != "" && !slices.ContainsFunc(about[field], fits) {
			return false
		}
	}
	return true
}

// like reports whether pattern stands for the whole of s. It takes the earliest
// place for each piece between stars, so it never goes back.
func like(pattern, s string) bool {
	pieces := strings.Split(pattern, "*")
	first, last := pieces[0], pieces[len(pieces)-1]
	if len(pieces) == 1 {
		return s == first
	}
	if !strings.HasPrefix(s, first) || !strings.HasSuffix(s, last) || len(s) < len(first)+len(last) {
		return false
	}
	s = s[len(first) : len(s)-len(last)]
	for _, piece := range pieces[1 : len(pieces)-1] {
		at := strings.Index(s, piece)
		if at < 0 {
			return false
		}
		s = s[at+len(piece):]
	}
	return true
}
