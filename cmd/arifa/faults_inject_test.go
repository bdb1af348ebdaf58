package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/sqlite/sqlitetest"
)

// strace is the program that makes single system calls fail; empty = it is not here, or
// may not watch others, and that is said aloud. Then what fails is every write at once
// (TestFaultsOfTheDisk).
func strace(t *testing.T) string {
	t.Helper()
	file, err := exec.LookPath("strace")
	if err == nil {
		err = exec.Command(file, "-f", "-qq", "-o", os.DevNull, "-e", "inject=fsync:error=EIO", "true").Run()
	}
	if err != nil {
		t.Logf("SKIPPED, NO SINGLE CALL FAILS: %v (Debian: apt-get install strace; and a kernel that lets a process be watched)", err)
		return ""
	}
	return file
}

// The n-th write, or the n-th confirmation of the disk, fails while an officer publishes:
// either it is published and said so, or it is refused with the reason; and when she
// repeats what was refused it is published once.
func TestFaultsOfEachCall(t *testing.T) {
	t.Parallel()
	by := strace(t)
	if by == "" {
		t.Skip("SKIPPED, NO SINGLE CALL FAILS")
	}
	s := &failing{crash: newCrash(t, sqlitetest.File(t))}
	n := s.say(&s.open, 0)
	s.other, s.said = strconv.FormatInt(int64(n.Incident), 10), 1
	for _, f := range []struct {
		calls, fault string
		step         int // every which call, in a short run
	}{{"pwrite64", "ENOSPC", 127}, {"pwrite64", "EIO", 113}, {"fsync,fdatasync", "EIO", 1}} {
		refused, step, k := 0, rounds(f.step, 1), 1
		for met := true; met; k += step {
			var told bool
			told, met = s.once(by, fmt.Sprintf("%s:error=%s:when=%d", f.calls, f.fault, k))
			if !told {
				refused++
			}
		}
		t.Logf("%s, %s: one of every %d of %d calls, %d refused, the others published", f.calls, f.fault, step, k-step-1, refused)
	}
}

// once publishes with a fault, and again where that was refused; met = there was a call
// to fail, told = it was published in spite of it.
func (s *failing) once(by, inject string) (told, met bool) {
	s.t.Helper()
	args := []string{"notice", "publish", "--database", s.database, "--agency", "ecitizen", "--incident", s.other, "--kind", "update",
		"--request", inject, "--next-update", fmt.Sprintf("+%dm", 30+s.said)}
	code, said, met := s.injecting(by, inject, args...)
	now := s.published()
	switch {
	case code == exitDone && now == s.said+1:
		told = true
	case code == exitNo && now <= s.said+1 && (strings.Contains(said, "the disk of the database is full") || strings.Contains(said, "cannot be reached")):
		if code, said := s.command(args...); code != exitDone {
			s.t.Errorf("%s: repeated without a fault: exit %d, %s", inject, code, said)
		}
	default:
		s.t.Errorf("%s: exit %d with %d notices published, %d before: %s", inject, code, now, s.said, said)
	}
	if now = s.published(); now != s.said+1 {
		s.t.Errorf("%s: %d notices in the end, want %d", inject, now, s.said+1)
	}
	s.said = now
	return told, met
}

func (c *crash) published() int {
	c.t.Helper()
	all, err := c.office.store.Notices(c.t.Context(), 0, subscriptions.Published)
	if err != nil {
		c.t.Fatal(err)
	}
	return len(all)
}

// injecting runs one command as the officer with a fault that strace injects; met =
// there was a call to fail.
func (c *crash) injecting(by, inject string, args ...string) (code int, said string, met bool) {
	c.t.Helper()
	log := filepath.Join(c.t.TempDir(), "calls")
	p := process(c.t, args...)
	watched := exec.Command(by, append([]string{"-f", "-qq", "-o", log, "-e", "trace=" + calls(inject), "-e", "inject=" + inject, p.Path}, args...)...)
	watched.Env = append(os.Environ(), "ARIFA_OFFICER_KEY="+c.key)
	var out bytes.Buffer
	watched.Stdout, watched.Stderr = &out, &out
	_ = watched.Run()
	seen, err := os.ReadFile(log)
	if err != nil {
		c.t.Fatal(err)
	}
	return watched.ProcessState.ExitCode(), out.String(), bytes.Contains(seen, []byte("(INJECTED)"))
}

func calls(inject string) string { before, _, _ := strings.Cut(inject, ":"); return before }

// injected makes one of the first writes of every process of the server fail with EIO:
// a page that cannot be written is an error, a log that cannot be written the end of the
// server. It is started again.
func (s *server) injected() (end func()) {
	s.t.Helper()
	pid, err := os.ReadFile(filepath.Join(s.cluster.Data(), "postmaster.pid"))
	if err != nil {
		s.t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(pid), "\n")
	const writes = "pwrite64,pwritev,fallocate"
	watch := exec.Command(s.by, "-f", "-qq", "-o", os.DevNull, "-e", "trace="+writes, "-e", fmt.Sprintf("inject=%s:error=EIO:when=%d", writes, 1+rand.IntN(8)), "-p", first)
	if err := watch.Start(); err != nil {
		s.t.Fatal(err)
	}
	wait(s.t, time.Second) // what is written meanwhile fails
	return func() {
		_ = watch.Process.Signal(syscall.SIGTERM)
		_ = watch.Wait()
		s.cut()()
	}
}
