package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// asProgram makes the test binary behave as arifa itself, so that tests can
// start, stop and kill real processes.
const asProgram = "ARIFA_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) == "1" {
		stop := make(chan os.Signal, 2)
		signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
		os.Exit(run(context.Background(), world{Args: os.Args[1:], Stop: stop, In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Now: time.Now, Program: asItself}))
	}
	testscript.Main(m, map[string]func(){"arifa": main})
}

// asItself runs the test binary as the program.
func asItself(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, os.Args[0], args...)
	c.Env = append(os.Environ(), asProgram+"=1")
	return c
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
