package sqlite_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/sqlite"
)

const (
	benchLane  = subscriptions.LaneID("telegram:1")
	benchCrowd = 20_000
)

// crowd makes a store in which n people follow services of one incident, and
// publishes its first notice.
func crowd(b testing.TB, n int) *sqlite.Store {
	b.Helper()
	path, ctx := newFile(b), context.Background()
	now := time.Date(2025, 1, 3, 3, 0, 0, 0, time.UTC)
	// Twenty thousand register calls would take longer than what is measured.
	run(b, path, fmt.Sprintf(`INSERT INTO recipient (lane, address, kind, language, languages, title, silent, talk, asked_at, created_at, gone_at, idle_at)
			WITH RECURSIVE n (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < %d) SELECT '%s', k, 'person', 'sw', '', '', 0, '', 0, 1, 0, 0 FROM n`, n, benchLane),
		`INSERT INTO follow SELECT id, 'service:s' || (id % 80), 0, 0, 1, '' FROM recipient UNION ALL SELECT id, 'service:s' || ((id + 7) % 80), 0, 0, 1, '' FROM recipient`)
	s := openAt(b, path, sqlite.Config{})
	i := subscriptions.Incident{State: subscriptions.Investigating, Round: 1, OpenedAt: now}
	a := subscriptions.Audience{}
	for k := range 80 {
		id := subscriptions.ServiceID(fmt.Sprint("s", k))
		a[subscriptions.ScopeAll] = append(a[subscriptions.ScopeAll], id)
		a[subscriptions.ScopeService(id)] = []subscriptions.ServiceID{id}
		i.Services = append(i.Services, subscriptions.ServiceState{Service: id, Impact: subscriptions.Blocked, Confirmed: true, Failing: true, Round: 1})
	}
	notice := subscriptions.Notice{Round: 1, Kind: subscriptions.Outage, State: subscriptions.Published, Sound: true, Audience: a, PublishedAt: now}
	if _, err := s.Commit(ctx, subscriptions.Change{Incident: &i, Notices: []subscriptions.Notice{notice}, Now: now}); err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkExpand reports recipients a second and the longest page.
func BenchmarkExpand(b *testing.B) {
	now := time.Date(2025, 1, 3, 3, 1, 0, 0, time.UTC)
	for b.Loop() {
		b.StopTimer()
		s := crowd(b, benchCrowd)
		b.StartTimer()
		began := time.Now()
		var longest time.Duration
		rows := 0
		for {
			page := time.Now()
			e, err := s.Expand(b.Context(), 5000, now)
			if err != nil {
				b.Fatal(err)
			}
			longest = max(longest, time.Since(page))
			if rows += e.Added; e.Notice == 0 {
				break
			}
		}
		if rows != benchCrowd {
			b.Fatalf("got %d rows, want %d", rows, benchCrowd)
		}
		b.ReportMetric(float64(rows)/time.Since(began).Seconds(), "rows/s")
		b.ReportMetric(float64(longest.Milliseconds()), "ms/longest-page")
	}
}

// BenchmarkLeaseFinish reports deliveries a second through one lane, 64 at a
// time.
func BenchmarkLeaseFinish(b *testing.B) {
	now := time.Date(2025, 1, 3, 3, 1, 0, 0, time.UTC)
	for b.Loop() {
		b.StopTimer()
		s := crowd(b, benchCrowd)
		for {
			e, err := s.Expand(b.Context(), 5000, now)
			if err != nil {
				b.Fatal(err)
			}
			if e.Notice == 0 {
				break
			}
		}
		t, err := s.Acquire(b.Context(), benchLane, "bench", time.Hour)
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		began := time.Now()
		rows := 0
		for {
			ds, err := s.Lease(b.Context(), t, 64, now)
			if err != nil {
				b.Fatal(err)
			}
			if len(ds) == 0 {
				break
			}
			rs := make([]subscriptions.Result, len(ds))
			for k, d := range ds {
				rs[k] = subscriptions.Result{ID: d.ID, Fence: t.Fence, State: subscriptions.Sent, Message: "12345", Counted: true, At: now}
			}
			if err := s.Finish(b.Context(), rs); err != nil {
				b.Fatal(err)
			}
			rows += len(ds)
		}
		if rows != benchCrowd {
			b.Fatalf("got %d rows, want %d", rows, benchCrowd)
		}
		b.ReportMetric(float64(rows)/time.Since(began).Seconds(), "rows/s")
	}
}
