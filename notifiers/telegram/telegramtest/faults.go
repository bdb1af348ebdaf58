package telegramtest

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Action is what a Fault does to a request that it meets.
type Action uint8

// The actions. Each first waits Fault.Delay.
const (
	Slow       Action = iota // answers as usual
	TooMany                  // 429 with RetryAfter; expects silence for so long
	Fail                     // Code and Text, by default 500 "Internal Server Error"
	BadGateway               // 502 with a proxy's HTML page
	CutRequest               // resets the connection; nothing was taken
	CutReply                 // takes the message, then resets instead of answering
	Hang                     // never answers; nothing is taken
	HangReply                // takes the message and never answers
)

// Fault describes trouble and the requests that meet it. The zero selection is
// every method that writes into a chat.
type Fault struct {
	Do    Action
	Delay time.Duration // real time

	RetryAfter int  // of TooMany, seconds; default 1
	OneChat    bool // TooMany speaks of the request's chat, not of the whole bot
	Code       int  // of Fail
	Text       string

	Methods []string // as the Bot API spells them; "*" = every method
	Chat    int64    // only requests to this chat
	Every   int      // only each n-th of the requests selected so far
	Times   int      // ends after so many; 0 = until it is cleared
}

type activeFault struct {
	Fault
	methods   map[string]bool
	met, done int
}

type faultList struct {
	any  atomic.Bool // spares the lock while all is well
	mu   sync.Mutex
	list []*activeFault
}

// Inject makes the trouble begin; clear ends it. Of several that apply, delays
// add up and the oldest one with an action other than Slow acts.
func (s *Server) Inject(f Fault) (clear func()) {
	if f.Do == Fail {
		f.Code, f.Text = or(f.Code, 500), or(f.Text, "Internal Server Error")
	}
	f.RetryAfter = max(f.RetryAfter, 1)
	one := &activeFault{Fault: f, methods: map[string]bool{}}
	for _, name := range f.Methods {
		one.methods[strings.ToLower(name)] = true
	}
	l := &s.faults
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, one)
	l.any.Store(true)
	return func() { l.drop(one) }
}

// ClearFaults ends all trouble. Requests that hang already go on hanging.
func (s *Server) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = nil
	s.faults.any.Store(false)
}

func (l *faultList) drop(one *activeFault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var kept []*activeFault
	for _, f := range l.list {
		if f != one {
			kept = append(kept, f)
		}
	}
	l.list = kept
	l.any.Store(len(kept) > 0)
}

// next decides what happens to r.
func (l *faultList) next(r *request) Fault {
	var out Fault
	if !l.any.Load() {
		return out
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.list {
		if out.Do != Slow && f.Do != Slow || !f.meets(r) {
			continue
		}
		delay := out.Delay + f.Delay
		if f.Do != Slow {
			out = f.Fault
		}
		out.Delay = delay
	}
	return out
}

func (f *activeFault) meets(r *request) bool {
	switch {
	case f.Times > 0 && f.done >= f.Times:
		return false
	case len(f.methods) == 0 && !obeysWindows(r.method):
		return false
	case len(f.methods) > 0 && !f.methods["*"] && !f.methods[r.method]:
		return false
	case f.Chat != 0 && f.Chat != r.params.number("chat_id"):
		return false
	}
	f.met++
	if f.Every > 1 && f.met%f.Every != 0 {
		return false
	}
	f.done++
	return true
}

// storm answers 429 for a fault. A request inside the window of an earlier 429
// gets the rest of that one, and is a violation.
func (s *Server) storm(r *request, f Fault) *apiError {
	s.mu.Lock()
	defer s.mu.Unlock()
	chat := r.params.number("chat_id")
	if c, bad := s.findChat(r.params.text("chat_id")); bad == nil {
		chat = c.id
	}
	if bad := s.silence(r, chat); bad != nil {
		return bad
	}
	if f.OneChat {
		return s.openWindow(r, chat, f.RetryAfter)
	}
	return s.openWindow(r, wholeBot, f.RetryAfter)
}
