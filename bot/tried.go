package bot

import (
	"slices"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// triedRows are buttons with the ways that fit what the service hangs on, two beside
// each other.
func (t *turn) triedRows(of func(subscriptions.Tried) wish, service subscriptions.ServiceID) (rows [][]wording.Choice) {
	for _, how := range WaysTried(t.nation, service) {
		c := t.choice(t.say("tried."+string(how)), of(how))
		if last := len(rows) - 1; last >= 0 && len(rows[last]) < 2 {
			rows[last] = append(rows[last], c)
			continue
		}
		rows = append(rows, []wording.Choice{c})
	}
	return rows
}

// WaysTried lists how somebody can have paid for or used a service, as far as what it
// depends on tells; what always fits comes last.
func WaysTried(n *subscriptions.Nation, service subscriptions.ServiceID) []subscriptions.Tried {
	v, _ := n.Service(service)
	fits := map[subscriptions.Tried]bool{subscriptions.TriedCounter: true, subscriptions.TriedOther: true}
	seen := map[subscriptions.PlatformID]bool{}
	var visit func(ids []subscriptions.PlatformID, direct bool)
	visit = func(ids []subscriptions.PlatformID, direct bool) {
		for _, id := range ids {
			p, ok := n.Platform(id)
			if !ok || seen[id] {
				continue
			}
			seen[id] = true
			for _, how := range byKind[p.Kind] {
				fits[how] = true
			}
			if direct && slices.ContainsFunc(p.Identifiers, func(i subscriptions.Identifier) bool { return i.Type == "ussd" }) {
				fits[subscriptions.TriedUSSD] = true
			}
			visit(p.DependsOn, false)
		}
	}
	visit(v.DependsOn, true)
	if v.URL != "" || len(v.DependsOn) == 0 {
		fits[subscriptions.TriedWebsite] = true
	}
	return slices.DeleteFunc(slices.Clone(subscriptions.AllTried), func(how subscriptions.Tried) bool { return !fits[how] })
}

// byKind is what a kind of platform lets people try.
var byKind = map[string][]subscriptions.Tried{
	"mobile-money":    {subscriptions.TriedMpesaApp, subscriptions.TriedMpesaMenu},
	"payment-gateway": {subscriptions.TriedMpesaApp, subscriptions.TriedMpesaMenu, subscriptions.TriedAirtel, subscriptions.TriedCard, subscriptions.TriedBank},
	"vending":         {subscriptions.TriedMpesaApp, subscriptions.TriedMpesaMenu, subscriptions.TriedAirtel, subscriptions.TriedBank},
	"portal":          {subscriptions.TriedWebsite},
	"back-office":     {subscriptions.TriedWebsite},
}
