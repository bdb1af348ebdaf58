package desk

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"arifa/subscriptions"
)

// Fact is one thing that a change of the registry says, for an officer.
type Fact struct{ Name, Value string }

// FactsOf reads what a change carries: doc is its Old or its New. What cannot be
// read is shown as it is stored.
func FactsOf(c subscriptions.RegistryChange, doc string, n *subscriptions.Nation) []Fact {
	if doc == "" {
		return nil
	}
	f := facts{nation: n}
	var err error
	switch c.Kind {
	case subscriptions.ChangeEntry, subscriptions.ChangeConfirm:
		err = f.entry(doc)
	case subscriptions.ChangeAlternative:
		err = f.alternative(doc)
	case subscriptions.ChangeName:
		err = f.name(c, doc)
	case subscriptions.ChangeIdentifiers:
		err = f.identifiers(c, doc)
	case subscriptions.ChangeTies:
		err = f.ties(c, doc)
	case subscriptions.ChangeHost:
		err = f.host(c, doc)
	case ChangeRoles:
		err = f.roles(doc)
	case ChangeReady:
		err = f.ready(doc)
	default:
		f.add("as stored", doc)
	}
	if err != nil {
		return []Fact{{"as stored", doc}}
	}
	return f.all
}

type facts struct {
	nation *subscriptions.Nation
	all    []Fact
}

func (f *facts) add(name, value string) {
	if value != "" {
		f.all = append(f.all, Fact{name, value})
	}
}

func (f *facts) entry(doc string) error {
	var e subscriptions.Entry
	err := json.Unmarshal([]byte(doc), &e)
	kind := "to ask"
	if e.Destination {
		kind = "money may be sent there"
	}
	f.add("entry", string(e.ID))
	f.add("what", strings.TrimSpace(e.Type+" ("+kind+")"))
	f.add("value", e.Value)
	f.add("name that the payer's phone shows", e.ExpectName)
	f.add("name that is not confirmed", e.ExpectNameUnconfirmed)
	f.add("for", e.Purpose)
	f.add("confirmed as a place to pay", yesNo(!e.Verify))
	f.add("may be shown to citizens", yesNo(e.Publishable))
	return err
}

func (f *facts) alternative(doc string) error {
	var a subscriptions.Alternative
	err := json.Unmarshal([]byte(doc), &a)
	f.add("other way", string(a.ID))
	f.text("text, ", a.Text)
	f.add("moves money", yesNo(a.Payment))
	f.add("while these are down", join(a.UseWhenDown))
	return err
}

func (f *facts) text(name string, t subscriptions.Text) {
	for _, l := range f.nation.Languages {
		f.add(name+string(l), t[l])
	}
}

func (f *facts) name(c subscriptions.RegistryChange, doc string) error {
	var n subscriptions.Naming
	err := json.Unmarshal([]byte(doc), &n)
	f.add("of", string(c.Scope))
	f.text("name, ", n.Name)
	f.add("short name", n.Short)
	return err
}

func (f *facts) identifiers(c subscriptions.RegistryChange, doc string) error {
	var all []subscriptions.Identifier
	err := json.Unmarshal([]byte(doc), &all)
	f.add("of", string(c.Scope))
	var names []string
	for _, i := range all {
		names = append(names, i.Type+" "+i.Value)
	}
	f.add("known by", strings.Join(names, ", "))
	return err
}

func (f *facts) ties(c subscriptions.RegistryChange, doc string) error {
	var t subscriptions.Ties
	err := json.Unmarshal([]byte(doc), &t)
	f.add("of", string(c.Scope))
	f.add("whose it is", string(t.Agency))
	f.add("depends on", orNothing(join(t.Sure)))
	f.add("may depend on", join(t.Maybe))
	f.add("codes that people find it by, and are told to pay to where two confirmed them", strings.Join(t.Codes, ", "))
	return err
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

func (f *facts) host(c subscriptions.RegistryChange, doc string) error {
	if suffix := ""; json.Unmarshal([]byte(doc), &suffix) == nil {
		f.add("every host that ends with", suffix)
		return nil
	}
	var h subscriptions.OfficialHost
	err := json.Unmarshal([]byte(doc), &h)
	f.add("host", h.Host)
	f.add("of", string(h.Agency))
	return err
}

func (f *facts) roles(doc string) error {
	var asked rolesChange
	err := json.Unmarshal([]byte(doc), &asked)
	f.add("officer", fmt.Sprintf("%s (%d)", asked.Name, asked.Officer))
	f.add("roles", RolesText(asked.Roles, f.nation))
	if len(asked.Roles) == 0 {
		f.add("roles", "none")
	}
	return err
}

func (f *facts) ready(doc string) error {
	var asked readyChange
	err := json.Unmarshal([]byte(doc), &asked)
	f.add("other way", string(asked.Alternative))
	if a, ok := f.nation.Alternative(asked.Alternative); ok {
		f.text("text, ", a.Text)
	}
	f.add("for", join(asked.Services))
	return err
}

// RolesText says roles; one that is held for every agency is said once.
func RolesText(roles []subscriptions.Grant, n *subscriptions.Nation) string {
	var parts []string
	count := map[subscriptions.Role]int{}
	live := 0
	for _, a := range n.Agencies {
		if !a.Retired {
			live++
		}
	}
	for _, g := range roles {
		count[g.Role]++
	}
	for _, g := range roles {
		text := strings.TrimSuffix(string(g.Role)+":"+string(g.Agency), ":")
		if g.Role != subscriptions.Admin && live > 1 && count[g.Role] >= live {
			text = string(g.Role) + " of every agency"
		}
		if !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ", ")
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
