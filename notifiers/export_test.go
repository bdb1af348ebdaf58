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
	OverCap     = overCap
	KindTo      = kindTo
	NewBudget   = newBudget
	NewChats    = newChats
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

// FactsOf makes the facts of one ended request.
func FactsOf(row subscriptions.Delivery, kind subscriptions.Kind, err error, now time.Time) Facts {
	return facts{row: row, kind: kind, err: err, now: now, counted: true, jitter: 0.5}
}

func (f facts) With(change func(*Facts)) Facts { change(&f); return f }
func (f *facts) SetReceipt(r Receipt)          { f.receipt = r }
func (f *facts) SetAbsent()                    { f.absent = true }
func (f *facts) SetRepeat()                    { f.row.Repeat = true }
func (f *facts) SetUncounted()                 { f.counted = false }

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
