// Package poster posts small JSON bodies to one address over connections that it
// keeps: HTTP/1.1, one request at a time on each, and nothing else. It is for
// broadcasts, where one request costs a plain net/http client more than all the
// rest of the work; whoever needs redirects, cookies, proxies or HTTP/2 uses
// net/http.
//
// It says of every request that failed how far it came, because only what never
// left may be sent again as if nothing had happened. It never sends one twice by
// itself.
package poster

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// Config of a Poster.
type Config struct {
	Base        string        // "https://api.telegram.org", with a path or without
	Connections int           // most at once; more callers wait
	Timeout     time.Duration // of connecting, and of a request whose context has no deadline
	TLS         *tls.Config   // nil = the usual one; its protocols and name are ours to set
	Limit       int           // bytes of an answer's body that are read; default 1 MiB
	// Dial opens a connection; nil = the usual way.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Poster is safe for concurrent use.
type Poster struct {
	cfg     Config
	address string // host and port
	host    string // of the Host header
	path    string
	tls     *tls.Config   // nil = no TLS
	slots   chan struct{} // one for each connection that is open or being opened

	mu   sync.Mutex
	idle []*conn // the last one is the warmest
}

// NotSent means that the network cannot have acted on the request: not all of it
// left.
type NotSent struct{ Err error }

func (e NotSent) Error() string { return fmt.Sprintf("not sent: %v", e.Err) }
func (e NotSent) Unwrap() error { return e.Err }

// Cut means that the request left and no whole answer came: it may have been acted
// on.
type Cut struct{ Err error }

func (e Cut) Error() string { return fmt.Sprintf("no answer: %v", e.Err) }
func (e Cut) Unwrap() error { return e.Err }

// ErrUnfit is returned by New for an address that only net/http can reach, and by
// Post for a server that does not speak HTTP/1.1.
var ErrUnfit = errors.New("not to be reached by plain connections")

const (
	// Servers close what is idle; the Bot API's after about a minute. What has been
	// idle for a while is looked at before it is used.
	idleMost  = 50 * time.Second
	lookAfter = 100 * time.Millisecond

	defaultLimit = 1 << 20
)

// New makes a Poster; it connects to nobody yet.
func New(cfg Config) (*Poster, error) {
	u, err := url.Parse(cfg.Base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return nil, errors.New("poster: the address is not usable")
	}
	if proxy, err := http.ProxyFromEnvironment(&http.Request{URL: u}); err != nil || proxy != nil {
		return nil, fmt.Errorf("poster: a proxy stands before it: %w", ErrUnfit)
	}
	if cfg.Limit <= 0 {
		cfg.Limit = defaultLimit
	}
	p := &Poster{cfg: cfg, host: u.Host, path: u.EscapedPath(), slots: make(chan struct{}, max(1, cfg.Connections))}
	port := u.Port()
	if u.Scheme == "https" {
		p.tls = &tls.Config{MinVersion: tls.VersionTLS12}
		if cfg.TLS != nil {
			p.tls = cfg.TLS.Clone()
		}
		p.tls.NextProtos = []string{"http/1.1"}
		if p.tls.ServerName == "" {
			p.tls.ServerName = u.Hostname()
		}
	}
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	p.address = net.JoinHostPort(u.Hostname(), port)
	if p.cfg.Dial == nil {
		p.cfg.Dial = (&net.Dialer{Timeout: cfg.Timeout, KeepAlive: 30 * time.Second}).DialContext
	}
	return p, nil
}

// Route is one path that is posted to, written once.
type Route struct{ head []byte }

// Route makes a route of a path below the base; the path is sent as it is.
func (p *Poster) Route(path string) *Route {
	return &Route{head: []byte("POST " + p.path + path + " HTTP/1.1\r\nHost: " + p.host + "\r\nContent-Type: application/json\r\nContent-Length: ")}
}

// Answer is what came back. Body is good until Done is called, which must be.
type Answer struct {
	Status     int
	RetryAfter string
	Body       []byte

	p *Poster
	c *conn
}

// Done gives the connection back.
func (a *Answer) Done() {
	if a.c != nil {
		a.p.put(a.c)
		a.c = nil
	}
}

// Post posts the parts as one body. Every error is NotSent or Cut; ErrUnfit is
// wrapped in a NotSent. It ends with ctx, and then by whatever was true.
func (p *Poster) Post(ctx context.Context, r *Route, parts ...[]byte) (Answer, error) {
	if err := ctx.Err(); err != nil {
		return Answer{}, NotSent{err}
	}
	select {
	case p.slots <- struct{}{}:
	default:
		select {
		case p.slots <- struct{}{}:
		case <-ctx.Done():
			return Answer{}, NotSent{ctx.Err()}
		}
	}
	c, err := p.take(ctx)
	if err != nil {
		<-p.slots
		return Answer{}, NotSent{err}
	}
	a, err := c.exchange(ctx, r, p.cfg, parts)
	if err != nil {
		p.put(c)
		return Answer{}, err
	}
	a.p, a.c = p, c
	return a, nil
}

// take finds a connection that is open, or opens one.
func (p *Poster) take(ctx context.Context) (*conn, error) {
	for {
		p.mu.Lock()
		if len(p.idle) == 0 {
			p.mu.Unlock()
			return p.open(ctx)
		}
		c := p.idle[len(p.idle)-1]
		p.idle = p.idle[:len(p.idle)-1]
		p.mu.Unlock()
		if rest := time.Since(c.since); rest < lookAfter || rest < idleMost && c.alive(rest) {
			return c, nil
		}
		c.close()
	}
}

func (p *Poster) open(ctx context.Context) (*conn, error) {
	raw, err := p.cfg.Dial(ctx, "tcp", p.address)
	if err != nil {
		return nil, err
	}
	c := &conn{net: raw, raw: raw, in: make([]byte, 4<<10)}
	if p.tls == nil {
		return c, nil
	}
	secure := tls.Client(raw, p.tls)
	shake, cancel := context.WithTimeout(ctx, p.cfg.Timeout)
	defer cancel()
	if err := secure.HandshakeContext(shake); err != nil {
		_ = raw.Close()
		var alert *net.OpError // what the server did not like: another client may please it
		if errors.As(err, &alert) && alert.Op == "remote error" {
			err = errors.Join(ErrUnfit, err)
		}
		return nil, err
	}
	if got := secure.ConnectionState().NegotiatedProtocol; got != "" && got != "http/1.1" {
		_ = raw.Close()
		return nil, fmt.Errorf("%w: it speaks %s", ErrUnfit, strconv.Quote(got))
	}
	c.net = secure
	return c, nil
}

// put keeps a connection that may be used again.
func (p *Poster) put(c *conn) {
	if c.rest() {
		p.mu.Lock()
		p.idle = append(p.idle, c)
		p.mu.Unlock()
	} else {
		c.close()
	}
	<-p.slots
}

// CloseIdle closes what is not in use.
func (p *Poster) CloseIdle() {
	p.mu.Lock()
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	for _, c := range idle {
		c.close()
	}
}
