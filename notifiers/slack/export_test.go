package slack

import (
	"context"
	"net"
	"net/http"
	"syscall"
	"time"

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

// Impatient sets the timeout of one call.
func (c *Channel) Impatient(d time.Duration) { c.wire.client.Timeout = d }

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
