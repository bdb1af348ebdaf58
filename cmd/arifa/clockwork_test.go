package main

import (
	"context"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/sqlite"
)

func TestLatestTick(t *testing.T) {
	t.Parallel()
	nairobi, err := time.LoadLocation("Africa/Nairobi")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2025, 1, 3, 9, 30, 20, 0, nairobi)
	for _, c := range []struct{ name, spec, want string }{
		{"each minute: this one", "* * * * *", "2025-01-03 09:30"},
		{"each quarter of a minute: this one", "*/15 * * * * *", "2025-01-03 09:30:15"},
		{"daily: this morning's", "17 3 * * *", "2025-01-03 03:17"},
		{"daily, later today: yesterday's", "0 22 * * *", "2025-01-02 22:00"},
		{"weekly, longer ago than a start looks back", "0 0 * * 1", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, err := schedules.Parse(c.spec)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if at := latest(s, now); !at.IsZero() {
				got = strings.TrimSuffix(at.Format("2006-01-02 15:04:05"), ":00")
			}
			if got != c.want {
				t.Errorf("latest(%s) = %q, want %q", c.spec, got, c.want)
			}
		})
	}
}

// watchedTicks says when a claim was answered.
type watchedTicks struct {
	subscriptions.Ticks
	looked chan<- struct{}
}

func (w watchedTicks) Claim(ctx context.Context, job string, at time.Time) (bool, error) {
	mine, err := w.Ticks.Claim(ctx, job, at)
	w.looked <- struct{}{}
	return mine, err
}

// A tick happens once, whatever the replicas, and once at start if it was missed.
func TestTickHappensOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "arifa.db")
	var runs atomic.Int32
	now := func() time.Time { return time.Date(2025, 1, 3, 6, 0, 0, 0, time.UTC) }
	replica := func(looked chan<- struct{}) *clockwork {
		st, err := sqlite.Open(t.Context(), path, sqlite.Config{Migrate: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = st.Close() })
		return &clockwork{ticks: watchedTicks{st, looked}, zone: time.UTC, now: now, log: discard(), jobs: []job{
			{name: "retain", spec: "17 3 * * *", run: func(context.Context, time.Time) error { runs.Add(1); return nil }}}}
	}
	for range 3 { // two replicas, and the first one started again
		ctx, cancel := context.WithCancel(t.Context())
		looked, done := make(chan struct{}, 1), make(chan error, 1)
		c := replica(looked)
		go func() { done <- c.Run(ctx) }()
		<-looked // stopped only once it has looked: a stop before that rightly does nothing
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	if got := runs.Load(); got != 1 {
		t.Errorf("the missed tick of 03:17 ran %d times, want once", got)
	}
}

// What has time waits until a start is over, and is done once even so; a stop before that
// leaves it to the next start.
func TestMissedTickWaitsForCalm(t *testing.T) {
	t.Parallel()
	st, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "arifa.db"), sqlite.Config{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	ran := make(chan struct{}, 2)
	run := func(ctx context.Context, calm time.Duration) {
		c := &clockwork{ticks: st, zone: time.UTC, now: func() time.Time { return time.Date(2025, 1, 3, 6, 0, 0, 0, time.UTC) }, log: discard(), jobs: []job{
			{name: "retain", spec: "17 3 * * *", calm: calm, run: func(context.Context, time.Time) error { ran <- struct{}{}; return nil }}}}
		if err := c.Run(ctx); err != nil {
			t.Error(err)
		}
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	run(stopped, time.Hour)
	if len(ran) > 0 {
		t.Fatal("done before the calm, or by a start that ended")
	}
	for range 2 {
		ctx, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
		run(ctx, time.Millisecond)
		stop()
	}
	if len(ran) != 1 {
		t.Errorf("done %d times, want once", len(ran))
	}
}

func TestWrongScheduleIsNamed(t *testing.T) {
	t.Parallel()
	c := &clockwork{zone: time.UTC, now: time.Now, log: discard(), jobs: []job{{name: "retain", spec: "often"}}}
	if err := c.Run(t.Context()); err == nil {
		t.Error("a schedule that cannot be read was taken")
	}
}
