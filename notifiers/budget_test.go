package notifiers_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
)

// G8: at least 95 % of the budget is used and never more than all of it, in every
// window of a second and of ten.
func TestG8BudgetIsUsedAndNeverExceeded(t *testing.T) {
	t.Parallel()
	for _, perSecond := range []float64{4, 28, 333, 1000} {
		for _, window := range []time.Duration{time.Second, 10 * time.Second} {
			synctest.Test(t, func(t *testing.T) {
				at := spend(t, notifiers.NewBudget(perSecond, 0.25, time.Now), 30*time.Second, nil)
				end, least := at[len(at)-1], 0.95
				if window < 10*time.Second {
					least = 0.7 // of four, three may begin in a second and one right behind it
				}
				for from, to := 0, 0; from < len(at) && !at[from].Add(window).After(end); from++ {
					for to < len(at) && at[to].Before(at[from].Add(window)) {
						to++
					}
					if got, all := float64(to-from), perSecond*window.Seconds(); got > all || got < all*least {
						t.Fatalf("%g/s: got %g in %s, want %g to 100 %% of %g", perSecond, got, window, 100*least, all)
					}
				}
			})
		}
	}
}

// spend is eight senders that spend a budget for a while; it returns when each
// message began.
func spend(t *testing.T, b *notifiers.Budget, d time.Duration, meanwhile func(context.Context)) []time.Time {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	var mu sync.Mutex
	var at []time.Time
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for b.Broadcast(ctx) == nil {
				mu.Lock()
				at = append(at, time.Now())
				mu.Unlock()
			}
		})
	}
	if meanwhile != nil {
		meanwhile(ctx)
	}
	wg.Wait()
	return at
}

// With a broadcast at the limit a tap is answered within 200 ms, 99 times in a
// hundred, and the broadcast uses 99 % of what the answers leave.
func TestATapBesideABroadcast(t *testing.T) {
	t.Parallel()
	for perSecond, lasts := range map[float64]time.Duration{28: 5 * time.Minute, 1000: 10 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			b, dice := notifiers.NewBudget(perSecond, 0.25, time.Now), rand.New(rand.NewPCG(1, 2))
			var waits []time.Duration
			at := spend(t, b, lasts, func(ctx context.Context) {
				for { // four a second, as people come: at any time, sometimes several together
					time.Sleep(time.Duration(dice.ExpFloat64() * float64(time.Second) / 4))
					asked := time.Now()
					if b.Reply(ctx) != nil {
						return
					}
					waits = append(waits, time.Since(asked))
				}
			})
			slices.Sort(waits)
			if p99 := waits[len(waits)*99/100]; p99 > 200*time.Millisecond {
				t.Errorf("%g/s: of %d taps the slowest hundredth waited %s or more, want at most 200ms", perSecond, len(waits), p99)
			}
			remains := perSecond*lasts.Seconds() - float64(len(waits))
			if share := float64(len(at)) / remains; share < 0.99 || share > 1 {
				t.Errorf("%g/s: the broadcast used %.4f of what remained, want 0.99 to 1", perSecond, share)
			}
		})
	}
}

// A budget that is changed while it is spent is the new one at once, up or down, and
// the change itself lets nothing more through.
func TestBudgetChangesWhileItIsSpent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ before, after float64 }{{0.1, 50}, {100, 10}, {28, 1000}, {1000, 1}} {
		synctest.Test(t, func(t *testing.T) {
			b := notifiers.NewBudget(c.before, 0.25, time.Now)
			var changed time.Time
			at := spend(t, b, 70*time.Second, func(context.Context) {
				time.Sleep(10 * time.Second)
				changed = time.Now()
				if !b.Set(c.after) || b.Set(c.after) {
					t.Error("want the first change to be one, and the same again not")
				}
			})
			got := 0.0
			for _, t := range at {
				if !t.Before(changed) {
					got++
				}
			}
			if want := 60 * c.after; got < 0.95*want-1 || got > want+1 {
				t.Errorf("from %g to %g a second: got %g in the minute after it, want about %g", c.before, c.after, got, want)
			}
		})
	}
}

// A reply goes before every waiting broadcast, and never waits behind one.
func TestReplyGoesFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := notifiers.NewBudget(10, 0.25, time.Now)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				for b.Broadcast(ctx) == nil {
				}
			})
		}
		time.Sleep(time.Second)
		asked := time.Now()
		if err := b.Reply(ctx); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(asked); waited > 110*time.Millisecond {
			t.Errorf("the reply waited %s, want at most one slot of a tenth of a second", waited)
		}
		cancel()
		wg.Wait()
	})
}

// A storm of replies leaves the broadcast what is not reserved for them, and
// both together spend the budget.
func TestRepliesAndBroadcastsShare(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := notifiers.NewBudget(20, 0.25, time.Now)
		ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
		defer cancel()
		var mu sync.Mutex
		counts := [2]float64{}
		var wg sync.WaitGroup
		for kind, take := range []func(context.Context) error{b.Reply, b.Broadcast} {
			for range 20 {
				wg.Go(func() {
					for take(ctx) == nil {
						mu.Lock()
						counts[kind]++
						mu.Unlock()
					}
				})
			}
		}
		wg.Wait()
		if got := counts[0] + counts[1]; got < 0.95*1200 || got > 1200 {
			t.Errorf("got %g together, want 95 to 100 %% of 1200", got)
		}
		if share := counts[0] / (counts[0] + counts[1]); share < 0.24 || share > 0.30 {
			t.Errorf("got a share of replies of %.2f, want about 0.25", share)
		}
	})
}

// G7: nothing at all goes during a pause, not even a reply; a broadcast gives its
// row back at once, and the lane goes on when the pause is over.
func TestG7NothingGoesDuringAPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := notifiers.NewBudget(100, 0.25, time.Now)
		begun := time.Now()
		errs := make(chan error, 300)
		var wg sync.WaitGroup
		for range 300 { // three seconds of work
			wg.Go(func() { errs <- b.Broadcast(t.Context()) })
		}
		time.Sleep(time.Second)
		b.Pause(time.Now().Add(30 * time.Second))
		b.Pause(time.Now().Add(time.Second)) // a shorter one never cuts a longer one
		wg.Wait()
		if took := time.Since(begun); took > 1010*time.Millisecond {
			t.Errorf("waiting broadcasts were held for %s, want given back at the pause", took)
		}
		if err := b.Reply(t.Context()); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(begun); waited < 31*time.Second || waited > 32*time.Second {
			t.Errorf("the reply went after %s, want right after 31 s", waited)
		}
		close(errs)
		sent := 0
		for err := range errs {
			if err == nil {
				sent++
			}
		}
		if sent < 95 || sent > 101 {
			t.Errorf("got %d sent before the pause, want about 100", sent)
		}
	})
}

func TestACancelledWaiterLeavesTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := notifiers.NewBudget(1, 0.25, time.Now)
		_ = b.Broadcast(t.Context())
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := b.Broadcast(ctx); err == nil {
			t.Fatal("got a token that is not there yet")
		}
		begun := time.Now()
		if err := b.Broadcast(t.Context()); err != nil || time.Since(begun) > 1200*time.Millisecond {
			t.Errorf("got %v after %s, want the token that the other left", err, time.Since(begun))
		}
	})
}

// One chat gets a message a second, a group no more than twenty in any minute.
func TestChatPace(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		kind   subscriptions.RecipientKind
		window time.Duration
		most   int
	}{
		{"person", subscriptions.Person, 10 * time.Second, 11},
		{"group", subscriptions.Group, time.Minute, 20},
		{"channel", subscriptions.Channel, time.Minute, 20},
	}
	for _, tt := range tests {
		c := notifiers.NewChats(time.Second, 20)
		a := subscriptions.AddressOf("1")
		var at []time.Time
		for now := noon; now.Before(noon.Add(3 * time.Minute)); {
			now = now.Add(c.Reserve(a, tt.kind, now, time.Hour))
			at = append(at, now)
		}
		for i := range at {
			n := 0
			for _, o := range at[i:] {
				if o.Before(at[i].Add(tt.window)) {
					n++
				}
			}
			if n > tt.most {
				t.Fatalf("%s: got %d within %s, want at most %d", tt.name, n, tt.window, tt.most)
			}
		}
	}
}

// Three chats that are told to wait within a second mean the whole lane; one
// chat three times does not. Chats at rest are forgotten.
func TestChatPauses(t *testing.T) {
	t.Parallel()
	a, b, d := subscriptions.AddressOf("1"), subscriptions.AddressOf("2"), subscriptions.AddressOf("3")
	c := notifiers.NewChats(time.Second, 20)
	for range 3 {
		if c.Pause(a, 5*time.Second, noon) {
			t.Fatal("one chat paused the lane")
		}
	}
	if got := c.Reserve(a, subscriptions.Person, noon, time.Second); got != 5*time.Second {
		t.Errorf("got a wait of %s, want 5s", got)
	}
	c.Pause(b, time.Second, noon.Add(1500*time.Millisecond))
	if c.Pause(d, time.Second, noon.Add(1600*time.Millisecond)) {
		t.Error("two chats within a second paused the lane")
	}
	if !c.Pause(a, time.Second, noon.Add(1700*time.Millisecond)) {
		t.Error("three chats within a second did not pause the lane")
	}
	for i := range 5000 {
		c.Reserve(subscriptions.AddressOf(time.Duration(i).String()), subscriptions.Person, noon.Add(time.Duration(i)*time.Second), 0)
	}
	if got := c.Kept(); got > 1100 {
		t.Errorf("got %d chats remembered, want those forgotten that are at rest", got)
	}
}
