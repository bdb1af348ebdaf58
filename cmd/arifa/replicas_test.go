package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
	"arifa/subscriptions/postgres/postgrestest"
)

// Of two replicas on one PostgreSQL one owns the bot. Both take what Telegram and
// monitors call in, store it and say so, and show the page as it is now; what they heard
// is answered once, by the owner; and when that one dies the other goes on.
func TestEveryReplicaHearsAndShows(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, postgrestest.Database(t), 6)
	words := []string{"--telegram-mode", "webhook", "--telegram-webhook-secret", "a-secret", "--public-url", "https://arifa.example.go.ke", "--config", hookConfig(t)}
	replicas := []*program{c.serves(words...), c.serves(words...)}
	for _, p := range replicas {
		p.get("/healthz")
	}
	c.until("an owner", func() bool { return c.owner() != "" })
	update := 0
	say := func(p *program, chat int64, again int) {
		t.Helper()
		body := fmt.Sprintf(`{"update_id":%d,"message":{"message_id":%d,"date":1735880000,"chat":{"id":%d,"type":"private"},"from":{"id":%d,"is_bot":false,"first_name":"A"},"text":"/help"}}`, again, 900+again, chat, chat)
		req, err := http.NewRequest(http.MethodPost, "http://"+p.address("listen")+"/telegram/webhook", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", "a-secret")
		if code, _ := answerOf(t, req); code != http.StatusOK {
			t.Fatalf("an update got %d", code)
		}
	}
	answers := func(chat int64) (n int) {
		for e := range c.net.Entries() {
			if e.Chat == chat && e.Kind == telegramtest.Send && e.Tag == "" {
				n++
			}
		}
		return n
	}
	for k, p := range replicas {
		chat := c.chat(k)
		update++
		say(p, chat, update)
		c.until("the answer", func() bool { return answers(chat) > 0 })
		before := answers(chat)
		for _, q := range replicas { // it comes again, to both
			say(q, chat, update)
		}
		update++
		say(p, c.chat(k+2), update) // what comes later has been answered
		c.until("the answer of another", func() bool { return answers(c.chat(k+2)) > 0 })
		if n := answers(chat); n != before {
			t.Errorf("replica %d: an update that came three times got %d answers, want %d", k, n, before)
		}
	}

	for k, status := range []string{"firing", "resolved"} {
		req, err := http.NewRequest(http.MethodPost, "http://"+replicas[k].address("listen")+"/hooks/prometheus/"+hookSecret, strings.NewReader(alerts(status)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		if code, said := answerOf(t, req); code != http.StatusOK || !strings.Contains(said, `"stored":1`) {
			t.Errorf("replica %d: a monitor got %d %s", k, code, said)
		}
		if stored := signalsOf(t, c.database); len(stored) != 1 || stored[0].Firing != (status == "firing") {
			t.Errorf("after %s at replica %d: got %+v", status, k, stored)
		}
	}

	var open subscriptions.Incident
	said := c.fails(&open)
	for k, p := range replicas {
		c.until(fmt.Sprintf("the page of replica %d", k), func() bool {
			req, err := http.NewRequest(http.MethodGet, "http://"+p.address("listen")+"/en", nil)
			if err != nil {
				t.Fatal(err)
			}
			code, page := answerOf(t, req)
			return code == http.StatusOK && strings.Contains(page, said.Key.Short())
		})
	}
	c.waitDone(said.Notice)

	// One of the two ends, whichever: what the other hears is answered, by it.
	if err := replicas[0].cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	update++
	say(replicas[1], c.chat(5), update)
	c.until("the answer of who is left", func() bool { return answers(c.chat(5)) > 0 })
}

func answerOf(t *testing.T, req *http.Request) (int, string) {
	t.Helper()
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(b)
}
