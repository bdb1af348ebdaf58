package slacktest_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"arifa/notifiers/slack/slacktest"
)

func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

func unquery(t *testing.T, s string) string {
	t.Helper()
	return must[string](t)(url.QueryUnescape(s))
}

func formValue(t *testing.T, body, key string) string {
	t.Helper()
	return must[url.Values](t)(url.ParseQuery(body)).Get(key)
}

func TestDeliveriesAreSigned(t *testing.T) {
	t.Parallel()
	s := setup(t)
	a := hook(t, s, ok)
	if err := s.Say(juma, "stima & co"); err != nil {
		t.Fatal(err)
	}
	r, body := <-a.told, <-a.bodies
	mac := hmac.New(sha256.New, []byte(s.Config().Secret))
	mac.Write([]byte("v0:" + r.Header.Get("X-Slack-Request-Timestamp") + ":" + string(body)))
	if want := "v0=" + hex.EncodeToString(mac.Sum(nil)); r.Header.Get("X-Slack-Signature") != want {
		t.Errorf("got %q, want %q", r.Header.Get("X-Slack-Signature"), want)
	}
	if r.URL.Path != "/events" || !strings.Contains(string(body), `"stima \u0026amp; co"`) || !strings.Contains(string(body), `"channel_type":"im"`) {
		t.Errorf("got %s %s", r.URL.Path, body)
	}
}

func TestAnEventComesAgainUntilItIsAcknowledged(t *testing.T) {
	t.Parallel()
	s := setup(t, func(c *slacktest.Config) {
		c.RetryAfter = []time.Duration{0, 5 * time.Millisecond, 5 * time.Millisecond}
	})
	n := 0
	a := hook(t, s, func(string, []byte) (int, string) {
		if n++; n < 3 {
			return 503, "not stored"
		}
		return 200, ""
	})
	_ = s.Say(juma, "hello")
	var ids []string
	for i := range 3 {
		r, body := <-a.told, <-a.bodies
		if got := r.Header.Get("X-Slack-Retry-Num"); got != []string{"", "1", "2"}[i] {
			t.Errorf("delivery %d: retry %q", i, got)
		}
		var e struct {
			ID string `json:"event_id"`
		}
		_ = json.Unmarshal(body, &e)
		ids = append(ids, e.ID)
	}
	if ids[0] != ids[1] || ids[1] != ids[2] || ids[0] == "" {
		t.Errorf("got ids %q, want one", ids)
	}
	eventually(t, "the third is the last", func() bool { return s.Stats().Retries == 2 })
}

func TestACommandIsNotRepeated(t *testing.T) {
	t.Parallel()
	s := setup(t)
	a := hook(t, s, func(string, []byte) (int, string) { return 500, "" })
	if ack := must[*slacktest.Deed](t)(s.Command(juma, news, "/arifa", "x")).Wait(); ack.OK || ack.Status != 500 {
		t.Errorf("got %+v", ack)
	}
	<-a.told
	if n := s.Stats().Deliveries; n != 1 {
		t.Errorf("got %d deliveries, want one", n)
	}
}

func TestOnlySubscribedEventsAreTold(t *testing.T) {
	t.Parallel()
	s := setup(t, func(c *slacktest.Config) { c.Events = []string{"message.im"} })
	a := hook(t, s, ok)
	_ = s.SayIn(news, amina, "in public")
	s.OpenHome(juma, "home")
	_ = s.Say(juma, "in private")
	if body := string(<-a.bodies); !strings.Contains(body, "in private") {
		t.Errorf("got %s", body)
	}
}

// dial opens a socket as an app does.
func dial(t *testing.T, s *slacktest.Server) *websocket.Conn {
	t.Helper()
	address := callAs(t, s, s.Config().AppToken, "apps.connections.open").URL
	conn, _, err := websocket.DefaultDialer.DialContext(within(t), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, _, err := websocket.DefaultDialer.Dial(address, nil); err == nil {
		t.Error("a ticket was good twice")
	}
	return conn
}

type envelope struct {
	Type     string `json:"type"`
	ID       string `json:"envelope_id"`
	Retry    int    `json:"retry_attempt"`
	Reason   string `json:"reason"`
	Accepts  bool   `json:"accepts_response_payload"`
	Sockets  int    `json:"num_connections"`
	Payload  json.RawMessage
	RetryWhy string `json:"retry_reason"`
}

func next(t *testing.T, conn *websocket.Conn) envelope {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
	var e envelope
	if err := conn.ReadJSON(&e); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestSocketMode(t *testing.T) {
	t.Parallel()
	s := setup(t, func(c *slacktest.Config) {
		c.AckWithin = 200 * time.Millisecond
		c.RetryAfter = []time.Duration{0, 0, 0}
	})
	conn := dial(t, s)
	if e := next(t, conn); e.Type != "hello" || e.Sockets != 1 {
		t.Errorf("got %+v, want hello", e)
	}
	_ = s.Say(juma, "hello")
	first := next(t, conn)
	second := next(t, conn) // nobody acknowledged the first in time
	if first.Type != "events_api" || second.Retry != 1 || second.RetryWhy != "timeout" || first.ID != second.ID {
		t.Errorf("got %+v, then %+v", first, second)
	}
	_ = conn.WriteJSON(map[string]any{"envelope_id": second.ID})
	d := must[*slacktest.Deed](t)(s.Command(juma, news, "/arifa", "x"))
	e := next(t, conn)
	if e.Type != "slash_commands" || !e.Accepts {
		t.Errorf("got %+v", e)
	}
	_ = conn.WriteJSON(map[string]any{"envelope_id": e.ID, "payload": map[string]any{"text": "seen"}})
	if ack := d.Wait(); !ack.OK || ack.Told != "seen" {
		t.Errorf("got %+v", ack)
	}
	d = must[*slacktest.Deed](t)(s.Command(juma, news, "/arifa", "x"))
	e = next(t, conn)
	_ = conn.WriteJSON(map[string]any{"envelope_id": e.ID, "payload": map[string]any{"text": strings.Repeat("x", 20<<10)}})
	if ack := d.Wait(); ack.OK {
		t.Error("an acknowledgement of 20 KB was taken")
	}
	s.Refresh("refresh_requested", 0)
	if e := next(t, conn); e.Type != "disconnect" || e.Reason != "refresh_requested" {
		t.Errorf("got %+v", e)
	}
	if _, _, err := conn.ReadMessage(); err == nil {
		t.Error("the connection stays open")
	}
	eventually(t, "no socket is open", func() bool { open, ever := s.Sockets(); return open == 0 && ever == 1 })
	if ack := must[*slacktest.Deed](t)(s.Command(juma, news, "/arifa", "x")).Wait(); ack.OK {
		t.Error("a command without a socket was acknowledged")
	}
}

func TestTwoSocketsShareTheEvents(t *testing.T) {
	t.Parallel()
	s := setup(t)
	one, two := dial(t, s), dial(t, s)
	next(t, one)
	next(t, two)
	_ = s.Say(juma, "a")
	_ = s.Say(amina, "b")
	if a, b := next(t, one), next(t, two); a.ID == b.ID {
		t.Error("both got the same")
	}
}
