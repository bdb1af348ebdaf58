package catalogue

import (
	"fmt"
	"slices"
	"strings"

	s "arifa/subscriptions"
)

// check holds the entries against each other. It runs on files with faults too:
// what could not be read is "" and is passed over.
func (p *parser) check() {
	c := newChecker(p)
	c.references()
	c.successors()
	c.cycles()
	c.hanging()
	c.registry()
	c.alternativeTexts()
	c.names()
	c.urls()
	c.probeHosts()
}

type checker struct {
	*parser
	agencies     map[s.AgencyID]s.Agency
	platforms    map[s.PlatformID]s.Platform
	alternatives map[s.AlternativeID]s.Alternative
	services     map[s.ServiceID]s.Service
	entries      map[s.EntryID]s.Entry
	held         map[string]bool // codes that names may show
}

func newChecker(p *parser) *checker {
	c := &checker{parser: p}
	c.agencies = byID(p.n.Agencies, func(v s.Agency) s.AgencyID { return v.ID })
	c.platforms = byID(p.n.Platforms, func(v s.Platform) s.PlatformID { return v.ID })
	c.alternatives = byID(p.n.Alternatives, func(v s.Alternative) s.AlternativeID { return v.ID })
	c.services = byID(p.n.Services, func(v s.Service) s.ServiceID { return v.ID })
	c.entries = byID(p.n.Registry, func(v s.Entry) s.EntryID { return v.ID })
	c.held = heldCodes(p.n)
	return c
}

func byID[K ~string, V any](all []V, id func(V) K) map[K]V {
	m := make(map[K]V, len(all))
	for _, v := range all {
		if id(v) != "" {
			m[id(v)] = v
		}
	}
	return m
}

// references faults every id that leads nowhere, or from a living entry to a
// retired one.
func (c *checker) references() {
	for i, h := range c.n.OfficialHosts {
		refer(c, c.paths["hosts"][i]+".agency", "agency", h.Agency, c.agencies, false, nil)
	}
	for i, v := range c.n.Platforms {
		path := c.paths["platforms"][i]
		refer(c, path+".operator", "agency", v.Operator, c.agencies, !v.Retired, func(a s.Agency) bool { return a.Retired })
		c.dependencies(path, v.DependsOn, v.Impact, nil, !v.Retired)
		c.src(path, v.Src)
	}
	for i, v := range c.n.Agencies {
		c.src(c.paths["agencies"][i], v.Src)
	}
	for i, v := range c.n.Alternatives {
		path := c.paths["alternatives"][i]
		c.agency(path, v.Agency, !v.Retired)
		for j, id := range v.UseWhenDown {
			refer(c, nth(path+".use_when_down", j), "platform", id, c.platforms, !v.Retired, func(p s.Platform) bool { return p.Retired })
		}
		c.src(path, v.Src)
	}
	for i, v := range c.n.Registry {
		path := c.paths["registry"][i]
		c.agency(path, v.Agency, !v.Retired)
		c.src(path, v.Src)
	}
	for i, v := range c.n.Services {
		path := c.paths["services"][i]
		c.agency(path, v.Agency, !v.Retired)
		c.dependencies(path, v.DependsOn, v.Impact, v.DependencyVerify, !v.Retired)
		for j, id := range v.Alternatives {
			refer(c, nth(path+".alternatives", j), "alternative", id, c.alternatives, !v.Retired, func(a s.Alternative) bool { return a.Retired })
		}
		c.src(path, v.Src)
	}
}

func (c *checker) agency(path string, id s.AgencyID, alive bool) {
	refer(c, path+".agency", "agency", id, c.agencies, alive, func(a s.Agency) bool { return a.Retired })
}

func (c *checker) src(path string, ids []string) {
	for i, id := range ids {
		refer(c, nth(path+".src", i), "source", id, c.n.Sources, false, nil)
	}
}

// dependencies checks the links of a platform or a service to platforms.
func (c *checker) dependencies(path string, on []s.PlatformID, impact map[s.PlatformID]s.Impact, unsure []s.PlatformID, alive bool) {
	for i, id := range on {
		refer(c, nth(path+".depends_on", i), "platform", id, c.platforms, alive, func(p s.Platform) bool { return p.Retired })
	}
	for id := range impact {
		if !slices.Contains(on, id) {
			c.at(path+".impact_when_down."+string(id), "%s is not in depends_on: add it there or take this line away", id)
		}
	}
	for i, id := range unsure {
		if id != "" && !slices.Contains(on, id) {
			c.at(nth(path+".dependency_verify", i), "%s is not in depends_on: add it there or take it away here", id)
		}
	}
}

// refer faults one reference that does not hold.
func refer[K ~string, V any](c *checker, path, noun string, id K, known map[K]V, alive bool, retired func(V) bool) {
	if id == "" {
		return
	}
	v, ok := known[id]
	if !ok {
		if near := c.suggest(string(id), func() []string { return keysOf(known) }); near != "" {
			c.at(path, "no %s has the id %s: did you mean %s?", noun, id, near)
			return
		}
		c.at(path, "no %s has the id %s: add it or take the reference away", noun, id)
		return
	}
	if alive && retired(v) {
		c.at(path, "the %s %s is retired: refer to what took its place, or retire this entry too", noun, id)
	}
}

// suggest looks for the id that was meant. A file with a thousand faults is not
// one with slips of the keyboard, and looking for each would take its time.
func (c *checker) suggest(id string, known func() []string) string {
	if len(c.faults) >= 1000 {
		return ""
	}
	return nearest(id, known())
}

func keysOf[K ~string, V any](m map[K]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, string(k))
	}
	slices.Sort(keys)
	return keys
}

// successors checks replaces: it moves followers from a retired entry to this
// one, so there must be one such entry and one way.
func (c *checker) successors() {
	platforms, services := map[s.PlatformID]string{}, map[s.ServiceID]string{}
	for i, v := range c.n.Platforms {
		old, ok := c.platforms[v.Replaces]
		succeed(c, c.paths["platforms"][i], "platform", v.ID, v.Replaces, ok, old.Retired, platforms)
	}
	for i, v := range c.n.Services {
		old, ok := c.services[v.Replaces]
		succeed(c, c.paths["services"][i], "service", v.ID, v.Replaces, ok, old.Retired, services)
	}
	ring(c, "platforms", func(id s.PlatformID) s.PlatformID { return c.platforms[id].Replaces }, keysOf(c.platforms))
	ring(c, "services", func(id s.ServiceID) s.ServiceID { return c.services[id].Replaces }, keysOf(c.services))
}

func succeed[K ~string](c *checker, path, noun string, id, old K, known, retired bool, taken map[K]string) {
	path += ".replaces"
	switch {
	case old == "":
	case !known:
		c.at(path, "no %s has the id %s: keep the old entry with retired: true", noun, old)
	case old == id:
		c.at(path, "an entry cannot replace itself: name the retired one")
	case !retired:
		c.at(path, "the %s %s is not retired: write retired: true there first", noun, old)
	case taken[old] != "":
		c.at(path, "%s is replaced by %s already: its followers can move to one entry only", old, taken[old])
	default:
		taken[old] = string(id)
	}
}

// ring faults entries that replace each other in a circle.
func ring[K ~string](c *checker, section string, replaces func(K) K, ids []string) {
	done := map[K]bool{}
	for _, start := range ids {
		var way []K
		for id := K(start); id != "" && !done[id]; id = replaces(id) {
			done[id] = true
			way = append(way, id)
			if next := replaces(id); len(way) > 1 && slices.Contains(way, next) {
				c.at(fmt.Sprintf("%s.%s.replaces", section, id), "these replace each other in a circle: take one replaces away")
			}
		}
	}
}

// cycles faults platforms that depend on themselves, each circle once, with the
// way round.
func (c *checker) cycles() {
	state := map[s.PlatformID]int{} // 1 on the way, 2 done
	var way []s.PlatformID
	var walk func(id s.PlatformID)
	walk = func(id s.PlatformID) {
		state[id] = 1
		way = append(way, id)
		for i, on := range c.platforms[id].DependsOn {
			switch state[on] {
			case 0:
				walk(on)
			case 1:
				circle := append(slices.Clone(way[slices.Index(way, on):]), on)
				c.at(nth(fmt.Sprintf("platforms.%s.depends_on", id), i), "platforms depend on each other in a circle (%s): take one link away", join(circle))
			}
		}
		way, state[id] = way[:len(way)-1], 2
	}
	for _, v := range c.n.Platforms {
		if v.ID != "" && state[v.ID] == 0 {
			walk(v.ID)
		}
	}
}

func join(ids []s.PlatformID) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = string(id)
	}
	return strings.Join(words, " → ")
}

// hanging faults an alternative on a service on which its agency may not speak.
func (c *checker) hanging() {
	for i, v := range c.n.Services {
		speakers := c.n.Speakers(v)
		for j, id := range v.Alternatives {
			a, ok := c.alternatives[id]
			if !ok || a.Agency == "" || v.Agency == "" || slices.Contains(speakers, a.Agency) {
				continue
			}
			c.at(nth(c.paths["services"][i]+".alternatives", j),
				"%s belongs to %s, which neither answers for this service nor operates a platform on which it surely depends: take it off, or give %s an alternative of its own", id, a.Agency, v.Agency)
		}
	}
}
