package hooks_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"arifa/bot/web"
	"arifa/notifiers/hooks"
	"arifa/subscriptions"
	"arifa/subscriptions/sqlite"
	"arifa/subscriptions/sqlite/sqlitetest"
)

const (
	promSecret = "0123456789abcdef-prometheus"
	kumaSecret = "0123456789abcdef-uptime-kuma"
	pageSecret = "0123456789abcdef-statuspage"
	jsonSecret = "0123456789abcdef-plain-json"
)

func sources() []hooks.Source {
	return []hooks.Source{
		{Name: "prometheus", Kind: hooks.Alertmanager, Secret: promSecret, Rules: []hooks.Rule{
			{Match: map[string]string{"alertname": "Watchdog"}, Ignore: true},
			{Match: map[string]string{"service": "ecitizen-pay*", "severity": "critical"}, Platform: "ecitizen-payments"},
			{Match: map[string]string{"service": "mpesa"}, Platform: "mpesa"}}},
		{Name: "kuma", Kind: hooks.UptimeKuma, Secret: kumaSecret, Rules: []hooks.Rule{
			{Match: map[string]string{"tag": "platform:ecitizen-platform"}, Platform: "ecitizen-platform"},
			{Match: map[string]string{"monitor": "ecitizen*"}, Platform: "ecitizen-platform"}}},
		{Name: "mpesa-page", Kind: hooks.Statuspage, Secret: pageSecret, Rules: []hooks.Rule{
			{Match: map[string]string{"component": "M-PESA *"}, Platform: "mpesa"},
			{Match: map[string]string{"incident": "payments*", "component": ""}, Platform: "mpesa"},
			{Match: map[string]string{"page": "*"}, Ignore: true}}},
		{Name: "own", Kind: hooks.JSON, Secret: jsonSecret, Rules: []hooks.Rule{
			{Match: map[string]string{"check": "payments"}, Platform: "ecitizen-payments"}}},
	}
}

// ledger keeps signals: in a real store, or by the store's own rule in memory, where
// the store is not what is tested.
type ledger struct {
	store  subscriptions.Complaints
	mu     sync.Mutex
	all    map[[2]string]subscriptions.Signal
	writes int
	down   func(write int) error // nil = it works
}

func (l *ledger) Signal(ctx context.Context, s subscriptions.Signal, now time.Time) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writes++
	if l.down != nil {
		if err := l.down(l.writes); err != nil {
			return false, err
		}
	}
	s.At = now
	if l.store != nil {
		_, changed, err := l.store.PutSignal(ctx, s)
		return changed, err
	}
	id := [2]string{s.Source, s.Key}
	next, changed := l.all[id].Said(s)
	if changed || next.Count > 0 {
		next.ID = 1
		l.all[id] = next
	}
	return changed, nil
}

func (l *ledger) Signals(ctx context.Context, since time.Time) ([]subscriptions.Signal, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down != nil {
		if err := l.down(0); err != nil {
			return nil, err
		}
	}
	if l.store != nil {
		return l.store.Signals(ctx, since)
	}
	var out []subscriptions.Signal
	for _, s := range l.all {
		if s.Firing || s.EndedAt.After(since) {
			out = append(out, s)
		}
	}
	return out, nil
}

// everything lists all signals.
func (l *ledger) everything() []subscriptions.Signal {
	all, err := l.Signals(context.Background(), time.Time{})
	if err != nil {
		panic(err)
	}
	return all
}

// state is "source key platform firing" of everything, sorted.
func (l *ledger) state() []string {
	var out []string
	for _, s := range l.everything() {
		state := "ended"
		if s.Firing {
			state = "fires"
		}
		out = append(out, strings.Join([]string{s.Source, s.Key, string(s.Platform), state}, " "))
	}
	slices.Sort(out)
	return out
}

func (l *ledger) get(source, key string) subscriptions.Signal {
	for _, s := range l.everything() {
		if s.Source == source && s.Key == key {
			return s
		}
	}
	return subscriptions.Signal{}
}

// buffer takes log lines of many goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// bench is a running server with hooks on it.
type bench struct {
	t      testing.TB
	url    string
	hooks  *hooks.Hooks
	ledger *ledger
	log    *buffer

	mu  sync.Mutex
	now time.Time
}

func (b *bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bench) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

// onSQLite is a bench whose signals are in a real store.
func onSQLite(t testing.TB) *bench {
	t.Helper()
	st, err := sqlite.Open(t.Context(), sqlitetest.File(t), sqlite.Config{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	b := setup(t)
	b.ledger.store = st
	return b
}

func setup(t testing.TB) *bench {
	t.Helper()
	b := &bench{t: t, ledger: &ledger{all: map[[2]string]subscriptions.Signal{}}, log: &buffer{}, now: time.Date(2025, 1, 3, 20, 0, 0, 0, time.UTC)}
	log := slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h, err := hooks.New(hooks.Config{Sources: sources(), Signals: b.ledger, Web: web.New(web.Config{Log: log, Now: b.clock}), Log: log, Now: b.clock})
	if err != nil {
		t.Fatal(err)
	}
	b.hooks = h
	mux := http.NewServeMux()
	mux.Handle(hooks.Path, h.Handler())
	srv := httptest.NewServer(mux)
	b.url = srv.URL
	t.Cleanup(func() { // whatever was sent, no secret and no address is in the log
		srv.Close()
		for _, secret := range []string{promSecret, kumaSecret, pageSecret, jsonSecret, "guessed-secret", "/hooks/prometheus", "127.0.0.1"} {
			if strings.Contains(b.log.String(), secret) {
				t.Errorf("the log tells %q:\n%s", secret, b.log)
			}
		}
	})
	return b
}

// answer is what a sender reads.
type answer struct {
	status int
	header http.Header
	text   string
	tally  hooks.Tally
}

func (b *bench) do(r *http.Request) answer {
	b.t.Helper()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	a := answer{status: resp.StatusCode, header: resp.Header, text: string(raw)}
	_ = json.Unmarshal(raw, &a.tally)
	return a
}

// post sends a body as the source with its secret.
func (b *bench) post(path string, body []byte) answer {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodPost, b.url+"/hooks/"+path, bytes.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	return b.do(r)
}

// send posts a file of testdata to the source whose name begins it.
func (b *bench) send(file string) answer {
	b.t.Helper()
	path := map[string]string{"alertmanager": "prometheus/" + promSecret, "kuma": "kuma/" + kumaSecret, "statuspage": "mpesa-page/" + pageSecret, "json": "own/" + jsonSecret}
	kind, _, _ := strings.Cut(file, "-")
	return b.post(path[kind], payload(b.t, file))
}

func payload(t testing.TB, file string) []byte {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + file + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
