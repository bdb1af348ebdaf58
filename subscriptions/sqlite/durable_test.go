package sqlite_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/sqlite"
)

// broadcast is a store with a wave of so many people that may be expanded.
func broadcast(t *testing.T, people int) (s *sqlite.Store, path string, tenure subscriptions.Tenure, now time.Time) {
	t.Helper()
	now = time.Date(2025, 1, 3, 3, 0, 0, 0, time.UTC)
	path = newFile(t)
	run(t, path, fmt.Sprintf(`INSERT INTO recipient (lane, address, kind, language, languages, title, silent, talk, asked_at, created_at, gone_at, idle_at)
			WITH RECURSIVE n (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < %d) SELECT '%s', k, 'person', 'sw', '', '', 0, '', 0, 1, 0, 0 FROM n`, people, benchLane),
		`INSERT INTO follow SELECT id, 'service:s', 0, 0, 1, '' FROM recipient`)
	s = openAt(t, path, sqlite.Config{})
	i := subscriptions.Incident{State: subscriptions.Investigating, Round: 1, OpenedAt: now,
		Services: []subscriptions.ServiceState{{Service: "s", Impact: subscriptions.Blocked, Confirmed: true, Failing: true, Round: 1}}}
	n := subscriptions.Notice{Round: 1, Kind: subscriptions.Outage, State: subscriptions.Published, Sound: true, PublishedAt: now,
		Audience: subscriptions.Audience{subscriptions.ScopeService("s"): {"s"}}}
	if _, err := s.Commit(t.Context(), subscriptions.Change{Incident: &i, Notices: []subscriptions.Notice{n}, Now: now}); err != nil {
		t.Fatal(err)
	}
	tenure, err := s.Acquire(t.Context(), benchLane, "one", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return s, path, tenure, now
}

// What a broadcast writes is confirmed when an fsync that began after its commit has
// ended, and others write meanwhile.
func TestOthersWriteWhileABroadcastWaitsForTheDisk(t *testing.T) {
	t.Parallel()
	s, _, tenure, now := broadcast(t, 100)
	hold, began := make(chan struct{}), make(chan struct{}, 100)
	s.OnSync(func(*os.File) error {
		began <- struct{}{}
		<-hold
		return nil
	})
	var done atomic.Bool
	var group sync.WaitGroup
	group.Go(func() {
		if _, err := s.Expand(t.Context(), 100, now); err != nil {
			t.Errorf("expand: %v", err)
		}
		done.Store(true)
	})
	<-began
	if err := s.SetPause(t.Context(), benchLane, time.Time{}, ""); err != nil {
		t.Errorf("somebody else's write: %v", err)
	}
	group.Go(func() {
		got, err := s.Lease(t.Context(), tenure, 10, now)
		if err != nil || len(got) != 10 {
			t.Errorf("leased %d, %v; want 10 of what was committed", len(got), err)
		}
		if !done.Load() {
			t.Error("a lease was confirmed before the page that it is of")
		}
	})
	if done.Load() {
		t.Error("a page was confirmed before its fsync ended")
	}
	close(hold)
	group.Wait()
	if n := len(began); n > 1 {
		t.Errorf("%d more fsyncs for one more commit", n)
	}
}

// The power is cut at any moment: of what was confirmed nothing is missing. What would be
// on the disk is what the WAL held when its last fsync began.
func TestWhatIsConfirmedOutlivesAPowerCut(t *testing.T) {
	t.Parallel()
	const people = 600
	s, path, tenure, now := broadcast(t, people)
	begin, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var disk []byte // of the WAL
	s.OnSync(func(f *os.File) error {
		wal, err := os.ReadFile(f.Name())
		time.Sleep(time.Millisecond)
		mu.Lock()
		defer mu.Unlock()
		disk = wal
		return err
	})
	var group sync.WaitGroup
	group.Go(func() {
		for {
			e, err := s.Expand(t.Context(), 50, now)
			if err != nil {
				t.Errorf("expand: %v", err)
			}
			if e.Notice == 0 || err != nil {
				return
			}
		}
	})
	sent := 0 // confirmed
	for sent < people {
		got, err := s.Lease(t.Context(), tenure, 70, now)
		if err != nil {
			t.Fatal(err)
		}
		rs := make([]subscriptions.Result, len(got))
		for k, d := range got {
			rs[k] = subscriptions.Result{ID: d.ID, Fence: tenure.Fence, State: subscriptions.Sent, Message: fmt.Sprint("m", d.ID), Counted: true, At: now}
		}
		if err := s.Finish(t.Context(), rs); err != nil {
			t.Fatal(err)
		}
		if sent += len(rs); len(rs) == 0 || sent%3 == 0 && sent < people {
			continue
		}
		mu.Lock()
		wal := disk
		mu.Unlock()
		image := filepath.Join(t.TempDir(), "after.db")
		if err := errors.Join(os.WriteFile(image, begin, 0o600), os.WriteFile(image+"-wal", wal, 0o600)); err != nil {
			t.Fatal(err)
		}
		after := openAt(t, image, sqlite.Config{})
		p, err := after.Progress(t.Context(), 1)
		if err != nil || p.Count(subscriptions.Sent) < sent {
			t.Fatalf("after a power cut %d are recorded (%v), and %d were confirmed", p.Count(subscriptions.Sent), err, sent)
		}
		_ = after.Close()
	}
	group.Wait()
}

// An fsync that fails confirms nothing, and nothing after it until all of the WAL lies in
// the database: the system forgets what it could not write, and says nothing a second time.
func TestAFailedFsyncIsMended(t *testing.T) {
	t.Parallel()
	s, path, tenure, now := broadcast(t, 50)
	failing := true
	s.OnSync(func(*os.File) error {
		if failing {
			return errors.New("input/output error")
		}
		return nil
	})
	if _, err := s.Expand(t.Context(), 50, now); !errors.Is(err, subscriptions.ErrUnavailable) {
		t.Fatalf("expand on a failing disk: %v, want ErrUnavailable", err)
	}
	failing = false
	if got, err := s.Lease(t.Context(), tenure, 100, now); err != nil || len(got) != 50 {
		t.Fatalf("leased %d, %v; want the 50 of the page", len(got), err)
	}
	lone := filepath.Join(t.TempDir(), "after.db") // without its WAL: what was lost from it
	db, err := os.ReadFile(path)
	if err := errors.Join(err, os.WriteFile(lone, db, 0o600)); err != nil {
		t.Fatal(err)
	}
	p, err := openAt(t, lone, sqlite.Config{}).Progress(t.Context(), 1)
	if err != nil || p.Count(subscriptions.Pending) != 50 {
		t.Errorf("the database itself has %d of the page, %v; want all 50", p.Count(subscriptions.Pending), err)
	}
}
