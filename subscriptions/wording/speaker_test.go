package wording_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"
	"text/template/parse"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

func TestEveryLanguageHasTheSameSentences(t *testing.T) {
	t.Parallel()
	want := map[string]string{}
	all := wording.Sentences()
	for _, m := range all["en"] {
		want[m.ID] = fields(t, m.Other) + " plural:" + yes(m.One != "")
		for _, field := range strings.Fields(fields(t, m.One)) {
			if !strings.Contains(m.Other, field) {
				t.Errorf("en %s: one uses %s, other does not", m.ID, field)
			}
		}
	}
	if len(want) < 100 {
		t.Fatalf("got %d English sentences, want at least 100", len(want))
	}
	for l, messages := range all {
		got := map[string]string{}
		for _, m := range messages {
			got[m.ID] = fields(t, m.Other) + " plural:" + yes(m.One != "")
			if strings.TrimSpace(m.Other) == "" {
				t.Errorf("%s %s: empty", l, m.ID)
			}
			if w, ok := want[m.ID]; !ok {
				t.Errorf("%s %s: not in English", l, m.ID)
			} else if w != got[m.ID] {
				t.Errorf("%s %s: uses %s, English uses %s", l, m.ID, got[m.ID], w)
			}
			for _, verb := range []string{"%d", "%s"} {
				if i := slices.IndexFunc(all["en"], byID(m.ID)); i >= 0 && strings.Count(m.Other, verb) != strings.Count(all["en"][i].Other, verb) {
					t.Errorf("%s %s: another number of %s than in English", l, m.ID, verb)
				}
			}
		}
		for id := range want {
			if _, ok := got[id]; !ok {
				t.Errorf("%s %s: missing", l, id)
			}
		}
	}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// fields lists the fields that a template uses, sorted.
func fields(t *testing.T, text string) string {
	t.Helper()
	tpl, err := template.New("").Parse(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	var names []string
	for _, n := range tpl.Root.Nodes {
		action, ok := n.(*parse.ActionNode)
		if !ok {
			continue
		}
		for _, c := range action.Pipe.Cmds {
			for _, a := range c.Args {
				if f, ok := a.(*parse.FieldNode); ok && !slices.Contains(names, f.String()) {
					names = append(names, f.String())
				}
			}
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// Citizens must not meet the words of engineers and press officers.
func TestSentencesArePlain(t *testing.T) {
	t.Parallel()
	forbidden := regexp.MustCompile(`(?i)\b(DNS|hitch|stakeholders?|regret(ted|s)?|server|downtime|inconvenience|today|leo|operational|partly|100 ?%|tunasikitika|wadau|kwa sehemu)\b`)
	for l, messages := range wording.Sentences() {
		for _, m := range messages {
			for _, text := range []string{m.One, m.Other} {
				if bad := forbidden.FindString(text); bad != "" {
					t.Errorf("%s %s: %q holds %q", l, m.ID, text, bad)
				}
				if strings.Contains(text, "  ") || strings.TrimSpace(text) != text {
					t.Errorf("%s %s: stray spaces in %q", l, m.ID, text)
				}
			}
		}
	}
}

// An id that is written in the source but has no sentence would leave a silent
// gap in front of a citizen.
func TestEveryWrittenIDHasASentence(t *testing.T) {
	t.Parallel()
	s := setup(t)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	call := regexp.MustCompile(`\b(?:[wsc]|speaker)\.(?:t|n|T|N|at|naming)\((?:w?\.?l, )?"([a-z.]+)"[,)]`)
	n := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range call.FindAllStringSubmatch(string(source), -1) {
			if n++; !s.speaker.Has(m[1]) {
				t.Errorf("%s: no sentence %q", file, m[1])
			}
		}
	}
	if n < 50 {
		t.Errorf("got %d ids in the source, want at least 50: does the pattern still fit?", n)
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for _, c := range []struct {
		hour, minute int
		en, sw       string
	}{
		{0, 0, "12:00 midnight", "saa sita usiku (00:00)"},
		{0, 30, "12:30 am", "saa sita na nusu usiku (00:30)"},
		{3, 59, "3:59 am", "saa tisa na dakika 59 usiku (03:59)"},
		{4, 0, "4:00 am", "saa kumi alfajiri (04:00)"},
		{5, 45, "5:45 am", "saa kumi na mbili kasoro robo alfajiri (05:45)"},
		{6, 0, "6:00 am", "saa kumi na mbili asubuhi (06:00)"},
		{6, 4, "6:04 am", "saa kumi na mbili na dakika 4 asubuhi (06:04)"},
		{7, 15, "7:15 am", "saa moja na robo asubuhi (07:15)"},
		{11, 0, "11:00 am", "saa tano asubuhi (11:00)"},
		{12, 0, "12:00 noon", "saa sita mchana (12:00)"},
		{15, 0, "3:00 pm", "saa tisa mchana (15:00)"},
		{16, 0, "4:00 pm", "saa kumi jioni (16:00)"},
		{18, 30, "6:30 pm", "saa kumi na mbili na nusu jioni (18:30)"},
		{19, 0, "7:00 pm", "saa moja usiku (19:00)"},
		{22, 0, "10:00 pm", "saa nne usiku (22:00)"},
		{23, 45, "11:45 pm", "saa sita kasoro robo usiku (23:45)"},
	} {
		when := s.at(c.hour, c.minute)
		if got := s.speaker.Clock("en", when); got != c.en {
			t.Errorf("en %02d:%02d: got %q, want %q", c.hour, c.minute, got, c.en)
		}
		if got := s.speaker.Clock("sw", when); got != c.sw {
			t.Errorf("sw %02d:%02d: got %q, want %q", c.hour, c.minute, got, c.sw)
		}
	}
}

func TestDatesListsAndNumbers(t *testing.T) {
	t.Parallel()
	s := setup(t)
	day := time.Date(2025, 8, 31, 17, 0, 0, 0, s.zone)
	for _, c := range []struct{ name, got, want string }{
		{"date en", s.speaker.Date("en", day), "31 August 2025"},
		{"date sw", s.speaker.Date("sw", day), "31 Agosti 2025"},
		{"both en", s.speaker.DateTime("en", day), "5:00 pm on 31 August 2025"},
		{"both sw", s.speaker.DateTime("sw", day), "saa kumi na moja jioni (17:00) tarehe 31 Agosti 2025"},
		{"one", s.speaker.List("en", []string{"a"}), "a"},
		{"none", s.speaker.List("en", nil), ""},
		{"three en", s.speaker.List("en", []string{"a", "b", "c"}), "a, b and c"},
		{"three sw", s.speaker.List("sw", []string{"a", "b", "c"}), "a, b na c"},
		{"small", s.speaker.Number("en", 999), "999"},
		{"thousand", s.speaker.Number("sw", 13500), "13,500"},
		{"million", s.speaker.Number("en", -1234567), "-1,234,567"},
		{"unknown language", s.speaker.Date("xx", day), "31 August 2025"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
}

// A sentence that is no template would be left out of what a citizen reads.
func TestEverySentenceIsATemplate(t *testing.T) {
	t.Parallel()
	for l, messages := range wording.Sentences() {
		for _, m := range messages {
			for _, text := range []string{m.One, m.Other} {
				if _, err := template.New(m.ID).Parse(text); err != nil {
					t.Errorf("%s: sentence %s: %v", l, m.ID, err)
				}
			}
		}
	}
}

func TestUnknownSentence(t *testing.T) {
	t.Parallel()
	s, err := wording.NewSpeaker()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []subscriptions.Language{"en", "sw", "", "xx"} {
		if got := s.T(l, "no.such.sentence", nil); got != "" {
			t.Errorf("%s: got %q, want nothing", l, got)
		}
		if got := s.T(l, "asof", map[string]any{}); got != "" {
			t.Errorf("%s without a field: got %q, want nothing", l, got)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a strict speaker did not panic")
		}
	}()
	s.Strict().T("en", "no.such.sentence", nil)
}

// Verbs agree with the name of every platform of the catalogue.
func TestAgreement(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for _, c := range []struct{ subject, tense, want string }{
		{"Malipo kwa 222222 (eCitizen)", "fails", "hayafanyi kazi"},
		{"Malipo kwa 222222 (eCitizen)", "works", "yanafanya kazi tena"},
		{"Malipo kwa 222222 (eCitizen)", "will", "hayatafanya kazi"},
		{"Mfumo wa iTax wa KRA", "fails", "haufanyi kazi"},
		{"Mfumo wa iTax wa KRA", "works", "unafanya kazi tena"},
		{"Mifumo ya SHA (inayoendeshwa na Digital Health Agency)", "fails", "haifanyi kazi"},
		{"Tovuti ya huduma za NTSA", "fails", "haifanyi kazi"},
		{"Tovuti za KNEC (matokeo, QMIS)", "still", "bado hazifanyi kazi"},
		{"Akaunti na tovuti za eCitizen (kuingia)", "fails", "hazifanyi kazi"},
		{"Huduma za kidijitali za kaunti ya Mombasa", "will", "hazitafanya kazi"},
		{"Huduma ya maji", "some", "haifanyi kazi kwa baadhi ya watu"},
		{"Kituo cha Huduma", "fails", "hakifanyi kazi"},
		{"M-PESA", "fails", "haifanyi kazi"},
	} {
		if got := wording.Verb(s.speaker, "sw", c.subject, c.tense); got != c.want {
			t.Errorf("%s, %s: got %q, want %q", c.subject, c.tense, got, c.want)
		}
	}
	for subject, want := range map[string]string{
		"Payments to 222222 (eCitizen)": "are not working",
		"M-PESA mobile money":           "is not working",
		"KRA iTax":                      "is not working",
		"SHA systems (run by the Digital Health Agency)":     "are not working",
		"IFMIS government accounting system":                 "is not working",
		"Mombasa county e-services":                          "are not working",
		"eCitizen accounts and service portals (login)":      "are not working",
		"KWSPay park payment system":                         "is not working",
		"Narok county park revenue system":                   "is not working",
		"KNEC portals (results, QMIS)":                       "are not working",
		"Madaraka Express booking":                           "is not working",
		"Higher Education Financing portal":                  "is not working",
		"Ardhisasa land information system, a new campus":    "is not working",
		"Judiciary e-filing and payments of the whole court": "are not working",
	} {
		if got := wording.Verb(s.speaker, "en", subject, "fails"); got != want {
			t.Errorf("%s: got %q, want %q", subject, got, want)
		}
	}
}

func byID(id string) func(*i18n.Message) bool {
	return func(m *i18n.Message) bool { return m.ID == id }
}
