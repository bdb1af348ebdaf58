package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"arifa/subscriptions"
)

// A restored backup is held by itself, lists what is unknown, and waits for the
// operator: nobody reads again what was sent after the copy was made.
func TestARestoredBackupIsHeldByItself(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	original := filepath.Join(dir, "arifa.db")
	c := newCrash(t, original)
	ctx, st := t.Context(), c.office.store
	if was, err := settleDown(ctx, st); err != nil || was != "" {
		t.Fatalf("the first start found it was %q (%v)", was, err)
	}
	var open subscriptions.Incident
	n := c.say(&open, 0)
	if _, err := st.Expand(ctx, 50, c.app.now()); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(dir, "copy.db")
	if err := st.(subscriptions.Backer).Backup(ctx, copied); err != nil {
		t.Fatal(err)
	}
	if was, err := settleDown(ctx, st); err != nil || was != "" {
		t.Fatalf("the original, started again, found it was %q (%v)", was, err)
	}
	early, err := os.ReadFile(original)
	if err != nil {
		t.Fatal(err)
	}

	restored := c.reopen(copied)
	a := *c.app
	var out bytes.Buffer
	a.Out = &out
	if err := (&serveCmd{}).holding(&a, restored); err != nil {
		t.Fatal(err)
	}
	if !held(t, restored) {
		t.Error("a restored backup is not held")
	}
	for _, want := range []string{string(n.Key), "and more", "arifa notice stop", "arifa lane release"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the operator does not read %q in:\n%s", want, out.String())
		}
	}
	if held(t, st) {
		t.Error("the original is held too")
	}
	// Released and started again it is at home.
	if err := restored.SetHold(ctx, false); err != nil {
		t.Fatal(err)
	}
	if was, err := settleDown(ctx, restored); err != nil || was != "" || held(t, restored) {
		t.Errorf("after the release it was %q (%v), held %t", was, err, held(t, restored))
	}

	// An older state that is put back in place of the file keeps its name and place,
	// and has forgotten what was seen of it.
	c.say(&open, 1)
	if err := atHome(ctx, st); err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"-wal", "-shm"} {
		_ = os.Remove(original + f)
	}
	if err := os.WriteFile(original, early, 0o600); err != nil {
		t.Fatal(err)
	}
	back := c.reopen(original)
	if was, err := settleDown(ctx, back); err != nil || was == "" || !held(t, back) {
		t.Errorf("an older state in place: it was %q (%v), held %t", was, err, held(t, back))
	}
}

func (c *crash) reopen(database string) store {
	c.t.Helper()
	st, err := open(c.t.Context(), database, migrated, discard())
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = st.Close() })
	return st
}

func held(t *testing.T, st store) bool {
	t.Helper()
	if err := st.SetPause(t.Context(), "telegram:1", time.Time{}, ""); err != nil { // so that there is a lane
		t.Fatal(err)
	}
	all, err := st.LaneList(t.Context())
	if err != nil || len(all) == 0 {
		t.Fatal(err)
	}
	return all[0].Held
}
