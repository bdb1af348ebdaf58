package main

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"
)

// One request to stop that arrives twice at once is one: what is under way is
// finished. A second one, after the first was handled, stops at once.
func TestTwoSignalsAtOnceAreOneStop(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		second time.Duration // after the first
		want   error
	}{
		{"both at once", 0, nil},
		{"a wrapper passes it on", 50 * time.Millisecond, nil},
		{"somebody insists", 2 * time.Second, errStopped},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				stop := make(chan os.Signal, 2)
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				g, ctx := errgroup.WithContext(ctx)
				g.Go(func() error { <-ctx.Done(); time.Sleep(5 * time.Second); return nil }) // what is under way
				a := &app{world: world{Stop: stop}, log: discard()}
				go func() {
					stop <- syscall.SIGTERM
					time.Sleep(c.second)
					stop <- syscall.SIGTERM
				}()
				if err := a.untilStopped(g, cancel); !errors.Is(err, c.want) {
					t.Errorf("got %v, want %v", err, c.want)
				}
				_ = g.Wait()
			})
		})
	}
}
