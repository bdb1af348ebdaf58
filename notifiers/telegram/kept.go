package telegram

import (
	"context"
	"errors"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"arifa/notifiers"
	"arifa/notifiers/poster"
)

type dial = func(ctx context.Context, network, address string) (net.Conn, error)

var usualDial dial = (&net.Dialer{Timeout: RequestTimeout, KeepAlive: 30 * time.Second}).DialContext

// kept speaks to many over connections that stay open. Where the Bot API can only
// be reached in another way, it is net/http's.
type kept struct {
	poster *poster.Poster
	unfit  atomic.Bool
	heads  sync.Pool // of *[]byte
}

// keep sets up the broadcast's own connections, where they can be used at all.
func (c *Channel) keep(cfg Config) {
	p, err := poster.New(poster.Config{Base: cfg.API, Connections: cfg.Connections, Timeout: RequestTimeout, Limit: answerLimit,
		Dial: func(ctx context.Context, n, a string) (net.Conn, error) { return c.dial(ctx, n, a) }})
	if err != nil {
		c.log.Debug("broadcasts go through net/http", "err", err)
		return
	}
	c.kept = &kept{poster: p, heads: sync.Pool{New: func() any { b := make([]byte, 0, 160); return &b }}}
}

// sendKept sends a prepared card; done is false where it has to go another way, and
// nothing was sent.
func (c *Channel) sendKept(ctx context.Context, b *body, m notifiers.Message) (id string, done bool, err error) {
	for _, reply := range []bool{true, false} {
		id, done, err = c.postKept(ctx, b, m, reply)
		if !errors.Is(err, errNoReply) {
			break
		}
	}
	return id, done, err
}

func (c *Channel) postKept(ctx context.Context, b *body, m notifiers.Message, reply bool) (id string, done bool, err error) {
	if c.kept == nil || c.kept.unfit.Load() {
		return "", false, nil
	}
	head := c.kept.heads.Get().(*[]byte)
	*head = b.head((*head)[:0], m, reply)
	a, err := c.kept.poster.Post(ctx, c.key.Load().send, *head, b.tail)
	c.kept.heads.Put(head)
	if err != nil {
		return "", !c.unfit(err), classify(lost(err))
	}
	defer a.Done()
	if n := sentID(a.Body); n > 0 && a.Status == 200 {
		return itoa(n), true, nil
	}
	result, err := decode(a.Body, a.Status, a.RetryAfter)
	if err != nil {
		return "", true, classify(c.answered(err))
	}
	r, err := c.receipt(result)
	return r.Message, true, err
}

// editKept is to sendKept as Edit is to Send.
func (c *Channel) editKept(ctx context.Context, b *body, m notifiers.Message) (done bool, err error) {
	if c.kept == nil || c.kept.unfit.Load() {
		return false, nil
	}
	head := c.kept.heads.Get().(*[]byte)
	*head = b.editHead((*head)[:0], m)
	a, err := c.kept.poster.Post(ctx, c.key.Load().edit, *head, b.tail)
	c.kept.heads.Put(head)
	if err != nil {
		return !c.unfit(err), classify(lost(err))
	}
	defer a.Done()
	_, err = decode(a.Body, a.Status, a.RetryAfter)
	if err = classify(c.answered(err)); errors.Is(err, errSame) {
		err = nil
	}
	return true, err
}

// unfit notes that these connections are not for this server.
func (c *Channel) unfit(err error) bool {
	if !errors.Is(err, poster.ErrUnfit) {
		return false
	}
	if !c.kept.unfit.Swap(true) {
		c.log.Info("the Bot API is not reached over plain connections: broadcasts go through net/http", "err", err)
	}
	return true
}

// lost says how far a request came.
func lost(err error) error {
	var not poster.NotSent
	if errors.As(err, &not) {
		return &refusal{unsent: not.Err}
	}
	return &refusal{cut: err}
}

const sentBegins = `{"ok":true,"result":{"message_id":`

// sentID reads the message's id where the answer begins as Telegram's do; 0 where it
// has to be read in full. Nothing behind the id can change what it says.
func sentID(body []byte) int64 {
	if len(body) <= len(sentBegins) || string(body[:len(sentBegins)]) != sentBegins || body[len(body)-1] != '}' {
		return 0
	}
	rest := body[len(sentBegins):]
	n := 0
	for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
		n++
	}
	if n == 0 || n == len(rest) || rest[n] != ',' && rest[n] != '}' || rest[0] == '0' {
		return 0
	}
	id, err := strconv.ParseInt(string(rest[:n]), 10, 64)
	if err != nil {
		return 0
	}
	return id
}
