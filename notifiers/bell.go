package notifiers

import (
	"context"
	"time"
)

// bell wakes one sleeper. Rings while it is awake are remembered as one.
type bell chan struct{}

func newBell() bell { return make(bell, 1) }

func (b bell) ring() {
	select {
	case b <- struct{}{}:
	default:
	}
}

// sleep waits for a ring, for d, or for the end of ctx; false means that ctx has
// ended. The nil bell never rings.
func (b bell) sleep(ctx context.Context, d time.Duration) bool {
	if ctx.Err() != nil {
		return false
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-b:
	case <-t.C:
	}
	return ctx.Err() == nil
}

// elapsed is how long ago since was: the longer of what the monotonic and the
// wall clock say, because the first stands still while a machine is suspended
// and the second may be set.
func elapsed(since, now time.Time) time.Duration {
	return max(now.Sub(since), now.Round(0).Sub(since.Round(0)))
}

// graceful returns a context that ends d after ctx ends: what flies may finish.
func graceful(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	out, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
			cancel()
		case <-out.Done():
		}
	})
	return out, func() { stop(); cancel() }
}
