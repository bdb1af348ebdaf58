package telegramtest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"arifa/notifiers/telegram/telegramtest"
)

// send posts one message with a deadline; err is what a client sees.
func send(t *testing.T, srv *telegramtest.Server, text string, within time.Duration) (*http.Response, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), within)
	t.Cleanup(cancel)
	body := strings.NewReader(`{"chat_id":5,"text":"` + text + `"}`)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, srv.URL()+"/bot"+srv.Token()+"/sendMessage", body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err == nil {
		t.Cleanup(func() { _ = answer.Body.Close() })
	}
	return answer, err
}

func TestFaultsThatCutOrHang(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do    telegramtest.Action
		taken bool
	}{
		"reset before":    {telegramtest.CutRequest, false},
		"reset after":     {telegramtest.CutReply, true},
		"hang":            {telegramtest.Hang, false},
		"hang once taken": {telegramtest.HangReply, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := setup(t, noLimits())
			citizen(t, srv, 5)
			clear := srv.Inject(telegramtest.Fault{Do: c.do, Times: 1})
			if answer, err := send(t, srv, "x", 200*time.Millisecond); err == nil {
				t.Fatalf("got an answer %d, want none", answer.StatusCode)
			}
			if _, there := srv.Last(5); there != c.taken || len(entries(srv)) == 1 != c.taken {
				t.Errorf("message taken: got %v with %d entries, want %v", there, len(entries(srv)), c.taken)
			}
			if answer, err := send(t, srv, "y", 5*time.Second); err != nil || answer.StatusCode != 200 {
				t.Errorf("after Times: got %v, %v, want 200", answer, err)
			}
			clear()
		})
	}
}

func TestFaultAnswers(t *testing.T) {
	t.Parallel()
	srv := setup(t, noLimits())
	citizen(t, srv, 5)
	citizen(t, srv, 6)
	clear := srv.Inject(telegramtest.Fault{Do: telegramtest.Fail})
	refused(t, srv, "sendMessage", fields{"chat_id": 5, "text": "x"}, 500, "Internal Server Error")
	must(t, srv, "getMe", nil) // A fault meets what writes into chats, unless it says otherwise.
	clear()
	srv.Inject(telegramtest.Fault{Do: telegramtest.BadGateway, Methods: []string{"getMe"}})
	answer, err := http.Get(srv.URL() + "/bot" + srv.Token() + "/getMe")
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != 502 || answer.Header.Get("Content-Type") != "text/html" {
		t.Errorf("a proxy's page: got %d %s", answer.StatusCode, answer.Header.Get("Content-Type"))
	}
	srv.ClearFaults()
	srv.Inject(telegramtest.Fault{Do: telegramtest.Fail, Code: 400, Text: "Bad Request: poison", Chat: 6, Every: 2})
	for i, want := range []int{0, 400, 0, 400} {
		if got := call(t, srv, "sendMessage", fields{"chat_id": 6, "text": "x"}); got.Code != want {
			t.Errorf("every second to chat 6, request %d: got %d, want %d", i+1, got.Code, want)
		}
		must(t, srv, "sendMessage", fields{"chat_id": 5, "text": "x"})
	}
	srv.ClearFaults()
	srv.Inject(telegramtest.Fault{Delay: 60 * time.Millisecond})
	before := time.Now()
	must(t, srv, "sendMessage", fields{"chat_id": 5, "text": "x"})
	if took := time.Since(before); took < 60*time.Millisecond {
		t.Errorf("latency: got %v, want at least 60 ms", took)
	}
	all := entries(srv)
	if last := all[len(all)-1]; last.Accepted-last.Begun < 60*time.Millisecond {
		t.Errorf("the ledger's begin lies before the latency: got %v to %v", last.Begun, last.Accepted)
	}
}

func TestStorm(t *testing.T) {
	t.Parallel()
	srv, clock := limited(t, telegramtest.Limits{})
	citizen(t, srv, 5)
	citizen(t, srv, 6)
	srv.Inject(telegramtest.Fault{Do: telegramtest.TooMany, RetryAfter: 7, Chat: 5, OneChat: true, Times: 1})
	f := fields{"chat_id": 5, "text": "x"}
	refused(t, srv, "sendMessage", f, 429, "Too Many Requests: retry after 7")
	must(t, srv, "sendMessage", fields{"chat_id": 6, "text": "x"})
	clock.Add(3 * time.Second)
	refused(t, srv, "sendMessage", f, 429, "Too Many Requests: retry after 4")
	clock.Add(4 * time.Second)
	must(t, srv, "sendMessage", f)
	if v := srv.Violations(); len(v) != 1 || v[0].Chat != 5 || v[0].Left != 4*time.Second {
		t.Errorf("violations: got %+v, want one of chat 5 with 4 s left", v)
	}
	srv.Inject(telegramtest.Fault{Do: telegramtest.TooMany, RetryAfter: 2, Times: 1})
	refused(t, srv, "sendMessage", f, 429, "Too Many Requests: retry after 2")
	refused(t, srv, "sendMessage", fields{"chat_id": 6, "text": "x"}, 429, "Too Many Requests: retry after 2")
	if v := srv.Violations(); len(v) != 2 || v[1].Chat != 0 {
		t.Errorf("a storm over the whole bot: got %+v, want a second violation, of the bot", v)
	}
}
