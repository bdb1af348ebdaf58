package telegram

import (
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"syscall"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// Refused is what post returns for an answer.
func Refused(code int, text string, retryAfter int, migrateTo int64) error {
	return &refusal{code: code, text: text, retryAfter: retryAfter, migrateTo: migrateTo}
}

// Cut and Unsent are what post returns without one.
func Cut(err error) error    { return &refusal{cut: err} }
func Unsent(err error) error { return &refusal{unsent: err} }

var (
	Classify     = classify
	AppendLine   = appendLine
	Number       = number
	ErrNoReply   = errNoReply
	ErrSame      = errSame
	Named        = named
	ToAnother    = toAnother
	StartPayload = startPayload
	Asked        = asked
	SameSecret   = sameSecret
	CutTo        = cut
	RetryAfter   = retryAfter
)

// RetryAfterOf is the number in an error of Asked; -1 when it is none of ours.
func RetryAfterOf(err error) (code, seconds int, migrateTo int64) {
	r, ok := err.(*refusal)
	if !ok {
		return -1, -1, -1
	}
	return r.code, r.retryAfter, r.migrateTo
}

// Trust makes both clients believe a test server's certificate.
func (c *Channel) Trust(pool *x509.CertPool) {
	for _, client := range []*http.Client{c.client, c.asking} {
		client.Transport.(*http.Transport).TLSClientConfig.RootCAs = pool
	}
}

// LoseConnection makes the next request find nobody.
func (c *Channel) LoseConnection() {
	c.client.CloseIdleConnections()
	c.kept.poster.CloseIdle()
	lost := false
	c.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		if !lost {
			lost = true
			return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
		}
		return usualDial(ctx, network, address)
	}
}

// SentID is the short way to read an answer.
var SentID = sentID

// Hasten shortens the pauses of listening, except what Telegram asks for.
func (e *Ears) Hasten(d time.Duration) *Ears {
	e.waits.idle, e.waits.store, e.waits.token, e.waits.conflict = d, d, d, d
	e.waits.least, e.waits.most, e.waits.profile, e.waits.again = d, d, d, d
	e.intake = e.newIntake()
	return e
}

// Patience sets how long a chat waits for its answer, and an answer for its turn.
func (e *Ears) Patience(prompt, patience time.Duration) {
	e.waits.prompt, e.waits.patience = prompt, patience
}

// Room sets how many answers may wait.
func (e *Ears) Room(n int) { e.answers = notifiers.NewTurns(n) }

// Take and Apply are the two halves of hearing, without a store.
func (e *Ears) Take(raw []byte) (subscriptions.Incoming, error) { return e.incoming(raw) }

func (e *Ears) Apply(ctx context.Context, in subscriptions.Incoming) error {
	return notifiers.Guarded(func() error { return e.apply(ctx, in) })
}

// Handle applies one stored update and marks it.
func (e *Ears) Handle(ctx context.Context, in subscriptions.Incoming) { e.intake.HandleOne(ctx, in) }

// ErrUndecodable is an update that is laid aside at once.
var ErrUndecodable = errUndecodable

// FloodLimit is how much a chat may say in a minute and be answered.
const FloodLimit = notifiers.FloodLimit

// Body is what is sent to chat 5.
func (c *Channel) Body(card wording.Card) ([]byte, error) {
	b, err := c.prepare(card)
	if err != nil {
		return nil, err
	}
	return b.send(notifiers.Message{To: notifiers.Target{Address: address(5)}, ReplyTo: "7", Silent: true}, true), nil
}

// PauseOf is how long a retry_after of so many seconds is obeyed.
func PauseOf(seconds int) time.Duration { return (&refusal{retryAfter: seconds}).pause() }

// RefusalText is what the log tells of an answer.
func RefusalText(code int, text string) string { return (&refusal{code: code, text: text}).Error() }
