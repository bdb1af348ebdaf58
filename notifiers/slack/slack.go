// Package slack is everything known of Slack: it hears one workspace by Socket Mode
// or signed HTTP, speaks to its people and channels, and is the officers' room with
// modals, approvals and an App Home.
//
// Requests are made through slack-go, pinned exactly, over a client of our own that
// has a timeout, reads no more than a limit, and keeps Slack's word on when the next
// call of a method may be made (wire.go). What is heard is read by types of our own.
// It never decides what is said, to whom, or when.
package slack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	lib "github.com/slack-go/slack"

	"arifa/notifiers"
	"arifa/subscriptions"
)

// RequestTimeout bounds one call; a lane's lease must be longer.
const RequestTimeout = 10 * time.Second

// DefaultAPI is where the Web API is.
const DefaultAPI = "https://slack.com/api/"

// Config of one app in one workspace.
type Config struct {
	BotToken    string // xoxb-…
	AppToken    string // xapp-…, of Socket Mode; may be empty
	API         string // base address; default DefaultAPI
	Team        string // the workspace's id, "T…"
	Connections int    // most at once; default 8
	Log         *slog.Logger
	Now         func() time.Time // default time.Now
	Uptime      func() time.Time // measures durations; default time.Now
}

// Channel speaks to one workspace.
type Channel struct {
	lane subscriptions.LaneID
	team string
	api  *lib.Client
	wire *wire
	base *url.URL
	cfg  Config
	log  *slog.Logger
	now  func() time.Time
}

var (
	_ notifiers.Channel   = (*Channel)(nil)
	_ notifiers.Editor    = (*Channel)(nil)
	_ notifiers.Finder    = (*Channel)(nil)
	_ notifiers.Preparer  = (*Channel)(nil)
	_ notifiers.Previewer = (*Channel)(nil)
)

var (
	botTokenShape = regexp.MustCompile(`^xoxb-[A-Za-z0-9-]{8,}$`)
	appTokenShape = regexp.MustCompile(`^xapp-[A-Za-z0-9-]{8,}$`)
	teamShape     = regexp.MustCompile(`^T[A-Z0-9]{2,20}$`)
)

// PlausibleBotToken and PlausibleAppToken tell a token from another kind of secret
// that stands in its place.
func PlausibleBotToken(t string) bool { return botTokenShape.MatchString(t) }
func PlausibleAppToken(t string) bool { return appTokenShape.MatchString(t) }

// PlausibleTeam tells a workspace's id from its name.
func PlausibleTeam(id string) bool { return teamShape.MatchString(id) }

// New makes the channel without asking Slack anything: start-up must not depend on
// the network. Whose token it is Identify finds out.
func New(c Config) (*Channel, error) {
	switch {
	case !PlausibleBotToken(c.BotToken):
		return nil, errors.New("slack: the bot token is not of the form xoxb-…")
	case c.AppToken != "" && !PlausibleAppToken(c.AppToken):
		return nil, errors.New("slack: the app token is not of the form xapp-…")
	case !teamShape.MatchString(c.Team):
		return nil, errors.New("slack: the workspace's id is not of the form T…")
	}
	c = c.filled()
	base, err := url.Parse(c.API)
	if err != nil || base.Host == "" {
		return nil, errors.New("slack: the address of the Web API is not usable")
	}
	ch := &Channel{lane: LaneOf(c.Team), team: c.Team, base: base, cfg: c, log: c.Log.With("component", "slack"), now: c.Now}
	ch.wire = newWire(c.Connections, c.Uptime)
	ch.api = library(c, ch.wire)
	return ch, nil
}

func (c Config) filled() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Uptime == nil {
		c.Uptime = time.Now
	}
	if c.Connections <= 0 {
		c.Connections = 8
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.API = strings.TrimSuffix(c.API, "/") + "/"
	if c.API == "/" {
		c.API = DefaultAPI
	}
	return c
}

// library is slack-go over our own client. No retry of its own is turned on: what
// is sent again, and when, the Dispatcher decides. Its log is nobody's, because it
// prints what it was given.
func library(c Config, w *wire) *lib.Client {
	return lib.New(c.BotToken, lib.OptionAppLevelToken(c.AppToken), lib.OptionAPIURL(c.API), lib.OptionHTTPClient(w),
		lib.OptionLog(log.New(io.Discard, "", 0)))
}

// LaneOf is the lane of a workspace: a rotated token keeps it.
func LaneOf(team string) subscriptions.LaneID { return subscriptions.LaneID("slack:" + team) }

// Name returns the lane id, "slack:<team id>".
func (c *Channel) Name() subscriptions.LaneID { return c.lane }

// Who is what Slack says of a token.
type Who struct {
	Team, TeamName, BotUser string
	Scopes                  []string
	Named                   bool // the answer named scopes
}

// Identify asks Slack whose token this is.
func Identify(ctx context.Context, c Config) (Who, error) {
	if !PlausibleBotToken(c.BotToken) {
		return Who{}, errors.New("slack: the bot token is not of the form xoxb-…")
	}
	c = c.filled()
	return who(ctx, library(c, newWire(1, c.Uptime)))
}

// Me asks Slack who we are.
func (c *Channel) Me(ctx context.Context) (Who, error) { return who(ctx, c.api) }

func who(ctx context.Context, api *lib.Client) (Who, error) {
	ctx, cancel := context.WithTimeout(ctx, RequestTimeout)
	defer cancel()
	me, err := api.AuthTestContext(ctx)
	if err != nil {
		return Who{}, told(err)
	}
	w := Who{Team: me.TeamID, TeamName: me.Team, BotUser: me.UserID}
	if granted := me.Header.Get("X-OAuth-Scopes"); granted != "" {
		w.Named = true
		for _, s := range strings.Split(granted, ",") {
			w.Scopes = append(w.Scopes, strings.TrimSpace(s))
		}
	}
	if !teamShape.MatchString(w.Team) {
		return w, fmt.Errorf("slack: the answer names no workspace")
	}
	return w, nil
}

// newClient never follows a redirect: the Web API knows none, and the next host
// would be shown the token. The default client of slack-go has no timeout.
func newClient(connections int) *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost, t.MaxConnsPerHost = 0, connections, connections
	t.IdleConnTimeout = 55 * time.Second
	return &http.Client{Timeout: RequestTimeout, Transport: t,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}
