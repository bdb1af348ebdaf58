package notifiers

import (
	"context"
	"time"

	"arifa/subscriptions"
)

// Leaver is a conversation that can let somebody leave before their turn has come.
type Leaver interface {
	// Stops reports whether a whole message says STOP, in any language.
	Stops(text string) bool
	// Leave ends everything that the chat follows. It answers nothing.
	Leave(ctx context.Context, lane subscriptions.LaneID, a subscriptions.Address, now time.Time) error
}

const (
	// aheadAfter is how long somebody's own turn is waited for first.
	aheadAfter = 300 * time.Millisecond
	// aheadAtOnce bounds who may leave ahead at once; the others leave in their turn.
	aheadAtOnce = 256
	// longestStop is the longest update that can say nothing but STOP, in bytes.
	longestStop = 4 << 10
)

// Stored says that updates were stored, and how many of them were fresh. Who says STOP
// leaves ahead of the others, however many wait to be answered: leaving holds within a
// second, whoever else is talking. The message itself is heard and answered in its turn,
// which is harmless: leaving twice is leaving.
//
// What a network tells a second time lets nobody leave ahead: minutes later, or on
// another replica, its STOP may be over, and the person may follow again.
func (i *Intake) Stored(ctx context.Context, fresh int, stored ...subscriptions.Incoming) {
	i.Nudge()
	if i.Leaver == nil || i.Whole == nil || fresh < len(stored) {
		return
	}
	for _, in := range stored {
		if len(in.Body) > longestStop {
			continue
		}
		text, who, private := i.Whole(in)
		if !private || !i.Leaver.Stops(text) {
			continue
		}
		select {
		case i.hurry <- struct{}{}:
		default:
			continue
		}
		i.leavesAhead(context.WithoutCancel(ctx), in, who)
	}
}

// leavesAhead begins it; the place is given back when it is done.
func (i *Intake) leavesAhead(ctx context.Context, in subscriptions.Incoming, who subscriptions.Address) {
	i.gate.Lock()
	defer i.gate.Unlock()
	if i.closed { // it stays stored, and is heard after the next start
		<-i.hurry
		return
	}
	i.leaving.Go(func() {
		defer func() { <-i.hurry }()
		i.leaveAhead(ctx, in, who)
	})
}

// allLeft lets nobody begin any more and waits for who did.
func (i *Intake) allLeft() {
	i.gate.Lock()
	i.closed = true
	i.gate.Unlock()
	i.leaving.Wait()
}

func (i *Intake) leaveAhead(ctx context.Context, in subscriptions.Incoming, who subscriptions.Address) {
	bell(nil).sleep(ctx, aheadAfter)
	if i.begun(in.ID) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, storeLimit)
	defer cancel()
	if err := i.Leaver.Leave(ctx, in.Lane, who, i.Now()); err != nil {
		i.Log.Warn("somebody could not leave ahead of the others; they leave in their turn", "error", err)
	}
}
