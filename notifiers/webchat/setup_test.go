package webchat_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"arifa/bot"
	"arifa/notifiers"
	"arifa/notifiers/webchat"
	"arifa/notifiers/webchat/webchattest"
	"arifa/subscriptions"
	"arifa/subscriptions/catalogue"
	"arifa/subscriptions/sqlite"
	"arifa/subscriptions/sqlite/sqlitetest"
	"arifa/subscriptions/wording"
)

var (
	speaker = sync.OnceValues(wording.NewSpeaker)
	kenya   = sync.OnceValues(catalogue.Kenya)
	indexed = sync.OnceValue(func() *catalogue.Index { n, _ := kenya(); return catalogue.NewIndex(n) })
)

// stage is the whole chat on a real socket: page, stream, conversation, dispatcher
// and store.
type stage struct {
	*testing.T
	store   *sqlite.Store
	nation  *subscriptions.Nation
	words   *wording.Speaker
	channel *webchat.Channel
	send    *notifiers.Dispatcher
	talk    *bot.Conversation
	server  *httptest.Server
	waits   webchat.Waits
	log     *bytes.Buffer
	mu      sync.Mutex
	skipped time.Duration
	first   int64
}

// search is the catalogue's, as cmd hands it to the conversation.
type search struct{}

func (search) Search(q string, limit int) (out []bot.Found) {
	for _, h := range indexed().Search(q, limit) {
		out = append(out, bot.Found{Service: h.Service, Agency: h.Agency, Platform: h.Platform, Score: h.Score})
	}
	return out
}

// lockedBuffer is written by many goroutines.
type lockedBuffer struct {
	mu *sync.Mutex
	b  *bytes.Buffer
}

func (l lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func setup(t *testing.T, change ...func(*webchat.Config)) *stage {
	t.Helper()
	s := &stage{T: t, log: &bytes.Buffer{}, waits: webchat.Waits{Confirm: 2 * time.Second, Again: 50 * time.Millisecond, Gone: time.Hour, Poll: time.Second,
		Answer: 2 * time.Second, Ping: 50 * time.Millisecond, Tail: 50 * time.Millisecond}}
	sp, err := speaker()
	s.must(err)
	s.words = sp.Strict()
	s.nation, err = kenya()
	s.must(err)
	s.store, err = sqlite.Open(context.Background(), sqlitetest.File(t), sqlite.Config{Migrate: true})
	s.must(err)
	log := slog.New(slog.NewTextHandler(lockedBuffer{&s.mu, s.log}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	nation := func() *subscriptions.Nation { return s.nation }
	s.talk = bot.New(bot.Config{Register: s.store, Bulletins: s.store, Nation: nation, Search: search{}, Speaker: s.words, Log: log})
	c := webchat.Config{Store: s.store, Conversation: s.talk, Speaker: s.words, Nation: nation, Alone: true, Log: log, Now: s.now, Waits: s.waits,
		Reply: func(ctx context.Context, m notifiers.Message) (notifiers.Receipt, error) {
			return s.send.Reply(ctx, subscriptions.WebLane, m)
		}}
	for _, f := range change {
		f(&c)
	}
	s.waits = c.Waits
	s.channel, err = webchat.New(c)
	s.must(err)
	s.send, err = notifiers.New(notifiers.Config{Outbox: s.store, Lanes: s.store, Speaker: s.words, Languages: s.nation.Languages, Zone: s.nation.Location(),
		Owner: "test", Clock: s.now, Hints: s.store.Hints(t.Context()), Log: log,
		Channels: []notifiers.Lane{{Channel: s.channel, Rate: 1000, InFlight: 64, ChatEvery: time.Millisecond}}})
	s.must(err)
	s.server = httptest.NewServer(s.channel.Handler())
	ctx, cancel := context.WithCancel(context.Background())
	var g sync.WaitGroup
	g.Go(func() { _ = s.channel.Run(ctx) })
	g.Go(func() { _ = s.send.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		g.Wait()
		s.server.CloseClientConnections()
		s.server.Close()
		s.must(s.store.Close())
	})
	return s
}

func (s *stage) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// now is the time, with what was skipped.
func (s *stage) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Add(s.skipped)
}

func (s *stage) skip(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.skipped += d
}

func (s *stage) until(what string, ok func() bool) {
	s.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.mu.Lock()
			log := s.log.String()
			s.mu.Unlock()
			s.Fatalf("it never came to: %s\n%s", what, log)
		}
	}
}

func (s *stage) page(l string) string { return s.server.URL + "/" + l + "/chat" }

// open is a browser that has said hello and listens.
func (s *stage) open() *webchattest.Browser {
	s.Helper()
	b := webchattest.New(s.page("en"))
	s.Cleanup(b.Close)
	s.said(b, "text", "hello")
	s.must(b.Open(s.Context(), 0))
	hello := s.shows(b, "Arifa")
	s.first = hello.ID
	return b
}

func (s *stage) said(b *webchattest.Browser, fields ...string) {
	s.Helper()
	status, err := b.Say(fields...)
	s.must(err)
	if status != 204 {
		s.Fatalf("said %v: got status %d", fields, status)
	}
}

func (s *stage) shows(b *webchattest.Browser, word string) webchattest.Shown {
	s.Helper()
	m, err := b.Until(word, time.Minute)
	if err != nil {
		var all []string
		for _, x := range b.Shown() {
			all = append(all, x.Text)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.Fatalf("%v; it shows:\n%s\n%s", err, strings.Join(all, "\n--\n"), s.log.String())
	}
	return m
}

func (s *stage) addressOf(b *webchattest.Browser) subscriptions.Address {
	return webchat.Digest(b.Cookie())
}

// forget erases a browser's talk, as its reader may.
func (s *stage) forget(a subscriptions.Address) {
	s.Helper()
	r, err := s.store.SaveRecipient(context.Background(), subscriptions.Recipient{Lane: subscriptions.WebLane, Address: a, Kind: subscriptions.Person, CreatedAt: s.now()})
	if err != nil && !errors.Is(err, subscriptions.ErrExists) {
		s.Fatal(err)
	}
	s.must(s.store.Forget(context.Background(), r.ID, s.now()))
}

// outage publishes the trouble of 3 January now.
func (s *stage) outage() (subscriptions.Incident, subscriptions.Notice) {
	s.Helper()
	now := s.now().UTC().Truncate(time.Millisecond)
	p, _ := s.nation.Platform("ecitizen-payments")
	i := subscriptions.Incident{State: subscriptions.Investigating, Round: 1, Since: now, OpenedAt: now, Owner: p.Operator,
		Claims: []subscriptions.Claim{{Agency: p.Operator, Platform: p.ID, Impact: subscriptions.Blocked, At: now, Since: now, Round: 1}}}
	i.Services = i.Derive(s.nation)
	n := s.say(&i, subscriptions.Notice{Kind: subscriptions.Outage, Slots: subscriptions.Slots{NextUpdate: now.Add(2 * time.Hour)}}, 1)
	return i, n
}

func (s *stage) restore(i subscriptions.Incident) subscriptions.Notice {
	s.Helper()
	now := s.now().UTC().Truncate(time.Millisecond)
	i.Claims[0].EndedAt = now
	i.Services = i.Derive(s.nation)
	i.State, i.EndedAt = subscriptions.Resolved, now
	return s.say(&i, subscriptions.Notice{Kind: subscriptions.Restored, Slots: subscriptions.Slots{PayAgain: subscriptions.Answer{Value: "no"}}}, 2)
}

func (s *stage) say(i *subscriptions.Incident, n subscriptions.Notice, number int) subscriptions.Notice {
	s.Helper()
	now := s.now().UTC().Truncate(time.Millisecond)
	n.Agency, n.Incident, n.Round, n.Key, n.Code = i.Owner, i.ID, i.Round, subscriptions.NewNoticeKey(now.In(s.nation.Location()), number), "K7QF2M"
	var err error
	n.Sheet, err = s.words.Sheet(wording.Facts{Nation: s.nation, Incident: *i, Notice: n, Now: now})
	s.must(err)
	var ids []subscriptions.ServiceID
	for _, l := range n.Sheet.Words["en"].Services {
		ids = append(ids, l.Service)
	}
	n.Audience = subscriptions.AudienceOf(s.nation, ids, i.Platforms())
	n.State, n.PublishedAt, n.CreatedAt, n.Sound = subscriptions.Published, now, now, true
	ch := subscriptions.Change{Incident: i, Notices: []subscriptions.Notice{n}, Now: now, Line: subscriptions.AuditLine{At: now, Action: "test", Outcome: "done"}}
	if i.ID != 0 {
		older, err := s.store.Notices(context.Background(), i.ID, subscriptions.Published)
		s.must(err)
		for _, o := range older {
			ch.Overtakes = append(ch.Overtakes, o.ID)
		}
	}
	out, err := s.store.Commit(context.Background(), ch)
	s.must(err)
	*i = *out.Incident
	return out.Notices[0]
}

// nobody replies: the lane has another owner.
func nobody(context.Context, notifiers.Message) (notifiers.Receipt, error) {
	return notifiers.Receipt{}, notifiers.ErrNotOwner
}

func newServer(t *testing.T, h http.Handler) string {
	srv := httptest.NewServer(h)
	t.Cleanup(func() { srv.CloseClientConnections(); srv.Close() })
	return srv.URL
}
