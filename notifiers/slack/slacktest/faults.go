package slacktest

import (
	"slices"
	"sync"
	"time"
)

// Action is what a Fault does to a request that it meets.
type Action uint8

// The actions. Each first waits Fault.Delay.
const (
	Slow       Action = iota // answers as usual
	TooMany                  // 429 with Retry-After, for the whole method
	BareLimit                // 429 without a Retry-After header
	Fail                     // {"ok":false,"error":Code}; default "internal_error"
	ServerDown               // 503 with Slack's HTML page
	BadGateway               // 502 with a proxy's HTML page
	CutRequest               // resets the connection; nothing was taken
	CutReply                 // takes the request, then resets instead of answering
	Hang                     // never answers; nothing is taken
	HangReply                // takes the request and never answers
	FailReply                // takes the request, then says Code all the same
	SlowReply                // takes the request at once, and answers after Delay
)

// Fault describes trouble and the requests that meet it. The zero selection is
// chat.postMessage and chat.update.
type Fault struct {
	Do    Action
	Delay time.Duration // real time

	RetryAfter int    // of TooMany, seconds; default 1
	Code       string // of Fail

	Methods []string // as Slack spells them; "*" = every method
	Channel string   // only requests for this channel
	Every   int      // only each n-th of the requests selected so far
	Times   int      // ends after so many; 0 = until it is cleared
}

type activeFault struct {
	Fault
	met, done int
}

type faultList struct {
	mu   sync.Mutex
	list []*activeFault
}

// Inject makes the trouble begin; clear ends it. Of several that apply, delays
// add up and the oldest one with an action other than Slow acts.
func (s *Server) Inject(f Fault) (clear func()) {
	f.Code, f.RetryAfter = or(f.Code, "internal_error"), max(f.RetryAfter, 1)
	if len(f.Methods) == 0 {
		f.Methods = []string{"chat.postMessage", "chat.update"}
	}
	one := &activeFault{Fault: f}
	l := &s.faults
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, one)
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.list = slices.DeleteFunc(slices.Clone(l.list), func(f *activeFault) bool { return f == one })
	}
}

// ClearFaults ends all trouble. Requests that hang already go on hanging.
func (s *Server) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = nil
}

// next decides what happens to r.
func (l *faultList) next(r *request) Fault {
	var out Fault
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
	case f.Times > 0 && f.done >= f.Times,
		!slices.Contains(f.Methods, "*") && !slices.Contains(f.Methods, r.method),
		f.Channel != "" && f.Channel != r.text("channel"):
		return false
	}
	f.met++
	if f.Every > 1 && f.met%f.Every != 0 {
		return false
	}
	f.done++
	return true
}
