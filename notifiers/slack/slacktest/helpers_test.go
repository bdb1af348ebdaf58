package slacktest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"arifa/notifiers/slack/slacktest"
)

const (
	amina = "U0AMINA"
	juma  = "U0JUMA"
	news  = "C0NEWS"
)

// setup is a workspace with two people and a channel that the bot is in.
func setup(t *testing.T, change ...func(*slacktest.Config)) *slacktest.Server {
	t.Helper()
	cfg := slacktest.Config{Limits: &slacktest.Limits{}}
	for _, c := range change {
		c(&cfg)
	}
	s := slacktest.Start(t, cfg)
	s.AddUser(slacktest.User{ID: amina, Name: "amina", Admin: true, Locale: "sw-KE"})
	s.AddUser(slacktest.User{ID: juma, Name: "juma"})
	s.AddChannel(slacktest.Channel{ID: news, Name: "news", Members: []string{amina, slacktest.BotUser}})
	return s
}

type answer struct {
	Status           int `json:"-"`
	Header           http.Header
	OK               bool
	Error            string
	Needed, Provided string
	Channel          json.RawMessage
	TS               string `json:"ts"`
	URL              string
	Messages         []json.RawMessage
	HasMore          bool `json:"has_more"`
	Metadata         struct {
		Next     string `json:"next_cursor"`
		Messages []string
	} `json:"response_metadata"`
	View struct{ ID, Hash string }
}

// call makes one call with the bot's token.
func call(t *testing.T, s *slacktest.Server, method string, args ...string) answer {
	t.Helper()
	return callAs(t, s, s.Config().BotToken, method, args...)
}

func callAs(t *testing.T, s *slacktest.Server, token, method string, args ...string) answer {
	t.Helper()
	form := url.Values{}
	for i := 0; i < len(args); i += 2 {
		form.Set(args[i], args[i+1])
	}
	r, err := http.NewRequest(http.MethodPost, s.URL()+method, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return ask(t, r)
}

func ask(t *testing.T, r *http.Request) answer {
	t.Helper()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	a := answer{Status: resp.StatusCode, Header: resp.Header}
	_ = json.NewDecoder(resp.Body).Decode(&a)
	return a
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
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

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not so after 20 s: %s", what)
		}
	}
}

// app is a small HTTP app that remembers what it was told and answers as it is told.
type app struct {
	told   chan *http.Request
	bodies chan []byte
	answer func(path string, body []byte) (int, string)
}

func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if bytes.Contains(body, []byte("url_verification")) {
		_, _ = io.WriteString(w, `{"challenge":"prove-it"}`)
		return
	}
	code, text := a.answer(r.URL.Path, body)
	w.WriteHeader(code)
	_, _ = io.WriteString(w, text)
	a.told <- r
	a.bodies <- body
}

// form gives a request a body of values.
func form(r *http.Request, args ...string) *http.Request {
	values := url.Values{}
	for i := 0; i < len(args); i += 2 {
		values.Set(args[i], args[i+1])
	}
	r.Body = io.NopCloser(strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}
