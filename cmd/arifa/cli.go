package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"runtime/debug"
	"time"

	"github.com/alecthomas/kong"

	"arifa/bot/desk"
)

// cli is the tree of commands. "arifa" alone is "arifa serve".
type cli struct {
	settings
	Config  kong.ConfigFlag  `env:"ARIFA_CONFIG" placeholder:"FILE" help:"YAML file with the same names as the flags." group:"settings"`
	JSON    bool             `name:"json" help:"Print JSON instead of a text for people." group:"settings"`
	Version kong.VersionFlag `short:"V" help:"Print the version."`

	Serve     serveCmd     `cmd:"" default:"withargs" help:"Run the service: hear citizens, send notices, keep promises."`
	Demo      demoCmd      `cmd:"" help:"Replay 3 January 2025, or another real incident, on the real program with a simulated Telegram."`
	Rehearse  rehearseCmd  `cmd:"" help:"How fast this machine tells how many people: the real program against a receiver on this machine."`
	Incident  incidentCmd  `cmd:"" help:"Troubles and maintenances: open, join, hold, release, list, show, resolve, reopen."`
	Alarm     alarmCmd     `cmd:"" help:"Troubles that many report and nobody has told: list, show, publish, not-us, watching."`
	Notice    noticeCmd    `cmd:"" help:"What is said to the public: draft, preview, submit, approve, publish, restore, stop …"`
	Officer   officerCmd   `cmd:"" help:"Who may act: add, list, link, disable, freeze, duty."`
	Channel   channelCmd   `cmd:"" help:"Public channels and groups that follow services."`
	Registry  registryCmd  `cmd:"" help:"Changes of payment words that wait for two officers, and ready alternatives."`
	Catalogue catalogueCmd `cmd:"" help:"The catalogue of agencies, platforms and services: check, import, search."`
	Lane      laneCmd      `cmd:"" help:"The lanes to the networks: list, pause, resume, hold, release."`
	Hook      hookCmd      `cmd:"" help:"Monitors that may call us: list them, try their rules on a payload."`
	Audit     auditCmd     `cmd:"" help:"The record of everything officers did: list, verify."`
	Doctor    doctorCmd    `cmd:"" help:"Check token, channels, database, clock, catalogue and officers; say what to do about each."`
	Slack     slackCmd     `cmd:"" help:"What Slack needs: the app's manifest."`
	Import    importCmd    `cmd:"" help:"Enter subscribers from a file; nobody is sent anything by it."`
	Export    exportCmd    `cmd:"" help:"Write the public page as files, for any other host, or the subscribers as arifa import takes them."`
	Backup    backupCmd    `cmd:"" help:"Write a consistent copy of a SQLite database while the service runs."`
	Migrate   migrateCmd   `cmd:"" help:"Create the database or bring it up to date."`
}

// app is what a command works with.
type app struct {
	world
	*settings
	ctx  context.Context
	json bool
	log  *slog.Logger
	now  func() time.Time
}

const summary = `Arifa tells citizens, in the channel they already use, that a government service is broken, what to do instead, and when it works again.

    See it work:         arifa demo
    Run it:              TELEGRAM_TOKEN=123456:ABC… arifa serve
    The first officer:   arifa officer add "Amina Otieno" --role admin --role author:ecitizen
    Say the first word:  arifa incident open --agency ecitizen --platforms ecitizen-payments --publish`

// run is the whole program: it returns the exit code.
func run(ctx context.Context, w world) int {
	var c cli
	exit := -1
	parser, err := kong.New(&c, kong.Name("arifa"), kong.Description(summary), kong.Writers(w.Out, w.Err),
		kong.Exit(func(code int) { exit = code }), kong.Vars{"version": version()}, kong.Configuration(c.readFile), kong.WithHyphenPrefixedParameters(true),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 110}),
		kong.ExplicitGroups([]kong.Group{{Key: "settings", Title: "Settings (flag, environment or --config file):"}}))
	if err != nil {
		fmt.Fprintln(w.Err, "arifa:", err)
		return exitUsage
	}
	if err := swallowed(parser.Model, w.Args); err != nil {
		fmt.Fprintf(w.Err, "arifa: %v\nTry \"arifa --help\".\n", err)
		return exitUsage
	}
	k, err := parser.Parse(w.Args)
	if exit >= 0 {
		return exit
	}
	if err == nil {
		err = misspelt(parser.Model, w.Err)
	}
	if err == nil {
		if err = c.settle(); err != nil {
			fmt.Fprintf(w.Err, "arifa: these settings need a change:\n%v\n", err)
			return exitUsage
		}
	}
	if err != nil {
		fmt.Fprintf(w.Err, "arifa: %s\nTry \"arifa --help\".\n", plainly(parser.Model, err))
		return exitUsage
	}
	a := &app{world: w, settings: &c.settings, ctx: ctx, json: c.JSON, log: logger(c.quietly(k.Command()), w.Err), now: utc(w.Now)}
	return a.outcome(a.unlessStopped(k.Command(), func() error { return k.Run(a) }))
}

// usageError is wrong usage that only the command itself can see.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// errSaid ends a command that has printed what was wrong.
var errSaid = errors.New("said already")

func (a *app) outcome(err error) int {
	var refusal *desk.Refusal
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errSaid):
		return exitNo
	case errors.As(err, &usage):
		fmt.Fprintf(a.Err, "arifa: %v\n", err)
		return exitUsage
	case errors.As(err, &refusal) && a.json:
		_ = a.printJSON(a.Err, map[string]any{"refused": refusal})
		return exitNo
	case errors.As(err, &refusal):
		rule := ""
		if refusal.Rule != 0 {
			rule = fmt.Sprintf(" (rule %d)", refusal.Rule)
		}
		fmt.Fprintf(a.Err, "Refused%s: %s\n", rule, refusal.Why)
		for _, f := range refusal.Findings {
			fmt.Fprintf(a.Err, "  %q: %s\n", f.Piece, f.Advice)
		}
		if refusal.Do != "" {
			fmt.Fprintf(a.Err, "What to do: %s\n", refusal.Do)
		}
		return exitNo
	}
	fmt.Fprintf(a.Err, "arifa: %v\n", err)
	if do := afterwards(err); do != "" {
		fmt.Fprintln(a.Err, do)
	}
	return exitNo
}

// print writes v as JSON, or what human writes for people.
func (a *app) print(v any, human func(w io.Writer)) error {
	if a.json {
		if r := reflect.ValueOf(v); r.Kind() == reflect.Slice && r.IsNil() {
			v = []any{} // an empty list, not null
		}
		return a.printJSON(a.Out, v)
	}
	human(a.Out)
	return nil
}

func (a *app) printJSON(w io.Writer, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	// A time that is not set is null, not the year 1.
	_, err := w.Write(bytes.ReplaceAll(b.Bytes(), []byte(`"0001-01-01T00:00:00Z"`), []byte("null")))
	return err
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "arifa (unknown build)"
	}
	v, rev := info.Main.Version, ""
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			rev = " " + s.Value
		}
	}
	if v == "" || v == "(devel)" {
		v = "development"
	}
	return "arifa " + v + rev + " " + info.GoVersion
}
