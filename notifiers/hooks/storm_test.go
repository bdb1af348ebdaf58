package hooks_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"arifa/subscriptions"
)

func storm(status string, n int) []byte {
	alerts := make([]string, n)
	for i := range n {
		alerts[i] = fmt.Sprintf(`{"status":%q,"labels":{"alertname":"Down","service":"mpesa","instance":"host-%d"},"startsAt":"2025-01-03T03:00:00Z","endsAt":"2025-01-03T05:00:00Z","fingerprint":"%016x"}`, status, i, i)
	}
	return []byte(`{"version":"4","alerts":[` + strings.Join(alerts, ",") + `]}`)
}

// A data centre that goes down is a hundred signals at most, and each of them ends.
func TestAStormIsFolded(t *testing.T) {
	t.Parallel()
	b := onSQLite(t)
	path := "prometheus/" + promSecret
	if got := b.post(path, storm("firing", 2000)); got.status != 200 || got.tally.Stored != 100 || got.tally.Folded != 1900 {
		t.Fatalf("got %d %s", got.status, got.text)
	}
	if got := b.post(path, storm("firing", 2000)); got.tally.Stored != 0 || got.tally.Repeated != 100 || got.tally.Folded != 1900 {
		t.Errorf("said again: got %s", got.text)
	}
	if got := b.send("alertmanager-firing"); got.tally.Stored != 1 {
		t.Errorf("another platform meanwhile: got %s", got.text)
	}
	writes := b.ledger.writes
	if got := b.post(path, storm("resolved", 2000)); got.tally.Stored != 100 || got.tally.Repeated != 1900 || b.ledger.writes-writes != 100 {
		t.Errorf("resolved: got %s, %d writes", got.text, b.ledger.writes-writes)
	}
	for _, line := range b.ledger.state() {
		if strings.Contains(line, " mpesa fires") {
			t.Errorf("it still fires: %s", line)
		}
	}
}

// A store that goes down in the middle is 503, and what the sender sends again
// completes it: nothing is lost, nothing is there twice.
func TestTheStoreGoesDown(t *testing.T) {
	t.Parallel()
	b := onSQLite(t)
	path := "prometheus/" + promSecret
	for name, at := range map[string]int{"before it is read": 0, "at the third of ten": 3} {
		b.ledger.mu.Lock()
		b.ledger.writes = 0
		b.ledger.down = func(write int) error {
			if write >= at {
				return fmt.Errorf("commit: %w", subscriptions.ErrUnavailable)
			}
			return nil
		}
		b.ledger.mu.Unlock()
		if got := b.post(path, storm("firing", 10)); got.status != 503 || got.header.Get("Retry-After") == "" {
			t.Errorf("%s: got %d %s", name, got.status, got.text)
		}
	}
	b.ledger.mu.Lock()
	b.ledger.down = func(int) error { return errors.New("pq: password of arifa is wrong") }
	b.ledger.mu.Unlock()
	if got := b.post(path, storm("firing", 10)); got.status != 503 || strings.Contains(got.text, "password") {
		t.Errorf("an unforeseen error: got %d %s", got.status, got.text)
	}
	b.ledger.mu.Lock()
	b.ledger.down = nil
	b.ledger.mu.Unlock()
	if got := b.post(path, storm("firing", 10)); got.status != 200 || got.tally.Stored+got.tally.Repeated != 10 || len(b.ledger.state()) != 10 {
		t.Errorf("sent again: got %d %s, %d signals", got.status, got.text, len(b.ledger.state()))
	}
}

// A platform that the catalogue has no more is named; the others are stored.
func TestAPlatformThatIsGone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.ledger.down = func(write int) error {
		if write == 1 {
			return fmt.Errorf("platform: %w", subscriptions.ErrNotFound)
		}
		return nil
	}
	got := b.send("alertmanager-grouped")
	if got.status != 200 || got.tally.Stored != 1 || len(got.tally.Unmapped) != 2 || !strings.Contains(got.text, "ecitizen-payments is not in the catalogue any more") {
		t.Errorf("got %d %s", got.status, got.text)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	b := onSQLite(t)
	var g sync.WaitGroup
	for i := range 40 {
		g.Go(func() {
			body := fmt.Sprintf(`{"key":"gateway-%d","status":"firing","labels":{"check":"payments"}}`, i%10)
			if got := b.post("own/"+jsonSecret, []byte(body)); got.status != 200 {
				t.Errorf("got %d %s", got.status, got.text)
			}
		})
	}
	g.Wait()
	if got := len(b.ledger.state()); got != 10 {
		t.Errorf("%d signals, want 10", got)
	}
	b.pass(time.Second)
}

func TestOwnForm(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, c := range []struct {
		name, body string
		status     int
		says       string
	}{
		{"a misspelt key", `{"key":"a","statsu":"firing"}`, 400, "statsu"},
		{"no key", `{"status":"firing"}`, 400, `the key \"key\" is missing`},
		{"an invisible key", `{"key":"a\u200b","status":"firing"}`, 400, "visible"},
		{"a long key", `{"key":"` + strings.Repeat("k", 121) + `","status":"firing"}`, 400, "120"},
		{"an unknown status", `{"key":"a","status":"down"}`, 400, "write firing or resolved"},
		{"a time of nobody", `{"key":"a","status":"firing","at":"at six"}`, 400, "RFC 3339"},
		{"two values", `{"key":"a","status":"firing"}{"key":"b","status":"firing"}`, 400, "not JSON"},
		{"an empty list", `{"signals":[]}`, 400, "is empty"},
		{"a list with more beside it", `{"signals":[],"key":"a"}`, 400, "key"},
		{"labels that are no texts", `{"key":"a","status":"firing","labels":{"n":1}}`, 400, "labels"},
		{"one of two is wrong", `{"signals":[{"key":"a","status":"x"},{"key":"b","status":"firing","labels":{"check":"payments"}}]}`, 200, `signal 0: \"status\" is \"x\"`},
		{"by its key", `{"key":"b","status":"resolved"}`, 200, `"stored":1`},
	} {
		if got := b.post("own/"+jsonSecret, []byte(c.body)); got.status != c.status || !strings.Contains(got.text, c.says) && !strings.Contains(got.text, strings.ReplaceAll(c.says, `\"`, `\\\"`)) {
			t.Errorf("%s: got %d %s, want %d with %s", c.name, got.status, got.text, c.status, c.says)
		}
	}
}
