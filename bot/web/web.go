// Package web is what every page and hook shares: the one adapter for handlers that
// return an error, request ids, recovery, security headers, limits of bodies and of
// requests, and whom a request comes from.
//
// It knows no page and no hook, makes no sentence for a citizen beyond a plain
// error page, and never writes a path, a query, a header, a body or a client's
// address into a log: a path may hold a secret, and an address is a person's.
package web

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"time"
)

// Handler answers a request, or returns why it did not; Web.Handle makes the
// answer of the error. Whoever returns an error has written nothing.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Config says what a Web needs. The zero value works.
type Config struct {
	Log *slog.Logger
	Now func() time.Time
	// Proxies are the addresses of our own reverse proxies: only they are believed
	// when they name the client (X-Forwarded-For). None = the connection's address.
	Proxies []netip.Prefix
	// HTTPS is true where citizens reach us by https: browsers are told to stay there.
	HTTPS bool
	// ErrorPage writes the page of an error, status and headers included; nil = a
	// plain one.
	ErrorPage func(w http.ResponseWriter, r *http.Request, t Trouble)
	// Ended is told of every answer, for meters: the pattern of the route, never the
	// path.
	Ended func(route string, status int, took time.Duration)
}

// Web makes handlers of this package's kind into handlers of net/http.
type Web struct {
	Config
	log   *slog.Logger
	fixed []field // headers of every answer
}

// New fills in what the configuration leaves out.
func New(c Config) *Web {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Ended == nil {
		c.Ended = func(string, int, time.Duration) {}
	}
	return &Web{Config: c, log: c.Log.With("component", "web"), fixed: fieldsOf(fixed(c.HTTPS))}
}

// Handle is the adapter: it gives the request an id, sets the security headers,
// contains a panic, and turns an error into status, page and log line.
func (x *Web) Handle(h Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := x.Now()
		id := rand.Text()[:12]
		r = r.WithContext(context.WithValue(r.Context(), idKey{}, id))
		out := &answer{ResponseWriter: w}
		x.headers(out.Header())
		out.Header().Set("X-Request-Id", id)
		defer func() { x.Ended(r.Pattern, out.status(), x.Now().Sub(began)) }()
		if err := x.contained(h, out, r); err != nil {
			x.fail(out, r, id, err)
		}
	})
}

// contained runs a handler; a panic is an error like another. http.ErrAbortHandler
// is let through: it is how a handler breaks a connection off.
func (x *Web) contained(h Handler, w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			panic(p)
		default:
			err = &panicked{p, debug.Stack()}
		}
	}()
	return h(w, r)
}

// Ready answers with a document that is ready: what Handle does of an answer that
// cannot fail, and nothing of what it does for one that can.
func (x *Web) Ready(w http.ResponseWriter, r *http.Request, route string, d *Document) {
	began := x.Now()
	x.headers(w.Header())
	d.Write(w, r)
	x.Ended(route, d.Status, x.Now().Sub(began))
}

type idKey struct{}

// RequestID is the id under which the log tells of this request; it is also in the
// answer (X-Request-Id). A client's own id is never taken over.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(idKey{}).(string)
	return id
}

// answer remembers whether anything was written: after that no other status can be
// sent.
type answer struct {
	http.ResponseWriter
	code int
}

func (a *answer) WriteHeader(code int) {
	if a.code == 0 && code >= 200 {
		a.code = code
	}
	a.ResponseWriter.WriteHeader(code)
}

func (a *answer) Write(b []byte) (int, error) {
	if a.code == 0 {
		a.code = http.StatusOK
	}
	return a.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach deadlines and flushing.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answer) status() int {
	if a.code == 0 {
		return http.StatusOK
	}
	return a.code
}
