package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
)

// A record may come in pieces, or late, and a program that says nothing with lines in
// them is not remembered for ever.
func TestAProgramSaysWhereItsProfileIs(t *testing.T) {
	t.Parallel()
	a := &announced{to: io.Discard}
	for range 1000 {
		fmt.Fprint(a, strings.Repeat("x", 1000))
	}
	if len(a.begun) > 2*longestRecord {
		t.Errorf("%d bytes of a record without an end are kept", len(a.begun))
	}
	go func() {
		for _, part := range []string{"\n{\"msg\":\"on\",\"setting\":\"admin-", "listen\",\"address\":\"127.0.0.1:", "4711\"}\n{\"msg\""} {
			fmt.Fprint(a, part)
		}
	}()
	if address, err := a.served(t.Context()); err != nil || address != "127.0.0.1:4711" {
		t.Errorf("got %q, %v", address, err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := (&announced{to: io.Discard}).profile(ended, io.Discard, 1); err == nil {
		t.Error("a program that says nothing has a profile")
	}
}
