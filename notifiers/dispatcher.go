package notifiers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"time"

	"golang.org/x/sync/errgroup"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// Speaker selects the card of one recipient from a sheet; wording.Speaker is it.
type Speaker interface {
	Card(s subscriptions.Sheet, sel wording.Selection) wording.Card
}

// Config is what a Dispatcher is made of.
type Config struct {
	Outbox   subscriptions.Outbox
	Lanes    subscriptions.Lanes
	Channels []Lane
	Speaker  Speaker
	// Languages of the catalogue; the first is spoken where none is known.
	Languages []subscriptions.Language
	Zone      *time.Location // of the catalogue: for hours without sound
	// Owner names this process among the owners of lanes. One that keeps its name
	// over a restart, where nobody else can run, goes on at once.
	Owner string

	Clock     func() time.Time // what time it is for the rules; default time.Now
	Hints     <-chan struct{}  // of the store; nil = it is polled only
	OnTrouble func(Trouble)    // called on a sender's goroutine: must be quick; nil = logged only
	Log       *slog.Logger     // nil = slog.Default
	Metrics   Metrics          // nil = nobody counts

	// Tenure is how long a lane is owned without renewal: default 4 s, so that another
	// process takes over within 5 s of the owner's death. Timeout is how long one
	// request may take (default 10 s); it may outlast the tenure, for what counts is
	// when it begins.
	Tenure  time.Duration
	Timeout time.Duration
	// Uptime is the clock that durations are measured on; default time.Now. It
	// differs from Clock where a rehearsal runs in compressed time.
	Uptime func() time.Time
}

// Lane is one credential and what it may do.
type Lane struct {
	Channel Channel
	// Account is our name to the people of a group, without "@": nobody else speaks for
	// us there. Nil or empty = there is none, or it is not known yet.
	Account func() string
	// Rate is the budget in messages per second, below the published limit.
	Rate float64
	// ReplyShare of the budget is kept for conversations; default 0.25.
	ReplyShare float64
	// InFlight is the most deliveries that are begun and not recorded: how many
	// people a crash may tell twice. Default 8 for 30 messages a second or fewer,
	// in proportion above, at most 256.
	InFlight int
	// Senders is the most requests at once; default InFlight.
	Senders int
	// ChatEvery is the pace in one person's chat (default 1 s), GroupPerMinute that
	// in a group or channel (default 20).
	ChatEvery      time.Duration
	GroupPerMinute int
	// Canary is told before every wave and each minute in it; zero = nobody.
	Canary Target
	// Own runs while this process owns the lane, such as a Runner that may listen
	// only once; it returns when its ctx ends. Nil = nothing.
	Own func(ctx context.Context) error
}

// Dispatcher expands notices into deliveries and speaks them, lane by lane.
type Dispatcher struct {
	cfg    Config
	view   *viewer
	lanes  []*lane
	byID   map[subscriptions.LaneID]*lane
	expand bell
	sweep  bell
	states bell
}

// New checks the configuration; the error names every fault.
func New(cfg Config) (*Dispatcher, error) {
	cfg = cfg.filled()
	faults := cfg.faults()
	d := &Dispatcher{
		cfg: cfg, byID: map[subscriptions.LaneID]*lane{},
		expand: newBell(), sweep: newBell(), states: newBell(),
	}
	d.view = &viewer{outbox: cfg.Outbox, clock: cfg.Uptime, log: cfg.Log, wake: newBell(), changed: d.news, now: newTruth(subscriptions.View{}, nil, time.Time{})}
	for _, set := range cfg.Channels {
		if set.Channel == nil {
			faults = append(faults, errors.New("a lane has no channel"))
			continue
		}
		l := newLane(&d.cfg, d.view, set.filled())
		if _, twice := d.byID[l.id]; twice {
			faults = append(faults, fmt.Errorf("lane %s: configured twice", l.id))
		}
		if !(set.Rate > 0) || math.IsInf(set.Rate, 1) {
			faults = append(faults, fmt.Errorf("lane %s: rate must be above 0 messages per second", l.id))
		}
		if !(set.ReplyShare >= 0 && set.ReplyShare <= 1) {
			faults = append(faults, fmt.Errorf("lane %s: the share of replies must be between 0 and 1", l.id))
		}
		d.lanes, d.byID[l.id] = append(d.lanes, l), l
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("dispatcher: %w", err)
	}
	return d, nil
}

func (c Config) filled() Config {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Uptime == nil {
		c.Uptime = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	c.Log = c.Log.With("component", "dispatcher")
	if c.Metrics == nil {
		c.Metrics = silence{}
	}
	if c.OnTrouble == nil {
		c.OnTrouble = func(Trouble) {}
	}
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	if c.Tenure == 0 {
		c.Tenure = 4 * time.Second
	}
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	return c
}

func (c Config) faults() (out []error) {
	if c.Outbox == nil || c.Lanes == nil {
		out = append(out, errors.New("outbox and lanes are needed"))
	}
	if c.Speaker == nil || len(c.Languages) == 0 {
		out = append(out, errors.New("a speaker and its languages are needed"))
	}
	if c.Owner == "" {
		out = append(out, errors.New("the owner needs a name"))
	}
	if c.Tenure < shortest {
		out = append(out, fmt.Errorf("a tenure of %s ends before it is renewed: at least %s", c.Tenure, shortest))
	}
	if c.Timeout < 0 {
		out = append(out, errors.New("a request needs time"))
	}
	return out
}

func (s Lane) filled() Lane {
	if s.ReplyShare == 0 {
		s.ReplyShare = 0.25
	}
	if s.InFlight <= 0 {
		s.InFlight = max(8, min(256, int(math.Ceil(s.Rate*8/30))))
	}
	if s.Senders <= 0 || s.Senders > s.InFlight {
		s.Senders = s.InFlight
	}
	if s.ChatEvery <= 0 {
		s.ChatEvery = time.Second
	}
	if s.GroupPerMinute <= 0 {
		s.GroupPerMinute = 20
	}
	return s
}

// Run speaks until ctx ends. Then it takes no new work, finishes what flies,
// gives back the rest, releases its lanes, and returns when its goroutines are
// gone: after Config.Timeout and a few seconds at most.
func (d *Dispatcher) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return d.hear(ctx) })
	g.Go(func() error { return d.view.run(ctx) })
	g.Go(func() error { return d.runExpand(ctx) })
	g.Go(func() error { return d.runSweep(ctx) })
	g.Go(func() error { return d.runStates(ctx) })
	for _, l := range d.lanes {
		g.Go(func() error { return l.run(ctx) })
	}
	return g.Wait()
}

// hear passes the store's hints on to everyone who may have something to do.
func (d *Dispatcher) hear(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case _, open := <-d.cfg.Hints: // a nil channel is silent
			if !open {
				return nil
			}
			d.view.wake.ring()
			d.states.ring()
			d.news()
		}
	}
}

// news wakes everyone whose work depends on what was committed.
func (d *Dispatcher) news() {
	d.expand.ring()
	d.sweep.ring()
	for _, l := range d.lanes {
		l.wake.ring()
	}
}
