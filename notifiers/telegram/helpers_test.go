package telegram_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"arifa/bot"
	"arifa/notifiers"
	"arifa/notifiers/notifiertest"
	"arifa/notifiers/telegram"
	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
	"arifa/subscriptions/sqlite"
	"arifa/subscriptions/sqlite/sqlitetest"
	"arifa/subscriptions/wording"
)

const token = "7000000001:AAF-simulated-token-for-tests-only00"

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
	for _, s := range append(secrets, token, strings.SplitN(token, ":", 2)[1]) {
		if strings.Contains(text, s) {
			t.Errorf("a secret of %d bytes is told in:\n%s", len(s), text)
		}
	}
}

// channelTo speaks to a Bot API at that address.
func channelTo(t testing.TB, url string, log *logged) *telegram.Channel {
	t.Helper()
	ch, err := telegram.New(telegram.Config{Token: token, API: url, Connections: 8, Log: log.logger()})
	if err != nil {
		t.Fatal(err)
	}
	return ch
}

// nowhere is a channel without a network: whatever is asked of it fails at once.
func nowhere(t testing.TB) *telegram.Channel { return channelTo(t, "http://127.0.0.1:1", &logged{}) }

// answering is a Bot API that answers every call in one way.
func answering(t *testing.T, h http.HandlerFunc) *telegram.Channel {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return channelTo(t, srv.URL, &logged{})
}

func message(chat int64, lines ...string) notifiers.Message {
	kind := subscriptions.Person
	switch {
	case chat < -1_000_000_000_000:
		kind = subscriptions.Channel
	case chat < 0:
		kind = subscriptions.Group
	}
	return notifiers.Message{To: notifiers.Target{Address: subscriptions.AddressOf(strconv.FormatInt(chat, 10)), Kind: kind},
		Card: wording.Card{Title: "eCitizen", Lines: lines}}
}

// talk is a conversation that records what it hears and answers with what it heard.
type talk struct {
	notifiertest.Stays
	mu     sync.Mutex
	heard  []bot.Heard
	left   []string
	back   []string
	answer func(bot.Heard) ([]wording.Card, error)
	sign   chan struct{}
}

func newTalk(answer func(bot.Heard) ([]wording.Card, error)) *talk {
	if answer == nil {
		answer = func(h bot.Heard) ([]wording.Card, error) {
			return []wording.Card{{Lines: []string{"heard " + h.Text + h.Choice + h.Start}}}, nil
		}
	}
	return &talk{answer: answer, sign: make(chan struct{}, 100_000)}
}

func (k *talk) Hear(_ context.Context, h bot.Heard) ([]wording.Card, error) {
	k.mu.Lock()
	k.heard = append(k.heard, h)
	k.mu.Unlock()
	k.sign <- struct{}{}
	return k.answer(h)
}

func (k *talk) Left(_ context.Context, _ subscriptions.LaneID, a subscriptions.Address, _ time.Time) error {
	k.mu.Lock()
	k.left = append(k.left, a.Reveal())
	k.mu.Unlock()
	k.sign <- struct{}{}
	return nil
}

func (k *talk) Back(_ context.Context, _ subscriptions.LaneID, a subscriptions.Address, _ subscriptions.RecipientKind, _ time.Time) error {
	k.mu.Lock()
	k.back = append(k.back, a.Reveal())
	k.mu.Unlock()
	k.sign <- struct{}{}
	return nil
}

func (k *talk) all() []bot.Heard {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.heard)
}

// wait returns what was heard once fits does.
func (k *talk) wait(t *testing.T, fits func(k *talk) bool) []bot.Heard {
	t.Helper()
	late := time.After(30 * time.Second)
	for {
		k.mu.Lock()
		ok := fits(k)
		k.mu.Unlock()
		if ok {
			return k.all()
		}
		select {
		case <-k.sign:
		case <-late:
			t.Fatalf("waited in vain; heard %q, left %q, back %q", words(k.all()), k.left, k.back)
		}
	}
}

func (k *talk) waitFor(t *testing.T, n int) []bot.Heard {
	t.Helper()
	return k.wait(t, func(k *talk) bool { return len(k.heard) >= n })
}

func words(heard []bot.Heard) []string {
	var out []string
	for _, h := range heard {
		out = append(out, h.Text+h.Choice+h.Start)
	}
	return out
}

// world is one bot with its network, store and conversation.
type world struct {
	srv   *telegramtest.Server
	ch    *telegram.Channel
	store *sqlite.Store
	talk  *talk
	log   *logged
	cfg   telegram.EarsConfig
}

func setup(t *testing.T, talk *talk, change ...func(*telegramtest.Config)) *world {
	t.Helper()
	cfg := telegramtest.Config{Limits: &telegramtest.Limits{}, Token: token, ConflictHold: 10 * time.Millisecond}
	for _, c := range change {
		c(&cfg)
	}
	w := &world{srv: telegramtest.Start(t, cfg), talk: talk, log: &logged{}}
	w.ch = channelTo(t, w.srv.URL(), w.log)
	w.store = open(t)
	w.cfg = telegram.EarsConfig{Inbox: w.store, Register: w.store, Conversation: talk, Reply: w.reply}
	return w
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

// reply sends as a lane does, without its budget.
func (w *world) reply(ctx context.Context, m notifiers.Message) (notifiers.Receipt, error) {
	if m.Edit != "" {
		return w.ch.Edit(ctx, m)
	}
	return w.ch.Send(ctx, m)
}

// listen runs ears until the test or stop ends.
func (w *world) listen(t *testing.T) (ears *telegram.Ears, stop func()) {
	t.Helper()
	ears = w.ch.Ears(w.cfg).Hasten(20 * time.Millisecond)
	return ears, run(t, ears)
}

func run(t *testing.T, ears *telegram.Ears) (stop func()) {
	t.Helper()
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
	return stop
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

func (w *world) start(t *testing.T, ids ...int64) {
	t.Helper()
	for _, id := range ids {
		w.srv.AddUser(id, "sw-KE")
		must[int](t)(w.srv.Start(id, ""))
	}
}

func (w *world) says(t *testing.T, chat int64, text string, how ...telegramtest.Option) {
	t.Helper()
	must[int](t)(w.srv.Say(chat, text, how...))
}

// reads waits until the bot's message with that text stands in the chat.
func (w *world) reads(t *testing.T, chat int64, text string) telegramtest.Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	return must[telegramtest.Message](t)(w.srv.WaitFor(ctx, chat, func(m telegramtest.Message) bool { return strings.Contains(m.Text, text) }))
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

// settled waits until every stored update has been handled.
func (w *world) settled(t *testing.T) subscriptions.InboxState {
	t.Helper()
	var state subscriptions.InboxState
	eventually(t, "the inbox is empty", func() bool {
		pending := w.srv.Pending() // first: what is not pending any more is stored
		state = must[subscriptions.InboxState](t)(w.store.InboxState(t.Context(), w.ch.Name()))
		return pending == 0 && state.Waiting == 0
	})
	return state
}
