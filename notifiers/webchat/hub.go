package webchat

import (
	"sync"
	"time"

	"arifa/subscriptions"
)

// hub knows which browsers are open here, and who waits for a confirmation.
type hub struct {
	now   func() time.Time
	start time.Time
	rings chan struct{}

	mu     sync.Mutex
	rooms  map[subscriptions.Address]*room
	waits  map[int64]chan struct{} // by version: closed when it is confirmed
	seen   map[int64]bool          // versions that were confirmed lately
	old    map[int64]bool          // … and before that
	open   int
	most   int            // open at once
	of     map[string]int // open of one client
	closed bool
}

// room is one browser: its open pages.
type room struct {
	streams map[*stream]bool
	polled  time.Time // when a page without a script came last
	left    time.Time // when the last stream ended
}

// stream is one open page.
type stream struct {
	from string // its client, as limits count them
	out  chan subscriptions.Utterance
	gone chan struct{} // closed when the page is not to be served any more
	once sync.Once
}

func (s *stream) end() { s.once.Do(func() { close(s.gone) }) }

// Bounds of what is kept in memory.
const (
	mostStreams  = 5000 // open at once
	mostPages    = 5    // of one browser
	streamBuffer = 64
	mostRooms    = 100_000
	mostSeen     = 20_000
)

func newHub(now func() time.Time) *hub {
	return &hub{now: now, start: now(), rings: make(chan struct{}, 1), rooms: map[subscriptions.Address]*room{}, most: mostStreams, of: map[string]int{}, waits: map[int64]chan struct{}{},
		seen: map[int64]bool{}, old: map[int64]bool{}}
}

// ring wakes the tail: something was put.
func (h *hub) ring() {
	select {
	case h.rings <- struct{}{}:
	default:
	}
}

func (h *hub) room(a subscriptions.Address) *room {
	r := h.rooms[a]
	if r == nil {
		if len(h.rooms) >= mostRooms {
			for old, v := range h.rooms { // whoever is not open is forgotten
				if len(v.streams) == 0 {
					delete(h.rooms, old)
				}
			}
		}
		r = &room{streams: map[*stream]bool{}}
		h.rooms[a] = r
	}
	return r
}

// join opens a page; nil when there are too many. Of one browser the others end. When
// no page is left, who has the most gives one up for who has few: a single machine with
// thousands of cookies would else keep everybody out.
func (h *hub) join(a subscriptions.Address, from string) *stream {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil
	}
	r := h.room(a)
	for s := range r.streams {
		if len(r.streams) < mostPages {
			break
		}
		h.drop(r, s)
	}
	if h.open >= h.most && !h.makeRoom(from) {
		return nil
	}
	s := &stream{from: from, out: make(chan subscriptions.Utterance, streamBuffer), gone: make(chan struct{})}
	r.streams[s] = true
	h.open++
	h.of[from]++
	return s
}

// makeRoom ends a page of the client with the most, unless the one who asks would have
// as many then.
func (h *hub) makeRoom(from string) bool {
	largest := ""
	for client, n := range h.of {
		if n > h.of[largest] {
			largest = client
		}
	}
	if h.of[largest] <= h.of[from]+1 {
		return false
	}
	for _, r := range h.rooms {
		for s := range r.streams {
			if s.from == largest {
				h.drop(r, s)
				return true
			}
		}
	}
	return false
}

func (h *hub) drop(r *room, s *stream) {
	if r.streams[s] {
		delete(r.streams, s)
		h.open--
		if h.of[s.from]--; h.of[s.from] <= 0 {
			delete(h.of, s.from)
		}
		r.left = h.now()
		s.end()
	}
}

func (h *hub) leave(a subscriptions.Address, s *stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drop(h.room(a), s)
}

// poll notes that a page without a script came.
func (h *hub) poll(a subscriptions.Address) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.room(a).polled = h.now()
}

// presence of a browser here.
type presence int

const (
	away    presence = iota
	polling          // a page without a script comes now and then
	live             // a stream is open
)

// present tells whether a browser is open here, and since when it is not.
func (h *hub) present(a subscriptions.Address, poll time.Duration) (presence, time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms[a]
	switch {
	case r == nil:
		return away, h.start
	case len(r.streams) > 0:
		return live, time.Time{}
	case h.now().Sub(r.polled) < 3*poll:
		return polling, time.Time{}
	}
	last := h.start
	for _, t := range []time.Time{r.polled, r.left} {
		if t.After(last) {
			last = t
		}
	}
	return away, last
}

// tell passes a change on: to the pages of its browser, or to who waits for its
// confirmation. A page that does not keep up ends, and begins anew with what it
// missed.
func (h *hub) tell(u subscriptions.Utterance) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if u.Seen {
		h.remember(u.Version)
		if w, ok := h.waits[u.Version]; ok {
			delete(h.waits, u.Version)
			close(w)
		}
		return
	}
	r := h.rooms[u.Address]
	if r == nil {
		return
	}
	for s := range r.streams {
		select {
		case s.out <- u:
		default:
			h.drop(r, s)
		}
	}
}

// remember keeps confirmed versions for a while: one may be confirmed before its
// sender has begun to wait.
func (h *hub) remember(version int64) {
	if len(h.seen) >= mostSeen {
		h.old, h.seen = h.seen, map[int64]bool{}
	}
	h.seen[version] = true
}

// wait returns what closes when a version is confirmed.
func (h *hub) wait(version int64) (<-chan struct{}, func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	done := make(chan struct{})
	if h.seen[version] || h.old[version] {
		close(done)
		return done, func() {}
	}
	h.waits[version] = done
	return done, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.waits[version] == done {
			delete(h.waits, version)
		}
	}
}

// emptied returns what closes when the browser has no stream left; nil where it has
// none now.
func (h *hub) emptied(a subscriptions.Address) <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms[a]
	if r == nil || len(r.streams) != 1 {
		return nil
	}
	for s := range r.streams {
		return s.gone
	}
	return nil
}

// kick ends the pages of a browser that do not answer.
func (h *hub) kick(a subscriptions.Address) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r := h.rooms[a]; r != nil {
		for s := range r.streams {
			h.drop(r, s)
		}
	}
}

// close ends every page.
func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for _, r := range h.rooms {
		for s := range r.streams {
			h.drop(r, s)
		}
	}
}
