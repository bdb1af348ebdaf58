package poster

import (
	"context"
	"net"
	"strconv"
	"sync"
	"time"
)

// conn is one connection with its buffers, used by one request at a time.
type conn struct {
	net net.Conn // TLS or not
	raw net.Conn
	out []byte
	in  []byte
	n   int // bytes in in

	since time.Time // idle since
	spent bool      // not to be used again

	mu       sync.Mutex
	busy     bool
	aborted  bool // ctx ended in mid-request
	watched  <-chan struct{}
	deadline time.Time
	stop     func() bool
	turn     int
}

// longAgo is a deadline that ends whatever is under way.
var longAgo = time.Unix(1, 0)

// begin makes the connection end with ctx. Many requests share one context, so that
// is done anew only when the context is another one.
func (c *conn) begin(ctx context.Context, timeout time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy, c.aborted = true, false
	until, has := ctx.Deadline()
	if !has {
		until = time.Now().Add(timeout)
	}
	if done := ctx.Done(); done != c.watched {
		if c.stop != nil {
			c.stop()
		}
		c.watched, c.stop = done, nil
		c.turn++
		if done != nil {
			turn := c.turn
			c.stop = context.AfterFunc(ctx, func() { c.abort(turn) })
		}
	}
	if until.Equal(c.deadline) {
		return nil
	}
	c.deadline = until
	return c.net.SetDeadline(until)
}

// abort ends the request under way, if it is still the one that was watched.
func (c *conn) abort(turn int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy && c.turn == turn {
		c.aborted = true
		c.deadline = longAgo
		_ = c.net.SetDeadline(longAgo) // a connection that is closed already ends by itself
	}
}

// rest ends a request and reports whether the connection may be used again.
func (c *conn) rest() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = false
	c.since = time.Now()
	return !c.spent && !c.aborted
}

func (c *conn) close() {
	c.mu.Lock()
	if c.stop != nil {
		c.stop()
	}
	c.mu.Unlock()
	_ = c.raw.Close() // nothing is left to say on it
}

// exchange writes one request and reads its answer.
func (c *conn) exchange(ctx context.Context, r *Route, cfg Config, parts [][]byte) (Answer, error) {
	if err := c.begin(ctx, cfg.Timeout); err != nil {
		c.spent = true
		return Answer{}, NotSent{err}
	}
	size := 0
	for _, p := range parts {
		size += len(p)
	}
	c.out = append(c.out[:0], r.head...)
	c.out = strconv.AppendInt(c.out, int64(size), 10)
	c.out = append(c.out, "\r\n\r\n"...)
	for _, p := range parts {
		c.out = append(c.out, p...)
	}
	if n, err := c.net.Write(c.out); err != nil {
		c.spent = true
		if n < len(c.out) { // its length is known: what is torn is never acted on
			return Answer{}, NotSent{c.why(ctx, err)}
		}
		return Answer{}, Cut{c.why(ctx, err)}
	}
	a, err := c.answer(cfg.Limit)
	if err != nil {
		c.spent = true
		return Answer{}, Cut{c.why(ctx, err)}
	}
	return a, nil
}

// why prefers the context's error to the deadline that it caused.
func (c *conn) why(ctx context.Context, err error) error {
	if cause := ctx.Err(); cause != nil {
		return cause
	}
	return err
}
