package catalogue

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"arifa/subscriptions"
)

// languageCodes are the two-letter codes of ISO 639-1.
const languageCodes = " aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu "

var (
	countryForm  = regexp.MustCompile(`^[A-Z]{2}$`)
	currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)
	hostForm     = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)
)

// general reads what holds for the whole file. It goes first: every text is
// asked for in the languages that it finds.
func (p *parser) general(top *fields) {
	if n := top.take("schema", true); n != nil && (n.Tag != "!!int" || n.Value != "1") {
		p.fault(n.Line, "schema", "this release reads schema: 1 only")
	}
	p.n.Country = p.form(top, "country", countryForm, "use the two capital letters of ISO 3166, as in KE")
	p.n.Currency = p.form(top, "currency", currencyForm, "use the three capital letters of ISO 4217, as in KES")
	p.timezone(top)
	p.speech(top)
	p.hosts(top)
	p.counties(top)
}

var (
	countyForm = regexp.MustCompile(`^[0-9]{1,3}$`)
	// A county is named in letters: no number reaches a citizen through it.
	countyName = regexp.MustCompile(`^[\p{L}][\p{L} '’/-]{0,39}$`)
)

const mostCounties = 200

func (p *parser) counties(top *fields) {
	n := top.take("counties", false)
	switch {
	case n == nil:
		return
	case n.Kind != yaml.SequenceNode:
		p.fault(n.Line, "counties", "must be a list of {id, name}, not %s", kindOf(n))
		return
	case len(n.Content) > mostCounties:
		p.fault(n.Line, "counties", "has %d entries: at most %d are read", len(n.Content), mostCounties)
		return
	}
	for i, item := range n.Content {
		f, ok := p.object(nth("counties", i), item)
		if !ok {
			continue
		}
		c := subscriptions.County{ID: f.str("id", true), Name: f.str("name", true)}
		two, _ := subscriptions.NeedsTwoOfficers(c.Name)
		switch _, again := p.n.County(c.ID); {
		case c.ID != "" && !countyForm.MatchString(c.ID):
			p.at(f.child("id"), "%q is no number of ISO 3166-2: write its digits, as in \"30\"", c.ID)
		case again:
			p.at(f.child("id"), "%q stands twice", c.ID)
		case c.Name != "" && (!countyName.MatchString(c.Name) || two):
			p.at(f.child("name"), "%q is no name of a county: at most 40 letters, and nothing else", c.Name)
		default:
			p.n.Counties = append(p.n.Counties, c)
		}
		f.end()
	}
}

func (p *parser) form(top *fields, key string, form *regexp.Regexp, advice string) string {
	s := top.str(key, true)
	if s != "" && !form.MatchString(s) {
		p.at(top.child(key), "%q will not do: %s", s, advice)
	}
	return s
}

func (p *parser) timezone(top *fields) {
	s := top.str("timezone", true)
	if s == "" {
		return
	}
	if _, err := time.LoadLocation(s); err != nil || s == "Local" {
		p.at("timezone", "%q is no time zone: use a name of the zone database, as in Africa/Nairobi", s)
	}
	p.n.Timezone = s
}

func (p *parser) speech(top *fields) {
	words := top.list("languages", true)
	for i, w := range words {
		switch {
		case w == "":
		case len(w) != 2 || !strings.Contains(languageCodes, " "+w+" "):
			p.at(nth("languages", i), "%q is no language: use a two-letter code of ISO 639-1, as in en or sw", w)
		default:
			p.languages = append(p.languages, subscriptions.Language(w))
		}
	}
	if _, ok := top.values["languages"]; ok && len(words) == 0 {
		p.at("languages", "names no language: name at least one")
	}
	p.n.Languages = p.languages
	d := subscriptions.Language(top.str("default_language", true))
	if d != "" && len(p.languages) > 0 && !slices.Contains(p.languages, d) {
		p.at("default_language", "%q is not among the languages: add it there or choose one of them", d)
	}
	p.n.DefaultLanguage = d
}

func (p *parser) hosts(top *fields) {
	p.n.DomainSuffixes = top.list("official_domain_suffixes", true)
	for i, s := range p.n.DomainSuffixes {
		if s != "" && (!strings.HasPrefix(s, ".") || !hostForm.MatchString(strings.TrimPrefix(s, ".")) || strings.Count(s, ".") < 2) {
			p.at(nth("official_domain_suffixes", i), "%q will not do: write a suffix of at least two parts that only official bodies get, as in .go.ke", s)
		}
	}
	n := top.take("official_hosts", false)
	if n == nil {
		return
	}
	if n.Kind != yaml.SequenceNode {
		p.fault(n.Line, "official_hosts", "must be a list of {host, agency}, not %s", kindOf(n))
		return
	}
	for i, item := range n.Content {
		f, ok := p.object(nth("official_hosts", i), item)
		if !ok {
			continue
		}
		h := subscriptions.OfficialHost{Host: f.str("host", true), Agency: subscriptions.AgencyID(f.str("agency", true)), Verify: f.flag("verify", false)}
		if h.Host != "" && !hostForm.MatchString(h.Host) {
			p.at(f.child("host"), "%q is no host: write it in lower case without https:// and path", h.Host)
		}
		p.n.OfficialHosts = append(p.n.OfficialHosts, h)
		p.paths["hosts"] = append(p.paths["hosts"], f.path)
		f.end()
	}
}

func (p *parser) sources(top *fields) {
	p.n.Sources = map[string]subscriptions.Source{}
	n := top.take("sources", true)
	if n == nil {
		return
	}
	all, ok := p.object("sources", n)
	if !ok {
		return
	}
	if len(all.values) > mostOthers {
		p.fault(n.Line, "sources", "has %d entries: at most %d are read; split the catalogue", len(all.values), mostOthers)
		return
	}
	for id, value := range all.values {
		path := all.child(id)
		if !validID(id) {
			p.fault(all.keys[id], path, "%q is no id: use lower-case words and digits joined by hyphens, at most 40 bytes", id)
		}
		if f, ok := p.object(path, value); ok {
			p.n.Sources[id] = subscriptions.Source{URL: f.str("url", true), Label: f.str("label", true)}
			f.end()
		}
	}
}
