package console_test

import (
	"context"
	"net/http"
	"testing"

	"arifa/bot/console"
	"arifa/bot/desk"
	"arifa/subscriptions"
)

// broken is a store that keeps no deed while it has an error.
type broken struct {
	desk.Store
	err error
}

func (b *broken) Commit(ctx context.Context, c subscriptions.Change) (subscriptions.Change, error) {
	if b.err != nil {
		return c, b.err
	}
	return b.Store.Commit(ctx, c)
}

// An officer who publishes while the database fails reads what became of it and what to
// do, and the same form does it once when the database is well again.
func TestAnOfficerReadsWhatADatabaseThatFailsLeavesUndone(t *testing.T) {
	t.Parallel()
	fails := &broken{}
	b := setup(t, func(c *console.Config) {
		set := c.Desk.Config
		fails.Store, set.Store = set.Store, fails
		var err error
		if c.Desk, err = desk.New(set); err != nil {
			t.Fatal(err)
		}
	})
	esther := b.comes(b.ecAuthor)
	page := esther.get("/desk/new/platform/ecitizen-payments")
	form := []string{"do", "publish", "request", field(page.body, "request")}
	for _, c := range []struct {
		err  error
		says string
	}{
		{subscriptions.ErrFull, "this was not stored, and nobody is told. Whoever runs Arifa must make room"},
		{subscriptions.ErrUnavailable, "it is done once"},
	} {
		fails.err = c.err
		esther.want(esther.post("/desk/new/platform/ecitizen-payments", form...), http.StatusServiceUnavailable, c.says)
		if all, err := b.desk.Notices(t.Context(), 0); err != nil || len(all) != 0 {
			t.Errorf("%v: %d notices are there (%v), want none", c.err, len(all), err)
		}
	}
	fails.err = nil
	esther.want(esther.post("/desk/new/platform/ecitizen-payments", form...), http.StatusSeeOther, "")
	if n := b.last(); n.State != subscriptions.Published {
		t.Errorf("the same form, later: %s, want it published", n.State)
	}
}
