package notifiers

import (
	"context"
	"sync"
	"time"

	"arifa/subscriptions"
)

// Turns keeps a conversation's answers in order within each chat, and lets a chat
// go on when its answer is not through promptly.
type Turns struct {
	group sync.WaitGroup
	room  chan struct{}
	mu    sync.Mutex
	last  map[subscriptions.Address]chan struct{} // closed when that chat's newest answer is through
}

// NewTurns lets so many answers wait; when so many do, no more is heard, and what
// comes stays in the store.
func NewTurns(most int) *Turns {
	return &Turns{room: make(chan struct{}, most), last: map[subscriptions.Address]chan struct{}{}}
}

// enter waits for room and queues behind the chat's last answer. It returns ctx's
// error.
func (t *Turns) enter(ctx context.Context, chat subscriptions.Address) (before <-chan struct{}, through func(), err error) {
	select {
	case t.room <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	prev, mine := t.last[chat], make(chan struct{})
	if prev == nil {
		prev = make(chan struct{})
		close(prev)
	}
	t.last[chat] = mine
	return prev, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		close(mine)
		if t.last[chat] == mine {
			delete(t.last, chat)
		}
		<-t.room
	}, nil
}

// Say speaks an answer after the chat's earlier ones. One that is not through
// within prompt, because the lane or the chat has to wait, goes on waiting by
// itself, for patience, and lets its chat go on: a STOP must not stand behind it.
// Only such an answer can be lost by a crash, and lost is told of its error; what
// was heard cannot be.
func (t *Turns) Say(ctx context.Context, chat subscriptions.Address, prompt, patience time.Duration, speak func(context.Context) error, lost func(error)) error {
	before, through, err := t.enter(ctx, chat)
	if err != nil {
		return err
	}
	done, alone := make(chan error), make(chan struct{})
	t.group.Go(func() {
		defer through()
		err := inTurn(ctx, before, patience, speak)
		select {
		case done <- err:
		case <-alone:
			if err != nil {
				lost(err)
			}
		}
	})
	waited := time.NewTimer(prompt)
	defer waited.Stop()
	select {
	case err := <-done:
		return err
	case <-waited.C:
		close(alone)
		return nil
	}
}

// inTurn speaks after the chat's earlier answers, within the patience for one.
func inTurn(ctx context.Context, before <-chan struct{}, patience time.Duration, speak func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case <-before:
		return Guarded(func() error { return speak(ctx) })
	case <-ctx.Done():
		return nil
	}
}

// Wait returns when no answer is under way.
func (t *Turns) Wait() { t.group.Wait() }
