// Package sqlitetest gives tests fresh SQLite files with the present schema. Running
// every migration for every test is what most of them would cost.
package sqlitetest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"arifa/subscriptions/sqlite"
)

// File is the path of an empty database of the test's own.
func File(t testing.TB) string {
	t.Helper()
	data, err := empty()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "arifa.db")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// empty is a database that was migrated once in this process.
var empty = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "arifa-sqlite-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "arifa.db")
	if err := sqlite.Migrate(context.Background(), path, sqlite.Config{}); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})
