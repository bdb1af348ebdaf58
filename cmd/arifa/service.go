package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"arifa/bot"
	"arifa/bot/desk"
	"arifa/bot/desk/talk"
	"arifa/notifiers"
	"arifa/notifiers/probes"
	"arifa/notifiers/statuspage"
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
	office   *talk.Talk // of officers
	caller   *talk.Caller
	send     *notifiers.Dispatcher
	networks []*network
	meters   *meters
	pages    *http.ServeMux
	prober   *probes.Prober
	site     *statuspage.Site
	calls    sync.WaitGroup // stops of broken notices, under way
	written  atomic.Int64   // when the last trial write was stored, in milliseconds
	file     os.FileInfo    // of a SQLite database, as it was opened; nil = not known
}

// tempo is what only a rehearsal changes.
type tempo struct {
	chatEvery      time.Duration
	groupPerMinute int
	owner          string
	leaps          bool // the clock leaps by hours: a visit to the desk outlives them
}

// newService introduces everybody to each other. It starts nothing.
func newService(ctx context.Context, s *settings, st store, log *slog.Logger, now func() time.Time, t tempo) (*service, error) {
	v := &service{settings: s, store: st, log: log, now: now, meters: newMeters(), pages: http.NewServeMux()}
	var err error
	if !isPostgres(s.Database) {
		v.file, _ = os.Stat(s.Database) // not known is not missed
	}
	if v.library, err = newLibrary(ctx, st, s.Catalogue, log, now); err != nil {
		return nil, err
	}
	speaker, err := wording.NewSpeaker()
	if err != nil {
		return nil, err
	}
	if v.desk, err = desk.New(desk.Config{Store: st, Nation: v.library.parsed, Speaker: speaker, Previewer: previewer{},
		Pace: s.pace, Fee: s.fee, Host: s.host(), Idle: s.OfficerIdle, Log: log, Notify: v.event,
		Tryout: s.tryout, UnofficialAfter: s.UnofficialAfter, SampleSize: s.SampleSize}); err != nil {
		return nil, err
	}
	v.talk = bot.New(bot.Config{Register: st, Bulletins: st, Complaints: st, Alarms: st, Samples: st, Nation: v.library.effective, Search: v.library, Speaker: speaker,
		Host: s.host(), BotName: v.botName, Accounts: v.accountNames, Overseen: func(l subscriptions.LaneID) bool { return l.Network() == "slack" }, Log: log})
	if err := v.meet(ctx, t); err != nil {
		return nil, err
	}
	if err := v.hearMachines(); err != nil {
		return nil, err
	}
	if err := v.dispatcher(ctx, speaker, t); err != nil {
		return nil, err
	}
	if err := v.officers(speaker); err != nil {
		return nil, err
	}
	for _, n := range v.networks {
		n.start()
	}
	if err := v.publicPage(ctx, speaker); err != nil {
		return nil, err
	}
	return v, v.deskInBrowser(ctx, t)
}

func (v *service) dispatcher(ctx context.Context, speaker *wording.Speaker, t tempo) error {
	var hints <-chan struct{}
	if h, ok := v.store.(subscriptions.Hinter); ok {
		hints = h.Hints(ctx)
	}
	n := v.library.effective()
	var lanes []notifiers.Lane
	for _, one := range v.networks {
		lanes = append(lanes, one.lane)
	}
	var err error
	v.send, err = notifiers.New(notifiers.Config{Outbox: v.store, Lanes: &homing{Lanes: v.store, look: v.homely}, Speaker: speaker, Languages: n.Languages, Zone: n.Location(),
		Owner: t.owner, Tenure: v.Tenure, Timeout: v.RequestTimeout, Clock: v.now, Hints: hints, OnTrouble: v.trouble, Log: v.log, Metrics: v.meters,
		Channels: lanes})
	return err
}

// trouble puts what a network or the dispatcher cannot mend by itself before officers: it
// stops a notice that no network can show, for good and on the record, calls them where a
// canary stopped one, and the admins where a lane is halted or a channel lost.
func (v *service) trouble(t notifiers.Trouble) {
	var act func(ctx context.Context) error
	switch t.Kind {
	case notifiers.TroubleHalted:
		act = func(ctx context.Context) error { return v.desk.LaneHalted(ctx, t.Lane, t.Err.Error(), v.now()) }
	case notifiers.TroubleLost:
		act = func(ctx context.Context) error { return v.desk.ChannelLost(ctx, t.Recipient, t.Err.Error(), v.now()) }
	case notifiers.TroublePoison:
		act = func(ctx context.Context) error { return v.desk.StopBroken(ctx, t.Notice, t.Err.Error(), v.now()) }
	case notifiers.TroubleCanary:
		act = func(ctx context.Context) error {
			return v.desk.CanaryFailed(ctx, t.Lane, t.Notice, t.Err.Error(), v.now())
		}
	default:
		return
	}
	v.calls.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := act(ctx); err != nil {
			v.log.Error("officers do not know of a trouble", "trouble", string(t.Kind), "lane", string(t.Lane), "notice", int64(t.Notice), "error", err)
		}
	})
}

// Run works until ctx ends and everything begun is finished.
func (v *service) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return v.send.Run(ctx) })
	g.Go(func() error { return v.library.run(ctx) })
	g.Go(func() error { return v.site.Run(ctx) })
	for _, n := range v.networks {
		for _, run := range n.run {
			g.Go(func() error { return run(ctx) })
		}
		g.Go(func() error { return v.ask(ctx, n) })
	}
	g.Go(func() error { return v.caller.Run(ctx) })
	g.Go(func() error { return v.prober.Run(ctx) })
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
			return notListening(at.name, err)
		}
		v.log.Info("listening", "setting", at.name, "address", l.Addr().String())
		g.Go(func() error { return serveHTTP(ctx, l, at.handler, v.log) })
	}
	return nil
}

// notListening says what to do about an address that cannot be listened on.
func notListening(setting string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s: %w: another program uses that address; stop it or give another one", setting, err)
	}
	return fmt.Errorf("%s: %w; give an address of this machine, such as 127.0.0.1:8080", setting, err)
}
