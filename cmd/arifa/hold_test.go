package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
	"arifa/subscriptions/postgres/postgrestest"
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
	if was, err := atHome(ctx, st); err != nil || was != "" {
		t.Fatalf("the original, while it runs, found it was %q (%v)", was, err)
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

// On PostgreSQL nothing in the database tells that a whole cluster was put back: the
// running program knows it, and before it leases anything again.
func TestAClusterThatIsPutBackIsHeldByWhoRunsMeanwhile(t *testing.T) {
	t.Parallel()
	url := postgrestest.Database(t)
	c := newCrash(t, url)
	ctx, st := t.Context(), c.office.store
	if was, err := settleDown(ctx, st); err != nil || was != "" {
		t.Fatalf("the first start found it was %q (%v)", was, err)
	}
	l := &flaky{Lanes: st}
	looks := 0
	h := &homing{Lanes: l, look: func(ctx context.Context) error {
		looks++
		_, err := atHome(ctx, st)
		return err
	}}
	acquire := func() (subscriptions.Tenure, error) { return h.Acquire(ctx, "telegram:1", "one", time.Minute) }
	tenure, err := acquire()
	if err != nil || looks != 0 {
		t.Fatalf("%v after %d looks, want a tenure without one", err, looks)
	}
	if was, err := atHome(ctx, st); err != nil || was != "" { // what happens each minute
		t.Fatalf("it found it was %q (%v)", was, err)
	}
	l.away = true
	if _, err := h.Renew(ctx, tenure, time.Minute); err == nil {
		t.Fatal("a database that is away renews")
	}
	l.away = false
	if _, err := acquire(); err != nil || looks != 1 || held(t, st) {
		t.Fatalf("%v after %d looks, held %t: want one look, and no hold of the same database", err, looks, held(t, st))
	}
	l.away = true
	if _, err := acquire(); err == nil {
		t.Fatal("a database that is away gives a lane")
	}
	l.away = false
	rolledBack(t, url)
	if _, err := acquire(); err != nil || looks != 2 || !held(t, st) {
		t.Errorf("%v after %d looks, held %t: want the older state held before the lane is given", err, looks, held(t, st))
	}
	// Released it is at home again.
	if err := st.SetHold(ctx, false); err != nil {
		t.Fatal(err)
	}
	if was, err := atHome(ctx, st); err != nil || was != "" || held(t, st) {
		t.Errorf("after the release it was %q (%v), held %t", was, err, held(t, st))
	}
}

// flaky are the lanes of a database that is away now and then.
type flaky struct {
	subscriptions.Lanes
	away bool
}

func (f *flaky) Acquire(ctx context.Context, id subscriptions.LaneID, owner string, ttl time.Duration) (subscriptions.Tenure, error) {
	if f.away {
		return subscriptions.Tenure{}, subscriptions.ErrUnavailable
	}
	return f.Lanes.Acquire(ctx, id, owner, ttl)
}

func (f *flaky) Renew(ctx context.Context, t subscriptions.Tenure, ttl time.Duration) (subscriptions.Tenure, error) {
	if f.away {
		return subscriptions.Tenure{}, subscriptions.ErrUnavailable
	}
	return f.Lanes.Renew(ctx, t, ttl)
}

// rolledBack makes the database what an older copy of it would be.
func rolledBack(t *testing.T, url string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), "UPDATE meta SET generation = generation - 1"); err != nil {
		t.Fatal(err)
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
