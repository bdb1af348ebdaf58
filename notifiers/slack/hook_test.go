package slack_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"arifa/notifiers/slack"
	"arifa/notifiers/slack/slacktest"
)

const (
	asJSON = "application/json"
	asForm = "application/x-www-form-urlencoded"
)

// hooked is a world whose hook is called by the test itself.
func hooked(t *testing.T, change ...func(*slack.Ears)) (*world, string) {
	t.Helper()
	w := setup(t, newTalk(nil))
	w.cfg.Secret = w.srv.Config().Secret
	w.ch = channelTo(t, w.srv.URL(), w.log, func(c *slack.Config) { c.AppToken = "" })
	ears := w.ch.Ears(w.cfg).Hasten(20 * time.Millisecond)
	for _, c := range change {
		c(ears)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- ears.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	hook := httptest.NewServer(ears.Hook())
	t.Cleanup(hook.Close)
	return w, hook.URL
}

const direct = `{"type":"event_callback","team_id":"T0KENYA","event_id":"Ev1","event":{"type":"message","channel_type":"im","channel":"D0WANJA","user":"U0WANJA","text":"stima","ts":"1.2"}}`

func TestNothingUnsignedIsRead(t *testing.T) {
	t.Parallel()
	w, hook := hooked(t)
	now := time.Now()
	sign := func(secret string) func(*http.Request) {
		return func(r *http.Request) {
			other := slacktest.New(slacktest.Config{Secret: secret})
			defer other.Close()
			h := other.Sign([]byte(direct), now)
			r.Header.Set("X-Slack-Signature", h.Get("X-Slack-Signature"))
		}
	}
	drop := func(name string) func(*http.Request) { return func(r *http.Request) { r.Header.Del(name) } }
	set := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for name, c := range map[string]struct {
		at     time.Time
		body   string
		change func(*http.Request)
		want   int
	}{
		"another secret":         {now, direct, sign("other"), 401},
		"no signature":           {now, direct, drop("X-Slack-Signature"), 401},
		"no timestamp":           {now, direct, drop("X-Slack-Request-Timestamp"), 401},
		"another scheme":         {now, direct, set("X-Slack-Signature", "v1=00"), 401},
		"no hexadecimal":         {now, direct, set("X-Slack-Signature", "v0=zz"), 401},
		"a short signature":      {now, direct, set("X-Slack-Signature", "v0=00"), 401},
		"another timestamp":      {now, direct, set("X-Slack-Request-Timestamp", "1735884000"), 401},
		"six minutes old":        {now.Add(-6 * time.Minute), direct, nil, 401},
		"six minutes early":      {now.Add(6 * time.Minute), direct, nil, 401},
		"rubbish, signed":        {now, "{", nil, 400},
		"more than a megabyte":   {now, strings.Repeat("x", 1<<20+1), nil, 413},
		"four minutes old, good": {now.Add(-4 * time.Minute), direct, nil, 200},
	} {
		var change []func(*http.Request)
		if c.change != nil {
			change = append(change, c.change)
		}
		if got := w.signed(t, hook, slack.EventsPath, asJSON, c.body, c.at, change...); got.StatusCode != c.want {
			t.Errorf("%s: got %d, want %d", name, got.StatusCode, c.want)
		}
	}
	w.reads(t, wanja, "heard stima")
	if got := w.talk.words(); !slices.Equal(got, []string{"stima"}) {
		t.Errorf("got %q heard, want the good one alone", got)
	}
	hides(t, w.log.String(), "stima")
}

// A payload in the address is under no signature.
func TestAPayloadInTheAddressIsNotRead(t *testing.T) {
	t.Parallel()
	w, hook := hooked(t)
	payload := `{"type":"block_actions","team":{"id":"T0KENYA"},"user":{"id":"U0WANJA"},"trigger_id":"1","actions":[{"action_id":"talk.0.0","value":"forged"}]}`
	path := slack.InteractionsPath + "?payload=" + url.QueryEscape(payload)
	if got := w.signed(t, hook, path, asForm, "x=y", time.Now()); got.StatusCode != 400 {
		t.Errorf("got %d, want 400", got.StatusCode)
	}
	if got := w.signed(t, hook, path, asForm, url.Values{"payload": {strings.Replace(payload, "forged", "signed", 1)}}.Encode(), time.Now()); got.StatusCode != 200 {
		t.Errorf("got %d, want 200", got.StatusCode)
	}
	w.reads(t, wanja, "heard signed")
	if got := w.talk.words(); !slices.Equal(got, []string{"signed"}) {
		t.Errorf("got %q", got)
	}
}

func TestAReplayIsAppliedOnce(t *testing.T) {
	t.Parallel()
	w, hook := hooked(t)
	command := url.Values{"command": {"/arifa"}, "text": {"help"}, "team_id": {team}, "user_id": {wanja}, "channel_id": {news}, "trigger_id": {"7.7.7"}}.Encode()
	for range 3 {
		for path, body := range map[string]string{slack.EventsPath: direct, slack.CommandsPath: command} {
			if got := w.signed(t, hook, path, map[bool]string{true: asJSON, false: asForm}[path == slack.EventsPath], body, time.Now()); got.StatusCode != 200 {
				t.Errorf("got %d", got.StatusCode)
			}
		}
	}
	w.reads(t, wanja, "heard stima")
	w.settled(t)
	if got := w.talk.words(); len(got) != 1 {
		t.Errorf("got %q heard, want once", got)
	}
}

// Slack is never told "ok" for what was not stored.
func TestWhatIsNotStoredIsNotAcknowledged(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		for _, how := range []string{"fails", "hangs"} {
			t.Run(mode+" "+how, func(t *testing.T) {
				t.Parallel()
				w := setup(t, newTalk(nil), hasty)
				w.listen(t, mode, func(e *slack.Ears) { e.Storing(50 * time.Millisecond) })
				_ = w.srv.Say(wanja, "hello")
				w.reads(t, wanja, "heard hello")
				sick := &w.store.fails
				if how == "hangs" {
					sick = &w.store.hangs
				}
				sick.Store(true)
				if ack := w.command(t, wanja, news, "help"); !ack.OK || ack.Told != "Not recorded. Please press again." {
					t.Errorf("a command: got %+v, want it told", ack)
				}
				_ = w.srv.Say(wanja, "once more")
				eventually(t, "Slack tries again", func() bool { return w.srv.Stats().Retries > 0 })
				sick.Store(false)
				w.reads(t, wanja, "heard once more")
				w.settled(t)
				if got := w.talk.words(); !slices.Equal(got, []string{"hello", "once more"}) {
					t.Errorf("got %q heard, want each once", got)
				}
			})
		}
	}
}

func TestTheHookAnswersItsChallenge(t *testing.T) {
	t.Parallel()
	w, hook := hooked(t)
	body := `{"type":"url_verification","challenge":"c-7"}`
	r, _ := http.NewRequest(http.MethodPost, hook+slack.EventsPath, strings.NewReader(body))
	r.Header = w.srv.Sign([]byte(body), time.Now())
	resp := must[*http.Response](t)(http.DefaultClient.Do(r))
	defer func() { _ = resp.Body.Close() }()
	if got := must[[]byte](t)(io.ReadAll(resp.Body)); !bytes.Contains(got, []byte(`"challenge":"c-7"`)) {
		t.Errorf("got %s", got)
	}
	if got := must[*http.Response](t)(http.Get(hook + slack.EventsPath)); got.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: got %d", got.StatusCode)
	}
}
