package notifiers

import (
	"context"
	"math"
	"strings"
	"sync"
	"time"

	"arifa/subscriptions"
)

// Why a lane was paused by the Dispatcher itself. Every other reason is an
// operator's.
const (
	WhyHalted  = "halted: "  // until the credential works again; it is probed
	WhyNetwork = "network: " // the network asked for it
)

// haltFor is how long a dead credential pauses its lane in the store: until
// right before the next probe, which prolongs it.
const haltFor = probeHalted - 500*time.Millisecond

// standing is what the store says of a lane: held, or paused by whom.
type standing struct {
	mu      sync.Mutex
	held    bool
	until   time.Time // an operator's pause, by the database's clock
	halting bool      // the store shows our own halt
	why     string    // of our own halt
	writing int       // our own writes of the pause that are under way
	written time.Time // when the last of them was done
}

func (s *standing) isHeld() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held
}

// stoppedFor is how long an operator's pause lasts from now by the database.
func (s *standing) stoppedFor(now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.until.Sub(now)
}

// note takes over what the store says of the lane, read from begun on. What was
// read before our own last write of the pause is older than what we know.
func (l *lane) note(s subscriptions.Lane, begun time.Time) {
	l.standing.mu.Lock()
	l.held = s.Held
	old := l.writing > 0 || !begun.After(l.written)
	l.standing.mu.Unlock()
	if !old {
		l.notePause(s)
	}
	l.noteRate(s.Rate)
	l.wake.ring()
}

// noteRate takes over the pace that an operator set; 0 = that of the settings.
func (l *lane) noteRate(perSecond float64) {
	if !(perSecond > 0) || math.IsInf(perSecond, 1) {
		perSecond = l.set.Rate
	}
	if l.budget.set(perSecond) {
		l.ahead.Store(aheadOf(perSecond))
		l.log.Info("the lane has another pace", "messages_per_second", perSecond)
	}
}

func (l *lane) notePause(s subscriptions.Lane) {
	now := l.clock()
	left := s.PausedUntil.Sub(l.tenancy.databaseNow(now))
	halted := strings.HasPrefix(s.PausedWhy, WhyHalted) // until it is taken back, not until the pause lapses
	network := strings.HasPrefix(s.PausedWhy, WhyNetwork) && left > 0

	l.standing.mu.Lock()
	resumed := l.halting && !halted
	l.halting, l.until = halted, time.Time{}
	if halted {
		l.why = s.PausedWhy
	}
	if !halted && !network {
		l.until = s.PausedUntil
	}
	l.standing.mu.Unlock()

	if l.canary.seen(s, now) {
		l.log.Info("an operator resumed the lane without the canary")
	}
	switch {
	case network: // of a former owner too: nobody sends inside a retry_after
		l.budget.pause(now.Add(left))
	case halted && !l.gate.isHalted(): // a former owner's: probe before anything else
		l.gate.halt(now.Add(min(left, haltFor) - probeHalted))
	case resumed && l.gate.isHalted():
		l.gate.probeNow()
	}
}

// pause holds the whole lane back for d, also for the next owner.
func (l *lane) pause(ctx context.Context, d time.Duration, err error) {
	now := l.clock()
	l.budget.pause(now.Add(d))
	until := l.tenancy.databaseNow(now).Add(d)
	if l.stoppedFor(until) > 0 {
		return // an operator's pause is longer
	}
	l.log.Info("the network asked for a pause", "for", d)
	l.setPause(ctx, until, WhyNetwork+reason(err))
}

// halt stops the lane until its credential works again.
func (l *lane) halt(ctx context.Context, probe bool, err error) {
	news := l.gate.halt(l.clock())
	if !news && !probe {
		return // one of those that were in flight
	}
	l.standing.mu.Lock()
	l.why = WhyHalted + reason(err)
	l.standing.mu.Unlock()
	l.stayHalted(ctx)
	if news {
		l.log.Error("the lane cannot send: its credential or its setup must be mended", "err", err)
		l.trouble(Trouble{Kind: TroubleHalted, Err: err})
	}
}

// stayHalted writes the halt down until the next probe.
func (l *lane) stayHalted(ctx context.Context) {
	if !l.gate.isHalted() {
		return
	}
	l.standing.mu.Lock()
	why := l.why
	l.standing.mu.Unlock()
	l.setPause(ctx, l.tenancy.databaseNow(l.clock()).Add(haltFor), why)
}

// resume notes that the network answered properly.
func (l *lane) resume(ctx context.Context) {
	if !l.gate.isHalted() {
		l.gate.answered()
		return
	}
	l.setPause(ctx, time.Time{}, "")
	if !l.gate.answered() {
		return // somebody else was quicker
	}
	l.log.Info("the lane sends again")
	l.trouble(Trouble{Kind: TroubleResumed})
	l.wake.ring()
}

func (l *lane) setPause(ctx context.Context, until time.Time, why string) (written bool) {
	l.standing.mu.Lock()
	l.writing++
	l.standing.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeLimit)
	defer cancel()
	err := l.cfg.Lanes.SetPause(ctx, l.id, until, why)
	if err != nil {
		l.log.Warn("the lane's pause is not recorded", "err", err)
	}
	l.standing.mu.Lock()
	defer l.standing.mu.Unlock()
	l.writing--
	l.written, l.halting = l.clock(), strings.HasPrefix(why, WhyHalted)
	return err == nil
}

func (l *lane) trouble(t Trouble) {
	t.Lane = l.id
	l.cfg.OnTrouble(t)
}
