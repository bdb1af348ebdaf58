package demo

import (
	"context"
	"sync"
	"time"
)

// Clock is the simulated time: it runs like the real one, and leaps forward from
// step to step. Whatever waits for a minute still waits for a minute.
type Clock struct {
	mu   sync.Mutex
	base time.Time // simulated
	set  time.Time // real, when base was set
}

// NewClock starts at a time.
func NewClock(at time.Time) *Clock { return &Clock{base: at, set: time.Now()} }

// Now is the simulated time, UTC, cut to milliseconds.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.base.Add(time.Since(c.set)).UTC().Truncate(time.Millisecond)
}

// Leap goes forward to a time; it never goes back.
func (c *Clock) Leap(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.base.Add(time.Since(c.set)); to.Before(now) {
		to = now
	}
	c.base, c.set = to, time.Now()
}

// pause waits or returns the reason why it may not.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
