package catalogue

import (
	"fmt"

	s "arifa/subscriptions"
)

func nth(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }

// payVia says whether a fee is paid through the national payment platform.
var payVia = []string{"full", "partly", "none", "unknown"}

// common reads the keys that every entry may have.
func (p *parser) common(f *fields) (note string, src []string, verify, retired bool) {
	for _, l := range p.languages { // who made the text in this language: for editors only
		f.oneOf(string(l)+"_by", false, "translation", "editor")
	}
	if len(p.languages) == 0 {
		f.pass("_by")
	}
	return f.str("note", false), f.list("src", true), f.flag("verify", false), f.flag("retired", false)
}

func (p *parser) platform(f *fields, id string) {
	v := s.Platform{
		ID: s.PlatformID(id), Name: f.text("name"), Operator: s.AgencyID(f.str("operator", true)),
		Kind: p.kind(f), DependsOn: listOf[s.PlatformID](f.list("depends_on", true)),
		Impact: p.impacts(f), Identifiers: p.identifiers(f), Probes: p.probes(f), Replaces: s.PlatformID(f.str("replaces", false)),
	}
	v.Note, v.Src, v.Verify, v.Retired = p.common(f)
	p.n.Platforms = append(p.n.Platforms, v)
}

func (p *parser) agency(f *fields, id string) {
	v := s.Agency{
		ID: s.AgencyID(id), Name: f.text("name"), Short: f.str("short", true), Kind: p.kind(f),
		URL: f.str("url", false), URLVerify: f.flag("url_verify", false),
		PaidViaECitizen: f.oneOf("paid_via_ecitizen", false, payVia...),
	}
	v.Note, v.Src, v.Verify, v.Retired = p.common(f)
	p.n.Agencies = append(p.n.Agencies, v)
}

func (p *parser) alternative(f *fields, id string) {
	v := s.Alternative{
		ID: s.AlternativeID(id), Agency: s.AgencyID(f.str("agency", true)), Text: f.text("text"),
		UseWhenDown: listOf[s.PlatformID](f.list("use_when_down", true)), Payment: f.flag("payment", true),
	}
	v.Note, v.Src, v.Verify, v.Retired = p.common(f)
	p.n.Alternatives = append(p.n.Alternatives, v)
}

func (p *parser) destination(f *fields, id string) {
	v := p.entry(f, id, "mpesa-paybill", "ussd", "bank-account", "url")
	v.Destination = true
	v.ExpectName, v.ExpectNameUnconfirmed = f.str("expect_name", false), f.str("expect_name_unconfirmed", false)
	v.OperatorName, v.Purpose = f.str("operator_name", false), f.str("purpose", false)
	p.n.Registry = append(p.n.Registry, v)
}

func (p *parser) contact(f *fields, id string) {
	v := p.entry(f, id, "hotline", "ussd", "url", "sms")
	v.Purpose, v.OperatorName = f.str("purpose", true), f.str("operator_name", false)
	p.n.Registry = append(p.n.Registry, v)
}

// entry reads what destinations and contacts share. publishable and verify must
// be written: leaving one out must never open a place to pay.
func (p *parser) entry(f *fields, id string, types ...string) s.Entry {
	v := s.Entry{
		ID: s.EntryID(id), Agency: s.AgencyID(f.str("agency", true)), Type: f.oneOf("type", true, types...),
		Value: f.str("value", true), Publishable: f.flag("publishable", true),
	}
	v.Note, v.Src, v.Verify, v.Retired = p.common(f)
	if _, ok := f.values["verify"]; !ok {
		p.fault(f.node.Line, f.path, "the key verify is missing: write verify: true until the agency has confirmed the value")
	}
	return v
}

func (p *parser) service(f *fields, id string) {
	v := s.Service{
		ID: s.ServiceID(id), Agency: s.AgencyID(f.str("agency", true)), Name: f.text("name"),
		Description: f.str("description", true), Keywords: f.list("keywords", true),
		URL: f.str("url", false), Fee: f.str("fee", false),
		PaidViaECitizen: f.oneOf("paid_via_ecitizen", false, payVia...),
		DependsOn:       listOf[s.PlatformID](f.list("depends_on", true)), Impact: p.impacts(f),
		DependencyVerify: listOf[s.PlatformID](f.list("dependency_verify", false)),
		Alternatives:     listOf[s.AlternativeID](f.list("alternatives", true)),
		HighHarm:         f.oneOf("harm", false, "high") == "high", Status: p.slug(f, "status", false),
		Replaces: s.ServiceID(f.str("replaces", false)),
	}
	v.Note, v.Src, v.Verify, v.Retired = p.common(f)
	p.n.Services = append(p.n.Services, v)
}

func (p *parser) kind(f *fields) string { return p.slug(f, "kind", true) }

// slug reads a value that has the form of an id but no list to be looked up in.
func (p *parser) slug(f *fields, key string, required bool) string {
	v := f.str(key, required)
	if v != "" && !validID(v) {
		p.at(f.child(key), "%q will not do: use lower-case words joined by hyphens", v)
	}
	return v
}

func (p *parser) impacts(f *fields) map[s.PlatformID]s.Impact {
	n := f.take("impact_when_down", false)
	if n == nil {
		return nil
	}
	in, ok := p.object(f.child("impact_when_down"), n)
	if !ok {
		return nil
	}
	impacts := map[s.PlatformID]s.Impact{}
	for id := range in.values {
		if v := in.oneOf(id, true, string(s.Blocked), string(s.Degraded)); v != "" {
			impacts[s.PlatformID(id)] = s.Impact(v)
		}
	}
	return impacts
}

func (p *parser) identifiers(f *fields) []s.Identifier {
	n := f.take("identifiers", false)
	if n == nil {
		return nil
	}
	if len(n.Content) == 0 || n.Tag != "!!seq" {
		p.fault(n.Line, f.child("identifiers"), "must be a list of {type, value}, not %s: take the key away if there are none", kindOf(n))
		return nil
	}
	var all []s.Identifier
	for i, item := range n.Content {
		in, ok := p.object(nth(f.child("identifiers"), i), item)
		if !ok {
			continue
		}
		v := s.Identifier{Type: in.oneOf("type", true, "mpesa-paybill", "ussd", "url", "sms"), Value: in.str("value", true)}
		p.value(in.child("value"), v.Type, v.Value)
		in.end()
		all = append(all, v)
	}
	return all
}
