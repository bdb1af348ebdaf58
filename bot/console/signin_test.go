package console_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"arifa/bot/console"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.browser()
	code, err := b.desk.StartSignIn(ctx, b.kraAuthor.actor, b.kraAuthor.Officer.ID, b.clock())
	b.must(err)
	for range 2 { // what looks at links for people uses none up
		w.want(w.get("/desk/sign-in/"+code), 200, "Come in")
	}
	if w.cookies() != 0 {
		t.Error("a link that was looked at set a cookie")
	}
	got := w.post("/desk/sign-in/"+code, "to", "/desk/officers")
	w.want(got, http.StatusSeeOther, "")
	if to := got.Header.Get("Location"); to != "/desk/prove?to=%2Fdesk%2Fofficers" {
		t.Errorf("after the link: %s", to)
	}
	first := w.cookie()
	w.want(w.post("/desk/sign-in/"+code), 403, "used or older")
	w.want(w.get("/desk/officers"), 401, "Six digits of your authenticator")
	w.want(w.post("/desk/prove", "code", "000000"), 403, "digits are wrong")
	w.want(w.get("/desk/officers"), 401, "")
	got = w.post("/desk/prove", "code", b.code(b.kraAuthor), "to", "/desk/officers")
	w.want(got, http.StatusSeeOther, "")
	w.want(w.get(got.Header.Get("Location")), 200, "Kamau Njoroge")
	if w.cookie() == first {
		t.Error("the token is not new after the second step")
	}
	w.want(b.as(first).get("/desk/officers"), 401, "")

	inside := w.cookie()
	w.want(w.post("/desk/sign-out"), http.StatusSeeOther, "")
	if w.cookies() != 0 {
		t.Error("the cookie stays after signing out")
	}
	w.want(b.as(inside).get("/desk/"), 401, "") // and so it is ended where it is kept
}

func (w *browser) cookies() int {
	r := httptest.NewRequest("GET", w.base+"/desk/", nil)
	return len(w.http.Jar.Cookies(r.URL))
}

// A token that somebody put into this browser before is worth nothing afterwards.
func TestSignInIsNotFixed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	attacker := b.browser()
	attacker.want(attacker.post("/desk/word", "kind", "correction", "officer", "1"), 401, "") // an anonymous session of his own
	token := attacker.cookie()
	victim := b.as(token)
	victim.halfway(b.kraAuthor)
	b.pass(time.Minute)
	victim.want(victim.post("/desk/prove", "code", b.code(b.kraAuthor)), http.StatusSeeOther, "")
	victim.want(victim.get("/desk/"), 200, "Kamau Njoroge")
	attacker.want(b.as(token).get("/desk/"), 401, "")
}

func TestVisitsEnd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		do   func(b *bundle, w *browser)
		want string
	}{
		{"left alone", func(b *bundle, _ *browser) { b.pass(console.IdleLock) }, "Locked"},
		{"too long", func(b *bundle, w *browser) {
			for range 24 { // with something done all the time
				b.pass(29 * time.Minute)
				w.get("/desk/")
			}
			b.pass(29 * time.Minute)
		}, "Your visit has ended"},
		{"a clock that was set back", func(b *bundle, _ *browser) { b.pass(-10 * time.Minute) }, ""},
		{"frozen", func(b *bundle, _ *browser) {
			_, err := b.desk.Freeze(ctx, b.admin.actor, b.kraAuthor.Officer.ID, b.clock())
			b.must(err)
		}, "was frozen"},
		{"frozen and unfrozen", func(b *bundle, _ *browser) {
			_, err := b.desk.Freeze(ctx, b.admin.actor, b.kraAuthor.Officer.ID, b.clock())
			b.must(err)
			_, err = b.desk.Unfreeze(ctx, b.second.actor, b.kraAuthor.Officer.ID, b.clock())
			b.must(err)
		}, "was frozen"},
		{"a new key on the command line", func(b *bundle, _ *browser) {
			b.pass(time.Second)
			_, err := b.desk.NewKey(ctx, b.kraAuthor.actor, b.clock())
			b.must(err)
		}, "signed out everywhere"},
		{"renewed by an admin", func(b *bundle, _ *browser) {
			_, err := b.desk.Renew(ctx, b.admin.actor, b.kraAuthor.Officer.ID, b.clock())
			b.must(err)
		}, "renewed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			w := b.comes(b.kraAuthor)
			w.want(w.get("/desk/"), 200, "")
			c.do(b, w)
			got := w.get("/desk/")
			w.want(got, 401, c.want)
			if strings.Contains(got.body, "Waiting") {
				t.Error("a page for insiders is shown")
			}
		})
	}
}

// Left alone, a visit opens again with six digits, without a link.
func TestLockOpens(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.comes(b.kraAuthor)
	b.pass(console.IdleLock + time.Hour)
	w.want(w.get("/desk/officers"), 401, "Nothing was done here for a while")
	w.want(w.post("/desk/prove", "code", "123456", "to", "/desk/officers"), 403, "wrong")
	got := w.post("/desk/prove", "code", b.code(b.kraAuthor), "to", "/desk/officers")
	w.want(got, http.StatusSeeOther, "")
	w.want(w.get(got.Header.Get("Location")), 200, "Officers")
}

// Who replaces her key or digits in one browser stays in there, and nowhere else.
func TestOwnSecretsEndOtherVisits(t *testing.T) {
	t.Parallel()
	b := setup(t)
	here, there := b.comes(b.kraAuthor), b.comes(b.kraAuthor)
	b.pass(time.Minute)
	here.want(here.post("/desk/me/secrets", "which", "digits", "code", "000000"), 403, "wrong")
	got := here.post("/desk/me/secrets", "which", "key", "code", b.code(b.kraAuthor))
	here.want(got, 200, "Shown once")
	if !strings.Contains(got.body, "arifa-") || got.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the new key: %s", text(got.body))
	}
	here.want(here.get("/desk/me"), 200, "")
	there.want(there.get("/desk/me"), 401, "")
	if strings.Contains(b.logged.String(), "arifa-") {
		t.Error("a key is in the log")
	}
	here.want(here.post("/desk/me/sign-out"), http.StatusSeeOther, "")
	here.want(here.get("/desk/me"), 401, "")
}

func TestCookie(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		url, name string
		secure    bool
	}{{"http://localhost:8080", "arifa-desk", false}, {"https://arifa.go.ke", "__Host-arifa-desk", true}} {
		b := setup(t, func(k *console.Config) { k.URL = c.url })
		code, err := b.desk.StartSignIn(ctx, b.kraAuthor.actor, b.kraAuthor.Officer.ID, b.clock())
		b.must(err)
		got := b.browser().post("/desk/sign-in/" + code)
		set := got.Cookies()
		if len(set) != 1 || set[0].Name != c.name || set[0].Secure != c.secure || !set[0].HttpOnly || set[0].SameSite != http.SameSiteLaxMode || set[0].Path != "/" || set[0].Domain != "" {
			t.Errorf("%s: cookies %+v", c.url, set)
		}
		if hsts := got.Header.Get("Strict-Transport-Security"); (hsts != "") != c.secure {
			t.Errorf("%s: Strict-Transport-Security %q", c.url, hsts)
		}
		// Who reads the database cannot sign in with what is there.
		b.must(b.store.Close())
		file, err := os.ReadFile(filepath.Join(b.dir, "arifa.db"))
		b.must(err)
		if strings.Contains(string(file), set[0].Value) || strings.Contains(string(file), code) {
			t.Errorf("%s: the database holds the token or the code itself", c.url)
		}
	}
}

// Guessing codes and digits is slow, whatever the name.
func TestGuessing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.browser()
	slowed := 0
	for range 40 {
		got := w.post("/desk/sign-in", "link", "AAAAAAAA")
		switch got.StatusCode {
		case http.StatusTooManyRequests:
			slowed++
			if got.Header.Get("Retry-After") == "" {
				t.Fatal("no Retry-After")
			}
		case http.StatusForbidden:
		default:
			t.Fatalf("got %d", got.StatusCode)
		}
	}
	if slowed < 20 {
		t.Errorf("%d of 40 guesses were slowed", slowed)
	}
}

func TestSafePath(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]string{
		"/desk/incidents/3?x=1": "/desk/incidents/3?x=1", "": "/desk/", "/": "/desk/", "/desk": "/desk/", "https://elsewhere.example/": "/desk/", "//elsewhere.example": "/desk/",
		"/desk//elsewhere.example": "/desk/", "/desk/\\elsewhere.example": "/desk/", "/desk/../n/1": "/desk/", "/deskx": "/desk/", "javascript:alert(1)": "/desk/",
		"/desk/\r\nSet-Cookie: x=1": "/desk/", "/desk/" + strings.Repeat("x", 400): "/desk/",
	} {
		if got := console.SafePath(to); got != want {
			t.Errorf("%q leads to %q, want %q", to, got, want)
		}
	}
}

// The two-officer column asks for six digits that are not old, and for nothing
// more while they are fresh.
func TestStepUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.comes(b.kraAuthor)
	form := []string{"kind", "correction", "agency", "kra", "false", "news"}
	w.want(w.post("/desk/word", append(form, "request", "one")...), http.StatusSeeOther, "")
	b.pass(console.FreshFor)
	got := w.post("/desk/word", append(form, "request", "two")...)
	w.want(got, 403, "your six digits again")
	if !strings.Contains(got.body, `name="code"`) || !strings.Contains(got.body, `value="news" checked`) {
		t.Errorf("the form did not come back as it was, with a field for the digits: %s", text(got.body))
	}
	w.want(w.post("/desk/word", append(form, "request", "two", "code", "000000")...), 403, "wrong")
	w.want(w.post("/desk/word", append(form, "request", "two", "code", b.code(b.kraAuthor))...), http.StatusSeeOther, "")
	all, err := b.desk.Notices(ctx, 0)
	b.must(err)
	if len(all) != 2 {
		t.Errorf("%d notices, want 2", len(all))
	}
	// What one officer may say alone never asks.
	b.pass(console.FreshFor)
	w.want(w.post("/desk/new/service/kra-pin", "do", "publish", "request", "three"), http.StatusSeeOther, "")
}

func TestTryout(t *testing.T) {
	t.Parallel()
	b := bare(t)
	b.tryout = true
	in, err := b.desk.StartTryout(ctx, b.clock())
	b.must(err)
	var people []*browser
	for _, n := range in {
		w := b.browser()
		got := w.post("/desk/sign-in/" + n.Code)
		w.want(got, http.StatusSeeOther, "")
		w.want(w.get(got.Header.Get("Location")), 200, "Try-out") // no digits are asked
		people = append(people, w)
	}
	first, second := people[0], people[1]
	first.want(first.post("/desk/word", "kind", "correction", "agency", "kra", "false", "news"), http.StatusSeeOther, "")
	all, err := b.desk.Notices(ctx, 0)
	b.must(err)
	second.want(second.post(path("/notices/%d/approve", all[0].ID), "hash", all[0].Hash), http.StatusSeeOther, "")

	// From anywhere else nobody is answered, and nothing stands between.
	for name, head := range map[string]http.Header{
		"a proxy": {"X-Forwarded-For": {"203.0.113.9"}}, "another proxy": {"Forwarded": {"for=203.0.113.9"}}, "a page elsewhere": {"Origin": {"https://arifa.go.ke"}},
	} {
		first.head = head
		if got := first.get("/desk/"); got.StatusCode != 403 || !strings.Contains(got.body, "try-out") {
			t.Errorf("%s: got %d %s", name, got.StatusCode, text(got.body))
		}
	}
	first.head = nil
	b.pass(time.Minute)
	b.tryout = false // a network was configured: the officers of the try-out are nobody now
	first.want(first.get("/desk/"), 401, "try-out")

	b.tryout = true
	b.pass(time.Minute)
	again, err := b.desk.StartTryout(ctx, b.clock())
	b.must(err)
	w := b.browser()
	w.want(w.post("/desk/sign-in/"+again[0].Code), http.StatusSeeOther, "")
	got := w.post("/desk/me/secrets", "name", "Amina Otieno")
	w.want(got, 200, "Shown once")
	w.want(w.get("/desk/me"), 200, "Amina Otieno")
	if got := w.get("/desk/me"); strings.Contains(got.body, "Make it real") {
		t.Error("she is still an officer of the try-out")
	}
}

func TestLocal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, remote, host, header, value string
		want                              bool
	}{
		{"this machine", "127.0.0.1:5000", "localhost:8080", "", "", true},
		{"by number", "127.0.0.1:5000", "127.0.0.1:8080", "Origin", "http://127.0.0.1:8080", true},
		{"by IPv6", "[::1]:5000", "[::1]:8080", "", "", true},
		{"another machine", "192.0.2.7:5000", "localhost:8080", "", "", false},
		{"another name", "127.0.0.1:5000", "arifa.go.ke", "", "", false},
		{"a name that was rebound", "127.0.0.1:5000", "localhost.elsewhere.example:8080", "", "", false},
		{"through a proxy", "127.0.0.1:5000", "localhost:8080", "X-Forwarded-For", "203.0.113.9", false},
		{"through a silent proxy", "127.0.0.1:5000", "127.0.0.1:8080", "Origin", "https://arifa.go.ke", false},
		{"from a link elsewhere", "127.0.0.1:5000", "127.0.0.1:8080", "Referer", "https://arifa.go.ke/desk/", false},
		{"an odd origin", "127.0.0.1:5000", "127.0.0.1:8080", "Origin", "null", false},
		{"no address", "@", "localhost", "", "", false},
	} {
		r := httptest.NewRequest("GET", "/desk/", nil)
		r.RemoteAddr, r.Host = c.remote, c.host
		if c.header != "" {
			r.Header.Set(c.header, c.value)
		}
		if got := console.Local(r); got != c.want {
			t.Errorf("%s: local %v, want %v", c.name, got, c.want)
		}
	}
}
