package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"arifa/bot"
	"arifa/bot/desk"
	"arifa/notifiers"
	"arifa/notifiers/telegram"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// service is the running program: everything that serve and demo share.
type service struct {
	*settings
	store    store
	log      *slog.Logger
	now      func() time.Time
	library  *library
	desk     *desk.Desk
	talk     *bot.Conversation
	send     *notifiers.Dispatcher
	telegram *telegram.Channel
	ears     *telegram.Ears
	owns     atomic.Bool
	username atomic.Pointer[string]
	meters   *meters
	pages    *http.ServeMux
	calls    sync.WaitGroup // of officers, under way
}

// tempo is what only a rehearsal changes.
type tempo struct {
	chatEvery      time.Duration
	groupPerMinute int
	owner          string
}

// newService introduces everybody to each other. It starts nothing.
func newService(ctx context.Context, s *settings, st store, log *slog.Logger, now func() time.Time, t tempo) (*service, error) {
	v := &service{settings: s, store: st, log: log, now: now, meters: newMeters(), pages: http.NewServeMux()}
	var err error
	if v.library, err = newLibrary(ctx, st, s.Catalogue, log, now); err != nil {
		return nil, err
	}
	speaker, err := wording.NewSpeaker()
	if err != nil {
		return nil, err
	}
	if v.desk, err = desk.New(desk.Config{Store: st, Nation: v.library.parsed, Speaker: speaker, Previewer: previewer{},
		Pace: func(subscriptions.LaneID) float64 { return s.TelegramRate }, Host: s.host(), Log: log, Notify: v.event}); err != nil {
		return nil, err
	}
	v.talk = bot.New(bot.Config{Register: st, Bulletins: st, Nation: v.library.effective, Search: v.library, Speaker: speaker,
		Host: s.host(), BotName: v.botName, Log: log})
	if v.telegram, err = telegram.New(telegram.Config{Token: s.TelegramToken, API: s.TelegramAPI, Connections: s.connections(), Log: log, Now: now}); err != nil {
		return nil, err
	}
	if err := v.dispatcher(ctx, speaker, t); err != nil {
		return nil, err
	}
	v.listen(speaker)
	return v, nil
}

func (v *service) dispatcher(ctx context.Context, speaker *wording.Speaker, t tempo) error {
	var hints <-chan struct{}
	if h, ok := v.store.(subscriptions.Hinter); ok {
		hints = h.Hints(ctx)
	}
	n := v.library.effective()
	var err error
	v.send, err = notifiers.New(notifiers.Config{Outbox: v.store, Lanes: v.store, Speaker: speaker, Languages: n.Languages, Zone: n.Location(),
		Owner: t.owner, Tenure: v.Tenure, Clock: v.now, Hints: hints, OnTrouble: v.trouble, Log: v.log, Metrics: v.meters,
		Channels: []notifiers.Lane{{Channel: v.telegram, Rate: v.TelegramRate, InFlight: v.TelegramInFlight, Senders: v.connections(), Own: v.own,
			ChatEvery: t.chatEvery, GroupPerMinute: t.groupPerMinute}}})
	return err
}

// own runs while this process owns the lane.
func (v *service) own(ctx context.Context) error {
	v.owns.Store(true)
	defer v.owns.Store(false)
	<-ctx.Done()
	return nil
}

func (v *service) listen(speaker *wording.Speaker) {
	languages := v.library.effective().Languages
	profile := telegram.Profile{Languages: languages, Commands: v.talk.Commands,
		Description: map[subscriptions.Language]string{}, Short: map[subscriptions.Language]string{}}
	for _, l := range languages {
		profile.Description[l], profile.Short[l] = v.talk.Introduction(l)
	}
	v.ears = v.telegram.Ears(telegram.EarsConfig{Inbox: v.store, Register: v.store, Conversation: face{v.talk, v.desk, &tries{}}, Owned: v.owns.Load,
		Reply: func(ctx context.Context, m notifiers.Message) (notifiers.Receipt, error) {
			return v.send.Reply(ctx, v.telegram.Name(), m)
		},
		Webhook: v.TelegramMode == "webhook", Secret: v.TelegramWebhookSecret, Address: v.PublicURL, Profile: profile})
	if v.TelegramMode == "webhook" {
		v.pages.Handle(telegram.WebhookPath, v.ears.Hook())
	}
}

func (v *service) botName(subscriptions.LaneID) string {
	if name := v.username.Load(); name != nil {
		return *name
	}
	return ""
}

// learnName asks until Telegram has told our account's name.
func (v *service) learnName(ctx context.Context) error {
	wait := time.Second
	for {
		if me, err := v.telegram.Me(ctx); err == nil {
			v.username.Store(&me.Username)
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
			wait = min(2*wait, time.Minute)
		}
	}
}

// trouble stops a notice that no network can show, for good and on the record.
func (v *service) trouble(t notifiers.Trouble) {
	if t.Kind != notifiers.TroublePoison || t.Notice == 0 {
		return
	}
	v.calls.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := v.desk.StopBroken(ctx, t.Notice, t.Err.Error(), v.now()); err != nil {
			v.log.Error("a notice that cannot be shown was not stopped", "notice", int64(t.Notice), "error", err)
		}
	})
}

// Run works until ctx ends and everything begun is finished.
func (v *service) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return v.send.Run(ctx) })
	g.Go(func() error { return v.ears.Run(ctx) })
	g.Go(func() error { return v.library.run(ctx) })
	g.Go(func() error { return v.learnName(ctx) })
	err := g.Wait()
	v.calls.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// serveOn listens before it serves, on both addresses.
func (v *service) serveOn(ctx context.Context, g *errgroup.Group) error {
	for _, at := range []struct {
		name, addr string
		handler    http.Handler
	}{{"listen", v.Listen, v.pages}, {"admin-listen", v.AdminListen, health{v.meters.registry, v.ready}.handler()}} {
		l, err := net.Listen("tcp", at.addr)
		if err != nil {
			return fmt.Errorf("%s: %w; another program may use that address", at.name, err)
		}
		v.log.Info("listening", "setting", at.name, "address", l.Addr().String())
		g.Go(func() error { return serveHTTP(ctx, l, at.handler) })
	}
	return nil
}

// deafFor is how long Telegram may be out of reach before the service says that it
// is not ready: a poll that is cut and begun again is no trouble.
const deafFor = 5 * time.Second

// ready names what is wrong, by part.
func (v *service) ready(ctx context.Context) map[string]string {
	faults := map[string]string{}
	lanes, err := v.store.LaneList(ctx)
	if err != nil {
		faults["database"] = "cannot be read"
		v.log.Warn("not ready", "error", err)
		return faults
	}
	for _, l := range lanes {
		if l.Held {
			faults[string(l.ID)] = "held: arifa lane release"
		} else if !l.PausedUntil.IsZero() && l.PausedUntil.After(v.now()) {
			faults[string(l.ID)] = "paused: " + l.PausedWhy
		}
	}
	if d := v.ears.Deaf(); d > deafFor {
		faults[string(v.telegram.Name())] = "Telegram has not been reached for " + d.Round(time.Second).String()
	}
	if err := v.meters.look(ctx, v.store, []subscriptions.LaneID{v.telegram.Name()}, v.now()); err != nil {
		faults["figures"] = "cannot be read"
	}
	return faults
}
