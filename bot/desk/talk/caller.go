package talk

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// ErrDead is returned by a Mouth for a chat that takes nothing any more.
var ErrDead = errors.New("the chat takes nothing any more")

// Mouth writes into officers' chats of one network, ahead of broadcasts.
type Mouth struct {
	Network string
	// Owned reports whether this process may speak there now; nil = always.
	Owned func() bool
	// Say writes a card and returns the network's id of the message. Any error but
	// ErrDead is tried again.
	Say func(ctx context.Context, to subscriptions.Address, s Saying) (message string, err error)
}

// Saying is one card for an officer's chat.
type Saying struct {
	Card wording.Card
	Edit string // the message that it takes the place of; empty = a new one
	// Mark is the same whenever the same call is said, and Since when it was first due:
	// by them a network that can looks for what it may have taken already.
	Mark  string
	Since time.Time
}

// CallerConfig is what a Caller is made of.
type CallerConfig struct {
	Talk   *Talk
	Mouths []Mouth
	Now    func() time.Time // default time.Now
	Log    *slog.Logger
	Idle   time.Duration // between two looks at the store; default 1 s
}

// Caller carries calls to officers' chats: each is leased by one process, and ends
// when the network took it. What a process dies of, another repeats; a repeated
// wake-up is better than a lost one.
type Caller struct {
	CallerConfig
	wake chan struct{}
}

// NewCaller makes a Caller.
func NewCaller(c CallerConfig) *Caller {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Idle <= 0 {
		c.Idle = time.Second
	}
	c.Log = c.Log.With("component", "caller")
	return &Caller{c, make(chan struct{}, 1)}
}

// Wake looks for calls at once.
func (c *Caller) Wake() {
	select {
	case c.wake <- struct{}{}:
	default: // a wake-up is waiting already
	}
}

// Run carries calls until ctx ends.
func (c *Caller) Run(ctx context.Context) error {
	tick := time.NewTicker(c.Idle)
	defer tick.Stop()
	for {
		n, err := c.Once(ctx)
		if err != nil && ctx.Err() == nil {
			c.Log.Error("calls of officers cannot be read", "error", err)
		}
		if n > 0 && err == nil && ctx.Err() == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-c.wake:
		case <-tick.C:
		}
	}
}

const (
	callsAtOnce = 16
	leaseFor    = time.Minute
	sayWithin   = 20 * time.Second
	// callFor is how long a call is tried: what is older wakes nobody usefully.
	callFor = 24 * time.Hour
)

// Once carries what is due now and returns how many calls it looked at.
func (c *Caller) Once(ctx context.Context) (int, error) {
	n, err := c.nobody(ctx)
	for _, m := range c.Mouths {
		if err != nil {
			return n, err
		}
		if m.Owned != nil && !m.Owned() {
			continue
		}
		now := c.Now()
		calls, lerr := c.Talk.Calls.LeaseCalls(ctx, m.Network, callsAtOnce, now, now.Add(leaseFor))
		err = lerr
		n += len(calls)
		var group sync.WaitGroup
		for _, chat := range byChat(calls) { // chats at once, each in order
			group.Go(func() {
				for _, call := range chat {
					c.carry(ctx, m, call)
				}
			})
		}
		group.Wait()
	}
	return n, err
}

func byChat(calls []subscriptions.Call) [][]subscriptions.Call {
	var out [][]subscriptions.Call
	for _, call := range calls {
		at := slices.IndexFunc(out, func(chat []subscriptions.Call) bool { return chat[0].Chat == call.Chat })
		if at < 0 {
			at, out = len(out), append(out, nil)
		}
		out[at] = append(out[at], call)
	}
	return out
}

// nobody logs the calls of officers who have linked no chat.
func (c *Caller) nobody(ctx context.Context) (int, error) {
	now := c.Now()
	calls, err := c.Talk.Calls.LeaseCalls(ctx, "", callsAtOnce, now, now.Add(leaseFor))
	for _, call := range calls {
		if call.Officer == 0 {
			c.Log.Warn("nobody is there to be called", "event", call.Kind, "about", call.About)
		} else {
			c.Log.Warn("an officer is called and has no linked chat", "event", call.Kind, "about", call.About, "officer", int64(call.Officer))
		}
		call.EndedAt, call.Ending = now, "no chat"
		c.finish(ctx, call)
	}
	return len(calls), err
}

// carry brings one call to its chat.
func (c *Caller) carry(ctx context.Context, m Mouth, call subscriptions.Call) {
	now := c.Now()
	card, says, over, err := c.Talk.Called(ctx, call, now)
	switch {
	case errors.Is(err, ErrOver):
		call.EndedAt, call.Ending = now, "over"
	case err != nil:
		c.again(&call, now, err)
	case call.Live && says == call.Shown:
		c.next(&call, now, over)
	default:
		c.speak(ctx, m, &call, card, says, over)
	}
	c.finish(ctx, call)
}

func (c *Caller) speak(ctx context.Context, m Mouth, call *subscriptions.Call, card wording.Card, says string, over bool) {
	say, cancel := context.WithTimeout(ctx, sayWithin)
	defer cancel()
	message, err := m.Say(say, subscriptions.AddressOf(call.Chat.Subject), Saying{Card: card, Edit: call.Message, Mark: call.Event, Since: call.At})
	now := c.Now()
	switch {
	case errors.Is(err, ErrDead):
		call.EndedAt, call.Ending = now, "dead chat"
		c.Log.Error("officer not called: the chat takes nothing", "event", call.Kind, "officer", int64(call.Officer))
	case err != nil:
		c.again(call, now, err)
	default:
		call.Message, call.Shown, call.SentAt, call.Attempt = message, says, now, 0
		c.next(call, now, over)
		if !call.Live {
			c.Log.Info("an officer is called", "event", call.Kind, "about", call.About, "officer", int64(call.Officer))
		}
	}
}

// next ends a call, or says when a live one is looked at again: the longer it
// lives, the rarer.
func (c *Caller) next(call *subscriptions.Call, now time.Time, over bool) {
	if !call.Live || over || now.Sub(call.At) > callFor {
		call.EndedAt, call.Ending = now, "delivered"
		return
	}
	call.NextAt = now.Add(max(liveEvery, now.Sub(call.At)/50))
}

// again tries later, twice as late each time, and gives up after a day.
func (c *Caller) again(call *subscriptions.Call, now time.Time, err error) {
	if now.Sub(call.At) > callFor {
		call.EndedAt, call.Ending = now, "too late"
		c.Log.Error("officer not called in a day", "event", call.Kind, "officer", int64(call.Officer), "error", err)
		return
	}
	call.NextAt = now.Add(min(time.Second<<min(call.Attempt, 6), time.Minute))
	call.Attempt++
	c.Log.Warn("officer not called yet", "event", call.Kind, "officer", int64(call.Officer), "attempt", call.Attempt, "error", err)
}

// finish records what happened, also when the caller is being stopped.
func (c *Caller) finish(ctx context.Context, call subscriptions.Call) {
	record, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := c.Talk.Calls.FinishCall(record, call); err != nil {
		c.Log.Error("a call was carried, not recorded", "call", int64(call.ID), "error", err)
	}
}
