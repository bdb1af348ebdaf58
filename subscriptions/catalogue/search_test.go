package catalogue_test

import (
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"arifa/subscriptions/catalogue"
)

func kenyaIndex(t testing.TB) *catalogue.Index {
	t.Helper()
	n, err := catalogue.Kenya()
	if err != nil {
		t.Fatal(err)
	}
	return catalogue.NewIndex(n)
}

type query struct {
	text string
	want []string
}

func queries(t testing.TB, file string) []query {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []query
	for line := range strings.Lines(string(data)) {
		text, want, ok := strings.Cut(strings.TrimRight(line, "\n"), "\t")
		if ok && !strings.HasPrefix(line, "# ") {
			all = append(all, query{text, strings.Split(want, "|")})
		}
	}
	return all
}

// TestQueries holds the search to what people would type: at least 95 % of the
// answers stand first, every one among the first three. On queries that were
// written after it was set, the bar is a little lower.
func TestQueries(t *testing.T) {
	t.Parallel()
	x := kenyaIndex(t)
	for _, c := range []struct {
		file         string
		least        int // number of queries
		first, three int // percent
	}{
		{"testdata/queries.tsv", 200, 95, 100},
		{"testdata/heldout.tsv", 100, 90, 97},
	} {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			all := queries(t, c.file)
			first, three := places(t, x, all)
			t.Logf("%d queries: %d first, %d among three", len(all), first, three)
			if len(all) < c.least {
				t.Errorf("got %d queries, want at least %d", len(all), c.least)
			}
			if 100*first < c.first*len(all) {
				t.Errorf("first: got %d of %d, want %d %%", first, len(all), c.first)
			}
			if 100*three < c.three*len(all) {
				t.Errorf("among three: got %d of %d, want %d %%", three, len(all), c.three)
			}
		})
	}
}

// places counts the answers that stand first and among the first three, and
// prints the others.
func places(t *testing.T, x *catalogue.Index, all []query) (first, three int) {
	for _, q := range all {
		hits := x.Search(q.text, 3)
		place := slices.IndexFunc(hits, func(h catalogue.Hit) bool { return slices.Contains(q.want, h.ID()) })
		if place == 0 {
			first++
		} else {
			t.Logf("place %d: %q: want %v, got %v", place+1, q.text, q.want, hits)
		}
		if place >= 0 {
			three++
		}
	}
	return first, three
}

func TestNothingIsFoundForNothing(t *testing.T) {
	t.Parallel()
	x := kenyaIndex(t)
	for _, q := range []string{
		"", " ", "asdfgh", "hello", "hi", "habari yako", "good morning", "qwertyuiop", "???", "😀", "1", "12345678901", "the", "xx",
		"zzzzzz", "lorem ipsum dolor", "niaje", "what is this", "blah blah blah", "\x00\xff", "i love you", "haifanyi kazi",
		"manchester united", "weather tomorrow", "bitcoin", "weather", "betting odds", "who is the president", "0722000000", "ok", "stop",
	} {
		if hits := x.Search(q, 3); len(hits) > 0 {
			t.Errorf("%q: got %v, want nothing", q, hits)
		}
	}
}

func TestSearchIsBounded(t *testing.T) {
	t.Parallel()
	x := kenyaIndex(t)
	if hits := x.Search("passport", 2); len(hits) != 2 {
		t.Errorf("limit 2: got %d hits", len(hits))
	}
	if hits := x.Search("passport", 0); hits != nil {
		t.Errorf("limit 0: got %v", hits)
	}
	long := strings.Repeat("passport renewal na leseni ", 100_000)
	for _, h := range x.Search(long, 1000) {
		if h.Score <= 0 || h.Score > 1 {
			t.Errorf("%s: got score %v, want above 0 and at most 1", h.ID(), h.Score)
		}
	}
}

func TestSearchIsConcurrentAndStable(t *testing.T) {
	t.Parallel()
	x := kenyaIndex(t)
	want := x.Search("drivng lisence", 5)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				if got := x.Search("drivng lisence", 5); !slices.Equal(got, want) {
					t.Errorf("got %v, want %v", got, want)
				}
			}
		})
	}
	group.Wait()
}

func TestBrowse(t *testing.T) {
	t.Parallel()
	x := kenyaIndex(t)
	en, sw := x.Agencies("en"), x.Agencies("sw")
	if len(en) != 39 || len(sw) != 39 { // the Digital Health Agency has no service of its own
		t.Fatalf("got %d and %d agencies, want 39", len(en), len(sw))
	}
	if en[0].ID != "ahp" || sw[0].ID != "uhamiaji" && sw[0].ID != "knec" {
		t.Errorf("first: got %s in English, %s in Swahili", en[0].ID, sw[0].ID)
	}
	services := x.ServicesOf("kws", "en")
	var names []string
	for _, s := range services {
		names = append(names, s.Name["en"])
	}
	if len(names) != 7 || !slices.IsSorted(names) {
		t.Errorf("services of KWS: got %q, want seven in order", names)
	}
	if got := x.ServicesOf("nobody", "en"); got != nil {
		t.Errorf("services of nobody: got %v", got)
	}
}

func BenchmarkSearch(b *testing.B) {
	x := kenyaIndex(b)
	all := queries(b, "testdata/queries.tsv")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		x.Search(all[i%len(all)].text, 3)
	}
}
