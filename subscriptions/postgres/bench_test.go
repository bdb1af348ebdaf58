package postgres_test

import (
	"strconv"
	"testing"
	"time"

	"arifa/subscriptions/postgres"
)

// crowd makes n followers in one statement.
func crowd(b *testing.B, n int) (*postgres.Store, string) {
	b.Helper()
	s, url := setup(b)
	mustRun(b, url, `INSERT INTO lane (id, owner, fence, paused_why) VALUES ('telegram:1', '', 0, '')`)
	mustRun(b, url, `INSERT INTO recipient (lane, address, kind, language, languages, title, silent, talk, created_at)
		SELECT 'telegram:1', g::text, 'person', 'en', '', '', false, '{}', '2025-01-01' FROM generate_series(1, `+strconv.Itoa(n)+`) g`)
	mustRun(b, url, `INSERT INTO follow (recipient_id, scope, incident_id, since, consent) SELECT id, 'service:kra-pay-tax', 0, '2025-01-01', '' FROM recipient`)
	return s, url
}

func BenchmarkExpand(b *testing.B) {
	s, _ := crowd(b, b.N)
	now := begun()
	outage(b, s, now, "kra-pay-tax")
	b.ResetTimer()
	expand(b, s, 1000, now)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkLeaseFinish(b *testing.B) {
	s, _ := crowd(b, b.N)
	now := begun()
	outage(b, s, now, "kra-pay-tax")
	expand(b, s, 1000, now)
	tenure := acquire(b, s)
	b.ResetTimer()
	left := b.N
	for left > 0 {
		ds, err := s.Lease(b.Context(), tenure, 100, now)
		if err != nil || len(ds) == 0 {
			b.Fatalf("lease: %d, %v", len(ds), err)
		}
		if err := s.Finish(b.Context(), sentAll(ds, tenure.Fence, now)); err != nil {
			b.Fatal(err)
		}
		left -= len(ds)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// Lease must not read the rows of a notice that was overtaken, however many.
func BenchmarkLeasePastOvertaken(b *testing.B) {
	s, _ := crowd(b, 20000)
	now := begun()
	i, n := outage(b, s, now, "kra-pay-tax")
	expand(b, s, 1000, now)
	tenure := acquire(b, s)
	ds, err := s.Lease(b.Context(), tenure, 8, now)
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Finish(b.Context(), sentAll(ds, tenure.Fence, now)); err != nil {
		b.Fatal(err)
	}
	restore(b, s, i, n, now.Add(time.Minute))
	expand(b, s, 1000, now.Add(time.Minute))
	b.ResetTimer()
	for range b.N {
		ds, err := s.Lease(b.Context(), tenure, 8, now.Add(time.Minute))
		if err != nil {
			b.Fatal(err)
		}
		for _, d := range ds {
			if d.Notice == n.ID {
				b.Fatal("a row of the overtaken notice was handed out")
			}
		}
	}
}
