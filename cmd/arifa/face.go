package main

import (
	"context"

	"arifa/bot"
	"arifa/bot/desk"
	"arifa/bot/desk/talk"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// face is what a chat says first to the desk, and then to the citizens'
// conversation: an officer is a citizen too, in the same chat.
type face struct {
	*bot.Conversation
	talk *talk.Talk
}

// Hear gives the desk what is the desk's: its commands, its buttons, and the text
// that it asked for. Everything else is a citizen's.
func (f face) Hear(ctx context.Context, h bot.Heard) ([]wording.Card, error) {
	if h.Kind == subscriptions.Channel {
		return f.Conversation.Hear(ctx, h)
	}
	cards, mine, err := f.talk.Hear(ctx, talk.Heard{
		Chat:    subscriptions.Identity{Provider: h.Lane.Network(), Subject: h.Address.Reveal()},
		Private: h.Kind == subscriptions.Person, Text: h.Text, Choice: h.Choice, Message: h.Message, Forwarded: h.Forwarded, At: h.At})
	if mine || err != nil {
		return cards, err
	}
	return f.Conversation.Hear(ctx, h)
}

// officers introduces the desk's conversation and the caller of officers.
func (v *service) officers(speaker *wording.Speaker) error {
	var err error
	v.office, err = talk.New(talk.Config{Desk: v.desk, Chats: v.store, Calls: v.store, Search: finder{v.library}, Speaker: speaker,
		Citizen: v.talk.GoesFirst, Log: v.log})
	if err != nil {
		return err
	}
	v.caller = talk.NewCaller(talk.CallerConfig{Talk: v.office, Mouths: v.mouths(), Now: v.now, Log: v.log})
	return nil
}

// finder gives the officers' conversation the index in force.
type finder struct{ *library }

func (f finder) Search(query string, limit int) []talk.Found {
	var out []talk.Found
	for _, h := range f.library.Search(query, limit) {
		out = append(out, talk.Found{Service: h.Service, Agency: h.Agency, Platform: h.Platform})
	}
	return out
}

// event wakes the caller: the event is stored already, by this process or another.
func (v *service) event(desk.Event) {
	if v.caller != nil {
		v.caller.Wake()
	}
	for _, n := range v.networks {
		if n.wake != nil {
			n.wake()
		}
	}
}
