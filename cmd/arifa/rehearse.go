package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"arifa/bot/desk"
	"arifa/cmd/arifa/rehearse"
	"arifa/subscriptions"
	"arifa/subscriptions/catalogue"
	"arifa/subscriptions/postgres"
)

type rehearseCmd struct {
	Subscribers int                        `placeholder:"N" help:"How many invented people (default 20000)."`
	Connections int                        `default:"64" placeholder:"N" help:"Connections to the receiver."`
	Cap         int                        `default:"1024" placeholder:"N" help:"Messages begun and not recorded: at most so many people read a notice twice after a crash."`
	Rate        float64                    `placeholder:"N" help:"Budget in messages a second (default: as fast as it goes)."`
	Latency     time.Duration              `placeholder:"TIME" help:"How long the receiver waits before it answers."`
	Limit       int                        `placeholder:"N" help:"Messages a second above which the receiver answers 429."`
	TooMany     float64                    `placeholder:"SHARE" help:"Share of people for whom the first answer is 429, 0 to 1."`
	Failures    float64                    `placeholder:"SHARE" help:"Share of people who have blocked the bot, 0 to 1."`
	Seed        uint64                     `default:"1" placeholder:"N" help:"The same number invents the same people."`
	Plot        string                     `placeholder:"FILE" help:"Write a picture (SVG) of the pace."`
	Log         string                     `placeholder:"FILE" help:"Write the program's log there, as JSON."`
	Profile     string                     `placeholder:"FILE" help:"Write where the program's time goes in the first seconds of the wave, for go tool pprof."`
	Forecast    bool                       `help:"Send nothing: how long would it take to tell everybody who depends on --platforms, or so many --subscribers?"`
	Real        bool                       `help:"The people of the register that --database names, at invented addresses, in place of invented people."`
	Platforms   []subscriptions.PlatformID `default:"ecitizen-payments" placeholder:"ID,…" help:"What breaks; several only with --forecast."`
	Receiver    bool                       `hidden:"" help:"Be the receiver."`
}

func (c *rehearseCmd) Help() string {
	return `It makes a temporary database (SQLite, or beside the PostgreSQL database that --database names), invents people, starts "arifa serve" as a
process of its own against a receiver on this machine, and publishes one outage. No network is used and nobody real is told. Right after it a raw
keep-alive client and a plain net/http loop send as many bytes to the same receiver: only the ratios of one run mean anything.

  arifa rehearse                                          20,000 people, as fast as it goes
  arifa rehearse --subscribers 1000000 --plot pace.svg    a million, with a picture of the pace
  arifa rehearse --subscribers 100000 --profile cpu.prof  where its time goes: go tool pprof -top -cum cpu.prof
  arifa rehearse --rate 28 --cap 8 --subscribers 1000     as against Telegram: how exact is the pace?
  arifa rehearse --latency 50ms --connections 2000 --cap 4096
  arifa rehearse --real --database arifa.db               the people who follow something now: nobody of them hears it
  arifa rehearse --forecast                               the register that you have: how long until the last one knows?
  arifa rehearse --too-many 0.01 --failures 0.1 --limit 500 --rate 480

Exit code 1 when somebody was missed, told twice, or not recorded.`
}

func (c *rehearseCmd) Run(a *app) error {
	if c.Receiver {
		return rehearse.Receive(a.In, a.Out)
	}
	if err := c.possible(); err != nil {
		return err
	}
	if c.Forecast {
		return c.forecast(a)
	}
	if c.Subscribers == 0 && !c.Real {
		c.Subscribers = 20_000
	}
	if err := c.check(a); err != nil {
		return err
	}
	if !c.Real {
		n, err := catalogue.Kenya()
		if err != nil {
			return err
		}
		return c.rehearse(a, n, catalogue.KenyaYAML(), nil)
	}
	return a.reading(func(o *office) error {
		people, can := o.store.(subscriptions.Lister)
		if !can {
			return errors.New("this database cannot list its subscribers")
		}
		yaml, _, err := o.store.CatalogueInForce(a.ctx)
		if err != nil {
			return err
		}
		return c.rehearse(a, o.nation, yaml, people)
	})
}

// rehearse tells the people of a register, or invented ones where it is nil.
func (c *rehearseCmd) rehearse(a *app, n *subscriptions.Nation, yaml []byte, real subscriptions.Lister) error {
	platform, known := n.Platform(c.Platforms[0])
	if !known {
		return usagef("--platforms %s: no platform of the catalogue", c.Platforms[0])
	}
	plot, closePlot, err := fileOr(c.Plot, nil)
	if err != nil {
		return err
	}
	log, closeLog, err := fileOr(c.Log, io.Discard)
	if err != nil {
		return errors.Join(err, closePlot())
	}
	profile, closeProfile, err := fileOr(c.Profile, nil)
	if err != nil {
		return errors.Join(err, closePlot(), closeLog())
	}
	ctx, cancel := a.untilSignal()
	defer cancel()
	cfg := rehearse.Config{People: c.Subscribers, Connections: c.Connections, Cap: c.Cap, Rate: c.Rate, Seed: c.Seed, Out: a.Out, JSON: a.json, Plot: plot, Profile: profile,
		Network: rehearse.Network{Latency: c.Latency, TooMany: c.TooMany, Failures: c.Failures, Limit: c.Limit}, Nation: n, Platform: platform.ID, Real: real,
		Receiver: func(ctx context.Context) *exec.Cmd {
			return a.Program(context.WithoutCancel(ctx), "rehearse", "--receiver")
		},
		Prepare: func(ctx context.Context) (*rehearse.Program, error) { return c.prepare(ctx, a, log, platform, yaml) }}
	if isTerminal(a.Err) {
		cfg.Progress = a.Err
	}
	_, err = rehearse.Run(ctx, cfg)
	err = errors.Join(err, closePlot(), closeLog(), closeProfile())
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(a.Err, "arifa: the rehearsal was stopped; what it made is removed")
		return errSaid
	case errors.Is(err, rehearse.ErrVerdict):
		fmt.Fprintln(a.Err, "arifa:", err)
		return errSaid
	}
	return err
}

// possible refuses numbers of which no rehearsal and no forecast can be true.
func (c *rehearseCmd) possible() error {
	switch {
	case c.Subscribers < 0 || c.Subscribers > mostPeople:
		return usagef("--subscribers %d: at least 1, and at most %d", c.Subscribers, mostPeople)
	case c.Rate != 0 && !(c.Rate >= slowest && c.Rate <= unpaced):
		return usagef("--rate %g: from %g to %.0f messages a second, or 0: as fast as it goes", c.Rate, slowest, unpaced)
	}
	return nil
}

func (c *rehearseCmd) check(a *app) error {
	switch {
	case c.Real && c.Subscribers != 0:
		return usagef("--real tells the people of the register; --subscribers invents them")
	case c.Subscribers < 1 && !c.Real:
		return usagef("--subscribers %d: at least 1", c.Subscribers)
	case len(c.Platforms) != 1:
		return usagef("--platforms: one breaks in a rehearsal; several are for --forecast")
	case c.Connections < 1 || c.Connections > 4096:
		return usagef("--connections %d: from 1 to 4096", c.Connections)
	case c.Cap < c.Connections || c.Cap > 4096:
		return usagef("--cap %d: from --connections (%d) to 4096", c.Cap, c.Connections)
	case c.Limit < 0 || c.Latency < 0:
		return usagef("--rate, --limit and --latency must not be negative")
	case c.Latency >= a.RequestTimeout:
		return usagef("--latency %s: below request-timeout (%s), or no answer is ever waited for", c.Latency, a.RequestTimeout)
	case !(c.TooMany >= 0 && c.TooMany <= 1 && c.Failures >= 0 && c.Failures <= 1):
		return usagef("--too-many and --failures are shares from 0 to 1")
	}
	return nil
}

// Of the bot that nobody has.
const rehearsalToken = "123456:rehearsal-of-arifa"

// unpaced is a budget that no machine reaches.
const unpaced = 1e6

// mostPeople are more than follow one platform anywhere, and slowest is less than anybody
// wants to wait for; longer waits than these make are no number any more.
const (
	mostPeople = 20_000_000
	slowest    = 0.01
)

// prepare makes an empty database with an officer who may open an incident.
func (c *rehearseCmd) prepare(ctx context.Context, a *app, log io.Writer, platform subscriptions.Platform, yaml []byte) (*rehearse.Program, error) {
	beside := *a.settings
	if c.Real && !isPostgres(beside.Database) {
		beside.Database = defaultDatabase // of a register nothing stays
	}
	database, remove, err := (&app{world: a.world, ctx: a.ctx, now: a.now, log: a.log, settings: &beside}).temporary(ctx, "rehearse", "rehearsal")
	if err != nil {
		return nil, err
	}
	st, err := open(ctx, database, migrated, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, errors.Join(err, remove())
	}
	b := &app{world: a.world, ctx: ctx, now: a.now, log: slog.New(slog.DiscardHandler),
		settings: &settings{Database: database, TelegramToken: rehearsalToken, TelegramRate: c.rate(), PublicURL: "https://arifa.example.go.ke"}}
	o, err := b.rehearsing(st, platform, yaml)
	if err != nil {
		return nil, errors.Join(err, st.Close(), remove())
	}
	return &rehearse.Program{Store: st, Lane: subscriptions.LaneID(b.telegramLane()), Name: kindOfDatabase(database),
		Serve:     func(ctx context.Context, api string) (*rehearse.Process, error) { return c.serve(ctx, b, api, log) },
		Open:      func(ctx context.Context) error { return o.breaks(ctx, platform, b.now()) },
		Publish:   func(ctx context.Context) (subscriptions.Notice, error) { return o.says(ctx, platform, b.now()) },
		ServerCPU: func(ctx context.Context) (time.Duration, bool) { return serverCPU(ctx, st) },
		Close:     func() error { return errors.Join(st.Close(), remove()) }}, nil
}

func (c *rehearseCmd) rate() float64 {
	if c.Rate > 0 {
		return c.Rate
	}
	return unpaced
}

// rehearsing is the desk with an officer of the platform's operator.
func (a *app) rehearsing(st store, platform subscriptions.Platform, yaml []byte) (*office, error) {
	_, err := st.ReplaceCatalogue(a.ctx, subscriptions.CatalogueReplacement{YAML: yaml, At: a.now(), Line: subscriptions.AuditLine{
		At: a.now(), Action: "catalogue.first", Outcome: "done", Via: "program", Detail: "the catalogue of a rehearsal"}})
	if err != nil {
		return nil, err
	}
	o, err := a.deskOn(st)
	if err != nil {
		return nil, err
	}
	roles := []subscriptions.Grant{{Role: subscriptions.Admin}, {Role: subscriptions.Author, Agency: platform.Operator}}
	made, err := o.desk.AddOfficer(a.ctx, desk.Actor{Via: "cli"}, desk.AddOfficer{Name: "Rehearsal", Roles: roles}, a.now())
	if err != nil {
		return nil, err
	}
	o.actor, err = o.desk.Authenticate(a.ctx, made.Key, "cli")
	return o, err
}

// breaks opens the incident.
func (o *office) breaks(ctx context.Context, platform subscriptions.Platform, now time.Time) error {
	_, err := o.desk.Open(ctx, o.actor, desk.OpenInput{Agency: platform.Operator, Platforms: []subscriptions.PlatformID{platform.ID}, Since: now}, now)
	return err
}

// says publishes its outage.
func (o *office) says(ctx context.Context, platform subscriptions.Platform, now time.Time) (subscriptions.Notice, error) {
	live, err := o.store.Incidents(ctx, now)
	if err != nil || len(live) == 0 {
		return subscriptions.Notice{}, errors.Join(err, errors.New("the incident that was opened is not there"))
	}
	out, err := o.desk.Publish(ctx, o.actor, desk.PublishInput{Draft: &desk.DraftInput{Incident: live[0].ID, Kind: subscriptions.Outage, Agency: platform.Operator}}, now)
	return out.Notice, err
}

// serve starts the program as operators do.
func (c *rehearseCmd) serve(ctx context.Context, a *app, api string, log io.Writer) (*rehearse.Process, error) {
	cmd := a.Program(context.WithoutCancel(ctx), "serve", "--database", a.Database, "--telegram-token", a.TelegramToken, "--telegram-api", api,
		"--public-url", a.PublicURL, "--telegram-rate", strconv.FormatFloat(a.TelegramRate, 'f', -1, 64), "--telegram-in-flight", strconv.Itoa(c.Cap),
		"--telegram-connections", strconv.Itoa(c.Connections), "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--log-format", "json")
	admin := &announced{to: log}
	cmd.Stderr = admin
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	var err error
	go func() {
		err = cmd.Wait()
		close(ended)
	}()
	return &rehearse.Process{PID: cmd.Process.Pid, Ended: ended, Profile: admin.profile, Stop: func() error {
		if serr := cmd.Process.Signal(syscall.SIGTERM); serr != nil && !errors.Is(serr, os.ErrProcessDone) {
			return serr
		}
		select {
		case <-ended:
		case <-time.After(30 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
		return err
	}}, nil
}

// serverCPU asks a PostgreSQL server on this machine.
func serverCPU(ctx context.Context, st store) (time.Duration, bool) {
	pg, ok := st.(*postgres.Store)
	if !ok {
		return 0, false
	}
	pid, err := pg.Backend(ctx)
	if err != nil {
		return 0, false
	}
	return rehearse.ServerCPU(pid)
}

// forecast works out how long an audience takes with these lanes: that of the
// register, or so many people on the one lane.
func (c *rehearseCmd) forecast(a *app) error {
	if c.Subscribers > 0 {
		lane := subscriptions.LaneID("telegram:0")
		counts := []subscriptions.LaneCount{{Lane: lane, Kind: subscriptions.Person, Count: c.Subscribers}}
		pace := a.pace(lane)
		if c.Rate > 0 {
			pace = c.Rate
		}
		f := subscriptions.Forecast(counts, []subscriptions.LanePace{{Lane: lane, PerSecond: pace}})
		return a.print(f, func(w io.Writer) { showForecast(w, f) })
	}
	return a.reading(func(o *office) error {
		counts, f, err := o.desk.Forecast(a.ctx, c.Platforms, o.now)
		if err != nil {
			return err
		}
		return a.print(f, func(w io.Writer) {
			o.showAudience(w, counts)
			showForecast(w, f)
		})
	})
}

func showForecast(w io.Writer, f subscriptions.Finish) {
	for _, l := range f.Lanes {
		switch {
		case l.Paused:
			fmt.Fprintf(w, "%s: paused or held; nobody is told until it is resumed\n", l.Lane)
		case !l.PaceKept:
			fmt.Fprintf(w, "%s: its pace is not known\n", l.Lane)
		default:
			fmt.Fprintf(w, "%s: %s in %s\n", l.Lane, count(l.People, "recipient"), l.Takes)
		}
	}
	switch {
	case f.People == 0:
		fmt.Fprintln(w, "Nobody follows this yet.")
	case f.Certain:
		fmt.Fprintf(w, "%s; the last one would know after %s.\n", count(f.People, "recipient"), f.Takes)
	}
}
