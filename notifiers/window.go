package notifiers

import (
	"context"
	"sync"
	"time"
)

// windows is how many contexts a timeout is cut into: requests that begin at about
// the same time end with one context, for one of its own costs as much as the rest
// of what is done for a request. The last of them has so much less time.
const windows = 16

// window is the context of the requests that begin now.
type window struct {
	mu   sync.Mutex
	ctx  context.Context
	from context.Context // what it was made of
	born time.Time
}

// of returns a context that ends with last, or timeout after about now: never later.
func (w *window) of(last context.Context, timeout time.Duration, now time.Time) context.Context {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ctx != nil && w.from == last && now.Sub(w.born) < timeout/windows && w.ctx.Err() == nil {
		return w.ctx
	}
	ctx, cancel := context.WithTimeout(last, timeout)
	context.AfterFunc(ctx, cancel) // what it holds is let go when it ends, as it does soon
	w.ctx, w.from, w.born = ctx, last, now
	return ctx
}
