package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/bot/desk"
	"arifa/subscriptions"
	"arifa/subscriptions/postgres/postgrestest"
)

// PostgreSQL fails under a broadcast: its power is cut and comes back, it stays away,
// somebody else takes every connection, the disk of its data and that of its log fill up.
// One and the same process lives through all of it and goes on by itself; an officer who
// publishes meanwhile is refused with the reason and what to do; nobody is missed, and no
// more than the cap read twice.
func TestFaultsOfTheServer(t *testing.T) {
	t.Parallel()
	data, wal := volume(t, "192m"), volume(t, "48m")
	cluster := postgrestest.NewCluster(t, postgrestest.Config{Data: data, WAL: wal, Settings: map[string]string{
		"synchronous_commit": "on", // what is cut is the server's life, not the machine's: no need to wait for the disk
		"max_connections":    "40", "superuser_reserved_connections": "0",
		"min_wal_size": "2MB", "max_wal_size": "24MB"}})
	c := newCrash(t, cluster.Database(t))
	other, err := c.office.desk.Open(t.Context(), c.office.actor, desk.OpenInput{Agency: "ecitizen", Services: []subscriptions.ServiceID{"ecitizen-login"}, Since: c.app.now()}, c.app.now())
	if err != nil {
		t.Fatal(err)
	}
	s := &server{crash: c, cluster: cluster, data: data, wal: wal, other: strconv.FormatInt(int64(other.ID), 10), program: serveProgram(t, c.net, c.database, faulty...)}
	for round := range rounds(1, 20) {
		for _, f := range s.faults() {
			s.meet(round, f)
		}
	}
	until(t, "ready again", func() bool { code, _ := s.program.get("/readyz"); return code == 200 })
	all, err := c.office.store.Notices(t.Context(), 0, subscriptions.Published)
	if err != nil || len(all) != s.said {
		t.Errorf("%d notices are published (%v), want the %d that were acknowledged", len(all), err, s.said)
	}
	if err := s.program.stop(); err != nil {
		t.Errorf("it does not stop cleanly: %v", err)
	}
}

// server is a PostgreSQL that fails, and the one program that lives through it.
type server struct {
	*crash
	cluster   *postgrestest.Cluster
	program   *program
	data, wal string // its volumes; empty = none that can be filled
	open      subscriptions.Incident
	said      int    // notices that were acknowledged
	other     string // incident of which nobody is ever told, for every try is refused
}

// serverFault is a way to fail. begin returns how it ends.
type serverFault struct {
	name  string
	begin func() (end func())
	lasts time.Duration // with what is refused meanwhile; 0 = it ends at once
	// What an officer hears who publishes meanwhile: the kind, and words of it.
	kind  error
	words []string
	blind bool // PostgreSQL does not tell how full its disk is: small writes still go through
}

func (s *server) faults() []serverFault {
	long := func(short, long int) time.Duration { return time.Duration(rounds(short, long)) * time.Second }
	gone := []string{"the database cannot be reached", "Check --database"}
	out := []serverFault{
		{name: "power cut and back at once", begin: s.cut},
		{name: "away", begin: s.cut, lasts: long(2, 60), kind: subscriptions.ErrUnavailable, words: gone},
		{name: "every connection taken by others", begin: s.hog, lasts: long(1, 30), kind: subscriptions.ErrUnavailable, words: gone},
	}
	if s.data == "" || s.wal == "" {
		return out
	}
	return append(out,
		serverFault{name: "the disk of its data full", begin: s.fillData, lasts: long(1, 30), kind: subscriptions.ErrFull,
			words: []string{"the disk of the database is full", "make room"}, blind: true},
		serverFault{name: "the disk of its log full", begin: s.fillLog, lasts: long(1, 30), kind: subscriptions.ErrUnavailable, words: gone})
}

// meet has a fault in the middle of a broadcast, and judges the broadcast.
func (s *server) meet(round int, f serverFault) {
	s.t.Helper()
	n := s.say(&s.open, s.said)
	s.said++
	s.waitFirst(n)
	end := f.begin()
	if f.lasts > 0 {
		s.refused(f)
	}
	end()
	back := time.Now()
	s.waitDone(n)
	missed, twice := s.verdict(n)
	s.t.Logf("round %d, %s: %d missed, %d twice; told all %s after its end", round, f.name, missed, twice, time.Since(back).Round(10*time.Millisecond))
	if missed > 0 || twice > crashCap {
		s.t.Errorf("round %d, %s: %d missed, %d twice, want 0 and at most %d", round, f.name, missed, twice, crashCap)
	}
}

// refused publishes while the database cannot be used, by the desk and by the command:
// both are refused with the reason and with what to do, and the service answers and says
// that it is not ready.
func (s *server) refused(f serverFault) {
	s.t.Helper()
	begun := time.Now()
	if _, err := s.publish(&s.open, s.said); !errors.Is(err, f.kind) {
		s.t.Errorf("%s: publish: %v, want %v", f.name, err, f.kind)
	}
	code, said := s.command("notice", "publish", "--database", s.database, "--agency", "ecitizen", "--incident", s.other, "--kind", "outage")
	if code != exitNo {
		s.t.Errorf("%s: a command publishes: exit %d, %q", f.name, code, said)
	}
	for _, w := range f.words {
		if !strings.Contains(said, w) {
			s.t.Errorf("%s: a command that publishes says %q, want %q in it", f.name, said, w)
		}
	}
	if !f.blind {
		until(s.t, "not ready", func() bool {
			code, body := s.program.get("/readyz")
			return code == 503 && strings.Contains(body, "database")
		})
	}
	if code, _ := s.program.get("/healthz"); code != 200 {
		s.t.Errorf("%s: /healthz says %d: nobody must restart the program for that", f.name, code)
	}
	wait(s.t, f.lasts-time.Since(begun))
}

// command runs one command as the officer.
func (c *crash) command(args ...string) (code int, said string) {
	c.t.Helper()
	p := process(c.t, args...)
	p.Env = append(os.Environ(), "ARIFA_OFFICER_KEY="+c.key)
	var out bytes.Buffer
	p.Stdout, p.Stderr = &out, &out
	_ = p.Run()
	return p.ProcessState.ExitCode(), out.String()
}

func (s *server) cut() (end func()) {
	s.t.Helper()
	if err := s.cluster.Stop(true); err != nil {
		s.t.Fatal(err)
	}
	return func() {
		if err := s.cluster.Start(); err != nil {
			s.t.Fatal(err)
		}
	}
}

// fillData fills the disk, and what the tables have of room within.
func (s *server) fillData() (end func()) {
	s.t.Helper()
	free := fill(s.t, s.data)
	s.exhaust(`CREATE TABLE IF NOT EXISTS filler (words text); ALTER TABLE filler ALTER words SET STORAGE PLAIN`, `INSERT INTO filler VALUES (repeat('x', 7000))`)
	return free
}

// fillLog fills the disk of the write-ahead log until the server ends itself; somebody
// makes room and starts it again.
func (s *server) fillLog() (end func()) {
	s.t.Helper()
	free := fill(s.t, s.wal)
	s.exhaust(`SELECT 1`, `SELECT pg_logical_emit_message(false, 'filler', repeat('x', 1000000))`)
	return func() {
		free()
		s.cut()()
	}
}

// hog takes every connection of the server, those of others first, and gives them back
// when it is told to.
func (s *server) hog() (giveBack func()) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	var mine []*pgx.Conn
	giveBack = func() {
		for _, conn := range mine {
			_ = conn.Close(context.WithoutCancel(ctx))
		}
	}
	first, err := pgx.Connect(ctx, s.database)
	if err != nil {
		s.t.Fatal(err)
	}
	mine = append(mine, first)
	for others := 1; others > 0; {
		for err = nil; err == nil; {
			var conn *pgx.Conn
			if conn, err = pgx.Connect(ctx, s.database); err == nil {
				mine = append(mine, conn)
			}
		}
		pids := make([]int32, len(mine))
		for i, conn := range mine {
			pids[i] = int32(conn.PgConn().PID())
		}
		err = first.QueryRow(ctx, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> ALL($1)", pids).Scan(&others)
		if err != nil {
			giveBack()
			s.t.Fatal(err)
		}
	}
	return giveBack
}

// exhaust runs a statement until the server refuses it.
func (s *server) exhaust(first, again string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.database)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	for _, err = conn.Exec(ctx, first); err == nil; {
		_, err = conn.Exec(ctx, again)
	}
	if ctx.Err() != nil {
		s.t.Fatalf("the disk does not fill up: %v", err)
	}
}
