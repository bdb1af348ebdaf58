package main

import (
	"bytes"
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"arifa/subscriptions"
)

// The file of the database cannot be written under a broadcast, for every write fails,
// and its disk fills up. Whoever publishes meanwhile is refused with the reason and what
// to do; the wave stands still and goes on by itself; nobody is missed, no more than the
// cap read twice, and the file is whole.
func TestFaultsOfTheDisk(t *testing.T) {
	t.Parallel()
	worlds(t, rounds(1, 20), 5, faultsOfTheDisk)
}

func faultsOfTheDisk(t *testing.T, rounds int) {
	disk := volume(t, "80m")
	dir := disk
	if dir == "" {
		dir = t.TempDir()
	}
	s := newFailing(newCrash(t, filepath.Join(dir, "arifa.db")), faulty...)
	lasts := time.Duration(size(1, 30)) * time.Second
	faults := []storeFault{{name: "every write fails", lasts: lasts, command: s.unwritable, words: []string{"disk I/O error", "is not known", "--request"},
		begin: func() func() { return unwritable(t, s.program.cmd.Process.Pid) }}}
	if disk != "" {
		faults = append(faults, storeFault{name: "the disk full", lasts: lasts, kind: subscriptions.ErrFull, words: []string{"the disk of the database is full", "make room"},
			begin: func() func() {
				free := fill(t, disk)
				s.exhaust()
				return free
			}})
	}
	for round := range rounds {
		for _, f := range faults {
			s.meet(round, f)
		}
	}
	s.end()
	var whole string
	if err := s.file().QueryRow("PRAGMA integrity_check").Scan(&whole); err != nil || whole != "ok" {
		t.Errorf("the file is %q (%v), want ok", whole, err)
	}
}

// unwritable runs one command that can write to no file.
func (s *failing) unwritable(args ...string) (code int, said string) {
	s.t.Helper()
	p := process(s.t, args...)
	limited := exec.Command("/bin/sh", append([]string{"-c", `ulimit -f 0; exec "$@"`, "sh", p.Path}, args...)...)
	limited.Env = append(os.Environ(), "ARIFA_OFFICER_KEY="+s.key)
	var out bytes.Buffer
	limited.Stdout, limited.Stderr = &out, &out
	_ = limited.Run()
	return limited.ProcessState.ExitCode(), out.String()
}

// exhaust takes the room that the file and its log have within.
func (s *failing) exhaust() {
	s.t.Helper()
	db := s.file()
	_, err := db.Exec("CREATE TABLE IF NOT EXISTS filler (words blob)")
	if err != nil && strings.Contains(err.Error(), "database or disk is full") {
		return // not even that has room
	}
	for size := 64 << 10; err == nil || size > 1; { // the smallest change takes a page
		if err != nil {
			size /= 8
		}
		_, err = db.Exec("INSERT INTO filler VALUES (zeroblob(?))", size)
	}
	if !strings.Contains(err.Error(), "database or disk is full") {
		s.t.Fatalf("the disk does not fill up: %v", err)
	}
}

func (s *failing) file() *sql.DB {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+s.database+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_txlock=immediate")
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = db.Close() })
	return db
}
