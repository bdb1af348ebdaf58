// Package statuspage is the public page: what is announced now, by service, agency,
// incident and notice, with feeds and public JSON beside it. A notifier that waits
// to be asked.
//
// It reads and never writes: its store has no other methods. It selects and joins
// frozen words, and makes no sentence of its own: they are package wording's. It
// never shows silence as health.
package statuspage

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"arifa/bot/web"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// Store is all that the page may ask: reading methods of the stores' roles, and
// nothing that changes anything.
type Store interface {
	Generation(ctx context.Context) (int64, error)
	Headlines(ctx context.Context, limit int) ([]subscriptions.Headline, error)
	NoticesOf(ctx context.Context, ids []subscriptions.NoticeID) ([]subscriptions.Notice, error)
	NoticesByKey(ctx context.Context, key string) ([]subscriptions.Notice, error)
	Notices(ctx context.Context, incident subscriptions.IncidentID, states ...subscriptions.NoticeState) ([]subscriptions.Notice, error)
	Incident(ctx context.Context, id subscriptions.IncidentID) (subscriptions.Incident, error)
	Incidents(ctx context.Context, since time.Time) ([]subscriptions.Incident, error)
	Posts(ctx context.Context) ([]subscriptions.Post, error)
}

// Alarms is an optional power of a Store: what citizens complain of before anybody
// has spoken.
type Alarms interface {
	Alarms(ctx context.Context, since time.Time) ([]subscriptions.Alarm, error)
}

// Searcher finds by what people type, the best first.
type Searcher func(query string, limit int) []Found

// Found is one answer of a search: one of the two is set.
type Found struct {
	Service subscriptions.ServiceID
	Agency  subscriptions.AgencyID
}

// Comparer judges a pasted text or a notice's number, as rule 12 asks.
type Comparer func(ctx context.Context, l subscriptions.Language, text string, now time.Time) (wording.Card, error)

// Account is one of our own accounts elsewhere.
type Account struct {
	Network string // "Telegram"
	Name    string // "@arifa_ke_bot"
	URL     string // opens a chat with it
	// Follow opens a chat about one service, with %s for its id; empty = no such link.
	Follow string
}

// Config is what a Site needs. Search, Compare, Accounts, WebChat and Base may be
// left out.
type Config struct {
	Store   Store
	Nation  func() *subscriptions.Nation // the catalogue in force: the same pointer while nothing changed
	Speaker *wording.Speaker
	Search  Searcher
	Compare Comparer
	// Accounts lists our accounts; it may change while the program runs.
	Accounts func() []Account
	// WebChat is the path of the web chat, with %s for the language; empty = none.
	WebChat string
	// Base is the address under which the page is reached ("https://arifa.go.ke"),
	// for what leaves it: feeds, posters, public JSON.
	Base  string
	Hints <-chan struct{} // of the store; nil = it is only polled
	Web   web.Config      // what is configured of every page: proxies, https
	Log   *slog.Logger
	Now   func() time.Time
}

// Site is the page. It is safe for concurrent use.
type Site struct {
	Config
	web       *web.Web
	templates *template.Template
	assets    map[string]*document
	style     string // path of the style sheet
	edition   atomic.Pointer[edition]
	cache     cache
	reading   sync.Mutex // one reading of the store at a time
	slowAt    time.Time  // when what has no generation was read; under reading
	lookups   *web.Limiter
	checks    *web.Limiter
	comparing chan struct{} // room for texts that are compared at once
	log       *slog.Logger
}

// Paces of what costs more than a page that is ready: searches and old notices,
// and the comparison of a pasted text.
const (
	lookupEvery, lookupBurst = 200 * time.Millisecond, 40
	checkEvery, checkBurst   = 2 * time.Second, 10
	clients                  = 50_000
	// comparisons is how many pasted texts are compared at once, whoever pasted them:
	// many clients together must not take the processor from a broadcast.
	comparisons = 2
)

// New makes a Site. It serves once Run, or Refresh, has read the store.
func New(c Config) (*Site, error) {
	if c.Store == nil || c.Nation == nil || c.Speaker == nil {
		return nil, errors.New("statuspage: no store, no catalogue or no speaker")
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Accounts == nil {
		c.Accounts = func() []Account { return nil }
	}
	c.Base = strings.TrimRight(c.Base, "/")
	if u, err := url.Parse(c.Base); err != nil || c.Base != "" && u.Host == "" {
		return nil, fmt.Errorf("statuspage: %q is not an address", c.Base)
	}
	s := &Site{Config: c, log: c.Log.With("component", "page"),
		lookups: web.NewLimiter(lookupEvery, lookupBurst, clients), checks: web.NewLimiter(checkEvery, checkBurst, clients), comparing: make(chan struct{}, comparisons)}
	s.loadAssets()
	s.Web.Log, s.Web.Now, s.Web.ErrorPage = c.Log, c.Now, s.ErrorPage
	s.web = web.New(s.Web)
	var err error
	if s.templates, err = parseTemplates(); err != nil {
		return nil, fmt.Errorf("statuspage: %w", err)
	}
	return s, nil
}

// languages that the page is written in: those of the catalogue that are spoken.
func (s *Site) languages(n *subscriptions.Nation) []subscriptions.Language {
	var out []subscriptions.Language
	for _, l := range n.Languages {
		if s.Speaker.Speaks(l) {
			out = append(out, l)
		}
	}
	return out
}

// host that the page is reached under, for people.
func (s *Site) host() string {
	u, err := url.Parse(s.Base)
	if err != nil {
		return ""
	}
	return u.Host
}
