package sqlite_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/sqlite"
)

// The disk fills up in the middle of a wave: what does not fit is refused by that
// name and leaves nothing behind, and when there is room again everything goes on as
// if nothing had happened.
func TestAFullDisk(t *testing.T) {
	t.Parallel()
	const people = 1200
	ctx, now := t.Context(), time.Date(2025, 1, 3, 3, 0, 0, 0, time.UTC)
	path := newFile(t)
	run(t, path, fmt.Sprintf(`INSERT INTO recipient (lane, address, kind, language, languages, title, silent, talk, asked_at, created_at, gone_at, idle_at)
			WITH RECURSIVE n (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < %d) SELECT '%s', k, 'person', 'sw', '', '', 0, '', 0, 1, 0, 0 FROM n`, people, benchLane),
		`INSERT INTO follow SELECT id, 'service:s', 0, 0, 1, '' FROM recipient`)
	s := openAt(t, path, sqlite.Config{})
	i := subscriptions.Incident{State: subscriptions.Investigating, Round: 1, OpenedAt: now,
		Services: []subscriptions.ServiceState{{Service: "s", Impact: subscriptions.Blocked, Confirmed: true, Failing: true, Round: 1}}}
	notice := subscriptions.Notice{Round: 1, Kind: subscriptions.Outage, State: subscriptions.Published, Sound: true, PublishedAt: now,
		Audience: subscriptions.Audience{subscriptions.ScopeAll: {"s"}, subscriptions.ScopeService("s"): {"s"}}}
	if _, err := s.Commit(ctx, subscriptions.Change{Incident: &i, Notices: []subscriptions.Notice{notice}, Now: now}); err != nil {
		t.Fatal(err)
	}
	tenure, err := s.Acquire(ctx, benchLane, "one", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Room(ctx, 20); err != nil {
		t.Fatal(err)
	}
	rows := 0
	expand := func(limit int) error {
		for {
			e, err := s.Expand(ctx, limit, now)
			if rows += e.Added; err != nil || e.Notice == 0 {
				return err
			}
		}
	}
	if err := expand(100); !errors.Is(err, subscriptions.ErrFull) || rows == 0 || rows == people {
		t.Fatalf("got %v after %d rows, want ErrFull after some", err, rows)
	}
	before, _, err := s.View(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	advice := subscriptions.Notice{Kind: subscriptions.Advisory, State: subscriptions.Published, PublishedAt: now, ExpiresAt: now.Add(time.Hour), Audience: notice.Audience,
		Sheet: subscriptions.Sheet{Words: map[subscriptions.Language]subscriptions.Words{"en": {Title: strings.Repeat("word ", 100_000)}}}}
	publish := func() error {
		_, err := s.Commit(ctx, subscriptions.Change{Notices: []subscriptions.Notice{advice}, Now: now})
		return err
	}
	if err := publish(); !errors.Is(err, subscriptions.ErrFull) {
		t.Fatalf("publishing on a full disk: got %v, want ErrFull", err)
	}
	if after, changed, err := s.View(ctx, before.Generation); err != nil || changed {
		t.Fatalf("a publish that was refused left %d notices (%v), want none new", len(after.Notices), err)
	}

	if err := s.Room(ctx, 1<<20); err != nil {
		t.Fatal(err)
	}
	if err := publish(); err != nil {
		t.Fatalf("publishing when there is room again: %v", err)
	}
	if err := expand(2000); err != nil || rows != 2*people {
		t.Fatalf("got %d rows (%v), want %d", rows, err, 2*people)
	}
	told := map[subscriptions.RecipientID]int{}
	for {
		ds, err := s.Lease(ctx, tenure, 500, now)
		if err != nil {
			t.Fatal(err)
		}
		if len(ds) == 0 {
			break
		}
		rs := make([]subscriptions.Result, len(ds))
		for k, d := range ds {
			told[d.Recipient]++
			rs[k] = subscriptions.Result{ID: d.ID, Fence: tenure.Fence, State: subscriptions.Sent, Message: "1", Counted: true, At: now}
		}
		if err := s.Finish(ctx, rs); err != nil {
			t.Fatal(err)
		}
	}
	for id, n := range told {
		if n != 2 {
			t.Errorf("recipient %d was told %d times, want once of each notice", id, n)
		}
	}
	if len(told) != people {
		t.Errorf("%d were told, want %d", len(told), people)
	}
}
