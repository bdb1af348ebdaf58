// Package webchat is the conversation in a browser: a page that works by plain
// forms, live by server-sent events where there is a script. A browser is one
// recipient, by a digest of a random id in its cookie; nothing else is known of it.
//
// "Sent" means that the browser has confirmed that it got the message. A page tells
// only while it is open, and says so: a browser that is away is owed its messages
// for a while, and then counts as gone until it comes back.
package webchat

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"time"

	"arifa/bot"
	"arifa/bot/web"
	"arifa/notifiers"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// Store is what the channel remembers.
type Store interface {
	subscriptions.WebTalk
	subscriptions.Inbox
	Recipient(ctx context.Context, lane subscriptions.LaneID, a subscriptions.Address) (subscriptions.Recipient, error)
}

// Conversation is what a citizen talks with; bot.Conversation is it.
type Conversation interface {
	notifiers.Leaver
	Hear(ctx context.Context, h bot.Heard) ([]wording.Card, error)
	Back(ctx context.Context, lane subscriptions.LaneID, a subscriptions.Address, kind subscriptions.RecipientKind, now time.Time) error
}

// Reply sends a message of the conversation through the lane's budget.
type Reply func(ctx context.Context, m notifiers.Message) (notifiers.Receipt, error)

// Config is what a Channel needs. Owned, Name, Log, Now and Web may be left out.
type Config struct {
	Store        Store
	Conversation Conversation
	Reply        Reply
	Speaker      *wording.Speaker
	Nation       func() *subscriptions.Nation
	// Owned reports whether this process owns the lane now; nil means always.
	Owned func() bool
	// Alone is true where no other process serves pages: a browser that is not open
	// here is open nowhere.
	Alone bool
	Web   web.Config
	Log   *slog.Logger
	Now   func() time.Time
	Waits Waits // zero = the usual ones
}

// Waits are the pauses of the channel.
type Waits struct {
	Confirm time.Duration // that a browser has to confirm a message
	Again   time.Duration // before a browser that is away is tried again
	Gone    time.Duration // away for so long, it counts as gone until it comes back
	Poll    time.Duration // a page without a script comes again within this
	Answer  time.Duration // that a form waits for its answer
	Ping    time.Duration // between two signs of life on a stream
	Tail    time.Duration // between two looks for what other processes said
}

func (w Waits) filled() Waits {
	for _, d := range []struct {
		of    *time.Duration
		usual time.Duration
	}{{&w.Confirm, 5 * time.Second}, {&w.Again, 15 * time.Second}, {&w.Gone, 10 * time.Minute}, {&w.Poll, 10 * time.Second},
		{&w.Answer, 3 * time.Second}, {&w.Ping, 15 * time.Second}, {&w.Tail, 500 * time.Millisecond}} {
		if *d.of <= 0 {
			*d.of = d.usual
		}
	}
	return w
}

// Channel is the lane "webchat": mouth, ears and pages.
type Channel struct {
	Config
	web       *web.Web
	hub       *hub
	intake    *notifiers.Intake
	flood     notifiers.Flood
	templates *template.Template
	assets    map[string]*web.Document
	script    string // its path
	says      *web.Limiter
	asks      *web.Limiter
	log       *slog.Logger
}

var (
	_ notifiers.Channel   = (*Channel)(nil)
	_ notifiers.Runner    = (*Channel)(nil)
	_ notifiers.Editor    = (*Channel)(nil)
	_ notifiers.Preparer  = (*Channel)(nil)
	_ notifiers.Previewer = (*Channel)(nil)
)

// Paces of one client: what it says, and what it asks for (pages, streams and
// confirmations).
const (
	sayEvery, sayBurst = time.Second, 20
	askEvery, askBurst = 50 * time.Millisecond, 200
	clients            = 50_000
)

// New makes the channel. Nothing is heard before Run.
func New(c Config) (*Channel, error) {
	if c.Store == nil || c.Conversation == nil || c.Reply == nil || c.Speaker == nil || c.Nation == nil {
		return nil, errors.New("webchat: no store, conversation, reply, speaker or catalogue")
	}
	if c.Owned == nil {
		c.Owned = func() bool { return true }
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	c.Waits = c.Waits.filled()
	ch := &Channel{Config: c, log: c.Log.With("component", "webchat"), says: web.NewLimiter(sayEvery, sayBurst, clients), asks: web.NewLimiter(askEvery, askBurst, clients)}
	ch.Web.Log, ch.Web.Now = c.Log, c.Now
	ch.web = web.New(ch.Web)
	ch.hub = newHub(c.Now)
	ch.intake = &notifiers.Intake{Inbox: c.Store, Lane: subscriptions.WebLane, Owned: c.Owned, Workers: workers, Handle: ch.handle, Leaver: c.Conversation, Whole: whole, Dead: dead,
		RetryAfter: notHere, Idle: c.Waits.Tail, StoreBack: time.Second, Now: ch.now, Log: ch.log}
	if err := ch.load(); err != nil {
		return nil, fmt.Errorf("webchat: %w", err)
	}
	return ch, nil
}

// now is the time as the stores keep it.
func (c *Channel) now() time.Time { return c.Now().UTC().Truncate(time.Millisecond) }

// Name implements notifiers.Channel.
func (c *Channel) Name() subscriptions.LaneID { return subscriptions.WebLane }

// Run hears and shows until ctx ends and every stream is closed.
func (c *Channel) Run(ctx context.Context) error {
	done := make(chan struct{})
	go func() { // ends with ctx
		defer close(done)
		c.intake.Run(ctx)
	}()
	c.tail(ctx)
	c.hub.close()
	<-done
	return nil
}

// tail passes on what changed in any talk, whichever process changed it.
func (c *Channel) tail(ctx context.Context) {
	last, known, away := int64(0), false, false
	every := time.NewTicker(c.Waits.Tail)
	defer every.Stop()
	for {
		var err error
		if !known {
			last, err = c.Store.LastUtteranceChange(ctx)
			known = err == nil
		}
		for err == nil && known {
			var some []subscriptions.Utterance
			if some, err = c.Store.UtteranceChanges(ctx, last, tailPage); err != nil || len(some) == 0 {
				break
			}
			for _, u := range some {
				c.hub.tell(u)
				last = u.Change
			}
		}
		if err != nil && !away && ctx.Err() == nil {
			c.log.Warn("talks cannot be read: browsers wait", "error", err)
		}
		away = err != nil
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		case <-c.hub.rings:
		}
	}
}

const tailPage = 500
