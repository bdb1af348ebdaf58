package telegram_test

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"arifa/notifiers"
	"arifa/notifiers/telegram"
	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// pipes are a network without sockets, on which virtual time goes by: who waits for a
// socket keeps the clock from moving.
type pipes struct {
	calls chan net.Conn
	once  sync.Once
	shut  chan struct{}
}

func newPipes() *pipes { return &pipes{calls: make(chan net.Conn), shut: make(chan struct{})} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.calls <- theirs:
		return ours, nil
	case <-p.shut:
	case <-ctx.Done():
	}
	return nil, net.ErrClosed
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.calls:
		return c, nil
	case <-p.shut:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.shut) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

// wave is everything of one bot in virtual time: the strict server, the store, the
// dispatcher with its usual lane, ears that poll and the real conversation.
type wave struct {
	*world
	lane *notifiers.Dispatcher
}

func newWave(t *testing.T, rate float64, limits telegramtest.Limits) *wave {
	t.Helper()
	wire := newPipes()
	w := &wave{world: &world{log: &logged{}, store: open(t)}}
	w.srv = telegramtest.Start(t, telegramtest.Config{Token: token, Limits: &limits, Listener: wire})
	w.ch = must[*telegram.Channel](t)(telegram.New(telegram.Config{Token: token, API: w.srv.URL(), Dial: wire.dial, Log: w.log.logger()}))
	w.cfg = telegram.EarsConfig{Inbox: w.store, Register: w.store, Reply: func(ctx context.Context, m notifiers.Message) (notifiers.Receipt, error) {
		return w.lane.Reply(ctx, w.ch.Name(), m)
	}}
	w.real(t)
	w.lane = must[*notifiers.Dispatcher](t)(notifiers.New(notifiers.Config{Outbox: w.store, Lanes: w.store, Speaker: must[*wording.Speaker](t)(wording.NewSpeaker()),
		Languages: []subscriptions.Language{"en"}, Zone: time.UTC, Owner: "one", Log: slog.New(slog.NewTextHandler(w.log, nil)),
		Channels: []notifiers.Lane{{Channel: w.ch, Rate: rate}}}))
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 2)
	go func() { ended <- w.lane.Run(ctx) }()
	go func() { ended <- w.ch.Ears(w.cfg).Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		for range 2 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		_ = wire.Close()
	})
	return w
}

// followers are people who pressed Start long ago and follow one service.
func (w *wave) followers(t *testing.T, from int64, n int) {
	t.Helper()
	at := time.Now().Add(-time.Hour)
	var posts []subscriptions.Post
	for id := from; id < from+int64(n); id++ {
		w.srv.AddFriend(id, "en")
		posts = append(posts, subscriptions.Post{Recipient: subscriptions.Recipient{Lane: w.ch.Name(), Address: subscriptions.AddressOf(strconv.FormatInt(id, 10)), Kind: subscriptions.Person, Language: "en", CreatedAt: at},
			Follows: []subscriptions.Follow{{Scope: subscriptions.ScopeService(pays), Since: at, Consent: "paper"}}})
	}
	if err := w.store.ImportRecipients(t.Context(), posts, at); err != nil {
		t.Fatal(err)
	}
}

const pays subscriptions.ServiceID = "kra-pay-tax"

// publish tells them that it fails.
func (w *wave) publish(t *testing.T) subscriptions.NoticeID {
	t.Helper()
	now := time.Now().UTC()
	i := subscriptions.Incident{State: subscriptions.Investigating, Round: 1, Owner: "ecitizen", OpenedAt: now, Since: now,
		Services: []subscriptions.ServiceState{{Service: pays, Impact: subscriptions.Blocked, Confirmed: true, Failing: true, Since: now, Round: 1}}}
	words := subscriptions.Words{Title: "Paying fails", Services: []subscriptions.ServiceLines{{Service: pays, Agency: "kra", Name: "Paying tax", Label: "Paying tax", State: "blocked"}}, More: "and %d more", Why: "You follow %s"}
	out := must[subscriptions.Change](t)(w.store.Commit(t.Context(), subscriptions.Change{Incident: &i, Day: "2025-0103", Now: now, Line: subscriptions.AuditLine{At: now, Action: "test", Outcome: "done"},
		Notices: []subscriptions.Notice{{Round: 1, Kind: subscriptions.Outage, Agency: "ecitizen", State: subscriptions.Published, Sound: true, CreatedAt: now, PublishedAt: now, ExpiresAt: now.Add(12 * time.Hour),
			Audience: subscriptions.Audience{subscriptions.ScopeAll: {pays}, subscriptions.ScopeService(pays): {pays}},
			Sheet:    subscriptions.Sheet{Version: 1, Kind: subscriptions.Outage, Words: map[subscriptions.Language]subscriptions.Words{"en": words}}}}}))
	return out.Notices[0].ID
}

// When a message began, in the server's own ledger.
func (w *wave) begun(e telegramtest.Entry) time.Time { return w.srv.Epoch().Add(e.Begun) }

// With a broadcast at the limit, five people a second tap a button: 99 of a hundred are
// answered within 200 ms, the broadcast uses 99 % of what the answers leave, and in no
// window of a second or of ten does the bot send more than its pace. All of it runs: the
// strict server, hearing by poll, the inbox, the conversation, the store, the dispatcher.
func TestATapInMidWaveIsAnswered(t *testing.T) {
	t.Parallel()
	const rate, people, tappers, lasts = 28.0, 2000, 60, 65 * time.Second
	synctest.Test(t, func(t *testing.T) {
		w, dice := newWave(t, rate, telegramtest.DefaultLimits()), rand.New(rand.NewPCG(1, 2))
		var each []telegramtest.Message
		for id := int64(1); id <= tappers; id++ {
			w.start(t, id)
			each = append(each, w.reads(t, id, "Karibu"))
		}
		w.followers(t, 1000, people)
		w.publish(t)
		time.Sleep(5 * time.Second)

		from := time.Now()
		taps := map[int64][]time.Time{}
		for k := 0; time.Since(from) < lasts; k++ {
			time.Sleep(time.Duration(dice.ExpFloat64() * float64(time.Second) / 5))
			m := each[k%tappers]
			b := m.Buttons[0][(k/tappers)%2] // the other one the next time, so that something changes
			taps[m.Chat] = append(taps[m.Chat], time.Now())
			must[string](t)(w.srv.Press(m.Chat, m.ID, b.Data))
		}
		to := time.Now()
		time.Sleep(5 * time.Second)

		var all []time.Time
		var broadcasts, answers float64
		answered := map[int64][]time.Time{}
		for e := range w.srv.Entries() {
			at := w.begun(e)
			if at.Before(from) {
				continue
			}
			all = append(all, at)
			if e.Chat < 1000 {
				answered[e.Chat] = append(answered[e.Chat], w.srv.Epoch().Add(e.Accepted))
			}
			switch {
			case !at.Before(to):
			case e.Chat < 1000:
				answers++
			default:
				broadcasts++
			}
		}
		var waits []time.Duration
		for chat, at := range taps {
			if len(answered[chat]) != len(at) {
				t.Fatalf("%d taps of one chat got %d answers", len(at), len(answered[chat]))
			}
			for k := range at {
				waits = append(waits, answered[chat][k].Sub(at[k]))
			}
		}
		slices.Sort(waits)
		p99 := waits[len(waits)*99/100]
		share := broadcasts / (rate*to.Sub(from).Seconds() - answers)
		t.Logf("%d taps, answered in %s (p50), %s (p99), %s at most; the broadcast used %.4f of what remained", len(waits), waits[len(waits)/2], p99, waits[len(waits)-1], share)
		if p99 > 200*time.Millisecond || len(waits) < 300 {
			t.Errorf("of %d taps the slowest hundredth waited %s or more, want at most 200ms of at least 300", len(waits), p99)
		}
		if share < 0.99 || share > 1.001 { // one message more or less at the edges
			t.Errorf("the broadcast used %.4f of what remained, want 0.99 to 1", share)
		}
		noMore(t, all, rate)
		if s := w.srv.Stats(); s.TooMany > 0 || len(w.srv.Violations()) > 0 {
			t.Errorf("Telegram refused %d, and %d inside a pause", s.TooMany, len(w.srv.Violations()))
		}
	})
}

// noMore fails where some window of a second, or of ten, has more than its pace.
func noMore(t *testing.T, at []time.Time, rate float64) {
	t.Helper()
	slices.SortFunc(at, time.Time.Compare)
	for _, window := range []time.Duration{time.Second, 10 * time.Second} {
		for from, to := 0, 0; from < len(at); from++ {
			for to < len(at) && at[to].Sub(at[from]) < window {
				to++
			}
			if got, most := float64(to-from), rate*window.Seconds(); got > most {
				t.Fatalf("got %g within %s, want at most %g", got, window, most)
			}
		}
	}
}
