package hooks_test

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// Each step sends one payload of a real shape; state is what fires and what ended
// after it, told is "stored repeated ignored unmapped".
func TestRealPayloads(t *testing.T) {
	t.Parallel()
	type step struct {
		file   string
		status int
		told   [4]int
		state  []string
	}
	const (
		pay1 = "alertmanager:prometheus c6eadffa33fcdf37 ecitizen-payments "
		pay2 = "alertmanager:prometheus bc97ff14869b13e3 ecitizen-payments "
		kuma = "uptime-kuma:kuma monitor/29 ecitizen-platform "
		comp = "statuspage:mpesa-page component/rb5wq1dczvbm mpesa "
		inc  = "statuspage:mpesa-page incident/lbkhbwn21v5q/rb5wq1dczvbm mpesa "
		bare = "statuspage:mpesa-page incident/lbkhbwn21v5q mpesa "
		own  = "json:own gateway-3 ecitizen-payments "
		own4 = "json:own gateway-4 ecitizen-payments "
	)
	stored := map[string]bool{"Alertmanager before 0.19": true, "Alertmanager that leaves alerts out": true, "Uptime Kuma 1": true}
	for _, c := range []struct {
		name  string
		steps []step
	}{
		{"Alertmanager: firing, repeated, resolved, resolved again", []step{
			{"alertmanager-firing", 200, [4]int{1, 0, 0, 0}, []string{pay1 + "fires"}},
			{"alertmanager-firing", 200, [4]int{0, 1, 0, 0}, []string{pay1 + "fires"}},
			{"alertmanager-resolved", 200, [4]int{1, 1, 0, 0}, []string{pay1 + "ended"}},
			{"alertmanager-resolved", 200, [4]int{0, 2, 0, 0}, []string{pay1 + "ended"}}}},
		{"Alertmanager: grouped, and one of the group has no rule", []step{
			{"alertmanager-grouped", 200, [4]int{2, 0, 0, 1}, []string{pay2 + "fires", pay1 + "fires"}},
			{"alertmanager-partly-resolved", 200, [4]int{1, 1, 0, 0}, []string{pay2 + "fires", pay1 + "ended"}},
			{"alertmanager-resolved", 200, [4]int{1, 1, 0, 0}, []string{pay2 + "ended", pay1 + "ended"}}}},
		{"Alertmanager: a call that comes again after the end begins nothing; a new occurrence does", []step{
			{"alertmanager-firing", 200, [4]int{1, 0, 0, 0}, []string{pay1 + "fires"}},
			{"alertmanager-partly-resolved", 200, [4]int{2, 0, 0, 0}, []string{pay2 + "fires", pay1 + "ended"}},
			{"alertmanager-firing", 200, [4]int{0, 1, 0, 0}, []string{pay2 + "fires", pay1 + "ended"}},
			{"alertmanager-again", 200, [4]int{1, 0, 0, 0}, []string{pay2 + "fires", pay1 + "fires"}},
			{"alertmanager-partly-resolved", 200, [4]int{0, 2, 0, 0}, []string{pay2 + "fires", pay1 + "fires"}}}},
		{"Alertmanager: an end of what never fired here", []step{{"alertmanager-resolved", 200, [4]int{0, 2, 0, 0}, nil}}},
		{"Alertmanager before 0.19", []step{{"alertmanager-no-fingerprint", 200, [4]int{1, 0, 0, 0}, []string{"alertmanager:prometheus labels:c2d1b4 ecitizen-payments fires"}}}},
		{"Alertmanager that leaves alerts out", []step{{"alertmanager-truncated", 200, [4]int{1, 0, 0, 0}, []string{pay1 + "fires"}}}},
		{"Uptime Kuma: down, said again, up", []step{
			{"kuma-down", 200, [4]int{1, 0, 0, 0}, []string{kuma + "fires"}},
			{"kuma-still-down", 200, [4]int{0, 1, 0, 0}, []string{kuma + "fires"}},
			{"kuma-up", 200, [4]int{1, 0, 0, 0}, []string{kuma + "ended"}},
			{"kuma-down", 200, [4]int{0, 1, 0, 0}, []string{kuma + "ended"}}}},
		{"Uptime Kuma 1", []step{{"kuma-1-down", 200, [4]int{1, 0, 0, 0}, []string{kuma + "fires"}}}},
		{"Uptime Kuma: neither up nor down", []step{
			{"kuma-test", 200, [4]int{0, 0, 1, 0}, nil},
			{"kuma-pending", 200, [4]int{0, 0, 1, 0}, nil},
			{"kuma-down", 200, [4]int{1, 0, 0, 0}, []string{kuma + "fires"}},
			{"kuma-maintenance", 200, [4]int{0, 0, 1, 0}, []string{kuma + "fires"}}}},
		{"Statuspage: a component", []step{
			{"statuspage-component-down", 200, [4]int{1, 0, 0, 0}, []string{comp + "fires"}},
			{"statuspage-component-worse", 200, [4]int{0, 1, 0, 0}, []string{comp + "fires"}},
			{"statuspage-component-maintenance", 200, [4]int{0, 0, 1, 0}, []string{comp + "fires"}},
			{"statuspage-component-up", 200, [4]int{1, 0, 0, 0}, []string{comp + "ended"}}}},
		{"Statuspage: an incident with components, whose end names none", []step{
			{"statuspage-incident", 200, [4]int{1, 0, 1, 0}, []string{inc + "fires"}},
			{"statuspage-incident-resolved", 200, [4]int{1, 0, 0, 0}, []string{inc + "ended"}},
			{"statuspage-incident-resolved", 200, [4]int{0, 1, 0, 0}, []string{inc + "ended"}},
			{"statuspage-incident", 200, [4]int{0, 1, 1, 0}, []string{inc + "ended"}}}},
		{"Statuspage: an incident without components", []step{
			{"statuspage-incident-bare", 200, [4]int{1, 0, 0, 0}, []string{bare + "fires"}},
			{"statuspage-incident-resolved", 200, [4]int{1, 0, 0, 0}, []string{bare + "ended"}}}},
		{"Statuspage: a maintenance is no trouble", []step{{"statuspage-maintenance", 200, [4]int{0, 0, 1, 0}, nil}}},
		{"JSON: one, and the same key again", []step{
			{"json-firing", 200, [4]int{1, 0, 0, 0}, []string{own + "fires"}},
			{"json-firing", 200, [4]int{0, 1, 0, 0}, []string{own + "fires"}},
			{"json-resolved", 200, [4]int{1, 0, 0, 0}, []string{own + "ended"}},
			{"json-firing", 200, [4]int{0, 1, 0, 0}, []string{own + "ended"}}}},
		{"JSON: several, and one has no rule", []step{
			{"json-many", 200, [4]int{2, 0, 0, 1}, []string{own + "fires", own4 + "fires"}}}},
	} {
		kind, _, _ := strings.Cut(c.name, ":")
		open := setup
		if !stored[kind] { // the first of each kind on a real store, the others by its rule
			open, stored[kind] = onSQLite, true
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			if strings.HasPrefix(c.name, "Statuspage") {
				b.pass(time.Date(2024, 1, 28, 20, 0, 0, 0, time.UTC).Sub(b.clock()))
			}
			for i, s := range c.steps {
				got := b.send(s.file)
				told := [4]int{got.tally.Stored, got.tally.Repeated, got.tally.Ignored, len(got.tally.Unmapped)}
				if got.status != s.status || told != s.told {
					t.Errorf("step %d, %s: got %d %v, want %d %v: %s", i+1, s.file, got.status, told, s.status, s.told, got.text)
				}
				state := b.ledger.state()
				for j, line := range state { // a digest of labels stands for itself
					if at := strings.Index(line, "labels:"); at >= 0 {
						state[j] = line[:at] + "labels:c2d1b4" + line[at+len("labels:")+24:]
					}
				}
				if !slices.Equal(state, s.state) {
					t.Errorf("step %d, %s: got %q\nwant %q", i+1, s.file, state, s.state)
				}
				b.pass(10 * time.Second)
			}
		})
	}
}

// Prometheus was out of reach, so Alertmanager took the alert for resolved; when it is
// back the alert fires with the beginning that it had. It is heard, as often as that
// happens; what a second Alertmanager of the cluster says late, or the same one again,
// is not. An incident of a Statuspage that is opened again keeps its beginning too.
func TestTheSameAlertFiresAgain(t *testing.T) {
	t.Parallel()
	const alert, incident = "alertmanager:prometheus c6eadffa33fcdf37 ecitizen-payments ", "statuspage:mpesa-page incident/lbkhbwn21v5q/rb5wq1dczvbm mpesa "
	for _, c := range []struct {
		name, line    string
		firing, ended string
		at            time.Time
	}{
		{"Alertmanager", alert, "alertmanager-firing", "alertmanager-resolved", time.Date(2025, 1, 3, 12, 0, 0, 0, time.UTC)},
		{"Statuspage", incident, "statuspage-incident", "statuspage-incident-resolved", time.Date(2024, 1, 28, 20, 0, 0, 0, time.UTC)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := onSQLite(t)
			b.pass(c.at.Sub(b.clock()))
			for _, step := range []struct {
				what, file string
				stored     int
				wait       time.Duration
				state      string
			}{
				{"it fires", c.firing, 1, 20 * time.Second, "fires"},
				{"the other one of the cluster says so", c.firing, 0, 5 * time.Minute, "fires"},
				{"a group_interval later it is said again", c.firing, 0, 5 * time.Minute, "fires"},
				{"Prometheus is away", c.ended, 1, 20 * time.Second, "ended"},
				{"the other one says so", c.ended, 0, 20 * time.Second, "ended"},
				{"what was said before comes late", c.firing, 0, 11 * time.Minute, "ended"},
				{"Prometheus is back", c.firing, 1, 20 * time.Second, "fires"},
				{"and is heard once", c.firing, 0, 11 * time.Minute, "fires"},
				{"it ends, with the beginning that it had", c.ended, 1, 11 * time.Minute, "ended"},
				{"away and back once more", c.firing, 1, 0, "fires"},
			} {
				got := b.send(step.file)
				if got.tally.Stored != step.stored || !slices.Contains(b.ledger.state(), c.line+step.state) {
					t.Errorf("%s: %d stored, want %d; state %q, want %s", step.what, got.tally.Stored, step.stored, b.ledger.state(), step.state)
				}
				b.pass(step.wait)
			}
		})
	}
}

func TestWhatIsKept(t *testing.T) {
	t.Parallel()
	b := onSQLite(t)
	for _, file := range []string{"alertmanager-grouped", "kuma-down", "statuspage-component-down", "statuspage-incident", "json-firing"} {
		b.send(file)
	}
	for _, c := range []struct{ source, key, summary, since string }{
		{"alertmanager:prometheus", "c6eadffa33fcdf37", "More than half of the payments through the gateway fail", "2025-01-03T03:02:10Z"},
		{"alertmanager:prometheus", "bc97ff14869b13e3", "PaymentsFailing", "2025-01-03T03:02:25Z"},
		{"uptime-kuma:kuma", "monitor/29", "[eCitizen login] timeout of 48000ms exceeded", "2025-01-03T03:05:35Z"},
		{"json:own", "gateway-3", "9 of 10 test payments fail", "2025-01-03T03:02:00Z"},
		// A year ago is not since when it fails.
		{"statuspage:mpesa-page", "component/rb5wq1dczvbm", "M-PESA paybill: major_outage", "2025-01-03T20:00:00Z"},
		{"statuspage:mpesa-page", "incident/lbkhbwn21v5q/rb5wq1dczvbm", "Payments by paybill are delayed: investigating", "2025-01-03T20:00:00Z"},
	} {
		s := b.ledger.get(c.source, c.key)
		if s.Summary != c.summary || s.Since.Truncate(time.Second).Format(time.RFC3339) != c.since || !s.At.Equal(b.clock()) {
			t.Errorf("%s %s: got %q since %v at %v, want %q since %s", c.source, c.key, s.Summary, s.Since, s.At, c.summary, c.since)
		}
	}
}

// Nothing that was right is lost, and the answer names what was not.
func TestNineOfTen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	got := b.send("json-many")
	if want := []string{"signal printer"}; !slices.Equal(got.tally.Unmapped, want) {
		t.Errorf("unmapped: got %q, want %q", got.tally.Unmapped, want)
	}
	got = b.post("prometheus/"+promSecret, []byte(`{"version":"4","alerts":[
		{"status":"firing","labels":{"alertname":"A","service":"mpesa"},"startsAt":"2025-01-03T03:00:00Z","fingerprint":"a1"},
		{"status":"broken","labels":{"alertname":"B","service":"mpesa"},"fingerprint":"b2"},
		{"status":"firing","labels":["C"],"fingerprint":"c3"},
		{"status":"firing","labels":{},"fingerprint":"d4"},
		{"status":"firing","labels":{"alertname":"E","service":"mpesa"},"startsAt":"yesterday","fingerprint":"e5"},
		7]}`))
	if got.status != 200 || got.tally.Stored != 1 || len(got.tally.Refused) != 5 || !strings.Contains(got.tally.Refused[0], "alert B: the status \"broken\"") {
		t.Errorf("got %d %+v", got.status, got.tally)
	}
	if got := b.send("alertmanager-truncated"); !strings.Contains(got.text, "7 alerts were left out by max_alerts") {
		t.Errorf("got %s", got.text)
	}
	if !strings.Contains(b.log.String(), "signals without a place") {
		t.Errorf("the operator is not told:\n%s", b.log)
	}
}

// Where nothing at all has a place, the sender's operator sees a failure.
func TestNothingHasAPlace(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, c := range []struct {
		name, path, body string
		status           int
	}{
		{"no rule fits", "own/" + jsonSecret, `{"key":"printer","status":"firing"}`, 422},
		{"nothing can be read", "prometheus/" + promSecret, `{"version":"4","alerts":[{"status":"x","labels":{"a":"b"}}]}`, 400},
		{"ignored on purpose", "prometheus/" + promSecret, `{"version":"4","alerts":[{"status":"firing","labels":{"alertname":"Watchdog"}}]}`, 200},
	} {
		if got := b.post(c.path, []byte(c.body)); got.status != c.status {
			t.Errorf("%s: got %d %s, want %d", c.name, got.status, got.text, c.status)
		}
	}
	if b.ledger.writes != 0 {
		t.Errorf("%d writes", b.ledger.writes)
	}
}
