package catalogue

import (
	"maps"
	"slices"

	s "arifa/subscriptions"
)

// touched collects the services whose followers the difference touches: through
// themselves, their agency, a platform, an alternative or what its text names.
func touched(d Diff, old, next *s.Nation) []s.ServiceID {
	hit := map[s.ServiceID]bool{}
	ids := map[string]map[string]bool{} // kind → ids
	for _, all := range [][]Change{d.Added, d.Changed, d.Retired, d.Removed, d.Revived} {
		for _, c := range all {
			if ids[c.Kind] == nil {
				ids[c.Kind] = map[string]bool{}
			}
			ids[c.Kind][c.ID] = true
		}
	}
	services := next.Services
	mark(hit, next, ids)
	if old != nil {
		services = slices.Concat(services, old.Services)
		mark(hit, old, ids)
	}
	var order []s.ServiceID
	for _, v := range services {
		if hit[v.ID] {
			order = append(order, v.ID)
			delete(hit, v.ID)
		}
	}
	return order
}

// mark adds the services of n that the changed ids touch.
func mark(hit map[s.ServiceID]bool, n *s.Nation, ids map[string]map[string]bool) {
	platforms := map[s.PlatformID]s.Impact{}
	for id := range ids["platform"] {
		platforms[s.PlatformID(id)] = s.Blocked
	}
	for _, r := range n.Reach(platforms, nil) {
		hit[r.Service] = true
	}
	uses := map[s.AlternativeID]bool{}
	for _, a := range n.Alternatives {
		uses[a.ID] = ids["alternative"][string(a.ID)] || refersTo(a, ids["destination"]) || refersTo(a, ids["contact"])
	}
	for _, v := range n.Services {
		if ids["service"][string(v.ID)] || ids["agency"][string(v.Agency)] || slices.ContainsFunc(v.Alternatives, func(id s.AlternativeID) bool { return uses[id] }) {
			hit[v.ID] = true
		}
	}
}

func refersTo(a s.Alternative, entries map[string]bool) bool {
	if len(entries) == 0 {
		return false
	}
	for text := range maps.Values(a.Text) {
		for _, m := range referenceForm.FindAllStringSubmatch(text, -1) {
			if entries[m[2]] {
				return true
			}
		}
	}
	return false
}
