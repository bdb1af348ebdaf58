package notifiers

import (
	"sync"
	"time"

	"arifa/subscriptions"
)

const (
	// A network forgives a short burst in one chat (platforms count 2 for a
	// person and 3 to 5 for a group), and nothing beyond.
	personBurst = 2
	groupBurst  = 3
	// chatPatience is how long a row is held for its chat; then it is given back.
	chatPatience = time.Second
	// So many chats that are told to wait within manyWithin mean the whole lane.
	manyChats  = 3
	manyWithin = time.Second
)

// chats keeps the pace and the pauses of single chats. It remembers a chat only
// while that chat has to wait.
type chats struct {
	mu      sync.Mutex
	person  pace
	group   pace
	at      map[subscriptions.Address]chat
	pruneAt int
	strikes []strike
}

type pace struct {
	every time.Duration
	burst int
}

type chat struct {
	due    time.Time // when the chat is back at rest
	paused time.Time
}

type strike struct {
	chat subscriptions.Address
	at   time.Time
}

// newChats paces people at one message every so often and groups and channels at
// perMinute in every minute.
func newChats(every time.Duration, perMinute int) *chats {
	burst := min(groupBurst, perMinute)
	return &chats{
		person:  pace{every, personBurst},
		group:   pace{time.Minute / time.Duration(max(1, perMinute-burst)), burst},
		at:      map[subscriptions.Address]chat{},
		pruneAt: 1024,
	}
}

// reserve books the next message to a chat and returns how long it has to wait.
// Where that is more than most, nothing is booked.
func (c *chats) reserve(a subscriptions.Address, k subscriptions.RecipientKind, now time.Time, most time.Duration) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.group
	if k == subscriptions.Person {
		p = c.person
	}
	ch := c.at[a]
	free := ch.due.Add(-time.Duration(p.burst-1) * p.every)
	if ch.paused.After(free) {
		free = ch.paused
	}
	wait := max(0, free.Sub(now))
	if wait > most {
		return wait
	}
	start := now.Add(wait)
	if ch.due.Before(start) {
		ch.due = start
	}
	ch.due = ch.due.Add(p.every)
	c.at[a] = ch
	c.prune(now)
	return wait
}

// pausedFor is how long a chat was told to wait from now.
func (c *chats) pausedFor(a subscriptions.Address, now time.Time) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at[a].paused.Sub(now)
}

// pause holds one chat back for d, and reports whether so many chats were told
// to wait just now that the whole lane should.
func (c *chats) pause(a subscriptions.Address, d time.Duration, now time.Time) (lane bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch := c.at[a]
	if until := now.Add(d); until.After(ch.paused) {
		ch.paused = until
	}
	c.at[a] = ch
	recent := c.strikes[:0]
	for _, s := range c.strikes {
		if s.chat != a && now.Sub(s.at) <= manyWithin {
			recent = append(recent, s)
		}
	}
	c.strikes = append(recent, strike{a, now})
	if len(c.strikes) < manyChats {
		return false
	}
	c.strikes = c.strikes[:0]
	return true
}

// prune forgets chats at rest; it looks at all of them each time their number
// has doubled, so the cost of one message stays the same.
func (c *chats) prune(now time.Time) {
	if len(c.at) < c.pruneAt {
		return
	}
	for a, ch := range c.at {
		if !ch.due.After(now) && !ch.paused.After(now) {
			delete(c.at, a)
		}
	}
	c.pruneAt = max(1024, 2*len(c.at))
}
