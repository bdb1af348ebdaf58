package console_test

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"arifa/bot/console"
)

// certified starts oidc-provider, a certified server of OpenID Connect that knows
// nothing of us, in a process of its own, and returns its issuer. It is one of the npm
// packages of the browser tests: without them the test is skipped and says so.
func certified(t *testing.T, client, secret, back string) string {
	t.Helper()
	npm := os.Getenv("ARIFA_TEST_NPM")
	if npm == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		npm = filepath.Join(cache, "arifa", "npm")
	}
	_, missing := os.Stat(filepath.Join(npm, "node_modules", "oidc-provider"))
	node, err := exec.LookPath("node")
	if err = errors.Join(err, missing); err != nil {
		if os.Getenv("ARIFA_REQUIRE_BROWSER") != "" {
			t.Fatal(err)
		}
		t.Skipf("SKIPPED: %v; .ci/run installs it", err)
	}
	cmd := exec.Command(node, filepath.Join("testdata", "oidc.mjs"), npm, client, secret, back)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	said := &buffer{}
	cmd.Stderr = said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = in.Close(), cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the server did not start: %v\n%s", err, said)
	}
	return strings.TrimSpace(line)
}

// atProvider is somebody's browser at the server: it signs in there, consents, and is sent
// back to us.
func atProvider(b *bundle, issuer, from, login string) (back string) {
	b.Helper()
	jar, err := cookiejar.New(nil)
	b.must(err)
	there := &http.Client{Jar: jar, Timeout: 30 * time.Second, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if !strings.HasPrefix(r.URL.String(), issuer+"/") {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	got, err := there.Get(from)
	for range 3 { // sign in, consent, and back
		b.must(err)
		raw, err2 := io.ReadAll(got.Body)
		b.must(err2)
		_ = got.Body.Close()
		page := string(raw)
		if to := got.Header.Get("Location"); to != "" {
			at, err := url.Parse(to)
			b.must(err)
			return at.RequestURI()
		}
		form := regexp.MustCompile(`action="([^"]+)"`).FindStringSubmatch(page)
		prompt := regexp.MustCompile(`name="prompt" value="([^"]+)"`).FindStringSubmatch(page)
		if form == nil || prompt == nil {
			b.Fatalf("the server says %d: %s", got.StatusCode, text(page))
		}
		got, err = there.PostForm(form[1], url.Values{"prompt": {prompt[1]}, "login": {login}, "password": {"anything"}})
	}
	b.Fatal("the server does not let go")
	return ""
}

// The single sign-on against a certified server: an officer links her account there
// with fresh digits, comes in by it in another browser, and somebody else's account
// lets nobody in.
func TestSSOAgainstACertifiedServer(t *testing.T) {
	t.Parallel()
	var issuer string
	b := setup(t, func(c *console.Config) {
		issuer = certified(t, "arifa", "a secret of ours", c.URL+"/desk/sso/back")
		c.OIDC = &console.OIDC{Issuer: issuer, ClientID: "arifa", ClientSecret: "a secret of ours"}
	})
	b.pass(time.Since(b.clock())) // the server lives today
	goes := func(w *browser, login string) answer {
		got := w.get("/desk/sso?to=/desk/officers")
		w.want(got, http.StatusSeeOther, "")
		return w.get(atProvider(b, issuer, got.Header.Get("Location"), login))
	}
	stranger := b.browser()
	stranger.want(goes(stranger, "kamau"), 403, "") // known there, linked to nobody here
	stranger.want(stranger.get("/desk/"), 401, "Sign in")

	kamau := b.comes(b.kraAuthor)
	kamau.want(kamau.post("/desk/me/sso"), http.StatusSeeOther, "")
	kamau.want(goes(kamau, "kamau"), http.StatusSeeOther, "")
	kamau.want(kamau.get("/desk/me"), 200, "single sign-on")

	phone := b.browser()
	phone.want(goes(phone, "kamau"), http.StatusSeeOther, "")
	phone.want(phone.get("/desk/officers"), 401, "Kamau Njoroge") // the six digits come after it
	b.pass(time.Minute)
	got := phone.post("/desk/prove", "code", b.code(b.kraAuthor), "to", "/desk/officers")
	phone.want(got, http.StatusSeeOther, "")
	phone.want(phone.get("/desk/officers"), 200, "Kamau Njoroge")

	other := b.browser()
	other.want(goes(other, "somebody"), 403, "")
	other.want(other.get("/desk/"), 401, "Sign in")
	for _, secret := range []string{"a secret of ours", "kamau"} {
		if strings.Contains(b.logged.String(), secret) {
			t.Errorf("the log tells %q", secret)
		}
	}
}
