package telegramtest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"arifa/notifiers/telegram/telegramtest"
)

// TestControlPages: a verdict in another process reads the same numbers.
func TestControlPages(t *testing.T) {
	t.Parallel()
	srv, _ := limited(t, telegramtest.Limits{PerChat: 1})
	citizen(t, srv, 5)
	for range 3 {
		call(t, srv, "sendMessage", fields{"chat_id": 5, "text": "x"})
	}
	var violations []telegramtest.Violation
	read(t, srv.URL()+"/violations", &violations)
	if len(violations) != 1 || violations[0].Chat != 5 {
		t.Errorf("/violations: got %+v, want one of chat 5", violations)
	}
	var stats telegramtest.Stats
	read(t, srv.URL()+"/stats", &stats)
	if stats != srv.Stats() || stats.Accepted != 1 || stats.TooMany != 2 || stats.MaxInFlight != 1 {
		t.Errorf("/stats: got %+v, want 1 accepted, 2 too many, 1 in flight", stats)
	}
}

func read(t *testing.T, url string, into any) {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}

// TestMisuseSaysSo: the mistakes of a test's author are named, not swallowed.
func TestMisuseSaysSo(t *testing.T) {
	t.Parallel()
	srv := setup(t, noLimits())
	srv.AddGroup(groupID)
	for name, misuse := range map[string]func(){
		"a person with a group's id": func() { srv.AddUser(-1, "") },
		"a group with a person's id": func() { srv.AddGroup(7) },
		"a channel that is none":     func() { srv.AddChannel(-7, telegramtest.FullRights(), 0) },
		"the same chat twice":        func() { srv.AddGroup(groupID) },
		"an unknown chat":            func() { srv.Block(99) },
		"a token without an id":      func() { telegramtest.New(telegramtest.Config{Token: "x"}) },
	} {
		func() {
			defer func() {
				if said, _ := recover().(string); !strings.HasPrefix(said, "telegramtest: ") {
					t.Errorf("%s: got panic %q, want one that explains", name, said)
				}
			}()
			misuse()
		}()
	}
}
