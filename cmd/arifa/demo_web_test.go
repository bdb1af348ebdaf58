package main

import (
	"net/http"
	"net/http/cookiejar"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"arifa/notifiers/webchat/webchattest"
)

// The demo can be watched in a browser: its page, its web chat and its desk, at the
// address that it prints, until somebody ends it.
func TestDemoIsWatchedInABrowser(t *testing.T) {
	t.Parallel()
	var out, errs safeBuffer
	stop, ended := make(chan os.Signal, 2), make(chan int, 1)
	go func() {
		ended <- run(t.Context(), world{Args: []string{"demo", "--web", "--fast", "--citizens", "60", "--listen", "127.0.0.1:0"}, Stop: stop, In: strings.NewReader(""), Out: &out, Err: &errs, Now: time.Now, Program: asItself})
	}()
	var base string
	until(t, "the address", func() bool {
		m := regexp.MustCompile(`Watch it: (http://localhost:\d+)/demo`).FindStringSubmatch(strings.Join(strings.Fields(out.String()), " "))
		if m != nil {
			base = m[1]
		}
		return m != nil
	})
	b := webchattest.New(base + "/en/chat")
	t.Cleanup(b.Close)
	if status, err := b.Say("text", "follow passport renewal"); err != nil || status != http.StatusNoContent {
		t.Fatalf("got %d, %v", status, err)
	}
	if err := b.Open(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Until("222222 (eCitizen)", time.Minute); err != nil {
		t.Error(err)
	}

	until(t, "the verdict", func() bool { return strings.Contains(out.String(), "It stays for you to look at") })
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{t, &http.Client{Jar: jar, Timeout: 30 * time.Second}, base}
	if status, page := v.get("/en/i/1"); status != 200 || !strings.Contains(page, "Payments to 222222 (eCitizen)") || !strings.Contains(page, "3 January 2025") {
		t.Errorf("the page: %d %.600s", status, page)
	}
	_, page := v.get("/demo")
	digits := regexp.MustCompile(`<strong>(\d{6})</strong>`).FindStringSubmatch(page)
	if digits == nil {
		t.Fatalf("no digits: %s", page)
	}
	asked, err := http.NewRequest(http.MethodPost, base+"/demo/come-in/0", nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := v.http.Do(asked)
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	if status, page := v.post(r.Request.URL.Path); status != 200 || !strings.Contains(page, "Six digits") {
		t.Fatalf("the link: %d %.600s", status, page)
	}
	if status, page := v.post("/desk/prove", "code", digits[1]); status != 200 || !strings.Contains(page, "A watching author") {
		t.Errorf("the desk: %d %.600s", status, page)
	}
	asked.Header.Set("Sec-Fetch-Site", "cross-site")
	if r, err := v.http.Do(asked); err != nil || r.StatusCode != http.StatusForbidden {
		t.Errorf("another site makes links: %v %v", r, err)
	}
	stop <- os.Interrupt
	if code := <-ended; code != exitDone {
		t.Errorf("ended with %d: %s\n%s", code, errs.String(), out.String())
	}
	if _, err := http.Get(base + "/en/"); err == nil {
		t.Error("it is there still")
	}
}

// What cannot be watched is refused by name.
func TestDemoWebRefuses(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--json"}, {"--incident", "all"}, {"--listen", "0.0.0.0:0"}} {
		if code, _, errs := cmd(t, "", append([]string{"demo", "--web"}, args...)...); code != exitUsage || !strings.Contains(errs, "--web") {
			t.Errorf("%v: exit %d, %s", args, code, errs)
		}
	}
}
