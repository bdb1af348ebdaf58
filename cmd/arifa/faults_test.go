package main

import (
	"context"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
	"arifa/subscriptions/postgres/postgrestest"
)

// faulty is what the real program runs with where faults are injected.
var faulty = []string{"--telegram-rate", "200", "--telegram-in-flight", "16", "--request-timeout", "1s", "--tenure", "2s"}

// verdict reads the ledger by set difference: who was never told, and how many
// messages were too many.
func (c *crash) verdict(n subscriptions.Notice) (missed, twice int) {
	got := map[int64]int{}
	for e := range c.net.Entries() {
		if e.Tag == n.Key.Short() && e.Kind == telegramtest.Send {
			got[e.Chat]++
		}
	}
	for i := range c.people {
		k := got[c.chat(i)]
		if k == 0 {
			missed++
		}
		twice += max(0, k-1)
	}
	return missed, twice
}

// The network fails in every way in the middle of a broadcast: nobody is missed,
// nobody reads twice but those whose answer was cut off after their message was taken,
// and nothing is sent inside a retry_after.
func TestFaultsOfTheNetwork(t *testing.T) {
	t.Parallel()
	worlds(t, rounds(2, 40), 10, faultsOfTheNetwork)
}

func faultsOfTheNetwork(t *testing.T, rounds int) {
	const cutReplies = 6
	c := newCrash(t, filepath.Join(t.TempDir(), "arifa.db"))
	// An answer that a busy machine has for a second is none that was cut off.
	serveProgram(t, c.net, c.database, "--telegram-rate", "200", "--telegram-in-flight", "16", "--request-timeout", "4s", "--tenure", "8s")
	var open subscriptions.Incident
	for round := range rounds {
		for _, f := range []telegramtest.Fault{
			{Do: telegramtest.CutReply, Every: 31, Times: cutReplies},
			{Do: telegramtest.BadGateway, Every: 13, Times: 8},
			{Do: telegramtest.CutRequest, Every: 17, Times: 8},
			{Do: telegramtest.Hang, Every: 97, Times: 2},
			{Do: telegramtest.TooMany, Every: 151, Times: 2, RetryAfter: 1},
			{Do: telegramtest.TooMany, Every: 61, Times: 3, RetryAfter: 1, OneChat: true},
		} {
			c.net.Inject(f)
		}
		n := c.say(&open, round)
		c.waitDone(n)
		c.net.ClearFaults()
		missed, twice := c.verdict(n)
		t.Logf("round %d: %d missed, %d twice", round, missed, twice)
		if missed > 0 || twice > cutReplies {
			t.Errorf("round %d: %d were never told and %d read it twice, want 0 and at most the %d whose answer was cut", round, missed, twice, cutReplies)
		}
	}
	if v := c.net.Violations(); len(v) > 0 {
		t.Errorf("%d requests inside a retry_after", len(v))
	}
}

// On PostgreSQL every connection is terminated again and again under load, and the
// lane's owner is frozen beyond its tenure and revived: another process goes on within
// the promise, nobody is missed, and no more than the cap read twice.
func TestFaultsOfTheDatabaseAndTheOwner(t *testing.T) {
	t.Parallel()
	worlds(t, rounds(1, 20), 5, faultsOfTheDatabaseAndTheOwner)
}

func faultsOfTheDatabaseAndTheOwner(t *testing.T, rounds int) {
	database := postgrestest.Database(t)
	c := newCrash(t, database)
	first := serveProgram(t, c.net, database, faulty...)
	var open subscriptions.Incident
	for round := range rounds {
		n := c.say(&open, 2*round)
		c.waitFirst(n)
		cut := c.terminate()
		c.waitDone(n)
		if missed, twice := c.verdict(n); missed > 0 || twice > crashCap {
			t.Errorf("round %d, %d connections terminated: %d missed, %d twice", round, cut, missed, twice)
		} else {
			t.Logf("round %d, %d connections terminated: %d missed, %d twice", round, cut, missed, twice)
		}

		second := serveProgram(t, c.net, database, faulty...)
		second.get("/healthz")
		n = c.say(&open, 2*round+1)
		c.waitFirst(n)
		if err := first.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		c.waitDone(n)
		if err := first.cmd.Process.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		wait(t, time.Second) // what it must not do has this long to happen
		missed, twice := c.verdict(n)
		t.Logf("round %d, owner frozen and revived: %d missed, %d twice", round, missed, twice)
		if missed > 0 || twice > crashCap {
			t.Errorf("round %d, owner frozen and revived: %d missed, %d twice, want 0 and at most %d", round, missed, twice, crashCap)
		}
		if err := first.stop(); err != nil && !strings.Contains(err.Error(), "signal") {
			t.Errorf("the revived one does not stop: %v", err)
		}
		first = second
	}
}

// terminate ends every other connection to the database, ten times within a second.
func (c *crash) terminate() (cut int) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.database)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	for range 10 {
		var n int
		if err := conn.QueryRow(ctx, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()").Scan(&n); err != nil {
			c.t.Fatal(err)
		}
		cut += n
		wait(c.t, 100*time.Millisecond)
	}
	return cut
}
