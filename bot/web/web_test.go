package web_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"arifa/bot/web"
	"arifa/subscriptions"
)

// buffer takes log lines of many goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// setup returns a Web and what it logs.
func setup(change func(*web.Config)) (*web.Web, *buffer) {
	logged := &buffer{}
	c := web.Config{Log: slog.New(slog.NewTextHandler(logged, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	if change != nil {
		change(&c)
	}
	return web.New(c), logged
}

func ask(h http.Handler, method, accept string) *http.Response {
	mux := http.NewServeMux()
	mux.Handle("/hooks/{source}/{secret}", h)
	r := httptest.NewRequest(method, "/hooks/radar/5ecret-of-the-path?token=5ecret", nil)
	r.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	return w.Result()
}

func body(r *http.Response) string {
	b, _ := io.ReadAll(r.Body)
	return string(b)
}

func TestHandle_error_becomes_an_answer(t *testing.T) {
	t.Parallel()
	inner := errors.New("dial tcp 10.0.0.5: password rejected")
	for _, c := range []struct {
		name   string
		err    error
		status int
		say    string
		logged string // "" = nothing
	}{
		{"a refusal", web.Refuse(http.StatusTeapot, "No %s.", "coffee"), 418, "No coffee.", ""},
		{"a wrapped refusal", fmt.Errorf("brew: %w", web.Refuse(400, "No water.")), 400, "No water.", ""},
		{"not found in the store", fmt.Errorf("notice: %w", subscriptions.ErrNotFound), 404, "There is nothing here.", "level=DEBUG"},
		{"somebody was faster", subscriptions.ErrConflict, 409, "meanwhile", "level=DEBUG"},
		{"the store is away", fmt.Errorf("begin: %w: %w", subscriptions.ErrUnavailable, inner), 503, "Try again", "level=ERROR"},
		{"the disk is full", subscriptions.ErrFull, 503, "Try again", "level=ERROR"},
		{"the store is slow", fmt.Errorf("query: %w", context.DeadlineExceeded), 503, "Try again", "level=ERROR"},
		{"too large", &http.MaxBytesError{Limit: 10}, 413, "at most 10 bytes", "level=DEBUG"},
		{"unforeseen", inner, 500, "Something went wrong on our side.", "password rejected"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x, logged := setup(nil)
			r := ask(x.Handle(func(http.ResponseWriter, *http.Request) error { return c.err }), "GET", "*/*")
			said := body(r)
			if r.StatusCode != c.status || !strings.Contains(said, c.say) || strings.Contains(said, "10.0.0.5") {
				t.Errorf("got %d %q, want %d with %q and nothing of the inside", r.StatusCode, said, c.status, c.say)
			}
			if c.status == 503 && r.Header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
			if got := logged.String(); !strings.Contains(got, c.logged) || c.logged == "" && got != "" {
				t.Errorf("logged %q, want %q", got, c.logged)
			}
			if strings.Contains(logged.String(), "5ecret") {
				t.Errorf("the log tells the path: %s", logged)
			}
			if id := r.Header.Get("X-Request-Id"); id == "" || !strings.Contains(said, id) || c.logged != "" && !strings.Contains(logged.String(), id) {
				t.Errorf("the id %q is not in answer and log: %q, %q", id, said, logged)
			}
		})
	}
}

func TestHandle_answers_in_the_form_asked_for(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, accept, kind, want string }{
		{"a browser", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "text/html", "<h1>Not Found</h1>"},
		{"a program", "application/json", "application/json", `"status":404`},
		{"curl", "*/*", "text/plain", "There is nothing here. ("},
		{"nothing said", "", "text/plain", "There is nothing here."},
		{"a page refused", "text/html;q=0, application/json", "application/json", `"title":"Not Found"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x, _ := setup(nil)
			r := ask(x.Handle(func(http.ResponseWriter, *http.Request) error { return web.NotFound() }), "GET", c.accept)
			if said := body(r); !strings.HasPrefix(r.Header.Get("Content-Type"), c.kind) || !strings.Contains(said, c.want) {
				t.Errorf("got %s %q, want %s with %q", r.Header.Get("Content-Type"), said, c.kind, c.want)
			}
		})
	}
}

func TestHandle_page_of_the_house(t *testing.T) {
	t.Parallel()
	x, _ := setup(func(c *web.Config) {
		c.ErrorPage = func(w http.ResponseWriter, _ *http.Request, tr web.Trouble) {
			w.WriteHeader(tr.Status)
			fmt.Fprintf(w, "our page: %s %s", tr.Title, tr.ID)
		}
	})
	r := ask(x.Handle(func(http.ResponseWriter, *http.Request) error { return web.NotFound() }), "GET", "text/html")
	if got, want := body(r), "our page: Not Found "+r.Header.Get("X-Request-Id"); got != want || r.StatusCode != 404 {
		t.Errorf("got %d %q, want %q", r.StatusCode, got, want)
	}
}

func TestHandle_contains_a_panic(t *testing.T) {
	t.Parallel()
	x, logged := setup(nil)
	r := ask(x.Handle(func(http.ResponseWriter, *http.Request) error { panic("nil map") }), "GET", "*/*")
	if said := body(r); r.StatusCode != 500 || strings.Contains(said, "nil map") {
		t.Errorf("got %d %q", r.StatusCode, said)
	}
	if got := logged.String(); !strings.Contains(got, "panic: nil map") || !strings.Contains(got, "web_test.go") || strings.Contains(got, "5ecret") {
		t.Errorf("logged %q, want the panic with its place and without the path", got)
	}
}

// A half answer with a good status must not be taken for the whole.
func TestHandle_breaks_a_half_answer_off(t *testing.T) {
	t.Parallel()
	x, _ := setup(nil)
	srv := httptest.NewServer(x.Handle(func(w http.ResponseWriter, _ *http.Request) error {
		_, _ = w.Write([]byte("half"))
		_ = http.NewResponseController(w).Flush()
		return errors.New("the other half is missing")
	}))
	defer srv.Close()
	r, err := http.Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if got, err := io.ReadAll(r.Body); err == nil {
		t.Errorf("read %q to its end, want a broken connection", got)
	}
}

// Who has gone is told nothing, and least of all 200.
func TestHandle_breaks_off_where_nobody_waits(t *testing.T) {
	t.Parallel()
	x, logged := setup(nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	defer func() {
		if p := recover(); p != http.ErrAbortHandler || logged.String() != "" || w.Body.Len() != 0 {
			t.Errorf("ended with %v, logged %q, answered %q", p, logged, w.Body)
		}
	}()
	x.Handle(func(_ http.ResponseWriter, r *http.Request) error { return fmt.Errorf("read: %w", r.Context().Err()) }).
		ServeHTTP(w, httptest.NewRequest("GET", "/", nil).WithContext(ctx))
}

func TestHandle_headers(t *testing.T) {
	t.Parallel()
	for _, https := range []bool{false, true} {
		x, _ := setup(func(c *web.Config) { c.HTTPS = https })
		for name, h := range map[string]web.Handler{
			"page":  func(w http.ResponseWriter, _ *http.Request) error { return web.JSON(w, 200, "ok") },
			"error": func(http.ResponseWriter, *http.Request) error { return web.NotFound() },
		} {
			got := ask(x.Handle(h), "GET", "text/html").Header
			csp := got.Get("Content-Security-Policy")
			if strings.Contains(csp, "unsafe") || !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "script-src 'self';") || !strings.Contains(csp, "frame-ancestors 'none'") {
				t.Errorf("%s: policy %q", name, csp)
			}
			if got.Get("X-Content-Type-Options") != "nosniff" || got.Get("X-Frame-Options") != "DENY" || got.Get("Referrer-Policy") != "no-referrer" {
				t.Errorf("%s: headers %v", name, got)
			}
			if hsts := got.Get("Strict-Transport-Security"); (hsts != "") != https {
				t.Errorf("%s over https %v: Strict-Transport-Security %q", name, https, hsts)
			}
		}
	}
}

func TestHandle_tells_the_meters_the_route(t *testing.T) {
	t.Parallel()
	var route string
	var status int
	x, _ := setup(func(c *web.Config) { c.Ended = func(r string, s int, _ time.Duration) { route, status = r, s } })
	ask(x.Handle(func(http.ResponseWriter, *http.Request) error { return web.Refuse(401, "No.") }), "GET", "")
	if route != "/hooks/{source}/{secret}" || status != 401 {
		t.Errorf("got %q %d", route, status)
	}
}

func TestOnly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		asked   string
		allowed []string
		status  int
		allow   string
	}{
		{"POST", []string{"POST"}, 200, ""},
		{"GET", []string{"POST"}, 405, "POST"},
		{"HEAD", []string{"GET"}, 200, ""},
		{"DELETE", []string{"GET", "POST"}, 405, "GET, POST, HEAD"},
	} {
		x, _ := setup(nil)
		h := web.Only(func(w http.ResponseWriter, _ *http.Request) error { return web.JSON(w, 200, "ok") }, c.allowed...)
		r := ask(x.Handle(h), c.asked, "")
		if r.StatusCode != c.status || r.Header.Get("Allow") != c.allow {
			t.Errorf("%s of %v: got %d, Allow %q", c.asked, c.allowed, r.StatusCode, r.Header.Get("Allow"))
		}
	}
}
