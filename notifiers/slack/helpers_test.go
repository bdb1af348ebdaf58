package slack_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"arifa/notifiers"
	"arifa/notifiers/slack"
	"arifa/notifiers/slack/slacktest"
	"arifa/subscriptions"
	"arifa/subscriptions/sqlite"
	"arifa/subscriptions/sqlite/sqlitetest"
	"arifa/subscriptions/wording"
)

// People and places of the tests' workspace.
const (
	amina = "U0AMINA"
	juma  = "U0JUMA"
	wanja = "U0WANJA"
	news  = "C0NEWS"
	team  = "T0KENYA"
	token = "xoxb-" + "1111-2222-simulatedForTestsOnly"
)

// logged captures a log for many goroutines.
type logged struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

func (l *logged) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// hides fails the test when a log or an error tells what it must not.
func hides(t *testing.T, text string, secrets ...string) {
	t.Helper()
	for _, s := range append(secrets, token, "simulatedForTestsOnly", "simulated0signing0secret0of0tests") {
		if strings.Contains(text, s) {
			t.Errorf("a secret of %d bytes is told in:\n%s", len(s), text)
		}
	}
}

// workspace is a Slack with three people and one channel that the bot is in.
func workspace(t *testing.T, change ...func(*slacktest.Config)) *slacktest.Server {
	t.Helper()
	cfg := slacktest.Config{Limits: &slacktest.Limits{}, Team: team, BotToken: token, TriggerLife: time.Minute}
	for _, c := range change {
		c(&cfg)
	}
	s := slacktest.Start(t, cfg)
	s.AddUser(slacktest.User{ID: amina, Name: "amina"})
	s.AddUser(slacktest.User{ID: juma, Name: "juma"})
	s.AddUser(slacktest.User{ID: wanja, Name: "wanja", Locale: "sw-KE"})
	s.AddChannel(slacktest.Channel{ID: news, Name: "news", Members: []string{amina, juma, slacktest.BotUser}})
	return s
}

// channelTo speaks to a Web API at that address.
func channelTo(t testing.TB, url string, log *logged, change ...func(*slack.Config)) *slack.Channel {
	t.Helper()
	cfg := slack.Config{BotToken: token, AppToken: "xapp-" + "1-A0ARIFA-3333-simulatedForTestsOnly", API: url, Team: team, Log: log.logger()}
	for _, c := range change {
		c(&cfg)
	}
	ch, err := slack.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return ch
}

// answering is a Web API that answers every call in one way.
func answering(t *testing.T, h http.HandlerFunc) *slack.Channel {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return channelTo(t, srv.URL, &logged{})
}

func message(to string, lines ...string) notifiers.Message {
	kind := subscriptions.Channel
	if strings.HasPrefix(to, "U") {
		kind = subscriptions.Person
	}
	return notifiers.Message{To: notifiers.Target{Address: subscriptions.AddressOf(to), Kind: kind},
		Card: wording.Card{Title: "eCitizen", Lines: lines}}
}

func open(t *testing.T) *sqlite.Store {
	t.Helper()
	store, err := sqlite.Open(t.Context(), sqlitetest.File(t), sqlite.Config{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// eventually waits for what nothing tells of.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not so after 30 s: %s", what)
		}
	}
}

// strangeHistory puts a message of next year before every page of history.
func strangeHistory(t *testing.T, s *slacktest.Server) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, r)
		data := bytes.Replace(rec.Body.Bytes(), []byte(`"messages":[`), []byte(`"messages":[{"type":7,"ts":{},"blocks":"?","metadata":[1]},`), 1)
		_, _ = w.Write(data)
	}))
	t.Cleanup(srv.Close)
	return srv.URL + "/api/"
}
