package catalogue_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"arifa/subscriptions"
	"arifa/subscriptions/catalogue"
)

// mark stands in the line on which a case expects its one fault.
const mark = "# <-"

func small(t testing.TB) string {
	t.Helper()
	data, err := os.ReadFile("testdata/small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestSmallHasNoFault(t *testing.T) {
	t.Parallel()
	if _, err := catalogue.Parse([]byte(small(t))); err != nil {
		t.Fatalf("the file that every case changes has faults itself:\n%v", err)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, old, new, want string }{
		// Keys and types.
		{"unknown key", "    kind: ministry", "    kind: ministry\n    colour: red " + mark, "unknown key: take it away"},
		{"misspelt key", "    operator: telco", "    operator: telco\n    replacs: mobile " + mark, "did you mean replaces?"},
		{"unknown key at the top", "schema: 1", "schema: 1\nversion: 2 " + mark, "unknown key"},
		{"duplicate key", "    short: \"T\"", "    short: \"T\"\n    short: \"U\" " + mark, "stands already on line 45"},
		{"duplicate key at the top", "sources:", "country: KE " + mark + "\nsources:", "stands already on line 2"},
		{"missing key", "  - id: telco\n    name: {en: \"Telco\", sw: \"Simu\"}\n    short: \"Telco\"\n", "  - id: telco " + mark + "\n    name: {en: \"Telco\", sw: \"Simu\"}\n", "the key short is missing"},
		{"missing id", "  - id: contact-line\n    agency: treasury\n", "  - agency: treasury " + mark + "\n", "the key id is missing"},
		{"missing verify", "    src: [page]\n    verify: false\n", "    src: [page]\n", "write verify: true until"},
		{"missing top key", "timezone: Africa/Nairobi\n", "", "the key timezone is missing"},
		{"number for text", "value: \"1919\"", "value: 1919 " + mark, "must be a text, not a number: write it in quotes"},
		{"date for text", "description: \"A bill.\"", "description: 2025-01-03 " + mark, "not a date: write it in quotes"},
		{"nothing for text", "description: \"A bill.\"", "description: " + mark, "must be a text, not nothing"},
		{"list for text", "description: \"A bill.\"", "description: [a] " + mark, "must be a text, not a list"},
		{"text for flag", "payment: false", "payment: \"no\" " + mark, "must be true or false"},
		{"yes for flag", "payment: false", "payment: yes " + mark, "must be true or false"},
		{"text for list", "keywords: [\"bill\"]", "keywords: bill " + mark, "must be a list [a, b]"},
		{"text for section", "contacts:\n  - id: contact-line\n    agency: treasury\n    type: hotline\n    value: \"1919\"\n    purpose: \"Information\"\n    publishable: true\n    src: [page]\n    verify: false\n", "contacts: none " + mark + "\n", "must be a list of entries"},
		{"list for mapping", "impact_when_down: {pay: degraded}", "impact_when_down: [pay] " + mark, "must be keys with values, not a list"},
		{"word for entry", "  - id: oldbill", "  - none " + mark + "\n  - id: oldbill", "must be keys with values"},
		{"mapping as key", "    harm: high", "    harm: high\n    {a: b}: c " + mark, "a key must be one word"},
		{"empty identifiers", "    identifiers:\n      - {type: mpesa-paybill, value: \"222222\"}\n", "    identifiers: [] " + mark + "\n", "take the key away if there are none"},
		{"long list", "depends_on: [mobile, pay]", "depends_on: [" + strings.Repeat("a, ", 100) + "b] " + mark, "at most 100"},
		{"twice in a list", "depends_on: [mobile, pay]", "depends_on: [mobile, pay, mobile] " + mark, "stands in this list already"},
		{"county without letters", "sources:", "counties:\n  - {id: \"30\", name: \"0712 345\"} " + mark + "\nsources:", "is no name of a county"},
		{"county that speaks of money", "sources:", "counties:\n  - {id: \"30\", name: \"Lipa hapa\"} " + mark + "\nsources:", "is no name of a county"},
		{"county by a word", "sources:", "counties:\n  - {id: \"nairobi\", name: \"Nairobi\"} " + mark + "\nsources:", "is no number of ISO 3166-2"},
		{"county twice", "sources:", "counties:\n  - {id: \"30\", name: \"Nairobi\"}\n  - {id: \"30\", name: \"Embu\"} " + mark + "\nsources:", "stands twice"},
		{"counties as words", "sources:", "counties: Nairobi " + mark + "\nsources:", "must be a list of {id, name}"},
		{"wrong schema", "schema: 1", "schema: 2 " + mark, "reads schema: 1 only"},

		// Values.
		{"bad id", "  - id: licence\n", "  - id: Licence_1 " + mark + "\n", "is no id"},
		{"long id", "  - id: licence\n", "  - id: " + strings.Repeat("a", 41) + " " + mark + "\n", "at most 40 bytes"},
		{"bad source id", "  page: {url: \"https://example.org/page\"", "  \"p age\": {url: \"https://example.org\", label: \"x\"} " + mark + "\n  page: {url: \"https://example.org/page\"", "is no id"},
		{"empty name", "sw: \"Leseni\"}", "sw: \" \"} " + mark, "is empty"},
		{"long name", "sw: \"Leseni\"}", "sw: \"" + strings.Repeat("na ", 40) + "\"} " + mark, "at most 100"},
		{"long text", "description: \"A bill.\"", "description: \"" + strings.Repeat("na ", 1000) + "\" " + mark, "shorten it"},
		{"hidden character", "sw: \"Leseni\"}", "sw: \"Le\u200bseni\"} " + mark, "invisible character U+200B"},
		{"two lines in a name", "sw: \"Leseni\"}", "sw: \"Le\\nseni\"} " + mark, "invisible character U+000A"},
		{"time zone", "timezone: Africa/Nairobi", "timezone: Africa/Nairobbery " + mark, "is no time zone"},
		{"local time zone", "timezone: Africa/Nairobi", "timezone: Local " + mark, "is no time zone"},
		{"country", "country: KE", "country: Kenya " + mark, "two capital letters"},
		{"currency", "currency: KES", "currency: KSh " + mark, "three capital letters"},
		{"unknown language", "languages: [en, sw]", "languages: [en, sw, qq] " + mark, "is no language"},
		{"no language", "languages: [en, sw]\ndefault_language: en", "languages: [] " + mark + "\ndefault_language: en", "name at least one"},
		{"default language", "default_language: en", "default_language: fr " + mark, "not among the languages"},
		{"impact", "{pay: degraded}", "{pay: broken} " + mark, "use blocked, degraded"},
		{"paid via", "paid_via_ecitizen: partly", "paid_via_ecitizen: maybe " + mark, "use full, partly, none, unknown"},
		{"destination type", "type: mpesa-paybill\n    value: \"888880\"", "type: hotline " + mark + "\n    value: \"888880\"", "is not known"},
		{"contact type", "type: hotline", "type: mpesa-paybill " + mark, "is not known"},
		{"identifier type", "{type: mpesa-paybill, value: \"222222\"}", "{type: paybill, value: \"222222\"} " + mark, "is not known"},
		{"harm", "harm: high", "harm: low " + mark, "use high"},
		{"text maker", "sw_by: translation", "sw_by: machine " + mark, "use translation, editor"},
		{"kind", "kind: ministry", "kind: \"A Ministry\" " + mark, "lower-case words"},
		{"suffix", "[\".go.ke\"]", "[\".ke\"] " + mark, "at least two parts"},
		{"official host", "host: \"www.power.example\", agency: power}", "host: \"https://www.power.example/\", agency: power} " + mark, "is no host"},
		{"paybill form", "value: \"888880\"", "value: \"88\" " + mark, "a paybill has 5 to 7 digits"},
		{"source address", "url: \"https://example.org/page\", label: \"A page\"}", "url: \"page\", label: \"A page\"} " + mark, "is no address of a page"},
		{"foreign host", "url: \"https://licence.go.ke\"", "url: \"https://licence.example\" " + mark, "is not an official host"},
		{"look-alike host", "url: \"https://licence.go.ke\"", "url: \"https://licence.go.ke@evil.example\" " + mark, "without a user"},
		{"plain http", "url: \"https://licence.go.ke\"", "url: \"http://licence.go.ke\" " + mark, "full address with https://"},

		// Ids and references.
		{"duplicate id", "  - id: oldbill\n", "  - id: bill " + mark + "\n", "the id bill is taken on line"},
		{"duplicate id of destination and contact", "  - id: contact-line\n", "  - id: dest-old " + mark + "\n", "the id dest-old is taken on line 84"},
		{"unknown agency", "  - id: licence\n    agency: treasury", "  - id: licence\n    agency: tresury " + mark, "did you mean treasury?"},
		{"unknown operator", "operator: telco", "operator: zebra " + mark, "no agency has the id zebra"},
		{"unknown platform", "depends_on: [mobile, pay]", "depends_on: [mobile, pay, sea] " + mark, "no platform has the id sea"},
		{"unknown platform of a platform", "depends_on: [mobile]\n", "depends_on: [mobile, sea] " + mark + "\n", "no platform has the id sea"},
		{"unknown platform of an alternative", "use_when_down: [pay]", "use_when_down: [pay, sea] " + mark, "no platform has the id sea"},
		{"unknown alternative", "alternatives: [alt-bank]", "alternatives: [alt-bnk] " + mark, "did you mean alt-bank?"},
		{"unknown src id", "    harm: high\n    src: [page]", "    harm: high\n    src: [pages] " + mark, "did you mean page?"},
		{"unknown host agency", "agency: power}", "agency: nobody} " + mark, "no agency has the id nobody"},
		{"impact without dependency", "{pay: degraded}\n    dependency_verify", "{pay: degraded, portal: degraded} " + mark + "\n    dependency_verify", "portal is not in depends_on"},
		{"impact without dependency of a platform", "{mobile: degraded}", "{mobile: degraded, portal: blocked} " + mark, "portal is not in depends_on"},
		{"verify without dependency", "dependency_verify: [pay]", "dependency_verify: [portal] " + mark, "portal is not in depends_on"},
		{"retired platform in use", "depends_on: [portal]", "depends_on: [portal, oldportal] " + mark, "the platform oldportal is retired"},
		{"replaces nothing", "    harm: high", "    harm: high\n    replaces: gone " + mark, "keep the old entry with retired: true"},
		{"replaces the living", "    harm: high", "    harm: high\n    replaces: licence " + mark, "is not retired"},
		{"replaces itself", "    harm: high", "    harm: high\n    replaces: bill " + mark, "cannot replace itself"},
		{"replaced by two", "    url: \"https://licence.go.ke\"\n    depends_on: [portal]\n    alternatives: [alt-ask]\n    src: [page]\n  - id: bill\n", "    depends_on: [portal]\n    alternatives: [alt-ask]\n    src: [page]\n    replaces: oldbill\n  - id: bill\n    replaces: oldbill " + mark + "\n", "is replaced by licence already"},
		{"replaced platform by two", "    depends_on: []\n    src: [page]\n  - id: portal\n", "    depends_on: []\n    src: [page]\n    replaces: oldportal\n  - id: portal\n    replaces: oldportal " + mark + "\n", "is replaced by mobile already"},
		{"circle of replacements", "    retired: true\n\nsources:", "    retired: true\n    replaces: older\n  - {id: older, agency: power, name: {en: a, sw: b}, description: c, keywords: [d], depends_on: [], alternatives: [], src: [page], retired: true, replaces: oldbill} " + mark + "\n\nsources:", "replace each other in a circle"},
		{"retired agency in use", "    kind: private-operator\n", "    kind: private-operator\n    retired: true\n", "the agency telco is retired"},
		{"retired alternative in use", "    payment: true\n", "    payment: true\n    retired: true\n", "the alternative alt-bank is retired"},
		{"retired destination in use", "    value: \"888880\"\n", "    value: \"888880\"\n    retired: true\n", "is retired: name another entry"},
		{"cycle", "kind: mobile-money\n    depends_on: []\n    src: [page]\n  - id: portal\n    name: {en: \"Portal\", sw: \"Tovuti\"}\n    operator: treasury\n    kind: portal\n    depends_on: [pay]", "kind: mobile-money\n    depends_on: [portal]\n    src: [page]\n  - id: portal\n    name: {en: \"Portal\", sw: \"Tovuti\"}\n    operator: treasury\n    kind: portal\n    depends_on: [pay] " + mark, "circle (pay → mobile → portal → pay)"},
		{"depends on itself", "kind: mobile-money\n    depends_on: []", "kind: mobile-money\n    depends_on: [mobile] " + mark, "circle (mobile → mobile)"},

		// Languages, texts and the registry.
		{"missing language", "{en: \"Licence\", sw: \"Leseni\"}", "{en: \"Licence\"} " + mark, "the text in this language is missing"},
		{"language of nobody", "{en: \"Licence\", sw: \"Leseni\"}", "{en: \"Licence\", sw: \"Leseni\", fr: \"Permis\"} " + mark, "unknown key"},
		{"dangling destination", "en: \"Pay {dest:dest-power} at", "en: \"Pay {dest:dest-powr} at", "did you mean {dest:dest-power}?"},
		{"wrong list", "{contact:contact-line} to ask", "{dest:contact-line} to ask", "so write {contact:contact-line}"},
		{"unpublishable reference", "{dest:dest-power} at", "{dest:dest-power} {dest:dest-old} at", "must not reach a citizen"},
		{"references differ", "Piga {contact:contact-line} kuuliza", "Piga simu kuuliza", "name the same ones in every language"},
		{"braces", "kuuliza.", "{kuuliza}.", "braces that are no reference"},
		{"number held", "to ask.", "(1919) to ask.", "write {contact:contact-line} in its place"},
		{"number refused", "to ask.", "or pay 206206.", "the registry refuses it (dest-old)"},
		{"number nobody holds", "to ask.", "or pay 400200.", "no registry entry holds it"},
		{"number spaced", "to ask.", "or pay 4 0 0 2 0 0.", "\"4 0 0 2 0 0\" is written out"},
		{"number dotted", "to ask.", "or pay 4.0.0-2.0.0.", "is written out"},
		{"number full-width", "to ask.", "or pay ４００２００.", "\"400200\" is written out"},
		{"number Arabic", "to ask.", "or pay ٤٠٠٢٠٠.", "\"400200\" is written out"},
		{"number in words", "to ask.", "or pay four double zero two zero zero.", "\"four double zero two zero zero\" is written out"},
		{"short code", "to ask.", "or dial *7#.", "\"*7#\" is written out"},
		{"link", "to ask.", "or see https://x.example.", "is written out"},
		{"bare link", "to ask.", "or see pay-now.co.ke today.", "\"pay-now.co.ke\" is written out"},
		{"account", "to ask.", "or ask @treasury.", "\"@treasury.\" is written out"},
		{"number in a name", "en: \"Licence\"", "en: \"Licence 400200\"", "stands in a name"},
		{"number in a short name", "short: \"T\"", "short: \"T 400200\" " + mark, "stands in a name"},
		{"refused number in a name", "en: \"Licence\"", "en: \"Licence 206206\"", "stands in a name"},
		{"number in the receiver's name", "    value: \"888880\"\n", "    value: \"888880\"\n    expect_name: \"Otieno, or 0722 000 111\" " + mark + "\n", "stands in a name"},
		{"link in a name", "en: \"Licence\"", "en: \"Licence go.example\"", "stands in a name"},
		{"contradiction", "value: \"206206\"", "value: \"888880\" " + mark, "says otherwise (publishable)"},
		{"alternative of another agency", "alternatives: [alt-ask]", "alternatives: [alt-ask, alt-bank] " + mark, "which neither answers for this service"},
		{"alternative over a guessed link", "alternatives: [alt-bank]", "alternatives: [alt-bank, alt-ask] " + mark, "which neither answers for this service"},

		// YAML itself.
		{"anchor", "description: \"A bill.\"", "description: &a \"A bill.\" " + mark, "an anchor (&a)"},
		{"tag", "description: \"A bill.\"", "description: !!str 12 " + mark, "a tag (!!str)"},
		{"second document", "\nsources:", "\nsources: {}\n--- " + mark + "\nsources:", "a second document"},
		{"not YAML", "    harm: high", "    harm: high: low " + mark, "this is not YAML"},
		{"open quote", "    harm: high", "    harm: \"high\n", "mend it here or above"},
		{"NUL", "description: \"A bill.\"", "description: \"\x00\" " + mark, "a NUL byte"},
		{"not UTF-8", "description: \"A bill.\"", "description: \"\xff\" " + mark, "not UTF-8"},
	}
	// What else these cases break: a reference to what is gone.
	more := map[string]int{"missing id": 2, "text for section": 2, "empty identifiers": 2, "duplicate id of destination and contact": 2, "official host": 1, "retired destination in use": 1, "long list": 2}
	base := small(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if strings.Count(base, c.old) == 0 {
				t.Fatalf("the case changes nothing: %q", c.old)
			}
			file := strings.Replace(base, c.old, c.new, 1)
			line := lineOf(file, mark)
			if line == 0 && c.new != "" && !strings.Contains(c.new, "\n") {
				line = lineOf(file, c.new)
			}
			check(t, file, c.want, line, more[c.name])
		})
	}
}

// check wants a fault whose text holds want, on that line (0 = on any), and as
// many others as named.
func check(t *testing.T, file, want string, line, others int) {
	t.Helper()
	n, err := catalogue.Parse([]byte(file))
	var faults catalogue.Faults
	if n != nil || !errors.As(err, &faults) {
		t.Fatalf("got nation %v and error %v, want Faults", n, err)
	}
	if len(faults) != 1+others {
		t.Errorf("got\n%v\nwant %d faults", faults, 1+others)
	}
	i := slices.IndexFunc(faults, func(f catalogue.Fault) bool { return strings.Contains(f.String(), want) })
	if i < 0 {
		t.Fatalf("got\n%v\nwant a fault with %q", faults, want)
	}
	if line > 0 && faults[i].Line != line {
		t.Errorf("got %v, want line %d", faults[i], line)
	}
}

// lineOf returns the line, from 1, on which text first stands; 0 = nowhere.
func lineOf(file, text string) int {
	at := strings.Index(file, text)
	if at < 0 {
		return 0
	}
	return 1 + strings.Count(file[:at], "\n")
}

func TestAllFaultsAtOnceSortedByLine(t *testing.T) {
	t.Parallel()
	file := small(t)
	for _, change := range [][2]string{
		{"currency: KES", "currency: KSh"}, {"operator: telco", "operator: zebra"}, {"sw: \"Leseni\"", "sw: \"\""},
		{"to ask.", "or pay 400200."}, {"harm: high", "harm: low"}, {"short: \"T\"", "shrot: \"T\""},
	} {
		file = strings.Replace(file, change[0], change[1], 1)
	}
	_, err := catalogue.Parse([]byte(file))
	var faults catalogue.Faults
	if !errors.As(err, &faults) || len(faults) != 7 { // the misspelt key is also a missing one
		t.Fatalf("got\n%v\nwant seven faults", err)
	}
	if !slices.IsSortedFunc(faults, func(a, b catalogue.Fault) int { return a.Line - b.Line }) {
		t.Errorf("not sorted by line:\n%v", faults)
	}
}

func TestFaultsOfTheWholeFile(t *testing.T) {
	t.Parallel()
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for _, pair := range []string{"ba", "cb", "dc", "ed", "fe", "gf", "hg"} {
		ref := "*" + pair[1:]
		bomb += pair[:1] + ": &" + pair[:1] + " [" + strings.Repeat(ref+",", 8) + ref + "]\n"
	}
	cases := []struct{ name, file, want string }{
		{"empty", "", "the file is empty"},
		{"only a comment", "# nothing\n", "the file is empty"},
		{"a list", "- a\n- b\n", "must be keys with values"},
		{"a word", "hello", "must be keys with values"},
		{"too large", "# " + strings.Repeat("x", catalogue.MaxBytes), "at most 1048576"},
		{"bomb of aliases", bomb, "an alias (*a): write the value out"},
		{"alias to itself", "schema: &a [*a]\n", "an alias (*a)"},
		{"alias to nothing", "schema: *nobody\n", "this is not YAML"},
		{"merge key", "base: &b {x: 1}\nschema:\n  <<: *b\n", "an alias (*b)"},
		{"deep", strings.Repeat("[", 20000), "this is not YAML"},
		{"too many entries", "contacts:\n" + strings.Repeat("  - {}\n", 2001), "at most 2000 are read"},
		{"countless faults", "services:\n" + strings.Repeat("  - {id: \"\", src: ["+strings.Repeat("a,", 99)+"a], x: 1}\n", 1900), "unknown key"},
		{"endless list", "languages: [" + strings.Repeat("a,", 300_000) + "a]\n", "at most 100"},
		{"UTF-16", "\xff\xfes\x00", "NUL"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := catalogue.Parse([]byte(c.file))
			var faults catalogue.Faults
			if !errors.As(err, &faults) || !strings.Contains(faults.Error(), c.want) {
				t.Errorf("got\n%.2000v\nwant a fault with %q", err, c.want)
			}
		})
	}
}

// TestEveryLineSpoilt takes each line of a good file away, doubles it and puts
// other values into it: whatever comes, it is a nation or faults with lines.
func TestEveryLineSpoilt(t *testing.T) {
	t.Parallel()
	lines := strings.SplitAfter(small(t), "\n")
	values := []string{"", " []", " {}", " [[a]]", " {a: {b: c}}", " *x", " &x y", " \"\"", " 7", " -", " !!map {}"}
	for i, line := range lines {
		key, _, isKey := strings.Cut(line, ":")
		variants := []string{"", line + line, "  " + line}
		for j := range 2 { // not each value on each line: that takes seconds
			if isKey {
				variants = append(variants, key+":"+values[(i+3*j)%len(values)]+"\n")
			}
		}
		for _, v := range variants {
			parsed(t, []byte(strings.Join(lines[:i], "")+v+strings.Join(lines[i+1:], "")))
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(small(f)))
	f.Add([]byte("schema: 1\nlanguages: [en]\nservices:\n  - id: a\n    depends_on: [b]\n"))
	f.Add([]byte("a: &a [*a]\n---\nb"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n := parsed(t, data)
		if n == nil {
			return
		}
		catalogue.NewIndex(n).Search("pay", 3)
		if d := catalogue.Compare(n, n); !d.Empty() {
			t.Errorf("a catalogue differs from itself:\n%v", d.Lines())
		}
	})
}

// parsed wants a nation or faults that each have a line and words, not both.
func parsed(t *testing.T, data []byte) *subscriptions.Nation {
	n, err := catalogue.Parse(data)
	var faults catalogue.Faults
	switch {
	case (n == nil) == (err == nil):
		t.Fatalf("got nation %v and error %v, want one of them:\n%s", n, err, data)
	case err != nil && (!errors.As(err, &faults) || len(faults) == 0):
		t.Fatalf("got %v, want Faults:\n%s", err, data)
	}
	for _, fault := range faults {
		if fault.Line < 1 || fault.Problem == "" {
			t.Errorf("a fault without its line or its words: %+v", fault)
		}
	}
	return n
}
