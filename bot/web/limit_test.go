package web_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"arifa/bot/web"
)

var noon = time.Date(2025, 1, 3, 9, 0, 0, 0, time.UTC)

func TestPace(t *testing.T) {
	t.Parallel()
	due, wait := time.Time{}, time.Duration(0)
	for i := range 3 { // a burst of three goes at once
		if due, wait = web.Pace(due, noon, time.Second, 3); wait != 0 {
			t.Fatalf("request %d of the burst waits %v", i+1, wait)
		}
	}
	before := due
	if due, wait = web.Pace(due, noon, time.Second, 3); wait != time.Second || due != before {
		t.Errorf("the fourth waits %v and owes %v more, want 1s and nothing more", wait, due.Sub(before))
	}
	if _, wait = web.Pace(due, noon.Add(time.Second), time.Second, 3); wait != 0 {
		t.Errorf("a second later it waits %v", wait)
	}
	if due, _ = web.Pace(due, noon.Add(time.Hour), time.Second, 3); due != noon.Add(time.Hour+time.Second) {
		t.Errorf("an hour of quiet was saved up: due %v", due)
	}
}

// Who comes with countless addresses fills no memory, and slows nobody who was
// there before.
func TestLimiter_is_bounded(t *testing.T) {
	t.Parallel()
	l := web.NewLimiter(time.Minute, 2, 100)
	l.Take("regular", noon)
	refused := 0
	for i := range 10_000 {
		if l.Take(fmt.Sprint("stranger ", i), noon) > 0 {
			refused++
		}
	}
	if l.Held() > 101 || refused < 9_000 {
		t.Errorf("remembers %d keys and refused %d of 10,000 strangers", l.Held(), refused)
	}
	if wait := l.Take("regular", noon); wait != 0 {
		t.Errorf("the regular client waits %v", wait)
	}
	if wait := l.Take("newcomer", noon.Add(time.Hour)); wait != 0 || l.Held() > 3 {
		t.Errorf("after the flood: waits %v, %d keys remembered", wait, l.Held())
	}
}

func TestLimited(t *testing.T) {
	t.Parallel()
	x, _ := setup(func(c *web.Config) { c.Now = func() time.Time { return noon } })
	h := x.Handle(x.Limited(web.NewLimiter(10*time.Second, 1, 10), func(w http.ResponseWriter, _ *http.Request) error { return web.JSON(w, 200, "ok") }))
	for i, want := range []int{200, 429} {
		if r := ask(h, "GET", ""); r.StatusCode != want || want == 429 && r.Header.Get("Retry-After") != "10" {
			t.Errorf("request %d: got %d, Retry-After %q", i+1, r.StatusCode, r.Header.Get("Retry-After"))
		}
	}
}

func TestClient(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, remote, forwarded, proxies, want string }{
		{"nobody is believed", "203.0.113.9:5000", "198.51.100.1", "", "203.0.113.9"},
		{"our proxy is", "10.0.0.2:5000", "198.51.100.1", "10.0.0.0/8", "198.51.100.1"},
		{"two of our proxies", "10.0.0.2:5000", "198.51.100.1, 10.0.0.3", "10.0.0.0/8", "198.51.100.1"},
		{"what a client invented", "10.0.0.2:5000", "1.1.1.1, 198.51.100.1", "10.0.0.0/8", "198.51.100.1"},
		{"nonsense from the client", "10.0.0.2:5000", "unknown, 198.51.100.1", "10.0.0.0/8", "198.51.100.1"},
		{"nonsense nearest to us", "10.0.0.2:5000", "198.51.100.1, x", "10.0.0.0/8", "10.0.0.2"},
		{"our proxy says nothing", "10.0.0.2:5000", "", "10.0.0.0/8", "10.0.0.2"},
		{"not our proxy", "203.0.113.9:5000", "198.51.100.1", "10.0.0.0/8", "203.0.113.9"},
		{"one household of IPv6", "[2001:db8:1:2:3:4:5:6]:5000", "", "", "2001:db8:1:2::/64"},
		{"IPv4 in IPv6", "[::ffff:203.0.113.9]:5000", "", "", "203.0.113.9"},
		{"no address", "@", "", "", "unknown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x, _ := setup(func(w *web.Config) {
				if c.proxies != "" {
					w.Proxies = []netip.Prefix{netip.MustParsePrefix(c.proxies)}
				}
			})
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = c.remote
			if c.forwarded != "" {
				r.Header.Set("X-Forwarded-For", c.forwarded)
			}
			if got := x.Client(r); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestBody(t *testing.T) {
	t.Parallel()
	x, logged := setup(nil)
	srv := httptest.NewServer(x.Handle(func(w http.ResponseWriter, r *http.Request) error {
		b, err := web.Body(w, r, 10, 200*time.Millisecond)
		if err != nil {
			return err
		}
		return web.JSON(w, 200, string(b))
	}))
	defer srv.Close()
	for _, c := range []struct {
		name   string
		send   func() (*http.Response, error)
		status int
	}{
		{"fits", func() (*http.Response, error) {
			return http.Post(srv.URL, "text/plain", strings.NewReader("0123456789"))
		}, 200},
		{"said to be too large", func() (*http.Response, error) {
			return http.Post(srv.URL, "text/plain", strings.NewReader("0123456789x"))
		}, 413},
		{"too large without saying so", func() (*http.Response, error) {
			return http.Post(srv.URL, "text/plain", struct{ io.Reader }{strings.NewReader(strings.Repeat("x", 100))})
		}, 413},
	} {
		r, err := c.send()
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if r.Body.Close(); r.StatusCode != c.status {
			t.Errorf("%s: got %d, want %d", c.name, r.StatusCode, c.status)
		}
	}
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
	if r, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || r.StatusCode != http.StatusRequestTimeout {
		t.Errorf("a body that never ends: got %v, %v, want 408", r, err)
	}
	if strings.Contains(logged.String(), "127.0.0.1") {
		t.Errorf("the log tells an address:\n%s", logged)
	}
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	x, _ := setup(nil)
	seen := ""
	r := ask(x.Handle(func(w http.ResponseWriter, r *http.Request) error {
		seen = web.RequestID(r.Context())
		return web.JSON(w, 200, "ok")
	}), "GET", "")
	if seen == "" || seen != r.Header.Get("X-Request-Id") {
		t.Errorf("the handler has %q, the client %q", seen, r.Header.Get("X-Request-Id"))
	}
}
