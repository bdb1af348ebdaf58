package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"

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

// Migrate creates the file where there is none and brings its schema up to date.
func Migrate(ctx context.Context, path string, cfg Config) error {
	cfg.Migrate, cfg.ReadOnly = true, false
	s, err := Open(ctx, path, cfg)
	if err != nil {
		return err
	}
	return s.Close()
}

func provider(db *sql.DB) (*goose.Provider, error) {
	return goose.NewProvider(goose.DialectSQLite3, db, nil, steps(), goose.WithLogger(goose.NopLogger()), goose.WithDisableGlobalRegistry(true))
}

// migrate runs what is missing, one process at a time.
func (s *Store) migrate(ctx context.Context, db *sql.DB) error {
	release, err := lockFile(ctx, s.path+".migrate.lock", true)
	if err != nil {
		return err
	}
	defer release()
	if err := ours(ctx, db, true); err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", applicationID)); err != nil {
		return translate(err)
	}
	if checkSchema(ctx, db) == nil {
		return nil // reading every migration only to run none takes longer than most commands
	}
	p, err := provider(db)
	if err != nil {
		return err
	}
	has, known, err := p.GetVersions(ctx)
	if err != nil {
		return translate(err)
	}
	if has > known {
		return newer(has, known)
	}
	done, err := p.Up(ctx)
	if err != nil {
		return translate(err)
	}
	for _, m := range done {
		s.log.Info("migrated", "migration", Migrations()[m.Source.Version-1], "took", m.Duration)
	}
	return nil
}

// ours refuses a file that another program made. A file without any table is
// ours when fresh is set.
func ours(ctx context.Context, db *sql.DB, fresh bool) error {
	var id, tables int
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return translate(err)
	}
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE name NOT IN ('goose_db_version', 'sqlite_sequence')").Scan(&tables); err != nil {
		return translate(err)
	}
	switch {
	case id == applicationID:
		return nil
	case id == 0 && tables == 0 && fresh:
		return nil
	case id == 0 && tables == 0:
		return fmt.Errorf("%w: run `arifa migrate`", subscriptions.ErrEmpty)
	}
	return fmt.Errorf("%w: the file belongs to another program; name another file", subscriptions.ErrSchema)
}

func checkSchema(ctx context.Context, db *sql.DB) error {
	if err := ours(ctx, db, false); err != nil {
		return err
	}
	var has, known int64
	known = newest()
	err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE name = 'goose_db_version'").Scan(&has)
	if err == nil && has > 0 {
		err = db.QueryRowContext(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied = 1").Scan(&has)
	}
	if err != nil {
		return translate(err)
	}
	switch {
	case has > known:
		return newer(has, known)
	case has < known:
		return fmt.Errorf("%w: it is at version %d and this release needs %d; make a backup and run `arifa migrate`", subscriptions.ErrSchema, has, known)
	}
	return nil
}

func newer(has, known int64) error {
	return fmt.Errorf("%w: it is at version %d, made by a newer release, and this one knows %d; install the newer release, or restore the backup from before it", subscriptions.ErrSchema, has, known)
}
