package demo_test

import (
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"arifa/cmd/arifa/demo"
	"arifa/subscriptions"
)

var (
	curve   = flag.Bool("curve", false, "print how detection and false wake-ups change with the thresholds; 8 CPU minutes")
	picture = flag.String("picture", "", "with -curve: write the picture of README there")
)

// point is what some thresholds did in the incidents of the record and on quiet days.
type point struct {
	subscriptions.Thresholds
	delays      []time.Duration // after the tenth report, shortest first
	missed      int
	quiet, busy float64 // false wake-ups in 30 days, in a country of few reports and of four times as many
}

func (p point) median() time.Duration { return p.delays[len(p.delays)/2] }
func (p point) worst() time.Duration  { return p.delays[len(p.delays)-1] }

func (p point) row() string {
	return fmt.Sprintf("| %.1f / %.1f / %.0f | %.0f s | %.0f s | %d | %.2f | %.2f |", p.Many, p.Few, p.FewAsks, p.median().Seconds(), p.worst().Seconds(), p.missed, p.quiet, p.busy)
}

// world is what is replayed: the incidents in a quiet country, and quiet days.
type world struct {
	nation      *subscriptions.Nation
	rollup      *subscriptions.Rollup
	record      []demo.Incident
	quiet, busy []country
}

func newWorld(t *testing.T, seeds uint64) *world {
	t.Helper()
	w := &world{nation: kenya(t)}
	var err error
	if w.record, err = demo.Incidents(w.nation); err != nil {
		t.Fatal(err)
	}
	w.rollup = subscriptions.NewRollup(w.nation)
	begin := time.Date(2025, 1, 2, 21, 0, 0, 0, time.UTC)
	for seed := range seeds {
		w.quiet = append(w.quiet, makeCountry(newGrumblers(w.nation, 60+seed, quietReports, quietAsks), begin, 60))
		w.busy = append(w.busy, makeCountry(newGrumblers(w.nation, 60+seed, 4*quietReports, 4*quietAsks), begin, 60))
	}
	return w
}

// measure replays everything with these thresholds.
func (w *world) measure(th subscriptions.Thresholds) point {
	p := point{Thresholds: th}
	for seed := range uint64(4) {
		g := newGrumblers(w.nation, 40+seed, quietReports, quietAsks)
		for _, i := range w.record {
			since, planned := trouble(i)
			if planned || len(i.Platforms) == 0 {
				continue
			}
			at := sameHour(since)
			loud := g.outage(at, 25*time.Minute, 8, felt(g, i, i.Platforms[:1]))
			day := at.Truncate(24 * time.Hour).Add(-3 * time.Hour)
			marks := merged(g.day(day), g.day(day.AddDate(0, 0, 1)), loud)
			seen, _ := watcher{w.nation, w.rollup, w.quiet[0].usual, nil, th}.first(at, at.Add(25*time.Minute), marks)
			if seen.IsZero() {
				p.missed++
				continue
			}
			p.delays = append(p.delays, seen.Sub(tenth(loud)))
		}
	}
	slices.Sort(p.delays)
	wakes := func(all []country) (n float64) {
		for _, c := range all {
			n += float64(len(falseAlarms(watcher{w.nation, w.rollup, nil, nil, th}, c))) / float64(2*len(all))
		}
		return n
	}
	p.quiet, p.busy = wakes(w.quiet), wakes(w.busy)
	return p
}

// TestDetectionCurve prints the table of README: go test ./cmd/arifa/demo
// -run TestDetectionCurve -curve -picture ../../../.github/detection.svg -timeout 1h -v
func TestDetectionCurve(t *testing.T) {
	if !*curve {
		t.Skip("prints a table; -curve runs it")
	}
	w := newWorld(t, 3)
	var all sync.WaitGroup
	scales := []float64{0.5, 0.75, 1, 1.5, 2, 3}
	points := make([]point, len(scales))
	for k, scale := range scales {
		th := subscriptions.DefaultThresholds()
		th.Many, th.Few, th.FewAsks = th.Many*scale, th.Few*scale, th.FewAsks*scale
		all.Go(func() { points[k] = w.measure(th) })
	}
	all.Wait()
	for _, p := range points {
		fmt.Println(p.row())
		if p.Thresholds == subscriptions.DefaultThresholds() && (p.missed > 0 || p.worst() > time.Minute || p.quiet > 1) {
			t.Errorf("the default does not hold what is promised: %s", p.row())
		}
	}
	if *picture != "" {
		if err := os.WriteFile(*picture, []byte(drawn(points)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// drawn is the curve: how late against how often in vain.
func drawn(points []point) string {
	const wide, high, left, low, top = 720, 280, 70, 230, 40
	x := func(d time.Duration) float64 { return left + (d.Seconds()+90)*(wide-left-30)/250 }
	y := func(f float64) float64 { return low - (low-top)*math.Log10(1+f)/math.Log10(16) }
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="Helvetica, Arial, sans-serif" font-size="12" fill="#1b2733">
<rect width="100%%" height="100%%" fill="#ffffff"/>
<text x="%d" y="22" font-size="15" font-weight="bold">False wake-ups in 30 quiet days; seconds after the tenth report</text>
`, wide, high, wide, high, left)
	for _, f := range []float64{0, 1, 3, 7, 15} {
		fmt.Fprintf(&b, `<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#e3e7eb"/><text x="%d" y="%.1f" text-anchor="end">%.0f</text>`+"\n", left, wide-20, y(f), y(f), left-8, y(f)+4, f)
	}
	for s := -60; s <= 120; s += 60 {
		at := x(time.Duration(s) * time.Second)
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle">%d s</text>`+"\n", at, low+22, s)
	}
	fmt.Fprintf(&b, `<rect x="%d" y="%.1f" width="%.1f" height="%.1f" fill="#2f6f9f" opacity="0.12"/><text x="%d" y="%d">dot: median, line: to the worst; number: reports enough alone; red: the default; shaded: what is promised</text>`+"\n",
		left, y(1), x(time.Minute)-left, low-y(1), left, high-10)
	for _, p := range points {
		fmt.Fprintf(&b, `<line x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f" stroke="#2f6f9f" stroke-width="2"/><circle cx="%.1f" cy="%.1f" r="4" fill="%s"/><text x="%.1f" y="%.1f" text-anchor="middle">%.1f</text>`+"\n",
			x(p.median()), x(p.worst()), y(p.quiet), y(p.quiet), x(p.median()), y(p.quiet), colour(p), x(p.median()), y(p.quiet)-8, p.Many)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func colour(p point) string {
	if p.Thresholds == subscriptions.DefaultThresholds() {
		return "#b3261e"
	}
	return "#2f6f9f"
}
