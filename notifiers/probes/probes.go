// Package probes asks platforms itself, over HTTP, whether they answer: what the
// catalogue's probe entries say, where the operator has turned it on. What it finds
// becomes a signal for officers, like an alert of somebody else's monitor.
//
// It never says anything to a citizen, and it believes no single answer: only what
// failed several times in a row, while our own network works, is trouble.
package probes

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"strings"
	"time"

	"arifa/subscriptions"
)

// Source is what signals of this package carry.
const Source = "probe"

// How the prober works.
const (
	failures = 3 // in a row before it is trouble
	answers  = 3 // in a row before it is over
	// again is how soon an answer that changes something is asked for again: three
	// intervals of a minute are long when people stand in a queue.
	again  = 15 * time.Second
	look   = time.Second // between two looks at what is due
	atOnce = 8
)

// Signals is what the desk and the store offer a prober.
type Signals interface {
	// Signal stores what was found and judges it; when it returns, it is durable.
	Signal(ctx context.Context, s subscriptions.Signal, now time.Time) (changed bool, err error)
	// Signals lists the signals that fire, and those that ended after since.
	Signals(ctx context.Context, since time.Time) ([]subscriptions.Signal, error)
}

// Target is one probe of a platform.
type Target struct {
	Platform subscriptions.PlatformID
	subscriptions.Probe
}

// Targets lists the probes of a catalogue's living platforms.
func Targets(n *subscriptions.Nation) []Target {
	var all []Target
	for _, p := range n.Platforms {
		for _, probe := range p.Probes {
			if !p.Retired {
				all = append(all, Target{p.ID, probe})
			}
		}
	}
	return all
}

// key is the target's id among the signals of Source.
func (t Target) key() string {
	key := string(t.Platform) + " " + t.URL
	if len(key) > 150 {
		return fmt.Sprintf("%s sha256:%x", t.Platform, sha256.Sum256([]byte(t.URL)))
	}
	return key
}

// Config says what is asked and where the findings go.
type Config struct {
	// Targets is asked again all the time: the catalogue may change. None = nothing
	// is asked, and what was found before is let go.
	Targets func() []Target
	Signals Signals
	Ticks   subscriptions.Ticks
	// Allow are the private networks that may be asked; all others are refused,
	// whatever name leads there.
	Allow []netip.Prefix
	// Online reports whether our own network works, by something else that we use; a
	// failure counts only then. nil = always.
	Online func() bool
	Agent  string // who asks, in the User-Agent
	Log    *slog.Logger
	Now    func() time.Time
}

// Prober asks until it is stopped. Of several replicas one does it.
type Prober struct {
	Config
	ask   func(ctx context.Context, p subscriptions.Probe) Outcome
	turn  turn
	seen  map[string]*sight
	found chan finding
	log   *slog.Logger

	learned  bool // ever, from the store
	fresh    bool // what was learned still holds: we have asked without a break since
	troubled bool // the trouble of the database was logged
}

// sight is what one target looks like.
type sight struct {
	target Target
	state
	since  time.Time // of the first failure
	next   time.Time // when it is asked
	asking bool
	odd    string // why it cannot be asked, as it was logged last
}

type finding struct {
	key string
	Outcome
}

// New makes a prober; Run starts it.
func New(c Config) *Prober {
	if c.Online == nil {
		c.Online = func() bool { return true }
	}
	return &Prober{Config: c, ask: NewAsker(c.Allow, c.Agent).Ask, turn: turn{ticks: c.Ticks}, seen: map[string]*sight{},
		found: make(chan finding, atOnce), log: c.Log.With("component", "probes")}
}

// Run asks what is due until ctx ends and no question is under way.
func (p *Prober) Run(ctx context.Context) error {
	every := time.NewTicker(look)
	defer every.Stop()
	under := 0
	defer func() {
		for ; under > 0; under-- {
			<-p.found // each ends with ctx
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case f := <-p.found:
			under--
			p.take(ctx, f)
		case <-every.C:
			if !p.ours(ctx) {
				continue
			}
			under += p.begin(ctx, atOnce-under)
		}
	}
}

// ours reports whether this process is the one that asks now. Who takes over learns
// from the store what was found before.
func (p *Prober) ours(ctx context.Context) bool {
	if p.learned && len(p.Targets()) == 0 && len(p.seen) == 0 {
		return false // nothing to ask, nothing to let go
	}
	now := p.Now()
	mine, err := p.turn.take(ctx, now)
	if err == nil && mine && !p.fresh {
		err = p.learn(ctx, now)
	}
	switch {
	case err == nil:
		p.fresh, p.troubled = mine, p.troubled && !mine // within a grace nobody was asked
	case !p.troubled && ctx.Err() == nil:
		p.log.Warn("probes wait for the database", "error", err)
		p.troubled = true
	}
	return p.fresh && p.turn.holds(now)
}

// learn takes over: counting begins anew, what fires goes on firing.
func (p *Prober) learn(ctx context.Context, now time.Time) error {
	signals, err := p.Signals.Signals(ctx, now)
	if err != nil {
		return err
	}
	clear(p.seen)
	for _, s := range signals {
		if s.Source == Source && s.Firing {
			p.seen[s.Key] = &sight{target: Target{Platform: s.Platform}, state: state{firing: true}, since: s.Since}
		}
	}
	p.learned = true
	return nil
}

// begin asks what is due, at most free at once, and lets go what is not to be asked
// any more. It returns how many it began.
func (p *Prober) begin(ctx context.Context, free int) int {
	now, begun, wanted := p.Now(), 0, map[string]bool{}
	for _, t := range p.Targets() {
		key := t.key()
		wanted[key] = true
		s, known := p.seen[key]
		if !known || s.next.IsZero() {
			if !known {
				s = &sight{}
				p.seen[key] = s
			}
			s.next = now.Add(rand.N(t.Every)) // not all at once after a start
		}
		s.target = t
		if s.asking || now.Before(s.next) || begun == free {
			continue
		}
		s.asking = true
		begun++
		go func() { p.found <- finding{key, p.ask(ctx, t.Probe)} }()
	}
	for key, s := range p.seen {
		if !wanted[key] && !s.asking {
			p.letGo(ctx, key, s)
		}
	}
	return begun
}

// letGo ends what is not asked any more: nothing would ever end it.
func (p *Prober) letGo(ctx context.Context, key string, s *sight) {
	if s.firing {
		if err := p.say(ctx, key, s, false, "not asked any more, so nothing is known"); err != nil {
			return // it is tried again
		}
	}
	delete(p.seen, key)
}

// take judges an answer.
func (p *Prober) take(ctx context.Context, f finding) {
	s := p.seen[f.key]
	if s == nil || ctx.Err() != nil {
		return // somebody else asks now, or nobody
	}
	s.asking = false
	now := p.Now()
	s.next = now.Add(s.target.Every + rand.N(s.target.Every/10))
	if f.Cannot != "" || f.Fails != "" && !p.Online() {
		p.odd(s, f.Outcome)
		return
	}
	s.odd = ""
	if f.Fails != "" && s.fails == 0 && !s.firing {
		s.since = now
	}
	next, says := s.state.after(f.Fails == "")
	if says != nothing {
		// Said first and remembered then: what could not be stored is said again.
		why := f.Fails
		if says == end {
			why = "it answers again"
		}
		if err := p.say(ctx, f.key, s, says == fire, why); err != nil {
			next.firing = s.firing
		}
	}
	s.state = next
	if s.open() {
		s.next = now.Add(min(again, s.target.Every))
	}
}

// odd tells, once, why nothing is concluded.
func (p *Prober) odd(s *sight, o Outcome) {
	why := o.Cannot
	if why == "" {
		why = "our own network does not work: " + o.Fails
	}
	if s.odd != why {
		p.log.Warn("a probe says nothing", "platform", string(s.target.Platform), "why", why)
	}
	s.odd = why
}

func (p *Prober) say(ctx context.Context, key string, s *sight, firing bool, why string) error {
	now := p.Now().UTC().Truncate(time.Millisecond)
	platform := s.target.Platform
	_, address, _ := strings.Cut(key, " ")
	changed, err := p.Signals.Signal(ctx, subscriptions.Signal{Source: Source, Key: key, Platform: platform, Firing: firing,
		Summary: short(address + ": " + why), Since: s.since.UTC().Truncate(time.Millisecond), At: now}, now)
	switch {
	case err != nil:
		p.log.Error("what a probe found is not stored", "platform", string(platform), "error", err)
	case changed && firing:
		p.log.Warn("a platform does not answer", "platform", string(platform), "why", why)
	case changed:
		p.log.Info("a probe is over", "platform", string(platform), "why", why)
	}
	return err
}
