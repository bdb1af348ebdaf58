// Package demo replays real incidents on the real program, against a strict
// simulated Telegram on a real socket, with thousands of simulated citizens, and
// judges the outcome by the network's own ledger.
//
// It owns the citizens, the officers' timetable and the verdict. It never looks
// into the database to find out who was told.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// Config of a rehearsal.
type Config struct {
	Citizens int    // people, besides some groups and channels; from Fewest to Most
	Incident string // id of the file, or "all"
	// WithoutDuty lets nobody on duty answer the wake-up: it climbs to the head.
	WithoutDuty bool
	Fast        bool   // no pauses for a reader and no pace but the program's own
	Seed        uint64 // the same seed makes the same citizens
	Out         io.Writer
	JSON        bool // nothing but the result, as JSON
	Terminal    bool // Out is a terminal: progress bars and colours
	// Web lets it be watched in a browser: it goes slowly, and stays after the verdict
	// until the context ends.
	Web bool
	// Picture, when set, gets an SVG of what the shown citizens read.
	Picture io.Writer
	Nation  *subscriptions.Nation
	// Start runs the real program on an empty database of its own.
	Start func(ctx context.Context, s Setting) (*Program, error)
}

// Setting is what the program is started with.
type Setting struct {
	Incident       string
	Token, API     string
	Now            func() time.Time // simulated: compressed time
	Rate           float64          // messages a second
	InFlight       int
	ChatEvery      time.Duration
	GroupPerMinute int
	Web            bool          // browsers reach it
	Slack          *SlackSetting // nil = there is no workspace
}

// Program is the real thing, running.
type Program struct {
	Store subscriptions.Store
	Desk  *desk.Desk
	Lane  subscriptions.LaneID
	Name  string // of the kind of store, for the table
	// Tick is what the clock does each minute.
	Tick func(ctx context.Context, now time.Time) error
	// Watch is what the program does every quarter of a minute: it looks at what people
	// and machines say.
	Watch func(ctx context.Context, now time.Time) error
	// URL is where browsers reach it, and Serve adds a page there; only where Setting.Web
	// asks for it.
	URL   string
	Serve func(pattern string, h http.Handler)
	// Failed gives the error with which the program ended by itself.
	Failed <-chan error
	// Stop ends the program and removes what Start made.
	Stop func() error
}

// Result is the verdict on one incident. The numbers that must be zero come
// first.
type Result struct {
	Incident   string `json:"incident"`
	Store      string `json:"store"`
	Missed     int    `json:"missed"`
	Duplicates int    `json:"duplicates"`
	Strangers  int    `json:"strangers"`
	Stale      int    `json:"stale"`
	NoEnd      int    `json:"no_end"`

	// FalseWakeups counts alarms about what did not fail; FirstWordSeconds is the
	// simulated time from the first complaint to the first official word (null = the
	// crowd is too small to complain, or the record is of planned work), and
	// DetectedSeconds that from the tenth complaint to the wake-up.
	FalseWakeups     int      `json:"false_wakeups"`
	FirstWordSeconds *float64 `json:"first_word_seconds"`
	DetectedSeconds  *float64 `json:"detected_seconds"`
	Complaints       int      `json:"complaints"`

	Citizens       int     `json:"citizens"`
	Sent           int     `json:"sent"`
	Edited         int     `json:"edited"`
	Superseded     int     `json:"superseded"`
	InSlack        int     `json:"in_slack"` // of them, messages and edits in followers' channels in Slack
	FirstMessageMS int64   `json:"first_message_ms"`
	PeakRSSMiB     int     `json:"peak_rss_mib"`
	Seconds        float64 `json:"seconds"`
	Holds          int     `json:"holds"`      // between two stages of a notice that moves money
	PerSecond      float64 `json:"per_second"` // fastest wave
	// Hear and NotHear count the services of the file whose followers heard, and
	// rightly heard nothing.
	Hear    int `json:"hear"`
	NotHear int `json:"not_hear"`
	// Violations are examples of what went wrong; empty when nothing did.
	Violations []string `json:"violations"`
}

// Passed reports whether nothing went wrong.
func (r Result) Passed() bool {
	return r.Missed+r.Duplicates+r.Strangers+r.Stale+r.NoEnd+r.FalseWakeups == 0 && len(r.Violations) == 0
}

// ErrVerdict is returned by Run when a rehearsal broke a promise.
var ErrVerdict = errors.New("the verdict is: failed")

// Fewest is the smallest crowd that has somebody of every kind, Most the largest
// whose server and ledger an ordinary machine remembers.
const (
	Fewest = 20
	Most   = 1_000_000
)

// Run rehearses one incident or all of them. It returns ErrVerdict, wrapped, when
// any of them broke a promise; other errors mean that there is no verdict.
func Run(ctx context.Context, cfg Config) ([]Result, error) {
	if cfg.Citizens < Fewest || cfg.Citizens > Most {
		return nil, fmt.Errorf("%d citizens: from %d to %d", cfg.Citizens, Fewest, Most)
	}
	all, err := Incidents(cfg.Nation)
	if err != nil {
		return nil, err
	}
	chosen, err := choose(all, cfg.Incident)
	if err != nil {
		return nil, err
	}
	screen := newScreen(cfg)
	var results []Result
	failed := 0
	for _, i := range chosen {
		r, err := rehearse(ctx, cfg, i, screen)
		if err != nil {
			return results, fmt.Errorf("%s: %w", i.ID, err)
		}
		if !r.Passed() {
			failed++
		}
		results = append(results, r)
	}
	screen.summary(results)
	if failed > 0 {
		return results, fmt.Errorf("%w in %d of %d", ErrVerdict, failed, len(results))
	}
	return results, nil
}

func choose(all []Incident, id string) ([]Incident, error) {
	if id == "all" {
		return all, nil
	}
	for _, i := range all {
		if i.ID == id || id == "" && i.Seed {
			return []Incident{i}, nil
		}
	}
	return nil, fmt.Errorf("no incident %q; --list shows them", id)
}
