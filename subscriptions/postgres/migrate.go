package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"arifa/subscriptions"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations lists the names of the migrations, in order.
func Migrations() []string {
	names, _ := fs.Glob(migrations, "migrations/*.sql")
	for i, n := range names {
		names[i] = n[len("migrations/"):]
	}
	return names
}

// newest is the version of the last migration.
func newest() int64 {
	names := Migrations()
	return version(names[len(names)-1])
}

// version is the number that a migration's name begins with.
func version(name string) int64 {
	number, _, _ := strings.Cut(name, "_")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil { // the house's test holds every name to its form
		panic(err)
	}
	return n
}

// steps gives goose the migrations as they stand, each one text in one transaction: its
// own reader of SQL files takes four megabytes for every line, and longer than the
// database takes to run them all.
func steps() goose.ProviderOption {
	var all []*goose.Migration
	for _, name := range Migrations() {
		all = append(all, goose.NewGoMigration(version(name), &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			text, err := migrations.ReadFile("migrations/" + name)
			if err == nil {
				_, err = tx.ExecContext(ctx, string(text))
			}
			return err
		}}, nil))
	}
	return goose.WithGoMigrations(all...)
}

// Migrate brings the schema up to date, one process at a time; others wait. It
// returns ErrSchema for a database of a newer release or of another program.
func (s *Store) Migrate(ctx context.Context) error {
	config := s.pool.Config().ConnConfig.Copy()
	config.RuntimeParams["statement_timeout"] = "0" // an index over millions of rows takes its time
	config.RuntimeParams["idle_in_transaction_session_timeout"] = "0"
	db := stdlib.OpenDB(*config)
	defer func() { _ = db.Close() }()
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, nil, steps(), goose.WithSessionLocker(locker),
		goose.WithLogger(goose.NopLogger()), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("migrate: %w", translate(ctx, err))
	}
	if err := s.check(ctx, true); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	done, err := p.Up(ctx)
	if err != nil {
		return fmt.Errorf("migrate: %w", translate(ctx, err))
	}
	for _, m := range done {
		s.log.Info("migrated", "migration", Migrations()[m.Source.Version-1], "took", m.Duration)
	}
	return s.check(ctx, false)
}

// check refuses a schema that this program did not make or does not know. With
// migrating set an empty database and an older release's are welcome.
func (s *Store) check(ctx context.Context, migrating bool) error {
	var tables int
	var goosed, ours bool
	err := s.pool.QueryRow(ctx, `SELECT
		(SELECT count(*) FROM pg_catalog.pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname <> 'goose_db_version'),
		to_regclass(quote_ident(current_schema()) || '.goose_db_version') IS NOT NULL,
		(SELECT count(*) FROM pg_catalog.pg_attribute a WHERE a.attrelid = to_regclass(quote_ident(current_schema()) || '.meta')
			AND a.attname IN ('generation', 'sequence', 'held') AND NOT a.attisdropped) = 3`).Scan(&tables, &goosed, &ours)
	if err != nil {
		return translate(ctx, err)
	}
	has, known := int64(0), newest()
	if goosed {
		if err := s.pool.QueryRow(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied").Scan(&has); err != nil {
			return translate(ctx, err)
		}
	}
	return verdict(schema{tables: tables, goosed: goosed, ours: ours, has: has, known: known}, migrating)
}

type schema struct {
	tables       int
	goosed, ours bool
	has, known   int64
}

func verdict(sc schema, migrating bool) error {
	switch {
	case sc.has > sc.known && sc.ours:
		return fmt.Errorf("%w: it is at version %d, made by a newer release, and this one knows %d; install the newer release, or restore the backup from before it",
			subscriptions.ErrSchema, sc.has, sc.known)
	case sc.tables > 0 && (!sc.goosed || !sc.ours):
		return fmt.Errorf("%w: its tables belong to another program; name another database or schema", subscriptions.ErrSchema)
	case migrating || sc.has == sc.known:
		return nil
	case sc.has == 0:
		return fmt.Errorf("%w: run `arifa migrate`", subscriptions.ErrEmpty)
	}
	return fmt.Errorf("%w: it is at version %d and this release needs %d; make a backup and run `arifa migrate`", subscriptions.ErrSchema, sc.has, sc.known)
}

func isDomain(err error) bool {
	for _, d := range []error{subscriptions.ErrNotFound, subscriptions.ErrConflict, subscriptions.ErrExists, subscriptions.ErrFenced,
		subscriptions.ErrSchema, subscriptions.ErrEmpty, subscriptions.ErrAbsent, subscriptions.ErrFull, subscriptions.ErrUnavailable} {
		if errors.Is(err, d) {
			return true
		}
	}
	return false
}
