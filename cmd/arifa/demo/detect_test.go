package demo_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"arifa/cmd/arifa/demo"
	"arifa/subscriptions"
)

// look is how often the program looks (cmd/arifa: the job "watch").
const look = 15 * time.Second

// watcher looks at marks as the program does.
type watcher struct {
	nation     *subscriptions.Nation
	rollup     *subscriptions.Rollup
	usual      *subscriptions.Usual
	incidents  []subscriptions.Incident
	thresholds subscriptions.Thresholds
}

func (w watcher) at(now time.Time, marks []subscriptions.Mark) subscriptions.Detection {
	from, _ := slices.BinarySearchFunc(marks, now.Add(-subscriptions.DetectBack), func(m subscriptions.Mark, t time.Time) int { return m.At.Compare(t) })
	to, _ := slices.BinarySearchFunc(marks, now, func(m subscriptions.Mark, t time.Time) int { return m.At.Compare(t) })
	return subscriptions.Detect(subscriptions.Evidence{Nation: w.nation, Rollup: w.rollup, Usual: w.usual, Incidents: w.incidents, Marks: marks[from:to], Now: now, Thresholds: w.thresholds})
}

// first finds when something is suspected first, looking from begin on.
func (w watcher) first(begin, end time.Time, marks []subscriptions.Mark) (time.Time, []subscriptions.Suspicion) {
	for now := begin; now.Before(end); now = now.Add(look) {
		if d := w.at(now, marks); len(d.Suspected) > 0 {
			return now, d.Suspected
		}
	}
	return time.Time{}, nil
}

// trouble is what of an incident of the record citizens feel, and since when.
func trouble(i demo.Incident) (since time.Time, planned bool) {
	for _, s := range i.Replay {
		switch {
		case s.Act == demo.ActNothing && len(s.Platforms)+len(s.Services) > 0:
			return s.At.UTC(), false
		case s.Act == demo.ActOpen && s.Kind == subscriptions.Maintenance:
			return s.At.UTC(), true
		case s.Act == demo.ActOpen:
			return s.At.UTC(), false
		}
	}
	return time.Time{}, false
}

// felt weighs the services that an incident breaks: by how many use them, how badly
// they fail, and three times for those that the reports of the time name.
func felt(g *grumblers, i demo.Incident, platforms []subscriptions.PlatformID) map[subscriptions.ServiceID]float64 {
	broken := map[subscriptions.PlatformID]subscriptions.Impact{}
	for _, p := range platforms {
		broken[p] = subscriptions.Blocked
	}
	out := map[subscriptions.ServiceID]float64{}
	for _, r := range g.nation.Reach(broken, nil) {
		w := g.popular[r.Service]
		if r.Impact == subscriptions.Degraded {
			w *= 0.35
		}
		if !r.Confirmed {
			w *= 0.5
		}
		if slices.Contains(i.Services, r.Service) {
			w *= 3
		}
		out[r.Service] = w
	}
	return out
}

// merged brings quiet and loud marks into one order.
func merged(lists ...[]subscriptions.Mark) []subscriptions.Mark {
	out := slices.Concat(lists...)
	slices.SortStableFunc(out, func(a, b subscriptions.Mark) int { return a.At.Compare(b.At) })
	return out
}

// tenth is when the tenth person or group reported.
func tenth(marks []subscriptions.Mark) time.Time {
	n := 0
	for _, m := range marks {
		if m.Kind == subscriptions.MarkReport {
			if n++; n == 10 {
				return m.At
			}
		}
	}
	return time.Time{}
}

// Every incident of the record is noticed within a minute of the tenth report, and
// whoever can speak for it is asked; planned work that was announced wakes nobody.
func TestDetectionOfTheRecord(t *testing.T) {
	t.Parallel()
	n := kenya(t)
	all, err := demo.Incidents(n)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 15 {
		t.Fatalf("the record has %d incidents, want 15", len(all))
	}
	usual, unplanned := quietCountry(t).usual, 0
	for k, i := range all {
		since, planned := trouble(i)
		platforms := i.Platforms
		if i.ID == "ke-2025-10-22-ecitizen-kra-30h" {
			platforms = platforms[:1] // KRA's own was added a day later
		}
		if i.ID == "ke-2023-07-23-ecitizen-ddos" {
			platforms = platforms[:2]
		}
		if !planned && len(platforms) > 0 {
			unplanned++
		}
		t.Run(i.ID, func(t *testing.T) {
			t.Parallel()
			g := newGrumblers(n, uint64(100+k), quietReports, quietAsks)
			// The same hour of the week in the country whose usual level is known.
			begin := sameHour(since)
			w := watcher{nation: n, rollup: subscriptions.NewRollup(n), usual: usual}
			if planned {
				w.incidents = []subscriptions.Incident{announced(n, i, begin)}
			}
			day := begin.Truncate(24 * time.Hour).Add(-3 * time.Hour)
			loud := g.outage(begin, 25*time.Minute, 8, felt(g, i, platforms))
			marks := merged(g.day(day), g.day(day.AddDate(0, 0, 1)), loud)
			at, found := w.first(begin, begin.Add(25*time.Minute), marks)
			if planned || len(platforms) == 0 {
				if len(found) > 0 {
					t.Fatalf("announced work, or nothing of the catalogue, raised %+v", found)
				}
				return
			}
			delay := at.Sub(tenth(loud))
			if at.IsZero() || delay > time.Minute {
				t.Fatalf("noticed %v after the tenth report (%+v), want within a minute", delay, found)
			}
			s := found[0]
			for _, more := range []time.Duration{2 * time.Minute, 10 * time.Minute} { // as more complain it becomes clear whose it is
				if later := w.at(at.Add(more), marks); len(later.Suspected) > 0 {
					s = later.Suspected[0]
				}
			}
			if !speaksFor(n, s, platforms) {
				t.Errorf("asked %s about %q %v, want an operator of %v", s.Agency, s.Platform, s.Services, platforms)
			}
			t.Logf("%v after the tenth report: %s asked about %q, %d reports, %s", delay.Round(time.Second), s.Agency, s.Platform, s.Reports, s.Reason)
		})
	}
	if unplanned != 11 {
		t.Errorf("%d incidents of the record are noticed, want eleven: three were announced, and one is of nothing in the catalogue", unplanned)
	}
}

// sameHour moves a time into the week of 6 January 2025.
func sameHour(t time.Time) time.Time {
	week := time.Date(2025, 1, 6, 0, 0, 0, 0, time.UTC)
	return week.AddDate(0, 0, (int(t.Weekday())+6)%7).Add(t.Sub(t.Truncate(24 * time.Hour)))
}

// announced is planned work that was told before it began.
func announced(n *subscriptions.Nation, i demo.Incident, begin time.Time) subscriptions.Incident {
	out := subscriptions.Incident{ID: 1, Maintenance: true, State: subscriptions.Scheduled, Round: 1, FirstNotice: 1, StartsAt: begin, EndsAt: begin.Add(24 * time.Hour), Since: begin}
	for _, p := range i.Platforms {
		out.Claims = append(out.Claims, subscriptions.Claim{Platform: p, Impact: subscriptions.Blocked, Round: 1})
	}
	out.Services = out.Derive(n)
	return out
}

func speaksFor(n *subscriptions.Nation, s subscriptions.Suspicion, platforms []subscriptions.PlatformID) bool {
	return slices.ContainsFunc(platforms, func(id subscriptions.PlatformID) bool {
		p, _ := n.Platform(id)
		if p.Operator == s.Agency {
			return true
		}
		// A body whose own services fail with it speaks for them and names it as suspected.
		return s.Platform == "" && len(s.Services) > 0
	})
}

// What a quiet country reports and asks in a day.
const (
	quietReports = 80
	quietAsks    = 1400
)

// country is one that nothing happens to, for so many days after ten weeks in which
// nothing happened either.
type country struct {
	marks []subscriptions.Mark // of the days
	usual *subscriptions.Usual // it looks back only
}

func makeCountry(g *grumblers, begin time.Time, days int) country {
	const weeks = 10
	of := map[subscriptions.ServiceID]map[time.Time]*subscriptions.HourCount{}
	for d := range 7 * weeks {
		hoursOf(g.day(begin.AddDate(0, 0, d-7*weeks)), of)
	}
	var c country
	for d := range days {
		c.marks = append(c.marks, g.day(begin.AddDate(0, 0, d))...)
	}
	hoursOf(c.marks, of)
	c.usual = subscriptions.NewUsual(flat(of))
	return c
}

var quiet sync.Once
var quietWorld country

func quietCountry(t *testing.T) country {
	n := kenya(t)
	quiet.Do(func() {
		quietWorld = makeCountry(newGrumblers(n, 2, quietReports, quietAsks), time.Date(2025, 1, 2, 21, 0, 0, 0, time.UTC), 60)
	})
	return quietWorld
}

// falseAlarms lists how a quiet country wakes officers: suspicions within two hours
// are one.
func falseAlarms(w watcher, c country) (out []string) {
	w.usual = c.usual
	var last time.Time
	for _, m := range c.marks {
		if m.Kind != subscriptions.MarkReport {
			continue // nothing begins with a question
		}
		d := w.at(m.At.Add(look), c.marks)
		if len(d.Suspected) == 0 {
			continue
		}
		if m.At.Sub(last) > 2*time.Hour {
			s := d.Suspected[0]
			out = append(out, fmt.Sprintf("%s %s %v: %s, %d reports, %d asks", m.At.Format(time.DateTime), s.Platform, s.Services, s.Reason, s.Reports, s.Asks))
		}
		last = m.At
	}
	return out
}

// Sixty quiet days wake nobody, or one officer once in thirty days.
func TestQuietDays(t *testing.T) {
	t.Parallel()
	n := kenya(t)
	got := falseAlarms(watcher{nation: n, rollup: subscriptions.NewRollup(n)}, quietCountry(t))
	if len(got) > 2 {
		t.Errorf("%d false wake-ups in 60 quiet days, want at most two:\n%s", len(got), strings.Join(got, "\n"))
	}
	t.Logf("%d false wake-ups in 60 quiet days %q", len(got), got)
}
