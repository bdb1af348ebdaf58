package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/catalogue"
	"arifa/subscriptions/postgres"
	"arifa/subscriptions/sqlite"
)

// opening says what a command may do to the database that it opens.
type opening int

const (
	existing opening = iota // must be there with this program's schema
	migrated                // is made and brought up to date first
)

func isPostgres(database string) bool {
	return strings.HasPrefix(database, "postgres://") || strings.HasPrefix(database, "postgresql://")
}

// store is what every store offers a command.
type store = subscriptions.Store

// open opens the database of the settings. On SQLite serve and demo create and
// migrate it; PostgreSQL is migrated by arifa migrate and demo only.
func open(ctx context.Context, database string, how opening, log *slog.Logger) (store, error) {
	if !isPostgres(database) {
		st, err := sqlite.Open(ctx, database, sqlite.Config{Log: log, Migrate: how == migrated})
		if err != nil {
			return nil, advise(err)
		}
		return st, nil
	}
	st, err := postgres.Open(ctx, database, postgres.Config{Log: log, Migrating: how == migrated})
	if err != nil {
		return nil, advise(err)
	}
	if how == migrated {
		if err := st.Migrate(ctx); err != nil {
			return nil, errors.Join(advise(err), st.Close())
		}
	}
	return st, nil
}

// advised is an error that says already what to do about it.
type advised struct{ error }

func (e advised) Unwrap() error { return e.error }

// advise says what to do about a database that does not open, where the store
// has not said it.
func advise(err error) error {
	switch {
	case errors.Is(err, subscriptions.ErrAbsent):
		return advised{fmt.Errorf("%w\nMake it first (createdb NAME), then run \"arifa migrate\"", err)}
	case errors.Is(err, subscriptions.ErrSchema):
		return advised{fmt.Errorf("%w\nBack it up first (arifa backup FILE, or pg_dump); \"arifa migrate\" brings an older one up to date", err)}
	case errors.Is(err, subscriptions.ErrUnavailable):
		return advised{fmt.Errorf("%w\nCheck --database, that its server runs, and that this user may use it", err)}
	}
	return err
}

// afterwards says what to do when the database failed in the middle of a command.
func afterwards(err error) string {
	switch {
	case errors.As(err, new(advised)):
		return ""
	case errors.Is(err, subscriptions.ErrFull):
		return "Nothing of this step was stored, and nobody is told: make room where the database lies, then do it again."
	case errors.Is(err, subscriptions.ErrUnavailable):
		return "Whether this step was stored is not known: do it again when the database answers. With the same --request KEY it is done once; without, look first (arifa notice list)."
	}
	return ""
}

// nation parses the catalogue in force; before the first import it puts the
// configured one in force, or the Kenyan one inside.
func nation(ctx context.Context, st subscriptions.Catalogue, file string, now time.Time) (*subscriptions.Nation, []byte, int64, error) {
	yaml, rev, err := st.CatalogueInForce(ctx)
	if errors.Is(err, subscriptions.ErrNotFound) {
		return firstNation(ctx, st, file, now)
	}
	return parsedInForce(yaml, rev, err)
}

func firstNation(ctx context.Context, st subscriptions.Catalogue, file string, now time.Time) (*subscriptions.Nation, []byte, int64, error) {
	given, err := firstCatalogue(file)
	if err != nil {
		return nil, nil, 0, err
	}
	n, err := catalogue.Parse(given)
	if err != nil {
		return nil, nil, 0, fmt.Errorf("catalogue: %w", err)
	}
	_, err = st.ReplaceCatalogue(ctx, subscriptions.CatalogueReplacement{YAML: given, At: now, Line: subscriptions.AuditLine{
		At: now, Action: "catalogue.first", Outcome: "done", Via: "program", Detail: "the first catalogue of this database"}})
	if err != nil && !errors.Is(err, subscriptions.ErrConflict) {
		return nil, nil, 0, fmt.Errorf("catalogue: %w", err)
	}
	yaml, rev, err := st.CatalogueInForce(ctx)
	if err == nil && bytes.Equal(yaml, given) {
		return n, yaml, rev, nil
	}
	return parsedInForce(yaml, rev, err) // another process was first
}

func parsedInForce(yaml []byte, rev int64, err error) (*subscriptions.Nation, []byte, int64, error) {
	if err != nil {
		return nil, nil, 0, fmt.Errorf("catalogue: %w", err)
	}
	n, err := catalogue.Parse(yaml)
	if err != nil {
		return nil, nil, 0, fmt.Errorf("the catalogue in the database cannot be read by this release: %w", err)
	}
	return n, yaml, rev, nil
}

func firstCatalogue(file string) ([]byte, error) {
	if file == "" {
		return catalogue.KenyaYAML(), nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	return b, nil
}
