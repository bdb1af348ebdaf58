package notifiers

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// patience is how long a broadcast waits in its place for a pause to end; for
// longer ones it gives its row back.
const patience = 2 * time.Second

// Budget is what one credential may send. Broadcasts and replies spend it
// together: a reply goes before every waiting broadcast while replies keep
// within their share, and each may use what the other leaves. In no window of a
// second or longer is more than the budget spent, and nothing at all during a pause.
type Budget struct {
	mu     sync.Mutex
	total  *tempo
	share  *rate.Limiter // of the replies
	kept   float64       // the part that is theirs
	queues [2][]*waiter
	timer  *time.Timer // that looks at the queues; nil = nobody waits
	paused time.Time
	clock  func() time.Time

	perSecond float64
}

// What is waiting.
const (
	aReply = iota
	aBroadcast
)

type waiter struct{ ready chan error }

// errPaused is returned to a broadcast when the lane pauses for longer than it
// may hold its row.
type errPaused struct{ left time.Duration }

func (e errPaused) Error() string { return fmt.Sprintf("the lane pauses for %s", e.left) }

// newBudget makes a budget of perSecond messages a second, of which share
// (0 to 1) is kept for replies.
func newBudget(perSecond, share float64, clock func() time.Time) *Budget {
	replies := perSecond * share
	return &Budget{
		total: newTempo(perSecond),
		share: rate.NewLimiter(rate.Limit(replies), max(1, int(math.Ceil(replies)))),
		kept:  share, perSecond: perSecond, clock: clock,
	}
}

// set changes the budget while it is spent; it reports whether that is a change. What
// was saved up under the old one is not spent under the new.
func (b *Budget) set(perSecond float64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if perSecond == b.perSecond {
		return false
	}
	now := b.clock()
	b.perSecond = perSecond
	b.total.set(perSecond, now)
	replies := perSecond * b.kept
	b.share = rate.NewLimiter(rate.Limit(replies), max(1, int(math.Ceil(replies))))
	if b.timer != nil && b.timer.Stop() {
		b.timer = nil
	}
	b.pumpAt(now)
	return true
}

// Reply waits until one message of a conversation may go. It returns ctx's error.
func (b *Budget) Reply(ctx context.Context) error { return b.take(ctx, aReply) }

// broadcast waits until one row may go; errPaused when it should be given back.
func (b *Budget) broadcast(ctx context.Context) error { return b.take(ctx, aBroadcast) }

func (b *Budget) take(ctx context.Context, kind int) error {
	if err := ctx.Err(); err != nil { // who gave up takes nobody's place, though one is free
		return err
	}
	w, err := b.ask(kind)
	if w == nil || err != nil {
		return err
	}
	select {
	case err := <-w.ready:
		return err
	case <-ctx.Done():
		b.mu.Lock()
		defer b.mu.Unlock()
		b.queues[kind] = slices.DeleteFunc(b.queues[kind], func(o *waiter) bool { return o == w })
		return ctx.Err()
	}
}

// ask takes a token if there is one for nobody else, or queues.
func (b *Budget) ask(kind int) (*waiter, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock()
	left := b.paused.Sub(now)
	if left > patience && kind == aBroadcast {
		return nil, errPaused{left}
	}
	idle := len(b.queues[aReply])+len(b.queues[aBroadcast]) == 0
	if left <= 0 && idle && b.total.take(now) {
		if kind == aReply {
			b.share.AllowN(now, 1)
		}
		return nil, nil
	}
	w := &waiter{ready: make(chan error, 1)}
	b.queues[kind] = append(b.queues[kind], w)
	b.arm(now)
	return w, nil
}

// arm sees to it that the queues are looked at when the next token is there.
func (b *Budget) arm(now time.Time) {
	if b.timer != nil {
		return
	}
	wait := b.paused.Sub(now)
	if wait <= 0 {
		wait = b.total.wait(now)
	}
	b.timer = time.AfterFunc(max(wait, 0), b.pump)
}

// pump gives the tokens that are there to those who wait.
func (b *Budget) pump() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.timer = nil
	b.pumpAt(b.clock())
}

func (b *Budget) pumpAt(now time.Time) {
	for !now.Before(b.paused) && b.waiting() > 0 && b.total.take(now) {
		k := b.next(now)
		w := b.queues[k][0]
		b.queues[k] = b.queues[k][1:]
		w.ready <- nil
	}
	if b.waiting() > 0 {
		b.arm(now)
	}
}

func (b *Budget) waiting() int { return len(b.queues[aReply]) + len(b.queues[aBroadcast]) }

// next says whose turn it is; one of the queues is not empty.
func (b *Budget) next(now time.Time) int {
	switch {
	case len(b.queues[aReply]) == 0:
		return aBroadcast
	case b.share.AllowN(now, 1), len(b.queues[aBroadcast]) == 0:
		return aReply
	}
	return aBroadcast
}

// pause lets nothing go before until; a shorter pause never cuts a longer one.
func (b *Budget) pause(until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !until.After(b.paused) {
		return
	}
	b.paused = until
	left := until.Sub(b.clock())
	if left <= patience {
		return
	}
	for _, w := range b.queues[aBroadcast] {
		w.ready <- errPaused{left}
	}
	b.queues[aBroadcast] = nil
}

// pausedFor is how long nothing may go from now; 0 or less means that it may.
func (b *Budget) pausedFor(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.paused.Sub(now)
}
