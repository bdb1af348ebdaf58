package telegram

import (
	"context"
	"encoding/json"
	"time"

	"arifa/subscriptions"
)

// leaver is a Conversation that can let somebody leave before their turn has come.
type leaver interface {
	// Stops reports whether a whole message says STOP, in any language.
	Stops(text string) bool
	// Leave ends everything that the chat follows. It answers nothing.
	Leave(ctx context.Context, lane subscriptions.LaneID, a subscriptions.Address, now time.Time) error
}

// aheadAtOnce bounds who may leave ahead at once; the others leave in their turn.
const aheadAtOnce = 256

// ahead lets those leave who say STOP while many others wait to be answered: leaving
// holds within a second, whoever else is talking. The message itself is heard and
// answered in its turn, which is harmless: leaving twice is leaving.
func (e *Ears) ahead(ctx context.Context, stored []subscriptions.Incoming) {
	l, ok := e.Conversation.(leaver)
	if !ok {
		return
	}
	for _, in := range stored {
		chat, stops := e.stops(l, in.Body)
		if !stops {
			continue
		}
		select {
		case e.hurry <- struct{}{}:
		default:
			continue
		}
		e.leaving.Go(func() {
			defer func() { <-e.hurry }()
			e.leaveAhead(ctx, l, in, chat)
		})
	}
}

// stops reads a private message that says nothing but STOP.
func (e *Ears) stops(l leaver, body []byte) (chat subscriptions.Address, ok bool) {
	if len(body) > 4<<10 {
		return chat, false
	}
	var u update
	if json.Unmarshal(body, &u) != nil || u.Message == nil || u.Message.Origin != nil || u.Message.From == nil || u.Message.From.IsBot {
		return chat, false
	}
	kind, known := u.Message.Chat.kind()
	return address(u.Message.Chat.ID), known && kind == subscriptions.Person && l.Stops(u.Message.Text)
}

func (e *Ears) leaveAhead(ctx context.Context, l leaver, in subscriptions.Incoming, chat subscriptions.Address) {
	if !pause(ctx, e.waits.ahead) || e.intake.Begun(in.ID) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := l.Leave(ctx, in.Lane, chat, e.now()); err != nil && ctx.Err() == nil {
		e.log.Warn("somebody could not leave ahead of the others; they leave in their turn", "error", err)
	}
}
