// Package telegramtest is a strict Telegram Bot API server on a real socket,
// with simulated people, groups and channels behind it.
//
// Tests and the demo point a bot at Server.URL and read the verdict from the
// server's own ledger. It refuses what the real server refuses, with the same
// codes and words, keeps the published limits, and can be told to misbehave
// (faults.go). It keeps ids and hashes of what was sent, and texts only where it
// was asked to (Config.KeepLast, Server.KeepText), so that a hundred thousand
// people fit into the process that sends to them.
//
// Deliberately not copied from the real server: media, inline mode, payments and
// MarkdownV2 (answered as an unsupported parse_mode); the throttle on short polls
// that repeat an offset.
package telegramtest

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Config sets up a Server. The zero value is a good strict server.
type Config struct {
	// Listen is the address to listen on; default "127.0.0.1:0".
	Listen string
	// Listener is listened to instead, where it is set.
	Listener net.Listener
	// Token is the bot's token, "<id>:<secret>"; there is a default.
	Token string
	// Name and Username are the bot's; Username without the @.
	Name, Username string
	// Clock gives the server's time: dates, lifetimes of updates and queries.
	// Default time.Now. It must be safe for concurrent use.
	Clock func() time.Time
	// Limits are the rates that are enforced; nil means DefaultLimits.
	Limits *Limits
	// KeepLast is how many of the bot's newest messages each chat keeps with text
	// and buttons; 0 means 20, KeepNone none. Equal messages are stored once.
	// Chats named to KeepText keep everything.
	KeepLast int
	// Tag finds in the plain text of a message what the ledger should remember of
	// it, for example the number of a notice; "" for nothing. The number of
	// distinct answers should be small: each is kept for the server's life.
	Tag func(text string) string
	// Heard, when set, is called after each accepted message or edit once the
	// answer is on the wire, in the order of each connection. It may call the
	// Server, and holds up only that connection.
	Heard func(Message)
	// LedgerTo, when set, gets each ledger line as it is accepted, as one Write.
	LedgerTo io.Writer
	// BodyLimit is the most bytes of a request's body; default 1 MiB.
	BodyLimit int64
	// ReadsAll switches the bot's privacy mode off: it sees every group message.
	ReadsAll bool
	// ConflictHold delays a 409 that follows another within that time; the real
	// server waits 3 s, which is the default.
	ConflictHold time.Duration
	// WebhookRetry is the first pause after a refused delivery, doubled up to 64
	// times as long; default 1 s, so at most about a minute as at Telegram.
	WebhookRetry time.Duration
	// WebhookClient delivers updates; nil means a plain client with 30 s timeout.
	WebhookClient *http.Client
}

// KeepNone as Config.KeepLast keeps texts only of the chats named to KeepText.
const KeepNone = -1

// Server is the simulated network. All methods are safe for concurrent use.
type Server struct {
	cfg      Config
	limits   Limits
	methods  map[string]method
	epoch    time.Time // real
	opened   time.Time // the same instant on Config.Clock
	listener net.Listener
	http     *http.Server
	base     context.Context
	stop     context.CancelFunc
	working  sync.WaitGroup

	token   atomic.Pointer[string]
	revoked atomic.Bool
	faults  faultList
	counts  counters
	markups markups

	mu       sync.Mutex
	me       wireUser
	chats    []*chat
	byID     map[int64]*chat
	byName   map[string]*chat
	nextID   int32 // message ids of private chats and basic groups share one box
	messages slab[message]
	contents map[contentKey]*content
	ledger   ledger
	rates    rates
	updates  updates
	queries  queries
	profile  profile
}

// New starts a server; it panics when it cannot listen, as httptest does.
func New(cfg Config) *Server {
	cfg = withDefaults(cfg)
	s := &Server{
		cfg: cfg, limits: *cfg.Limits, methods: methodTable(), epoch: time.Now(), opened: cfg.Clock(),
		byID: map[int64]*chat{}, byName: map[string]*chat{}, contents: map[contentKey]*content{},
		ledger: newLedger(cfg.LedgerTo), rates: newRates(), updates: newUpdates(),
		queries: newQueries(), profile: newProfile(),
	}
	s.token.Store(&cfg.Token)
	s.me = wireUser{ID: botID(cfg.Token), IsBot: true, FirstName: cfg.Name, Username: cfg.Username}
	s.base, s.stop = context.WithCancel(context.Background())
	listener := cfg.Listener
	if listener == nil {
		var err error
		if listener, err = net.Listen("tcp", cfg.Listen); err != nil {
			panic("telegramtest: " + err.Error())
		}
	}
	s.listener = listener
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute, ErrorLog: quiet()}
	s.working.Add(1)
	go func() {
		defer s.working.Done()
		_ = s.http.Serve(listener) // Ends with ErrServerClosed by Close.
	}()
	return s
}

// URL is the base address, without the token and without a slash at the end.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// Token is the token that is valid now.
func (s *Server) Token() string { return *s.token.Load() }

// Username is the bot's name without the @.
func (s *Server) Username() string { return s.cfg.Username }

// Epoch is the real instant, with its monotonic reading, from which the ledger's
// Begun and Accepted count.
func (s *Server) Epoch() time.Time { return s.epoch }

// Close ends every connection, poll and delivery and waits until they are gone.
// Its error is the first one of Config.LedgerTo.
func (s *Server) Close() error {
	s.stop()
	err := s.http.Close()
	s.closeWebhook()
	s.working.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(err, s.ledger.err)
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
			t.Errorf("close the simulated telegram: %v", err)
		}
	})
	return s
}

func withDefaults(cfg Config) Config {
	cfg.Listen = or(cfg.Listen, "127.0.0.1:0")
	cfg.Token = or(cfg.Token, "7000000001:AAF-simulated-token-for-tests-only00")
	cfg.Name = or(cfg.Name, "Arifa")
	cfg.Username = or(cfg.Username, "ArifaTestBot")
	cfg.KeepLast = or(cfg.KeepLast, 20)
	cfg.BodyLimit = or(cfg.BodyLimit, 1<<20)
	cfg.ConflictHold = or(cfg.ConflictHold, 3*time.Second)
	cfg.WebhookRetry = or(cfg.WebhookRetry, time.Second)
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
	if cfg.WebhookClient == nil {
		cfg.WebhookClient = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 100}}
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

func botID(token string) int64 {
	id, _, _ := strings.Cut(token, ":")
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n <= 0 {
		panic("telegramtest: a token looks like 7000000001:AAF-secret")
	}
	return n
}

// real is the time since Epoch on the real monotonic clock.
func (s *Server) real() time.Duration { return time.Since(s.epoch) }
