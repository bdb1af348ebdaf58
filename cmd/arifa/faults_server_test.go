package main

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

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
	worlds(t, rounds(1, 20), 1, faultsOfTheServer)
}

func faultsOfTheServer(t *testing.T, rounds int) {
	data, wal := volume(t, "192m"), volume(t, "48m")
	cluster := postgrestest.NewCluster(t, postgrestest.Config{Data: data, WAL: wal, Settings: map[string]string{
		"synchronous_commit": "on", // what is cut is the server's life, not the machine's: no need to wait for the disk
		"max_connections":    "40", "superuser_reserved_connections": "0",
		"min_wal_size": "2MB", "max_wal_size": "24MB"}})
	s := &server{failing: newFailing(newCrash(t, cluster.Database(t)), faulty...), cluster: cluster, data: data, wal: wal, by: strace(t)}
	for round := range rounds {
		for _, f := range s.faults() {
			f.twice = crashCap // what it was told may die with the server
			s.meet(round, f)
		}
	}
	s.end()
}

// server is a PostgreSQL that fails.
type server struct {
	*failing
	cluster   *postgrestest.Cluster
	data, wal string // its volumes; empty = none that can be filled
	by        string // strace; empty = no single call can be made to fail
}

func (s *server) faults() []storeFault {
	long := func(short, long int) time.Duration { return time.Duration(size(short, long)) * time.Second }
	gone := []string{"the database cannot be reached", "Check --database"}
	out := []storeFault{
		{name: "power cut and back at once", begin: s.cut},
		{name: "away", begin: s.cut, lasts: long(2, 60), kind: subscriptions.ErrUnavailable, words: gone},
		{name: "every connection taken by others", begin: s.hog, lasts: long(1, 30), kind: subscriptions.ErrUnavailable, words: gone},
	}
	if s.by != "" {
		out = append(out, storeFault{name: "one write of each of its processes fails", begin: s.injected})
	}
	if s.data == "" || s.wal == "" {
		return out
	}
	return append(out,
		storeFault{name: "the disk of its data full", begin: s.fillData, lasts: long(1, 30), kind: subscriptions.ErrFull,
			words: []string{"the disk of the database is full", "make room"}, blind: true},
		storeFault{name: "the disk of its log full", begin: s.fillLog, lasts: long(1, 30), kind: subscriptions.ErrUnavailable, words: gone})
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
