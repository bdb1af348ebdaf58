package postgres_test

import (
	"context"
	"testing"
	"time"

	"arifa/subscriptions"
)

func TestHints_come_from_another_process_and_survive_a_lost_connection(t *testing.T) {
	t.Parallel()
	a, url := setup(t)
	b := open(t, url, false)
	hints := a.Hints(t.Context())
	await(t, hints, "the first hint")
	awaitAfter(t, hints, func() {
		if _, err := b.Commit(t.Context(), subscriptions.Change{Now: begun(), Notices: []subscriptions.Notice{{State: subscriptions.Draft}}}); err != nil {
			t.Fatal(err)
		}
	})
	if n := ask[int](t, url, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'arifa hints' AND datname = current_database()"); n != 1 {
		t.Fatalf("%d connections listen, want 1 of its own", n)
	}
	await(t, hints, "a hint after the connection was lost")
	awaitAfter(t, hints, func() {
		if _, err := b.PutIncoming(t.Context(), []subscriptions.Incoming{{Lane: lane, ID: time.Now().UnixNano(), At: begun()}}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestHints_end_with_their_context_and_with_the_store(t *testing.T) {
	t.Parallel()
	s, url := setup(t)
	ctx, cancel := context.WithCancel(t.Context())
	hints := s.Hints(ctx)
	await(t, hints, "the first hint")
	cancel()
	ended(t, hints)
	other := open(t, url, false)
	hints = other.Hints(t.Context())
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	ended(t, hints)
}

func ended(t *testing.T, hints <-chan struct{}) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		select {
		case _, more := <-hints:
			if !more {
				return
			}
		case <-deadline:
			t.Fatal("the hints did not end within 10 s")
		}
	}
}

func await(t *testing.T, hints <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-hints:
	case <-time.After(20 * time.Second):
		t.Fatalf("%s did not come within 20 s", what)
	}
}

// awaitAfter waits for a hint that follows what act does; a hint may be lost, so
// act is done again each second.
func awaitAfter(t *testing.T, hints <-chan struct{}, act func()) {
	t.Helper()
	for len(hints) > 0 {
		<-hints
	}
	for range 20 {
		act()
		select {
		case <-hints:
			return
		case <-time.After(time.Second):
		}
	}
	t.Fatal("no hint followed a change within 20 s")
}
