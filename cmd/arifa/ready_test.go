package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
)

// unready is a store whose lanes and trial writes a test chooses.
type unready struct {
	store
	lanes  []subscriptions.Lane
	write  error
	writes int
}

func (u *unready) LaneList(context.Context) ([]subscriptions.Lane, error) { return u.lanes, nil }

func (u *unready) Claim(context.Context, string, time.Time) (bool, error) {
	u.writes++
	return u.write == nil, u.write
}

// Not ready names the part, why, and what to do: also a disk that is full, which
// reading alone does not show, and a lane that is tried again.
func TestReady(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "arifa.db")
	st, err := open(t.Context(), database, migrated, discard())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	file, err := os.Stat(database)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2025, 1, 3, 3, 4, 0, 0, time.UTC)
	lane := func(l subscriptions.Lane) []subscriptions.Lane { l.ID = "telegram:1"; return []subscriptions.Lane{l} }
	for _, c := range []struct {
		name       string
		lanes      []subscriptions.Lane
		write      error
		part, says string
	}{
		{"well", lane(subscriptions.Lane{}), nil, "", ""},
		{"a full disk", nil, fmt.Errorf("claim: %w: SQLITE_FULL", subscriptions.ErrFull), "database", "its disk is full"},
		{"a database that only reads", nil, subscriptions.ErrUnavailable, "database", "cannot be written"},
		{"a writer who holds it", nil, context.DeadlineExceeded, "database", "takes no write within 2 seconds"},
		{"held", lane(subscriptions.Lane{Held: true}), nil, "telegram:1", "held; look at what is owed (arifa incident list), then an admin says: arifa lane release"},
		{"halted", lane(subscriptions.Lane{PausedUntil: now.Add(time.Minute), PausedWhy: notifiers.WhyHalted + "401"}), nil, "telegram:1", "halted: 401; renew the credential"},
		{"halted and tried again", lane(subscriptions.Lane{PausedUntil: now.Add(-time.Minute), PausedWhy: notifiers.WhyHalted + "401"}), nil, "telegram:1", "halted and being tried again: 401"},
		{"paused", lane(subscriptions.Lane{PausedUntil: now.AddDate(100, 0, 0), PausedWhy: "by hand"}), nil, "telegram:1", "paused: by hand; an admin says: arifa lane resume telegram:1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			u := &unready{store: st, lanes: c.lanes, write: c.write}
			v := &service{settings: &settings{Database: database}, file: file, store: u, log: discard(), now: func() time.Time { return now }, meters: newMeters()}
			got := v.ready(t.Context())
			if (c.part == "") != (len(got) == 0) || !strings.Contains(got[c.part], c.says) {
				t.Errorf("got %v, want %q of %q", got, c.says, c.part)
			}
			v.ready(t.Context())
			if want := map[bool]int{true: 1, false: 2}[c.write == nil]; u.writes != want {
				t.Errorf("%d trial writes for two questions at once, want %d", u.writes, want)
			}
		})
	}
}

// A file that was deleted or replaced under a running program can still be read and
// written by it, and by nobody else.
func TestReadyMissesItsFile(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "arifa.db")
	if err := os.WriteFile(database, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Stat(database)
	if err != nil {
		t.Fatal(err)
	}
	look := func() string {
		v := &service{settings: &settings{Database: database}, file: file, store: &unready{}, log: discard(), now: time.Now, meters: newMeters()}
		return v.unwritable(t.Context())
	}
	if got := look(); got != "" {
		t.Errorf("in its place: got %q", got)
	}
	moved := database + ".away"
	if err := os.Rename(database, moved); err != nil {
		t.Fatal(err)
	}
	if got := look(); !strings.Contains(got, "taken away or replaced") {
		t.Errorf("away: got %q", got)
	}
	if err := os.WriteFile(database, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := look(); !strings.Contains(got, "taken away or replaced") {
		t.Errorf("another in its place: got %q", got)
	}
	if err := os.Rename(moved, database); err != nil {
		t.Fatal(err)
	}
	if got := look(); got != "" {
		t.Errorf("back again: got %q", got)
	}
}
