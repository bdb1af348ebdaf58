// Package drill is the officers' desk for practice: everything is done as on the
// real one, and nobody is told.
//
// It cannot reach a real recipient by what it is made of. It imports no network and
// takes no credential; its database is its own and is thrown away; its only lane
// leads to nobody. A test walks everything that it imports.
package drill

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"arifa/bot/console"
	"arifa/bot/desk"
	"arifa/notifiers"
	"arifa/subscriptions"
	"arifa/subscriptions/sqlite"
	"arifa/subscriptions/wording"
)

// Config is what a drill takes. There is no place in it for a token, an address or
// a database of somebody else.
type Config struct {
	Nation    *subscriptions.Nation
	Previewer desk.Previewer // shows how a card would look; it sends nothing
	Search    func(query string, limit int) []console.Found
	// URL is where browsers reach it.
	URL     string
	Proxies []netip.Prefix
	Log     *slog.Logger
	Now     func() time.Time
	// Followers is how many invented people follow each service.
	Followers int
}

// Drill is one rehearsal, from its empty database to its end.
type Drill struct {
	Config
	dir     string
	store   *sqlite.Store
	desk    *desk.Desk
	send    *notifiers.Dispatcher
	console *console.Console
	done    chan struct{}
}

// pace is how many messages a second the lane pretends to send: slow enough to
// watch.
const pace = 40

// New makes a drill in a directory of its own. Close removes it.
func New(ctx context.Context, c Config) (*Drill, error) {
	dir, err := os.MkdirTemp("", "arifa-drill-")
	if err != nil {
		return nil, err
	}
	d := &Drill{Config: c, dir: dir, done: make(chan struct{})}
	if d.store, err = sqlite.Open(ctx, filepath.Join(dir, "drill.db"), sqlite.Config{Log: c.Log, Migrate: true}); err == nil {
		err = d.furnish(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

func (d *Drill) furnish(ctx context.Context) error {
	speaker, err := wording.NewSpeaker()
	if err != nil {
		return err
	}
	nation := func() *subscriptions.Nation { return d.Nation }
	if d.desk, err = desk.New(desk.Config{Store: d.store, Nation: nation, Speaker: speaker, Previewer: d.Previewer, Log: d.Log,
		Pace:   func(subscriptions.LaneID) float64 { return pace },
		Tryout: func() bool { return true }}); err != nil { // the six digits of a drill wait: there is nothing to guard
		return err
	}
	if d.send, err = notifiers.New(notifiers.Config{Outbox: d.store, Lanes: d.store, Speaker: speaker, Languages: d.Nation.Languages, Zone: d.Nation.Location(),
		Owner: "drill", Clock: d.Now, Hints: d.store.Hints(ctx), Log: d.Log,
		Channels: []notifiers.Lane{{Channel: mute{}, Rate: pace, InFlight: 4}}}); err != nil {
		return err
	}
	if d.console, err = console.New(console.Config{Desk: d.desk, Sessions: d.store, Nation: nation, URL: d.URL, Search: d.Search, Drill: true,
		Proxies: d.Proxies, Log: d.Log, Now: d.Now, Done: d.done}); err != nil {
		return err
	}
	return d.populate(ctx)
}

// Newcomers are the officers of the drill, each with a code of a one-time link.
func (d *Drill) Newcomers(ctx context.Context) ([]desk.Newcomer, error) {
	return d.desk.StartTryout(ctx, d.Now())
}

// Handler answers the desk, and nothing for citizens: who comes to its address by
// mistake must not read of a trouble that is none.
func (d *Drill) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle(console.Base+"/", d.console.Handler())
	mux.Handle("GET /{$}", http.RedirectHandler(console.Base+"/", http.StatusSeeOther))
	return mux
}

// Serve answers on l and plays the lane until ctx ends.
func (d *Drill) Serve(ctx context.Context, l net.Listener, serve func(context.Context, net.Listener, http.Handler) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return d.send.Run(ctx) })
	g.Go(func() error { return d.tick(ctx) })
	g.Go(func() error {
		<-ctx.Done()
		close(d.done)
		return nil
	})
	g.Go(func() error { return serve(ctx, l, d.Handler()) })
	if err := g.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// tick brings what time brings: reminders, ends of other ways, steps of a maintenance.
func (d *Drill) tick(ctx context.Context) error {
	every := time.NewTicker(time.Minute)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-every.C:
			if err := d.desk.Tick(ctx, d.Now()); err != nil && ctx.Err() == nil {
				d.Log.Error("tick", "error", err)
			}
		}
	}
}

// Close throws the drill away.
func (d *Drill) Close() error {
	var err error
	if d.store != nil {
		err = d.store.Close()
	}
	return errors.Join(err, os.RemoveAll(d.dir))
}

// lane is the only one that there is. It leads nowhere.
const lane subscriptions.LaneID = "drill"

// mute says that it sent, and sends nothing.
type mute struct{}

var _ notifiers.Channel = mute{}

func (mute) Name() subscriptions.LaneID { return lane }

func (mute) Send(_ context.Context, m notifiers.Message) (notifiers.Receipt, error) {
	return notifiers.Receipt{Message: fmt.Sprint("drill ", m.ID)}, nil
}

func (mute) Edit(ctx context.Context, m notifiers.Message) (notifiers.Receipt, error) {
	return mute{}.Send(ctx, m)
}

// populate invents people who follow each service, so that there is somebody to count.
func (d *Drill) populate(ctx context.Context) error {
	now := d.Now()
	for _, s := range d.Nation.Services {
		for k := range d.Followers {
			if s.Retired {
				break
			}
			r, err := d.store.SaveRecipient(ctx, subscriptions.Recipient{Lane: lane, Kind: subscriptions.Person, CreatedAt: now,
				Address: subscriptions.AddressOf(fmt.Sprintf("%s-%d", s.ID, k)), Language: d.Nation.Languages[k%len(d.Nation.Languages)]})
			if err != nil {
				return err
			}
			if _, err := d.store.Subscribe(ctx, r.ID, []subscriptions.Follow{{Scope: subscriptions.ScopeService(s.ID), Since: now, Consent: "drill"}}, now); err != nil {
				return err
			}
		}
	}
	return nil
}
