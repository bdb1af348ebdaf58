//go:build !unix

package postgrestest

import "os/exec"

// Elsewhere there is no server of our own: it needs a unix shell and socket.
func asServerUser(*exec.Cmd) error { return ErrNoServer }

func giveAway(string) error { return ErrNoServer }
