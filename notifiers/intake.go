package notifiers

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"arifa/subscriptions"
)

// maxHeard is how often an update is tried before it is laid aside for an operator;
// the next of its chat then goes on.
const maxHeard = 6

// Intake handles what a network said and the inbox has stored: each update once, in
// order within its chat, several chats at once. Every replica stores, only the
// lane's owner handles.
type Intake struct {
	Inbox   subscriptions.Inbox
	Lane    subscriptions.LaneID
	Owned   func() bool
	Workers int // chats handled at once
	// Handle applies one update. A crash behind it applies the update again.
	Handle func(ctx context.Context, in subscriptions.Incoming) error
	// Leaver lets people leave ahead of their turn. Whole reads what somebody said in a
	// private chat, if the update is nothing else, and who it was. Nil = nobody leaves
	// ahead.
	Leaver Leaver
	Whole  func(in subscriptions.Incoming) (text string, who subscriptions.Address, ok bool)
	// Dead reports whether an update can never be handled; RetryAfter how long a
	// failed one waits, nil = Doubling.
	Dead       func(error) bool
	RetryAfter func(err error, attempt int) time.Duration
	// Idle is between two looks into the inbox, StoreBack after a failed mark.
	Idle, StoreBack time.Duration
	Now             func() time.Time
	Log             *slog.Logger

	once    sync.Once
	wake    bell
	taken   taken
	hurry   chan struct{}  // places of those who leave ahead
	leaving sync.WaitGroup // … who are leaving
	gate    sync.Mutex     // over closed
	closed  bool           // nobody leaves ahead any more
}

func (i *Intake) init() {
	i.once.Do(func() { i.wake, i.taken.ids, i.hurry = newBell(), map[int64]bool{}, make(chan struct{}, aheadAtOnce) })
}

// begun reports whether an update is being handled, or was among the last thousands
// that were.
func (i *Intake) begun(id int64) bool {
	i.init()
	i.taken.mu.Lock()
	defer i.taken.mu.Unlock()
	_, running := i.taken.ids[id]
	return running || slices.Contains(i.taken.recent[:], id)
}

// Nudge says that something was stored.
func (i *Intake) Nudge() {
	i.init()
	i.wake.ring()
}

// Run takes stored updates, the oldest of each chat, and comes back for more when
// something was stored or handled, or Idle has gone. It returns when ctx has ended
// and what it began has.
func (i *Intake) Run(ctx context.Context) {
	i.init()
	var g sync.WaitGroup
	defer i.allLeft()
	defer g.Wait()
	places := make(chan struct{}, i.Workers)
	for ctx.Err() == nil {
		n, err := i.begin(ctx, &g, places)
		if err != nil && ctx.Err() == nil {
			i.Log.Error("stored updates cannot be read", "error", err)
		}
		if n == 0 || err != nil {
			i.wake.sleep(ctx, i.Idle)
		}
	}
}

// begin hands out what is due, and waits for a free place for each; it returns how
// many it handed out.
func (i *Intake) begin(ctx context.Context, g *sync.WaitGroup, places chan struct{}) (n int, err error) {
	if !i.Owned() {
		return 0, nil
	}
	running := i.taken.forget()
	batch, err := i.Inbox.NextIncoming(ctx, i.Lane, running+4*i.Workers, i.Now())
	if err != nil {
		return 0, fmt.Errorf("next updates: %w", err)
	}
	for _, in := range batch {
		if !i.taken.take(in.ID) {
			continue
		}
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
			return n, ctx.Err()
		}
		n++
		g.Go(func() {
			i.HandleOne(ctx, in)
			i.taken.end(in.ID)
			<-places
			i.wake.ring()
		})
	}
	return n, nil
}

// HandleOne applies one update and marks it. A crash between the two applies it
// again, which is harmless: every choice is absolute.
func (i *Intake) HandleOne(ctx context.Context, in subscriptions.Incoming) {
	err := Guarded(func() error { return i.Handle(ctx, in) })
	if err != nil && ctx.Err() != nil {
		return // it stays stored
	}
	if err == nil {
		i.mark(ctx, in, func(ctx context.Context) error { return i.Inbox.DoneIncoming(ctx, in.Lane, in.ID, i.Now()) })
		return
	}
	dead := in.Attempt+1 >= maxHeard || i.Dead != nil && i.Dead(err)
	i.Log.Warn("update not handled", "update", in.ID, "attempt", in.Attempt+1, "laid_aside", dead, "error", err)
	wait := Doubling(in.Attempt)
	if i.RetryAfter != nil {
		wait = i.RetryAfter(err, in.Attempt)
	}
	at := i.Now().Add(wait)
	i.mark(ctx, in, func(ctx context.Context) error {
		return i.Inbox.RetryIncoming(ctx, in.Lane, in.ID, at, err.Error(), dead)
	})
}

// mark writes down what became of an update, again until the store takes it: were
// it handed out once more instead, its chat would be answered over and over.
func (i *Intake) mark(ctx context.Context, in subscriptions.Incoming, write func(context.Context) error) {
	for {
		record, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeLimit)
		err := write(record)
		cancel()
		if err == nil {
			return
		}
		i.Log.Error("update handled, not marked", "update", in.ID, "error", err)
		if !bell(nil).sleep(ctx, i.StoreBack) {
			return
		}
	}
}

// Doubling is 1 s doubling to a minute.
func Doubling(attempt int) time.Duration { return time.Second << min(attempt, 6) }

// Guarded turns a panic into an error without the words that it may hold.
func Guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %T", p)
		}
	}()
	return f()
}

// taken remembers which updates are being handled, so that a slow chat holds up
// nobody: the store is asked for more while it is slow. An update that was read
// from the store before it was marked there is not handled a second time, because
// what ended is forgotten only before the store is asked again.
type taken struct {
	mu  sync.Mutex
	ids map[int64]bool // true = ended
	// The newest that ended, for Begun.
	recent [4096]int64
	next   int
}

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
	t.recent[t.next%len(t.recent)] = id
	t.next++
}
