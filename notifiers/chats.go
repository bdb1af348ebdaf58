package notifiers

import (
	"hash/maphash"
	"maps"
	"sync"
	"sync/atomic"
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
// while that chat has to wait. A wave goes through thousands of chats a second, so what
// is kept of each is two numbers: two chats that share a hash would wait for each other.
type chats struct {
	person pace
	group  pace
	seed   maphash.Seed

	mu      sync.Mutex
	begun   time.Time                // what due is counted from; zero = nobody was told yet
	due     map[uint64]time.Duration // when a chat is back at rest, by its hash
	pruneAt int
	paused  map[subscriptions.Address]time.Time
	pauses  atomic.Int64 // how many are in paused
	strikes []strike
}

type pace struct {
	every time.Duration
	burst int
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
		seed:    maphash.MakeSeed(),
		due:     map[uint64]time.Duration{},
		paused:  map[subscriptions.Address]time.Time{},
		pruneAt: 1024,
	}
}

// reserve books the next message to a chat and returns how long it has to wait.
// Where that is more than most, nothing is booked.
func (c *chats) reserve(a subscriptions.Address, k subscriptions.RecipientKind, now time.Time, most time.Duration) time.Duration {
	p := c.group
	if k == subscriptions.Person {
		p = c.person
	}
	key := maphash.String(c.seed, a.Reveal())
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.begun.IsZero() {
		c.begun = now
	}
	at := now.Sub(c.begun)
	due, known := c.due[key]
	wait := time.Duration(0)
	if known {
		wait = max(0, due-time.Duration(p.burst-1)*p.every-at)
	}
	if len(c.paused) > 0 {
		wait = max(wait, c.paused[a].Sub(now))
	}
	if wait > most {
		return wait
	}
	if start := at + wait; !known || due < start {
		due = start
	}
	c.due[key] = due + p.every
	c.prune(at, now)
	return wait
}

// pausedFor is how long a chat was told to wait from now.
func (c *chats) pausedFor(a subscriptions.Address, now time.Time) time.Duration {
	if c.pauses.Load() == 0 {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.paused[a].Sub(now)
}

// pause holds one chat back for d, and reports whether so many chats were told
// to wait just now that the whole lane should.
func (c *chats) pause(a subscriptions.Address, d time.Duration, now time.Time) (lane bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if until := now.Add(d); until.After(c.paused[a]) {
		c.paused[a] = until
		c.pauses.Store(int64(len(c.paused)))
	}
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
func (c *chats) prune(at time.Duration, now time.Time) {
	if len(c.due) < c.pruneAt {
		return
	}
	maps.DeleteFunc(c.paused, func(_ subscriptions.Address, until time.Time) bool { return !until.After(now) })
	c.pauses.Store(int64(len(c.paused)))
	maps.DeleteFunc(c.due, func(_ uint64, due time.Duration) bool { return due <= at })
	c.pruneAt = max(1024, 2*len(c.due))
}
