package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	lib "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"arifa/notifiers"
)

// socketLimit bounds one frame; slack-go reads frames of any length. takers is how
// many things are stored at once: while the store is slow the socket is still read,
// because who does not read does not answer pings, and is cut off.
const (
	socketLimit = 1 << 20
	takers      = 64
)

// listen keeps one socket open until ctx ends. slack-go connects again by itself,
// but gives up on a refused token, and waits up to five minutes between tries: then
// it is begun anew.
func (e *Ears) listen(ctx context.Context, number int) {
	if !pause(ctx, time.Duration(number)*e.pauses.second) {
		return
	}
	e.up.set(number, false, e)
	defer e.up.set(number, false, nil)
	for ctx.Err() == nil {
		err := e.connect(ctx, number)
		e.up.set(number, false, e)
		wait := e.pauses.most
		switch {
		case ctx.Err() != nil:
			return
		case isHalt(err):
			wait = e.pauses.token
			e.log.Error("slack refuses the app token: set SLACK_APP_TOKEN to a present one with connections:write", "error", err)
			e.trouble(notifiers.TroubleHalted, err)
		default:
			e.log.Warn("the socket is opened anew", "error", err)
		}
		pause(ctx, wait)
	}
}

// errSlow: the library would wait too long before it tries again.
var errSlow = errors.New("slack: the next try of the library is too far away")

// isHalt reports whether only an operator can mend it.
func isHalt(err error) bool {
	var r *refusal
	var halt notifiers.Halt
	return errors.As(err, &r) && errors.As(classify(r, posting), &halt)
}

// ofSocket is an error of a socket without the address, which holds a ticket.
func ofSocket(err error) error {
	var r *refusal
	var op *net.OpError
	var closed *websocket.CloseError
	switch {
	case err == nil, errors.As(err, &r):
		return err
	case errors.As(err, &op):
		return op
	case errors.As(err, &closed):
		return closed
	}
	return fmt.Errorf("slack: the socket ended with %T", err)
}

// connect runs one client of slack-go until it gives up.
func (e *Ears) connect(ctx context.Context, number int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	client := socketmode.New(e.channel.api, socketmode.OptionReadLimit(socketLimit), socketmode.OptionPingInterval(e.pauses.silence),
		socketmode.OptionLog(log.New(io.Discard, "", 0)))
	ended := make(chan struct{})
	var consuming sync.WaitGroup
	consuming.Go(func() {
		places := make(chan struct{}, takers)
		for {
			select {
			case <-ended:
				return
			case evt := <-client.Events:
				e.happened(ctx, cancel, client, number, evt, places)
			}
		}
	})
	err := notifiers.Guarded(func() error { return client.RunContext(ctx) })
	close(ended)
	consuming.Wait()
	if cause := context.Cause(ctx); errors.Is(cause, errSlow) || isHalt(cause) {
		return cause
	}
	return ofSocket(err)
}

func (e *Ears) happened(ctx context.Context, cancel context.CancelCauseFunc, client *socketmode.Client, number int, evt socketmode.Event, places chan struct{}) {
	switch evt.Type {
	case socketmode.EventTypeConnected:
		e.up.set(number, true, e)
	case socketmode.EventTypeConnecting:
		e.up.set(number, false, e)
	case socketmode.EventTypeConnectionError:
		failed, ok := evt.Data.(*lib.ConnectionErrorEvent)
		if !ok {
			return
		}
		err := ofSocket(failed.ErrorObj)
		e.log.Warn("slack is not reached", "attempt", failed.Attempt, "error", err)
		switch {
		case isHalt(err): // the library knows a refused token only by its own words
			cancel(err)
		case failed.Backoff > e.pauses.most:
			cancel(errSlow)
		}
	case socketmode.EventTypeEventsAPI, socketmode.EventTypeInteractive, socketmode.EventTypeSlashCommand:
		e.receive(ctx, client, evt.Request, places)
	case socketmode.EventTypeErrorBadMessage:
		// The library refuses what its models do not know; ours reads an id and a
		// chat, and what cannot be read further is laid aside for an operator.
		var r socketmode.Request
		if bad, ok := evt.Data.(*socketmode.ErrorBadMessage); ok && json.Unmarshal(bad.Message, &r) == nil && r.EnvelopeID != "" {
			e.receive(ctx, client, &r, places)
		}
	}
}

// receive stores and acknowledges beside the reading, in order within each chat.
func (e *Ears) receive(ctx context.Context, client *socketmode.Client, r *socketmode.Request, places chan struct{}) {
	if r == nil {
		return
	}
	if r.RetryAttempt > 0 {
		e.log.Info("slack tells something again", "attempt", r.RetryAttempt, "reason", codeOnly(r.RetryReason))
	}
	before, through := e.chains.join(read(r.Type, r.Payload).chat())
	places <- struct{}{}
	e.taking.Go(func() {
		defer func() { <-places }()
		defer through()
		<-before
		t := e.take(ctx, r.Type, r.Payload)
		if !t.ok {
			return
		}
		ack, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		// A lost acknowledgement is harmless: told again, it is known.
		if err := client.AckCtx(ack, r.EnvelopeID, t.answer); err != nil {
			e.log.Warn("not acknowledged", "error", bare(err))
		}
	})
}

// links knows which sockets are open, and with them whether anything is heard.
type links struct {
	mu   sync.Mutex
	open map[int]bool
}

// set notes one socket; with e nil it is given up for good.
func (l *links) set(number int, open bool, e *Ears) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open == nil {
		l.open = map[int]bool{}
	}
	if l.open[number] = open; !open {
		delete(l.open, number)
	}
	switch {
	case e == nil:
	case len(l.open) > 0:
		e.deaf.Over()
	default:
		e.deaf.Since(e.now())
	}
}
