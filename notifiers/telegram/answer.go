package telegram

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"arifa/bot"
	"arifa/notifiers"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// waitingAnswers is how many answers may wait for the lane at once: half a minute's
// worth of a lane of 30 messages a second. When so many wait, no more is heard, and
// what comes stays in the store.
const waitingAnswers = 1024

// answers keeps them in order within each chat.
type answers struct {
	group sync.WaitGroup
	room  chan struct{}
	mu    sync.Mutex
	last  map[subscriptions.Address]chan struct{} // closed when that chat's newest answer is through
}

func newAnswers(most int) *answers {
	return &answers{room: make(chan struct{}, most), last: map[subscriptions.Address]chan struct{}{}}
}

// enter waits for room and queues behind the chat's last answer. It returns ctx's
// error.
func (a *answers) enter(ctx context.Context, chat subscriptions.Address) (before <-chan struct{}, through func(), err error) {
	select {
	case a.room <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	prev, mine := a.last[chat], make(chan struct{})
	if prev == nil {
		prev = make(chan struct{})
		close(prev)
	}
	a.last[chat] = mine
	return prev, func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		close(mine)
		if a.last[chat] == mine {
			delete(a.last, chat)
		}
		<-a.room
	}, nil
}

// converse hears and answers. What was heard is stored when Hear returns, and
// counts, above all STOP; a chat that says too much is only not answered.
func (e *Ears) converse(ctx context.Context, h bot.Heard) error {
	cards, err := e.Conversation.Hear(ctx, h)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(cards, func(c wording.Card) bool { return c.Erase }) {
		e.erase(ctx, h)
	}
	if e.flood.over(h.Address, h.At) || len(cards) == 0 {
		return nil
	}
	return e.say(ctx, h, cards)
}

// erase takes away what was said, for it held a secret. Telegram may refuse; the
// secret is used up by now, so that is only logged.
func (e *Ears) erase(ctx context.Context, h bot.Heard) {
	if h.Choice != "" || h.Message == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := e.channel.Erase(ctx, notifiers.Target{Address: h.Address, Kind: h.Kind}, h.Message); err != nil {
		e.log.Warn("a message that held a secret was not taken away", "error", err)
	}
}

// say sends the answer. One that is not through promptly, because the lane or the
// chat has to wait, goes on waiting by itself and lets its chat go on: a STOP must
// not stand behind it. Only such an answer can be lost by a crash; what was heard
// cannot.
func (e *Ears) say(ctx context.Context, h bot.Heard, cards []wording.Card) error {
	before, through, err := e.answers.enter(ctx, h.Address)
	if err != nil {
		return err
	}
	done, alone := make(chan error), make(chan struct{})
	e.answers.group.Go(func() {
		defer through()
		err := e.inTurn(ctx, before, func(ctx context.Context) error { return e.sayAll(ctx, h, cards) })
		select {
		case done <- err:
		case <-alone:
			if err != nil {
				e.log.Warn("answer lost", "error", err)
			}
		}
	})
	prompt := time.NewTimer(e.waits.prompt)
	defer prompt.Stop()
	select {
	case err := <-done:
		return err
	case <-prompt.C:
		close(alone)
		return nil
	}
}

// inTurn speaks after the chat's earlier answers, within the patience for one.
func (e *Ears) inTurn(ctx context.Context, before <-chan struct{}, speak func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, e.waits.patience)
	defer cancel()
	select {
	case <-before:
		return guarded(func() error { return speak(ctx) })
	case <-ctx.Done():
		return nil
	}
}

func (e *Ears) sayAll(ctx context.Context, h bot.Heard, cards []wording.Card) error {
	for _, card := range cards {
		m := notifiers.Message{To: notifiers.Target{Address: h.Address, Kind: h.Kind}, Card: card}
		if card.Replace && h.Choice != "" {
			m.Edit = h.Message
		}
		if err := e.sayOne(ctx, h, m); err != nil {
			return err
		}
	}
	return nil
}

// sayOne sends one card, again while the network is in trouble and patience lasts.
// Its error means that somebody else must answer.
func (e *Ears) sayOne(ctx context.Context, h bot.Heard, m notifiers.Message) error {
	for movedOnce := false; ; {
		_, err := e.Reply(ctx, m)
		var moved notifiers.Moved
		switch {
		case err == nil:
			return nil
		case is[notifiers.Uneditable](err) && m.Edit != "":
			m.Edit = ""
			continue
		case is[notifiers.Gone](err):
			return e.Conversation.Left(context.WithoutCancel(ctx), h.Lane, m.To.Address, h.At)
		case errors.As(err, &moved) && !movedOnce:
			if err := e.move(ctx, m.To.Address, moved.To); err != nil {
				return err
			}
			m.To.Address, m.Edit, movedOnce = moved.To, "", true
			continue
		case errors.Is(err, notifiers.ErrNotOwner):
			return err // the owner hears it again, which is harmless, and answers
		case is[notifiers.Never](err), is[notifiers.Poison](err), is[notifiers.Unknown](err), is[notifiers.Moved](err), is[notifiers.Uneditable](err):
			e.log.Warn("answer lost", "error", err)
			return nil
		}
		if !pause(ctx, e.waits.again) {
			e.log.Warn("answer lost: Telegram did not take it in time", "error", err)
			return nil
		}
	}
}

// guarded turns a panic into an error without the words that it may hold.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %T", p)
		}
	}()
	return f()
}

func is[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}
