package sqlite_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"

	"arifa/subscriptions/storetest"
)

// Every migration, one after the other, leaves what the release before reads and writes.
func TestMigrations_keep_what_the_release_before_uses(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "arifa.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	p, err := goose.NewProvider(goose.DialectSQLite3, db, os.DirFS("migrations"), goose.WithLogger(goose.NopLogger()), goose.WithDisableGlobalRegistry(true))
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
		"ALTER TABLE lane DROP COLUMN rate":                                                 "lane.rate is gone",
		"ALTER TABLE lane RENAME COLUMN paused_why TO why":                                  "lane.paused_why is gone",
		"DROP TABLE span":                                                                   "span.id is gone",
		"DROP TABLE span; CREATE TABLE span (id TEXT PRIMARY KEY)":                          "span.id was INTEGER and is TEXT",
		"ALTER TABLE lane ADD COLUMN colour TEXT NOT NULL DEFAULT ''":                       "",
		"CREATE UNIQUE INDEX alone ON follow (recipient_id)":                                "follow has a new rule: UNIQUE (recipient_id)",
		"DROP TABLE span; CREATE TABLE span (id INTEGER PRIMARY KEY, colour TEXT NOT NULL)": "span.colour is new and must be named",
		"CREATE INDEX quick ON follow (since); CREATE TABLE new (id INTEGER PRIMARY KEY)":   "",
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

// rule finds the rules in the text of a table, which is all that SQLite keeps of them.
var rule = regexp.MustCompile(`(?i)\bCHECK\s*\(.*\)|\bREFERENCES\s+\w+\s*\([^)]*\)`)

// shapeOf reads the tables. The names of rules do not count, what they ask does.
func shapeOf(t *testing.T, db querier) storetest.Shape {
	t.Helper()
	s := storetest.Shape{Columns: map[string]storetest.Column{}, Rules: map[string][]string{}}
	each(t, db, `SELECT m.name || '.' || c.name, c.type, c."notnull" = 0, c."notnull" = 0 OR c.dflt_value IS NOT NULL OR c.pk > 0 AND c.type = 'INTEGER'
		FROM sqlite_schema m, pragma_table_xinfo(m.name) c WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite_%'`,
		func(v []string) { s.Columns[v[0]] = storetest.Column{Type: v[1], Null: v[2] == "1", Free: v[3] == "1"} })
	each(t, db, `SELECT m.name, 'UNIQUE (' || (SELECT group_concat(coalesce(c.name, '…'), ', ') FROM pragma_index_xinfo(i.name) c WHERE c.key) || ')'
			|| coalesce((SELECT substr(x.sql, instr(x.sql, ' WHERE ')) FROM sqlite_schema x WHERE x.name = i.name AND i.partial), ''), '', ''
		FROM sqlite_schema m, pragma_index_list(m.name) i WHERE m.type = 'table' AND i."unique"`,
		func(v []string) { s.Rules[v[0]] = append(s.Rules[v[0]], v[1]) })
	each(t, db, `SELECT name, sql, '', '' FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`, func(v []string) {
		for _, r := range rule.FindAllString(v[1], -1) {
			s.Rules[v[0]] = append(s.Rules[v[0]], strings.Join(strings.Fields(r), " "))
		}
	})
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
