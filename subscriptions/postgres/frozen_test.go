package postgres_test

import (
	"context"
	"testing"
	"time"

	"arifa/subscriptions"
)

// A process that is frozen in the middle of a transaction holds its locks: the server
// ends it, and others go on instead of being refused.
func TestAFrozenTransactionGivesWay(t *testing.T) {
	t.Parallel()
	s, url := setup(t)
	other := open(t, url, false)
	thaw, err := s.Freeze(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(thaw)
	if _, err := other.Expand(t.Context(), 10, time.Now()); err != nil {
		t.Errorf("expand beside a frozen transaction: %v", err)
	}
	in := subscriptions.Change{Line: subscriptions.AuditLine{At: begun(), Action: "test", Outcome: "done", Via: "test"}, Now: begun()}
	if _, err := other.Commit(t.Context(), in); err != nil {
		t.Errorf("commit beside a frozen transaction: %v", err)
	}
}
