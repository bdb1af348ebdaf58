package telegramtest

import (
	"strings"
	"time"
)

// Limits are the published rates. A zero field switches that limit off.
type Limits struct {
	// PerChat is how many messages and edits a second one chat takes, after a
	// burst of PerChatBurst.
	PerChat      float64
	PerChatBurst int
	// PerGroup is how many messages and edits a group or channel takes in any 60 s.
	PerGroup int
	// Overall is how many messages and edits a second the bot may send, after a
	// burst of OverallBurst (0 = one second's worth).
	Overall      float64
	OverallBurst int
	// OnClock counts by Config.Clock, for a demo that compresses time; otherwise
	// by real time. retry_after is in seconds of the same clock.
	OnClock bool
	// Grace is how long after a 429 a request is taken to have been on its way
	// already: it is refused but no Violation. 0 means 100 ms, negative none. Real time.
	Grace time.Duration
}

// DefaultLimits are Telegram's: 1 a second for a chat with short bursts, 20 a
// minute for a group or channel, 30 a second in all (core.telegram.org/bots/faq).
func DefaultLimits() Limits {
	return Limits{PerChat: 1, PerChatBurst: 5, PerGroup: 20, Overall: 30}
}

// Violation is a request inside a retry_after window of its scope.
type Violation struct {
	Begun  time.Duration `json:"begun"` // since Epoch, real
	Method string        `json:"method"`
	Chat   int64         `json:"chat"` // the scope; 0 = the whole bot
	Left   time.Duration `json:"left"` // of the window, on the clock of the limits
}

// window is the time after a 429 in which its scope must be silent.
type window struct {
	opened time.Duration // real
	until  time.Duration // on the clock of the limits
}

type rates struct {
	overall    time.Duration // theoretical arrival time of the next, as in GCRA
	windows    map[int64]window
	violations []Violation
}

func newRates() rates { return rates{windows: map[int64]window{}} }

// wholeBot is the scope of windows that hold for every chat; no chat has this id.
const wholeBot = 0

// limitTime is an instant of the limits' clock.
func (s *Server) limitTime(real time.Duration) time.Duration {
	if s.limits.OnClock {
		return s.cfg.Clock().Sub(s.opened)
	}
	return real
}

// silence refuses a request inside a window of the bot or of its chat, and
// records it; s.mu is held.
func (s *Server) silence(r *request, chat int64) *apiError {
	for _, scope := range [...]int64{wholeBot, chat} {
		w, open := s.rates.windows[scope]
		if !open {
			continue
		}
		left := w.until - r.at
		if left <= 0 {
			delete(s.rates.windows, scope)
			continue
		}
		if r.begun > w.opened+s.grace() {
			s.rates.violations = append(s.rates.violations, Violation{r.begun, r.method, scope, left})
		}
		return tooMany(wholeSeconds(left))
	}
	return nil
}

func (s *Server) grace() time.Duration {
	if s.limits.Grace < 0 {
		return 0
	}
	return or(s.limits.Grace, 100*time.Millisecond)
}

// spend takes one message out of every rate that applies, or opens the window of
// the one that is used up; s.mu is held.
func (s *Server) spend(r *request, c *chat) *apiError {
	l := s.limits
	burst := or(l.OverallBurst, max(int(l.Overall), 1))
	overall, wait := gcra(s.rates.overall, r.at, l.Overall, burst)
	if wait > 0 {
		return s.openWindow(r, wholeBot, wholeSeconds(wait))
	}
	own, wait := gcra(c.nextAt, r.at, l.PerChat, max(l.PerChatBurst, 1))
	if c.group != nil && l.PerGroup > 0 {
		wait = max(wait, c.group.minute.wait(r.at, l.PerGroup))
	}
	if wait > 0 {
		return s.openWindow(r, c.id, wholeSeconds(wait))
	}
	if c.group != nil && l.PerGroup > 0 {
		c.group.minute.add(r.at, l.PerGroup)
	}
	s.rates.overall, c.nextAt = overall, own
	return nil
}

// openWindow answers 429 and expects silence for that many seconds.
func (s *Server) openWindow(r *request, scope int64, seconds int) *apiError {
	s.rates.windows[scope] = window{s.real(), max(s.rates.windows[scope].until, r.at+time.Duration(seconds)*time.Second)}
	return tooMany(seconds)
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

// minute holds the instants of the last messages of a group.
type minute []time.Duration

func (m minute) wait(now time.Duration, most int) time.Duration {
	if len(m) < most {
		return 0
	}
	return m[len(m)-most] + time.Minute - now
}

func (m *minute) add(now time.Duration, most int) {
	if len(*m) >= most {
		*m = append((*m)[:0], (*m)[len(*m)-most+1:]...)
	}
	*m = append(*m, now)
}

func wholeSeconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// Violations are the requests inside a retry_after window so far.
func (s *Server) Violations() []Violation {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Violation{}, s.rates.violations...)
}

// obeysWindows tells the methods that write into chats from the rest.
func obeysWindows(name string) bool {
	return isSend(name) || name == "deletemessage" || strings.HasSuffix(name, "pinchatmessage")
}
