package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
)

// program is a real arifa serve as a process of its own.
type program struct {
	t   *testing.T
	cmd *exec.Cmd
	log *safeBuffer
}

var listening = regexp.MustCompile(`"msg":"listening","setting":"([a-z-]+)","address":"([^"]+)"`)

// address waits until the program has told where a setting listens.
func (p *program) address(setting string) string {
	p.t.Helper()
	found := ""
	p.until(setting+" to be told", func() bool {
		for _, m := range listening.FindAllStringSubmatch(p.log.String(), -1) {
			if m[1] == setting {
				found = m[2]
			}
		}
		return found != ""
	})
	return found
}

func serveProgram(t *testing.T, srv *telegramtest.Server, database string, more ...string) *program {
	t.Helper()
	return launch(t, process(t, serveWords(srv, database, more...)...))
}

func serveWords(srv *telegramtest.Server, database string, more ...string) []string {
	return append([]string{"serve", "--database", database, "--telegram-token", srv.Token(), "--telegram-api", srv.URL(),
		"--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--telegram-rate", "500"}, more...)
}

// launch starts a program that serves.
func launch(t *testing.T, cmd *exec.Cmd) *program {
	t.Helper()
	p := &program{t: t, log: &safeBuffer{}, cmd: cmd}
	p.cmd.Stderr = p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill(); _ = p.cmd.Wait() })
	return p
}

// get asks the admin address until it answers.
func (p *program) get(path string) (int, string) {
	p.t.Helper()
	for range 200 {
		r, err := http.Get("http://" + p.address("admin-listen") + path)
		if err == nil {
			b, _ := io.ReadAll(r.Body)
			_ = r.Body.Close()
			return r.StatusCode, string(b)
		}
		wait(p.t, 50*time.Millisecond)
	}
	p.t.Fatalf("%s never answered; it said:\n%s", path, p.log.String())
	return 0, ""
}

func (p *program) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	return p.cmd.Wait()
}

func newNetwork(t *testing.T) *telegramtest.Server {
	return telegramtest.Start(t, telegramtest.Config{Limits: &telegramtest.Limits{}})
}

// until is as until, and tells what the program said where it waited in vain.
func (p *program) until(what string, ok func() bool) {
	p.t.Helper()
	for range 1600 {
		if ok() {
			return
		}
		wait(p.t, 50*time.Millisecond)
	}
	p.t.Fatalf("waited too long for %s; the program said:\n%s", what, p.log.String())
}

// until waits for something that the program does by itself.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 1600 { // 80 s: a refused token is tried again every 15 s, and the machine may be busy
		if ok() {
			return
		}
		wait(t, 50*time.Millisecond)
	}
	t.Fatalf("waited too long for %s", what)
}

func TestServe(t *testing.T) {
	t.Parallel()
	srv := newNetwork(t)
	srv.AddUser(77, "en")
	database := filepath.Join(t.TempDir(), "arifa.db")
	p := serveProgram(t, srv, database)

	if code, body := p.get("/healthz"); code != 200 || body != "ok\n" {
		t.Errorf("/healthz says %d %q", code, body)
	}
	until(t, "ready", func() bool { code, _ := p.get("/readyz"); return code == 200 })
	if code, body := p.get("/metrics"); code != 200 || !strings.Contains(body, "arifa_unaccounted 0") {
		t.Errorf("/metrics says %d without arifa_unaccounted", code)
	}

	// A citizen is answered.
	if _, err := srv.Start(77, ""); err != nil {
		t.Fatal(err)
	}
	m, err := srv.WaitFor(t.Context(), 77, func(m telegramtest.Message) bool { return strings.Contains(m.Text, "language") })
	if err != nil {
		t.Fatalf("no answer to /start: %v; it said:\n%s", err, p.log.String())
	}
	if len(m.Buttons) == 0 {
		t.Error("the first answer has no buttons")
	}

	// While Telegram is out of reach it is not ready, and ready again by itself.
	srv.Revoke()
	if _, err := srv.Say(77, "hello"); err != nil { // ends the poll that is under way
		t.Fatal(err)
	}
	until(t, "not ready", func() bool {
		code, body := p.get("/readyz")
		return code == http.StatusServiceUnavailable && strings.Contains(body, "has not been reached")
	})
	srv.Restore()
	until(t, "ready again", func() bool { code, _ := p.get("/readyz"); return code == 200 })

	// A second serve on the same file is refused, and says why.
	second := serveProgram(t, srv, database)
	if err := second.cmd.Wait(); err == nil {
		t.Error("a second serve on one SQLite file was let in")
	}
	if said := second.log.String(); !strings.Contains(said, "serve") {
		t.Errorf("the second serve did not say why it was refused: %q", said)
	}

	// One signal ends it without an unknown, and says so.
	if err := p.stop(); err != nil {
		t.Errorf("a graceful stop ended with %v; it said:\n%s", err, p.log.String())
	}
	if !strings.Contains(p.log.String(), "stopped") {
		t.Error("the stop is not in the log")
	}
	for _, secret := range []string{srv.Token(), strings.SplitN(srv.Token(), ":", 2)[1]} {
		if strings.Contains(p.log.String(), secret) {
			t.Error("the token is in the log")
		}
	}
}

// group follows what the people follow.
func (c *crash) group(id int64) {
	past := c.app.now().Add(-48 * time.Hour)
	c.net.AddGroup(id, 1000)
	c.net.KeepText(id)
	r, err := c.office.store.SaveRecipient(c.t.Context(), subscriptions.Recipient{Lane: subscriptions.LaneID(c.app.telegramLane()), Address: subscriptions.AddressOf(strconv.FormatInt(id, 10)),
		Kind: subscriptions.Group, Language: "sw", CreatedAt: past})
	if err == nil {
		_, err = c.office.store.Subscribe(c.t.Context(), r.ID, []subscriptions.Follow{{Scope: subscriptions.ScopeService("kws-nairobi-np"), Since: past, Consent: "test"}}, past)
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// serve --hold sends nothing until the operator releases it. A group then reads in
// the alert itself who alone speaks for us there.
func TestServeHold(t *testing.T) {
	t.Parallel()
	c := newCrash(t, filepath.Join(t.TempDir(), "arifa.db"))
	c.group(-4100)
	var open subscriptions.Incident
	n := c.say(&open, 0)
	p := serveProgram(t, c.net, c.database, "--hold")
	until(t, "the lane to be held", func() bool { _, body := p.get("/readyz"); return strings.Contains(body, "held") })
	wait(t, 700*time.Millisecond)
	if sent := c.sent(n); sent != 0 {
		t.Fatalf("%d messages went out while everything was held", sent)
	}
	if err := c.office.store.SetHold(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	c.waitDone(n)
	if sent := c.sent(n); sent != crashPeople+1 {
		t.Errorf("after the release %d were told, want %d", sent, crashPeople+1)
	}
	if got := c.net.Messages(-4100); len(got) != 1 || !strings.Contains(got[0].Text, "Ni @"+c.net.Username()+" pekee inayotuwakilisha hapa.") {
		t.Errorf("the group reads %v", got)
	}
	if err := p.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}

// A graceful stop in mid-broadcast finishes what flies: nothing is unknown, and
// the next start tells the rest, nobody twice.
func TestStopInMidBroadcast(t *testing.T) {
	t.Parallel()
	c := newCrash(t, filepath.Join(t.TempDir(), "arifa.db"))
	var open subscriptions.Incident
	p := serveProgram(t, c.net, c.database)
	n := c.say(&open, 0)
	c.waitFirst(n)
	if err := p.stop(); err != nil {
		t.Fatalf("stop: %v\n%s", err, p.log.String())
	}
	at, err := c.office.desk.Progress(t.Context(), n.ID)
	if err != nil {
		t.Fatal(err)
	}
	if u := at.Count(subscriptions.Unknown); u != 0 {
		t.Errorf("%d deliveries are unknown after a graceful stop", u)
	}
	if at.Count(subscriptions.Sent) == crashPeople {
		t.Error("the broadcast was over before the stop: nothing was proved")
	}
	serveProgram(t, c.net, c.database)
	c.waitDone(n)
	if got := c.sent(n); got != crashPeople {
		t.Errorf("%d messages for %d people over a graceful stop", got, crashPeople)
	}
}

// The webhook takes what carries the secret, and nothing else.
func TestServeWebhook(t *testing.T) {
	t.Parallel()
	srv := newNetwork(t)
	p := serveProgram(t, srv, filepath.Join(t.TempDir(), "arifa.db"), "--telegram-mode", "webhook",
		"--telegram-webhook-secret", "a-secret", "--public-url", "https://arifa.example.go.ke")
	p.get("/healthz")
	post := func(secret string) int {
		req, err := http.NewRequest(http.MethodPost, "http://"+p.address("listen")+"/telegram/webhook", strings.NewReader(`{"update_id":5,"message":{"message_id":1,"chat":{"id":77,"type":"private"},"from":{"id":77},"text":"/help"}}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
		r, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		return r.StatusCode
	}
	if got := post("wrong"); got != http.StatusUnauthorized {
		t.Errorf("a wrong secret got %d, want 401", got)
	}
	if got := post("a-secret"); got != http.StatusOK {
		t.Errorf("the right secret got %d, want 200; it said:\n%s", got, p.log.String())
	}
	if code, _ := p.get("/metrics"); code != 200 {
		t.Error("no metrics")
	}
	if r, err := http.Get("http://" + p.address("listen") + "/metrics"); err == nil && r.StatusCode == 200 {
		t.Error("the public address shows metrics")
	}
}

func (c *crash) sent(n subscriptions.Notice) int {
	count := 0
	for e := range c.net.Entries() {
		if e.Tag == n.Key.Short() && e.Kind == telegramtest.Send {
			count++
		}
	}
	return count
}

// Doctor says what to do about each thing, and its exit code says whether
// anything is broken.
func TestDoctor(t *testing.T) {
	t.Parallel()
	srv := newNetwork(t)
	database := filepath.Join(t.TempDir(), "arifa.db")
	base := []string{"doctor", "--database", database, "--telegram-token", srv.Token(), "--telegram-api", srv.URL()}
	if code, out, _ := cmd(t, "", base...); code != exitNo || !strings.Contains(out, "arifa migrate") {
		t.Errorf("without a database: exit %d, %s", code, out)
	}
	if code, _, errs := cmd(t, "", "migrate", "--database", database); code != exitDone {
		t.Fatal(errs)
	}
	code, out, errs := cmd(t, "", append(base, "--json")...)
	var findings []finding
	if err := json.Unmarshal([]byte(out), &findings); err != nil {
		t.Fatalf("%v in %q, %s", err, out, errs)
	}
	said := fmt.Sprint(findings)
	for _, want := range []string{"@" + srv.Username(), "125 services", "two are needed", "40 agencies have no officer"} {
		if !strings.Contains(said, want) {
			t.Errorf("doctor does not say %q: %s", want, said)
		}
	}
	if code != exitNo {
		t.Errorf("no admins is a fault, but doctor ended with %d", code)
	}
	srv.Revoke()
	if _, out, _ := cmd(t, "", base...); !strings.Contains(out, "BotFather") || strings.Contains(out, strings.SplitN(srv.Token(), ":", 2)[1]) {
		t.Errorf("with a revoked token: %s", out)
	}
}
