package poster_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"arifa/notifiers/poster"
)

// wire answers each request on each connection with what say writes; it reads
// requests with net/http, which refuses what is not HTTP.
type wire struct {
	net.Listener
	conns    atomic.Int64
	requests atomic.Int64
	bodies   sync.Map // number of request → body
}

func newWire(t *testing.T, say func(c net.Conn, request int64) (goOn bool)) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{Listener: l}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			w.conns.Add(1)
			go w.serve(c, say)
		}
	}()
	return w
}

func (w *wire) serve(c net.Conn, say func(net.Conn, int64) bool) {
	defer c.Close()
	in := bufio.NewReader(c)
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		n := w.requests.Add(1)
		w.bodies.Store(n, fmt.Sprintf("%s %s %s %s", r.Method, r.URL.Path, r.Header.Get("Content-Type"), b))
		if !say(c, n) {
			return
		}
	}
}

func says(text string) func(net.Conn, int64) bool {
	return func(c net.Conn, _ int64) bool { _, err := io.WriteString(c, text); return err == nil }
}

func to(t *testing.T, w *wire, change func(*poster.Config)) *poster.Poster {
	t.Helper()
	cfg := poster.Config{Base: "http://" + w.Addr().String(), Connections: 2, Timeout: 5 * time.Second}
	if change != nil {
		change(&cfg)
	}
	p, err := poster.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.CloseIdle)
	return p
}

// post sends one request and copies the answer.
func post(ctx context.Context, p *poster.Poster, parts ...string) (status int, body string, err error) {
	var all [][]byte
	for _, s := range parts {
		all = append(all, []byte(s))
	}
	a, err := p.Post(ctx, p.Route("/bot1:x/send"), all...)
	if err != nil {
		return 0, "", err
	}
	defer a.Done()
	return a.Status, string(a.Body), nil
}

func kind(err error) string {
	var cut poster.Cut
	var not poster.NotSent
	switch {
	case err == nil:
		return "answered"
	case errors.As(err, &cut):
		return "cut"
	case errors.As(err, &not):
		return "not sent"
	}
	return "neither: " + err.Error()
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 20_000)
	for name, c := range map[string]struct {
		says   string
		kind   string
		status int
		body   string
		conns  int64 // for two requests
	}{
		"plain":                  {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "answered", 200, "hi", 1},
		"names in any case":      {"HTTP/1.1 200 OK\r\ncontent-LENGTH:  2 \r\nX: y\r\n\r\nhi", "answered", 200, "hi", 1},
		"keep-alive said":        {"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi", "answered", 200, "hi", 1},
		"without a reason":       {"HTTP/1.1 403\r\nContent-Length: 2\r\n\r\nno", "answered", 403, "no", 1},
		"long":                   {"HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n" + long, "answered", 200, long, 1},
		"nothing":                {"HTTP/1.1 204 No Content\r\n\r\n", "answered", 204, "", 1},
		"redirect is told":       {"HTTP/1.1 307 X\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "answered", 307, "", 1},
		"after a 100":            {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "answered", 200, "hi", 1},
		"connection closes":      {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi", "answered", 200, "hi", 2},
		"HTTP/1.0":               {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", "answered", 200, "hi", 2},
		"chunked":                {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nh\r\n1\r\ni\r\n0\r\n\r\n", "answered", 200, "hi", 2},
		"more than was asked":    {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\n\r\n", "answered", 200, "hi", 2},
		"equal lengths":          {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi", "answered", 200, "hi", 1},
		"two lengths":            {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi!", "cut", 0, "", 2},
		"length and chunks":      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nhi", "cut", 0, "", 2},
		"negative length":        {"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nhi", "cut", 0, "", 2},
		"foreign encoding":       {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "cut", 0, "", 2},
		"another protocol":       {"HTTP/1.1 101 X\r\nUpgrade: x\r\n\r\n", "cut", 0, "", 2},
		"folded field":           {"HTTP/1.1 200 OK\r\nX: y\r\n z\r\nContent-Length: 2\r\n\r\nhi", "cut", 0, "", 2},
		"space before the colon": {"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nhi", "cut", 0, "", 2},
		"no HTTP":                {"220 smtp.example ESMTP\r\n\r\n\r\n", "cut", 0, "", 2},
		"endless head":           {"HTTP/1.1 200 OK\r\nX: " + long, "cut", 0, "", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire(t, says(c.says))
			p := to(t, w, nil)
			for range 2 {
				status, body, err := post(t.Context(), p, `{"a":`, `1}`)
				if kind(err) != c.kind || status != c.status || body != c.body {
					t.Errorf("got %s, %d, %.40q (%v), want %s, %d, %.40q", kind(err), status, body, err, c.kind, c.status, c.body)
				}
			}
			if got := w.conns.Load(); got != c.conns {
				t.Errorf("two requests took %d connections, want %d", got, c.conns)
			}
			if got, _ := w.bodies.Load(int64(2)); got != `POST /bot1:x/send application/json {"a":1}` {
				t.Errorf("the server read %v", got)
			}
		})
	}
}

func TestAnAnswerThatComesInPieces(t *testing.T) {
	t.Parallel()
	w := newWire(t, func(c net.Conn, _ int64) bool {
		for _, b := range []byte("HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\nContent-Length: 5\r\n\r\nhello") {
			if _, err := c.Write([]byte{b}); err != nil {
				return false
			}
		}
		return true
	})
	p := to(t, w, nil)
	a, err := p.Post(t.Context(), p.Route("/x"), []byte("{}"))
	if err != nil || a.Status != 429 || a.RetryAfter != "7" || string(a.Body) != "hello" {
		t.Errorf("got %+v (%v)", a, err)
	}
	a.Done()
}

func TestABodyWithoutEndIsCutAtTheLimit(t *testing.T) {
	t.Parallel()
	for name, head := range map[string]string{"said": "Content-Length: 5000000\r\n", "not said": "", "chunked": "Transfer-Encoding: chunked\r\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire(t, func(c net.Conn, _ int64) bool {
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n"+head+"\r\n")
				for {
					piece := strings.Repeat("x", 1000)
					if name == "chunked" {
						piece = "3e8\r\n" + piece + "\r\n"
					}
					if _, err := io.WriteString(c, piece); err != nil {
						return false
					}
				}
			})
			status, body, err := post(t.Context(), to(t, w, func(c *poster.Config) { c.Limit = 3000 }), "{}")
			if err != nil || status != 200 || len(body) != 3000 {
				t.Errorf("got %d, %d bytes (%v), want 3000", status, len(body), err)
			}
		})
	}
}

func TestHowFarARequestCame(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		say  func(net.Conn, int64) bool
		want string
	}{
		"closed after it was read": {func(net.Conn, int64) bool { return false }, "cut"},
		"reset after it was read":  {func(c net.Conn, _ int64) bool { _ = c.(*net.TCPConn).SetLinger(0); return false }, "cut"},
		"cut in the head":          {func(c net.Conn, _ int64) bool { _, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nCont"); return false }, "cut"},
		"cut in the body": {func(c net.Conn, _ int64) bool {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhi")
			return false
		}, "cut"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire(t, c.say)
			if _, _, err := post(t.Context(), to(t, w, nil), "{}"); kind(err) != c.want {
				t.Errorf("got %s (%v), want %s", kind(err), err, c.want)
			}
			if n := w.requests.Load(); n != 1 {
				t.Errorf("the server read %d requests, want 1: nothing is sent twice", n)
			}
		})
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	w := newWire(t, says(""))
	_ = w.Close()
	if _, _, err := post(t.Context(), to(t, w, nil), "{}"); kind(err) != "not sent" {
		t.Errorf("got %s, want not sent", kind(err))
	}
}

// A server that resets before it has read all of a large request has not acted on
// it.
func TestATornRequestWasNotSent(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		_, _ = io.ReadFull(c, make([]byte, 100))
		_ = c.(*net.TCPConn).SetLinger(0)
		_ = c.Close()
	}()
	p, err := poster.New(poster.Config{Base: "http://" + l.Addr().String(), Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := post(t.Context(), p, strings.Repeat("x", 64<<20)); kind(err) != "not sent" {
		t.Errorf("got %s (%v), want not sent", kind(err), err)
	}
}

func TestTheContextEndsARequest(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(context.Context) (context.Context, context.CancelFunc){
		"cancel": func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithCancel(ctx) },
		"deadline": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 50*time.Millisecond)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			read := make(chan struct{}, 1)
			w := newWire(t, func(c net.Conn, n int64) bool {
				if n > 1 {
					return says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")(c, n)
				}
				read <- struct{}{}
				<-t.Context().Done()
				return false
			})
			p := to(t, w, nil)
			ctx, cancel := end(t.Context())
			defer cancel()
			go func() {
				<-read
				if name == "cancel" {
					cancel()
				}
			}()
			if _, _, err := post(ctx, p, "{}"); kind(err) != "cut" || !errors.Is(err, ctx.Err()) && !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("got %s (%v), want cut by %v", kind(err), err, ctx.Err())
			}
			if _, _, err := post(ctx, p, "{}"); kind(err) != "not sent" {
				t.Errorf("after its end: got %s, want not sent", kind(err))
			}
			// What waits for an answer that came too late is never used again.
			if status, _, err := post(t.Context(), p, "{}"); status != 200 || w.conns.Load() != 2 {
				t.Errorf("the next: got %d (%v) on %d connections, want a new one", status, err, w.conns.Load())
			}
		})
	}
}

// A context that ends while its connection is idle ends nothing.
func TestAnOldContextLeavesTheConnectionAlone(t *testing.T) {
	t.Parallel()
	w := newWire(t, says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
	p := to(t, w, nil)
	for range 20 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		_, _, err := post(ctx, p, "{}")
		cancel()
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := w.conns.Load(); got != 1 {
		t.Errorf("got %d connections, want 1", got)
	}
}

// A connection that the server closed while it was idle is not used for a request.
func TestIdleConnectionsAreLookedAt(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{}, 1)
	w := newWire(t, func(c net.Conn, n int64) bool {
		ok := says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")(c, n)
		if n == 1 {
			_ = c.Close()
			closed <- struct{}{}
		}
		return ok
	})
	p := to(t, w, nil)
	if _, _, err := post(t.Context(), p, "{}"); err != nil {
		t.Fatal(err)
	}
	<-closed
	p.Age(time.Second)
	if status, _, err := post(t.Context(), p, "{}"); status != 200 {
		t.Errorf("got %v, want an answer on a new connection", err)
	}
	p.Age(time.Minute)
	if status, _, err := post(t.Context(), p, "{}"); status != 200 || w.conns.Load() != 3 {
		t.Errorf("got %v on connection %d, want the old one left alone", err, w.conns.Load())
	}
}

func TestMoreCallersThanConnections(t *testing.T) {
	t.Parallel()
	w := newWire(t, says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
	p := to(t, w, nil)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if _, _, err := post(t.Context(), p, "{}"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if c, r := w.conns.Load(), w.requests.Load(); c > 2 || r != 50 {
		t.Errorf("%d requests on %d connections, want 50 on at most 2", r, c)
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Proto)
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	t.Cleanup(srv.Close)
	pool := x509.NewCertPool()
	pool.AddCert(srv.Certificate())
	for name, c := range map[string]struct {
		tls  *tls.Config
		want string
	}{
		"trusted":    {&tls.Config{RootCAs: pool}, "answered"},
		"untrusted":  {nil, "not sent"},
		"wrong name": {&tls.Config{RootCAs: pool, ServerName: "other.example"}, "not sent"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := poster.New(poster.Config{Base: srv.URL, Connections: 1, Timeout: 5 * time.Second, TLS: c.tls})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(p.CloseIdle)
			for range 2 {
				_, body, err := post(t.Context(), p, "{}")
				if kind(err) != c.want || err == nil && body != "HTTP/1.1" {
					t.Errorf("got %s, %q (%v), want %s", kind(err), body, err, c.want)
				}
			}
		})
	}
}

func TestAServerOfAnotherProtocolIsUnfit(t *testing.T) {
	t.Parallel()
	with := httptest.NewUnstartedServer(nil)
	with.StartTLS()
	cert := with.TLS.Certificates[0]
	pool := x509.NewCertPool()
	pool.AddCert(with.Certificate())
	with.Close()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"another/1"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		if c, err := l.Accept(); err == nil {
			_ = c.(*tls.Conn).Handshake()
			_ = c.Close()
		}
	}()
	p, err := poster.New(poster.Config{Base: "https://" + l.Addr().String(), Timeout: 5 * time.Second, TLS: &tls.Config{RootCAs: pool}})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := post(t.Context(), p, "{}"); !errors.Is(err, poster.ErrUnfit) || kind(err) != "not sent" {
		t.Errorf("got %v, want unfit and not sent", err)
	}
}

func TestNew_refuses(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "api.telegram.org", "ftp://x", "http://", "http://user:secret@host", "http://[::1"} {
		if _, err := poster.New(poster.Config{Base: base}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: got %v", base, err)
		}
	}
}

// FuzzHead holds our reading of a head against net/http's: whatever we take for a
// whole answer it takes for the same one.
func FuzzHead(f *testing.F) {
	for _, s := range []string{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "HTTP/1.1 429 X\r\nRetry-After: 3\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.0 200\r\n\r\nx", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\ncontent-length: 2\r\n\r\nab"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		status, length, chunked, err := poster.Parse(b)
		if err != nil {
			return
		}
		r, err := http.ReadResponse(bufio.NewReader(strings.NewReader(string(b))), &http.Request{Method: http.MethodPost})
		if err != nil {
			return // it is stricter in places; then we close the connection or it is cut
		}
		defer r.Body.Close()
		if r.StatusCode != status {
			t.Errorf("status %d, net/http reads %d", status, r.StatusCode)
		}
		if hasBody := status >= 200 && status != 204 && status != 304; hasBody && !chunked && length >= 0 && r.ContentLength != length {
			t.Errorf("length %d, net/http reads %d", length, r.ContentLength)
		}
	})
}
