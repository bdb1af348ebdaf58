package catalogue

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	s "arifa/subscriptions"
)

// mostNameRunes is the longest name that a line of a cheap phone's screen bears
// three times over.
const mostNameRunes = 100

// alternativeTexts holds the sentences that send people somewhere to the
// registry: references only, the same in every language.
func (c *checker) alternativeTexts() {
	for i, v := range c.n.Alternatives {
		path := c.paths["alternatives"][i] + ".text"
		var first []string
		for _, l := range c.languages {
			text, at := v.Text[l], path+"."+string(l)
			refs, sound := c.textReferences(at, text, !v.Retired)
			for _, piece := range loose(text) {
				c.at(at, "%q is written out: %s", piece, c.advice(piece))
			}
			if rest := referenceForm.ReplaceAllString(text, ""); strings.ContainsAny(rest, "{}") {
				c.at(at, "braces that are no reference: write {dest:ID} or {contact:ID}")
			}
			switch {
			case text == "" || !sound:
			case first == nil:
				first = refs
			case !slices.Equal(first, refs):
				c.at(at, "refers to other entries than another language does: name the same ones in every language")
			}
		}
	}
}

// textReferences checks the references of one sentence and returns them sorted,
// never nil, and whether all of them are sound.
func (c *checker) textReferences(path, text string, alive bool) ([]string, bool) {
	refs, before := map[string]bool{}, len(c.faults)
	for _, m := range referenceForm.FindAllStringSubmatch(text, -1) {
		refs[m[0]] = true
		e, ok := c.entries[s.EntryID(m[2])]
		switch {
		case !ok || e.Destination != (m[1] == "dest"):
			c.at(path, "%s leads nowhere: %s", m[0], c.near(m[1] == "dest", m[2], ok))
		case !e.Publishable:
			c.at(path, "%s must not reach a citizen (publishable: false): name another entry", m[0])
		case e.Retired && alive:
			c.at(path, "%s is retired: name another entry, or retire this alternative too", m[0])
		}
	}
	return append([]string{}, slices.Sorted(maps.Keys(refs))...), len(c.faults) == before
}

func (c *checker) near(destination bool, id string, otherList bool) string {
	if otherList {
		return "the entry stands in the other list, so write " + reference(!destination, id)
	}
	if near := c.suggest(id, func() []string { return keysOf(c.entries) }); near != "" {
		return "did you mean " + reference(c.entries[s.EntryID(near)].Destination, near) + "?"
	}
	return "add the entry to payment_destinations or contacts"
}

// advice tells what to write in place of a number or a link.
func (c *checker) advice(piece string) string {
	if len(c.faults) >= 1000 {
		return "refer to a registry entry, or take it out"
	}
	for _, e := range c.n.Registry {
		same := bare(e.Value) == bare(piece) && bare(piece) != "" || e.Value == piece
		switch {
		case !same || e.ID == "":
		case !e.Publishable || e.Retired:
			return "the registry refuses it (" + string(e.ID) + "); take it out"
		default:
			return "write " + reference(e.Destination, string(e.ID)) + " in its place"
		}
	}
	return "no registry entry holds it; add one and refer to it, or take it out"
}

func reference(destination bool, id string) string {
	if destination {
		return "{dest:" + id + "}"
	}
	return "{contact:" + id + "}"
}

// names faults codes and links in names, but for those that a registry holds.
func (c *checker) names() {
	name := func(path string, t s.Text) {
		for l, text := range t {
			c.name(path+".name."+string(l), text)
		}
	}
	for i, v := range c.n.Platforms {
		name(c.paths["platforms"][i], v.Name)
	}
	for i, v := range c.n.Agencies {
		name(c.paths["agencies"][i], v.Name)
		c.name(c.paths["agencies"][i]+".short", v.Short)
	}
	for i, v := range c.n.Services {
		name(c.paths["services"][i], v.Name)
	}
	for i, v := range c.n.Registry { // it stands in notices beside the value
		c.name(c.paths["registry"][i]+".expect_name", v.ExpectName)
	}
}

func (c *checker) name(path, text string) {
	if n := utf8.RuneCountInString(text); n > mostNameRunes {
		c.at(path, "has %d characters: a name has at most %d", n, mostNameRunes)
	}
	for _, piece := range loose(text) {
		if !c.held[bare(piece)] && !c.held[piece] {
			c.at(path, "%q stands in a name, but no platform and no publishable registry entry holds it: add it there or take it out", piece)
		}
	}
}

// urls faults addresses of a body that are not official ones.
func (c *checker) urls() {
	for i, v := range c.n.Agencies {
		c.official(c.paths["agencies"][i]+".url", v.URL)
	}
	for i, v := range c.n.Services {
		c.official(c.paths["services"][i]+".url", v.URL)
	}
	for i, v := range c.n.Registry {
		if v.Type == "url" {
			c.official(c.paths["registry"][i]+".value", v.Value)
		}
	}
	for id, v := range c.n.Sources {
		if u, err := url.Parse(v.URL); v.URL != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
			c.at("sources."+id+".url", "%q is no address of a page: write it with https://", v.URL)
		}
	}
}

func (c *checker) official(path, address string) {
	if address == "" {
		return
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil:
		c.at(path, "%q will not do: write a full address with https:// and without a user", address)
	case u.Port() != "" || !c.n.OfficialHost(u.Hostname()):
		c.at(path, "%s is not an official host: add it to official_hosts with its agency, or take the address out", u.Host)
	}
}

var valueForms = map[string]struct {
	form   *regexp.Regexp
	advice string
}{
	"mpesa-paybill": {regexp.MustCompile(`^[0-9]{5,7}$`), "a paybill has 5 to 7 digits"},
	"ussd":          {regexp.MustCompile(`^\*[0-9]+(\*[0-9]+)*#$`), "a phone code looks like *222#"},
	"sms":           {regexp.MustCompile(`^\+?[0-9][0-9 ]{1,15}$`), "a number for messages has digits and spaces only"},
	"hotline":       {regexp.MustCompile(`^\+?[0-9][0-9 ]{1,15}$`), "a telephone number has digits and spaces only"},
	"bank-account":  {regexp.MustCompile(`^[^0-9]*[0-9][0-9 -]{4,}[0-9]$`), "write the bank's name and the account number"},
	"url":           {regexp.MustCompile(`^https://[^\s]+$`), "write a full address with https://"},
}

// value checks that a registry value or an identifier has the form of its type.
func (p *parser) value(path, kind, value string) {
	if f, ok := valueForms[kind]; ok && value != "" && !f.form.MatchString(value) {
		p.at(path, "%q will not do: %s", value, f.advice)
	}
}

// registry checks the forms of values, and that no two entries of one value say
// different things about it: one of them would be wrong in a notice.
func (c *checker) registry() {
	first := map[string]int{}
	for i, v := range c.n.Registry {
		path := c.paths["registry"][i]
		c.value(path+".value", v.Type, v.Value)
		if v.Value == "" || v.ID == "" {
			continue
		}
		key := bare(v.Value)
		if v.Type == "url" || key == "" {
			key = v.Value
		}
		j, again := first[key]
		if !again {
			first[key] = i
			continue
		}
		if what := contradiction(c.n.Registry[j], v); what != "" {
			c.at(path+".value", "%s holds the same value but says otherwise (%s): make them agree or retire one", c.n.Registry[j].ID, what)
		}
	}
}

// contradiction names what two entries of one value disagree on. A code may be a
// place to pay for one body and a menu to ask for another; whether it may reach a
// citizen at all has one answer.
func contradiction(a, b s.Entry) string {
	switch {
	case a.Retired || b.Retired:
		return ""
	case a.Publishable != b.Publishable:
		return "publishable"
	case a.Destination != b.Destination:
		return ""
	case a.Type != b.Type:
		return "type"
	case a.Agency != b.Agency && a.OperatorName != b.OperatorName:
		return "operator_name"
	case a.Agency != b.Agency && a.OperatorName == "":
		return "agency"
	case a.ExpectName != b.ExpectName:
		return "expect_name"
	case a.Verify != b.Verify:
		return "verify"
	}
	return ""
}
