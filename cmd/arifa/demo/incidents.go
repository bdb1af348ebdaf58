package demo

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"arifa/subscriptions"
)

//go:embed incidents-ke.yaml
var incidentsYAML []byte

// Act is what happens in one step of a replay; the head of the file explains each.
type Act string

// The acts of the file.
const (
	ActOpen        Act = "open"
	ActNotice      Act = "notice"
	ActAlternative Act = "alternative"
	ActJoin        Act = "join"
	ActHold        Act = "hold"
	ActRestored    Act = "restored"
	ActNothing     Act = "nothing"
)

// Incident is one real incident, as steps for a program.
type Incident struct {
	ID        string                     `yaml:"id"`
	Seed      bool                       `yaml:"seed_case"`
	Title     string                     `yaml:"title"`
	Kind      string                     `yaml:"kind"`
	Platforms []subscriptions.PlatformID `yaml:"platforms"`
	Services  []subscriptions.ServiceID  `yaml:"services"`
	Replay    []Step                     `yaml:"replay"`
	// Hear and NotHear are services whose followers must, and must not, be told.
	Hear    []subscriptions.ServiceID `yaml:"hear"`
	NotHear []subscriptions.ServiceID `yaml:"not_hear"`

	// The record behind the replay; kept strict, not used here.
	Started       any `yaml:"started"`
	FirstOfficial any `yaml:"first_official"`
	Restored      any `yaml:"restored"`
	Statements    any `yaml:"statements"`
	Sequence      any `yaml:"sequence"`
	Delays        any `yaml:"delays"`
	Scale         any `yaml:"scale"`
	Traps         any `yaml:"traps"`
	Expect        any `yaml:"expect"`
	Sources       any `yaml:"sources"`
	Repeat        any `yaml:"repeat"`
	Note          any `yaml:"note"`
}

// Step is one moment of a replay.
type Step struct {
	At          time.Time                   `yaml:"at"`
	Invented    bool                        `yaml:"at_invented"`
	Act         Act                         `yaml:"act"`
	By          subscriptions.AgencyID      `yaml:"by"`
	Kind        subscriptions.Kind          `yaml:"kind"`
	Platforms   []subscriptions.PlatformID  `yaml:"platforms"`
	Services    []subscriptions.ServiceID   `yaml:"services"`
	Alternative subscriptions.AlternativeID `yaml:"alternative"`
	Note        string                      `yaml:"note"`
}

type incidentFile struct {
	Schema    int        `yaml:"schema"`
	Country   string     `yaml:"country"`
	Timezone  string     `yaml:"timezone"`
	Incidents []Incident `yaml:"incidents"`
	Also      any        `yaml:"also"`
}

// Incidents returns the incidents of the file inside, checked against n.
func Incidents(n *subscriptions.Nation) ([]Incident, error) { return Parse(incidentsYAML, n) }

// Parse reads an incident file strictly: unknown keys, unknown ids, steps that go
// back in time and steps without what their act needs are faults. All are told
// at once, each with the line of its step.
func Parse(data []byte, n *subscriptions.Nation) ([]Incident, error) {
	var f incidentFile
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil {
		return nil, fmt.Errorf("incidents: %w", err)
	}
	c := checker{nation: n, lines: stepLines(data)}
	if f.Schema != 1 {
		c.fault(1, "schema %d is not 1", f.Schema)
	}
	seen := map[string]bool{}
	for k, i := range f.Incidents {
		if seen[i.ID] {
			c.fault(c.line(k, 0), "%s: a second incident by this id", i.ID)
		}
		seen[i.ID] = true
		c.incident(k, i)
	}
	if err := errors.Join(c.faults...); err != nil {
		return nil, fmt.Errorf("incidents:\n%w", err)
	}
	return f.Incidents, nil
}

// stepLines finds the line of each step of each incident.
func stepLines(data []byte) [][]int {
	var root yaml.Node
	if yaml.Unmarshal(data, &root) != nil || len(root.Content) == 0 {
		return nil
	}
	var out [][]int
	list := valueOf(root.Content[0], "incidents")
	if list == nil {
		return nil
	}
	for _, one := range list.Content {
		lines := []int{one.Line}
		if replay := valueOf(one, "replay"); replay != nil {
			for _, step := range replay.Content {
				lines = append(lines, step.Line)
			}
		}
		out = append(out, lines)
	}
	return out
}

func valueOf(m *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			return m.Content[i+1]
		}
	}
	return nil
}

type checker struct {
	nation *subscriptions.Nation
	lines  [][]int
	faults []error
}

func (c *checker) fault(line int, format string, args ...any) {
	c.faults = append(c.faults, fmt.Errorf("line %d: %s", line, fmt.Sprintf(format, args...)))
}

// line of step s (from 1) of incident i; 0 is the incident itself.
func (c *checker) line(i, s int) int {
	if i < len(c.lines) && s < len(c.lines[i]) {
		return c.lines[i][s]
	}
	return 0
}

func (c *checker) incident(k int, i Incident) {
	at := c.line(k, 0)
	if i.ID == "" || i.Title == "" || len(i.Replay) == 0 {
		c.fault(at, "an incident needs id, title and replay")
	}
	for _, id := range slices.Concat(i.Services, i.Hear, i.NotHear) {
		c.service(at, id)
	}
	for _, id := range i.Platforms {
		c.platform(at, id)
	}
	for _, id := range i.Hear {
		if slices.Contains(i.NotHear, id) {
			c.fault(at, "%s is in hear and in not_hear", id)
		}
	}
	opened := false
	for s, step := range i.Replay {
		at := c.line(k, s+1)
		if s > 0 && step.At.Before(i.Replay[s-1].At) {
			c.fault(at, "the step goes back in time")
		}
		if step.Act != ActNothing && step.Act != ActOpen && !opened {
			c.fault(at, "%s before open", step.Act)
		}
		opened = opened || step.Act == ActOpen
		c.step(at, step)
	}
}

// needs lists what each act must bring.
var needs = map[Act]struct{ by, kind, what bool }{
	ActOpen: {true, true, true}, ActNotice: {true, true, false}, ActAlternative: {true, true, true},
	ActJoin: {true, false, true}, ActHold: {true, false, true}, ActRestored: {true, true, true}, ActNothing: {},
}

func (c *checker) step(at int, s Step) {
	need, known := needs[s.Act]
	switch {
	case !known:
		c.fault(at, "no act %q", s.Act)
	case s.At.IsZero():
		c.fault(at, "a step needs a time")
	case need.by && s.By == "":
		c.fault(at, "%s needs an agency that acts", s.Act)
	case need.kind && s.Kind == "":
		c.fault(at, "%s needs a kind", s.Act)
	case need.what && len(s.Platforms)+len(s.Services) == 0:
		c.fault(at, "%s needs platforms or services", s.Act)
	case s.Act == ActAlternative && s.Alternative == "":
		c.fault(at, "alternative needs one")
	case s.Act == ActNothing && s.Kind != "":
		c.fault(at, "nothing is sent, so there is no kind")
	}
	if s.Kind != "" && !slices.Contains(subscriptions.Kinds, s.Kind) {
		c.fault(at, "no kind %q", s.Kind)
	}
	if _, ok := c.nation.Agency(s.By); s.By != "" && !ok {
		c.fault(at, "no agency %q", s.By)
	}
	for _, id := range s.Services {
		c.service(at, id)
	}
	for _, id := range s.Platforms {
		c.platform(at, id)
	}
	if _, ok := c.nation.Alternative(s.Alternative); s.Alternative != "" && !ok {
		c.fault(at, "no alternative %q", s.Alternative)
	}
}

func (c *checker) service(at int, id subscriptions.ServiceID) {
	if _, ok := c.nation.Service(id); !ok {
		c.fault(at, "no service %q", id)
	}
}

func (c *checker) platform(at int, id subscriptions.PlatformID) {
	if _, ok := c.nation.Platform(id); !ok {
		c.fault(at, "no platform %q", id)
	}
}
