package slack

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"arifa/bot"
	"arifa/bot/desk"
	"arifa/notifiers"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// Conversation is what a citizen's message is given to.
type Conversation interface {
	notifiers.Leaver
	Hear(ctx context.Context, h bot.Heard) ([]wording.Card, error)
	Left(ctx context.Context, lane subscriptions.LaneID, a subscriptions.Address, now time.Time) error
	Back(ctx context.Context, lane subscriptions.LaneID, a subscriptions.Address, kind subscriptions.RecipientKind, now time.Time) error
}

// Reply sends a message of a conversation within the lane's budget, ahead of
// broadcasts.
type Reply func(ctx context.Context, m notifiers.Message) (notifiers.Receipt, error)

// EarsConfig says where what is heard goes.
type EarsConfig struct {
	Inbox        subscriptions.Inbox
	Register     subscriptions.Register
	Conversation Conversation
	Reply        Reply
	// Owned reports whether this process owns the lane now; nil means always. Any
	// replica stores what it hears, only the owner handles it.
	Owned func() bool
	// Secret of signed HTTP; empty = Slack does not call us. Sockets are opened where
	// the channel has an app token.
	Secret string
	// Office is the officers' desk; nil = there is none. Desk lets channels follow
	// services; Nation and Search name these.
	Office Office
	Desk   *desk.Desk
	Nation func() *subscriptions.Nation
	Search bot.Searcher
	// OnForged is told, at most once a minute for each reason, of a request that was
	// refused because it is not Slack's, or came a second time; nil = logged only.
	OnForged func(why string)
	// OnTrouble is told what an operator must mend: the app was removed, a token was
	// revoked; nil = logged only. It must be quick.
	OnTrouble func(notifiers.Trouble)
	Workers   int // chats handled at once; default 16
	Sockets   int // of Socket Mode; default 2, so that one is open while the other is opened anew
}

// Ears hears one workspace: everything is stored before it is acknowledged, and
// handled once, in order for each person.
type Ears struct {
	EarsConfig
	channel *Channel
	intake  *notifiers.Intake
	answers *notifiers.Turns
	flood   notifiers.Flood
	people  *people
	chains  chains
	deaf    notifiers.Deafness
	up      links
	pauses  waits
	forgery throttle
	log     *slog.Logger
	now     func() time.Time
	taking  sync.WaitGroup
}

// waits are the pauses of listening.
type waits struct {
	idle     time.Duration // between two looks into the inbox
	store    time.Duration // after the store failed
	storing  time.Duration // that a thing may take to be stored: Slack waits three seconds in all
	token    time.Duration // after a refused token
	most     time.Duration // between two tries to connect
	second   time.Duration // by which the sockets are opened apart
	silence  time.Duration // without a ping after which a socket is dead
	prompt   time.Duration // that a chat waits for its answer
	patience time.Duration // that an answer waits for its turn
	again    time.Duration // between two tries of one answer
	modal    time.Duration // that the owner waits for a window to be open
}

func usualWaits() waits {
	return waits{idle: 500 * time.Millisecond, store: time.Second, storing: 1800 * time.Millisecond, token: 15 * time.Second, most: 30 * time.Second,
		second: 20 * time.Second, silence: 30 * time.Second, prompt: time.Second, patience: 2 * time.Minute, again: 2 * time.Second, modal: 4 * time.Second}
}

// waitingAnswers is how many answers may wait for the lane at once.
const waitingAnswers = 256

// Ears makes the listening half of the channel.
func (c *Channel) Ears(cfg EarsConfig) *Ears {
	if cfg.Workers <= 0 {
		cfg.Workers = 16
	}
	if cfg.Sockets <= 0 {
		cfg.Sockets = 2
	}
	if cfg.Owned == nil {
		cfg.Owned = func() bool { return true }
	}
	if cfg.OnTrouble == nil {
		cfg.OnTrouble = func(notifiers.Trouble) {}
	}
	e := &Ears{EarsConfig: cfg, channel: c, answers: notifiers.NewTurns(waitingAnswers), people: newPeople(c), chains: newChains(), pauses: usualWaits(), log: c.log,
		now: func() time.Time { return c.now().UTC().Truncate(time.Millisecond) }}
	e.intake = e.newIntake()
	return e
}

func (e *Ears) newIntake() *notifiers.Intake {
	return &notifiers.Intake{Inbox: e.Inbox, Lane: e.channel.lane, Owned: e.Owned, Workers: e.Workers, Handle: e.apply, Leaver: e.Conversation, Whole: e.whole,
		Dead: func(err error) bool { return errors.Is(err, errUndecodable) }, RetryAfter: retryOf,
		Idle: e.pauses.idle, StoreBack: e.pauses.store, Now: e.now, Log: e.log}
}

// retryOf is what Slack asks for, else 1 s doubling to a minute.
func retryOf(err error, attempt int) time.Duration {
	var r *refusal
	if errors.As(err, &r) && r.limited() {
		return r.after
	}
	return notifiers.Doubling(attempt)
}

// Run listens until ctx ends and its goroutines are gone. Whatever Slack refuses is
// told with what to do and tried again, so that a token put back resumes by itself.
func (e *Ears) Run(ctx context.Context) error {
	var g sync.WaitGroup
	g.Go(func() { e.intake.Run(ctx) })
	if e.channel.cfg.AppToken != "" {
		for i := range e.Sockets {
			g.Go(func() { e.listen(ctx, i) })
		}
	}
	g.Wait()
	e.taking.Wait()
	e.answers.Wait()
	return nil
}

// Deaf is how long no socket has been open; zero while one is, and where Slack calls.
func (e *Ears) Deaf() time.Duration { return e.deaf.Lasts(e.now()) }

func (e *Ears) trouble(kind notifiers.TroubleKind, err error) {
	e.OnTrouble(notifiers.Trouble{Kind: kind, Lane: e.channel.lane, Err: err})
}

// chains keeps what comes at once in order within each chat while it is stored.
type chains struct {
	mu   *sync.Mutex
	last map[string]chan struct{}
}

func newChains() chains { return chains{&sync.Mutex{}, map[string]chan struct{}{}} }

// join queues behind the chat's last; through must be called.
func (c chains) join(chat string) (before <-chan struct{}, through func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	prev, mine := c.last[chat], make(chan struct{})
	if prev == nil {
		prev = make(chan struct{})
		close(prev)
	}
	c.last[chat] = mine
	return prev, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		close(mine)
		if c.last[chat] == mine {
			delete(c.last, chat)
		}
	}
}

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
