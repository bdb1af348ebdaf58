package postgres_test

import (
	"fmt"
	"strings"
	"testing"

	"arifa/subscriptions/storetest"
)

// TestCombinations_change_no_plan drives two stores through the same days, one of
// which plans for everybody by himself, marks every row that it leases and writes
// every result by itself: what they hold must be the same.
func TestCombinations_change_no_plan(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("day ", seed), func(t *testing.T) {
			t.Parallel()
			got, want := strings.Split(dayOf(t, false, seed), "\n"), strings.Split(dayOf(t, true, seed), "\n")
			for k := range max(len(got), len(want)) {
				if k >= len(got) || k >= len(want) || got[k] != want[k] {
					t.Fatalf("together %d rows, each by himself %d; row %d:\n%s\n%s", len(got), len(want), k, got[min(k, len(got)-1)], want[min(k, len(want)-1)])
				}
			}
			if len(want) < 30 {
				t.Errorf("only %d rows: the day is too quiet", len(want))
			}
		})
	}
}

// dayOf is everything that matters of the deliveries after a day; the ids may differ.
func dayOf(t *testing.T, each bool, seed uint64) string {
	t.Helper()
	s, url := setup(t)
	if each {
		s.PlanEach()
	}
	storetest.Day(t, s, seed)
	return ask[string](t, url, `SELECT string_agg(concat_ws(' ', notice_id, recipient_id, state, by, mode, rank, class, asked, carried, 'says', services, 'ends', ends,
		'more', more, 'left', left_services, 'told', told, 'owed', owed, attempt, repeat, message <> ''), E'\n' ORDER BY notice_id, recipient_id) FROM delivery`)
}
