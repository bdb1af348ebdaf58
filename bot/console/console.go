// Package console is the desk in a browser: what an officer may do, as pages and
// forms for a phone at night and a desk by day.
//
// It only asks and shows. Every deed is the desk's, who may do it is asked there
// each time, and nothing is stored here but visits and the public halves of
// passkeys. Every deed works without a script; the one script shows previews and
// progress while they change.
package console

import (
	"context"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/alexedwards/scs/v2"

	"arifa/bot/desk"
	"arifa/bot/web"
	"arifa/subscriptions"
)

// Base is the path below which the console answers.
const Base = "/desk"

// Via is how the audit record names this face.
const Via = "console"

const (
	// Longest is how long a visit lasts, whatever is done in it.
	Longest = 12 * time.Hour
	// IdleLock is after how long without a deed it asks for six digits again.
	IdleLock = 30 * time.Minute
	// FreshFor is how long six digits, or a passkey, count for the deeds of two.
	FreshFor = 10 * time.Minute
)

// Found is one hit of a search over the catalogue; one of the two is set.
type Found struct {
	Service  subscriptions.ServiceID
	Platform subscriptions.PlatformID
}

// Networks asks a network about a channel before it carries notices.
type Networks interface {
	// Networks lists those that have channels, by name.
	Networks() []string
	// Look finds a channel as an officer writes it, and proves that we may post and
	// edit there; a *desk.Refusal says what is missing.
	Look(ctx context.Context, network, name string) (desk.ChannelInput, error)
}

// Config is what a Console is made of. Desk, Sessions, Nation and URL are required.
type Config struct {
	Desk     *desk.Desk
	Sessions subscriptions.Sessions
	// Nation is the effective catalogue.
	Nation func() *subscriptions.Nation
	// URL is where browsers reach this program: "https://arifa.go.ke",
	// "http://localhost:8080". Cookies, passkeys and single sign-on hang on it.
	URL    string
	Search func(query string, limit int) []Found // nil = no search
	// Say says a phrase of the conversation in English: how people tried; nil = it is
	// left out.
	Say func(id string) string
	// Networks may be nil: then channels are listed only.
	Networks Networks
	// OIDC is the single sign-on of the government; nil = none.
	OIDC *OIDC
	// Tryout says whether this is a try-out on one machine: then only browsers of that
	// machine are answered.
	Tryout func() bool
	// Drill makes every screen look like a drill. That nobody is reached is for the
	// program to see to: see package drill.
	Drill bool
	// Leaps says that the clock is a rehearsal's and leaps by hours: a visit outlives
	// that, and ends with its browser, which judges cookies by another clock.
	Leaps   bool
	Idle    time.Duration // 0 = IdleLock
	Proxies []netip.Prefix
	Log     *slog.Logger
	Now     func() time.Time // UTC, cut to milliseconds
	Ended   func(route string, status int, took time.Duration)
	// Done ends what streams; nil = never.
	Done <-chan struct{}
}

// Console is safe for many goroutines and many processes beside each other.
type Console struct {
	Config
	log      *slog.Logger
	web      *web.Web
	sessions *scs.SessionManager
	origin   *http.CrossOriginProtection
	pages    *template.Template
	assets   map[string]*web.Document // by path
	// assetPaths are theirs by name.
	assetPaths map[string]string
	keys       *passkeys // nil = this address can have none
	sso        *sso      // nil = none
	doubles    *doubles
	streams    streams

	comers, guesses, looks *web.Limiter
}

// New returns a Console, or an error that names what is missing.
func New(c Config) (*Console, error) {
	u, err := url.Parse(c.URL)
	switch {
	case c.Desk == nil, c.Sessions == nil, c.Nation == nil:
		return nil, errors.New("console: a desk, a store of sessions and a catalogue are required")
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("console: the address at which browsers reach it is required")
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = func() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
	}
	if c.Idle == 0 {
		c.Idle = IdleLock
	}
	if c.Leaps {
		c.Idle = Longest
	}
	if c.Tryout == nil {
		c.Tryout = func() bool { return false }
	}
	o := &Console{Config: c, log: c.Log.With("component", "console"), origin: http.NewCrossOriginProtection(), doubles: newDoubles(),
		// Who comes to sign in, who tries codes and digits, and who looks at previews.
		comers: web.NewLimiter(2*time.Second, 30, 10_000), guesses: web.NewLimiter(20*time.Second, 12, 10_000), looks: web.NewLimiter(200*time.Millisecond, 25, 10_000)}
	o.web = web.New(web.Config{Log: c.Log, Now: c.Now, Proxies: c.Proxies, HTTPS: u.Scheme == "https", ErrorPage: o.errorPage, Ended: c.Ended})
	o.sessions = o.sessionManager(u.Scheme == "https")
	if err := o.loadPages(); err != nil {
		return nil, err
	}
	if o.keys, err = newPasskeys(u, c.Sessions); err != nil {
		return nil, err
	}
	if c.OIDC != nil {
		if o.sso, err = newSSO(*c.OIDC, c.URL+Base+"/sso/back"); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// Handler answers everything below Base.
func (c *Console) Handler() http.Handler {
	mux := http.NewServeMux()
	for path, h := range c.byPath() {
		mux.Handle(path, c.web.Handle(h))
	}
	return mux
}
