package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"arifa/notifiers/webchat/webchattest"
)

// bareProgram is arifa as a process of its own with no network configured.
func bareProgram(t *testing.T, database string, more ...string) *program {
	t.Helper()
	p := &program{t: t, log: &safeBuffer{}}
	p.cmd = process(t, append([]string{"--database", database, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--log-format", "json"}, more...)...)
	p.cmd.Stderr = p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill(); _ = p.cmd.Wait() })
	return p
}

// page reads a page of the program.
func (p *program) page(path string, status int) string {
	p.t.Helper()
	var body []byte
	until(p.t, path+" to answer", func() bool {
		r, err := http.Get("http://" + p.address("listen") + path)
		if err != nil {
			return false
		}
		defer r.Body.Close()
		body, err = io.ReadAll(r.Body)
		return err == nil && r.StatusCode == status
	})
	return string(body)
}

// With nothing configured a stranger follows in the web chat, an officer publishes
// from the command line, and the word arrives: in the chat, on the page, in files.
func TestNothingConfiguredServesPageAndChat(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "arifa.db")
	p := bareProgram(t, database)
	if got := p.page("/en/", 200); !strings.Contains(got, "No trouble announced. That does not mean it works.") || !strings.Contains(got, `href="/en/chat"`) {
		t.Errorf("got\n%s", got)
	}
	b := webchattest.New("http://" + p.address("listen") + "/en/chat")
	t.Cleanup(b.Close)
	if status, err := b.Say("text", "follow passport renewal"); err != nil || status != http.StatusNoContent {
		t.Fatalf("got %d, %v", status, err)
	}
	if err := b.Open(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	sees := func(word string) {
		t.Helper()
		if _, err := b.Until(word, time.Minute); err != nil {
			t.Fatalf("%v\n%s", err, p.log.String())
		}
	}
	sees("You follow: Passport renewal")

	code, out, errs := cmd(t, "", "officer", "add", "Amina Otieno", "--role", "admin", "--role", "author:ecitizen", "--database", database, "--json")
	if code != 0 {
		t.Fatalf("officer add: %d %s", code, errs)
	}
	var officer struct{ Key string }
	if err := json.Unmarshal([]byte(out), &officer); err != nil || officer.Key == "" {
		t.Fatalf("officer add printed %s (%v)", out, err)
	}
	key := officer.Key
	code, out, errs = cmd(t, "", "incident", "open", "--agency", "ecitizen", "--platforms", "ecitizen-payments", "--publish", "--database", database, "--officer-key", key)
	if code != 0 {
		t.Fatalf("incident open: %d %s %s", code, out, errs)
	}
	sees("Payments to 222222 (eCitizen) are not working.")
	until(t, "the page says it", func() bool {
		return strings.Contains(p.page("/sw/", 200), "Malipo kwa 222222 (eCitizen) hayafanyi kazi.")
	})
	if got := p.page("/api/v2/status.json", 200); !strings.Contains(got, "Trouble announced") {
		t.Errorf("got %s", got)
	}

	// Beside the running program the page is written as files.
	dir := filepath.Join(t.TempDir(), "public")
	if code, _, errs := cmd(t, "", "export", "--static", dir, "--database", database); code != 0 {
		t.Fatalf("export: %d %s", code, errs)
	}
	file, err := os.ReadFile(filepath.Join(dir, "en", "index.html"))
	if err != nil || !strings.Contains(string(file), "222222 (eCitizen) are not working") {
		t.Errorf("the file says %.300s (%v)", file, err)
	}
	for _, path := range []string{"/metrics", "/healthz", "/readyz", "/debug/pprof/"} { // of ADMIN_LISTEN alone
		p.page(path, 404)
	}
	if code, body := p.get("/readyz"); code != 200 {
		t.Errorf("not ready: %s", body)
	}
	b.Close()
	if err := p.stop(); err != nil {
		t.Errorf("stopped with %v:\n%s", err, p.log.String())
	}
	for _, secret := range []string{b.Cookie(), "follow passport", key} {
		if strings.Contains(p.log.String(), secret) {
			t.Errorf("the log tells %.8s…", secret)
		}
	}
}

// The page and the chat need no way around a proxy that we do not trust.
func TestTrustedProxies(t *testing.T) {
	t.Parallel()
	for in, ok := range map[string]bool{"10.0.0.7": true, "10.0.0.0/8": true, "::1": true, "proxy": false, "10.0.0.0/99": false} {
		s := settings{TrustedProxies: []string{in}}
		if got := len(s.proxies()) == 1; got != ok {
			t.Errorf("%s: got %v", in, got)
		}
	}
	code, _, errs := cmd(t, "", "doctor", "--trusted-proxies", "nobody")
	if code != exitUsage || !strings.Contains(errs, "trusted-proxies") {
		t.Errorf("got %d %s", code, errs)
	}
	for listen, want := range map[string]string{"127.0.0.1:8080": "http://localhost:8080", "0.0.0.0:80": "http://localhost:80", "192.168.1.5:8080": "http://192.168.1.5:8080", ":8080": "http://localhost:8080"} {
		if got := (&settings{Listen: listen}).base(); got != want {
			t.Errorf("%s: got %s, want %s", listen, got, want)
		}
	}
	if got := (&settings{Listen: "127.0.0.1:1", PublicURL: "https://arifa.go.ke"}).base(); got != "https://arifa.go.ke" {
		t.Errorf("got %s", got)
	}
}
