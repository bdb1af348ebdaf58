package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/postgres"
)

// defaultDatabase is where serve keeps its data when nothing is named; what is
// temporary never touches it.
const defaultDatabase = "arifa.db"

// temporary names an empty database for one run of a command, and how to remove
// it. By default it is a SQLite file in the directory for temporary files; of a
// PostgreSQL URL only the server counts. A named SQLite file must be new, and
// stays for whoever wants to look.
func (a *app) temporary(ctx context.Context, command, run string) (string, func() error, error) {
	keep := func() error { return nil }
	switch {
	case isPostgres(a.Database):
		fresh, drop, err := postgres.Beside(ctx, a.Database)
		if err != nil {
			if errors.Is(err, subscriptions.ErrUnavailable) {
				return "", nil, advise(err)
			}
			return "", nil, fmt.Errorf("%w\n\"arifa %s\" makes a database of its own beside the one that is named: its user needs the right to create databases", err, command)
		}
		return fresh, func() error {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
			defer cancel()
			return drop(ctx)
		}, nil
	case a.Database == defaultDatabase:
		dir, err := os.MkdirTemp("", "arifa-"+command+"-")
		if err != nil {
			return "", nil, err
		}
		return filepath.Join(dir, "arifa.db"), func() error { return os.RemoveAll(dir) }, nil
	}
	file := a.Database
	if _, err := os.Stat(file); err == nil {
		ext := filepath.Ext(file)
		file = strings.TrimSuffix(file, ext) + "-" + run + ext
	}
	if _, err := os.Stat(file); err == nil {
		return "", nil, fmt.Errorf("%s exists; \"arifa %s\" writes into a new file only", a.Database, command)
	}
	return file, keep, nil
}
