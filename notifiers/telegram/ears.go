package telegram

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
)

// EarsConfig says where heard updates go.
type EarsConfig struct {
	Inbox        subscriptions.Inbox
	Register     subscriptions.Register
	Conversation Conversation
	Reply        Reply
	// Owned reports whether this process owns the lane now; nil means always. Any
	// replica stores updates, only the owner handles them.
	Owned func() bool
	// Webhook is false for long polling.
	Webhook bool
	Secret  string // of the webhook
	Address string // that Telegram is to call, without WebhookPath
	Profile Profile
	Workers int // chats handled at once; default 16
}

// Ears hears one bot: it stores every update before it is acknowledged, and
// handles each once, in order for each chat.
type Ears struct {
	EarsConfig
	channel *Channel
	client  *http.Client // of the poller
	me      *identity
	intake  *notifiers.Intake
	answers *notifiers.Turns
	flood   notifiers.Flood
	admins  *admins
	waits   waits
	deaf    notifiers.Deafness
	log     *slog.Logger
	now     func() time.Time
}

// waits are the pauses of listening.
type waits struct {
	idle     time.Duration // between two looks into the inbox
	store    time.Duration // after the store failed
	token    time.Duration // after a refused token
	conflict time.Duration // after another poller was met
	least    time.Duration // after any other failure, doubling
	most     time.Duration // … up to this
	profile  time.Duration // before the profile is tried again, doubling
	prompt   time.Duration // that a chat waits for its answer
	patience time.Duration // that an answer waits for its turn
	again    time.Duration // between two tries of one answer
}

func usualWaits() waits {
	return waits{idle: 500 * time.Millisecond, store: time.Second, token: 15 * time.Second, conflict: 5 * time.Second,
		least: 250 * time.Millisecond, most: 30 * time.Second, profile: time.Second,
		prompt: time.Second, patience: 2 * time.Minute, again: 2 * time.Second}
}

// Ears makes the listening half of the channel.
func (c *Channel) Ears(cfg EarsConfig) *Ears {
	if cfg.Workers <= 0 {
		cfg.Workers = 16
	}
	if cfg.Owned == nil {
		cfg.Owned = func() bool { return true }
	}
	e := &Ears{EarsConfig: cfg, channel: c, client: newClient(1, pollTimeout, c.cfg.Dial), me: &identity{},
		answers: notifiers.NewTurns(waitingAnswers), admins: newAdmins(), waits: usualWaits(), log: c.log,
		now: func() time.Time { return c.now().UTC().Truncate(time.Millisecond) }}
	e.intake = e.newIntake()
	return e
}

// Run listens until ctx ends and its goroutines are gone. Whatever Telegram
// refuses is logged with what to do and tried again, so that a token put back
// resumes by itself.
func (e *Ears) Run(ctx context.Context) error {
	var g sync.WaitGroup
	g.Go(func() { e.introduce(ctx) })
	g.Go(func() { e.intake.Run(ctx) })
	if !e.Webhook {
		g.Go(func() { e.poll(ctx) })
	}
	g.Wait()
	e.answers.Wait()
	e.client.CloseIdleConnections()
	return nil
}

// Deaf is how long polling has failed without a break; zero while it works, and
// where updates are called in.
func (e *Ears) Deaf() time.Duration { return e.deaf.Lasts(e.now()) }

// pause waits; false when ctx has ended.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 || ctx.Err() != nil {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
