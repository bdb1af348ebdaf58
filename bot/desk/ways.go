package desk

import (
	"slices"
	"time"

	"arifa/subscriptions"
)

// hangWays judges the alternatives of a notice and hangs them on its services.
func hangWays(s situation, n subscriptions.Notice, p *plan) *Refusal {
	if n.Kind == subscriptions.AlternativeNotice && len(n.Slots.Alternatives) == 0 {
		return no(0, "name an alternative of the catalogue", "a notice about another way names one")
	}
	if until := n.Slots.Until; !until.IsZero() && !until.After(s.now) {
		return no(5, "give a later time", "the other way would have expired already")
	}
	for _, id := range n.Slots.Alternatives {
		a, r := usable(s, p.after, id, n.Agency)
		if r != nil {
			return r
		}
		on := hangingOn(s.nation, p.services, []subscriptions.AlternativeID{id})
		if len(on) == 0 || n.Kind == subscriptions.AlternativeNotice && len(on) < len(p.services) {
			return no(5, "hang it on the service in the catalogue first", "%s does not hang on %s", id, join(minus(p.services, on)))
		}
		for _, service := range on {
			if svc, _ := s.nation.Service(service); !s.nation.WhoMayUse(a, svc) {
				return no(5, "that body gives its own word", "%s's way %s may not be copied onto %s", a.Agency, id, service)
			}
		}
		replaceWay(&p.after, subscriptions.Way{Alternative: id, Agency: n.Agency, Services: on, Until: n.Slots.Until, At: s.now, Notice: n.ID})
	}
	return nil
}

// replaceWay puts a way in place of what was told of the same one.
func replaceWay(i *subscriptions.Incident, w subscriptions.Way) {
	for k, old := range i.Ways {
		if old.Alternative != w.Alternative || !old.EndedAt.IsZero() {
			continue
		}
		if i.Ways[k].Services = minus(old.Services, w.Services); len(i.Ways[k].Services) == 0 {
			i.Ways[k].Services, i.Ways[k].EndedAt = old.Services, w.At
		}
	}
	i.Ways = append(i.Ways, w)
}

// usable judges one alternative for an agency: whether it may be told at all
// while these things are broken.
func usable(s situation, i subscriptions.Incident, id subscriptions.AlternativeID, agency subscriptions.AgencyID) (subscriptions.Alternative, *Refusal) {
	a, ok := s.nation.Alternative(id)
	switch {
	case !ok:
		return a, no(5, "look it up in the catalogue", "there is no alternative %q", id)
	case a.Retired:
		return a, no(5, "choose another one, or wait until two officers have approved its text", "%s may not be told", id)
	case a.Agency != agency:
		return a, no(4, "that agency publishes it", "%s is %s's way, not %s's", id, a.Agency, agency)
	}
	broken := brokenValues(s.nation, append(slices.Clone(s.others), i))
	for _, l := range s.nation.Languages {
		text := a.Text[l]
		if found := subscriptions.ScanText(text, s.nation); len(found) > 0 {
			r := no(5, "name numbers by reference to the registry only", "the text of %s holds what no registry entry stands for", id)
			r.Findings = found
			return a, r
		}
		_, used, err := subscriptions.ResolveText(text, s.nation)
		if err != nil {
			return a, no(5, "choose another one", "%s: %v", id, err)
		}
		for _, entry := range used {
			if r := tellableEntry(s.nation, a, entry, broken); r != nil {
				return a, r
			}
		}
	}
	return a, nil
}

// tellableEntry: a contact may be a name of what is broken ("dial *334# instead of
// using the app" is its operator's word); a place to pay may not.
func tellableEntry(n *subscriptions.Nation, a subscriptions.Alternative, id subscriptions.EntryID, broken map[string]subscriptions.PlatformID) *Refusal {
	e, _ := n.Entry(id)
	if e.Destination && e.Verify && namesPayment(n, a) {
		return no(5, "two officers of "+string(e.Agency)+" confirm it first", "%s is not confirmed as a place to pay", id)
	}
	if p, hit := broken[squeeze(e.Value)]; hit && e.Destination {
		return no(5, "choose a way that does not need it", "%s names %s, which is what does not work (%s)", a.ID, e.Value, p)
	}
	return nil
}

// brokenValues are the names of all platforms that are claimed broken now.
func brokenValues(n *subscriptions.Nation, live []subscriptions.Incident) map[string]subscriptions.PlatformID {
	out := map[string]subscriptions.PlatformID{}
	for _, i := range live {
		if i.State.Over() || i.State == subscriptions.Scheduled {
			continue
		}
		for _, id := range i.Platforms() {
			p, _ := n.Platform(id)
			for _, name := range p.Identifiers {
				out[squeeze(name.Value)] = id
			}
		}
	}
	return out
}

func squeeze(s string) string {
	out := make([]rune, 0, len(s))
	for _, r := range s {
		if r != ' ' && r != '-' {
			out = append(out, r)
		}
	}
	return string(out)
}

// hangingOn keeps the services whose catalogue entry lists one of the alternatives.
func hangingOn(n *subscriptions.Nation, services []subscriptions.ServiceID, ways []subscriptions.AlternativeID) []subscriptions.ServiceID {
	var out []subscriptions.ServiceID
	for _, id := range services {
		if s, ok := n.Service(id); ok && len(intersect(ways, s.Alternatives)) > 0 {
			out = append(out, id)
		}
	}
	return out
}

// readyFor lists the alternatives of a notice that two officers made ready for
// all its services, whose text is still the one they saw, and whose use is short
// enough: these one officer may activate.
func readyFor(s situation, n subscriptions.Notice, services []subscriptions.ServiceID) map[subscriptions.AlternativeID]bool {
	out := map[subscriptions.AlternativeID]bool{}
	for _, id := range n.Slots.Alternatives {
		on := hangingOn(s.nation, services, []subscriptions.AlternativeID{id})
		for _, w := range s.ready {
			if w.Alternative == id && w.Agency == n.Agency && readyNow(s.nation, w, on, n.Slots.Until, s.now) == nil {
				out[id] = true
			}
		}
	}
	return out
}

// readyNow says why a ready way may not be activated now; nil = it may.
func readyNow(n *subscriptions.Nation, w subscriptions.ReadyWay, services []subscriptions.ServiceID, until, now time.Time) *Refusal {
	a, _ := n.Alternative(w.Alternative)
	switch {
	case !now.Before(w.Until):
		return no(5, "make it ready again with two officers", "the approval of %s ended after 90 days", w.Alternative)
	case w.TextHash != textHash(n, a):
		return no(5, "make it ready again with two officers", "the text of %s, or a number in it, is not the one that was approved", w.Alternative)
	case len(minus(services, w.Services)) > 0:
		return no(5, "activate it for the services that were approved", "%s was not made ready for %s", w.Alternative, join(minus(services, w.Services)))
	case until.IsZero() || until.After(now.Add(subscriptions.ReadyUse)):
		return no(4, "activate it for at most four hours, and renew it", "one officer activates a ready way for at most four hours")
	}
	return nil
}
