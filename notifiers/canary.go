package notifiers

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"arifa/subscriptions"
)

// WhyCanary begins the reason of a pause that a failed canary made. The canary is
// tried again each time it lapses; an operator who resumes the lane overrules it.
const WhyCanary = "canary: "

const (
	canaryEvery    = time.Minute      // in a wave
	canaryTries    = 3                // where the network only gave no answer
	canaryBetween  = time.Second      // two of them
	canaryAgain    = 30 * time.Second // after a failure
	canaryOverrule = 10 * time.Minute // that an operator's word counts for
)

// canary is somebody of our own who is told of a notice before everybody else on the
// lane, and again each minute while others are told: what does not reach the canary
// is not tried on the public.
type canary struct {
	to Target

	turn chan struct{} // of who tells it now
	mu   sync.Mutex
	due  map[subscriptions.NoticeID]time.Time
	live map[subscriptions.NoticeID]string // its message
	ill  bool

	paused bool      // the pause that it made was seen in the store
	free   time.Time // until when an operator's word counts
}

func newCanary(to Target) canary { return canary{to: to, turn: make(chan struct{}, 1)} }

// enter waits for the turn to tell it; without patience only where nobody does.
func (c *canary) enter(ctx context.Context, patient bool) bool {
	if !patient {
		select {
		case c.turn <- struct{}{}:
			return true
		default:
			return false
		}
	}
	select {
	case c.turn <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (c *canary) leave() { <-c.turn }

// wants reports whether the canary is to be told before a row of a notice, and
// whether it is the first time.
func (c *canary) wants(id subscriptions.NoticeID, now time.Time) (due, first bool) {
	if c.to.Address.IsZero() {
		return false, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Before(c.free) {
		return false, false
	}
	at, known := c.due[id]
	return !known || !now.Before(at), !known || c.ill
}

// told notes an ending and reports whether it changes what is known of the canary.
func (c *canary) told(id subscriptions.NoticeID, message string, well bool, now time.Time) (news bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.due == nil {
		c.due, c.live = map[subscriptions.NoticeID]time.Time{}, map[subscriptions.NoticeID]string{}
	}
	news = c.ill == well
	c.ill = !well
	c.paused = c.paused && c.ill
	if !well {
		clear(c.due) // every wave waits for it
		return news
	}
	c.due[id], c.live[id] = now.Add(canaryEvery), message
	return news
}

// seen compares what stands in the store with what the canary made of it, and reports
// whether an operator has taken its pause back: then every wave goes on for a while
// without a word from it, also that of a notice which it was never told. A state that
// was read before the pause was written is nobody's word.
func (c *canary) seen(s subscriptions.Lane, now time.Time) (overruled bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !c.ill:
		return false
	case strings.HasPrefix(s.PausedWhy, WhyCanary):
		c.paused = true
		return false
	case !c.paused || !s.PausedUntil.IsZero():
		return false
	}
	c.ill, c.paused, c.free = false, false, now.Add(canaryOverrule)
	return true
}

// stands notes that the pause is in the store: who takes it back from now on means it,
// also before the lane has read it.
func (c *canary) stands() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paused = c.ill
}

func (c *canary) isIll() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ill
}

// canaryFirst tells the canary where it is its turn. Before a wave everybody waits
// for the answer; in the middle of one only the row that asked does. Nil means that
// the row may go.
func (l *lane) canaryFirst(ctx, last context.Context, n *subscriptions.Notice) *subscriptions.Result {
	due, first := l.canary.wants(n.ID, l.clock())
	if !due {
		return nil
	}
	if !l.canary.enter(ctx, first) {
		if first {
			return l.later(0, "stopping")
		}
		return nil
	}
	defer l.canary.leave()
	if due, _ = l.canary.wants(n.ID, l.clock()); !due { // another sender has told it meanwhile
		return nil
	}
	if l.canary.isIll() && l.stoppedFor(l.tenancy.databaseNow(l.clock())) > 0 {
		return l.later(0, "the canary failed") // the lane's pause holds it back, for as long as that lasts
	}
	message, err := l.tellCanary(ctx, last, n)
	var later Later
	switch {
	case err == nil:
		l.canaryWell(last, n, message)
		return nil
	case ctx.Err() != nil:
		return l.later(0, "stopping")
	case errors.As(err, &later):
		if later.Scope == PauseLane {
			l.pause(last, later.After, err)
		}
		return l.later(later.After, "the canary has to wait")
	case is[Halt](err):
		l.halt(last, false, err)
		return l.later(probeHalted, "the lane is halted")
	}
	return l.canaryFailed(last, n, err)
}

// tellCanary sends the notice to the canary, or edits what it has already: an edit
// that changes nothing proves as much, and fills no chat.
func (l *lane) tellCanary(ctx, last context.Context, n *subscriptions.Notice) (message string, err error) {
	made, err := l.cards.of(n, &subscriptions.Delivery{Notice: n.ID, Kind: subscriptions.Channel})
	if err != nil {
		return "", Poison{err}
	}
	m := Message{To: l.canary.to, Silent: true, Kind: n.Kind, Since: n.PublishedAt}
	made.put(&m)
	l.canary.mu.Lock()
	m.Edit = l.canary.live[n.ID]
	l.canary.mu.Unlock()
	for try := 1; ; try++ {
		if err := l.budget.broadcast(ctx); err != nil {
			var paused errPaused
			if errors.As(err, &paused) {
				err = Later{After: paused.left, Scope: PauseMessage, Err: err}
			}
			return "", err
		}
		begun := l.clock()
		receipt, err := l.speak(last, m, begun)
		l.cfg.Metrics.Ended(l.id, "canary_"+rule(facts{row: &subscriptions.Delivery{}, err: err}).name, elapsed(begun, l.clock()))
		switch {
		case err == nil && receipt.Message == "":
			return m.Edit, nil
		case err == nil:
			return receipt.Message, nil
		case is[Uneditable](err):
			m.Edit = ""
			continue
		case is[Later](err), is[Halt](err), is[Never](err), is[Gone](err), is[Poison](err), is[Moved](err), try == canaryTries:
			return "", err
		}
		if !bell(nil).sleep(ctx, canaryBetween) {
			return "", err
		}
	}
}

func (l *lane) canaryWell(last context.Context, n *subscriptions.Notice, message string) {
	if l.canary.told(n.ID, message, true, l.clock()) {
		l.log.Info("the canary is told again: the lane goes on")
		l.setPause(last, time.Time{}, "")
		l.wake.ring()
	}
}

// canaryFailed stops the lane until the canary is told, or an operator resumes it.
func (l *lane) canaryFailed(last context.Context, n *subscriptions.Notice, err error) *subscriptions.Result {
	news, wait := l.canary.told(n.ID, "", false, l.clock()), time.Duration(0)
	until := l.tenancy.databaseNow(l.clock()).Add(canaryAgain)
	if l.stoppedFor(until) <= 0 { // an operator's pause is longer
		l.standing.mu.Lock()
		l.until = until
		l.standing.mu.Unlock()
		if l.setPause(last, until, WhyCanary+reason(err)) {
			l.canary.stands()
		} else {
			wait = canaryAgain // nothing holds the lane but this
		}
	}
	if news {
		l.log.Error("the canary was not told: the wave stops", "notice", n.ID, "key", n.Key, "err", err)
		l.trouble(Trouble{Kind: TroubleCanary, Notice: n.ID, Err: err})
	}
	return l.later(wait, "the canary failed")
}
