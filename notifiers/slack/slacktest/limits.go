package slacktest

import (
	"slices"
	"time"
)

// Limits are the published rates. A zero field switches that limit off.
type Limits struct {
	// PerChannel is how many messages a second one channel takes, after a burst of
	// PerChannelBurst; Workspace is the ceiling of all messages a minute.
	PerChannel      float64
	PerChannelBurst int
	Workspace       int
	// Tiers are calls a minute of every other method, by tier 1 to 4.
	Tiers [5]int
	// OnClock counts by Config.Clock, for a demo that compresses time; otherwise
	// by real time. Retry-After is in seconds of the same clock.
	OnClock bool
	// Grace is how long after a 429 a request is taken to have been on its way
	// already: it is refused but no Violation. 0 means 100 ms. Real time.
	Grace time.Duration
}

// DefaultLimits are Slack's: one message a second in a channel with short bursts,
// "several hundred" a minute in a workspace, and the tiers of
// docs.slack.dev/apis/web-api/rate-limits.
func DefaultLimits() Limits {
	return Limits{PerChannel: 1, PerChannelBurst: 4, Workspace: 300, Tiers: [5]int{0, 1, 20, 50, 100}}
}

// Violation is a request inside a Retry-After window of its method.
type Violation struct {
	Begun   time.Duration // since Epoch, real
	Method  string
	Channel string        // the scope; "" = the whole method
	Left    time.Duration // of the window, on the clock of the limits
}

// window is the time after a 429 in which its scope must be silent.
type window struct {
	opened time.Duration // real
	until  time.Duration // on the clock of the limits
}

type rates struct {
	tats       map[string]time.Duration // theoretical arrival times, as in GCRA
	minute     []time.Duration          // of all messages
	windows    map[string]window
	violations []Violation
}

func newRates() rates {
	return rates{tats: map[string]time.Duration{}, windows: map[string]window{}}
}

// limitTime is an instant of the limits' clock.
func (s *Server) limitTime() time.Duration {
	if s.limits.OnClock {
		return s.cfg.Clock().Sub(s.opened)
	}
	return s.real()
}

// spend refuses a request inside a window of its method, or takes it out of every
// rate that applies; the answer is the seconds to wait. s.mu is held.
func (s *Server) spend(r *request, tier int, channel string) (wait int) {
	now := s.limitTime()
	for _, scope := range []string{r.method, r.method + " " + channel} {
		w, open := s.rates.windows[scope]
		if open && w.until > now {
			if r.begun > w.opened+or(s.limits.Grace, 100*time.Millisecond) {
				s.rates.violations = append(s.rates.violations, Violation{r.begun, r.method, channel, w.until - now})
			}
			return wholeSeconds(w.until - now)
		}
		delete(s.rates.windows, scope)
	}
	if tier == special {
		return s.spendMessage(r, channel, now)
	}
	most := s.limits.Tiers[tier]
	if most <= 0 {
		return 0
	}
	next, left := gcra(s.rates.tats[r.method], now, float64(most)/60, most)
	if left > 0 {
		return s.openWindow(r.method, now, left)
	}
	s.rates.tats[r.method] = next
	return 0
}

func (s *Server) spendMessage(r *request, channel string, now time.Duration) int {
	s.rates.minute = slices.DeleteFunc(s.rates.minute, func(at time.Duration) bool { return now-at >= time.Minute })
	if most := s.limits.Workspace; most > 0 && len(s.rates.minute) >= most {
		return s.openWindow(r.method, now, s.rates.minute[len(s.rates.minute)-most]+time.Minute-now)
	}
	scope := r.method + " " + channel
	next, left := gcra(s.rates.tats[scope], now, s.limits.PerChannel, max(1, s.limits.PerChannelBurst))
	if left > 0 {
		return s.openWindow(scope, now, left)
	}
	s.rates.tats[scope] = next
	s.rates.minute = append(s.rates.minute, now)
	return 0
}

// openWindow expects silence for that long.
func (s *Server) openWindow(scope string, now, d time.Duration) int {
	seconds := wholeSeconds(d)
	s.rates.windows[scope] = window{s.real(), max(s.rates.windows[scope].until, now+time.Duration(seconds)*time.Second)}
	return seconds
}

// gcra is the generic cell rate algorithm: one theoretical arrival time holds a
// whole token bucket. It returns the next one, or how long to wait.
func gcra(tat, now time.Duration, perSecond float64, burst int) (next, wait time.Duration) {
	if perSecond <= 0 {
		return tat, 0
	}
	interval := time.Duration(float64(time.Second) / perSecond)
	tat = max(tat, now)
	if wait = tat - now - time.Duration(burst-1)*interval; wait > 0 {
		return tat, wait
	}
	return tat + interval, 0
}

func wholeSeconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// Violations are the requests inside a Retry-After window so far.
func (s *Server) Violations() []Violation {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.rates.violations)
}
