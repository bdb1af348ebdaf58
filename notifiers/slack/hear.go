package slack

import (
	"context"
	"encoding/json"
	"strings"

	"arifa/bot"
	"arifa/subscriptions"
)

// apply handles one stored thing, as the lane's owner.
func (e *Ears) apply(ctx context.Context, in subscriptions.Incoming) error {
	var env envelope
	if json.Unmarshal(in.Body, &env) != nil || len(env.Payload) == 0 {
		return errUndecodable
	}
	h := read(env.Kind, env.Payload)
	switch env.Kind {
	case kindEvent:
		return e.happening(ctx, h, env.Payload, in)
	case kindCommand:
		return e.commanded(ctx, h, in)
	case kindInteraction:
		return e.interacted(ctx, h, in)
	}
	return errUndecodable
}

// said is a message event, as far as it is read.
type said struct {
	Event struct {
		Subtype     string `json:"subtype"`
		Kind        string `json:"channel_type"`
		Channel     string `json:"channel"`
		User        string `json:"user"`
		Bot         string `json:"bot_id"`
		UserTeam    string `json:"user_team"`
		Text        string `json:"text"`
		Tab         string `json:"tab"`
		Attachments []struct {
			Shared   bool   `json:"is_share"`
			Unfurled bool   `json:"is_msg_unfurl"`
			Text     string `json:"text"`
			Fallback string `json:"fallback"`
		} `json:"attachments"`
	} `json:"event"`
}

// happening hears one event.
func (e *Ears) happening(ctx context.Context, h heard, payload json.RawMessage, in subscriptions.Incoming) error {
	switch h.Event.Type {
	case "message":
		var m said
		if json.Unmarshal(payload, &m) != nil {
			return errUndecodable
		}
		return e.message(ctx, m, in)
	case "app_home_opened":
		return e.homeOpened(ctx, payload, in)
	}
	return e.place(ctx, h, payload, in)
}

// whole reads a direct message that somebody wrote themselves.
func (e *Ears) whole(in subscriptions.Incoming) (text string, who subscriptions.Address, ok bool) {
	var env envelope
	var m said
	if json.Unmarshal(in.Body, &env) != nil || env.Kind != kindEvent || read(env.Kind, env.Payload).Event.Type != "message" || json.Unmarshal(env.Payload, &m) != nil {
		return "", who, false
	}
	return typed(m.Event.Text), subscriptions.AddressOf(m.Event.User), e.speech(m) && len(m.Event.Attachments) == 0 && personShape.MatchString(m.Event.User)
}

// speech reports whether a message is what a person of our workspace says to us.
// Bots, edits and what Slack itself writes are none.
func (e *Ears) speech(m said) bool {
	ev := m.Event
	spoken := ev.Subtype == "" || ev.Subtype == "file_share" || ev.Subtype == "thread_broadcast"
	return ev.Kind == "im" && ev.Bot == "" && spoken && (ev.UserTeam == "" || ev.UserTeam == e.channel.team)
}

// message hears a direct message. Bots, edits and what Slack itself writes are no
// speech; a message that somebody shared is one that somebody else wrote.
func (e *Ears) message(ctx context.Context, m said, in subscriptions.Incoming) error {
	ev := m.Event
	if !e.speech(m) {
		return nil
	}
	if !personShape.MatchString(ev.User) {
		return errUndecodable
	}
	b := bot.Heard{Lane: in.Lane, Address: subscriptions.AddressOf(ev.User), Kind: subscriptions.Person, Text: typed(ev.Text), At: in.At,
		Language: e.people.language(ctx, ev.User, in.At)}
	for _, a := range ev.Attachments {
		if a.Shared || a.Unfurled {
			b.Forwarded = true
			b.Text = strings.TrimSpace(b.Text + "\n" + typed(or(a.Text, a.Fallback)))
		}
	}
	if b.Text == "" {
		return nil // a picture alone
	}
	return e.converse(ctx, b, "")
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// interacted hears a click or a submitted window.
func (e *Ears) interacted(ctx context.Context, h heard, in subscriptions.Incoming) error {
	if !personShape.MatchString(h.User.ID) {
		return errUndecodable
	}
	switch h.Type {
	case "view_submission":
		return e.submitted(ctx, h, in)
	case "block_actions":
	default:
		return nil // a kind that nothing of ours offers
	}
	if len(h.Actions) == 0 {
		return errUndecodable
	}
	a := h.Actions[0]
	switch {
	case strings.HasPrefix(a.Action, linkAction):
		return nil
	case strings.HasPrefix(a.Action, talkAction):
		b := bot.Heard{Lane: in.Lane, Address: subscriptions.AddressOf(h.User.ID), Kind: subscriptions.Person, Choice: a.Value, Named: true, At: in.At,
			Language: e.people.language(ctx, h.User.ID, in.At)}
		if err := e.converse(ctx, b, pressedMessage(h)); err != nil || h.View == nil {
			return err
		}
		return e.home(ctx, h.User.ID, in) // it was pressed there, and has changed something
	}
	return e.clicked(ctx, h, in)
}

// pressedMessage is what was pressed, where it can be edited: an ephemeral message
// cannot.
func pressedMessage(h heard) string {
	id := messageID(h.Container.Channel, h.Container.Message)
	if _, _, ok := splitMessage(id); !ok || h.Container.Ephemeral || h.Container.Type != "message" {
		return ""
	}
	return id
}
