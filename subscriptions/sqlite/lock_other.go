//go:build !unix

package sqlite

import (
	"context"
	"errors"
	"fmt"
)

// lockFile has no lock here that the system would drop with the process.
func lockFile(context.Context, string, bool) (release func(), err error) {
	return nil, fmt.Errorf("lock the database file: %w on this system", errors.ErrUnsupported)
}

// fileID cannot tell a file from its copy here.
func fileID(string) (string, error) { return "file", nil }
