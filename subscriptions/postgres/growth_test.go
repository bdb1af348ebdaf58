package postgres_test

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/postgres"
	"arifa/subscriptions/postgres/postgrestest"
)

// BenchmarkGrowth measures how the cost of a row of expand, of lease and finish, and of
// the end that follows grows with the audience: tenth by tenth of one wave, and from one
// size to the next. Its history, and how to run it, is growth.txt. ARIFA_GROWTH lists
// the sizes, as in 100000,1000000; 10000000 takes a quarter of an hour and 12 GB below
// the directory for temporary files.
func BenchmarkGrowth(b *testing.B) {
	sizes := cmp.Or(os.Getenv("ARIFA_GROWTH"), "20000")
	for _, text := range strings.Split(sizes, ",") {
		people, err := strconv.Atoi(text)
		if err != nil || people < 1000 {
			b.Fatalf("ARIFA_GROWTH: %q is no number of people, at least 1000", text)
		}
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				grow(b, people)
			}
		})
	}
}

// growth is one wave that is measured.
type growth struct {
	*testing.B
	s      *postgres.Store
	url    string
	people int
	now    time.Time
	tenure subscriptions.Tenure
}

func grow(b *testing.B, people int) {
	// As an operator's server is set up; the smallest default would measure its cache.
	cluster := postgrestest.NewCluster(b, postgrestest.Config{Durable: true, Settings: map[string]string{"shared_buffers": "512MB", "max_wal_size": "4GB"}})
	g := &growth{B: b, url: cluster.Database(b), people: people, now: begun()}
	g.s = migrated(b, g.url)
	g.enter()
	i, start := outage(b, g.s, g.now, "kra-pay-tax")
	g.phase("expand", g.expanding())
	g.tenure = acquire(b, g.s)
	g.phase("finish", g.sending())
	g.bytes("delivery", "bytes/row")
	if people <= endsUpTo {
		g.now = g.now.Add(time.Minute)
		restore(b, g.s, i, start, g.now)
		g.phase("end_expand", g.expanding())
		g.phase("end_finish", g.sending())
	}
	began := time.Now()
	for range 1 + people/200_000 {
		if skipped, err := g.s.Unaccounted(b.Context(), g.now); err != nil || skipped != 0 {
			b.Fatalf("%d people are skipped: %v", skipped, err)
		}
	}
	g.ReportMetric(float64(time.Since(began).Milliseconds())/float64(1+people/200_000), "ms/look")
}

// endsUpTo is for how many an end follows: beyond, it is a second wave of the same cost,
// and half of the disk.
const endsUpTo = 2_000_000

// bytes reports what a table takes for each person, with its indexes.
func (g *growth) bytes(table, unit string) {
	g.ReportMetric(float64(ask[int64](g, g.url, "SELECT pg_total_relation_size('"+table+"')"))/float64(g.people), unit)
}

// enter makes the followers, a million in one statement at most.
func (g *growth) enter() {
	const most = 1_000_000
	mustRun(g, g.url, `INSERT INTO lane (id, owner, fence, paused_why) VALUES ('telegram:1', '', 0, '')`)
	for from := 0; from < g.people; from += most {
		to := min(from+most, g.people)
		mustRun(g, g.url, fmt.Sprintf(`WITH r AS (INSERT INTO recipient (lane, address, kind, language, languages, title, silent, talk, created_at)
			SELECT 'telegram:1', g::text, 'person', 'en', '', '', false, '{}', '2025-01-01' FROM generate_series(%d, %d) g RETURNING id)
			INSERT INTO follow (recipient_id, scope, incident_id, since, consent) SELECT id, 'service:kra-pay-tax', 0, '2025-01-01', '' FROM r`, from+1, to))
		g.say("entered", to)
	}
	mustRun(g, g.url, "ANALYZE")
	g.bytes("recipient", "bytes/person")
	g.bytes("follow", "bytes/follow")
}

// say shows that it goes on, on the terminal.
func (g *growth) say(what string, n int) {
	fmt.Fprintf(os.Stderr, "%s  %-10s %d of %d\n", time.Now().Format(time.TimeOnly), what, n, g.people)
}

// expanding writes the rows of one page.
func (g *growth) expanding() func() (rows int, over bool) {
	return func() (int, bool) {
		e, err := g.s.Expand(g.Context(), 2000, g.now)
		if err != nil {
			g.Fatal(err)
		}
		return e.Added, e.Notice == 0
	}
}

// sending leases and records one batch.
func (g *growth) sending() func() (rows int, over bool) {
	return func() (int, bool) {
		ds, err := g.s.Lease(g.Context(), g.tenure, 512, g.now)
		if err == nil && len(ds) > 0 {
			err = g.s.Finish(g.Context(), sentAll(ds, g.tenure.Fence, g.now))
		}
		if err != nil {
			g.Fatal(err)
		}
		return len(ds), len(ds) == 0
	}
}

// phase does all of one thing, and reports its pace and what a row of the last tenth
// costs in rows of the first.
func (g *growth) phase(name string, page func() (rows int, over bool)) {
	began, tenths := time.Now(), []time.Time{time.Now()}
	rows := 0
	for {
		n, over := page()
		rows += n
		for rows*10 >= len(tenths)*g.people && len(tenths) <= 10 {
			tenths = append(tenths, time.Now())
			g.say(name, rows)
		}
		if over {
			break
		}
	}
	if rows != g.people {
		g.Fatalf("%s: %d rows, want %d", name, rows, g.people)
	}
	var took []float64
	for k := range len(tenths) - 1 {
		took = append(took, tenths[k+1].Sub(tenths[k]).Seconds())
	}
	g.ReportMetric(float64(rows)/time.Since(began).Seconds(), name+"_rows/s")
	g.ReportMetric(took[len(took)-1]/took[0], name+"_last/first")
	slices.Sort(took)
	g.ReportMetric(took[len(took)-1]/took[len(took)/2], name+"_worst/median")
}
