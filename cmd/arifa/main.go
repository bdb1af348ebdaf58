// Command arifa tells citizens, in the channel they already use, that a
// government service is broken, what to do instead, and when it works again.
//
// It introduces the other packages to each other: flags, environment, signals,
// wiring and exit codes. It makes no decision and no sentence for a citizen.
package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

// Exit codes, the same for every command.
const (
	exitDone  = 0
	exitNo    = 1 // refused or failed
	exitUsage = 2 // wrong usage
)

func main() {
	stop := make(chan os.Signal, 2)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	os.Exit(run(context.Background(), world{
		Args: os.Args[1:], Stop: stop,
		In: os.Stdin, Terminal: isTerminal(os.Stdin), Out: os.Stdout, Err: os.Stderr, Now: time.Now, Program: itself,
	}))
}

// world is everything outside the program, so that tests start the whole of it
// in-process.
type world struct {
	Args []string
	Stop <-chan os.Signal // first: finish what flies; second: at once
	In   io.Reader
	// Terminal: a person answers In, so that questions are asked there.
	Terminal bool
	Out      io.Writer
	Err      io.Writer
	Now      func() time.Time
	// Program makes a command that runs this program as a process of its own.
	Program func(ctx context.Context, args ...string) *exec.Cmd
}

// itself runs the file that this process was started from.
func itself(ctx context.Context, args ...string) *exec.Cmd {
	file, err := os.Executable()
	if err != nil {
		file = os.Args[0]
	}
	return exec.CommandContext(ctx, file, args...)
}
