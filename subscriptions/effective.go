package subscriptions

import (
	"encoding/json"
	"slices"
)

// Effective lays the decisions of officers over the catalogue in force: what it
// returns is what may reach a citizen. Pure; n is left as it is.
//
//   - A destination or contact with a change that is not done keeps its old
//     value; a new one stays unpublishable.
//   - A payment text with a change that is not done keeps its old text; a new one
//     is taken off every service.
//   - A name with a change that is not done stays the old one; what is new with
//     such a name is not there yet. Identifiers of a platform likewise.
//   - Ties with a change that is not done stay the old ones: whose it is, what it
//     depends on, its codes; what is new has an agency and no other ties yet.
//   - A destination that two officers confirmed, and that still has the value
//     which they saw, loses Verify and gains the receiver's name to expect.
//   - A host or domain suffix whose newest change is not done is not official.
//
// A refused change counts as not done until an import takes it back.
func Effective(n *Nation, changes []RegistryChange) *Nation {
	out := *n
	out.Registry = slices.Clone(n.Registry)
	out.Alternatives = slices.Clone(n.Alternatives)
	ordered := slices.Clone(changes)
	slices.SortStableFunc(ordered, func(a, b RegistryChange) int { return int(a.ID - b.ID) })
	for i, e := range out.Registry {
		out.Registry[i] = effectiveEntry(e, ordered)
	}
	effectiveNames(&out, n, ordered)
	effectiveHosts(&out, ordered)
	withdrawn := map[AlternativeID]bool{}
	for i, a := range out.Alternatives {
		out.Alternatives[i] = effectiveAlternative(a, ordered)
		if out.Alternatives[i].Retired {
			withdrawn[a.ID] = true
		}
	}
	for i, s := range out.Services {
		out.Services[i].Alternatives = slices.DeleteFunc(slices.Clone(s.Alternatives), func(id AlternativeID) bool { return withdrawn[id] })
	}
	return &out
}

func effectiveEntry(e Entry, ordered []RegistryChange) Entry {
	value, open, touched := standing(ordered, func(c RegistryChange) bool { return c.Kind == ChangeEntry && c.Entry == e.ID })
	switch {
	case !touched || !open: // nothing was changed, or the newest change is done
	case value == "":
		e.Publishable, e.Verify = false, true
	default:
		var old Entry
		if json.Unmarshal([]byte(value), &old) != nil {
			e.Publishable, e.Verify = false, true
			break
		}
		// Taking something away never waits.
		old.Retired = old.Retired || e.Retired
		old.Publishable = old.Publishable && e.Publishable
		old.Verify = old.Verify || e.Verify && e.Value == old.Value
		e = old
	}
	for _, c := range ordered {
		var seen Entry
		if c.Kind != ChangeConfirm || c.Entry != e.ID || c.State != ChangeDone || json.Unmarshal([]byte(c.New), &seen) != nil {
			continue
		}
		if seen.Value == e.Value && seen.Type == e.Type && seen.Agency == e.Agency {
			e.Verify = false
			if seen.ExpectName != "" {
				e.ExpectName = seen.ExpectName
			}
		}
	}
	return e
}

func effectiveAlternative(a Alternative, ordered []RegistryChange) Alternative {
	value, open, touched := standing(ordered, func(c RegistryChange) bool { return c.Kind == ChangeAlternative && c.Alternative == a.ID })
	if !touched || !open {
		return a
	}
	var old Alternative
	if value == "" || json.Unmarshal([]byte(value), &old) != nil {
		a.Retired = true
		return a
	}
	old.Retired = old.Retired || a.Retired
	return old
}

// standing walks the changes of one entry, oldest first. value is the JSON that
// stands ("" = none was ever let through); open is true when the newest change
// was not let through, so that the catalogue's own value must not be used.
func standing(ordered []RegistryChange, of func(RegistryChange) bool) (value string, open, touched bool) {
	for _, c := range ordered {
		if !of(c) {
			continue
		}
		if !touched {
			value, touched = c.Old, true
		}
		open = c.State != ChangeDone
		if !open {
			value = c.New
		}
	}
	return value, open, touched
}

// effectiveHosts takes off what was added and not let through.
func effectiveHosts(out *Nation, ordered []RegistryChange) {
	waits := map[Scope]bool{}
	for _, c := range ordered {
		if c.Kind == ChangeHost {
			waits[c.Scope] = c.State != ChangeDone
		}
	}
	out.OfficialHosts = slices.DeleteFunc(slices.Clone(out.OfficialHosts), func(h OfficialHost) bool { return waits[ScopeHost(h.Host)] })
	out.DomainSuffixes = slices.DeleteFunc(slices.Clone(out.DomainSuffixes), func(s string) bool { return waits[ScopeSuffix(s)] })
}
