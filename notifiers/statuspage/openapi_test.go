package statuspage_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"arifa/subscriptions"
)

// openAPI is the description of the public JSON, as it is served.
type openAPI struct {
	Paths map[string]struct {
		Get struct {
			Responses map[string]struct {
				Content map[string]struct{ Schema jsonSchema }
			}
		}
	}
	Components struct{ Schemas map[string]jsonSchema }
}

// jsonSchema is as much of JSON schema as the description uses; what it does not
// know is a fault of the test.
type jsonSchema struct {
	Ref         string `json:"$ref"`
	Type        any
	Properties  map[string]jsonSchema
	Required    []string
	Additional  *bool `json:"additionalProperties"`
	Items       *jsonSchema
	Enum        []string
	Format      string
	Description string
	Example     any
}

func (s *stage) openAPI() openAPI {
	s.Helper()
	var doc openAPI
	d := json.NewDecoder(s.get("/api/openapi.json", 200).Body)
	s.must(d.Decode(&doc))
	return doc
}

func (o openAPI) check(sc jsonSchema, v any, at string) (faults []string) {
	if name, ok := strings.CutPrefix(sc.Ref, "#/components/schemas/"); ok {
		known, ok := o.Components.Schemas[name]
		if !ok {
			return []string{at + ": no schema " + name}
		}
		return o.check(known, v, at)
	}
	types := []string{}
	switch t := sc.Type.(type) {
	case string:
		types = append(types, t)
	case []any:
		for _, one := range t {
			types = append(types, fmt.Sprint(one))
		}
	}
	got := map[bool]string{true: "null"}[v == nil]
	switch x := v.(type) {
	case string:
		got = "string"
		if len(sc.Enum) > 0 && !slices.Contains(sc.Enum, x) {
			faults = append(faults, fmt.Sprintf("%s: %q is none of %v", at, x, sc.Enum))
		}
		if _, err := time.Parse(time.RFC3339, x); sc.Format == "date-time" && err != nil {
			faults = append(faults, fmt.Sprintf("%s: %q is no time", at, x))
		}
	case bool:
		got = "boolean"
	case float64:
		if got = "number"; x == float64(int64(x)) {
			got = "integer"
		}
	case []any:
		got = "array"
		for i, one := range x {
			faults = append(faults, o.check(*sc.Items, one, fmt.Sprintf("%s[%d]", at, i))...)
		}
	case map[string]any:
		got = "object"
		for _, k := range sc.Required {
			if _, ok := x[k]; !ok {
				faults = append(faults, at+": no "+k)
			}
		}
		for k, one := range x {
			p, ok := sc.Properties[k]
			if !ok {
				faults = append(faults, at+": "+k+" is not described")
				continue
			}
			faults = append(faults, o.check(p, one, at+"."+k)...)
		}
	}
	if !slices.Contains(types, got) {
		faults = append(faults, fmt.Sprintf("%s: got %s, want %v", at, got, types))
	}
	return faults
}

var inBraces = regexp.MustCompile(`\{[a-z]+\}`)

// everywhere holds every answer that the description names to it.
func (s *stage) everywhere(when string) {
	s.Helper()
	doc := s.openAPI()
	if len(doc.Paths) < 17 {
		s.Fatalf("the description has %d paths", len(doc.Paths))
	}
	for path, p := range doc.Paths {
		real := strings.NewReplacer("{language}", "sw", "{agency}", "kra", "{service}", "kra-pay-tax", "{message}", "2025-0103-1").Replace(path)
		if inBraces.MatchString(real) {
			s.Fatalf("%s: the test knows no value for it", path)
		}
		if strings.HasPrefix(path, "/cap/{") && when == "nothing" {
			s.get(real, 404)
			continue
		}
		w := s.get(real, 200)
		content := p.Get.Responses["200"].Content
		kind, _, _ := strings.Cut(w.Header().Get("Content-Type"), ";")
		sc, ok := content[kind]
		if !ok {
			s.Errorf("%s: got %s, described is %v", real, kind, slices.Collect(maps.Keys(content)))
		}
		if got := w.Header().Get("Access-Control-Allow-Origin"); got != "*" {
			s.Errorf("%s: scripts of other hosts may not read it (%q)", real, got)
		}
		if kind != "application/json" {
			continue
		}
		var v any
		s.must(json.Unmarshal(w.Body.Bytes(), &v))
		for _, f := range doc.check(sc.Schema, v, real) {
			s.Errorf("%s: %s", when, f)
		}
	}
	for name, sc := range doc.Components.Schemas { // every key is always there
		if len(sc.Required) != len(sc.Properties) || sc.Additional == nil || *sc.Additional {
			s.Errorf("%s does not require all that it describes, and nothing else", name)
		}
	}
}

func TestOpenAPIIsHeldToTheHandlers(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.everywhere("nothing")
	i, _ := s.outage()
	s.everywhere("an outage")
	m := s.open("ecitizen-payments")
	m.Maintenance, m.State, m.StartsAt, m.EndsAt = true, subscriptions.Scheduled, s.at(22, 0), s.at(23, 0)
	s.say(&m, subscriptions.Notice{Kind: subscriptions.Maintenance, Slots: subscriptions.Slots{State: subscriptions.Scheduled, StartsAt: s.at(22, 0), EndsAt: s.at(23, 0)}})
	s.end(&i, "kws-nairobi-np")
	s.say(&i, subscriptions.Notice{Kind: subscriptions.Restored, Agency: "ecitizen", Slots: subscriptions.Slots{PayAgain: subscriptions.Answer{Value: "no"}}})
	s.refresh()
	s.everywhere("planned work beside a held service")

	// And the other way round: what the handlers answer is described.
	doc := s.openAPI()
	source, err := os.ReadFile("api.go")
	s.must(err)
	list := regexp.MustCompile(`(?s)apiPaths = \[\]string\{(.*?)\}`).FindStringSubmatch(string(source))[1]
	names := regexp.MustCompile(`"([^"]+)"`).FindAllStringSubmatch(list, -1)
	if len(names) != 8 {
		t.Fatalf("got %d answers of the public JSON, want 8", len(names))
	}
	for _, n := range names {
		if _, ok := doc.Paths["/api/v2/"+n[1]+".json"]; !ok {
			t.Errorf("%s is not described", n[1])
		}
	}
	for _, path := range []string{"/api/v2/", "/api/v2/summary", "/api/v2/none.json", "/api/v1/summary.json", "/api/", "/api/v2/incidents/x.json"} {
		s.get(path, 404)
	}
}
