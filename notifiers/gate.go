package notifiers

import (
	"sync"
	"sync/atomic"
	"time"
)

const (
	breakAfter  = 10 // endings in a row without a proper answer
	probeFirst  = time.Second
	probeMost   = 30 * time.Second
	probeHalted = 5 * time.Second
)

// gate says how many rows a lane may take. While the network answers it is open.
// After a run of endings without an answer, or while the credential is dead, one
// row at a time probes: the trouble is the lane's, so it costs nobody an attempt.
type gate struct {
	mu     sync.Mutex
	fails  int
	broken bool
	halted bool
	probe  bool // one is under way
	wait   time.Duration
	next   time.Time // of the next probe

	// calm says that the last request was answered properly, and that nothing is known
	// that an answer would take back: so it is while a wave goes well.
	calm atomic.Bool
}

// room returns how many rows may be taken now with n of most in flight, and
// whether they are a probe. A probe that is granted is spent.
func (g *gate) room(n, most int, now time.Time) (rows int, probe bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.broken && !g.halted {
		return most - n, false
	}
	if n > 0 || now.Before(g.next) {
		return 0, true
	}
	g.probe, g.next = true, now.Add(g.wait)
	return 1, true
}

// answered notes a proper answer of the network and reports whether that ends a
// halt.
func (g *gate) answered() (resumed bool) {
	if g.calm.Load() {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	resumed = g.halted
	g.fails, g.broken, g.halted, g.probe, g.wait = 0, false, false, false, 0
	g.calm.Store(true)
	return resumed
}

// failed notes an ending without an answer and reports whether that breaks the
// lane.
func (g *gate) failed(now time.Time) (broke bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calm.Store(false)
	g.fails++
	switch {
	case g.halted || g.fails < breakAfter:
		return false
	case !g.broken:
		g.broken, g.wait, broke = true, probeFirst, true
	case !g.probe: // it was in flight already when the lane broke
		return false
	default:
		g.wait = min(2*g.wait, probeMost)
	}
	g.probe, g.next = false, now.Add(g.wait)
	return broke
}

// halt notes a dead credential and reports whether that is news.
func (g *gate) halt(now time.Time) (news bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calm.Store(false)
	news = !g.halted
	g.halted, g.wait = true, probeHalted
	g.next = now.Add(g.wait)
	return news
}

// isHalted reports whether the credential was dead at the last answer.
func (g *gate) isHalted() bool {
	if g.calm.Load() {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.halted
}

// probeNow asks for a probe at once: an operator says that the cause is mended.
func (g *gate) probeNow() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.next = time.Time{}
}

// counts reports whether a failure may be held against one row.
func (g *gate) counts() bool {
	if g.calm.Load() {
		return true
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return !g.broken && !g.halted
}
