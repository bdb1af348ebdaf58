package notifiers

import (
	"context"
	"time"

	"arifa/subscriptions"
)

// What the tests of this package may see of its inside.
type (
	Facts   = facts
	Chats   = chats
	Gate    = gate
	Tenancy = tenancy
)

var (
	Backoff     = backoff
	SilentHour  = silentHour
	KindTo      = kindTo
	NewBudget   = newBudget
	NewChats    = newChats
	NewResults  = newResults
	LanguagesOf = languagesOf
	SelectionOf = selection
	Joined      = joined
	Elapsed     = elapsed
)

const (
	PinNothing = pinNothing
	PinFirst   = pinFirst
	UnpinFirst = unpinFirst
	Patience   = patience
)

var PinsFor = pinsFor

func OverCap(d subscriptions.Delivery, n *subscriptions.Notice, asNew bool, now time.Time) (time.Time, bool) {
	return overCap(&d, n, asNew, now)
}

// FactsOf makes the facts of one ended request.
func FactsOf(row subscriptions.Delivery, kind subscriptions.Kind, err error, now time.Time) Facts {
	return facts{row: &row, kind: kind, err: err, now: now, counted: true, jitter: 0.5}
}

func (f facts) With(change func(*Facts)) Facts {
	row := *f.row
	f.row = &row
	change(&f)
	return f
}
func (f *facts) SetReceipt(r Receipt) { f.receipt = r }
func (f *facts) SetAbsent()           { f.absent = true }
func (f *facts) SetRepeat()           { f.row.Repeat = true }
func (f *facts) SetUncounted()        { f.counted = false }

// Ruled is a ruling, flat.
type Ruled struct {
	Name                         string
	Result                       subscriptions.Result
	AsNew, Halt, Poison, Trouble bool
	PauseChat, PauseLane         time.Duration
}

func Rule(f Facts) Ruled {
	r := rule(f)
	return Ruled{r.name, r.result, r.asNew, r.halt, r.poison, r.trouble, r.pauseChat, r.pauseLane}
}

// Truth answers as a lane asks.
func Truth(v subscriptions.View) func(subscriptions.Delivery, time.Time) subscriptions.Verdict {
	t := newTruth(v, nil, time.Time{})
	return func(d subscriptions.Delivery, now time.Time) subscriptions.Verdict { return t.verdict(&d, now) }
}

func (r *results) Add(one subscriptions.Result, worth int) { r.add(one, worth) }
func (r *results) Wait(worth func() int) bool              { return r.wait(worth) }
func (r *results) Take(room []subscriptions.Result) []subscriptions.Result {
	return r.take(room)
}
func (r *results) End() { r.end() }

// Found says whether two people read the same card that was made once; sameHash makes
// their lists of services look alike.
func Found(a, b []subscriptions.ServiceID, sameHash bool) bool {
	c := newCards(&Config{}, nil, nil)
	var k cardKey
	one, other := c.hash(&k, a), c.hash(&k, b)
	if sameHash {
		other = one
	}
	return c.find(one, &k, a) == c.find(other, &k, b)
}

func (b *Budget) Broadcast(ctx context.Context) error { return b.broadcast(ctx) }
func (b *Budget) Set(perSecond float64) bool          { return b.set(perSecond) }
func (b *Budget) Pause(until time.Time)               { b.pause(until) }
func (c *chats) Reserve(a subscriptions.Address, k subscriptions.RecipientKind, now time.Time, most time.Duration) time.Duration {
	return c.reserve(a, k, now, most)
}
func (c *chats) Pause(a subscriptions.Address, d time.Duration, now time.Time) bool {
	return c.pause(a, d, now)
}
func (c *chats) Kept() int { return len(c.due) + len(c.paused) }

func (g *gate) Room(n, most int, now time.Time) int { rows, _ := g.room(n, most, now); return rows }
func (g *gate) Answered() bool                      { return g.answered() }
func (g *gate) Failed(now time.Time) bool           { return g.failed(now) }
func (g *gate) Halt(now time.Time) bool             { return g.halt(now) }
func (g *gate) Counts() bool                        { return g.counts() }

func NewTenancy(ttl time.Duration, begun time.Time) *Tenancy {
	t := &tenancy{ttl: ttl}
	t.set(subscriptions.Tenure{Owner: "a"}, begun)
	return t
}
func (h *tenancy) Valid(now time.Time) bool { return h.valid(now) }
