package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"text/tabwriter"

	"golang.org/x/sync/errgroup"

	"arifa/cmd/arifa/demo"
	"arifa/subscriptions/catalogue"
)

type demoCmd struct {
	Citizens    int    `default:"10000" placeholder:"N" help:"How many simulated people, 20 to 1000000."`
	Incident    string `default:"ke-2025-01-03-ecitizen-payments" placeholder:"ID" help:"Which real incident, or \"all\"."`
	List        bool   `help:"List the incidents."`
	Fast        bool   `help:"As fast as it goes, without pauses for a reader."`
	Seed        uint64 `default:"20250103" placeholder:"N" help:"The same number makes the same citizens."`
	Web         bool   `help:"Watch it in a browser, on the address of --listen: page, web chat and desk. It goes slowly, and stays until Ctrl-C."`
	WithoutDuty bool   `help:"Nobody on duty answers the wake-up: shows how it climbs to the head of the agency."`
	Log         string `placeholder:"FILE" help:"Write the program's log there, as JSON."`
	Picture     string `hidden:"" placeholder:"FILE" help:"Write a picture (SVG) of the run."`
}

func (c *demoCmd) Run(a *app) error {
	nation, err := catalogue.Kenya()
	if err != nil {
		return err
	}
	if c.List {
		return c.list(a)
	}
	if c.Citizens < demo.Fewest || c.Citizens > demo.Most {
		return usagef("--citizens %d: from %d to %d; larger audiences are for arifa rehearse", c.Citizens, demo.Fewest, demo.Most)
	}
	switch {
	case c.Web && (a.json || c.Incident == "all"):
		return usagef("--web: one incident, for people: not with --json or --incident all")
	case c.Web && !loopback(a.Listen):
		return usagef("--web: --listen %s is open to other machines; whoever comes may enter the demo's desk", a.Listen)
	}
	rehearsal := rehearsal{app: a}
	log, closeLog, err := fileOr(c.Log, io.Discard)
	if err != nil {
		return err
	}
	rehearsal.log = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	picture, closePicture, err := fileOr(c.Picture, nil)
	if err != nil {
		return errors.Join(err, closeLog())
	}
	ctx, cancel := a.untilSignal()
	defer cancel()
	_, err = demo.Run(ctx, demo.Config{Citizens: c.Citizens, Incident: c.Incident, Fast: c.Fast, Web: c.Web, WithoutDuty: c.WithoutDuty, Seed: c.Seed, Out: a.Out, JSON: a.json,
		Terminal: isTerminal(a.Out), Picture: picture, Nation: nation, Start: rehearsal.start})
	err = errors.Join(err, closePicture(), closeLog())
	switch {
	case c.Web && err == nil: // it was watched to its end
		return nil
	case ctx.Err() != nil && !errors.Is(err, demo.ErrVerdict):
		fmt.Fprintln(a.Err, "arifa: the demo was stopped; what it made is removed")
		return errSaid
	case errors.Is(err, demo.ErrVerdict):
		fmt.Fprintln(a.Err, "arifa:", err)
		return errSaid
	}
	return err
}

func (c *demoCmd) list(a *app) error {
	nation, err := catalogue.Kenya()
	if err != nil {
		return err
	}
	all, err := demo.Incidents(nation)
	if err != nil {
		return err
	}
	return a.print(all, func(w io.Writer) {
		t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
		for _, i := range all {
			fmt.Fprintf(t, "%s\t%s\n", i.ID, i.Title)
		}
		_ = t.Flush()
	})
}

// untilSignal ends at the first signal.
func (a *app) untilSignal() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(a.ctx)
	go func() {
		select {
		case <-a.Stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// fileOr creates a file, or uses another writer where none is named.
func fileOr(name string, other io.Writer) (io.Writer, func() error, error) {
	if name == "" {
		return other, func() error { return nil }, nil
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, err
	}
	return f, f.Close, nil
}

// rehearsal starts the program of serve for the demo, each time on an empty
// database of its own.
type rehearsal struct {
	*app
	log *slog.Logger
}

func (r rehearsal) start(ctx context.Context, set demo.Setting) (*demo.Program, error) {
	database, remove, err := r.temporary(ctx, "demo", set.Incident)
	if err != nil {
		return nil, err
	}
	st, err := open(ctx, database, migrated, r.log)
	if err != nil {
		return nil, errors.Join(err, remove())
	}
	s := settings{Database: database, PublicURL: "https://arifa.example.go.ke", TelegramToken: set.Token, TelegramAPI: set.API, TelegramMode: "poll",
		TelegramRate: set.Rate, TelegramInFlight: set.InFlight, SampleSize: 40}
	if w := set.Slack; w != nil {
		s.SlackBotToken, s.SlackAppToken, s.SlackAPI, s.SlackOfficersChannel, s.SlackRate, s.SlackInFlight = w.BotToken, w.AppToken, w.API, w.Room, w.Rate, 4
	}
	var l net.Listener
	if set.Web {
		if l, err = net.Listen("tcp", r.Listen); err != nil {
			return nil, errors.Join(fmt.Errorf("listen: %w; another program may use that address: --listen 127.0.0.1:0 takes a free one", err), st.Close(), remove())
		}
		s.Listen = l.Addr().String()
		s.PublicURL = (&settings{Listen: s.Listen}).base()
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	v, err := newService(run, &s, st, r.log, utc(set.Now), tempo{chatEvery: set.ChatEvery, groupPerMinute: set.GroupPerMinute, owner: "demo", leaps: set.Web})
	if err != nil {
		stop()
		if l != nil {
			err = errors.Join(err, l.Close())
		}
		return nil, errors.Join(err, st.Close(), remove())
	}
	failed, ended := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(ended)
		g, within := errgroup.WithContext(run)
		g.Go(func() error { return v.Run(within) })
		if l != nil {
			g.Go(func() error { return serveHTTP(within, l, v.pages, r.log) })
		}
		if err := g.Wait(); err != nil || run.Err() == nil {
			failed <- errors.Join(errors.New("unexpected end"), err)
		}
	}()
	return &demo.Program{Store: st, URL: s.PublicURL, Serve: v.pages.Handle, Desk: v.desk, Lane: v.networks[0].id(), Name: kindOfDatabase(database), Tick: v.desk.Tick, Watch: v.desk.Watch, Failed: failed, Stop: func() error {
		stop()
		<-ended
		return errors.Join(st.Close(), remove())
	}}, nil
}
