package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"arifa/notifiers"
	"arifa/subscriptions"
)

// place hears what became of a channel, or of the app in the workspace.
func (e *Ears) place(ctx context.Context, h heard, payload json.RawMessage, in subscriptions.Incoming) error {
	to := subscriptions.AddressOf(h.Event.Channel.ID)
	_, what, _ := strings.Cut(h.Event.Type, "_")
	switch h.Event.Type {
	case "app_uninstalled", "tokens_revoked":
		if peoples(payload) {
			return nil
		}
		err := fmt.Errorf("slack: %s: install the app again, and set SLACK_BOT_TOKEN and SLACK_APP_TOKEN", h.Event.Type)
		e.log.Error("the app cannot work in the workspace any more", "error", err)
		e.trouble(notifiers.TroubleHalted, err)
		return nil
	case "channel_left", "group_left", "channel_archive", "group_archive", "channel_deleted", "group_deleted":
		return e.lost(ctx, to, in, what)
	case "channel_unarchive", "group_unarchive":
		return e.Conversation.Back(ctx, in.Lane, to, subscriptions.Channel, in.At)
	case "member_joined_channel":
		me, err := e.people.ourselves(ctx)
		if err != nil || h.Event.User.ID != me {
			return err
		}
		return e.Conversation.Back(ctx, in.Lane, to, subscriptions.Channel, in.At)
	case "channel_rename", "group_rename":
		return e.change(ctx, to, func(r *subscriptions.Recipient) { r.Title = "#" + clip(h.Event.Channel.Name, 80) })
	case "channel_id_changed":
		return e.moved(ctx, payload)
	}
	return nil // an event that was not asked for
}

// peoples reports whether only tokens of people were revoked, of which the app uses none.
// An event that does not say whose they were is about ours.
func peoples(payload json.RawMessage) bool {
	var p struct {
		Event struct {
			Tokens struct {
				People []string `json:"oauth"`
				Bots   []string `json:"bot"`
			} `json:"tokens"`
		} `json:"event"`
	}
	return json.Unmarshal(payload, &p) == nil && len(p.Event.Tokens.People) > 0 && len(p.Event.Tokens.Bots) == 0
}

// lost ends a channel's notices, and tells whoever mends it.
func (e *Ears) lost(ctx context.Context, to subscriptions.Address, in subscriptions.Incoming, what string) error {
	r, err := e.Register.Recipient(ctx, in.Lane, to)
	if errors.Is(err, subscriptions.ErrNotFound) || err == nil && !r.GoneAt.IsZero() {
		return nil
	}
	if err != nil {
		return err
	}
	if err := e.Conversation.Left(ctx, in.Lane, to, in.At); err != nil {
		return err
	}
	e.OnTrouble(notifiers.Trouble{Kind: notifiers.TroubleLost, Lane: in.Lane, Recipient: r.ID, Err: errors.New("slack: the channel is closed to us: " + what)})
	return nil
}

// change changes what is stored of a channel that is known.
func (e *Ears) change(ctx context.Context, to subscriptions.Address, change func(*subscriptions.Recipient)) error {
	r, err := e.Register.Recipient(ctx, e.channel.lane, to)
	if errors.Is(err, subscriptions.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	change(&r)
	_, err = e.Register.SaveRecipient(ctx, r)
	return err
}

// moved follows a channel that has another id, as happens when it becomes shared.
// What it follows it follows there.
func (e *Ears) moved(ctx context.Context, payload json.RawMessage) error {
	var p struct {
		Event struct {
			Old string `json:"old_channel_id"`
			New string `json:"new_channel_id"`
		} `json:"event"`
	}
	if json.Unmarshal(payload, &p) != nil || !placeShape.MatchString(p.Event.New) || !placeShape.MatchString(p.Event.Old) {
		return errUndecodable
	}
	return e.change(ctx, subscriptions.AddressOf(p.Event.Old), func(r *subscriptions.Recipient) { r.Address = subscriptions.AddressOf(p.Event.New) })
}
