// Package telegram is everything known of Telegram: it hears private chats and
// groups by long polling or webhook, and speaks to chats, groups and channels.
//
// What is spoken to many goes over connections of its own (poster; one JSON body
// rendered once and spliced for each recipient), single messages through net/http,
// and what is heard is read by types of its
// own; identity, profile and webhook go through go-telegram/bot (library.go says
// why). It never decides what is said, to whom, or when.
package telegram

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"arifa/bot"
	"arifa/notifiers"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// RequestTimeout bounds one call; a lane's lease must be longer.
const RequestTimeout = 10 * time.Second

// What Telegram lets one bot send without a fee, and with it, in messages a second;
// and what it takes for each message above the first, in Stars
// (core.telegram.org/bots/faq, "broadcasting").
const (
	FreePace = 30
	PaidPace = 1000
	PaidEach = 0.1
)

// Conversation is what a heard message is given to.
type Conversation interface {
	notifiers.Leaver
	Hear(ctx context.Context, h bot.Heard) ([]wording.Card, error)
	Left(ctx context.Context, lane subscriptions.LaneID, a subscriptions.Address, now time.Time) error
	Back(ctx context.Context, lane subscriptions.LaneID, a subscriptions.Address, kind subscriptions.RecipientKind, now time.Time) error
}

// Reply sends a conversation's card within the lane's budget, ahead of
// broadcasts.
type Reply func(ctx context.Context, m notifiers.Message) (notifiers.Receipt, error)

// Config of one bot.
type Config struct {
	Token string
	// Fresh reads the token again where Telegram refuses the present one; nil = there is
	// no other. A new one is used at once, if it is of the same bot.
	Fresh       func() (string, error)
	API         string // base address; default https://api.telegram.org
	Connections int    // most for sending; the lane's in-flight cap, default 8
	// Paid lets messages go faster than the free pace, for Stars: the bot's balance
	// pays for each above it (core.telegram.org/bots/faq, "broadcasting").
	Paid bool
	// Dial opens a connection; nil = the usual way.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	Log  *slog.Logger
	Now  func() time.Time // default time.Now
}

// Channel speaks through one bot.
type Channel struct {
	lane   subscriptions.LaneID
	id     int64 // the bot's own
	cfg    Config
	key    atomic.Pointer[key]
	client *http.Client // speaks
	dial   dial
	kept   *kept     // speaks to many; nil = only client can
	tails  sync.Pool // of *[]byte, in which a request is made

	keyboards keyboards
	paid      bool
	asking    *http.Client // asks: who, where, which rights
	hush      atomic.Int64 // nothing is asked before this Unix time, in ns

	renewing  sync.Mutex // over renewed and complaint
	renewed   time.Time  // when the token was last read again
	complaint string     // of what was read then, told already
	log       *slog.Logger
	now       func() time.Time
}

var (
	_ notifiers.Channel   = (*Channel)(nil)
	_ notifiers.Editor    = (*Channel)(nil)
	_ notifiers.Preparer  = (*Channel)(nil)
	_ notifiers.Previewer = (*Channel)(nil)
	_ notifiers.Pinner    = (*Channel)(nil)
	_ notifiers.Eraser    = (*Channel)(nil)
)

// New makes the channel without asking Telegram anything: start-up must not
// depend on the network. The lane's id is the bot's, so that a rotated token
// keeps the lane.
func New(c Config) (*Channel, error) {
	before, _, _ := strings.Cut(c.Token, ":")
	id := botOf(c.Token)
	if id == 0 {
		return nil, errors.New("telegram: the token is not of the form 123456:ABC…")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Connections <= 0 {
		c.Connections = 8
	}
	if c.Dial == nil {
		c.Dial = usualDial
	}
	if c.API = strings.TrimSuffix(c.API, "/"); c.API == "" {
		c.API = "https://api.telegram.org"
	}
	ch := &Channel{lane: subscriptions.LaneID("telegram:" + before), id: id, cfg: c, paid: c.Paid, dial: c.Dial,
		tails:  sync.Pool{New: func() any { b := make([]byte, 0, usualTail); return &b }},
		asking: newClient(4, RequestTimeout, c.Dial), log: c.Log.With("component", "telegram"), now: c.Now}
	ch.client = newClient(c.Connections, RequestTimeout, func(ctx context.Context, n, a string) (net.Conn, error) { return ch.dial(ctx, n, a) })
	ch.keep(c)
	k, err := ch.keyOf(c.Token)
	if err != nil {
		return nil, err
	}
	ch.key.Store(k)
	return ch, nil
}

// Name returns the lane id, "telegram:<bot id>".
func (c *Channel) Name() subscriptions.LaneID { return c.lane }
