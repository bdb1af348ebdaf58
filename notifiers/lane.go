package notifiers

import (
	"context"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"arifa/subscriptions"
)

const (
	idlePoll = 250 * time.Millisecond // a lane without due rows looks again
	lookFor  = 250 * time.Millisecond // of budget is leased ahead, no more
)

// lane is all sending through one credential.
type lane struct {
	cfg *Config
	set Lane
	id  subscriptions.LaneID
	log *slog.Logger

	view    *viewer
	finds   bool // the network can be asked
	cards   *cards
	budget  *Budget
	chats   *chats
	gate    gate
	tenancy tenancy
	standing
	withheld withheld
	pins     pins
	window   window
	canary   canary

	wake     bell
	ahead    atomic.Int64 // rows that may wait for the budget
	inFlight atomic.Int64 // begun and not durably recorded
	waiting  atomic.Int64 // of these: without a request yet
	away     atomic.Bool  // results cannot be recorded: nothing new is begun
}

func newLane(cfg *Config, v *viewer, set Lane) *lane {
	id := set.Channel.Name()
	_, finds := set.Channel.(Finder)
	l := &lane{
		cfg: cfg, set: set, id: id, log: cfg.Log.With("lane", id),
		view:    v,
		finds:   finds,
		cards:   newCards(cfg, set.Channel, set.Account),
		budget:  newBudget(set.Rate, set.ReplyShare, cfg.Uptime),
		chats:   newChats(set.ChatEvery, set.GroupPerMinute),
		tenancy: tenancy{ttl: cfg.Tenure},
		canary:  newCanary(set.Canary),
		wake:    newBell(),
	}
	l.ahead.Store(aheadOf(set.Rate))
	return l
}

// aheadOf is how many rows may wait for a budget of so many messages a second.
func aheadOf(perSecond float64) int64 { return max(1, int64(math.Ceil(perSecond*lookFor.Seconds()))) }

// quick reports whether the budget never keeps a whole flight waiting.
func (l *lane) quick() bool { return l.ahead.Load() >= int64(l.set.InFlight) }

// clock is for durations, now for the rules.
func (l *lane) clock() time.Time { return l.cfg.Uptime() }
func (l *lane) now() time.Time   { return instant(l.cfg.Clock) }

// run owns the lane whenever it can, until ctx ends.
func (l *lane) run(ctx context.Context) error {
	for l.acquire(ctx) == nil {
		if l.learn(ctx) {
			l.own(ctx)
		}
		l.release(ctx)
	}
	return nil
}

// learn reads whether the lane is paused or held, before its first message.
func (l *lane) learn(ctx context.Context) bool {
	begun := l.clock()
	known, err := laneStates(ctx, l.cfg.Lanes)
	if err != nil {
		l.log.Warn("the lane's state cannot be read", "err", err)
		bell(nil).sleep(ctx, storeBack)
		return false
	}
	if s, ok := known[l.id]; ok {
		l.note(s, begun)
	}
	return true
}

// own works as the lane's owner until ctx ends or the tenure is lost. Then what
// flies is finished and recorded: graceful is longer than any request, and the lane
// stays ours until then, so that nobody repeats what is still under way.
func (l *lane) own(ctx context.Context) {
	ours, over := context.WithCancel(context.WithoutCancel(ctx))
	defer over()
	// What happened is written down for as long as the process lives, also when the
	// tenure is lost because the store could not be written: it would be said twice.
	kept, forget := graceful(ctx, l.cfg.Timeout+time.Second)
	defer forget()
	ctx, lost := context.WithCancel(ctx)
	defer lost()
	last, cancel := graceful(ctx, l.cfg.Timeout+time.Second)
	defer cancel()
	rows := make(chan attempt, l.set.InFlight)
	results := newResults()

	var background, senders, recorder sync.WaitGroup
	background.Go(func() { l.renew(ours, lost) })
	if l.set.Own != nil {
		background.Go(func() { l.listen(ctx) })
	}
	for range l.set.Senders {
		senders.Go(func() {
			for a := range rows {
				results.add(l.deliver(ctx, last, &a), l.worth())
			}
		})
	}
	recorder.Go(func() { l.record(kept, results) })
	l.lease(ctx, rows)
	close(rows)
	senders.Wait()
	results.end()
	recorder.Wait()
	lost()
	over()
	background.Wait()
}

// listen runs what may run only while the lane is ours, again after an error.
func (l *lane) listen(ctx context.Context) {
	for ctx.Err() == nil {
		if err := l.set.Own(ctx); err != nil && ctx.Err() == nil {
			l.log.Error("the lane does not listen", "err", err)
		}
		bell(nil).sleep(ctx, storeBack)
	}
}

// lease hands due rows to the senders, never more than there is room for.
func (l *lane) lease(ctx context.Context, rows chan<- attempt) {
	quiet, full := true, time.Time{}
	for ctx.Err() == nil {
		room, probe := l.room()
		if room <= 0 {
			l.wake.sleep(ctx, idlePoll)
			continue
		}
		if left := recordAfter - l.clock().Sub(full); left > 0 && l.quick() && room < l.set.InFlight/2 {
			l.wake.sleep(ctx, left) // many more are due: half a flight costs the store little more than a few
			continue
		}
		got, err := l.leaseRows(ctx, room, probe, rows)
		if err != nil && quiet && ctx.Err() == nil {
			l.log.Warn("deliveries cannot be leased", "err", err)
		}
		if quiet = err == nil; got == room {
			full = l.clock()
		}
		if got == 0 {
			l.wake.sleep(ctx, idlePoll)
		}
	}
}

func (l *lane) leaseRows(ctx context.Context, room int, probe bool, rows chan<- attempt) (int, error) {
	call, cancel := context.WithTimeout(ctx, storeLimit)
	defer cancel()
	begun, until, t := l.clock(), l.tenancy.until(), l.tenancy.get()
	t.Until = t.Until.Add(l.cfg.Timeout) // a row stays ours for as long as a request that we begin may take
	got, err := l.cfg.Outbox.Lease(call, t, room, l.now())
	if err != nil {
		return 0, err
	}
	l.inFlight.Add(int64(len(got)))
	l.waiting.Add(int64(len(got)))
	l.cfg.Metrics.InFlight(l.id, int(l.inFlight.Load()))
	if probe && len(got) == 0 {
		l.stayHalted(ctx)
	}
	handed := l.clock()
	for i := range got {
		rows <- attempt{row: &got[i], fence: t.Fence, leased: begun, handed: handed, until: until, probe: probe, waits: true}
	}
	return len(got), nil
}

// room is how many rows may be taken now, and whether they probe a lane that is
// in trouble.
func (l *lane) room() (n int, probe bool) {
	now := l.clock()
	if _, fresh := l.view.fresh(now); !fresh || l.away.Load() || !l.tenancy.valid(now) {
		return 0, false
	}
	if l.isHeld() || l.stoppedFor(l.tenancy.databaseNow(now)) > 0 || l.budget.pausedFor(now) > 0 {
		return 0, false
	}
	ahead := int(l.ahead.Load() - l.waiting.Load())
	if ahead <= 0 {
		return 0, false
	}
	n, probe = l.gate.room(int(l.inFlight.Load()), l.set.InFlight, now)
	return min(ahead, n), probe
}
