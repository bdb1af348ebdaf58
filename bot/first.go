package bot

import (
	"context"
	"errors"
	"time"

	"arifa/subscriptions"
)

// GoesFirst reports whether a whole message is a wish that goes before everything
// that was asked, by whomever: STOP, HELP, the language, to be forgotten.
func (c *Conversation) GoesFirst(text string) bool {
	_, first := c.vocabulary.before(clip(text))
	return first
}

// Stops reports whether a whole message says STOP, in any language and state.
func (c *Conversation) Stops(text string) bool {
	w, first := c.vocabulary.before(clip(text))
	return first && w.act == actStop
}

// Leave ends everything that a recipient follows, before its turn to be answered has
// come. Who is not known follows nothing.
func (c *Conversation) Leave(ctx context.Context, lane subscriptions.LaneID, a subscriptions.Address, now time.Time) error {
	me, err := c.Register.Recipient(ctx, lane, a)
	if errors.Is(err, subscriptions.ErrNotFound) {
		return nil
	}
	if err == nil {
		_, err = c.Register.Leave(ctx, me.ID, nil, clock(now))
	}
	return err
}
