package console_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"arifa/bot/console"
)

// Whatever is malformed gets a clear page with the right status.
func TestMalformed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.outage()
	w := b.comes(b.ecAuthor)
	form := "application/x-www-form-urlencoded"
	for _, c := range []struct {
		name, method, at, kind, body string
		status                       int
		say                          string
	}{
		{"no such page", "GET", "/nothing", "", "", 404, "nothing here"},
		{"words for a number", "GET", "/incidents/abc", "", "", 404, ""},
		{"a number in another form", "GET", "/incidents/01", "", "", 404, ""},
		{"a negative number", "GET", "/incidents/-1", "", "", 404, ""},
		{"too large a number", "GET", "/incidents/99999999999999999999", "", "", 404, ""},
		{"no such incident", "GET", "/incidents/77", "", "", 404, ""},
		{"no such notice", "GET", "/notices/77", "", "", 404, ""},
		{"no such service", "GET", "/new/service/kra-dancing", "", "", 404, ""},
		{"no such kind of thing", "GET", "/new/agency/kra", "", "", 404, ""},
		{"no such officer", "GET", "/officers/77", "", "", 404, ""},
		{"no such agency", "POST", "/agencies/nobody/freeze", form, "", 404, ""},
		{"a page of the record that is none", "GET", "/record?after=x", "", "", 404, ""},
		{"no such asset", "GET", "/assets/desk.00000000.css", "", "", 404, ""},
		{"another method", "DELETE", "/incidents/1", "", "", 405, "Only GET"},
		{"a deed that is none", "POST", "/incidents", form, "", 405, "Only GET"},
		{"no form", "POST", "/incidents/1/no-change", "application/json", "{}", 415, "Send the form"},
		{"a form that cannot be read", "POST", "/incidents/1/no-change", form, "a=%zz", 400, "could not be read"},
		{"a form without an end", "POST", "/incidents/1/no-change", form, strings.Repeat("a", 65<<10), 413, "Too large"},
		{"a time that is none", "POST", "/incidents/1/no-change", form, "nextat=tomorrow", 422, "is no time"},
		{"a time that has passed", "POST", "/incidents/1/no-change", form, "nextat=2001-01-01T00:00", 422, ""},
		{"nothing said", "POST", "/incidents/1/part", form, "what=hold", 422, "nothing is named"},
		{"an unknown button", "POST", "/incidents/1/part", form, "what=burn", 422, ""},
		{"an unknown service", "POST", "/incidents/1/part", form, "what=hold&services=nobodys", 403, ""},
		{"an unknown state", "POST", "/incidents/1/advance", form, "state=exploded", 422, ""},
		{"an unknown answer", "POST", "/incidents/1/restore", form, "whole=1&landed=perhaps", 303, ""},
		{"a day that is none", "POST", "/officers/2/duty", form, "agency=ecitizen&days=9&from=06:00&to=07:00", 422, "no such day"},
		{"a NUL", "POST", "/new/platform/ecitizen-platform", form, "do=draft&free.en=a%00b%ff", 303, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := w.do(c.method, console.Base+c.at, strings.NewReader(c.body), c.kind)
			if got.StatusCode != c.status || !strings.Contains(strings.ToLower(got.body), strings.ToLower(c.say)) || got.StatusCode >= 400 && !strings.Contains(got.body, "</html>") {
				t.Errorf("got %d, want %d with %q: %s", got.StatusCode, c.status, c.say, text(got.body))
			}
			if c.status == 405 && got.Header.Get("Allow") == "" {
				t.Error("the answer does not say what is allowed")
			}
		})
	}
	if logged := b.logged.String(); strings.Contains(logged, "level=ERROR") {
		t.Errorf("logged: %s", logged)
	}
}

// Invented cookies are nobody's.
func TestInventedCookies(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, v := range []string{"x", strings.Repeat("A", 43), strings.Repeat("é", 10), strings.Repeat("A", 3000), "' OR 1=1 --"} {
		w := b.browser()
		w.head = http.Header{"Cookie": {"arifa-desk=" + v}}
		w.want(w.get("/desk/"), 401, "Sign in")
	}
}

var (
	inlineScript = regexp.MustCompile(`<script(?:[^>]*)>[^<]`)
	inlineStyle  = regexp.MustCompile(`<style|\sstyle=|\son[a-z]+=`)
)

// Every page keeps to the policy that it is sent with, and is kept by nobody.
func TestPolicy(t *testing.T) {
	t.Parallel()
	b := setup(t)
	out := b.outage()
	w := b.comes(b.ecAuthor)
	pages := []answer{b.browser().get("/desk/sign-in"), b.browser().get("/desk/"), w.get("/desk/nothing")}
	for _, at := range []string{"/", "/new/platform/ecitizen-platform", path("/incidents/%d/restore", out.Incident.ID)[5:], path("/notices/%d", out.Notice.ID)[5:], "/registry", "/me"} {
		pages = append(pages, w.get(console.Base+at))
	}
	for _, p := range pages {
		at := p.Request.URL.Path
		csp := p.Header.Get("Content-Security-Policy")
		if strings.Contains(csp, "unsafe") || !strings.Contains(csp, "script-src 'self'") || !strings.Contains(csp, "frame-ancestors 'none'") || !strings.Contains(csp, "form-action 'self'") {
			t.Errorf("%s: policy %q", at, csp)
		}
		if p.Header.Get("Cache-Control") != "no-store" || p.Header.Get("Referrer-Policy") != map[bool]string{true: "no-referrer", false: "same-origin"}[at == "/desk/nothing"] || p.Header.Get("X-Frame-Options") != "DENY" {
			t.Errorf("%s: headers %v", at, p.Header)
		}
		if m := inlineScript.FindString(p.body) + inlineStyle.FindString(p.body); m != "" {
			t.Errorf("%s: something inline: %q", at, m)
		}
	}
	css := regexp.MustCompile(`href="(/desk/assets/[^"]+)"`).FindAllStringSubmatch(pages[0].body, -1)
	if len(css) < 3 {
		t.Fatalf("links: %v", css)
	}
	for _, l := range css {
		got := w.get(l[1])
		if got.StatusCode != 200 || !strings.Contains(got.Header.Get("Cache-Control"), "immutable") || len(got.Cookies()) > 0 {
			t.Errorf("%s: %d %v", l[1], got.StatusCode, got.Header)
		}
	}
}
