package probes_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"arifa/notifiers/probes"
	"arifa/subscriptions"
	"arifa/subscriptions/sqlite"
	"arifa/subscriptions/sqlite/sqlitetest"
)

func TestStates(t *testing.T) {
	t.Parallel()
	const y, n = true, false
	for _, c := range []struct {
		name string
		row  []bool
		want string // - nothing, F fires, E ends
	}{
		{"works", []bool{y, y, y}, "---"},
		{"fails twice, then works", []bool{n, n, y, n, n}, "-----"},
		{"fails three times", []bool{n, n, n}, "--F"},
		{"goes on failing", []bool{n, n, n, n, n}, "--FFF"},
		{"works once in between", []bool{n, n, n, y, n}, "--F-F"},
		{"works again", []bool{n, n, n, y, y, y, y}, "--F--E-"},
		{"and fails again", []bool{n, n, n, y, y, y, n, n, n}, "--F--E--F"},
	} {
		if got := probes.Told(c.row...); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

// world is a database that replicas share, and a platform that they ask.
type world struct {
	t       *testing.T
	store   *sqlite.Store // in place of the maps below
	mu      sync.Mutex
	ticks   map[string]bool
	signals map[string]subscriptions.Signal
	said    []string // what the prober stored: "fires", "ends"
	down    error    // of the store
	works   bool
	asked   map[string][]time.Time // by replica
	targets []probes.Target
	online  bool
	log     bytes.Buffer
}

func newWorld(t *testing.T) *world {
	return &world{t: t, ticks: map[string]bool{}, signals: map[string]subscriptions.Signal{}, works: true, online: true, asked: map[string][]time.Time{},
		targets: []probes.Target{{Platform: "portal", Probe: subscriptions.Probe{URL: "https://portal.go.ke", Every: time.Minute, Timeout: 10 * time.Second}}}}
}

func (w *world) locked(do func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	do()
}

func (w *world) Claim(_ context.Context, job string, at time.Time) (mine bool, err error) {
	w.locked(func() {
		key := job + at.String()
		mine, err = !w.ticks[key] && w.down == nil, w.down
		w.ticks[key] = w.ticks[key] || mine
	})
	return mine, err
}

func (w *world) LastTick(context.Context, string) (time.Time, error) { return time.Time{}, nil }

func (w *world) Signals(context.Context, time.Time) (all []subscriptions.Signal, err error) {
	w.locked(func() {
		for _, s := range w.signals {
			all = append(all, s)
		}
		err = w.down
	})
	return all, err
}

func (w *world) Signal(_ context.Context, s subscriptions.Signal, _ time.Time) (changed bool, err error) {
	w.locked(func() {
		if err = w.down; err != nil {
			return
		}
		was := w.signals[s.Key]
		if changed = was.Firing != s.Firing; changed && s.Firing {
			w.said = append(w.said, "fires")
		} else if changed {
			w.said = append(w.said, "ends")
		}
		if !changed {
			s.Since = was.Since
		}
		w.signals[s.Key] = s
	})
	return changed, err
}

// stored is a store as the prober uses it.
type stored struct{ *sqlite.Store }

func (s stored) Signal(ctx context.Context, x subscriptions.Signal, _ time.Time) (bool, error) {
	_, changed, err := s.PutSignal(ctx, x)
	return changed, err
}

// start runs a replica until the returned function stops it.
func (w *world) start(name string) (stop func()) {
	ctx, cancel := context.WithCancel(w.t.Context())
	var ticks subscriptions.Ticks = w
	var signals probes.Signals = w
	if w.store != nil {
		ticks, signals = w.store, stored{w.store}
	}
	p := probes.New(probes.Config{Ticks: ticks, Signals: signals, Now: time.Now,
		Targets: func() (all []probes.Target) { w.locked(func() { all = w.targets }); return all },
		Online:  func() (ok bool) { w.locked(func() { ok = w.online }); return ok },
		Log:     slog.New(slog.NewTextHandler(w, nil))})
	p.Instead(func(context.Context, subscriptions.Probe) (o probes.Outcome) {
		w.locked(func() {
			w.asked[name] = append(w.asked[name], time.Now())
			if !w.works {
				o.Fails = "it answers 503 (Service Unavailable)"
			}
		})
		return o
	})
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
	}
}

func (w *world) Write(line []byte) (n int, err error) {
	w.locked(func() { n, err = w.log.Write(line) })
	return n, err
}

func (w *world) logged() (s string) {
	w.locked(func() { s = w.log.String() })
	return s
}

func (w *world) is(works bool) { w.locked(func() { w.works = works }) }

func (w *world) told() (s string) {
	w.locked(func() { s = strings.Join(w.said, " ") })
	return s
}

func (w *world) count(name string) (n int) {
	w.locked(func() { n = len(w.asked[name]) })
	return n
}

func TestRun_fires_after_three_and_ends_after_three(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.start("a")()
		time.Sleep(10 * time.Minute)
		if n := w.count("a"); n < 7 || n > 10 || w.told() != "" {
			t.Fatalf("asked %d times in ten minutes, told %q", n, w.told())
		}
		w.is(false)
		failed := time.Now()
		time.Sleep(100 * time.Second) // at most a minute and a tenth until the first, then twice 15 s
		var s subscriptions.Signal
		w.locked(func() { s = w.signals["portal https://portal.go.ke"] })
		if w.told() != "fires" || !s.Firing || s.Platform != "portal" || s.Source != "probe" || s.Summary != "https://portal.go.ke: it answers 503 (Service Unavailable)" {
			t.Fatalf("after 100 s: told %q, %+v", w.told(), s)
		}
		if s.Since.Before(failed) || s.Since.After(failed.Add(67*time.Second)) {
			t.Errorf("since %v, failed at %v: want the first failure", s.Since, failed)
		}
		time.Sleep(10 * time.Minute)
		w.is(true)
		time.Sleep(100 * time.Second)
		if w.told() != "fires ends" {
			t.Errorf("told %q", w.told())
		}
	})
}

// Two failures are no trouble.
func TestRun_a_short_break_is_no_trouble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.start("a")()
		time.Sleep(5 * time.Minute)
		for range 20 {
			w.is(false)
			before := w.count("a")
			for w.count("a") < before+2 {
				time.Sleep(time.Second)
			}
			w.is(true)
			time.Sleep(3 * time.Minute)
		}
		if w.told() != "" {
			t.Errorf("told %q", w.told())
		}
	})
}

// Of two replicas one asks; when it is gone the other goes on, with what was found.
func TestRun_one_replica_at_a_time(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		stopA := w.start("a")
		time.Sleep(2 * time.Minute)
		stopB := w.start("b")
		defer stopB()
		w.is(false)
		time.Sleep(30 * time.Minute)
		if n := w.count("b"); n != 0 || w.told() != "fires" {
			t.Fatalf("b asked %d times beside a; told %q", n, w.told())
		}
		stopA()
		a := w.count("a")
		time.Sleep(5 * time.Minute)
		if n := w.count("b"); n == 0 || w.count("a") != a {
			t.Fatalf("after a is gone b asked %d times, a %d more", n, w.count("a")-a)
		}
		w.is(true)
		time.Sleep(5 * time.Minute)
		if w.told() != "fires ends" {
			t.Errorf("told %q: the end of what another replica found", w.told())
		}
	})
}

func TestRun_our_own_network_is_no_trouble_of_theirs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.start("a")()
		w.locked(func() { w.online, w.works = false, false })
		time.Sleep(time.Hour)
		if w.told() != "" || strings.Count(w.logged(), "our own network") != 1 {
			t.Errorf("told %q, logged\n%s", w.told(), w.logged())
		}
		w.locked(func() { w.online = true })
		time.Sleep(5 * time.Minute)
		if w.told() != "fires" {
			t.Errorf("with the network back: told %q", w.told())
		}
	})
}

func TestRun_the_store_goes_away_and_comes_back(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.down = errors.New("connection refused")
		defer w.start("a")()
		w.is(false)
		time.Sleep(time.Hour)
		if n := w.count("a"); n != 0 || strings.Count(w.logged(), "wait for the database") != 1 {
			t.Fatalf("asked %d times, logged\n%s", n, w.logged())
		}
		w.locked(func() { w.down = nil })
		time.Sleep(5 * time.Minute)
		if w.told() != "fires" {
			t.Fatalf("with the store back: told %q", w.told())
		}
		w.locked(func() { w.down, w.works = errors.New("connection refused"), true })
		time.Sleep(5 * time.Minute)
		w.locked(func() { w.down = nil })
		time.Sleep(6 * time.Minute)
		if w.told() != "fires ends" {
			t.Errorf("told %q: what could not be stored is lost", w.told())
		}
	})
}

// What is taken out of the catalogue, or turned off, does not fire for ever.
func TestRun_lets_go_what_is_not_asked_any_more(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		stop := w.start("a")
		w.is(false)
		time.Sleep(5 * time.Minute)
		stop()
		if w.told() != "fires" {
			t.Fatalf("told %q", w.told())
		}
		w.locked(func() { w.targets = nil })
		defer w.start("b")()
		time.Sleep(5 * time.Minute)
		if w.told() != "fires ends" || w.count("b") != 0 {
			t.Errorf("told %q, asked %d times", w.told(), w.count("b"))
		}
		ticks := func() (n int) { w.locked(func() { n = len(w.ticks) }); return n }
		before := ticks()
		time.Sleep(time.Hour)
		if n := ticks(); n != before {
			t.Errorf("%d ticks for nothing", n-before)
		}
	})
}

// A hundred targets are not asked at one moment, nor more than eight at once.
func TestRun_spreads_its_questions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		for i := range 100 {
			w.targets = append(w.targets, probes.Target{Platform: "portal", Probe: subscriptions.Probe{URL: "https://portal.go.ke/" + strings.Repeat("x", i), Every: time.Minute}})
		}
		defer w.start("a")()
		time.Sleep(6 * time.Minute)
		most := map[time.Time]int{}
		w.locked(func() {
			for _, at := range w.asked["a"] {
				most[at]++
			}
		})
		for at, n := range most {
			if n > 8 {
				t.Errorf("%d at %v", n, at)
			}
		}
		if n := w.count("a"); n < 400 || n > 610 {
			t.Errorf("asked %d times in six minutes", n)
		}
	})
}

func TestTargets(t *testing.T) {
	t.Parallel()
	probe := []subscriptions.Probe{{URL: "https://a.go.ke"}, {URL: "https://b.go.ke"}}
	got := probes.Targets(&subscriptions.Nation{Platforms: []subscriptions.Platform{{ID: "a", Probes: probe}, {ID: "none"}, {ID: "old", Probes: probe, Retired: true}}})
	if len(got) != 2 || got[1].Platform != "a" || got[1].URL != "https://b.go.ke" {
		t.Errorf("got %+v", got)
	}
}

// The real store holds what two replicas share: who asks, and what was found.
func TestRun_on_a_real_store(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		st, err := sqlite.Open(t.Context(), sqlitetest.File(t), sqlite.Config{Migrate: true})
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		w := newWorld(t)
		w.store = st
		stopA := w.start("a")
		defer w.start("b")()
		w.is(false)
		time.Sleep(10 * time.Minute)
		fires, err := st.Signals(t.Context(), time.Now())
		if err != nil || len(fires) != 1 || !fires[0].Firing || fires[0].Source != "probe" {
			t.Fatalf("got %+v, %v", fires, err)
		}
		if a, b := w.count("a"), w.count("b"); a > 0 == (b > 0) {
			t.Errorf("a asked %d times, b %d times", a, b)
		}
		stopA()
		w.is(true)
		time.Sleep(10 * time.Minute)
		if fires, err = st.Signals(t.Context(), time.Now()); err != nil || len(fires) != 0 {
			t.Errorf("after the end: got %+v, %v", fires, err)
		}
	})
}
