package slack_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"arifa/bot"
	office "arifa/bot/desk/talk"
	"arifa/notifiers"
	"arifa/notifiers/slack"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// kept is an inbox and a register that keep nothing but what was put in.
type kept struct {
	subscriptions.Inbox
	subscriptions.Register
	mu  sync.Mutex
	all []subscriptions.Incoming
}

func (k *kept) PutIncoming(_ context.Context, in []subscriptions.Incoming) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all = append(k.all, in...)
	return len(in), nil
}

func (k *kept) Recipient(context.Context, subscriptions.LaneID, subscriptions.Address) (subscriptions.Recipient, error) {
	return subscriptions.Recipient{}, subscriptions.ErrNotFound
}

var (
	anyPerson  = regexp.MustCompile(`^[UW][A-Z0-9]{2,30}$`)
	anyAccount = regexp.MustCompile(`^T0KENYA/[UW][A-Z0-9]{2,30}$`)
)

// guard is an office that holds what it is given to its form.
type guard struct{ t *testing.T }

func (g guard) Hear(_ context.Context, h office.Heard) ([]wording.Card, bool, error) {
	g.account(h)
	return []wording.Card{{Title: "x", Ask: &wording.Ask{Kind: wording.AskDigits, Token: "t"}}}, true, nil
}

func (g guard) Begin(_ context.Context, h office.Heard, key string, _ office.Start) ([]wording.Card, error) {
	g.account(h)
	if key == "" {
		g.t.Error("a start without a key would be done twice")
	}
	return nil, nil
}

func (g guard) Waiting(_ context.Context, h office.Heard) (office.Waits, bool, error) {
	g.account(h)
	return office.Waits{}, false, nil
}

func (g guard) account(h office.Heard) {
	if h.Chat.Provider != "slack" || !anyAccount.MatchString(h.Chat.Subject) || !h.Private && h.Text != "" {
		g.t.Errorf("the desk hears an account %+v", h.Chat)
	}
}

const fuzzSecret = "simulated0signing0secret0of0tests"

// posted sends one signed body the whole way: through the hook into the inbox, and
// out of it. No network is there, so that whatever is asked of Slack fails at once.
func posted(t *testing.T, path, kind string, body []byte) {
	t.Helper()
	store := &kept{}
	conversation := newTalk(func(h bot.Heard) ([]wording.Card, error) {
		if !anyPerson.MatchString(h.Address.Reveal()) || h.Kind != subscriptions.Person || h.Lane != "slack:T0KENYA" {
			t.Errorf("heard of nobody: %+v", h)
		}
		return []wording.Card{{Title: "x"}}, nil
	})
	ch := channelTo(t, "http://127.0.0.1:1/api/", &logged{}, func(c *slack.Config) { c.AppToken = "" })
	ears := ch.Ears(slack.EarsConfig{Inbox: store, Register: store, Conversation: conversation, Office: guard{t: t}, Secret: fuzzSecret,
		Reply: func(context.Context, notifiers.Message) (notifiers.Receipt, error) {
			return notifiers.Receipt{}, notifiers.Never{Err: fmt.Errorf("no network")}
		}}).Hasten(time.Millisecond)
	r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	stamp := fmt.Sprint(time.Now().Unix())
	mac := hmac.New(sha256.New, []byte(fuzzSecret))
	_, _ = mac.Write(append([]byte("v0:"+stamp+":"), body...))
	r.Header.Set("X-Slack-Request-Timestamp", stamp)
	r.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	r.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	ears.Hook().ServeHTTP(w, r)
	ears.Settle()
	switch w.Code {
	case http.StatusOK:
		if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") && !json.Valid(w.Body.Bytes()) {
			t.Errorf("answered with %q", w.Body)
		}
	case http.StatusBadRequest, http.StatusServiceUnavailable:
		if len(store.all) > 0 {
			t.Errorf("stored, and answered with %d", w.Code)
		}
	default:
		t.Errorf("answered with %d", w.Code)
	}
	for _, in := range store.all {
		if in.ID <= 0 || in.Lane != "slack:T0KENYA" {
			t.Errorf("stored as %+v", in)
		}
		if err := ears.Apply(t.Context(), in); err != nil && strings.Contains(err.Error(), "panic") {
			t.Errorf("got %v", err)
		}
	}
	ears.Settle()
}

func FuzzEvent(f *testing.F) {
	for _, seed := range []string{
		direct, `{"type":"url_verification","challenge":"x"}`, `{"type":"app_rate_limited"}`,
		`{"type":"event_callback","team_id":"T0KENYA","event_id":"Ev2","event":{"type":"app_home_opened","user":"U0WANJA","tab":"home"}}`,
		`{"type":"event_callback","team_id":"T0KENYA","event_id":"Ev3","event":{"type":"channel_rename","channel":{"id":"C0NEWS","name":"novelties"}}}`,
		`{"type":"event_callback","team_id":"T0KENYA","event_id":"Ev4","event":{"type":"channel_id_changed","old_channel_id":"C0A","new_channel_id":"C0B"}}`,
		`{"type":"event_callback","team_id":"T0KENYA","event_id":"Ev5","event":{"type":"message","channel_type":"im","user":"U0WANJA","text":"","attachments":[{"is_share":true,"text":"<http://a|b>"}]}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) { posted(t, slack.EventsPath, asJSON, body) })
}

func FuzzInteraction(f *testing.F) {
	for _, seed := range []string{
		`{"type":"block_actions","team":{"id":"T0KENYA"},"user":{"id":"U0WANJA","team_id":"T0KENYA"},"trigger_id":"1.2.3","container":{"type":"message","channel_id":"D0WANJA","message_ts":"1.000002"},"actions":[{"action_id":"talk.0.0","value":"home","action_ts":"1.2"}]}`,
		`{"type":"block_actions","team":{"id":"T0KENYA"},"user":{"id":"U0WANJA"},"trigger_id":"1.2.3","actions":[{"action_id":"open.0.0","value":"s approve 7 1 0 abc"}]}`,
		`{"type":"block_actions","team":{"id":"T0KENYA"},"user":{"id":"U0WANJA"},"view":{"id":"V1","type":"home"},"actions":[{"action_id":"open.0.0","value":"d x 1"}]}`,
		`{"type":"view_submission","team":{"id":"T0KENYA"},"user":{"id":"U0WANJA"},"trigger_id":"1","view":{"id":"V1","callback_id":"desk","private_metadata":"t","blocks":[{"type":"input","block_id":"answer.1"}],"state":{"values":{"answer.1":{"answer":{"type":"plain_text_input","value":"123456"}}}}}}`,
		`{"type":"view_submission","user":{"id":"U0WANJA"},"view":null}`, `{"type":"shortcut"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		posted(t, slack.InteractionsPath, asForm, []byte(url.Values{"payload": {string(payload)}}.Encode()))
	})
}

func FuzzCommand(f *testing.F) {
	for _, words := range []string{"outage 222222", "follow kra-pay-tax sw", "link ABCDEF", "help", "", "  \u00a0 ", "lock"} {
		f.Add([]byte(url.Values{"command": {"/arifa"}, "text": {words}, "team_id": {team}, "user_id": {wanja}, "channel_id": {news}, "trigger_id": {"1.2.3"}, "response_url": {"https://hooks.slack.com/x"}}.Encode()))
	}
	f.Fuzz(func(t *testing.T, body []byte) { posted(t, slack.CommandsPath, asForm, body) })
}
