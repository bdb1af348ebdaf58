package main

import (
	"context"
	"errors"
	"fmt"

	"arifa/bot"
	"arifa/bot/desk"
	"arifa/bot/desk/talk"
	"arifa/notifiers"
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
	v.caller = talk.NewCaller(talk.CallerConfig{Talk: v.office, Mouths: []talk.Mouth{v.mouth()}, Now: v.now, Log: v.log})
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

// mouth writes into officers' chats within the lane's budget, with the share that
// is kept for replies: never behind a broadcast.
func (v *service) mouth() talk.Mouth {
	lane := v.telegram.Name()
	return talk.Mouth{Network: lane.Network(), Owned: v.owns.Load,
		Say: func(ctx context.Context, to subscriptions.Address, c wording.Card, edit string) (string, error) {
			receipt, err := v.send.Reply(ctx, lane, notifiers.Message{To: notifiers.Target{Address: to, Kind: subscriptions.Person}, Card: c, Edit: edit})
			if dead(err) {
				err = fmt.Errorf("%w: %w", talk.ErrDead, err)
			}
			return receipt.Message, err
		}}
}

func dead(err error) bool {
	var gone notifiers.Gone
	var never notifiers.Never
	var poison notifiers.Poison
	return errors.As(err, &gone) || errors.As(err, &never) || errors.As(err, &poison)
}

// event wakes the caller: the event is stored already, by this process or another.
func (v *service) event(desk.Event) {
	if v.caller != nil {
		v.caller.Wake()
	}
}
