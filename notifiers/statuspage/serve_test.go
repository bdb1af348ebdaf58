package statuspage_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"arifa/notifiers/statuspage"
	"arifa/subscriptions"
)

// counting is a store that counts what it is asked, and fails when told to.
type counting struct {
	statuspage.Store
	asked atomic.Int64
	down  atomic.Bool
}

func (c *counting) Generation(ctx context.Context) (int64, error) {
	c.asked.Add(1)
	if c.down.Load() {
		return 0, subscriptions.ErrUnavailable
	}
	return c.Store.Generation(ctx)
}

func (c *counting) NoticesByKey(ctx context.Context, key string) ([]subscriptions.Notice, error) {
	c.asked.Add(1)
	if c.down.Load() {
		return nil, subscriptions.ErrUnavailable
	}
	return c.Store.NoticesByKey(ctx, key)
}

func TestAPageCostsNoQuestionToTheStore(t *testing.T) {
	t.Parallel()
	store := &counting{}
	s := setup(t, func(c *statuspage.Config) { store.Store = c.Store; c.Store = store })
	s.outage()
	s.get("/en/n/0103-1", 200)
	before := store.asked.Load()
	for range 100 {
		for _, path := range []string{"/en/", "/sw/s/kra-pay-tax", "/api/v2/summary.json", "/en/feed.atom", "/en/n/0103-1", "/en/i/1"} {
			s.get(path, 200)
		}
	}
	if got := store.asked.Load() - before; got != 0 {
		t.Errorf("600 pages asked the store %d times", got)
	}
}

func TestAPublishedWordIsOnThePageAtOnce(t *testing.T) {
	t.Parallel()
	s := setup(t, func(c *statuspage.Config) { c.Hints = c.Store.(subscriptions.Hinter).Hints(context.Background()) })
	ctx, cancel := context.WithCancel(t.Context())
	var g sync.WaitGroup
	g.Go(func() { _ = s.site.Run(ctx) })
	defer g.Wait()
	defer cancel()
	s.silent("/en/", "222222 (eCitizen) are not working")
	i := s.open("ecitizen-payments")
	s.say(&i, subscriptions.Notice{Kind: subscriptions.Outage, Slots: subscriptions.Slots{NextUpdate: s.at(11, 0)}})
	committed := time.Now()
	for !strings.Contains(s.get("/en/", 200).Body.String(), "222222 (eCitizen) are not working") {
		if time.Since(committed) > 10*time.Second {
			t.Fatal("the page never says it")
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Logf("on the page %s after the commit", time.Since(committed).Round(time.Millisecond))
}

func TestAnOldPageSaysOfWhichMinuteItIs(t *testing.T) {
	t.Parallel()
	store := &counting{}
	s := setup(t, func(c *statuspage.Config) { store.Store = c.Store; c.Store = store })
	store.down.Store(true)
	s.setNow(s.at(7, 30))
	if err := s.site.Refresh(t.Context()); !errors.Is(err, subscriptions.ErrUnavailable) {
		t.Fatalf("got %v", err)
	}
	s.says("/en/", "As of 6:04 am") // not 7:30: nobody has looked since
	w := s.get("/en/n/0103-1", 503, "Accept", "text/html")
	if w.Header().Get("Retry-After") == "" {
		t.Error("no time to come again is given")
	}
	store.down.Store(false)
	s.refresh()
	s.says("/en/", "As of 7:30 am")
}

func TestBeforeTheStoreWasRead(t *testing.T) {
	t.Parallel()
	s := setup(t)
	site, err := statuspage.New(statuspage.Config{Store: s.store, Nation: func() *subscriptions.Nation { return s.nation }, Speaker: s.speaker})
	s.must(err)
	for _, path := range []string{"/", "/en/", "/en/n/0103-1", "/lang/sw/", "/en/services?q=x", "/api/v2/status.json"} {
		w := httptest.NewRecorder()
		site.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusServiceUnavailable {
			t.Errorf("%s: got %d, want 503: nothing is known yet", path, w.Code)
		}
	}
}

func TestHeadersOfAPage(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.outage()
	w := s.get("/en/", 200)
	etag := w.Header().Get("Etag")
	for name, want := range map[string]string{"Cache-Control": "stale-while-revalidate", "Vary": "Accept-Encoding", "Content-Security-Policy": "script-src 'self'; style-src 'self'",
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Content-Type": "text/html; charset=utf-8", "Etag": `W/"`} {
		if got := w.Header().Get(name); !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q in it", name, got, want)
		}
	}
	if w.Header().Get("Set-Cookie") != "" || strings.Contains(w.Header().Get("Content-Security-Policy"), "unsafe") {
		t.Errorf("got %v", w.Header())
	}
	for _, match := range []string{etag, strings.TrimPrefix(etag, "W/"), `"x", ` + etag, "*"} {
		if w := s.get("/en/", http.StatusNotModified, "If-None-Match", match); w.Body.Len() != 0 {
			t.Errorf("%s: a 304 has a body", match)
		}
	}
	s.get("/en/", 200, "If-None-Match", `"other"`)
	packed := s.get("/en/", 200, "Accept-Encoding", "br;q=1, gzip;q=0.8")
	if packed.Header().Get("Content-Encoding") != "gzip" {
		t.Fatal("not packed for who can unpack")
	}
	z, err := gzip.NewReader(bytes.NewReader(packed.Body.Bytes()))
	s.must(err)
	if got, err := io.ReadAll(z); err != nil || !bytes.Equal(got, w.Body.Bytes()) {
		t.Errorf("another page is packed (%v)", err)
	}
	if got := s.get("/en/", 200, "Accept-Encoding", "gzip;q=0"); got.Header().Get("Content-Encoding") != "" {
		t.Error("packed for who refuses it")
	}
	r := httptest.NewRequest(http.MethodHead, "/en/", nil)
	if head := s.ask(r, 200); head.Body.Len() != 0 || head.Header().Get("Content-Length") == "" {
		t.Error("HEAD has a body, or no length")
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch} {
		s.ask(httptest.NewRequest(method, "/en/s/kra-pay-tax", nil), http.StatusMethodNotAllowed)
	}
	if got := s.get("/robots.txt", 200).Body.String(); !strings.Contains(got, "Allow: /") {
		t.Errorf("got %q", got)
	}
}

// linked are the files that a browser asks for by itself to show a page.
var linked = regexp.MustCompile(`(?:<link rel="(?:stylesheet|icon)"[^>]*?href|<(?:img|script)[^>]*?src)="([^"]+)"`)

// firstView is the most that the first view of a page may weigh: page, style sheet and
// sign, all packed.
const firstView = 14 << 10

// weighed is what the first view of a page weighs.
func (s *stage) weighed(path string, status int) int {
	s.Helper()
	w := s.get(path, status, "Accept-Encoding", "gzip", "Accept", "text/html")
	total := w.Body.Len()
	page := s.get(path, status, "Accept", "text/html").Body.String()
	if w.Header().Get("Content-Encoding") != "gzip" || total >= len(page) {
		s.Errorf("%s is not packed", path)
	}
	for _, m := range linked.FindAllStringSubmatch(page, -1) {
		if !strings.HasPrefix(m[1], "/") || strings.HasPrefix(m[1], "//") {
			s.Errorf("%s asks a foreign host: %s", path, m[1])
			continue
		}
		total += s.get(m[1], 200, "Accept-Encoding", "gzip").Body.Len()
	}
	if strings.Contains(page, "<script") || strings.Contains(page, " style=") || strings.Contains(page, "<style") || regexp.MustCompile(` on[a-z]+="`).MatchString(page) {
		s.Errorf("%s holds what its own policy forbids", path)
	}
	return total
}

// Every kind of page is light at its first view, in both languages, with the trouble
// of 3 January on it and with ten troubles at once. -v shows the figures.
func TestFirstViewWeighsLittle(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i, _ := s.outage()
	s.say(&i, subscriptions.Notice{Kind: subscriptions.AlternativeNotice, Agency: "kra", Slots: subscriptions.Slots{NextUpdate: s.at(11, 0),
		Services: []subscriptions.ServiceID{"kra-pay-tax"}, Alternatives: []subscriptions.AlternativeID{"alt-bank-or-pdq"}}})
	s.setNow(s.at(12, 0)) // the promise has passed as well
	s.refresh()
	kinds := map[string]string{"front": "/", "all services": "/services", "a search": "/services?q=pasipoti", "a service": "/s/kra-pay-tax", "an agency": "/a/kra",
		"an incident": "/i/1", "a notice": "/n/0103-1", "verify": "/verify", "ours": "/follow", "a poster": "/s/kra-pay-tax/poster"}
	weigh := func(when string, kinds map[string]string, status int) {
		for kind, path := range kinds {
			for _, l := range s.nation.Languages {
				at := "/" + string(l) + path
				if total := s.weighed(at, status); total > firstView {
					t.Errorf("%s, %s: the first view weighs %d bytes, at most %d", when, at, total, firstView)
				} else {
					t.Logf("%s, %s, %s: %d bytes packed in all", when, kind, at, total)
				}
			}
		}
	}
	weigh("one trouble", kinds, 200)
	weigh("none", map[string]string{"an error": "/nothing-here"}, 404)
	s.ten()
	for range 12 {
		s.say(&i, subscriptions.Notice{Kind: subscriptions.Update, Slots: subscriptions.Slots{NoChange: true, NextUpdate: s.at(15, 0)}})
	}
	s.refresh()
	weigh("twelve updates", map[string]string{"an incident": "/i/1", "a service": "/s/passport-renewal"}, 200)
	weigh("eleven troubles", map[string]string{"front": "/", "all services": "/services", "an agency": "/a/kra"}, 200)
}

// Every sentence for a citizen is wording's: a template has none, and no id that
// has no sentence.
func TestTemplatesHoldNoSentence(t *testing.T) {
	t.Parallel()
	s := setup(t)
	id := regexp.MustCompile(`\.(?:T|N) "([a-z0-9.-]+)"`)
	letters := regexp.MustCompile(`\pL`)
	files, err := os.ReadDir("templates")
	s.must(err)
	allowed := map[string]bool{"CAP 1.2": true, "OpenAPI": true}
	for _, f := range files {
		source, err := os.ReadFile("templates/" + f.Name())
		s.must(err)
		for _, m := range id.FindAllStringSubmatch(string(source), -1) {
			if !s.speaker.Has(m[1]) {
				t.Errorf("%s: no sentence %q", f.Name(), m[1])
			}
		}
		text := regexp.MustCompile(`(?s)\{\{.*?\}\}`).ReplaceAllString(string(source), "\x00")
		text = regexp.MustCompile(`(?s)<[^>]*>`).ReplaceAllString(text, "\x00")
		for _, piece := range strings.Split(text, "\x00") {
			if piece = strings.TrimSpace(piece); letters.MatchString(piece) && !allowed[piece] {
				t.Errorf("%s holds the words %q", f.Name(), piece)
			}
		}
	}
}

func TestErrorPages(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for _, c := range []struct {
		path, language string
		status         int
		says           string
	}{
		{"/en/s/none", "", 404, "There is nothing here"},
		{"/sw/s/none", "en", 404, "Hakuna kitu hapa"},
		{"/none", "sw", 404, "Hakuna kitu hapa"},
		{"/en/services?q=" + strings.Repeat("x", 201), "", 400, "That could not be understood"},
	} {
		w := s.get(c.path, c.status, "Accept", "text/html", "Accept-Language", c.language)
		page := w.Body.String()
		if !strings.Contains(page, c.says) || !strings.Contains(page, `id="main"`) || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: got %s", c.path, plain(page))
		}
	}
	for range 60 { // the same number, again and again: that it is unknown is known
		s.get("/sw/n/0103-99", 404, "Accept", "text/html")
	}
}

func TestLookingUpOldNoticesIsLimited(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for n := range 100 {
		w := httptest.NewRecorder()
		s.pages.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/en/n/0103-"+strings.Repeat("1", n%3+1)+"-"+strings.Repeat("A", n%40), nil))
		if w.Code == http.StatusTooManyRequests {
			return
		}
	}
	t.Error("numbers can be tried without end")
}

// Well-formed pages: every tag is closed in its order, no attribute stands twice, no
// id stands twice, and every label, description and skip link leads to something.
func TestPagesAreWellFormed(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.outage()
	for _, path := range []string{"/en/", "/sw/services", "/en/services?q=pasi", "/sw/s/kra-pay-tax", "/en/a/kra", "/en/i/1", "/en/n/0103-1", "/en/verify", "/sw/follow", "/en/s/kra-pay-tax/poster"} {
		for _, fault := range malformed(s.get(path, 200).Body.String()) {
			t.Errorf("%s: %s", path, fault)
		}
	}
	if len(malformed(`<p id="a" id="b"><b></p></b><i id="a"><label for="x">`)) < 4 {
		t.Error("the check finds nothing")
	}
}

var (
	oneTag  = regexp.MustCompile(`<(/?)([a-z0-9]+)((?:\s+[a-z:-]+(?:="[^"]*")?)*)\s*(/?)>`)
	oneAttr = regexp.MustCompile(`\s([a-z:A-Z-]+)(?:="([^"]*)")?`)
	void    = map[string]bool{"meta": true, "link": true, "br": true, "input": true, "img": true, "hr": true}
)

func malformed(page string) (faults []string) {
	page = regexp.MustCompile(`(?s)<svg.*?</svg>`).ReplaceAllString(page, "") // XML of its own
	var open []string
	ids, needs := map[string]bool{}, []string{}
	for _, m := range oneTag.FindAllStringSubmatch(page, -1) {
		name := m[2]
		if m[1] == "/" {
			if len(open) == 0 || open[len(open)-1] != name {
				faults = append(faults, "</"+name+"> closes nothing that is open")
				continue
			}
			open = open[:len(open)-1]
			continue
		}
		seen := map[string]bool{}
		for _, a := range oneAttr.FindAllStringSubmatch(m[3], -1) {
			if seen[a[1]] {
				faults = append(faults, "attribute "+a[1]+" stands twice")
			}
			seen[a[1]] = true
			switch {
			case a[1] == "id" && ids[a[2]]:
				faults = append(faults, "id "+a[2]+" stands twice")
			case a[1] == "id":
				ids[a[2]] = true
			case a[1] == "for" || a[1] == "aria-labelledby" || a[1] == "aria-describedby":
				needs = append(needs, a[2])
			case a[1] == "href" && strings.HasPrefix(a[2], "#"):
				needs = append(needs, a[2][1:])
			}
		}
		if !void[name] {
			open = append(open, name)
		}
	}
	for _, id := range needs {
		if !ids[id] {
			faults = append(faults, "nothing has the id "+id)
		}
	}
	if n := strings.Count(page, "<") - len(oneTag.FindAllString(page, -1)); n != strings.Count(page, "<!doctype") {
		faults = append(faults, "something that is no tag")
	}
	if len(open) > 0 {
		faults = append(faults, "never closed: "+strings.Join(open, " "))
	}
	return faults
}
