package telegram_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"arifa/notifiers/telegram"
	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
)

const secret = "a-Secret_of-the_hook"

// hooked serves a webhook over a store that can fail.
func hooked(t *testing.T, secret string) (*world, *failing, string) {
	t.Helper()
	w := setup(t, newTalk(nil), func(c *telegramtest.Config) { c.WebhookRetry = 5 * time.Millisecond })
	inbox := &failing{Inbox: w.store}
	w.cfg.Inbox, w.cfg.Webhook, w.cfg.Secret = inbox, true, secret
	mux := http.NewServeMux()
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	w.cfg.Address = srv.URL + "/"
	mux.Handle(telegram.WebhookPath, w.ch.Ears(w.cfg).Hook())
	return w, inbox, srv.URL + telegram.WebhookPath
}

func knock(t *testing.T, method, url, secret, body string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if secret != "" {
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return resp
}

func TestTheWebhookAnswers(t *testing.T) {
	t.Parallel()
	w, inbox, url := hooked(t, secret)
	good := textUpdate(7, "hello")
	for _, c := range []struct {
		name, method, secret, body string
		down                       bool
		want                       int
		stored                     int
	}{
		{"GET", "GET", secret, "", false, 405, 0},
		{"PUT", "PUT", secret, good, false, 405, 0},
		{"no secret", "POST", "", good, false, 401, 0},
		{"a wrong secret", "POST", secret + "x", good, false, 401, 0},
		{"a part of the secret", "POST", secret[:5], good, false, 401, 0},
		{"another case", "POST", strings.ToUpper(secret), good, false, 401, 0},
		{"a wrong secret, too large", "POST", "x", strings.Repeat(" ", 2<<20), false, 401, 0},
		{"too large", "POST", secret, strings.Repeat(" ", 1<<20) + good, false, 413, 0},
		{"not JSON", "POST", secret, `{"update_id":`, false, 400, 0},
		{"no id", "POST", secret, `{"message":{}}`, false, 400, 0},
		{"empty", "POST", secret, "", false, 400, 0},
		{"the store is down", "POST", secret, good, true, 503, 0},
		{"good", "POST", secret, good, false, 200, 1},
		{"the same again", "POST", secret, good, false, 200, 1},
		{"one that cannot be read", "POST", secret, `{"update_id":8,"message":{"text":5}}`, false, 200, 2},
	} {
		inbox.down.Store(c.down)
		resp := knock(t, c.method, url, c.secret, c.body)
		if resp.StatusCode != c.want {
			t.Errorf("%s: got %d, want %d", c.name, resp.StatusCode, c.want)
		}
		state := must[subscriptions.InboxState](t)(w.store.InboxState(t.Context(), w.ch.Name()))
		if state.Waiting != c.stored {
			t.Errorf("%s: %d updates stored, want %d", c.name, state.Waiting, c.stored)
		}
		if c.want == 503 && resp.Header.Get("Retry-After") != "1" {
			t.Errorf("%s: got Retry-After %q, want 1", c.name, resp.Header.Get("Retry-After"))
		}
		if c.want == 405 && resp.Header.Get("Allow") != "POST" {
			t.Errorf("%s: got Allow %q", c.name, resp.Header.Get("Allow"))
		}
	}
	hides(t, w.log.String(), secret, "hello")
}

func TestAWebhookWithoutASecretHearsNobody(t *testing.T) {
	t.Parallel()
	_, _, url := hooked(t, "")
	for _, s := range []string{"", "x"} {
		if resp := knock(t, "POST", url, s, textUpdate(1, "x")); resp.StatusCode != 401 {
			t.Errorf("secret %q: got %d, want 401", s, resp.StatusCode)
		}
	}
	for _, c := range [][2]string{{"", ""}, {"a", ""}, {"", "a"}, {"a", "b"}, {"aa", "a"}} {
		if telegram.SameSecret(c[0], c[1]) {
			t.Errorf("%q matches %q", c[0], c[1])
		}
	}
	if !telegram.SameSecret("a", "a") {
		t.Error("the secret does not match itself")
	}
}

func TestHearingByWebhook(t *testing.T) {
	t.Parallel()
	w, inbox, _ := hooked(t, secret)
	w.start(t, 5)
	inbox.down.Store(true)
	w.listen(t)
	eventually(t, "telegram was refused", func() bool { return strings.Contains(w.log.String(), "not stored, so not acknowledged") })
	if w.srv.Pending() != 1 {
		t.Errorf("%d updates wait at Telegram, want 1", w.srv.Pending())
	}
	inbox.down.Store(false)
	w.reads(t, 5, "heard /start")
	for i := range 5 {
		w.says(t, 5, fmt.Sprint(i))
	}
	w.reads(t, 5, "heard 4")
	w.settled(t)
	info, err := w.ch.Hearing(t.Context())
	if err != nil || !strings.HasSuffix(info.URL, telegram.WebhookPath) || strings.Contains(info.URL, "//telegram") || info.MaxConnections != 40 || len(info.AllowedUpdates) != 3 {
		t.Errorf("got %+v, %v", info, err)
	}
	hides(t, w.log.String(), secret)
}
