package slack

import (
	"context"
	"encoding/json"

	"arifa/subscriptions"
)

func (e *Ears) commanded(ctx context.Context, h heard, _ subscriptions.Incoming) error {
	_ = e.channel.respond(ctx, h.Respond, response{Kind: "ephemeral", Text: "Arifa heard: " + h.Words})
	return nil
}

func (e *Ears) clicked(context.Context, heard, subscriptions.Incoming) error { return nil }

func (e *Ears) submitted(context.Context, heard, subscriptions.Incoming) error { return nil }

func (e *Ears) homeOpened(context.Context, json.RawMessage, subscriptions.Incoming) error { return nil }
