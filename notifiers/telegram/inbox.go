package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"arifa/subscriptions"
)

// maxAttempts is how often an update is tried before it is laid aside for an
// operator; the next of its chat then goes on.
const maxAttempts = 6

// taken remembers which updates are being handled, so that a slow chat holds up
// nobody: the store is asked for more while it is slow. An update that was read
// from the store before it was marked there is not handled a second time, because
// what ended is forgotten only before the store is asked again.
type taken struct {
	mu  sync.Mutex
	ids map[int64]bool // true = ended
}

func newTaken() *taken { return &taken{ids: map[int64]bool{}} }

// forget drops what has ended, and returns how many are being handled.
func (t *taken) forget() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, ended := range t.ids {
		if ended {
			delete(t.ids, id)
		}
	}
	return len(t.ids)
}

func (t *taken) take(id int64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, known := t.ids[id]; known {
		return false
	}
	t.ids[id] = false
	return true
}

func (t *taken) end(id int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ids[id] = true
}

// handleAll takes stored updates, the oldest of each chat, several chats at once,
// and comes back for more when something was stored or handled, or half a second
// has gone. It returns when what it began has ended.
func (e *Ears) handleAll(ctx context.Context) {
	var g sync.WaitGroup
	defer g.Wait()
	places := make(chan struct{}, e.Workers)
	for ctx.Err() == nil {
		n, err := e.begin(ctx, &g, places)
		if err != nil && ctx.Err() == nil {
			e.log.Error("stored updates cannot be read", "error", err)
		}
		if n > 0 && err == nil {
			continue
		}
		idle := time.NewTimer(e.waits.idle)
		select {
		case <-ctx.Done():
		case <-e.wake:
		case <-idle.C:
		}
		idle.Stop()
	}
}

// begin hands out what is due, and waits for a free place for each; it returns how
// many it handed out.
func (e *Ears) begin(ctx context.Context, g *sync.WaitGroup, places chan struct{}) (n int, err error) {
	if !e.Owned() {
		return 0, nil
	}
	running := e.taken.forget()
	batch, err := e.Inbox.NextIncoming(ctx, e.channel.lane, running+4*e.Workers, e.now())
	if err != nil {
		return 0, fmt.Errorf("next updates: %w", err)
	}
	for _, in := range batch {
		if !e.taken.take(in.ID) {
			continue
		}
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
			return n, ctx.Err()
		}
		n++
		g.Go(func() {
			e.handleOne(ctx, in)
			e.taken.end(in.ID)
			<-places
			e.nudge()
		})
	}
	return n, nil
}

// handleOne applies one update and marks it. A crash between the two applies it
// again, which is harmless: every choice is absolute.
func (e *Ears) handleOne(ctx context.Context, in subscriptions.Incoming) {
	err := guarded(func() error { return e.apply(ctx, in) })
	if err != nil && ctx.Err() != nil {
		return // it stays stored
	}
	if err == nil {
		e.mark(ctx, in, func(ctx context.Context) error { return e.Inbox.DoneIncoming(ctx, in.Lane, in.ID, e.now()) })
		return
	}
	dead := in.Attempt+1 >= maxAttempts || errors.Is(err, errUndecodable)
	e.log.Warn("update not handled", "update", in.ID, "attempt", in.Attempt+1, "laid_aside", dead, "error", err)
	at := e.now().Add(retryAfter(err, in.Attempt))
	e.mark(ctx, in, func(ctx context.Context) error {
		return e.Inbox.RetryIncoming(ctx, in.Lane, in.ID, at, err.Error(), dead)
	})
}

// mark writes down what became of an update, again until the store takes it: were
// it handed out once more instead, its chat would be answered over and over.
func (e *Ears) mark(ctx context.Context, in subscriptions.Incoming, write func(context.Context) error) {
	for {
		record, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		err := write(record)
		cancel()
		if err == nil {
			return
		}
		e.log.Error("update handled, not marked", "update", in.ID, "error", err)
		if !pause(ctx, e.waits.store) {
			return
		}
	}
}

// retryAfter is what Telegram asks for, else 1 s doubling to a minute.
func retryAfter(err error, attempt int) time.Duration {
	var r *refusal
	if errors.As(err, &r) && r.retryAfter > 0 {
		return time.Duration(r.retryAfter) * time.Second
	}
	return time.Second << min(attempt, 6)
}

// apply decodes and handles one update.
func (e *Ears) apply(ctx context.Context, in subscriptions.Incoming) error {
	var u update
	if json.Unmarshal(in.Body, &u) != nil {
		return errUndecodable
	}
	return e.hear(ctx, &u, in)
}
