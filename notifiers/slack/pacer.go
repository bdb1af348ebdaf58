package slack

import (
	"sync"
	"time"
)

// Slack limits each method by itself, in tiers (docs.slack.dev/apis/web-api/rate-limits):
// chat.update and conversations.history take 50 a minute. Messages are paced by the
// Dispatcher; these two are paced here, a little below, so that a wave of edits does
// not end in a penalty.
var methodPace = map[string]pace{
	"chat.update":           {every: 1300 * time.Millisecond, burst: 5},
	"conversations.history": {every: 1300 * time.Millisecond, burst: 10},
	"conversations.replies": {every: 1300 * time.Millisecond, burst: 10},
}

type pace struct {
	every time.Duration
	burst int
}

// pacer says when the next call of a method may begin, and keeps every
// Retry-After.
type pacer struct {
	clock func() time.Time
	mu    sync.Mutex
	until map[string]time.Time // of a Retry-After
	tat   map[string]time.Time // theoretical arrival time of the next call, as in GCRA
	next  map[string]time.Time // promised to who was sent away last
}

func newPacer(clock func() time.Time) *pacer {
	return &pacer{clock: clock, until: map[string]time.Time{}, tat: map[string]time.Time{}, next: map[string]time.Time{}}
}

// take books one call, or returns how long to wait. Those who are sent away are
// given different times, so that they do not come back all at once.
func (p *pacer) take(method string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock()
	free := p.until[method]
	pace, paced := methodPace[method]
	if paced {
		if due := p.tat[method].Add(-time.Duration(pace.burst-1) * pace.every); due.After(free) {
			free = due
		}
	}
	if !free.After(now) {
		if paced {
			p.tat[method] = later(p.tat[method], now).Add(pace.every)
		}
		return 0
	}
	slot := later(free, p.next[method])
	p.next[method] = slot.Add(pace.every)
	return slot.Sub(now)
}

// hush lets no call of a method begin for d.
func (p *pacer) hush(method string, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.until[method] = later(p.until[method], p.clock().Add(d))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
