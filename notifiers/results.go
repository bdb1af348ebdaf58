package notifiers

import (
	"sync"
	"time"

	"arifa/subscriptions"
)

// results are what the senders hand to the recorder. It is woken once for each batch,
// not for each result: waking somebody costs as much as much of what a sender does.
type results struct {
	mu   sync.Mutex
	list []subscriptions.Result

	some bell // there is a first one
	many bell // there are as many as are worth a write
	over chan struct{}
}

func newResults() *results {
	return &results{some: newBell(), many: newBell(), over: make(chan struct{})}
}

// add hands one over; worth is how many are worth a write now.
func (r *results) add(one subscriptions.Result, worth int) {
	r.mu.Lock()
	r.list = append(r.list, one)
	n := len(r.list)
	r.mu.Unlock()
	if n == 1 {
		r.some.ring()
	}
	if n >= worth {
		r.many.ring()
	}
}

// end says that no more will come.
func (r *results) end() { close(r.over) }

// wait returns when there is a batch: as many as are worth a write, or what came within
// recordAfter of the first. False means that there is none and that none will come.
func (r *results) wait(worth func() int) bool {
	select {
	case <-r.some:
	case <-r.over:
		return r.len() > 0
	}
	t := time.NewTimer(recordAfter)
	defer t.Stop()
	for n := r.len(); n < worth(); n = r.len() {
		select {
		case <-r.many: // it may be of a batch that was taken already
		case <-t.C:
			return true
		case <-r.over:
			return n > 0 // or the first was taken at the end already
		}
	}
	return true
}

func (r *results) len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.list)
}

// take returns what is there, and fills room from now on.
func (r *results) take(room []subscriptions.Result) []subscriptions.Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.list
	r.list = room
	return out
}
