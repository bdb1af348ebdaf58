package notifiers

import (
	"math"
	"time"
)

// slack is how late a message may be sent, because no timer is finer, without its
// lateness being lost; exactIn is the shortest window in which not one message too
// many goes all the same. Their ratio is what the pace stays below the budget.
const (
	slack   = 5 * time.Millisecond
	exactIn = time.Second
)

// tempo gives out places in time, evenly: in no window of exactIn or longer are there
// more than its pace allows. It is a leaky bucket kept as one time (GCRA).
type tempo struct {
	each time.Duration // between two places
	next time.Time     // the next place, if nobody is late
}

func newTempo(perSecond float64) *tempo {
	t := &tempo{}
	t.set(perSecond, time.Time{})
	return t
}

// set changes the pace from now on. What was saved up under the old one is not used
// under the new.
func (t *tempo) set(perSecond float64, now time.Time) {
	before := t.each
	t.each = time.Duration(math.Ceil(float64(time.Second) / perSecond * (1 + float64(slack)/float64(exactIn))))
	if before == 0 {
		return
	}
	if t.next.Before(now) {
		t.next = now
	}
	if late := now.Add(t.each); t.next.After(late) { // a slow pace does not outlast its change
		t.next = late
	}
}

// wait is how long from now until the next place.
func (t *tempo) wait(now time.Time) time.Duration { return t.next.Add(-slack).Sub(now) }

// take takes a place, if there is one now.
func (t *tempo) take(now time.Time) bool {
	if t.wait(now) > 0 {
		return false
	}
	if t.next.Before(now) {
		t.next = now
	}
	t.next = t.next.Add(t.each)
	return true
}
