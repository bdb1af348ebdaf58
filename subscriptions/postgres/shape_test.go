package postgres_test

import (
	"context"
	"database/sql"
	"os"
	"slices"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/pressly/goose/v3"

	"arifa/subscriptions/postgres/postgrestest"
	"arifa/subscriptions/storetest"
)

// Every migration, one after the other, leaves what the release before reads and writes.
func TestMigrations_keep_what_the_release_before_uses(t *testing.T) {
	t.Parallel()
	url := postgrestest.Database(t)
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	p, err := goose.NewProvider(goose.DialectPostgres, db, os.DirFS("migrations"), goose.WithLogger(goose.NopLogger()), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	var versions []int64
	for _, m := range p.ListSources() {
		versions = append(versions, m.Version)
	}
	before := storetest.KeepsWhatIsUsed(t, versions, func(version int64) error { _, err := p.UpTo(t.Context(), version); return err }, func() storetest.Shape { return shapeOf(t, db) })
	if len(before.Columns) < 100 || len(before.Rules) < 10 {
		t.Fatalf("%d columns and the rules of %d tables: the test proves nothing", len(before.Columns), len(before.Rules))
	}
	for harm, want := range map[string]string{
		"ALTER TABLE lane DROP COLUMN rate":                          "lane.rate is gone",
		"ALTER TABLE lane RENAME COLUMN paused_why TO why":           "lane.paused_why is gone",
		"DROP TABLE span":                                            "span.id is gone",
		"ALTER TABLE lane ALTER COLUMN rate TYPE real":               "lane.rate was double precision and is real",
		"ALTER TABLE lane ALTER COLUMN until SET NOT NULL":           "lane.until may not be NULL any more",
		"ALTER TABLE lane ALTER COLUMN rate DROP DEFAULT":            "lane.rate must be named now",
		"ALTER TABLE lane ADD COLUMN colour text NOT NULL":           "lane.colour is new and must be named",
		"ALTER TABLE lane ADD CHECK (rate >= 0)":                     "lane has a new rule: CHECK ((rate >= (0)::double precision))",
		"CREATE UNIQUE INDEX ON follow (recipient_id)":               "follow has a new rule: UNIQUE (recipient_id)",
		"ALTER TABLE follow ADD FOREIGN KEY (scope) REFERENCES lane": "follow has a new rule: FOREIGN KEY (scope) REFERENCES lane(id)",
		"ALTER TABLE lane ADD COLUMN colour text, ADD size int DEFAULT 1; CREATE INDEX ON lane (rate); CREATE TABLE new (id int)": "",
	} {
		tx, err := db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.ExecContext(t.Context(), harm); err != nil {
			t.Fatalf("%s: %v", harm, err)
		}
		got := storetest.Narrowed(before, shapeOf(t, tx))
		if want == "" && len(got) > 0 || want != "" && !slices.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", harm, got, want)
		}
		_ = tx.Rollback()
	}
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// shapeOf reads the catalogues. The names of rules do not count, what they ask does.
func shapeOf(t *testing.T, db querier) storetest.Shape {
	t.Helper()
	s := storetest.Shape{Columns: map[string]storetest.Column{}, Rules: map[string][]string{}}
	each(t, db, `SELECT c.relname || '.' || a.attname, format_type(a.atttypid, a.atttypmod), (NOT a.attnotnull)::text, (NOT a.attnotnull OR a.atthasdef OR a.attidentity <> '')::text
		FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND a.attnum > 0 AND NOT a.attisdropped`,
		func(v []string) {
			s.Columns[v[0]] = storetest.Column{Type: v[1], Null: v[2] == "true", Free: v[3] == "true"}
		})
	each(t, db, `SELECT c.relname, CASE WHEN k.contype = 'u' OR k.contype = 'p' THEN 'UNIQUE ' || substring(pg_get_constraintdef(k.oid) FROM '\(.*') ELSE pg_get_constraintdef(k.oid) END, '', ''
		FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid WHERE c.relnamespace = 'public'::regnamespace AND k.contype <> 'n'
		UNION SELECT c.relname, 'UNIQUE ' || substring(pg_get_indexdef(i.indexrelid) FROM '\(.*'), '', ''
		FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = 'public'::regnamespace AND i.indisunique`,
		func(v []string) { s.Rules[v[0]] = append(s.Rules[v[0]], strings.TrimSpace(v[1])) })
	return s
}

func each(t *testing.T, db querier, query string, do func(v []string)) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		v := make([]string, 4)
		if err := rows.Scan(&v[0], &v[1], &v[2], &v[3]); err != nil {
			t.Fatal(err)
		}
		do(v)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}
