package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestMain takes away what built has made, and ARIFA_FAULTS from what the program and
// its processes see: it refuses a variable that it does not know. Started by itself it is
// the program.
func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		_ = os.Unsetenv(asProgram)
		main()
	}
	faults = os.Getenv("ARIFA_FAULTS")
	_ = os.Unsetenv("ARIFA_FAULTS")
	code := m.Run()
	if builtDir != "" {
		_ = os.RemoveAll(builtDir)
	}
	os.Exit(code)
}

// faults is what ARIFA_FAULTS said: "long", a number of rounds, or nothing.
var faults string

// builtDir holds the program while the tests run.
var builtDir string

// built is the program as everybody builds it. Tests that start, stop and kill
// real processes use it: the race detector watches what runs inside the tests, and
// would make every one of some hundred short commands many times slower.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "arifa-test-")
	if err != nil {
		return "", err
	}
	builtDir = dir
	file := filepath.Join(dir, "arifa")
	if out, err := exec.Command("go", "build", "-o", file, "arifa/cmd/arifa").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return file, nil
})

// asProgram is set where the tests run as the program.
const asProgram = "ARIFA_TEST_AS_PROGRAM"

// watched is the program as these tests were built. The race detector that watches
// them watches it too, at several times the work: one fault of each store has it, in which
// nothing goes by the clock. A race that is found ends it with another code than a clean stop.
func watched(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	file, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := exec.Command(file, args...)
	p.Env = append(os.Environ(), asProgram+"=1")
	return p
}

// process is arifa with these words, not started yet.
func process(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	file, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return exec.Command(file, args...)
}

// ran runs one command as a process; it returns its exit code and what it said.
func ran(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	p := process(t, args...)
	var o, e bytes.Buffer
	p.Stdout, p.Stderr = &o, &e
	err := p.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return p.ProcessState.ExitCode(), o.String(), e.String()
}

// asItself runs the program for a command that needs a second process.
func asItself(ctx context.Context, args ...string) *exec.Cmd {
	file, err := built()
	if err != nil {
		file = err.Error() // starting it says so
	}
	return exec.CommandContext(ctx, file, args...)
}

// cmd runs one command in-process and returns its exit code and what it said.
func cmd(t *testing.T, in string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e safeBuffer
	code = run(t.Context(), world{Args: args, Stop: make(chan os.Signal), In: strings.NewReader(in), Out: &o, Err: &e, Now: time.Now, Program: asItself})
	return code, o.String(), e.String()
}

// safeBuffer is written by many goroutines.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
