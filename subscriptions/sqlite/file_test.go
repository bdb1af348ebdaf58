package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/sqlite"
)

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	foreign := func(t *testing.T, statements ...string) string {
		path := filepath.Join(t.TempDir(), "x.db")
		run(t, path, statements...)
		return path
	}
	for _, c := range []struct {
		name string
		path func(t *testing.T) string
		cfg  sqlite.Config
		want error
		says string
	}{
		{"a missing file", func(t *testing.T) string { return filepath.Join(t.TempDir(), "no.db") }, sqlite.Config{}, subscriptions.ErrNotFound, "arifa migrate"},
		{"a missing file, for reading", func(t *testing.T) string { return filepath.Join(t.TempDir(), "no.db") }, sqlite.Config{Migrate: true, ReadOnly: true}, subscriptions.ErrNotFound, "arifa migrate"},
		{"a missing directory", func(t *testing.T) string { return filepath.Join(t.TempDir(), "no", "no.db") }, sqlite.Config{Migrate: true}, subscriptions.ErrUnavailable, "create"},
		{"another program's file", func(t *testing.T) string { return foreign(t, "CREATE TABLE t (x)") }, sqlite.Config{Migrate: true}, subscriptions.ErrSchema, "another program"},
		{"another program's marked file", func(t *testing.T) string { return foreign(t, "CREATE TABLE t (x)", "PRAGMA application_id = 7") }, sqlite.Config{}, subscriptions.ErrSchema, "another program"},
		{"an empty file", func(t *testing.T) string { return foreign(t, "PRAGMA user_version = 1") }, sqlite.Config{}, subscriptions.ErrEmpty, "no tables of Arifa yet: run `arifa migrate`"},
		{"no database at all", func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "x.db")
			if err := os.WriteFile(path, []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}, sqlite.Config{Migrate: true}, subscriptions.ErrSchema, "no database of SQLite"},
		{"a newer release's file", func(t *testing.T) string {
			path := newFile(t)
			run(t, path, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)")
			return path
		}, sqlite.Config{Migrate: true}, subscriptions.ErrSchema, "newer release"},
		{"an older release's file", func(t *testing.T) string {
			path := newFile(t)
			run(t, path, "DELETE FROM goose_db_version WHERE version_id > 3")
			return path
		}, sqlite.Config{}, subscriptions.ErrSchema, "run `arifa migrate`"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := c.path(t)
			_, before := os.Stat(path)
			s, err := sqlite.Open(t.Context(), path, c.cfg)
			if err == nil {
				_ = s.Close()
			}
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got error %v, want %v saying %q", err, c.want, c.says)
			}
			if _, after := os.Stat(path); before != nil && after == nil {
				t.Errorf("the file was created")
			}
		})
	}
}

// run executes statements past the store, as another program would.
func run(t testing.TB, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, st := range statements {
		if _, err := db.Exec(st); err != nil {
			t.Fatalf("%s: %v", st, err)
		}
	}
}

func TestTheFileIsItsOwnersAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "arifa.db")
	s := openAt(t, path, sqlite.Config{Migrate: true})
	if _, err := s.Claim(t.Context(), "x", time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		st, err := os.Stat(name)
		if err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: got %v (%v), want 0600", name, st, err)
		}
	}
}

func TestMigrateTwice(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "arifa.db")
	for range 2 {
		if err := sqlite.Migrate(t.Context(), path, sqlite.Config{}); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	if got := sqlite.Migrations(); len(got) != len(files) || !slices.IsSorted(got) || got[0] != "0001_catalogue.sql" {
		t.Errorf("got %v", got)
	}
}

func TestManyProcessesCreateOneFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "arifa.db")
	errs := make(chan error)
	for range 4 {
		go func() { errs <- sqlite.Migrate(context.Background(), path, sqlite.Config{}) }()
	}
	for range 4 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestReadOnly(t *testing.T) {
	t.Parallel()
	path := newFile(t)
	s := openAt(t, path, sqlite.Config{ReadOnly: true})
	if _, err := s.Officers(t.Context()); err != nil {
		t.Errorf("got %v, want reading to work", err)
	}
	if _, err := s.Claim(t.Context(), "x", time.Now()); !errors.Is(err, subscriptions.ErrUnavailable) {
		t.Errorf("got %v, want writing refused", err)
	}
}

func TestTwoProcessesWriteOneFile(t *testing.T) {
	t.Parallel()
	path := newFile(t)
	stores := []*sqlite.Store{openAt(t, path, sqlite.Config{}), openAt(t, path, sqlite.Config{})}
	errs := make(chan error)
	const writers, each = 6, 20
	for w := range writers {
		go func() {
			for range each {
				if _, err := stores[w%2].Append(context.Background(), subscriptions.AuditLine{Action: "x"}); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	for range writers {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	lines, err := stores[0].AuditLines(t.Context(), 0, 1000)
	if err != nil || len(lines) != writers*each {
		t.Errorf("got %d lines (%v), want %d", len(lines), err, writers*each)
	}
}

func TestABusyFileIsGivenUp(t *testing.T) {
	t.Parallel()
	path := newFile(t)
	s := openAt(t, path, sqlite.Config{})
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	c, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Claim(ctx, "x", time.Now()); !errors.Is(err, subscriptions.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the file unavailable", err)
	}
	if _, err := s.Officers(t.Context()); err != nil {
		t.Errorf("got %v, want reading beside a writer", err)
	}
	if _, err := c.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if ok, err := s.Claim(t.Context(), "x", time.Now()); err != nil || !ok {
		t.Errorf("got %v (%v), want it to heal", ok, err)
	}
}

func TestASecondServeIsRefused(t *testing.T) {
	t.Parallel()
	path := newFile(t)
	one, two := openAt(t, path, sqlite.Config{}), openAt(t, path, sqlite.Config{})
	release, err := one.LockServe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := two.LockServe(t.Context()); !errors.Is(err, subscriptions.ErrExists) || !strings.Contains(err.Error(), "another `arifa serve`") {
		t.Errorf("got %v, want it refused with a reason", err)
	}
	release()
	again, err := two.LockServe(t.Context())
	if err != nil {
		t.Fatalf("got %v after the release, want the lock", err)
	}
	again()
}

func TestBackup(t *testing.T) {
	t.Parallel()
	s := open(t)
	r, err := s.SaveRecipient(t.Context(), subscriptions.Recipient{Lane: "telegram:1", Address: subscriptions.AddressOf("7"), Kind: subscriptions.Person})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "copy.db")
	if err := s.Backup(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("got %v (%v), want 0600", st, err)
	}
	copied := openAt(t, path, sqlite.Config{})
	if got, err := copied.Recipient(t.Context(), r.Lane, r.Address); err != nil || got.ID != r.ID {
		t.Errorf("got %+v (%v), want the recipient in the copy", got, err)
	}
	if err := s.Backup(t.Context(), path); !errors.Is(err, subscriptions.ErrExists) {
		t.Errorf("got %v, want an existing file refused", err)
	}
	// The connection that made the copy still reads, and still only reads.
	for range 5 {
		if _, err := s.Officers(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestHints(t *testing.T) {
	t.Parallel()
	path := newFile(t)
	serve, cli := openAt(t, path, sqlite.Config{}), openAt(t, path, sqlite.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	hints := serve.Hints(ctx)
	for _, writer := range []*sqlite.Store{cli, serve} {
		deadline := time.After(5 * time.Second)
		for got := false; !got; {
			if _, err := writer.Append(t.Context(), subscriptions.AuditLine{Action: "x"}); err != nil {
				t.Fatal(err)
			}
			select {
			case <-hints:
				got = true
			case <-time.After(20 * time.Millisecond):
			case <-deadline:
				t.Fatal("no hint of a commit")
			}
		}
	}
	cancel()
	for range hints { // closed when its goroutine is gone
	}
}

func TestTranslate(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, st := range []string{"CREATE TABLE t (k PRIMARY KEY, u UNIQUE, v)", "PRAGMA max_page_count = 10", "INSERT INTO t VALUES (1, 1, 0)"} {
		if _, err := db.Exec(st); err != nil {
			t.Fatal(err)
		}
	}
	elsewhere, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "no", "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer elsewhere.Close()
	for _, c := range []struct {
		name string
		err  func() error
		want error
	}{
		{"primary key", func() error { _, err := db.Exec("INSERT INTO t VALUES (1, 2, 0)"); return err }, subscriptions.ErrExists},
		{"unique", func() error { _, err := db.Exec("INSERT INTO t VALUES (2, 1, 0)"); return err }, subscriptions.ErrExists},
		{"full", func() error { _, err := db.Exec("INSERT INTO t VALUES (2, 2, zeroblob(1000000))"); return err }, subscriptions.ErrFull},
		{"no row", func() error { var x int; return db.QueryRow("SELECT k FROM t WHERE k = 9").Scan(&x) }, subscriptions.ErrNotFound},
		{"cannot open", func() error { return elsewhere.Ping() }, subscriptions.ErrUnavailable},
		{"read only", func() error {
			if _, err := db.Exec("PRAGMA query_only = 1"); err != nil {
				return err
			}
			_, err := db.Exec("INSERT INTO t VALUES (2, 2, 0)")
			return err
		}, subscriptions.ErrUnavailable},
	} {
		if err := sqlite.Translate(c.err()); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
	if err := sqlite.Translate(nil); err != nil {
		t.Errorf("got %v for no error", err)
	}
	if err := sqlite.Translate(subscriptions.ErrConflict); err != subscriptions.ErrConflict {
		t.Errorf("got %v, want the domain's own error untouched", err)
	}
}

// What is erased is not left lying in the file.
func TestErasedIsOverwritten(t *testing.T) {
	t.Parallel()
	path := newFile(t)
	s, err := sqlite.Open(t.Context(), path, sqlite.Config{})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(err)
	now := time.Date(2025, 1, 3, 3, 4, 0, 0, time.UTC)
	words, chat := "the words of zebra-4711", "chat-of-zebra-4712"
	must2 := func(_ any, err error) { t.Helper(); must(err) }
	must2(s.PutIncoming(t.Context(), []subscriptions.Incoming{{Lane: "telegram:1", ID: 1, Chat: chat, Body: []byte(words), At: now}}))
	must(s.DoneIncoming(t.Context(), "telegram:1", 1, now))
	r, err := s.SaveRecipient(t.Context(), subscriptions.Recipient{Lane: subscriptions.WebLane, Address: subscriptions.AddressOf(chat), Kind: subscriptions.Person, CreatedAt: now})
	must(err)
	for range 3 {
		must2(s.PutUtterance(t.Context(), subscriptions.Utterance{Address: r.Address, Body: []byte(words + strings.Repeat(" and so on", 800)), At: now}))
	}
	must(s.Forget(t.Context(), r.ID, now))
	must(s.Close())
	file, err := os.ReadFile(path)
	must(err)
	for _, text := range []string{words, chat} {
		if n := strings.Count(string(file), text); n > 0 {
			t.Errorf("%q stands %d times in the file", text, n)
		}
	}
}
