package catalogue

import (
	"slices"
	"strings"

	s "arifa/subscriptions"
)

// Agencies lists the agencies that have services to follow, by their names in l.
func (x *Index) Agencies(l s.Language) []s.Agency {
	has := map[s.AgencyID]bool{}
	for _, v := range x.nation.Services {
		has[v.Agency] = has[v.Agency] || !v.Retired
	}
	var all []s.Agency
	for _, a := range x.nation.Agencies {
		if has[a.ID] && !a.Retired {
			all = append(all, a)
		}
	}
	slices.SortStableFunc(all, func(a, b s.Agency) int { return x.byName(l, a.Name, b.Name) })
	return all
}

// ServicesOf lists the services of an agency that can be followed, by their
// names in l.
func (x *Index) ServicesOf(agency s.AgencyID, l s.Language) []s.Service {
	var all []s.Service
	for _, v := range x.nation.Services {
		if v.Agency == agency && !v.Retired {
			all = append(all, v)
		}
	}
	slices.SortStableFunc(all, func(a, b s.Service) int { return x.byName(l, a.Name, b.Name) })
	return all
}

func (x *Index) byName(l s.Language, a, b s.Text) int {
	return strings.Compare(fold(a.In(l, x.nation.DefaultLanguage)), fold(b.In(l, x.nation.DefaultLanguage)))
}
