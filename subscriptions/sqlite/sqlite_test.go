package sqlite_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"arifa/subscriptions"
	"arifa/subscriptions/sqlite"
	"arifa/subscriptions/storetest"
)

// template is an empty database that was migrated once; tests open copies of it.
var template = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "arifa")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "arifa.db")
	if err := sqlite.Migrate(context.Background(), path, sqlite.Config{}); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func newFile(t testing.TB) string {
	t.Helper()
	b, err := template()
	if err != nil {
		t.Fatalf("make a database: %v", err)
	}
	f, err := os.CreateTemp(t.TempDir(), "arifa-*.db")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(b); err != nil {
		t.Fatal(err)
	}
	return f.Name()
}

func open(t testing.TB) *sqlite.Store {
	t.Helper()
	return openAt(t, newFile(t), sqlite.Config{})
}

func openAt(t testing.TB, path string, cfg sqlite.Config) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, cfg)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func TestContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) subscriptions.Store { return open(t) })
}

func TestMachine(t *testing.T) {
	t.Parallel()
	storetest.Machine(t, func(t *testing.T) subscriptions.Store {
		s, err := sqlite.Open(t.Context(), newFile(t), sqlite.Config{})
		if err != nil {
			t.Fatalf("open: %v", err)
		}
		return s
	})
}
