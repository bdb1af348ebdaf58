package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
)

type serveCmd struct {
	Drill bool `help:"The officers' desk for practice: a database of its own, thrown away at the end, and nobody to tell."`
	Hold  bool `help:"Send nothing until \"arifa lane release\": for an upgrade or a restored backup."`
}

// serving is a store that refuses a second serve beside this one.
type serving interface {
	LockServe(ctx context.Context) (release func(), err error)
}

func (c *serveCmd) Run(a *app) error {
	if c.Drill {
		return c.drill(a)
	}
	how := migrated
	if isPostgres(a.Database) {
		how = existing
	}
	st, err := open(a.ctx, a.Database, how, a.log)
	if err != nil {
		return err
	}
	return closing(st, c.serve(a, st))
}

func (c *serveCmd) serve(a *app, st store) error {
	if l, ok := st.(serving); ok {
		release, err := l.LockServe(a.ctx)
		if err != nil {
			return err
		}
		defer release()
	}
	if k, ok := st.(stateKeeper); ok {
		k.KeepIn(a.DatabaseState)
	}
	if err := c.holding(a, st); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(a.ctx)
	defer cancel()
	v, err := newService(ctx, a.settings, st, a.log, a.now, tempo{owner: owner(a.Database)})
	if err != nil {
		return err
	}
	if !loopback(a.AdminListen) {
		a.log.Warn("admin-listen is open to other machines: it shows metrics and health to whoever reaches it", "admin_listen", a.AdminListen)
	}
	g, ctx := errgroup.WithContext(ctx)
	if err := v.serveOn(ctx, g); err != nil {
		return err
	}
	fmt.Fprintf(a.Out, "The public page and the web chat: %s/\n", v.base())
	if err := v.welcome(ctx, a.Out); err != nil {
		return err
	}
	g.Go(func() error { return v.Run(ctx) })
	g.Go(func() error { return v.clock().Run(ctx) })
	for _, n := range v.networks {
		a.log.Info("serving", "lane", string(n.id()), "database", kindOfDatabase(a.Database), "listen", a.Listen,
			"admin", a.AdminListen, "rate", n.lane.Rate, "in_flight_cap", n.lane.InFlight)
	}
	return a.untilStopped(g, cancel)
}

// owner names this process among the owners of lanes. A SQLite file has one serve
// at a time, held by a lock on the file, so it goes on at once after a crash;
// replicas on PostgreSQL need names of their own.
func owner(database string) string {
	if !isPostgres(database) {
		return "serve"
	}
	return "serve-" + rand.Text()[:12]
}

// errStopped is the second signal.
var errStopped = errors.New("stopped at once: what was under way is recorded as far as it got, and may be repeated")

// oneStop is how long signals that follow the first count as the same request.
const oneStop = 300 * time.Millisecond

// untilStopped waits. The first signal takes no new work and finishes what
// flies; the second stops at once.
func (a *app) untilStopped(g *errgroup.Group, cancel func()) error {
	done := make(chan error, 1)
	go func() { done <- g.Wait() }()
	select {
	case err := <-done:
		return err
	case <-a.Stop:
		a.log.Info("stopping: finishing what is under way; once more stops at once")
		cancel()
	}
	first := time.Now()
	for {
		select {
		case err := <-done:
			a.log.Info("stopped")
			return err
		case <-a.Stop:
			// A terminal, a supervisor and a wrapper that all pass on one request to stop
			// must not make two of it.
			if time.Since(first) >= oneStop {
				return errStopped
			}
		}
	}
}

func kindOfDatabase(d string) string {
	if isPostgres(d) {
		return "postgresql"
	}
	return "sqlite"
}

// clock is everything that happens by time alone.
func (v *service) clock() *clockwork {
	return &clockwork{ticks: v.store, zone: v.library.effective().Location(), now: v.now, log: v.log.With("component", "clock"), jobs: []job{
		{name: "desk", spec: "* * * * *", run: v.desk.Tick},
		{name: "watch", spec: "*/15 * * * * *", run: v.desk.Watch},
		{name: "retain", spec: "17 3 * * *", run: v.retain, calm: 5 * time.Minute},
		{name: "home", spec: "* * * * *", run: func(ctx context.Context, _ time.Time) error { return v.homely(ctx) }},
		{name: "figures", spec: "* * * * *", run: func(ctx context.Context, now time.Time) error {
			if err := v.meters.waves(ctx, v.store, now); err != nil {
				return err
			}
			skipped, err := v.meters.look(ctx, v.store, v.lanes(), now)
			if err != nil || skipped == 0 {
				return err
			}
			v.log.Error("people are owed something and have no delivery", "people", skipped)
			return v.desk.Skipped(ctx, skipped, now)
		}},
	}}
}

func (v *service) retain(ctx context.Context, now time.Time) error {
	r, err := v.store.Retain(ctx, now)
	if err != nil {
		return err
	}
	v.log.Info("retention", "follows", r.Follows, "deliveries", r.Deliveries, "recipients", r.Recipients, "inbox", r.Inbox, "leads", r.Leads)
	return nil
}
