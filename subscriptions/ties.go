package subscriptions

import (
	"slices"
	"strings"
)

// Ties is what a change of kind ChangeTies carries: whose a service or platform
// is, what it depends on, and the codes by which people find it. They decide who
// speaks for whom and where a service is paid, so nobody changes them alone.
type Ties struct {
	Agency AgencyID     // a platform's is its operator
	Sure   []PlatformID `json:",omitempty"` // confirmed dependencies
	Maybe  []PlatformID `json:",omitempty"` // those that wait for a tick
	Codes  []string     `json:",omitempty"` // keywords that a place to pay may have as its value
}

// TiesOf reads the ties of a service, each list in one order.
func TiesOf(s Service) Ties {
	t := Ties{Agency: s.Agency}
	for _, id := range s.DependsOn {
		if slices.Contains(s.DependencyVerify, id) {
			t.Maybe = append(t.Maybe, id)
		} else {
			t.Sure = append(t.Sure, id)
		}
	}
	for _, k := range s.Keywords {
		if IsCode(k) {
			t.Codes = append(t.Codes, k)
		}
	}
	return t.sorted()
}

// TiesOfPlatform reads the ties of a platform.
func TiesOfPlatform(p Platform) Ties {
	return Ties{Agency: p.Operator, Sure: slices.Clone(p.DependsOn)}.sorted()
}

func (t Ties) sorted() Ties {
	slices.Sort(t.Sure)
	slices.Sort(t.Maybe)
	slices.Sort(t.Codes)
	t.Sure, t.Maybe, t.Codes = slices.Compact(t.Sure), slices.Compact(t.Maybe), slices.Compact(t.Codes)
	return t
}

// Equal compares ties as they are sorted.
func (t Ties) Equal(o Ties) bool {
	return t.Agency == o.Agency && slices.Equal(t.Sure, o.Sure) && slices.Equal(t.Maybe, o.Maybe) && slices.Equal(t.Codes, o.Codes)
}

// Waits reports whether t may follow was only when two officers let it: it is
// another body's, another thing surely breaks it, or more may. To lose a code or
// an unconfirmed dependency lets nothing more reach a citizen.
func (t Ties) Waits(was Ties) bool {
	return t.Agency != was.Agency || !slices.Equal(t.Sure, was.Sure) ||
		slices.ContainsFunc(t.Maybe, func(id PlatformID) bool { return !slices.Contains(was.Maybe, id) }) ||
		slices.ContainsFunc(t.Codes, func(c string) bool { return !slices.Contains(was.Codes, c) })
}

// Before are the ties of what is new: whose it is, and nothing else. One that
// takes another's followers over takes its ties over too, where was has any.
func (t Ties) Before(was Ties) Ties {
	if was.Agency != "" {
		return was
	}
	return Ties{Agency: t.Agency}
}

// IsCode reports whether a word could be the value of a place to pay: a paybill,
// a till, a code that is dialled.
func IsCode(word string) bool {
	return strings.ContainsAny(word, "0123456789") && strings.Trim(word, "0123456789*#+ -") == ""
}

// tie lays ties over a service. A code that the catalogue has given up meanwhile
// does not come back.
func (s *Service) tie(t Ties) {
	if TiesOf(*s).Equal(t) {
		return
	}
	s.Agency, s.DependsOn, s.DependencyVerify = t.Agency, slices.Concat(t.Sure, t.Maybe), t.Maybe
	s.Keywords = slices.DeleteFunc(slices.Clone(s.Keywords), func(k string) bool { return IsCode(k) && !slices.Contains(t.Codes, k) })
}

// effectiveTies lays the decisions about ties over out, whose lists are copies.
func effectiveTies(out *Nation, ordered []RegistryChange) {
	for i, s := range out.Services {
		if v, known := waitingFree(ordered, ChangeTies, ScopeService(s.ID), TiesOf(s)); known {
			out.Services[i].tie(v)
		}
	}
	for i, p := range out.Platforms {
		if v, known := waitingFree(ordered, ChangeTies, ScopePlatform(p.ID), TiesOfPlatform(p)); known && !v.Equal(TiesOfPlatform(p)) {
			out.Platforms[i].Operator, out.Platforms[i].DependsOn = v.Agency, v.Sure
		}
	}
}
