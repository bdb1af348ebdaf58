package postgres_test

import (
	"context"
	"log/slog"
	neturl "net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions/postgres"
	"arifa/subscriptions/postgres/postgrestest"
)

// setup opens a migrated store on a fresh database and returns its URL too.
func setup(t testing.TB) (*postgres.Store, string) {
	t.Helper()
	url := postgrestest.Database(t)
	return migrated(t, url), url
}

func migrated(t testing.TB, url string) *postgres.Store {
	t.Helper()
	s := open(t, url, true)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatalf("migrate: %v", err)
	}
	return s
}

// open opens a store that is closed when the test ends.
func open(t testing.TB, url string, migrating bool) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), url, postgres.Config{Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Migrating: migrating})
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

// run runs a statement on a connection of its own.
func run(t testing.TB, url, statement string) error {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	_, err = conn.Exec(t.Context(), statement)
	return err
}

func mustRun(t testing.TB, url, statement string) {
	t.Helper()
	if err := run(t, url, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// ask reads one value.
func ask[T any](t testing.TB, url, query string) (v T) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if err := conn.QueryRow(t.Context(), query).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

// grant gives a role of the service the grants of the package comment and no more.
func grant(t testing.TB, url string) {
	t.Helper()
	if os.Getenv(postgrestest.EnvDatabase) != "" {
		return // roles belong to the whole server, and this one is not ours
	}
	mustRun(t, url, `DO $$ BEGIN CREATE ROLE arifa_service LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
		GRANT USAGE ON SCHEMA public TO arifa_service;
		GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO arifa_service;
		GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO arifa_service;
		REVOKE UPDATE, DELETE ON audit FROM arifa_service;`)
}

// serviceURL is the URL as the service would use it; on a server that is not our
// own, as its owner.
func serviceURL(t testing.TB, url string) string {
	t.Helper()
	u, err := neturl.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv(postgrestest.EnvDatabase) == "" {
		q := u.Query()
		q.Set("user", "arifa_service")
		u.RawQuery = q.Encode()
	}
	return u.String()
}

// shelf lends databases to the cases of one test, one after the other: making one
// takes longer than most cases.
type shelf struct {
	t    *testing.T
	mu   sync.Mutex
	free []string
}

// lend opens a store on an empty, migrated database as the service would, and
// takes the database back when the case ends.
func (s *shelf) lend(t *testing.T) *postgres.Store {
	t.Helper()
	url := s.take()
	if url == "" {
		url = postgrestest.Database(s.t)
		migrated(s.t, url)
		grant(t, url)
	}
	t.Cleanup(func() { s.back(t, url) })
	return open(t, serviceURL(t, url), false)
}

func (s *shelf) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.free) == 0 {
		return ""
	}
	url := s.free[len(s.free)-1]
	s.free = s.free[:len(s.free)-1]
	return url
}

func (s *shelf) back(t *testing.T, url string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Errorf("connect to empty the database: %v", err)
		return
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, empty); err != nil {
		t.Logf("the database is not used again: %v", err) // not our server, and not its superuser
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, url)
}

// empty leaves a database as Migrate leaves it. Replica switches the triggers of
// the audit record off; only a superuser may.
const empty = `DO $$ DECLARE names text; BEGIN
	PERFORM set_config('session_replication_role', 'replica', true);
	SELECT string_agg(quote_ident(tablename), ', ') INTO names FROM pg_tables WHERE schemaname = current_schema() AND tablename <> 'goose_db_version';
	EXECUTE 'TRUNCATE ' || names || ' RESTART IDENTITY CASCADE';
	INSERT INTO meta (id, generation, sequence, held) VALUES (1, 1, 0, false);
	INSERT INTO webtalk_clock (change) VALUES (0);
END $$`
