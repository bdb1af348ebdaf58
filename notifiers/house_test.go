package notifiers_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
	"arifa/subscriptions/sqlite"
	"arifa/subscriptions/sqlite/sqlitetest"
	"arifa/subscriptions/wording"
)

const (
	laneA = subscriptions.LaneID("fake:1")
	laneB = subscriptions.LaneID("fake:2")
	tax   = subscriptions.ServiceID("kra-pay-tax")
)

// house is a real store with citizens in it, and what a dispatcher needs.
type house struct {
	t       testing.TB
	ctx     context.Context
	store   subscriptions.Store
	speaker notifiers.Speaker
	log     *slog.Logger
	logged  *strings.Builder

	mu       sync.Mutex
	troubles []notifiers.Trouble
}

func newHouse(t testing.TB) *house {
	t.Helper()
	store, err := sqlite.Open(context.Background(), sqlitetest.File(t), sqlite.Config{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	speaker, err := wording.NewSpeaker()
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, ctx: context.Background(), store: store, speaker: speaker, logged: &strings.Builder{}}
	h.log = slog.New(slog.NewTextHandler(&locked{w: h.logged}, nil))
	t.Cleanup(func() { // G15, in every test
		for _, secret := range []string{"person-", "both-", "what is said", "Paying tax"} {
			if strings.Contains(h.logged.String(), secret) {
				t.Errorf("the log tells %q:\n%s", secret, h.logged)
			}
		}
	})
	return h
}

// locked makes a builder safe for the loggers of many goroutines.
type locked struct {
	mu sync.Mutex
	w  *strings.Builder
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// must ends the test when a step of its setting fails.
func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// recipient stores somebody who follows services; its address is name.
func (h *house) recipient(lane subscriptions.LaneID, kind subscriptions.RecipientKind, name string, services ...subscriptions.ServiceID) subscriptions.RecipientID {
	h.t.Helper()
	r, err := h.store.SaveRecipient(h.ctx, subscriptions.Recipient{
		Lane: lane, Address: subscriptions.AddressOf(name), Kind: kind, Language: "en", CreatedAt: now(),
	})
	h.must(err)
	var follows []subscriptions.Follow
	for _, s := range services {
		follows = append(follows, subscriptions.Follow{Scope: subscriptions.ScopeService(s), Since: now(), Consent: "follow/en/1"})
	}
	_, err = h.store.Subscribe(h.ctx, r.ID, follows, now())
	h.must(err)
	return r.ID
}

// citizens stores n people who follow the tax service.
func (h *house) citizens(lane subscriptions.LaneID, n int) {
	for i := range n {
		h.recipient(lane, subscriptions.Person, fmt.Sprintf("%s-person-%d", lane, i), tax)
	}
}

// trouble opens an incident in which a service fails.
func (h *house) incident(service subscriptions.ServiceID) subscriptions.Incident {
	h.t.Helper()
	at := now()
	i := subscriptions.Incident{
		State: subscriptions.Identified, Round: 1, Owner: "ecitizen", OpenedAt: at, Since: at,
		Claims:   []subscriptions.Claim{{Agency: "ecitizen", Service: service, Impact: subscriptions.Blocked, At: at, Round: 1}},
		Services: []subscriptions.ServiceState{{Service: service, Impact: subscriptions.Blocked, Confirmed: true, Failing: true, Since: at, Round: 1}},
	}
	c, err := h.store.Commit(h.ctx, subscriptions.Change{Incident: &i, Line: line("incident.open"), Now: at})
	h.must(err)
	return *c.Incident
}

func line(action string) subscriptions.AuditLine {
	return subscriptions.AuditLine{At: now(), Action: action, Subject: "test", Outcome: "done", Via: "test"}
}

// publish publishes a notice of an incident, which becomes i.
func (h *house) publish(i subscriptions.Incident, kind subscriptions.Kind, sound bool, overtakes ...subscriptions.NoticeID) (subscriptions.Incident, subscriptions.Notice) {
	h.t.Helper()
	at := now()
	services := []subscriptions.ServiceID{i.Services[0].Service}
	n := subscriptions.Notice{
		Incident: i.ID, Round: i.Round, Kind: kind, Agency: "ecitizen", State: subscriptions.Published, Sound: sound,
		Audience: subscriptions.Audience{
			subscriptions.ScopeAll:                  services,
			subscriptions.ScopeService(services[0]): services,
		},
		Sheet:     sheet(kind, services[0]),
		CreatedAt: at, SubmittedAt: at, PublishedAt: at, ExpiresAt: at.Add(12 * time.Hour),
	}
	c, err := h.store.Commit(h.ctx, subscriptions.Change{
		Incident: &i, Notices: []subscriptions.Notice{n}, Day: "2025-0103", Overtakes: overtakes,
		Line: line("notice.publish"), Now: at,
	})
	h.must(err)
	return *c.Incident, c.Notices[0]
}

// restore ends an incident with a notice.
func (h *house) restore(i subscriptions.Incident, overtakes ...subscriptions.NoticeID) subscriptions.Notice {
	h.t.Helper()
	i.State, i.EndedAt = subscriptions.Resolved, now()
	i.Services[0].Failing = false
	i.Claims[0].EndedAt = now()
	_, n := h.publish(i, subscriptions.Restored, true, overtakes...)
	return n
}

// sheet has one title for each kind, by which the ledger is read.
func sheet(kind subscriptions.Kind, service subscriptions.ServiceID) subscriptions.Sheet {
	words := func(l string) subscriptions.Words {
		return subscriptions.Words{
			Title:    fmt.Sprintf("%s %s %s", kind, service, l),
			Head:     []subscriptions.Line{{Slot: subscriptions.SlotWhat, Text: "what is said"}},
			Services: []subscriptions.ServiceLines{{Service: service, Agency: "kra", Name: "Paying tax", Label: "Paying tax (KRA)", State: "blocked"}},
			More:     "and %d more", Why: "You follow %s", WhyAsked: "You asked", WhyPost: "For all",
		}
	}
	return subscriptions.Sheet{Version: 1, Kind: kind, Words: map[subscriptions.Language]subscriptions.Words{"en": words("en"), "sw": words("sw")}}
}

// serve runs a dispatcher until stop is called, which waits for its end.
func (h *house) serve(owner string, change func(*notifiers.Config), lanes ...notifiers.Lane) (d *notifiers.Dispatcher, stop func()) {
	h.t.Helper()
	ctx, cancel := context.WithCancel(h.ctx)
	cfg := notifiers.Config{
		Outbox: h.store, Lanes: h.store, Channels: lanes, Speaker: h.speaker,
		Languages: []subscriptions.Language{"en", "sw"}, Zone: time.FixedZone("EAT", 3*3600),
		Owner: owner, Log: h.log, Tenure: 3 * time.Second, Timeout: time.Second,
		OnTrouble: func(t notifiers.Trouble) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.troubles = append(h.troubles, t)
		},
	}
	if hinter, can := h.store.(subscriptions.Hinter); can {
		cfg.Hints = hinter.Hints(ctx)
	}
	if change != nil {
		change(&cfg)
	}
	d, err := notifiers.New(cfg)
	h.must(err)
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			select {
			case err := <-done:
				if err != nil {
					h.t.Errorf("run: %v", err)
				}
			case <-time.After(time.Minute):
				h.t.Error("the dispatcher does not end")
			}
		})
	}
	h.t.Cleanup(stop)
	return d, stop
}

// wait polls until ok, or fails after a generous time.
func (h *house) wait(what string, ok func() bool) {
	h.t.Helper()
	end := time.Now().Add(time.Minute)
	for !ok() {
		if time.Now().After(end) {
			h.t.Fatalf("waited in vain for %s\n%s", what, h.logged)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (h *house) progress(n subscriptions.Notice) subscriptions.Progress {
	h.t.Helper()
	p, err := h.store.Progress(h.ctx, n.ID)
	h.must(err)
	return p
}

// settled waits until a notice is expanded and none of its rows is pending.
func (h *house) settled(n subscriptions.Notice) subscriptions.Progress {
	h.t.Helper()
	var p subscriptions.Progress
	h.wait(fmt.Sprintf("%s to settle", n.Kind), func() bool {
		p = h.progress(n)
		return p.Expanded && p.Count(subscriptions.Pending) == 0
	})
	return p
}

func (h *house) hasTrouble(k notifiers.TroubleKind) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, t := range h.troubles {
		if t.Kind == k {
			n++
		}
	}
	return n
}

// told counts, for each address, how many messages (not edits) begin with kind.
func told(entries []entry, kind subscriptions.Kind) map[string]int {
	out := map[string]int{}
	for _, e := range entries {
		if e.Method == "send" && strings.HasPrefix(e.Text, string(kind)) {
			out[e.To]++
		}
	}
	return out
}

func doubles(told map[string]int) (n int) {
	for _, k := range told {
		n += k - 1
	}
	return n
}

// mortal is a store that can die under the dispatcher, as at a kill -9: from then
// on nothing is written or read any more.
type mortal struct {
	subscriptions.Store
	dead atomic.Bool
}

func (m *mortal) err() error {
	if m.dead.Load() {
		return subscriptions.ErrUnavailable
	}
	return nil
}

func (m *mortal) Finish(ctx context.Context, rs []subscriptions.Result) error {
	if err := m.err(); err != nil {
		return err
	}
	return m.Store.Finish(ctx, rs)
}

func (m *mortal) Lease(ctx context.Context, t subscriptions.Tenure, max int, now time.Time) ([]subscriptions.Delivery, error) {
	if err := m.err(); err != nil {
		return nil, err
	}
	return m.Store.Lease(ctx, t, max, now)
}

func (m *mortal) Release(ctx context.Context, t subscriptions.Tenure) error {
	if err := m.err(); err != nil {
		return err
	}
	return m.Store.Release(ctx, t)
}

func (m *mortal) Renew(ctx context.Context, t subscriptions.Tenure, ttl time.Duration) (subscriptions.Tenure, error) {
	if err := m.err(); err != nil {
		return subscriptions.Tenure{}, err
	}
	return m.Store.Renew(ctx, t, ttl)
}
