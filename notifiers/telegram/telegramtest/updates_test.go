package telegramtest_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"arifa/notifiers/telegram/telegramtest"
)

func say(t *testing.T, srv *telegramtest.Server, chat int64, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if _, err := srv.Say(chat, text); err != nil {
			t.Fatal(err)
		}
	}
}

func texts(list []update) []string {
	var all []string
	for _, u := range list {
		all = append(all, u.Message.Text)
	}
	return all
}

func TestOffsetConfirms(t *testing.T) {
	t.Parallel()
	srv := setup(t, noLimits())
	citizen(t, srv, 5)
	say(t, srv, 5, "a", "b", "c")
	first := poll(t, srv, fields{"limit": 2})
	if got := texts(first); !slices.Equal(got, []string{"/start", "a"}) {
		t.Fatalf("limit 2: got %q", got)
	}
	if again := poll(t, srv, fields{"limit": 2, "offset": first[0].ID}); again[0].ID != first[0].ID {
		t.Errorf("unconfirmed updates must come again: got %+v", again)
	}
	rest := poll(t, srv, fields{"offset": first[1].ID + 1})
	if got := texts(rest); !slices.Equal(got, []string{"b", "c"}) {
		t.Errorf("after confirming two: got %q, want b and c", got)
	}
	if got := texts(poll(t, srv, fields{"offset": -1})); !slices.Equal(got, []string{"c"}) {
		t.Errorf("offset -1: got %q, want c", got)
	}
	if got := texts(poll(t, srv, nil)); !slices.Equal(got, []string{"c"}) {
		t.Errorf("a negative offset forgets what was before: got %q, want c", got)
	}
}

func TestLongPollWaits(t *testing.T) {
	t.Parallel()
	srv := setup(t, noLimits())
	citizen(t, srv, 5)
	start := poll(t, srv, nil)
	got := make(chan []update, 1)
	go func() {
		out, err := try(srv, "getUpdates", fields{"offset": start[0].ID + 1, "timeout": 50})
		var list []update
		if err == nil {
			_ = json.Unmarshal(out.Result, &list)
		}
		got <- list
	}()
	select {
	case list := <-got:
		t.Fatalf("the poll did not wait: got %+v", list)
	case <-time.After(50 * time.Millisecond):
	}
	say(t, srv, 5, "now")
	if list := <-got; !slices.Equal(texts(list), []string{"now"}) {
		t.Errorf("the poll that waited: got %q, want now", texts(list))
	}
	begun := time.Now()
	if list := poll(t, srv, fields{"offset": start[0].ID + 9, "timeout": 1}); len(list) != 0 || time.Since(begun) < 900*time.Millisecond {
		t.Errorf("an empty poll of 1 s: got %d updates after %v", len(list), time.Since(begun))
	}
}

func TestOnePollerOnly(t *testing.T) {
	t.Parallel()
	cfg := noLimits()
	cfg.ConflictHold = 50 * time.Millisecond
	srv := setup(t, cfg)
	answers := make(chan reply, 3)
	for range 3 {
		go func() {
			out, _ := try(srv, "getUpdates", fields{"timeout": 50})
			answers <- out
		}()
	}
	for range 2 {
		out := <-answers
		if out.Code != 409 || !strings.HasPrefix(out.Text, "Conflict: terminated by other getUpdates request") {
			t.Errorf("of three pollers two end with 409: got %d %q", out.Code, out.Text)
		}
	}
	citizen(t, srv, 5)
	if out := <-answers; !out.OK {
		t.Errorf("the last poller gets the updates: got %d %q", out.Code, out.Text)
	}
}

func TestAllowedUpdatesAreRemembered(t *testing.T) {
	t.Parallel()
	srv := setup(t, noLimits())
	citizen(t, srv, 5)
	poll(t, srv, fields{"allowed_updates": []string{"message"}})
	srv.Block(5)
	srv.Unblock(5)
	poll(t, srv, nil)
	say(t, srv, 5, "x")
	if got := texts(poll(t, srv, nil)); !slices.Equal(got, []string{"/start", "x"}) {
		t.Errorf("only messages were asked for: got %q", got)
	}
	poll(t, srv, fields{"allowed_updates": []string{}})
	srv.Block(5)
	if got := poll(t, srv, nil); got[len(got)-1].Member.New.Status != "kicked" {
		t.Errorf("an empty list means the default kinds: got %+v", got)
	}
}

func TestRawUpdate(t *testing.T) {
	t.Parallel()
	srv := setup(t, noLimits())
	id, err := srv.RawUpdate(` {"message":{"message_id":"not a number","chat":[]}} `)
	if err != nil {
		t.Fatal(err)
	}
	empty, err := srv.RawUpdate("{}")
	if err != nil || empty != id+1 {
		t.Fatalf("the second: got %d, %v, want %d", empty, err, id+1)
	}
	if _, err := srv.RawUpdate(`{"broken`); err == nil {
		t.Error("what is not JSON would break the whole answer, and was taken")
	}
	got := call(t, srv, "getUpdates", nil)
	if want := `[{"update_id":` + jsonInt(id) + `,"message":{"message_id":"not a number","chat":[]}},{"update_id":` + jsonInt(empty) + `}]`; string(got.Result) != want {
		t.Errorf("got %s, want %s", got.Result, want)
	}
}

func jsonInt(n int64) string { b, _ := json.Marshal(n); return string(b) }

// receiver is a webhook that keeps what it was given.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	got     []update
	secrets []string
	answer  func(update) int
	arrived chan struct{}
}

func newReceiver(t *testing.T, answer func(update) int) *receiver {
	t.Helper()
	r := &receiver{answer: answer, arrived: make(chan struct{}, 1000)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		var u update
		body, _ := io.ReadAll(q.Body)
		_ = json.Unmarshal(body, &u)
		code := r.answer(u)
		if code == 200 {
			r.mu.Lock()
			r.got = append(r.got, u)
			r.secrets = append(r.secrets, q.Header.Get("X-Telegram-Bot-Api-Secret-Token"))
			r.mu.Unlock()
		}
		w.WriteHeader(code)
		if code == 200 && u.Message.Text == "reply please" {
			_, _ = w.Write([]byte(`{"method":"sendMessage","chat_id":5,"text":"by the webhook"}`))
		}
		r.arrived <- struct{}{}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) wait(t *testing.T, n int) []update {
	t.Helper()
	for ctx := shortly(t); ; {
		r.mu.Lock()
		got := slices.Clone(r.got)
		r.mu.Unlock()
		if len(got) >= n {
			return got
		}
		select {
		case <-r.arrived:
		case <-ctx.Done():
			t.Fatalf("webhook: got %d updates, want %d", len(got), n)
		}
	}
}

func TestWebhookDelivers(t *testing.T) {
	t.Parallel()
	srv := setup(t, noLimits())
	citizen(t, srv, 5)
	hook := newReceiver(t, func(update) int { return 200 })
	must(t, srv, "setWebhook", fields{"url": hook.URL, "secret_token": "s3cret"})
	refused(t, srv, "getUpdates", nil, 409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
	say(t, srv, 5, "a", "b", "reply please")
	got := hook.wait(t, 4)
	if want := []string{"/start", "a", "b", "reply please"}; !slices.Equal(texts(got), want) {
		t.Errorf("one chat's order: got %q, want %q", texts(got), want)
	}
	if i := slices.IndexFunc(hook.secrets, func(s string) bool { return s != "s3cret" }); i >= 0 {
		t.Errorf("secret header of update %d: got %q", i, hook.secrets[i])
	}
	if _, err := srv.WaitFor(shortly(t), 5, func(m telegramtest.Message) bool { return m.Text == "by the webhook" }); err != nil {
		t.Errorf("a method call in the webhook's answer: %v", err)
	}
	var info struct {
		URL     string
		Pending int `json:"pending_update_count"`
	}
	if err := json.Unmarshal(call(t, srv, "getWebhookInfo", nil).Result, &info); err != nil || info.URL != hook.URL || info.Pending != 0 {
		t.Errorf("getWebhookInfo: got %+v, %v", info, err)
	}
	must(t, srv, "deleteWebhook", nil)
	say(t, srv, 5, "polled")
	if got := texts(poll(t, srv, nil)); !slices.Equal(got, []string{"polled"}) {
		t.Errorf("after deleteWebhook: got %q, want polled", got)
	}
}

func TestWebhookRetriesInOrderPerChat(t *testing.T) {
	t.Parallel()
	cfg := noLimits()
	cfg.WebhookRetry = 5 * time.Millisecond
	srv := setup(t, cfg)
	citizen(t, srv, 5)
	citizen(t, srv, 6)
	poll(t, srv, fields{"offset": -1})
	refusals := 0
	hook := newReceiver(t, func(u update) int {
		if u.Message.Text == "5a" && refusals < 3 {
			refusals++ // Chat 5 has one delivery at a time, so nothing races here.
			return 500
		}
		return 200
	})
	must(t, srv, "setWebhook", fields{"url": hook.URL, "drop_pending_updates": true})
	say(t, srv, 5, "5a", "5b")
	say(t, srv, 6, "6a", "6b")
	got := texts(hook.wait(t, 4))
	if slices.Index(got, "5a") > slices.Index(got, "5b") || slices.Index(got, "6a") > slices.Index(got, "6b") {
		t.Errorf("order within each chat: got %q", got)
	}
	if refusals != 3 {
		t.Errorf("attempts that were refused: got %d, want 3", refusals)
	}
	if info := call(t, srv, "getWebhookInfo", nil); !strings.Contains(string(info.Result), "Wrong response from the webhook: 500") {
		t.Errorf("getWebhookInfo names the last error: got %s", info.Result)
	}
}

func TestSetWebhookIsStrict(t *testing.T) {
	t.Parallel()
	srv := setup(t, noLimits())
	for name, f := range map[string]fields{
		"no host":           {"url": "https://"},
		"plain http abroad": {"url": "http://arifa.example/hook"},
		"another port":      {"url": "https://arifa.example:8081/hook"},
		"secret":            {"url": "https://arifa.example/hook", "secret_token": "with space"},
	} {
		if got := call(t, srv, "setWebhook", f); got.Code != 400 {
			t.Errorf("%s: got %d %q, want 400", name, got.Code, got.Text)
		}
	}
	hook := newReceiver(t, func(update) int { return 200 })
	must(t, srv, "setWebhook", fields{"url": hook.URL})
	refused(t, srv, "setWebhook", fields{"url": hook.URL}, 429, "Too Many Requests: retry after 1")
	must(t, srv, "setWebhook", fields{"url": ""})
	poll(t, srv, nil)
}

func TestCloseEndsAPoll(t *testing.T) {
	t.Parallel()
	srv := telegramtest.New(noLimits())
	done := make(chan struct{})
	go func() { _, _ = try(srv, "getUpdates", fields{"timeout": 50}); close(done) }()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	<-ctx.Done()
	if err := srv.Close(); err != nil {
		t.Error(err)
	}
	<-done
}
