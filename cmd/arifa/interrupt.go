package main

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"time"
)

// heeding are the commands that look at every signal themselves, from their start on.
var heeding = []string{"serve", "demo", "rehearse"}

// How long a signal waits for a command that takes it (one that follows something, or
// stays), and how long any other may still take to leave its work in order.
const (
	heeded      = 500 * time.Millisecond
	putsInOrder = 2 * time.Second
)

// errInterrupted ends a command that a signal has stopped.
var errInterrupted = errors.New("stopped; whether the last step was stored is not known: look before you do it again")

// unlessStopped runs a command. A signal that it does not take cancels what it does, and
// ends it where that is not enough: a question on a terminal or a pipe that says nothing
// would wait for ever. What was committed stays.
func (a *app) unlessStopped(command string, f func() error) error {
	if slices.Contains(heeding, command) {
		return f()
	}
	ctx, cancel := context.WithCancel(a.ctx)
	defer cancel()
	given, taken := a.Stop, make(chan os.Signal)
	a.ctx, a.Stop = ctx, taken
	done := make(chan error, 1)
	go func() { done <- f() }()
	for {
		select {
		case err := <-done:
			return err
		case s := <-given:
			select {
			case taken <- s:
				continue
			case err := <-done:
				return err
			case <-time.After(heeded):
			}
			cancel()
			select {
			case err := <-done:
				if errors.Is(err, context.Canceled) {
					return errInterrupted
				}
				return err
			case <-given:
			case <-time.After(putsInOrder):
			}
			return errInterrupted
		}
	}
}

// readUntil reads in until ctx ends, also while in says nothing.
func readUntil(ctx context.Context, in io.Reader) io.Reader {
	r, w := io.Pipe()
	context.AfterFunc(ctx, func() { _ = w.CloseWithError(ctx.Err()) })
	go func() { // ends with in, or with the program
		_, err := io.Copy(w, in)
		_ = w.CloseWithError(err)
	}()
	return r
}
