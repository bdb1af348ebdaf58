package storetest

import (
	"fmt"
	"testing"
	"time"

	"arifa/subscriptions"
)

// Skipped proves that Unaccounted finds rows that are missing, wherever they are missed,
// in a store that looks at one or two ids in one go. No promise of the contract lets a
// row go, so lose takes it away behind the store's back.
func Skipped(t *testing.T, s subscriptions.Store, lose func(statement string)) {
	t.Helper()
	const people = 30
	w := newWorld(t, s)
	for range people {
		w.person(follow("a")...)
	}
	i, start := w.outage("a")
	w.expand()
	told := map[subscriptions.RecipientID]bool{}
	for _, d := range w.lease(people - 5) {
		w.report(subscriptions.Sent, d)
		told[d.Recipient] = true
	}
	lost := func(n subscriptions.NoticeID, of ...subscriptions.RecipientID) {
		t.Helper()
		for range 10 { // a whole round, however it is cut
			w.wantUnaccounted(0)
		}
		for k, r := range of {
			table := fmt.Sprintf("lost_%d_%d", n, k)
			lose(fmt.Sprintf("CREATE TABLE %s AS SELECT * FROM delivery WHERE notice_id = %d AND recipient_id = %d", table, n, r))
			lose(fmt.Sprintf("DELETE FROM delivery WHERE notice_id = %d AND recipient_id = %d", n, r))
		}
		got := 0
		for range 20 {
			k, err := s.Unaccounted(w.ctx, w.now)
			w.must(err)
			got = max(got, k)
		}
		if got != len(of) {
			t.Errorf("notice %d: %d people have no row, got %d", n, len(of), got)
		}
		for k := range of {
			lose(fmt.Sprintf("INSERT INTO delivery SELECT * FROM lost_%d_%d", n, k))
		}
		for range 20 {
			_, err := s.Unaccounted(w.ctx, w.now)
			w.must(err)
		}
		w.wantUnaccounted(0)
	}
	lost(start.ID, 1, 2, 17, people)

	w.now = w.now.Add(time.Minute)
	end := w.restore(&i)
	w.expand()
	var ends, untold []subscriptions.RecipientID
	for r := subscriptions.RecipientID(1); r <= people; r++ {
		switch st, _ := w.state(end.ID, r); {
		case told[r] && st == "", !told[r] && st != "":
			t.Fatalf("recipient %d, told %t, has a row of the end in state %q", r, told[r], st)
		case told[r]:
			ends = append(ends, r)
		default:
			untold = append(untold, r)
		}
	}
	lost(end.ID, ends[0], ends[10], ends[len(ends)-1])
	if len(untold) != 5 {
		t.Errorf("%d were not told, want 5, who are owed no end", len(untold))
	}
}
