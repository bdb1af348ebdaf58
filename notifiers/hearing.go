package notifiers

import (
	"sync"
	"time"

	"arifa/subscriptions"
)

// FloodLimit is how many things one chat may say in a minute and be answered. A
// person with one thumb does not reach it.
const FloodLimit = 40

const floodWindow = time.Minute

// Flood keeps one chat from taking the others' replies. It is bounded: a full
// memory is forgotten whole.
type Flood struct {
	mu   sync.Mutex
	seen map[subscriptions.Address]*spell
}

type spell struct {
	since time.Time
	n     int
}

// Over counts one more and reports whether the chat says too much. Time is when
// the update was stored.
func (f *Flood) Over(chat subscriptions.Address, at time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	w := f.seen[chat]
	if w == nil || at.Sub(w.since) >= floodWindow {
		if f.seen == nil || len(f.seen) >= 50_000 {
			f.seen = map[subscriptions.Address]*spell{}
		}
		w = &spell{since: at}
		f.seen[chat] = w
	}
	w.n++
	return w.n > FloodLimit
}

// Deafness is since when nothing is heard of a network.
type Deafness struct {
	mu   sync.Mutex
	from time.Time
}

// Since notes that nothing is heard now; Over that it is heard again.
func (d *Deafness) Since(now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.from.IsZero() {
		d.from = now
	}
}

// Over notes that the network is heard.
func (d *Deafness) Over() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.from = time.Time{}
}

// Lasts is how long nothing was heard without a break; zero while it is.
func (d *Deafness) Lasts(now time.Time) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.from.IsZero() {
		return 0
	}
	return max(now.Sub(d.from), time.Millisecond)
}
