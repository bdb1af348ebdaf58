package telegram

import (
	"encoding/json"

	"arifa/subscriptions"
)

// whole reads a private message that somebody wrote themselves.
func whole(in subscriptions.Incoming) (text string, who subscriptions.Address, ok bool) {
	var u update
	if json.Unmarshal(in.Body, &u) != nil || u.Message == nil || u.Message.Origin != nil || u.Message.From == nil || u.Message.From.IsBot {
		return "", who, false
	}
	kind, known := u.Message.Chat.kind()
	return u.Message.Text, address(u.Message.Chat.ID), known && kind == subscriptions.Person
}
