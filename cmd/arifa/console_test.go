package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"arifa/notifiers/webchat/webchattest"
)

// links are the one-time links that a program has printed.
var links = regexp.MustCompile(`http://localhost:\d+(/desk/sign-in/[A-Z0-9]+)`)

// printing is arifa as a process of its own, with what it prints.
type printing struct {
	*program
	out *safeBuffer
}

func printingProgram(t *testing.T, env []string, args ...string) printing {
	t.Helper()
	p := printing{&program{t: t, log: &safeBuffer{}}, &safeBuffer{}}
	if !slices.Contains(args, "--listen") {
		args = append(args, "--listen", "127.0.0.1:0")
	}
	p.cmd = process(t, append([]string{"--admin-listen", "127.0.0.1:0", "--log-format", "json"}, args...)...)
	p.cmd.Env, p.cmd.Stderr, p.cmd.Stdout = append(os.Environ(), env...), p.log, p.out
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill(); _ = p.cmd.Wait() })
	return p
}

// links waits for the two that let the officers of a try-out in.
func (p printing) links() []string {
	p.t.Helper()
	var found [][]string
	until(p.t, "two links", func() bool {
		found = links.FindAllStringSubmatch(p.out.String(), -1)
		return len(found) == 2
	})
	return []string{found[0][1], found[1][1]}
}

// visitor is one browser without a script.
type visitor struct {
	t    *testing.T
	http *http.Client
	base string
}

func (p printing) visitor() *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	_, port, _ := strings.Cut(p.address("listen"), ":")
	return &visitor{p.t, &http.Client{Jar: jar, Timeout: 30 * time.Second}, "http://localhost:" + port}
}

// post sends a form and follows where it leads.
func (v *visitor) post(at string, fields ...string) (int, string) {
	v.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	r, err := v.http.PostForm(v.base+at, form)
	if err != nil {
		v.t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return r.StatusCode, string(b)
}

// With nothing configured two links are printed, once each, and stand in no log; a
// new start prints new ones; a network ends it all, for what it let in too.
func TestTryoutByLinks(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "arifa.db")
	p := printingProgram(t, nil, "--database", database)
	in := p.links()
	first := p.visitor()
	if status, body := first.post(in[0]); status != 200 || !strings.Contains(body, "Something is broken") || !strings.Contains(body, "Try-out") {
		t.Fatalf("the first link: %d %.600s", status, body)
	}
	if status, _ := p.visitor().post(in[0]); status != http.StatusForbidden {
		t.Errorf("the same link again: %d", status)
	}
	if status, body := first.post("/desk/new/service/kra-pin", "do", "publish", "request", "one"); status != 200 || !strings.Contains(body, "Published.") {
		t.Fatalf("publishing: %d %.600s", status, body)
	}
	theMinute(t, p, first, in[1])
	if err := p.stop(); err != nil {
		t.Errorf("stopped with %v", err)
	}
	for _, secret := range in {
		if strings.Contains(p.log.String(), strings.TrimPrefix(secret, "/desk/sign-in/")) {
			t.Error("a link stands in the log")
		}
	}
	p = printingProgram(t, nil, "--database", database)
	again := p.links()
	second := p.visitor()
	if status, body := second.post(again[1]); status != 200 || !strings.Contains(body, "Second officer") || again[1] == in[1] {
		t.Errorf("the second link of a new start: %d %.300s", status, body)
	}
	if err := p.stop(); err != nil {
		t.Errorf("stopped with %v", err)
	}

	srv := newNetwork(t)
	p = printingProgram(t, nil, "--database", database, "--telegram-token", srv.Token(), "--telegram-api", srv.URL())
	until(t, "ready", func() bool { code, _ := p.get("/readyz"); return code == 200 })
	second.base = p.visitor().base
	if status, _ := second.post("/desk/new/service/kra-pin", "do", "publish", "request", "two"); status != http.StatusUnauthorized {
		t.Errorf("an officer of the try-out in a deployment: %d", status)
	}
	if links.MatchString(p.out.String()) {
		t.Error("a deployment prints links")
	}
	// The first real officer is set up as if nothing had been tried.
	code, out, errs := cmd(t, "", "officer", "add", "Amina Otieno", "--role", "admin", "--database", database, "--json")
	if code != 0 {
		t.Fatalf("officer add: %d %s %s", code, out, errs)
	}
}

// theMinute is what a stranger does with what was printed: one tab follows a service in
// the web chat, the first link writes what needs two, the second link approves it in a
// private window, and the tab hears it.
func theMinute(t *testing.T, p printing, first *visitor, in string) {
	t.Helper()
	began := time.Now()
	for _, want := range []string{"The public page and the web chat: http://localhost:", in + "   (open it in a private window)", `follow "passport renewal" in the web chat, http://localhost:`, `"Ask a second officer first"`} {
		if said := p.out.String(); strings.Count(said, want) != 1 {
			t.Errorf("what is printed does not say once %q:\n%s", want, said)
		}
	}
	tab := webchattest.New(first.base + "/en/chat")
	t.Cleanup(tab.Close)
	if status, err := tab.Say("text", "follow passport renewal"); err != nil || status != http.StatusNoContent {
		t.Fatalf("following: %d, %v", status, err)
	}
	if err := tab.Open(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	hears := func(words string) {
		t.Helper()
		if _, err := tab.Until(words, time.Minute); err != nil {
			t.Fatalf("the tab does not hear %q: %v\n%s", words, err, p.log.String())
		}
	}
	hears("You follow: Passport renewal")
	// Step by step as it was printed; and what one alone may not say.
	if _, body := first.get("/desk/"); !strings.Contains(body, "Something is broken") {
		t.Errorf("the first page of the desk: %.600s", body)
	}
	if _, body := first.get("/desk/new"); !strings.Contains(body, `href="/desk/new/platform/ecitizen-payments"`) || !strings.Contains(body, "eCitizen payment services (paybill 222222)") {
		t.Errorf("what is broken: %.600s", body)
	}
	if _, body := first.get("/desk/new/platform/ecitizen-payments"); !strings.Contains(body, "Ask a second officer first") || !strings.Contains(body, "1 SMS (GSM-7)") || strings.Count(body, "of 4096 characters") < 2 {
		t.Errorf("the words before they go out: %.900s", body)
	}
	if status, body := first.post("/desk/new/platform/ecitizen-payments", "free.en", "Counters open at 9.", "free.sw", "Kaunta hufunguliwa saa 3.", "do", "publish", "request", "two"); status != http.StatusForbidden || !strings.Contains(body, "wo officers") {
		t.Errorf("a sentence with a number by one alone: %d %.600s", status, body)
	}
	status, body := first.post("/desk/new/platform/ecitizen-payments", "do", "submit", "request", "three")
	if status != 200 || !strings.Contains(body, "another officer reads and approves it") {
		t.Fatalf("submitting: %d %.900s", status, body)
	}
	second := p.visitor()
	if status, body := second.post(in); status != 200 || !strings.Contains(body, "Second officer") || !strings.Contains(body, "Waiting for you") {
		t.Fatalf("the second link: %d %.600s", status, body)
	}
	_, body = second.get("/desk/waiting")
	at := regexp.MustCompile(`href="(/desk/notices/\d+)"`).FindStringSubmatch(body)
	if at == nil {
		t.Fatalf("nothing waits: %.900s", body)
	}
	_, body = second.get(at[1])
	hash := regexp.MustCompile(`name="hash" value="([0-9a-f]+)"`).FindStringSubmatch(body)
	if hash == nil || !strings.Contains(body, "Payments to 222222 (eCitizen) are not working.") || !strings.Contains(body, "1 recipient") {
		t.Fatalf("the words to approve: %.900s", body)
	}
	if status, body := second.post(at[1]+"/approve", "hash", hash[1]); status != 200 || !strings.Contains(body, "Published.") {
		t.Fatalf("approving: %d %.900s", status, body)
	}
	hears("Payments to 222222 (eCitizen) are not working.")
	t.Logf("followed, written, approved and heard in %s", time.Since(began).Round(time.Millisecond))
}

// Whatever makes a deployment ends the try-out, each setting by itself; and no
// credential can be added without somebody deciding what it does here.
func TestTryoutIsNoDeployment(t *testing.T) {
	t.Parallel()
	plain := settings{Database: "arifa.db", Listen: "127.0.0.1:8080", AdminListen: "127.0.0.1:9090"}
	if why := plain.noTryout(); why != "" {
		t.Fatalf("nothing configured is no try-out: %s", why)
	}
	for name, change := range map[string]func(*settings){
		"database":         func(s *settings) { s.Database = "postgres://db/arifa" },
		"listen":           func(s *settings) { s.Listen = "0.0.0.0:8080" },
		"listen by name":   func(s *settings) { s.Listen = "arifa.go.ke:8080" },
		"listen anywhere":  func(s *settings) { s.Listen = ":8080" },
		"admin-listen":     func(s *settings) { s.AdminListen = "10.0.0.1:9090" },
		"public-url":       func(s *settings) { s.PublicURL = "https://arifa.go.ke" },
		"trusted-proxies":  func(s *settings) { s.TrustedProxies = []string{"127.0.0.1"} },
		"telegram-token":   func(s *settings) { s.TelegramToken = "1:x" },
		"slack-bot-token":  func(s *settings) { s.SlackBotToken = "xoxb" },
		"slack-app-token":  func(s *settings) { s.SlackAppToken = "xapp" },
		"oidc-issuer":      func(s *settings) { s.OIDCIssuer = "https://login.go.ke" },
		"hooks":            func(s *settings) { s.hooks = make([]hookSetting, 1) },
		"probes":           func(s *settings) { s.Probes = "on" },
		"two at once":      func(s *settings) { s.TelegramToken, s.PublicURL = "1:x", "https://arifa.go.ke" },
		"listen elsewhere": func(s *settings) { s.Listen = "192.0.2.7:8080" },
	} {
		s := plain
		if change(&s); s.tryout() {
			t.Errorf("%s: it is a try-out still", name)
		}
	}
	// Names that hold a credential: what they belong to is judged above, or is
	// nothing that reaches anybody.
	judged := map[string]bool{"TelegramToken": true, "TelegramTokenFile": true, "TelegramWebhookSecret": true, "TelegramSecretFile": true, "SlackBotToken": true, "SlackBotTokenFile": true,
		"SlackAppToken": true, "SlackAppTokenFile": true, "SlackSigningSecret": true, "SlackSigningSecretFile": true, "OfficerKey": true, "OfficerKeyFile": true,
		"OIDCClientSecret": true, "OIDCClientSecretFile": true}
	var walk func(reflect.Type)
	walk = func(r reflect.Type) {
		for i := range r.NumField() {
			f := r.Field(i)
			if f.Anonymous {
				walk(f.Type)
			} else if regexp.MustCompile("Token|Secret|Key|Password").MatchString(f.Name) && !judged[f.Name] {
				t.Errorf("%s is a credential of which nobody has said whether it ends a try-out", f.Name)
			}
		}
	}
	walk(reflect.TypeFor[settings]())
}

func TestSSOSettings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, issuer, id, secret, fault string
	}{
		{"none", "", "", "", ""},
		{"whole", "https://login.go.ke", "arifa", "s", ""},
		{"without a secret", "https://login.go.ke", "arifa", "", ""}, // a public client, with its verifier alone
		{"this machine's", "http://127.0.0.1:9000", "arifa", "s", ""},
		{"no issuer", "", "arifa", "s", "oidc-issuer"},
		{"no client id", "https://login.go.ke", "", "s", "oidc-client-id"},
		{"no address", "login.go.ke", "arifa", "s", "oidc-issuer"},
		{"not https", "http://login.go.ke", "arifa", "s", "must be https"},
	} {
		said := ""
		for _, f := range (&settings{consoleSettings: consoleSettings{OIDCIssuer: c.issuer, OIDCClientID: c.id, OIDCClientSecret: c.secret}}).sso() {
			said += f.Error()
		}
		if (said == "") != (c.fault == "") || !strings.Contains(said, c.fault) {
			t.Errorf("%s: got %q, want %q", c.name, said, c.fault)
		}
		if c.secret != "" && strings.Contains(said, `"s"`) {
			t.Errorf("%s: the fault tells the secret", c.name)
		}
	}
}

// A drill reaches nobody, whatever the environment holds, and touches no database
// but its own.
func TestDrillReachesNobody(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	network := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(network.Close)
	database := filepath.Join(t.TempDir(), "arifa.db")
	p := printingProgram(t, []string{"TELEGRAM_TOKEN=123456:AAAAAAAAAAAAAAAAAAAA", "TELEGRAM_API=" + network.URL, "ARIFA_DATABASE=" + database, "PUBLIC_URL=https://arifa.go.ke"}, "serve", "--drill")
	found := links.FindAllStringSubmatch(p.out.String(), -1)
	until(t, "two links", func() bool { found = links.FindAllStringSubmatch(p.out.String(), -1); return len(found) == 2 })
	base, _, _ := strings.Cut(found[0][0], "/desk/")
	visit := func(link string) *visitor {
		jar, _ := cookiejar.New(nil)
		v := &visitor{t, &http.Client{Jar: jar, Timeout: 30 * time.Second}, base}
		if status, body := v.post(link); status != 200 || !strings.Contains(body, "DRILL") || !strings.Contains(body, `class="desk at-home drill"`) {
			t.Fatalf("came in: %d %.600s", status, body)
		}
		return v
	}
	first, second := visit(found[0][1]), visit(found[1][1])
	if status, body := first.post("/desk/new/platform/ecitizen-payments", "do", "publish", "request", "one"); status != 200 || !strings.Contains(body, "Published.") || !strings.Contains(body, "DRILL, NOT REAL") {
		t.Fatalf("publishing: %d %.600s", status, body)
	}
	until(t, "everybody invented to be told", func() bool {
		_, body := second.get("/desk/notices/1")
		return strings.Contains(body, "everybody it is for has been tried") && strings.Contains(body, "<th scope=\"row\">drill</th>")
	})
	for _, at := range []string{"/desk/", "/desk/sign-in", "/desk/nothing", "/desk/new", "/desk/registry", "/desk/me", "/desk/incidents/1/restore"} {
		if _, body := second.get(at); !strings.Contains(body, "DRILL") || !strings.Contains(body, " drill\"") {
			t.Errorf("%s does not look like a drill", at)
		}
	}
	if status, _ := second.get("/en/"); status != http.StatusNotFound {
		t.Errorf("a page for citizens is served: %d", status)
	}
	if err := p.stop(); err != nil {
		t.Errorf("stopped with %v:\n%s", err, p.log.String())
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("the network was asked %d times", n)
	}
	if _, err := os.Stat(database); err == nil {
		t.Error("the real database was made")
	}
}

func (v *visitor) get(at string) (int, string) {
	v.t.Helper()
	ask, err := http.NewRequest("GET", v.base+at, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	ask.Header.Set("Accept", "text/html")
	r, err := v.http.Do(ask)
	if err != nil {
		v.t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return r.StatusCode, string(b)
}
