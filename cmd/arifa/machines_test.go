package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/notifiers/hooks"
	"arifa/subscriptions"
	"arifa/subscriptions/catalogue"
)

const hookSecret = "0123456789abcdef-of-prometheus"

// hookConfig is a configuration file with one hook.
func hookConfig(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "arifa.yaml")
	body := fmt.Sprintf("hooks:\n  - name: prometheus\n    kind: alertmanager\n    secret: %s\n    rules:\n      - {match: {service: mpesa}, platform: mpesa}\n", hookSecret)
	if err := os.WriteFile(name, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func alerts(status string) string {
	return `{"version":"4","alerts":[{"status":"` + status + `","labels":{"alertname":"Down","service":"mpesa"},"annotations":{"summary":"Lipa kwa paybill 400200"},"startsAt":"2025-01-03T03:02:10Z","endsAt":"2025-01-03T05:00:00Z","fingerprint":"c6eadffa33fcdf37"},
		{"status":"` + status + `","labels":{"alertname":"Disk","service":"tape"},"startsAt":"2025-01-03T03:02:10Z","fingerprint":"2"}]}`
}

// Monitors call the running program: what they say is durable when they are
// answered, and survives the program.
func TestServeHooks(t *testing.T) {
	t.Parallel()
	srv := newNetwork(t)
	database, config := filepath.Join(t.TempDir(), "arifa.db"), hookConfig(t)
	p := serveProgram(t, srv, database, "--config", config)
	post := func(secret, body string) (int, string) {
		t.Helper()
		r, err := http.Post("http://"+p.address("listen")+"/hooks/prometheus/"+secret, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		b, _ := io.ReadAll(r.Body)
		return r.StatusCode, string(b)
	}
	if code, said := post("guessed-secret", alerts("firing")); code != 404 {
		t.Errorf("a guessed secret: got %d %s", code, said)
	}
	if code, said := post(hookSecret, alerts("firing")); code != 200 || !strings.Contains(said, `"stored":1`) || !strings.Contains(said, "alert Disk") {
		t.Errorf("firing: got %d %s", code, said)
	}
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait()
	stored := signalsOf(t, database)
	if len(stored) != 1 || !stored[0].Firing || stored[0].Platform != "mpesa" || stored[0].Source != "alertmanager:prometheus" || stored[0].Summary != "Lipa kwa paybill 400200" {
		t.Errorf("after a SIGKILL: got %+v", stored)
	}
	p = serveProgram(t, srv, database, "--config", config)
	if code, said := post(hookSecret, alerts("firing")); code != 200 || !strings.Contains(said, `"repeated":1`) {
		t.Errorf("sent again: got %d %s", code, said)
	}
	if code, said := post(hookSecret, alerts("resolved")); code != 200 || !strings.Contains(said, `"stored":1`) {
		t.Errorf("resolved: got %d %s", code, said)
	}
	if code, body := p.get("/metrics"); code != 200 || !strings.Contains(body, `arifa_hook_signals_total{hook="prometheus",outcome="stored"} 1`) {
		t.Errorf("/metrics: got %d without the hook's figures", code)
	}
	if err := p.stop(); err != nil {
		t.Error(err)
	}
	if stored := signalsOf(t, database); len(stored) != 1 || stored[0].Firing {
		t.Errorf("after the end: got %+v", stored)
	}
	for _, secret := range []string{hookSecret, "guessed-secret", "/hooks/prometheus"} {
		if strings.Contains(p.log.String(), secret) {
			t.Errorf("the log tells %q:\n%s", secret, p.log.String())
		}
	}
}

func signalsOf(t *testing.T, database string) []subscriptions.Signal {
	t.Helper()
	st, err := open(t.Context(), database, existing, discard())
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	all, err := st.Signals(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A platform that the catalogue does not have is not found, so that the answer to a
// hook names it and goes on.
func TestLeadsOfNoPlatform(t *testing.T) {
	t.Parallel()
	a := &app{world: world{Now: time.Now}, settings: &settings{}, ctx: t.Context(), log: discard(), now: utc(time.Now)}
	st, err := open(t.Context(), filepath.Join(t.TempDir(), "arifa.db"), migrated, discard())
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	o, err := a.deskOn(st)
	if err != nil {
		t.Fatal(err)
	}
	l := leads{o.desk, st}
	for id, want := range map[subscriptions.PlatformID]error{"nobody": subscriptions.ErrNotFound, "mpesa": nil} {
		if _, err := l.Signal(t.Context(), subscriptions.Signal{Source: "probe", Key: "k", Platform: id, Firing: true}, a.now()); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", id, err, want)
		}
	}
}

// Doctor asks every probe once and says what to do.
func TestDoctorProbes(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/down" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer site.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "catalogue.yaml")
	code, yaml, errs := cmd(t, "", "catalogue", "export", "--built-in")
	if code != exitDone {
		t.Fatal(errs)
	}
	yaml = strings.Replace(yaml, `probe: [{url: "https://itax.kra.go.ke"}]`, fmt.Sprintf("probe: [{url: %q, external: true}, {url: %q, external: true}, {url: \"https://10.1.2.3\", external: true}]", site.URL+"/fine", site.URL+"/down"), 1)
	for _, other := range []string{"https://accounts.ecitizen.go.ke", "https://serviceportal.ntsa.go.ke", "https://efiling.court.go.ke", "https://portal.hef.co.ke"} {
		yaml = strings.Replace(yaml, fmt.Sprintf("    probe: [{url: %q}]\n", other), "", 1)
	}
	if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	base := []string{"--database", filepath.Join(dir, "arifa.db"), "--catalogue", file}
	if code, _, errs := cmd(t, "", append([]string{"migrate"}, base...)...); code != exitDone {
		t.Fatal(errs)
	}
	_, out, _ := cmd(t, "", append([]string{"doctor", "--probes", "on", "--probe-networks", "127.0.0.0/8", "--json"}, base...)...)
	var findings []finding
	if err := json.Unmarshal([]byte(out), &findings); err != nil {
		t.Fatal(err)
	}
	said := fmt.Sprint(findings)
	for _, want := range []string{site.URL + "/fine answers as it should", site.URL + "/down: it answers 503 (Service Unavailable)",
		"{probes fault kra-itax: https://10.1.2.3: its name leads to a private address"} {
		if !strings.Contains(said, want) {
			t.Errorf("doctor does not say %q: %s", want, said)
		}
	}
}

// What net/http says of its clients reaches the log without their addresses.
func TestServerLogNamesNobody(t *testing.T) {
	t.Parallel()
	var out safeBuffer
	l := serverLog(slog.New(slog.NewTextHandler(&out, nil)))
	l.Printf("http: panic serving 203.0.113.9:51234: nil map")
	l.Printf("http: TLS handshake error from [2001:db8::9]:51234: EOF")
	l.Printf("http: TLS handshake error from [fe80::1%%eth0]:51234: EOF")
	if s := out.String(); strings.Contains(s, "203.0.113.9") || strings.Contains(s, "2001:db8") || strings.Contains(s, "fe80") || strings.Count(s, "a client") != 3 || !strings.Contains(s, "nil map") {
		t.Errorf("logged %s", s)
	}
}

// The README's example is a file that the program reads, for the catalogue inside,
// and its call is one that the hook understands.
func TestReadmeHooks(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(b)
	_, rest, _ := strings.Cut(readme, "```yaml\nhooks:")
	example, _, ok := strings.Cut("hooks:"+rest, "```")
	if !ok {
		t.Fatal("the README shows no hooks")
	}
	for i := 0; strings.Contains(example, "secret-file: /etc/arifa/"); i++ {
		at := strings.Index(example, "secret-file: /etc/arifa/")
		end := at + strings.IndexAny(example[at+len("secret-file: "):], " \n") + len("secret-file: ")
		example = example[:at] + fmt.Sprintf("secret: 0123456789abcdef01234567-%d", i) + example[end:]
	}
	var s settings
	if _, err := s.readFile(strings.NewReader(example)); err != nil {
		t.Fatal(err)
	}
	kenya, err := catalogue.Kenya()
	if err != nil {
		t.Fatal(err)
	}
	if faults := append(s.machines(), hooks.Unknown(s.sources(), kenya)...); len(faults) > 0 {
		t.Fatalf("%v", faults)
	}
	if len(s.hooks) != len(hooks.Kinds) {
		t.Errorf("%d hooks, want one for each kind", len(s.hooks))
	}
	_, rest, _ = strings.Cut(readme, "-d '{\"key\"")
	call, _, _ := strings.Cut("{\"key\""+rest, "'\n")
	told, err := hooks.Explain(s.sources()[3], []byte(call))
	if err != nil || len(told) != 1 || told[0].Does != "begins" || told[0].Platform != "ecitizen-payments" {
		t.Errorf("the call of the README: %+v, %v", told, err)
	}
}

// What a monitor that is gone has said is named by doctor and ended by an admin, on
// the record.
func TestHookClear(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "arifa.db")
	do := func(want int, args ...string) string {
		t.Helper()
		code, out, errs := cmd(t, "", append(args, "--database", database)...)
		if code != want {
			t.Fatalf("%v ended with %d: %s%s", args, code, out, errs)
		}
		return out + errs
	}
	a := &app{world: world{Now: time.Now}, settings: &settings{}, ctx: t.Context(), log: discard(), now: utc(time.Now)}
	st, err := open(t.Context(), database, migrated, discard())
	if err != nil {
		t.Fatal(err)
	}
	o, err := a.deskOn(st)
	if err != nil {
		t.Fatal(err)
	}
	amina, err := o.desk.AddOfficer(t.Context(), desk.Actor{Via: "cli"}, desk.AddOfficer{Name: "Amina Otieno", Roles: []subscriptions.Grant{{Role: subscriptions.Admin}}}, a.now())
	if err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(-30 * time.Hour)
	for _, key := range []string{"a", "b"} {
		if _, _, err := st.PutSignal(t.Context(), subscriptions.Signal{Source: "alertmanager:gone", Key: key, Platform: "mpesa", Firing: true, Summary: "Down", Since: long, At: long}); err != nil {
			t.Fatal(err)
		}
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	if said := do(exitDone, "hook", "signals"); strings.Count(said, "alertmanager:gone") != 2 {
		t.Errorf("got %s", said)
	}
	if said := do(exitNo, "doctor"); !strings.Contains(said, "silent for 30h") || !strings.Contains(said, "arifa hook clear alertmanager:gone") {
		t.Errorf("doctor says %s", said)
	}
	do(exitUsage, "hook", "clear", "alertmanager:gone") // nobody is signed in
	do(exitUsage, "hook", "clear", "alertmanager:nobody", "--officer-key", amina.Key)
	do(exitDone, "hook", "clear", "alertmanager:gone", "--officer-key", amina.Key)
	if left := signalsOf(t, database); len(left) != 2 || left[0].Firing || left[1].Firing {
		t.Errorf("got %+v", left)
	}
	if said := do(exitDone, "audit", "list", "--officer-key", amina.Key); !strings.Contains(said, "hook.clear") {
		t.Errorf("not on the record: %s", said)
	}
}

// Probes are asked where the operator has turned them on, and nowhere else.
func TestProbesAreOffUnlessTurnedOn(t *testing.T) {
	t.Parallel()
	srv := newNetwork(t)
	st, err := open(t.Context(), filepath.Join(t.TempDir(), "arifa.db"), migrated, discard())
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	s := &settings{TelegramToken: srv.Token(), TelegramAPI: srv.URL(), TelegramRate: 10, TelegramInFlight: 1, TelegramMode: "poll", Tenure: 30 * time.Second}
	v, err := newService(t.Context(), s, st, discard(), utc(time.Now), tempo{owner: "test"})
	if err != nil {
		t.Fatal(err)
	}
	for probing, want := range map[string]int{"off": 0, "": 0, "on": 5} {
		s.Probes = probing
		if got := v.targets(); len(got) != want {
			t.Errorf("probes %q: %d targets, want %d", probing, len(got), want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := v.prober.Run(ctx); err != nil {
		t.Error(err)
	}
}
