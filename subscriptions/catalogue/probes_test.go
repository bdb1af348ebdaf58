package catalogue_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/catalogue"
)

// probed is the small catalogue with a probe list on the platform portal.
func probed(t *testing.T, list string) string {
	t.Helper()
	const place = "    depends_on: [pay]\n    src: [page]\n"
	file := small(t)
	if strings.Count(file, place) != 1 {
		t.Fatal("the small catalogue has changed")
	}
	return strings.Replace(file, place, "    depends_on: [pay]\n    probe: "+list+"\n    src: [page]\n", 1)
}

func TestProbes(t *testing.T) {
	t.Parallel()
	n, err := catalogue.Parse([]byte(probed(t, `
      - url: "https://portal.go.ke/login"
      - url: "https://portal.go.ke/health"
        status: [200, 204]
        text: "fine"
        every: 5m
        timeout: 3s
      - {url: "http://127.0.0.1:8080/", status: 200, external: true}`)))
	if err != nil {
		t.Fatal(err)
	}
	p, _ := n.Platform("portal")
	want := []subscriptions.Probe{
		{URL: "https://portal.go.ke/login", Every: time.Minute, Timeout: 10 * time.Second},
		{URL: "https://portal.go.ke/health", Status: []int{200, 204}, Text: "fine", Every: 5 * time.Minute, Timeout: 3 * time.Second},
		{URL: "http://127.0.0.1:8080/", Status: []int{200}, Every: time.Minute, Timeout: 10 * time.Second, External: true},
	}
	if !reflect.DeepEqual(p.Probes, want) {
		t.Errorf("got %+v\nwant %+v", p.Probes, want)
	}
}

func TestProbeFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, list, want string }{
		{"no list", `"https://portal.go.ke" ` + mark, "must be a list of entries"},
		{"an empty list", `[] ` + mark, "take the key away if there are none"},
		{"a word in the list", `[none] ` + mark, "must be keys with values"},
		{"too many", "[" + strings.Repeat(`{url: "https://portal.go.ke"}, `, 6) + "] " + mark, "at most 5"},
		{"no address", `[{status: 200}] ` + mark, "the key url is missing"},
		{"a misspelt key", `[{url: "https://portal.go.ke", evry: 60s}] ` + mark, "did you mean every?"},
		{"the same twice", `[{url: "https://portal.go.ke"}, {url: "https://portal.go.ke"}] ` + mark, "keep one of them"},
		{"plain http", `[{url: "http://portal.go.ke"}] ` + mark, "write https://"},
		{"plain http elsewhere", `[{url: "http://portal.example", external: true}] ` + mark, "write https://"},
		{"another scheme", `[{url: "file:///etc/passwd"}] ` + mark, "a full address with https://"},
		{"no host", `[{url: "https:///login"}] ` + mark, "a full address with https://"},
		{"a user", `[{url: "https://me:pass@portal.go.ke"}] ` + mark, "without a user"},
		{"a look-alike host", `[{url: "https://portal.go.ke.example"}] ` + mark, "is not an official host"},
		{"another port", `[{url: "https://portal.go.ke:8443"}] ` + mark, "is not an official host"},
		{"this machine", `[{url: "http://127.0.0.1/"}] ` + mark, "is not an official host"},
		{"status in words", `[{url: "https://portal.go.ke", status: fine}] ` + mark, "must be a status of HTTP"},
		{"status out of range", `[{url: "https://portal.go.ke", status: [200, 99]}] ` + mark, "must be a status of HTTP"},
		{"no status", `[{url: "https://portal.go.ke", status: []}] ` + mark, "one status or a list"},
		{"too often", `[{url: "https://portal.go.ke", every: 5s}] ` + mark, "from 30s to 1h0m0s"},
		{"too seldom", `[{url: "https://portal.go.ke", every: 2h}] ` + mark, "from 30s to 1h0m0s"},
		{"a bare number", `[{url: "https://portal.go.ke", every: 60}] ` + mark, "must be a text, not a number"},
		{"not a time", `[{url: "https://portal.go.ke", every: often}] ` + mark, "will not do"},
		{"a long wait", `[{url: "https://portal.go.ke", timeout: 60s}] ` + mark, "from 1s to 25s"},
		{"a long text", `[{url: "https://portal.go.ke", text: "` + strings.Repeat("x", 201) + `"}] ` + mark, "at most 200"},
		{"a hidden letter", `[{url: "https://portal.go.ke", text: "fi` + "\u200b" + `ne"}] ` + mark, "invisible character"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file := probed(t, c.list)
			check(t, file, c.want, lineOf(file, mark), 0)
		})
	}
}

func TestProbesOfTheWholeCatalogueAreBounded(t *testing.T) {
	t.Parallel()
	var more strings.Builder
	for i := range 21 {
		id := string(rune('a' + i))
		more.WriteString("  - {id: x" + id + ", name: {en: a, sw: b}, operator: treasury, kind: portal, depends_on: [], src: [page], probe: [")
		for j := range 5 {
			more.WriteString(`{url: "https://` + id + string(rune('a'+j)) + `.go.ke"}, `)
		}
		more.WriteString("]}\n")
	}
	_, err := catalogue.Parse([]byte(strings.Replace(small(t), "platforms:\n", "platforms:\n"+more.String(), 1)))
	if err == nil || !strings.Contains(err.Error(), "at most 100 probes") {
		t.Errorf("105 probes: got %v", err)
	}
}

func TestAChangedProbeIsShown(t *testing.T) {
	t.Parallel()
	parse := func(list string) *subscriptions.Nation {
		n, err := catalogue.Parse([]byte(probed(t, list)))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	d := catalogue.Compare(parse(`[{url: "https://portal.go.ke"}]`), parse(`[{url: "https://portal.go.ke", status: 200}]`))
	if got := strings.Join(d.Lines(), "\n"); !strings.Contains(got, "probe") || !strings.Contains(got, "answers 200") || d.Waiting() != 0 {
		t.Errorf("got %s, %d waiting", got, d.Waiting())
	}
}

// Only addresses that the catalogue names anyway are asked, and of official hosts.
func TestKenyaProbes(t *testing.T) {
	t.Parallel()
	n, err := catalogue.Kenya()
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, p := range n.Platforms {
		for _, probe := range p.Probes {
			count++
			known := false
			for _, id := range p.Identifiers {
				known = known || id.Type == "url" && id.Value == probe.URL
			}
			if !known || probe.External {
				t.Errorf("%s: %s stands nowhere else in the catalogue", p.ID, probe.URL)
			}
		}
	}
	if count == 0 {
		t.Error("no platform has a probe")
	}
}
