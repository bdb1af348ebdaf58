package slack

import (
	"context"
	"net"
	"net/http"
	"syscall"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// Refused, Cut, Unsent and Limited are what a call returns that was not ok.
func Refused(code string, status int) error {
	return &refusal{method: "chat.postMessage", code: code, status: status}
}
func Cut(err error) error    { return &refusal{method: "chat.postMessage", cut: err} }
func Unsent(err error) error { return &refusal{method: "chat.postMessage", unsent: err} }
func Limited(method string, after time.Duration) error {
	return &refusal{method: method, after: after, status: 429}
}

// What a call was for.
const (
	Posting  = posting
	Replying = replying
	Editing  = editing
)

var (
	Classify    = classify
	ErrNoThread = errNoThread
	ErrNoBlocks = errNoBlocks
)

// LoseConnection makes the next request find nobody.
func (c *Channel) LoseConnection() {
	t := c.wire.client.Transport.(*http.Transport)
	t.CloseIdleConnections()
	dial, lost := t.DialContext, false
	t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if !lost {
			lost = true
			return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
		}
		return dial(ctx, network, address)
	}
}

// Impatient sets the timeout of one call, and returns the one that it had.
func (c *Channel) Impatient(d time.Duration) (had time.Duration) {
	had, c.wire.client.Timeout = c.wire.client.Timeout, d
	return had
}

// Pacer is the pace of methods on a clock.
type Pacer struct{ *pacer }

func NewPacer(clock func() time.Time) Pacer         { return Pacer{newPacer(clock)} }
func (p Pacer) Take(method string) time.Duration    { return p.take(method) }
func (p Pacer) Hush(method string, d time.Duration) { p.hush(method, d) }
func BlocksOf(card wording.Card) (blocks int, words string, err error) {
	b, err := prepare(card)
	if err != nil {
		return 0, "", err
	}
	return len(b.blocks), b.words, nil
}

// Hasten shortens the pauses of listening, except what Slack asks for.
func (e *Ears) Hasten(d time.Duration) *Ears {
	e.pauses.idle, e.pauses.store, e.pauses.token, e.pauses.most, e.pauses.second, e.pauses.again = d, d, d, d, d, d
	e.intake = e.newIntake()
	return e
}

// Storing sets how long a thing may take to be stored; Silence after how long
// without a ping a socket is dead.
func (e *Ears) Storing(d time.Duration) *Ears { e.pauses.storing = d; return e }
func (e *Ears) Silence(d time.Duration) *Ears { e.pauses.silence = d; return e }

// Take is what the receiver does with one thing; it reports whether it is
// acknowledged, and with what.
func (e *Ears) Take(ctx context.Context, kind string, payload []byte) (bool, any) {
	t := e.take(ctx, kind, payload)
	return t.ok, t.answer
}

// Apply handles one stored thing.
func (e *Ears) Apply(ctx context.Context, in subscriptions.Incoming) error {
	return notifiers.Guarded(func() error { return e.apply(ctx, in) })
}

var (
	Typed          = typed
	ErrUndecodable = errUndecodable
)

// IDOf is the inbox's number of a thing.
func IDOf(kind string, payload []byte) int64 { return read(kind, payload).id(payload) }

// Slashless is a line of the conversation as Slack's face says it.
func Slashless(line string) string { return slashless(wording.Card{Title: line}).Title }

// Settle waits until nothing of what was received is under way.
func (e *Ears) Settle() {
	e.taking.Wait()
	e.answers.Wait()
}
