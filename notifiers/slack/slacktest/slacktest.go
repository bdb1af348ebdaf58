// Package slacktest is a strict Slack workspace on a real socket, with simulated
// people and channels behind it: the Web API, Socket Mode over a real WebSocket,
// signed HTTP deliveries, modals, App Homes and response URLs.
//
// Tests and the demo point an app at Server.URL and read the verdict from the
// server's own ledger. It refuses what the real network refuses, with the same
// error codes, keeps the published limits, the three seconds of an
// acknowledgement and the life of a trigger, and can be told to misbehave
// (faults.go). It keeps ids and hashes of what was sent, and the newest messages
// of each channel as their readers see them.
//
// Deliberately not copied: files, reactions, rich text, Enterprise organisations
// and everything else that no method of this program uses. They are answered as
// an unknown method or as invalid blocks.
package slacktest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Config sets up a Server. The zero value is a good strict server.
type Config struct {
	Listen string // address to listen on; default "127.0.0.1:0"
	// Team is the workspace's id, BotToken and AppToken are the app's, Secret signs
	// HTTP deliveries. There are defaults for all.
	Team, TeamName, BotToken, AppToken, Secret string
	// Scopes are what the bot token was granted, Events what the app subscribes to,
	// Commands what it registered; nil = everything that the server knows.
	Scopes, Events, Commands []string
	// Clock gives the server's time: timestamps of messages and signatures.
	// Default time.Now. It must be safe for concurrent use.
	Clock func() time.Time
	// Limits are the rates that are enforced; nil means DefaultLimits.
	Limits *Limits
	// KeepLast is how many of the newest messages a channel keeps; default 200.
	KeepLast int
	// Tag finds in the plain text of a message what the ledger should remember of
	// it, for example the number of a notice; "" for nothing.
	Tag func(text string) string
	// AckWithin is how long a delivery may wait for its acknowledgement (default
	// 3 s), TriggerLife how long a trigger_id opens a view (default 3 s), both in
	// real time. RetryAfter are the pauses before an unacknowledged event is
	// delivered again; default at once, 1 min, 5 min.
	AckWithin, TriggerLife time.Duration
	RetryAfter             []time.Duration
	// PingEvery is how often a socket is pinged; default 5 s.
	PingEvery time.Duration
	// BodyLimit is the most bytes of a request's body; default 1 MiB.
	BodyLimit int64
}

// Server is the simulated network. All methods are safe for concurrent use.
type Server struct {
	cfg      Config
	limits   Limits
	epoch    time.Time // real
	opened   time.Time // the same instant on Config.Clock
	listener net.Listener
	http     *http.Server
	client   *http.Client // delivers
	base     context.Context
	stop     context.CancelFunc
	working  sync.WaitGroup
	faults   faultList
	counts   counters

	mu         sync.Mutex
	token      string // the bot token that is valid now; "" = revoked
	appToken   string
	dead       string // error of every call: account_inactive, token_revoked
	nextID     int64
	lastTS     int64 // microseconds
	users      map[string]*user
	channels   map[string]*channel
	ims        map[string]*channel // by person
	triggers   map[string]*trigger
	views      map[string]*view
	stacks     map[string][]*view // open modals by person, the root first
	homes      map[string]*view
	responses  map[string]*response
	ephemerals map[string][]Message     // by person
	order      map[string]chan struct{} // by chat: closed when its newest delivery was tried
	ledger     []Entry
	rates      rates
	usedScopes map[string]bool
	sockets    sockets
	endpoint   Endpoints
	changed    chan struct{} // closed at the next change, for WaitFor
	refused    []Refusal
}

// New starts a server; it panics when it cannot listen, as httptest does.
func New(cfg Config) *Server {
	cfg = withDefaults(cfg)
	s := &Server{
		cfg: cfg, limits: *cfg.Limits, epoch: time.Now(), opened: cfg.Clock(), token: cfg.BotToken, appToken: cfg.AppToken,
		users: map[string]*user{}, channels: map[string]*channel{}, ims: map[string]*channel{}, triggers: map[string]*trigger{},
		views: map[string]*view{}, stacks: map[string][]*view{}, homes: map[string]*view{}, responses: map[string]*response{},
		ephemerals: map[string][]Message{}, order: map[string]chan struct{}{}, rates: newRates(), usedScopes: map[string]bool{}, changed: make(chan struct{}),
		sockets: newSockets(), client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
	s.base, s.stop = context.WithCancel(context.Background())
	s.users[BotUser] = &user{User: User{ID: BotUser, Name: "arifa", Team: cfg.Team}, bot: true}
	listener, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		panic("slacktest: " + err.Error())
	}
	s.listener = listener
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
	s.working.Add(1)
	go func() {
		defer s.working.Done()
		_ = s.http.Serve(listener) // Ends with ErrServerClosed by Close.
	}()
	return s
}

// BotUser is the app's own user id.
const BotUser = "U0ARIFABOT"

// URL is the base address of the Web API, with a slash at the end as slack-go
// wants it.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() + "/api/" }

// Team is the workspace's id.
func (s *Server) Team() string { return s.cfg.Team }

// Config returns what the server was made with, defaults filled in.
func (s *Server) Config() Config { return s.cfg }

// Epoch is the real instant, with its monotonic reading, from which the ledger's
// Begun and Accepted count.
func (s *Server) Epoch() time.Time { return s.epoch }

// Close ends every connection and delivery and waits until they are gone.
func (s *Server) Close() error {
	s.stop()
	err := s.http.Close()
	s.closeSockets()
	s.working.Wait()
	s.client.CloseIdleConnections()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// TB is what Start needs of *testing.T.
type TB interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
}

// Start starts a server that ends with the test.
func Start(t TB, cfg Config) *Server {
	t.Helper()
	s := New(cfg)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the simulated slack: %v", err)
		}
	})
	return s
}

func withDefaults(cfg Config) Config {
	cfg.Listen = or(cfg.Listen, "127.0.0.1:0")
	cfg.Team = or(cfg.Team, "T0KENYA")
	cfg.TeamName = or(cfg.TeamName, "Government of Kenya")
	cfg.BotToken = or(cfg.BotToken, "xoxb-"+"1111-2222-simulatedForTestsOnly")
	cfg.AppToken = or(cfg.AppToken, "xapp-"+"1-A0ARIFA-3333-simulatedForTestsOnly")
	cfg.Secret = or(cfg.Secret, "simulated0signing0secret0of0tests")
	cfg.KeepLast = or(cfg.KeepLast, 200)
	cfg.AckWithin = or(cfg.AckWithin, 3*time.Second)
	cfg.TriggerLife = or(cfg.TriggerLife, 3*time.Second)
	cfg.PingEvery = or(cfg.PingEvery, 5*time.Second)
	cfg.BodyLimit = or(cfg.BodyLimit, 1<<20)
	if cfg.RetryAfter == nil {
		cfg.RetryAfter = []time.Duration{0, time.Minute, 5 * time.Minute}
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Tag == nil {
		cfg.Tag = func(string) string { return "" }
	}
	if cfg.Limits == nil {
		limits := DefaultLimits()
		cfg.Limits = &limits
	}
	return cfg
}

func or[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

// real is the time since Epoch on the real monotonic clock.
func (s *Server) real() time.Duration { return time.Since(s.epoch) }

func (s *Server) now() time.Time { return s.cfg.Clock() }

// id makes an id of Slack's form; s.mu is held.
func (s *Server) id(kind string) string {
	s.nextID++
	return fmt.Sprintf("%s0S%06d", kind, s.nextID)
}

// stamp makes a message's timestamp: unique, growing, a string and no number.
func (s *Server) stamp() string {
	s.lastTS = max(s.now().UnixMicro(), s.lastTS+1)
	return fmt.Sprintf("%d.%06d", s.lastTS/1e6, s.lastTS%1e6)
}

// news wakes everyone who waits for a change; s.mu is held.
func (s *Server) news() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// counters are read by Stats.
type counters struct {
	requests, accepted, tooMany, deliveries, retries, unacked atomic.Int64
}

// Stats are totals since the start.
type Stats struct {
	Requests   int64 // calls of the Web API with a valid token
	Accepted   int64 // ledger entries
	TooMany    int64 // answers 429
	Deliveries int64 // of events, commands and interactions, retries included
	Retries    int64
	Unacked    int64 // deliveries that nobody acknowledged in time
}

// Stats returns the totals so far.
func (s *Server) Stats() Stats {
	c := &s.counts
	return Stats{c.requests.Load(), c.accepted.Load(), c.tooMany.Load(), c.deliveries.Load(), c.retries.Load(), c.unacked.Load()}
}
