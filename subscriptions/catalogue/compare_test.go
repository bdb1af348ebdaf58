package catalogue_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"arifa/subscriptions"
	"arifa/subscriptions/catalogue"
)

// changed parses the small catalogue after replacements (old, new, old, new, …).
func changed(t *testing.T, pairs ...string) *subscriptions.Nation {
	t.Helper()
	file := small(t)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(file, pairs[i]) {
			t.Fatalf("nothing to replace: %q", pairs[i])
		}
		file = strings.Replace(file, pairs[i], pairs[i+1], 1)
	}
	n, err := catalogue.Parse([]byte(file))
	if err != nil {
		t.Fatalf("the changed file has faults:\n%v", err)
	}
	return n
}

func ids(all []catalogue.Change) string {
	var words []string
	for _, c := range all {
		words = append(words, c.Kind+":"+c.ID)
	}
	return strings.Join(words, " ")
}

func TestCompare(t *testing.T) {
	t.Parallel()
	const bill = "  - id: bill\n    agency: power\n"
	const line = "    value: \"1919\"\n    purpose: \"Information\"\n"
	type want struct{ added, changed, retired, removed, revived, destinations, payments, touched string }
	cases := []struct {
		name     string
		old, new []string
		want     want
	}{
		{"nothing", nil, nil, want{}},
		{"a name", nil, []string{"\"Power bill\"", "\"Electricity bill\""}, want{changed: "service:bill", touched: "bill"}},
		{"a service more", nil, []string{bill, "  - {id: pole, agency: power, name: {en: Pole, sw: Nguzo}, description: d, keywords: [k], depends_on: [], alternatives: [], src: [page]}\n" + bill},
			want{added: "service:pole", touched: "pole"}},
		{"a service retired", nil, []string{"    harm: high\n", "    harm: high\n    retired: true\n"}, want{retired: "service:bill", touched: "bill"}},
		{"an id vanished", []string{bill, "  - {id: pole, agency: power, name: {en: Pole, sw: Nguzo}, description: d, keywords: [k], depends_on: [], alternatives: [], src: [page]}\n" + bill}, nil,
			want{removed: "service:pole", touched: "pole"}},
		{"a retired id comes back", []string{"    harm: high\n", "    harm: high\n    retired: true\n"}, nil, want{revived: "service:bill", touched: "bill"}},
		{"a platform's link", nil, []string{"impact_when_down: {mobile: degraded}\n", "impact_when_down: {mobile: blocked}\n"}, want{changed: "platform:pay", touched: "licence bill"}},
		{"an agency's name", nil, []string{"\"Power company\"", "\"Power firm\""}, want{changed: "agency:power", touched: "bill oldbill"}},
		{"a destination's value", nil, []string{"888880", "888881"}, want{changed: "destination:dest-power", destinations: "destination:dest-power", touched: "bill"}},
		{"a destination confirmed", nil, []string{"publishable: true\n    src: [page]\n    verify: true", "publishable: true\n    src: [page]\n    verify: false"},
			want{changed: "destination:dest-power", destinations: "destination:dest-power", touched: "bill"}},
		{"a destination no longer sure", []string{"publishable: true\n    src: [page]\n    verify: true", "publishable: true\n    src: [page]\n    verify: false"}, nil,
			want{changed: "destination:dest-power", touched: "bill"}},
		{"a refused destination let through", nil, []string{"publishable: false", "publishable: true"}, want{changed: "destination:dest-old", destinations: "destination:dest-old"}},
		{"a destination withdrawn", []string{"publishable: false", "publishable: true"}, nil, want{changed: "destination:dest-old"}},
		{"a destination's note", nil, []string{"    value: \"888880\"\n", "    value: \"888880\"\n    note: \"seen\"\n"}, want{changed: "destination:dest-power", touched: "bill"}},
		{"a new destination", nil, []string{"  - id: dest-old\n", "  - {id: dest-new, agency: power, type: ussd, value: \"*9#\", publishable: true, verify: true, src: [page]}\n  - id: dest-old\n"},
			want{added: "destination:dest-new", destinations: "destination:dest-new"}},
		{"a new refused destination", nil, []string{"  - id: dest-old\n", "  - {id: dest-new, agency: power, type: ussd, value: \"*9#\", publishable: false, verify: true, src: [page]}\n  - id: dest-old\n"},
			want{added: "destination:dest-new"}},
		{"a contact's value", nil, []string{line, strings.Replace(line, "1919", "1920", 1)}, want{changed: "contact:contact-line", destinations: "contact:contact-line", touched: "licence"}},
		{"a payment text", nil, []string{"at a bank.", "at any bank."}, want{changed: "alternative:alt-bank", payments: "alternative:alt-bank", touched: "bill"}},
		{"a payment mark taken off", nil, []string{"payment: true", "payment: false"}, want{changed: "alternative:alt-bank", payments: "alternative:alt-bank", touched: "bill"}},
		{"another text", nil, []string{"to ask.", "and ask."}, want{changed: "alternative:alt-ask", touched: "licence"}},
		{"the head", nil, []string{"currency: KES", "currency: UGX"}, want{changed: "catalogue:head"}},
		{"a source", nil, []string{"label: \"A page\"", "label: \"The page\""}, want{changed: "catalogue:head"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := catalogue.Compare(changed(t, c.old...), changed(t, c.new...))
			touched := make([]string, len(d.Touched))
			for i, id := range d.Touched {
				touched[i] = string(id)
			}
			got := want{ids(d.Added), ids(d.Changed), ids(d.Retired), ids(d.Removed), ids(d.Revived), ids(d.Destinations), ids(d.Payments), strings.Join(touched, " ")}
			if got != c.want {
				t.Errorf("got  %+v\nwant %+v\n%s", got, c.want, strings.Join(d.Lines(), "\n"))
			}
			if forbidden := got.removed+got.revived != ""; (d.Err() != nil) != forbidden {
				t.Errorf("got error %v, want one: %v", d.Err(), forbidden)
			}
			if d.Empty() != (got == want{}) {
				t.Errorf("Empty: got %v for %+v", d.Empty(), got)
			}
		})
	}
}

func TestCompareTells(t *testing.T) {
	t.Parallel()
	old, next := changed(t), changed(t, "888880", "888881", "\"Power bill\"", "\"Electricity bill\"", "    harm: high\n", "    harm: high\n    replaces: oldbill\n")
	d := catalogue.Compare(old, next)
	want := []string{
		`~ destination dest-power: mpesa-paybill 888881; value "888880" → "888881"`,
		`~ service bill: Electricity bill; name.en "Power bill" → "Electricity bill"; replaces nothing → "oldbill"`,
		`? destination dest-power: mpesa-paybill 888881; waits for two officers of power and 24 hours`,
		`? service bill: Electricity bill; the name waits for two officers of power and 24 hours`,
		`= services touched: 1`,
	}
	if got := d.Lines(); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	data, err := json.Marshal(d)
	if err != nil || !strings.Contains(string(data), `"key":"value","old":"888880","new":"888881"`) {
		t.Errorf("JSON: got %s, %v", data, err)
	}
}

// Names, identifiers and unmarked texts that could send people to pay wait too.
func TestCompareWhatTempts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		new         []string
		names       string
		identifiers string
		payments    string
	}{
		{"a harmless name", []string{"\"Power bill\"", "\"Electricity supply\""}, "", "", ""},
		{"a name that says pay", []string{"\"Power bill\"", "\"Pay the agent\""}, "service:bill", "", ""},
		{"an agency's name that holds a held code", []string{"\"Power company\"", "\"Power company 888880\""}, "agency:power", "", ""},
		{"an unmarked text that says pay", []string{"to ask.", "to pay the agent."}, "", "", "alternative:alt-ask"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := catalogue.Compare(changed(t), changed(t, c.new...))
			if ids(d.Names) != c.names || ids(d.Identifiers) != c.identifiers || ids(d.Payments) != c.payments {
				t.Errorf("got names %q, identifiers %q, payments %q\n%s", ids(d.Names), ids(d.Identifiers), ids(d.Payments), strings.Join(d.Lines(), "\n"))
			}
			if want := len(strings.Fields(c.names + " " + c.identifiers + " " + c.payments)); d.Waiting() != want {
				t.Errorf("%d wait, want %d", d.Waiting(), want)
			}
		})
	}
	old, err := catalogue.Kenya()
	if err != nil {
		t.Fatal(err)
	}
	next := *old
	next.Platforms = slices.Clone(old.Platforms)
	p := &next.Platforms[0]
	p.Identifiers = append(slices.Clone(p.Identifiers), subscriptions.Identifier{Type: "mpesa-paybill", Value: "864209"})
	if d := catalogue.Compare(old, &next); ids(d.Identifiers) != "platform:"+string(p.ID) || ids(catalogue.Compare(&next, old).Identifiers) != "" {
		t.Errorf("identifiers: got %q", ids(d.Identifiers))
	}
}

func TestCompareVanishedSaysWhatToDo(t *testing.T) {
	t.Parallel()
	old := changed(t, "  - id: bill\n", "  - {id: pole, agency: power, name: {en: Pole, sw: Nguzo}, description: d, keywords: [k], depends_on: [], alternatives: [], src: [page]}\n  - id: bill\n")
	err := catalogue.Compare(old, changed(t)).Err()
	if err == nil || !strings.Contains(err.Error(), "services.pole") || !strings.Contains(err.Error(), "retire it instead") {
		t.Errorf("got %v, want the id and what to do", err)
	}
}

func TestCompareWithNothing(t *testing.T) {
	t.Parallel()
	n, err := catalogue.Kenya()
	if err != nil {
		t.Fatal(err)
	}
	d := catalogue.Compare(nil, n)
	if want := 1 + 125 + 40 + 19 + 27 + 33; len(d.Added) != want || len(d.Touched) != 125 || d.Err() != nil {
		t.Errorf("got %d added, %d touched, %v; want %d, 125, no error", len(d.Added), len(d.Touched), d.Err(), want)
	}
	if got := catalogue.Compare(n, n); !got.Empty() || len(got.Lines()) != 0 {
		t.Errorf("a catalogue against itself: got %v", got.Lines())
	}
}
