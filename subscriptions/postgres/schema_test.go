package postgres_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"arifa/subscriptions"
	"arifa/subscriptions/postgres"
	"arifa/subscriptions/postgres/postgrestest"
)

func TestMigrations_have_the_names_of_sqlite(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir("../sqlite/migrations")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, e := range entries {
		want = append(want, e.Name())
	}
	if got := postgres.Migrations(); !slices.Equal(got, want) {
		t.Errorf("migrations of PostgreSQL %q, of SQLite %q", got, want)
	}
	for i, name := range postgres.Migrations() {
		if !strings.HasPrefix(name, fmt.Sprintf("%04d_", i+1)) {
			t.Errorf("migration %d is named %s", i+1, name)
		}
	}
}

func TestMigrate_in_several_processes_at_once(t *testing.T) {
	t.Parallel()
	url := postgrestest.Database(t)
	var group sync.WaitGroup
	for range 3 {
		s := open(t, url, true)
		group.Go(func() {
			if err := s.Migrate(t.Context()); err != nil {
				t.Errorf("migrate beside others: %v", err)
			}
		})
	}
	group.Wait()
	if n := ask[int](t, url, "SELECT count(*) FROM goose_db_version WHERE version_id > 0"); n != len(postgres.Migrations()) {
		t.Errorf("%d migrations are noted, want each once: %d", n, len(postgres.Migrations()))
	}
	open(t, url, false)
}

func TestOpen_refuses(t *testing.T) {
	t.Parallel()
	last := len(postgres.Migrations())
	for _, c := range []struct {
		name      string
		prepare   func(t *testing.T, url string)
		migrating bool
		says      string
	}{
		{"an empty database", func(*testing.T, string) {}, false, "run `arifa migrate`"},
		{"another program's tables", func(t *testing.T, url string) { mustRun(t, url, "CREATE TABLE orders (id int)") }, false, "another program"},
		{"another program's tables when migrating", func(t *testing.T, url string) { mustRun(t, url, "CREATE TABLE orders (id int)") }, true, "another program"},
		{"another program that uses goose", func(t *testing.T, url string) {
			mustRun(t, url, "CREATE TABLE orders (id int); CREATE TABLE goose_db_version (version_id bigint, is_applied bool); INSERT INTO goose_db_version VALUES (3, true)")
		}, true, "another program"},
		{"an older release", func(t *testing.T, url string) {
			migrated(t, url)
			mustRun(t, url, fmt.Sprintf("DELETE FROM goose_db_version WHERE version_id = %d", last))
		}, false, fmt.Sprintf("needs %d", last)},
		{"a newer release", func(t *testing.T, url string) {
			migrated(t, url)
			mustRun(t, url, fmt.Sprintf("INSERT INTO goose_db_version (version_id, is_applied) VALUES (%d, true)", last+1))
		}, false, "newer release"},
		{"a newer release when migrating", func(t *testing.T, url string) {
			migrated(t, url)
			mustRun(t, url, fmt.Sprintf("INSERT INTO goose_db_version (version_id, is_applied) VALUES (%d, true)", last+1))
		}, true, "newer release"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			url := postgrestest.Database(t)
			c.prepare(t, url)
			before := ask[int](t, url, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
			s, err := postgres.Open(t.Context(), url, postgres.Config{Migrating: c.migrating})
			if err == nil {
				_ = s.Close()
			}
			want := subscriptions.ErrSchema
			if c.name == "an empty database" {
				want = subscriptions.ErrEmpty
			}
			if !errors.Is(err, want) || !strings.Contains(fmt.Sprint(err), c.says) {
				t.Errorf("open: %v, want %v that says %q", err, want, c.says)
			}
			if after := ask[int](t, url, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"); after != before {
				t.Errorf("a refused database changed: %d relations, then %d", before, after)
			}
		})
	}
}

func TestAuditRecord_refuses_change_even_to_its_owner(t *testing.T) {
	t.Parallel()
	s, url := setup(t)
	if _, err := s.Append(t.Context(), subscriptions.AuditLine{Action: "test", Detail: "a \x00 and \xff that no text column takes"}); err != nil {
		t.Fatalf("append: %v", err)
	}
	for _, statement := range []string{"UPDATE audit SET detail = 'x'", "DELETE FROM audit", "TRUNCATE audit"} {
		if err := run(t, url, statement); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v, want a refusal", statement, err)
		}
	}
	lines, err := s.AuditLines(t.Context(), 0, 10)
	if err != nil || len(lines) != 1 {
		t.Fatalf("audit lines: %v, %v", lines, err)
	}
	if err := subscriptions.VerifyAudit(subscriptions.AuditLine{}, lines[0]); err != nil {
		t.Errorf("the stored line does not carry its own hash: %v", err)
	}
}
