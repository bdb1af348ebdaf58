package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Whatever a command waits for, Ctrl-C ends it: a pipe that says nothing any more held
// the import for ever, whoever stopped it how often. What was entered stays on the record.
func TestASignalEndsWhatWaits(t *testing.T) {
	t.Parallel()
	as := administered(t)
	in, say := io.Pipe()
	defer func() { _ = say.Close() }()
	stop, ended := make(chan os.Signal, 2), make(chan int, 1)
	var o, e safeBuffer
	go func() {
		ended <- run(t.Context(), world{Args: append([]string{"import", "subscribers", "-"}, as...),
			Stop: stop, In: in, Out: &o, Err: &e, Now: time.Now, Program: asItself})
	}()
	if _, err := io.WriteString(say, "lane,address,language,services,consent\ntelegram:1,7,en,all,paper\n"); err != nil {
		t.Fatal(err)
	}
	stop <- syscall.SIGINT
	select {
	case code := <-ended:
		if code != exitNo || !strings.Contains(e.String(), "stopped") {
			t.Errorf("exit code %d, said %q", code, e.String())
		}
	case <-time.After(time.Minute):
		t.Fatal("it goes on waiting")
	}
	if _, out, _ := cmd(t, "", append([]string{"audit", "list"}, as...)...); !strings.Contains(out, "subscribers.import") {
		t.Errorf("not on the record: %s", out)
	}
}

// administered is a new database, and what names it and its first officer.
func administered(t *testing.T) []string {
	t.Helper()
	db := filepath.Join(t.TempDir(), "arifa.db")
	if code, _, errs := cmd(t, "", "migrate", "--database", db); code != exitDone {
		t.Fatal(errs)
	}
	code, out, errs := cmd(t, "", "officer", "add", "Amina Otieno", "--role", "admin", "--database", db)
	if code != exitDone {
		t.Fatal(errs)
	}
	_, key, _ := strings.Cut(out, "key:")
	return []string{"--database", db, "--officer-key", strings.Fields(key)[0]}
}

// One line that is too long, or in another encoding, spoils no other: a file was given
// up at the first.
func TestImportGoesOnAfterALineThatCannotBeRead(t *testing.T) {
	t.Parallel()
	file := "lane,address,language,services,consent\ntelegram:1,7,en,all," + strings.Repeat("x", 2*longestLine) +
		"\ntelegram:1,8,en,all,caf\xe9\ntelegram:1,9,en,all,paper\n"
	code, out, errs := cmd(t, file, append([]string{"import", "subscribers", "-"}, administered(t)...)...)
	if code != exitNo || !strings.Contains(out, "1 subscriber entered") || !strings.Contains(errs, "line 2: longer than 64 KiB") || !strings.Contains(errs, "line 3: not UTF-8") {
		t.Errorf("exit code %d, said %q and %q", code, out, errs)
	}
}

// A line that nobody can read is one bad line: the next ones are read.
func TestLinesOfAFile(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 3*longestLine)
	r := bufio.NewReaderSize(strings.NewReader("a\r\n"+long+"\nb\ncaf\xe9\nc\x00\n\nd\n"+long), longestLine)
	for k, want := range []string{"a", "!longer", "b", "!UTF-8", "!UTF-8", "", "d", "!longer"} {
		text, _, err := lineOf(r)
		why, bad := strings.CutPrefix(want, "!")
		if bad != errors.Is(err, errLine) || bad && !strings.Contains(err.Error(), why) || !bad && (err != nil || text != want) {
			t.Errorf("line %d: %.20q, %v, want %q", k+1, text, err, want)
		}
	}
	if _, _, err := lineOf(r); !errors.Is(err, io.EOF) {
		t.Errorf("at the end %v", err)
	}
}
