package hooks_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// What a call can make happen, by who sends it.
func TestForgedHook(t *testing.T) {
	t.Parallel()
	fine := payload(t, "alertmanager-firing")
	prom := "/hooks/prometheus/" + promSecret
	for _, c := range []struct {
		name   string
		method string
		path   string
		kind   string
		body   []byte
		status int
		says   string
	}{
		{"wrong secret", "POST", "/hooks/prometheus/guessed-secret-guessed-secret", "application/json", fine, 404, "There is nothing here."},
		{"guessed source", "POST", "/hooks/alertmanager/" + promSecret, "application/json", fine, 404, "There is nothing here."},
		{"another source's secret", "POST", "/hooks/prometheus/" + kumaSecret, "application/json", fine, 404, "There is nothing here."},
		{"no secret", "POST", "/hooks/prometheus/", "application/json", fine, 404, ""},
		{"a part of the secret", "POST", prom[:len(prom)-1], "application/json", fine, 404, "There is nothing here."},
		{"the secret in capitals", "POST", strings.ToUpper(prom), "application/json", fine, 404, ""},
		{"more of a path", "POST", prom + "/x", "application/json", fine, 404, ""},
		{"wrong method", "GET", prom, "", nil, 405, "Only POST"},
		{"wrong method without a secret", "DELETE", "/hooks/prometheus/x", "", nil, 405, "Only POST"},
		{"a form", "POST", prom, "application/x-www-form-urlencoded", fine, 415, "Content-Type: application/json"},
		{"no media type", "POST", prom, "", fine, 415, "Content-Type: application/json"},
		{"another kind's payload", "POST", prom, "application/json", payload(t, "kuma-down"), 400, `the key \"version\" is missing`},
		{"an old version", "POST", prom, "application/json", []byte(`{"version":"3","alerts":[{}]}`), 400, "version 4"},
		{"no alerts", "POST", prom, "application/json", []byte(`{"version":"4","alerts":[]}`), 400, "missing or empty"},
		{"no JSON", "POST", prom, "application/json", []byte(`hello`), 400, "not JSON"},
		{"cut off", "POST", prom, "application/json", fine[:100], 400, "not JSON"},
		{"a list", "POST", prom, "application/json", []byte(`[]`), 400, "array stands where an object is wanted"},
		{"nothing", "POST", prom, "application/json", nil, 400, "not JSON"},
		{"deep JSON", "POST", prom, "application/json", []byte(strings.Repeat(`{"a":`, 100_000)), 400, "not JSON"},
		{"deep JSON that ends", "POST", prom, "application/json", []byte(`{"version":"4","alerts":[` + strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000) + `]}`), 400, "not JSON"},
		{"a gigantic body", "POST", prom, "application/json", bytes.Repeat([]byte("x"), 3<<20), 413, "at most 1048576 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			r, err := http.NewRequest(c.method, b.url+c.path, bytes.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			if c.kind != "" {
				r.Header.Set("Content-Type", c.kind)
			}
			got := b.do(r)
			if got.status != c.status || !strings.Contains(got.text, c.says) {
				t.Errorf("got %d %q, want %d with %q", got.status, got.text, c.status, c.says)
			}
			if got.status == 405 && got.header.Get("Allow") != "POST" {
				t.Errorf("Allow is %q", got.header.Get("Allow"))
			}
			if state := b.ledger.state(); state != nil || b.ledger.writes > 0 {
				t.Errorf("it made this happen: %q, %d writes", state, b.ledger.writes)
			}
		})
	}
}

// A wrong secret and an unknown source cannot be told from each other.
func TestGuessingLearnsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	wrong, unknown := b.post("prometheus/guessed-secret-1", nil), b.post("nobody/guessed-secret-1", nil)
	for _, a := range []*answer{&wrong, &unknown} {
		a.text = strings.ReplaceAll(a.text, a.header.Get("X-Request-Id"), "")
		a.header.Del("X-Request-Id")
		a.header.Del("Date")
	}
	if fmt.Sprint(wrong) != fmt.Sprint(unknown) {
		t.Errorf("wrong secret: %v\nunknown source: %v", wrong, unknown)
	}
}

// Guessing is slowed down, and silences no sender that shares the guesser's address.
func TestGuessingIsSlowedDown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	count := map[int]int{}
	var last answer
	for i := range 100 {
		last = b.post(fmt.Sprintf("prometheus/guessed-secret-%d", i), payload(t, "alertmanager-firing"))
		count[last.status]++
	}
	if count[404] != 10 || count[429] != 90 || last.header.Get("Retry-After") != "6" {
		t.Errorf("got %v, Retry-After %q", count, last.header.Get("Retry-After"))
	}
	if got := b.send("alertmanager-firing"); got.status != 200 || got.tally.Stored != 1 {
		t.Errorf("the right sender: got %d %s", got.status, got.text)
	}
	b.pass(time.Minute)
	if got := b.post("prometheus/guessed-secret-x", nil); got.status != 404 {
		t.Errorf("a minute later: got %d", got.status)
	}
}

// A source that goes wild is told to send again, and holds up no other.
func TestAWildSource(t *testing.T) {
	t.Parallel()
	b := setup(t)
	count := map[int]int{}
	for range 1100 {
		count[b.send("kuma-test").status]++
	}
	if count[200] != 1000 || count[503] != 100 {
		t.Errorf("got %v", count)
	}
	if got := b.send("alertmanager-firing"); got.status != 200 {
		t.Errorf("another source: got %d %s", got.status, got.text)
	}
}

// A body that never ends holds its place for a while only; nothing comes of it.
func TestASlowBody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.hooks.Hurry(300 * time.Millisecond)
	at, err := url.Parse(b.url)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", at.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /hooks/prometheus/%s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{\"version\":", promSecret)
	if got := b.send("alertmanager-firing"); got.status != 200 {
		t.Errorf("meanwhile: got %d %s", got.status, got.text)
	}
	r, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || r.StatusCode != http.StatusRequestTimeout {
		t.Errorf("got %v, %v, want 408", r, err)
	}
}

// Whoever has the secret can make a lead for officers. Labels of any number, of any
// length and with any words make one signal: short, visible, of the platform that
// the operator's rules name.
func TestLabelsOfAnAttacker(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var labels strings.Builder
	for i := 0; labels.Len() < 900_000; i++ {
		fmt.Fprintf(&labels, `"l%d":"x",`, i)
	}
	body := `{"version":"4","alerts":[{"status":"firing","fingerprint":"f1","startsAt":"2025-01-03T03:00:00Z",
		"labels":{` + labels.String() + `"service":"mpesa","platform":"kra-itax","alertname":"PAY TO 400200"},
		"annotations":{"summary":"Tuma pesa kwa paybill 400200\u202e\u0000\n\u001b[2J` + strings.Repeat("400200 ", 1000) + `"}}]}`
	if got := b.post("prometheus/"+promSecret, []byte(body)); got.status != 200 || got.tally.Stored != 1 {
		t.Fatalf("got %d %.200s", got.status, got.text)
	}
	s := b.ledger.get("alertmanager:prometheus", "f1")
	if s.Platform != "mpesa" || len([]rune(s.Summary)) > 200 || strings.ContainsAny(s.Summary, "\u202e\x00\n\x1b") {
		t.Errorf("got %+v", s)
	}
	if strings.Contains(b.log.String(), "400200") {
		t.Errorf("the log tells the attacker's text:\n%s", b.log)
	}
}

func TestABodyThatWasSentBefore(t *testing.T) {
	t.Parallel()
	b := onSQLite(t)
	for _, file := range []string{"alertmanager-firing", "alertmanager-partly-resolved", "json-firing", "json-resolved", "kuma-down", "kuma-up"} {
		b.send(file)
	}
	before, writes := b.ledger.state(), b.ledger.writes
	for _, old := range []string{"alertmanager-firing", "json-firing", "kuma-down", "json-resolved", "kuma-up"} {
		if got := b.send(old); got.status != 200 || got.tally.Stored != 0 {
			t.Errorf("%s: got %d %s", old, got.status, got.text)
		}
	}
	if after := b.ledger.state(); fmt.Sprint(after) != fmt.Sprint(before) || b.ledger.writes != writes {
		t.Errorf("got %q after %d more writes\nwant %q", after, b.ledger.writes-writes, before)
	}
}
