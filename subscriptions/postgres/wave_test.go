package postgres_test

import (
	"testing"

	"arifa/subscriptions/storetest"
)

func TestCombinations_change_no_plan(t *testing.T) {
	t.Parallel()
	storetest.Combinations(t, 3, dayOf)
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
