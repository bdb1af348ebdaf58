package sqlite_test

import (
	"database/sql"
	"testing"

	"arifa/subscriptions/sqlite"
	"arifa/subscriptions/storetest"
)

func TestCombinations_change_no_plan(t *testing.T) {
	t.Parallel()
	storetest.Combinations(t, 12, dayOf)
}

// dayOf is everything that matters of the deliveries after a day; the ids may differ.
func dayOf(t *testing.T, each bool, seed uint64) string {
	t.Helper()
	path := newFile(t)
	s := openAt(t, path, sqlite.Config{})
	if each {
		s.PlanEach()
	}
	storetest.Day(t, s, seed)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var out sql.NullString
	if err := db.QueryRow(`SELECT group_concat(x, char(10)) FROM (SELECT concat_ws(' ', notice_id, recipient_id, state, by, mode, rank, class, asked, carried, 'says', services, 'ends', ends,
		'more', more, 'left', left_services, 'told', told, 'owed', owed, attempt, repeat, message <> '') AS x FROM delivery ORDER BY notice_id, recipient_id)`).Scan(&out); err != nil {
		t.Fatal(err)
	}
	return out.String
}
