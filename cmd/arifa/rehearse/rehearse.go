// Package rehearse tells an operator how fast this machine tells how many people:
// the real program, in a process of its own, speaks to a receiver of our own
// that is cheap and counts, and in the same minute a raw keep-alive client and a
// plain net/http loop do the same work without any of ours. Only the ratios of
// one run mean anything.
//
// It owns the receiver, the two loops, the invented people and the figures. Who
// was told is read from the receiver's own ledger, never from the database.
package rehearse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"

	"arifa/subscriptions"
)

// Config of one rehearsal.
type Config struct {
	People      int
	Connections int // to the receiver, at once
	Cap         int // deliveries begun and not recorded
	Rate        float64
	Network     Network
	Seed        uint64 // the same number invents the same people
	Out         io.Writer
	Progress    io.Writer // of a progress bar; nil = none
	JSON        bool
	Plot        io.Writer // of a picture (SVG) of the pace; nil = none
	Profile     io.Writer // of where the program's time goes; nil = none

	Nation   *subscriptions.Nation
	Platform subscriptions.PlatformID // what breaks
	// Real is a register whose people are told in place of invented ones, at invented
	// addresses; People is then what is found. Nil = they are invented.
	Real subscriptions.Lister
	// Receiver makes this program run as the receiver.
	Receiver func(ctx context.Context) *exec.Cmd
	// Prepare makes an empty database with somebody who may publish.
	Prepare func(ctx context.Context) (*Program, error)
}

// Network is how the receiver behaves.
type Network struct {
	Latency time.Duration `json:"latency"`
	// TooMany and Failures are shares (0 to 1) of the people: the first answers
	// 429 once, the second has blocked the bot.
	TooMany  float64 `json:"too_many"`
	Failures float64 `json:"failures"`
	// Limit is the most messages in any second; what is above gets a 429. 0 = none.
	Limit int `json:"limit"`
}

// Program is the real thing on its own database.
type Program struct {
	Store subscriptions.Store
	Lane  subscriptions.LaneID
	Name  string // of the kind of store
	// Serve starts the program against the receiver, as a process of its own.
	Serve func(ctx context.Context, api string) (*Process, error)
	// Open opens an incident of everything that People follow, Publish its outage.
	Open    func(ctx context.Context) error
	Publish func(ctx context.Context) (subscriptions.Notice, error)
	// ServerCPU is what a database server has used so far; false where there is
	// none or it cannot be asked.
	ServerCPU func(ctx context.Context) (time.Duration, bool)
	// Close removes what Prepare made.
	Close func() error
}

// Process is the program, running.
type Process struct {
	PID int
	// Ended is closed when the process has ended, by itself or by Stop.
	Ended <-chan struct{}
	// Stop lets it finish and returns its error.
	Stop func() error
	// Profile writes where its time goes in so many seconds from now on.
	Profile func(ctx context.Context, to io.Writer, seconds int) error
}

// Result is what a rehearsal found. JSON shows exactly the figures of the first
// block.
type Result struct {
	ShareOfRawFloor   float64 `json:"share_of_raw_floor"`
	ShareOfNetHTTP    float64 `json:"share_of_net_http"`
	MessagesPerSecond float64 `json:"messages_per_second"`
	CPUSecondsPer100k float64 `json:"cpu_seconds_per_100k"`
	PeakRSSMiB        int     `json:"peak_rss_mib"`
	FirstMessageMS    int64   `json:"first_message_ms"` // after Publish has answered
	Missed            int     `json:"missed"`
	Duplicates        int     `json:"duplicates"`

	Store      string        `json:"-"`
	People     int           `json:"-"`
	Real       bool          `json:"-"` // they follow what people of a register follow
	Raw, Plain Loop          `json:"-"`
	ServerCPU  time.Duration `json:"-"` // of the database server; 0 = none or not known
	Wave       Tally         `json:"-"`
	Unrecorded int           `json:"-"` // told, and not recorded as told
	Pace       Pace          `json:"-"`
}

// ErrVerdict is returned by Run when somebody was missed, told twice, or told
// and not recorded.
var ErrVerdict = errors.New("the verdict is: failed")

// Run rehearses once. It returns ErrVerdict, wrapped, with a full result when a
// promise was broken.
func Run(ctx context.Context, cfg Config) (Result, error) {
	r := &run{Config: cfg, screen: newScreen(cfg)}
	result, err := r.all(ctx)
	if err != nil {
		return result, err
	}
	if cfg.Plot != nil {
		if _, err := cfg.Plot.Write(plot(result, cfg)); err != nil {
			return result, fmt.Errorf("plot: %w", err)
		}
	}
	r.screen.table(result, cfg)
	if bad := result.Missed + result.Duplicates + result.Unrecorded; bad > 0 {
		return result, fmt.Errorf("%w: %d missed, %d told twice, %d not recorded", ErrVerdict, result.Missed, result.Duplicates, result.Unrecorded)
	}
	return result, nil
}
