package catalogue

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	s "arifa/subscriptions"
)

// entry is one entry of a catalogue as Compare sees it: a list of written facts.
type entry struct {
	Change
	facts   []fact // the same keys in the same order for every entry of a kind
	retired bool

	speech              string // what a citizen could be told of it
	moves               bool   // it moves money, speaks of it or names a place to pay
	names               map[string]string
	codes               []string // identifiers
	publishable, verify bool
}

type fact struct{ key, value string }

// key joins destinations and contacts: their ids are of one space.
func (e entry) key() string {
	if e.Kind == "destination" || e.Kind == "contact" {
		return "registry " + e.ID
	}
	return e.Kind + " " + e.ID
}

func entriesOf(n *s.Nation) []entry {
	all := []entry{head(n)}
	for _, v := range n.Platforms {
		all = append(all, platformEntry(n, v))
	}
	for _, v := range n.Agencies {
		all = append(all, agencyEntry(n, v))
	}
	for _, v := range n.Alternatives {
		all = append(all, alternativeEntry(n, v))
	}
	for _, v := range n.Registry {
		all = append(all, registryEntry(v))
	}
	for _, v := range n.Services {
		all = append(all, serviceEntry(n, v))
	}
	return all
}

func head(n *s.Nation) entry {
	hosts := make([]string, len(n.OfficialHosts))
	for i, h := range n.OfficialHosts {
		hosts[i] = h.Host + " (" + string(h.Agency) + ")"
	}
	counties := make([]string, len(n.Counties))
	for i, c := range n.Counties {
		counties[i] = c.ID + " " + c.Name
	}
	return entry{Change: Change{Kind: "catalogue", ID: "head", Name: "the head of the file"}, facts: []fact{
		{"country", n.Country}, {"timezone", n.Timezone}, {"languages", list(n.Languages)}, {"default_language", string(n.DefaultLanguage)},
		{"currency", n.Currency}, {"sources", sourcesDigest(n.Sources)}, {"official_domain_suffixes", list(n.DomainSuffixes)}, {"official_hosts", list(hosts)},
		{"counties", list(counties)},
	}}
}

func platformEntry(n *s.Nation, v s.Platform) entry {
	names := make([]string, len(v.Identifiers))
	for i, id := range v.Identifiers {
		names[i] = id.Type + " " + id.Value
	}
	return entry{
		Change:  Change{Kind: "platform", ID: string(v.ID), Name: v.Name.In(n.DefaultLanguage), Agency: v.Operator, Replaces: string(v.Replaces)},
		retired: v.Retired, names: s.Naming{Name: v.Name}.Texts(), codes: names,
		facts: slices.Concat(texts("name", v.Name), []fact{
			{"operator", string(v.Operator)}, {"kind", v.Kind}, {"depends_on", list(v.DependsOn)}, {"impact_when_down", impacts(v.Impact)},
			{"identifiers", list(names)}, {"probe", probeList(v.Probes)}, {"note", v.Note}, {"src", list(v.Src)}, flag("verify", v.Verify), flag("retired", v.Retired), {"replaces", string(v.Replaces)},
		}),
	}
}

func agencyEntry(n *s.Nation, v s.Agency) entry {
	return entry{
		Change:  Change{Kind: "agency", ID: string(v.ID), Name: v.Name.In(n.DefaultLanguage), Agency: v.ID},
		retired: v.Retired, names: s.Naming{Name: v.Name, Short: v.Short}.Texts(),
		facts: slices.Concat(texts("name", v.Name), []fact{
			{"short", v.Short}, {"kind", v.Kind}, {"url", v.URL}, flag("url_verify", v.URLVerify), {"paid_via_ecitizen", v.PaidViaECitizen},
			{"note", v.Note}, {"src", list(v.Src)}, flag("verify", v.Verify), flag("retired", v.Retired),
		}),
	}
}

func alternativeEntry(n *s.Nation, v s.Alternative) entry {
	names := slices.ContainsFunc(slices.Collect(maps.Values(v.Text)), func(t string) bool { return strings.Contains(t, "{dest:") || tempts(t) })
	said := texts("text", v.Text)
	return entry{
		Change:  Change{Kind: "alternative", ID: string(v.ID), Name: v.Text.In(n.DefaultLanguage), Agency: v.Agency},
		retired: v.Retired,
		moves:   v.Payment || names,
		speech:  fmt.Sprint(said, v.Agency, v.UseWhenDown, v.Payment),
		facts: slices.Concat(said, []fact{
			{"agency", string(v.Agency)}, {"use_when_down", list(v.UseWhenDown)}, flag("payment", v.Payment),
			{"note", v.Note}, {"src", list(v.Src)}, flag("verify", v.Verify), flag("retired", v.Retired),
		}),
	}
}

func registryEntry(v s.Entry) entry {
	kind := "contact"
	if v.Destination {
		kind = "destination"
	}
	return entry{
		Change:  Change{Kind: kind, ID: string(v.ID), Name: v.Type + " " + v.Value, Agency: v.Agency},
		retired: v.Retired, publishable: v.Publishable, verify: v.Verify,
		speech: fmt.Sprint(kind, v.Agency, v.Type, v.Value, v.ExpectName, v.OperatorName, v.Purpose),
		facts: []fact{
			{"list", kind}, {"agency", string(v.Agency)}, {"type", v.Type}, {"value", v.Value}, {"expect_name", v.ExpectName},
			{"expect_name_unconfirmed", v.ExpectNameUnconfirmed}, {"operator_name", v.OperatorName}, {"purpose", v.Purpose},
			flag("publishable", v.Publishable), flag("verify", v.Verify), {"note", v.Note}, {"src", list(v.Src)}, flag("retired", v.Retired),
		},
	}
}

func serviceEntry(n *s.Nation, v s.Service) entry {
	return entry{
		Change:  Change{Kind: "service", ID: string(v.ID), Name: v.Name.In(n.DefaultLanguage), Agency: v.Agency, Replaces: string(v.Replaces)},
		retired: v.Retired, names: s.Naming{Name: v.Name}.Texts(),
		facts: slices.Concat(texts("name", v.Name), []fact{
			{"agency", string(v.Agency)}, {"description", v.Description}, {"keywords", list(v.Keywords)}, {"url", v.URL}, {"fee", v.Fee},
			{"paid_via_ecitizen", v.PaidViaECitizen}, {"depends_on", list(v.DependsOn)}, {"impact_when_down", impacts(v.Impact)},
			{"dependency_verify", list(v.DependencyVerify)}, {"alternatives", list(v.Alternatives)}, flag("high harm", v.HighHarm), {"status", v.Status},
			{"note", v.Note}, {"src", list(v.Src)}, flag("verify", v.Verify), flag("retired", v.Retired), {"replaces", string(v.Replaces)},
		}),
	}
}

// sourcesDigest stands for all sources: that they changed matters, not how.
func sourcesDigest(all map[string]s.Source) string {
	h := sha256.New()
	for _, id := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(h, "%s\x00%s\x00%s\x00", id, all[id].URL, all[id].Label)
	}
	return fmt.Sprintf("%d pages (%x)", len(all), h.Sum(nil)[:4])
}

func texts(key string, t s.Text) []fact {
	var all []fact
	for _, l := range slices.Sorted(maps.Keys(t)) {
		all = append(all, fact{key + "." + string(l), t[l]})
	}
	return all
}

func flag(key string, on bool) fact { return fact{key, strconv.FormatBool(on)} }

func list[T ~string](all []T) string {
	words := make([]string, len(all))
	for i, v := range all {
		words[i] = string(v)
	}
	return strings.Join(words, ", ")
}

func impacts(all map[s.PlatformID]s.Impact) string {
	var words []string
	for _, id := range slices.Sorted(maps.Keys(all)) {
		words = append(words, string(id)+": "+string(all[id]))
	}
	return strings.Join(words, ", ")
}
