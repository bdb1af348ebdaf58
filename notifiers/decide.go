package notifiers

import (
	"errors"
	"time"

	"arifa/subscriptions"
)

// maxAttempts is how often one delivery is tried while its lane works. Trouble
// of a whole lane is not counted, so a long outage of a network fails nobody.
const maxAttempts = 8

// facts are what one ruling is made of: everything that is known of a request
// that has ended.
type facts struct {
	row     *subscriptions.Delivery // never nil
	kind    subscriptions.Kind
	receipt Receipt
	err     error
	absent  bool // the network could be asked and said that nothing arrived
	counted bool // failures count: the lane itself is not in trouble
	now     time.Time
	jitter  float64 // 0 ≤ jitter < 1
}

// ruling is what follows from an ended request.
type ruling struct {
	name      string // of the outcome, for metrics
	result    subscriptions.Result
	asNew     bool // the edit becomes a new message, at once
	pauseChat time.Duration
	pauseLane time.Duration
	halt      bool
	poison    bool
	trouble   bool // the network gave no proper answer: the breaker counts it
}

// rule decides what becomes of a delivery: pure. What may have arrived before is
// never failed but unknown, so that its reader gets the end.
func rule(f facts) ruling {
	r := f.judge()
	if f.row.Repeat && !f.absent && !r.result.Gone && r.result.State == subscriptions.Failed {
		r.result.State = subscriptions.Unknown
	}
	return r
}

func (f *facts) judge() ruling {
	res := subscriptions.Result{ID: f.row.ID, At: f.now, Counted: true}
	if f.err == nil {
		res.State, res.Message = subscriptions.Sent, f.receipt.Message
		if res.Message == "" {
			res.Message = f.row.Edit
		}
		return ruling{name: "sent", result: res}
	}
	res.Reason = reason(f.err)
	var (
		later      Later
		moved      Moved
		uneditable Uneditable
	)
	switch {
	case errors.As(f.err, &later):
		return f.later(res, later)
	case errors.As(f.err, &moved):
		return f.moved(res, moved)
	case errors.As(f.err, &uneditable):
		return ruling{name: "uneditable", result: res, asNew: true}
	case is[Gone](f.err):
		res.State, res.Gone = subscriptions.Failed, true
		return ruling{name: "gone", result: res}
	case is[Never](f.err):
		res.State = subscriptions.Failed
		return ruling{name: "never", result: res}
	case is[Poison](f.err):
		res.State = subscriptions.Failed
		return ruling{name: "poison", result: res, poison: true}
	case is[Halt](f.err):
		res.State, res.NextAt, res.Counted = subscriptions.Pending, f.now, false
		return ruling{name: "halt", result: res, halt: true}
	case is[Unknown](f.err) && !f.absent:
		return f.unknown(res)
	}
	return f.again(res)
}

func (f *facts) later(res subscriptions.Result, l Later) ruling {
	res.State, res.NextAt, res.Counted = subscriptions.Pending, f.now.Add(l.After), false
	r := ruling{name: "later", result: res}
	switch l.Scope {
	case PauseLane:
		r.pauseLane = l.After
	case PauseChat:
		r.pauseChat = l.After
	}
	return r
}

// moved counts as an attempt, so that two addresses that name each other end.
func (f *facts) moved(res subscriptions.Result, m Moved) ruling {
	res.State, res.NextAt, res.MovedTo = subscriptions.Pending, f.now, m.To
	if m.To.IsZero() || f.row.Attempt >= maxAttempts {
		res.State, res.NextAt = subscriptions.Failed, time.Time{}
	}
	return ruling{name: "moved", result: res}
}

// unknown asks for another attempt, and lets the store remember that this one may
// have arrived: who may have been told gets the end. Kinds that are not sent
// again stay unknown.
func (f *facts) unknown(res subscriptions.Result) ruling {
	res.State, res.Counted = subscriptions.Unknown, f.counted
	if f.kind.Resend() && !f.spent() {
		res.NextAt = f.now.Add(f.backoff())
	}
	return ruling{name: "unknown", result: res, trouble: true}
}

// again puts the row back, or fails it when it was tried often enough.
func (f *facts) again(res subscriptions.Result) ruling {
	res.State, res.NextAt, res.Counted = subscriptions.Pending, f.now.Add(f.backoff()), f.counted
	if f.spent() {
		res.State, res.NextAt = subscriptions.Failed, time.Time{}
	}
	return ruling{name: "again", result: res, trouble: true}
}

func (f *facts) spent() bool { return f.counted && f.row.Attempt >= maxAttempts }

func (f *facts) backoff() time.Duration { return backoff(f.row.Attempt, f.jitter) }

const (
	firstBackoff = 2 * time.Second
	maxBackoff   = 10 * time.Minute
)

// backoff is the wait after attempt (1 = the first): exponential with full
// jitter. The eight attempts span a quarter of an hour on average.
func backoff(attempt int, jitter float64) time.Duration {
	most := maxBackoff
	if attempt < 6 {
		most = min(maxBackoff, firstBackoff<<(2*max(0, attempt-1)))
	}
	return (time.Duration(jitter * float64(most))).Truncate(time.Millisecond)
}

// is reports whether err is or wraps an outcome of type E.
func is[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

// maxReason is the most bytes of a reason that a row keeps.
const maxReason = 200

// reason is an error as a row keeps it. Channels promise that it holds nothing of
// a citizen.
func reason(err error) string {
	s := err.Error()
	if len(s) <= maxReason {
		return s
	}
	cut := maxReason
	for cut > 0 && s[cut]&0xC0 == 0x80 { // never inside a letter
		cut--
	}
	return s[:cut]
}
