package slack_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"arifa/bot"
	"arifa/notifiers"
	"arifa/notifiers/slack"
	"arifa/notifiers/slack/slacktest"
	"arifa/subscriptions"
	"arifa/subscriptions/sqlite"
	"arifa/subscriptions/wording"
)

// talk is a conversation that records what it hears and answers with what it heard.
type talk struct {
	mu     sync.Mutex
	heard  []bot.Heard
	left   []string
	back   []string
	ahead  []string // who left ahead of their turn
	answer func(bot.Heard) ([]wording.Card, error)
}

func newTalk(answer func(bot.Heard) ([]wording.Card, error)) *talk {
	if answer == nil {
		answer = func(h bot.Heard) ([]wording.Card, error) {
			return []wording.Card{{Lines: []string{"heard " + h.Text + h.Choice}}}, nil
		}
	}
	return &talk{answer: answer}
}

func (k *talk) Hear(_ context.Context, h bot.Heard) ([]wording.Card, error) {
	k.mu.Lock()
	k.heard = append(k.heard, h)
	k.mu.Unlock()
	return k.answer(h)
}

func (k *talk) Left(_ context.Context, _ subscriptions.LaneID, a subscriptions.Address, _ time.Time) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.left = append(k.left, a.Reveal())
	return nil
}

func (k *talk) Back(_ context.Context, _ subscriptions.LaneID, a subscriptions.Address, _ subscriptions.RecipientKind, _ time.Time) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.back = append(k.back, a.Reveal())
	return nil
}

func (k *talk) Stops(text string) bool { return text == "STOP" }

func (k *talk) Leave(_ context.Context, _ subscriptions.LaneID, a subscriptions.Address, _ time.Time) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ahead = append(k.ahead, a.Reveal())
	return nil
}

func (k *talk) leftAhead() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.ahead)
}

func (k *talk) all() []bot.Heard {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.heard)
}

func (k *talk) words() (out []string) {
	for _, h := range k.all() {
		out = append(out, h.Text+h.Choice)
	}
	return out
}

// sickStore is an inbox that may fail or hang.
type sickStore struct {
	*sqlite.Store
	fails, hangs atomic.Bool
}

func (s *sickStore) PutIncoming(ctx context.Context, in []subscriptions.Incoming) (int, error) {
	if s.fails.Load() {
		return 0, errors.New("the disk is full")
	}
	if s.hangs.Load() {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	return s.Store.PutIncoming(ctx, in)
}

// hasty is a Slack that waits for an acknowledgement, and tells again, much sooner
// and more often than the real one.
func hasty(c *slacktest.Config) {
	c.AckWithin, c.RetryAfter = 500*time.Millisecond, slices.Repeat([]time.Duration{20 * time.Millisecond}, 500)
}

// world is one workspace with its app, store and conversation.
type world struct {
	srv      *slacktest.Server
	ch       *slack.Channel
	store    *sickStore
	talk     *talk
	log      *logged
	cfg      slack.EarsConfig
	troubles chan notifiers.Trouble
}

func setup(t *testing.T, talk *talk, change ...func(*slacktest.Config)) *world {
	t.Helper()
	w := &world{talk: talk, log: &logged{}, troubles: make(chan notifiers.Trouble, 100)}
	w.srv = workspace(t, change...)
	w.ch = channelTo(t, w.srv.URL(), w.log)
	w.store = &sickStore{Store: open(t)}
	w.cfg = slack.EarsConfig{Inbox: w.store, Register: w.store, Conversation: talk, Reply: w.reply, Sockets: 1,
		OnTrouble: func(tr notifiers.Trouble) { w.troubles <- tr }}
	return w
}

// reply sends as a lane does, without its budget.
func (w *world) reply(ctx context.Context, m notifiers.Message) (notifiers.Receipt, error) {
	if m.Edit != "" {
		return w.ch.Edit(ctx, m)
	}
	return w.ch.Send(ctx, m)
}

// modes are the two ways in which Slack reaches an app; every test of hearing runs
// in both.
var modes = []string{"socket", "http"}

// listen runs ears until the test or stop ends.
func (w *world) listen(t *testing.T, mode string, change ...func(*slack.Ears)) (ears *slack.Ears, stop func()) {
	t.Helper()
	if mode == "http" {
		w.cfg.Secret = w.srv.Config().Secret
		w.ch = channelTo(t, w.srv.URL(), w.log, func(c *slack.Config) { c.AppToken = "" })
	}
	ears = w.ch.Ears(w.cfg).Hasten(20 * time.Millisecond)
	for _, c := range change {
		c(ears)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- ears.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("ears ended with %v", err)
		}
	})
	t.Cleanup(stop)
	if mode == "http" {
		hook := httptest.NewServer(ears.Hook())
		t.Cleanup(hook.Close)
		w.call(t, hook.URL)
	} else if err := w.srv.WaitSockets(soon(t), 1); err != nil {
		t.Fatal(err)
	}
	return ears, stop
}

func (w *world) call(t *testing.T, base string) {
	t.Helper()
	if !w.srv.SetEndpoints(slacktest.Endpoints{Events: base + slack.EventsPath, Commands: base + slack.CommandsPath, Interactions: base + slack.InteractionsPath}) {
		t.Fatal("the challenge was not answered")
	}
}

// reads waits until the bot's message with that text stands there.
func (w *world) reads(t *testing.T, place, text string) slacktest.Message {
	t.Helper()
	return must[slacktest.Message](t)(w.srv.WaitFor(soon(t), place, func(m slacktest.Message) bool { return strings.Contains(m.Text, text) }))
}

// whispered waits for an ephemeral message.
func (w *world) whispered(t *testing.T, person, text string) slacktest.Message {
	t.Helper()
	return must[slacktest.Message](t)(w.srv.WaitEphemeral(soon(t), person, func(m slacktest.Message) bool { return strings.Contains(m.Text, text) }))
}

// sees waits until a person's modal shows a text.
func (w *world) sees(t *testing.T, person, text string) slacktest.View {
	t.Helper()
	return must[slacktest.View](t)(w.srv.WaitModal(soon(t), person, func(v slacktest.View) bool {
		return strings.Contains(v.Title+"\n"+v.Text, text)
	}))
}

func (w *world) command(t *testing.T, person, place, words string) slacktest.Ack {
	t.Helper()
	return must[*slacktest.Deed](t)(w.srv.Command(person, place, "/arifa", words)).Wait()
}

func (w *world) press(t *testing.T, person string, m slacktest.Message, label string) slacktest.Ack {
	t.Helper()
	return must[*slacktest.Deed](t)(w.srv.Press(person, m.Channel, m.TS, label)).Wait()
}

// settled waits until every stored thing has been handled.
func (w *world) settled(t *testing.T) subscriptions.InboxState {
	t.Helper()
	var state subscriptions.InboxState
	eventually(t, "the inbox is empty", func() bool {
		state = must[subscriptions.InboxState](t)(w.store.InboxState(t.Context(), w.ch.Name()))
		return state.Waiting == 0
	})
	return state
}

// signed posts a body as Slack does, at a time.
func (w *world) signed(t *testing.T, hook, path, kind, body string, at time.Time, change ...func(*http.Request)) *http.Response {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, hook+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = w.srv.Sign([]byte(body), at)
	r.Header.Set("Content-Type", kind)
	for _, c := range change {
		c(r)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp
}
