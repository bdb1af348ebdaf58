package subscriptions

import (
	"encoding/json"
	"slices"
)

// effectiveNames lays the decisions about names and identifiers over out, a copy
// of n. An agency whose first name waits is not there yet, and its services with it.
func effectiveNames(out, n *Nation, ordered []RegistryChange) {
	out.Platforms, out.Agencies, out.Services = slices.Clone(n.Platforms), slices.Clone(n.Agencies), slices.Clone(n.Services)
	if !slices.ContainsFunc(ordered, func(c RegistryChange) bool {
		return c.Kind == ChangeName || c.Kind == ChangeIdentifiers || c.Kind == ChangeTies
	}) {
		return
	}
	effectiveTies(out, ordered)
	absent := map[AgencyID]bool{}
	for i, a := range n.Agencies {
		v, known := waitingFree(ordered, ChangeName, ScopeAgency(a.ID), Naming{a.Name, a.Short})
		out.Agencies[i].Name, out.Agencies[i].Short = v.Name, v.Short
		if !known {
			out.Agencies[i] = Agency{ID: a.ID, Retired: true}
			absent[a.ID] = true
		}
	}
	for i, p := range out.Platforms {
		v, known := waitingFree(ordered, ChangeName, ScopePlatform(p.ID), Naming{Name: p.Name})
		out.Platforms[i].Name = v.Name
		out.Platforms[i].Retired = p.Retired || !known
		out.Platforms[i].Identifiers, _ = waitingFree(ordered, ChangeIdentifiers, ScopePlatform(p.ID), p.Identifiers)
	}
	for i, s := range out.Services {
		v, known := waitingFree(ordered, ChangeName, ScopeService(s.ID), Naming{Name: s.Name})
		out.Services[i].Name = v.Name
		out.Services[i].Retired = s.Retired || !known || absent[s.Agency]
	}
}

// waitingFree returns the value that stands for what the catalogue says, and
// whether any does. A catalogue's value that no change names was let in freely by
// the import that brought it, for an import makes a change of whatever must wait.
func waitingFree[T any](ordered []RegistryChange, k ChangeKind, of Scope, parsed T) (T, bool) {
	newest := -1
	for i, c := range ordered {
		if c.Kind == k && c.Scope == of {
			newest = i
		}
	}
	if newest < 0 {
		return parsed, true
	}
	c := ordered[newest]
	if raw, err := json.Marshal(parsed); err != nil || string(raw) != c.New || c.State == ChangeDone {
		return parsed, err == nil
	}
	var old T
	if c.Old == "" || json.Unmarshal([]byte(c.Old), &old) != nil {
		var none T
		return none, false
	}
	return old, true
}
