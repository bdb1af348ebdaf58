package statuspage_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Whatever is malformed gets a clear page with the right status: nothing of it is
// taken for something else, shown as it came, or an error of ours.
func TestWhatThePageRefuses(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.outage()
	for _, c := range []struct {
		name, method, path string
		status             int
		headers            []string // name, value, …
		to                 string   // where a redirect leads
	}{
		{"no such language", "GET", "/fr/", 404, nil, ""},
		{"a language in capitals", "GET", "/EN/", 404, nil, ""},
		{"a language without its slash", "GET", "/sw", 302, nil, "/sw/"},
		{"a slash too many", "GET", "/en/s/kra-pay-tax/", 302, nil, "/en/s/kra-pay-tax"},
		{"a slash too many, with a language to guess", "GET", "/services/", 302, nil, "/en/services"},
		{"no service", "GET", "/en/s/", 302, nil, "/en/s"},
		{"no service at all", "GET", "/en/s", 404, nil, ""},
		{"slashes that look like a host", "GET", "/en//evil.example/", 307, nil, "/en/evil.example/"},
		{"no such service", "GET", "/sw/s/kra-dancing", 404, nil, ""},
		{"no such agency", "GET", "/en/a/nobody", 404, nil, ""},
		{"a poster of none", "GET", "/en/s/kra-dancing/poster", 404, nil, ""},
		{"a badge of none", "GET", "/en/s/kra-dancing/badge.svg", 404, nil, ""},
		{"a feed of none", "GET", "/en/s/kra-dancing/feed.atom", 404, nil, ""},
		{"a feed of another kind", "GET", "/en/feed.json", 404, nil, ""},
		{"no number of an incident", "GET", "/en/i/abc", 404, nil, ""},
		{"a number in another form", "GET", "/en/i/01", 404, nil, ""},
		{"a negative number", "GET", "/en/i/-1", 404, nil, ""},
		{"too large a number", "GET", "/en/i/99999999999999999999", 404, nil, ""},
		{"no such incident", "GET", "/en/i/77", 404, nil, ""},
		{"no number of a notice", "GET", "/en/n/x", 404, nil, ""},
		{"a day that is none", "GET", "/en/n/9999-1", 404, nil, ""},
		{"a number without an end", "GET", "/en/n/0103-" + strings.Repeat("1", 300), 404, nil, ""},
		{"what is no sign in a number", "GET", "/en/n/0103-1%00", 200, nil, ""}, // as it is pasted
		{"bytes that are no letters", "GET", "/en/s/%ff%fe", 404, nil, ""},
		{"a script for a service", "GET", "/en/s/%3Cscript%3Ealert(1)%3C%2Fscript%3E", 404, nil, ""},
		{"a way out of the folder", "GET", "/en/s/..%2F..%2Fetc%2Fpasswd", 404, nil, ""},
		{"a CAP message that is none", "GET", "/cap/2025-0103-99.xml", 404, nil, ""},
		{"no such list of the JSON", "GET", "/api/v2/everything.json", 404, []string{"Accept", "application/json"}, ""},
		{"another version of the JSON", "GET", "/api/v3/summary.json", 404, []string{"Accept", "application/json"}, ""},
		{"a search without an end", "GET", "/en/services?q=" + strings.Repeat("x", 5000), 400, nil, ""},
		{"a search that is no text", "GET", "/en/services?q=%ff%00", 200, nil, ""},
		{"a query that is none", "GET", "/en/services?%zz=;", 200, nil, ""},
		{"a remembered language that is none", "GET", "/", 302, []string{"Cookie", "language=' OR 1=1 --"}, "/en/"},
		{"a cookie without an end", "GET", "/", 302, []string{"Cookie", "language=" + strings.Repeat("A", 5000)}, "/en/"},
		{"languages that are none", "GET", "/", 302, []string{"Accept-Language", ";;q=x,,*;q=,\x01"}, "/en/"},
		{"weights that are none", "GET", "/", 302, []string{"Accept-Language", "sw;q=NaN, en;q=-1"}, "/en/"},
		{"a digest that is none", "GET", "/en/", 200, []string{"If-None-Match", `W/W/"", ,`}, ""},
		{"packing that is none", "GET", "/en/", 200, []string{"Accept-Encoding", "gzip;q=0, ;;,"}, ""},
		{"another method on a page", "PUT", "/en/", 405, nil, ""},
		{"a form for a page that takes none", "POST", "/en/services", 405, nil, ""},
		{"reading the answer of a form", "POST", "/en/verify", 415, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(c.method, c.path, nil)
			r.Header.Set("Accept", "text/html")
			for k := 0; k+1 < len(c.headers); k += 2 {
				r.Header.Set(c.headers[k], c.headers[k+1])
			}
			w := httptest.NewRecorder()
			s.pages.ServeHTTP(w, r)
			page := w.Body.String()
			if w.Code != c.status || w.Header().Get("Location") != c.to {
				t.Fatalf("got %d to %q, want %d to %q", w.Code, w.Header().Get("Location"), c.status, c.to)
			}
			if json := r.Header.Get("Accept") == "application/json"; w.Code >= 400 && (json && !strings.HasPrefix(page, `{"status":404`) || !json && !strings.Contains(page, `id="main"`)) {
				t.Errorf("got no clear answer: %.300s", page)
			}
			if strings.Contains(page, "<script") || strings.Contains(page, "\x00") || w.Code >= 500 {
				t.Errorf("got %.300s", page)
			}
			if w.Code == http.StatusMethodNotAllowed && w.Header().Get("Allow") == "" {
				t.Error("it does not say what is allowed")
			}
		})
	}
}
