package webchat

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"arifa/notifiers"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

var (
	errAway      = errors.New("no page of this browser is open")
	errUnheard   = errors.New("the page did not confirm it")
	errPageEnded = errors.New("the page was closed before it confirmed it")
)

// Prepare implements notifiers.Preparer.
func (c *Channel) Prepare(card wording.Card) (any, error) { return bodyOf(card) }

func bodyOf(card wording.Card) ([]byte, error) {
	b, err := json.Marshal(card)
	if err != nil {
		return nil, fmt.Errorf("card: %w", err)
	}
	return b, nil
}

func bodyOfMessage(m notifiers.Message) ([]byte, error) {
	if b, ok := m.Prepared.([]byte); ok {
		return b, nil
	}
	return bodyOf(m.Card)
}

// Preview implements notifiers.Previewer.
func (c *Channel) Preview(card wording.Card, l subscriptions.Language) wording.Preview {
	text := strings.Join(append(append([]string{card.Title}, card.Lines...), card.Footer...), "\n")
	return wording.Preview{Network: "webchat", Language: l, Text: text, Chars: utf8.RuneCountInString(text), Parts: 1}
}

// Send implements notifiers.Channel. An answer of the conversation is accepted when
// it is in the talk, from where the browser fetches it; anything else when the
// browser has confirmed it. Sending the same again finds what is there already, so
// that nothing is shown twice.
func (c *Channel) Send(ctx context.Context, m notifiers.Message) (notifiers.Receipt, error) {
	if err := ctx.Err(); err != nil {
		return notifiers.Receipt{}, err
	}
	body, err := bodyOfMessage(m)
	if err != nil {
		return notifiers.Receipt{}, notifiers.Poison{Err: err}
	}
	how := live
	if m.ID != 0 {
		if how, err = c.reachable(m.To.Address); err != nil {
			return notifiers.Receipt{}, err
		}
	}
	reply, _ := strconv.ParseInt(m.ReplyTo, 10, 64)
	u, err := c.Store.PutUtterance(ctx, subscriptions.Utterance{Address: m.To.Address, Key: keyOf(m.ID, body), Body: body, ReplyTo: reply, Silent: m.Silent, At: c.now()})
	if err != nil {
		return notifiers.Receipt{}, fmt.Errorf("webchat: %w", err)
	}
	return c.confirmed(ctx, m, u, how)
}

// keyOf names what is sent: a delivery may be rendered anew with other services.
func keyOf(id subscriptions.DeliveryID, body []byte) int64 {
	if id == 0 {
		return 0
	}
	sum := sha256.Sum256(append(strconv.AppendInt(nil, int64(id), 10), body...))
	return int64(binary.BigEndian.Uint64(sum[:8])>>1) | 1
}

// Edit implements notifiers.Editor.
func (c *Channel) Edit(ctx context.Context, m notifiers.Message) (notifiers.Receipt, error) {
	if err := ctx.Err(); err != nil {
		return notifiers.Receipt{}, err
	}
	id, err := strconv.ParseInt(m.Edit, 10, 64)
	if err != nil {
		return notifiers.Receipt{}, notifiers.Uneditable{Err: errors.New("no such message")}
	}
	body, err := bodyOfMessage(m)
	if err != nil {
		return notifiers.Receipt{}, notifiers.Poison{Err: err}
	}
	how := live
	if m.ID != 0 {
		if how, err = c.reachable(m.To.Address); err != nil {
			return notifiers.Receipt{}, err
		}
	}
	u, err := c.Store.ReplaceUtterance(ctx, m.To.Address, id, body, c.now())
	switch {
	case errors.Is(err, subscriptions.ErrNotFound):
		return notifiers.Receipt{}, notifiers.Uneditable{Err: errors.New("the message is gone")}
	case err != nil:
		return notifiers.Receipt{}, fmt.Errorf("webchat: %w", err)
	}
	return c.confirmed(ctx, m, u, how)
}

// reachable says why a browser cannot be told now. Where other processes serve
// pages too, it may be open there, and is tried.
func (c *Channel) reachable(a subscriptions.Address) (presence, error) {
	how, since := c.hub.present(a, c.Waits.Poll)
	if how != away || !c.Alone {
		return how, nil
	}
	return how, c.absent(since)
}

func (c *Channel) absent(since time.Time) error {
	if c.Now().Sub(since) >= c.Waits.Gone {
		return notifiers.Gone{Err: errAway}
	}
	return notifiers.Later{After: c.Waits.Again, Scope: notifiers.PauseMessage, Err: errAway}
}

// confirmed waits until the browser has the message.
func (c *Channel) confirmed(ctx context.Context, m notifiers.Message, u subscriptions.Utterance, how presence) (notifiers.Receipt, error) {
	receipt := notifiers.Receipt{Message: strconv.FormatInt(u.ID, 10), At: c.now()}
	if u.Seen {
		return receipt, nil
	}
	seen, stop := c.hub.wait(u.Version)
	defer stop()
	var ended <-chan struct{}
	if how == live {
		ended = c.hub.emptied(m.To.Address)
	}
	c.hub.ring()
	if m.ID == 0 {
		return receipt, nil
	}
	patience := time.NewTimer(c.Waits.Confirm)
	defer patience.Stop()
	select {
	case <-seen:
		return receipt, nil
	case <-ctx.Done():
		return notifiers.Receipt{}, notifiers.Unknown{Err: ctx.Err()}
	case <-ended:
		return c.unconfirmed(ctx, m, u, receipt, notifiers.Unknown{Err: errPageEnded})
	case <-patience.C:
	}
	switch how {
	case polling: // it comes for it; what it has been shown by then is confirmed with the next visit
		return notifiers.Receipt{}, notifiers.Later{After: c.Waits.Poll, Scope: notifiers.PauseMessage, Err: errUnheard}
	case away:
		_, since := c.hub.present(m.To.Address, c.Waits.Poll)
		return c.unconfirmed(ctx, m, u, receipt, c.absent(since))
	}
	c.hub.kick(m.To.Address)
	return c.unconfirmed(ctx, m, u, receipt, notifiers.Later{After: c.Waits.Again, Scope: notifiers.PauseMessage, Err: errUnheard})
}

// unconfirmed takes a message back that no page has confirmed, so that it is not
// shown when it is not true any more. One that was confirmed meanwhile is sent.
func (c *Channel) unconfirmed(ctx context.Context, m notifiers.Message, u subscriptions.Utterance, receipt notifiers.Receipt, outcome error) (notifiers.Receipt, error) {
	if m.Edit != "" { // an edit states the whole present: it stays
		return notifiers.Receipt{}, outcome
	}
	dropped, err := c.Store.DropUtterance(context.WithoutCancel(ctx), m.To.Address, u.ID)
	if err == nil && !dropped {
		return receipt, nil
	}
	return notifiers.Receipt{}, outcome
}
