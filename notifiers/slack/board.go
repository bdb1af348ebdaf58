package slack

import (
	"context"
	"errors"
	"time"

	"arifa/bot/desk/talk"
	"arifa/notifiers"
	"arifa/subscriptions"
)

// boardProvider is that of the officers' channel among chats: no officer's account.
const boardProvider = "slack-board"

// RoomOf is the officers' channel as a chat of the desk.
func RoomOf(team, channel string) subscriptions.Identity {
	return subscriptions.Identity{Provider: boardProvider, Subject: team + "/" + channel}
}

// Board keeps the officers' channel: it carries what talk.Board has put there.
type Board struct {
	Board *talk.Board
	Calls subscriptions.Calls
	Owned func() bool
	Reply Reply
	// Every is how often it looks; default 1 s.
	Every time.Duration

	channel *Channel
	to      notifiers.Target
	wake    chan struct{}
}

// Board makes the officers' channel of a workspace.
func (c *Channel) Board(id string, b Board) *Board {
	if b.Every <= 0 {
		b.Every = time.Second
	}
	b.channel, b.wake = c, make(chan struct{}, 1)
	b.to = notifiers.Target{Address: subscriptions.AddressOf(id), Kind: subscriptions.Channel}
	return &b
}

// Wake looks at once.
func (b *Board) Wake() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// Run keeps the board until ctx ends.
func (b *Board) Run(ctx context.Context) error {
	tick := time.NewTicker(b.Every)
	defer tick.Stop()
	for {
		if b.Owned() {
			if err := b.once(ctx); err != nil && ctx.Err() == nil {
				b.channel.log.Error("the officers' channel is not up to date", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-b.wake:
		case <-tick.C:
		}
	}
}

const (
	boardAtOnce = 20
	boardLease  = time.Minute
	boardAgain  = 3 * time.Second
	boardCalm   = 5 * time.Second // at most, between two looks at a message that goes on: a word said after hours is shown at once too
	boardFor    = 24 * time.Hour  // that a message is tried
)

func (b *Board) once(ctx context.Context) error {
	now := b.channel.now().UTC().Truncate(time.Millisecond)
	if err := b.Board.Post(ctx, now); err != nil {
		return err
	}
	calls, err := b.Calls.LeaseCalls(ctx, boardProvider, boardAtOnce, now, now.Add(boardLease))
	for _, c := range calls {
		b.carry(ctx, &c)
		record, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		err = errors.Join(err, b.Calls.FinishCall(record, c))
		cancel()
	}
	return err
}

// carry brings one message to the channel, or up to date.
func (b *Board) carry(ctx context.Context, c *subscriptions.Call) {
	now := b.channel.now().UTC().Truncate(time.Millisecond)
	s, err := b.Board.Show(ctx, *c, now)
	switch {
	case errors.Is(err, talk.ErrOver):
		c.EndedAt, c.Ending = now, "over"
		return
	case err == nil && s.Says == c.Shown:
	case err == nil && s.Thread != nil && s.Thread.Message == "" && now.Sub(c.At) < time.Minute:
		c.NextAt = now.Add(boardAgain) // its thread comes first
		return
	case err == nil:
		err = b.post(ctx, c, s)
	}
	switch {
	case err == nil && (s.Over || !c.Live):
		c.EndedAt, c.Ending = now, "delivered"
	case err == nil:
		c.NextAt = now.Add(min(boardCalm, max(boardAgain, now.Sub(c.At)/200)))
	case now.Sub(c.At) > boardFor && c.Message == "":
		c.EndedAt, c.Ending = now, "too late"
	default:
		c.Attempt++
		c.NextAt = now.Add(max(boardAgain, waitOf(err)))
		b.channel.log.Warn("a message of the officers' channel is not through yet", "kind", c.Kind, "attempt", c.Attempt, "error", err)
	}
}

func waitOf(err error) time.Duration {
	var later notifiers.Later
	if errors.As(err, &later) {
		return later.After
	}
	return 0
}

// post writes or edits. A message that may have been written before is looked for
// first: a crash between writing and recording makes no second one.
func (b *Board) post(ctx context.Context, c *subscriptions.Call, s talk.Shown) error {
	m := notifiers.Message{To: b.to, Card: spoken(s.Card), Edit: c.Message, Mark: c.Event, Since: c.At}
	if s.Thread != nil {
		m.ReplyTo = s.Thread.Message
	}
	if c.Message == "" {
		r, found, err := b.channel.Find(ctx, m)
		var never notifiers.Never
		if err != nil && !errors.As(err, &never) {
			return err
		}
		if found {
			m.Edit = r.Message
		}
	}
	r, err := b.Reply(ctx, m)
	if err != nil {
		return err
	}
	c.Message, c.Shown, c.SentAt, c.Attempt = r.Message, s.Says, b.channel.now(), 0
	return nil
}
