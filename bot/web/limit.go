package web

import (
	"net/http"
	"sync"
	"time"
)

// Limiter paces requests by key (a client, a source): burst at once, then one each
// every. Its memory is bounded: when it is full of keys that count, all new ones
// share one place, so that who comes with a million addresses slows only newcomers.
type Limiter struct {
	every time.Duration
	burst int
	most  int

	mu    sync.Mutex
	due   map[string]time.Time // when the key's debt is paid
	swept time.Time
}

// NewLimiter makes a limiter that remembers at most most keys.
func NewLimiter(every time.Duration, burst, most int) *Limiter {
	return &Limiter{every: every, burst: burst, most: most, due: map[string]time.Time{}}
}

// others is the place of every key for which there is none.
const others = "\x00others"

// Take counts one request. It returns 0 when the request may go on, else how long
// to wait.
func (l *Limiter) Take(key string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, known := l.due[key]; !known && len(l.due) >= l.most {
		l.sweep(now)
		if len(l.due) >= l.most {
			key = others
		}
	}
	due, wait := pace(l.due[key], now, l.every, l.burst)
	l.due[key] = due
	return wait
}

// pace decides on one request by the generic cell rate algorithm: due is when the
// debt of earlier ones is paid. What is refused adds no debt.
func pace(due, now time.Time, every time.Duration, burst int) (next time.Time, wait time.Duration) {
	if due.Before(now) {
		due = now
	}
	if over := due.Sub(now) - time.Duration(burst-1)*every; over > 0 {
		return due, over
	}
	return due.Add(every), 0
}

// sweep forgets who has no debt, at most once a second: it costs a walk.
func (l *Limiter) sweep(now time.Time) {
	if now.Sub(l.swept) < time.Second && !now.Before(l.swept) {
		return
	}
	l.swept = now
	for key, due := range l.due {
		if !due.After(now) {
			delete(l.due, key)
		}
	}
}

// Limited answers 429 to a client that is over the limit.
func (x *Web) Limited(l *Limiter, h Handler) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if wait := l.Take(x.Client(r), x.Now()); wait > 0 {
			return TooMany(wait)
		}
		return h(w, r)
	}
}
