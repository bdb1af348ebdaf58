package slack

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"

	lib "github.com/slack-go/slack"

	"arifa/subscriptions"
)

// Place is a channel as it stands with us.
type Place struct {
	Address subscriptions.Address
	Title   string
	Private bool
	Member  bool
	Faults  []string // why nothing can be posted there, and what to do about it
}

// channelLink is what "Copy link" gives of a channel.
var channelLink = regexp.MustCompile(`^https://[a-z0-9-]+(?:\.enterprise)?\.slack\.com/archives/([CG][A-Z0-9]{2,30})/?$`)

// Place looks at a channel by its id or link, and enters a public one: a look-up of
// an unknown outcome reads its history, and that takes membership.
func (c *Channel) Place(ctx context.Context, name string) (Place, error) {
	p, err := c.Look(ctx, name)
	if err != nil || p.Private || p.Member || len(p.Faults) != 1 {
		return p, err
	}
	if _, _, _, err := c.api.JoinConversationContext(ctx, p.Address.Reveal()); err != nil {
		return p, told(err)
	}
	return c.Look(ctx, name)
}

// Look only looks.
func (c *Channel) Look(ctx context.Context, name string) (Place, error) {
	id := name
	if m := channelLink.FindStringSubmatch(name); m != nil {
		id = m[1]
	}
	if !placeShape.MatchString(id) || id[0] != 'C' && id[0] != 'G' {
		return Place{}, errors.New("slack: a channel is named by its id (C…, at the end of its details) or by its link")
	}
	info, err := c.api.GetConversationInfoContext(ctx, &lib.GetConversationInfoInput{ChannelID: id})
	var r *refusal
	if err = told(err); errors.As(err, &r) && r.code == "channel_not_found" {
		return Place{Address: subscriptions.AddressOf(id), Private: true, Faults: []string{"it does not exist, or is private: invite the bot there (/invite @arifa)"}}, nil
	}
	if err != nil {
		return Place{}, err
	}
	p := Place{Address: subscriptions.AddressOf(info.ID), Title: "#" + clip(info.Name, 80), Private: info.IsPrivate, Member: info.IsMember}
	if info.IsArchived {
		p.Faults = append(p.Faults, "it is archived: unarchive it, or use another")
	}
	if !info.IsMember {
		p.Faults = append(p.Faults, "the bot is not in it: invite it there (/invite @arifa)")
	}
	if info.IsReadOnly {
		p.Faults = append(p.Faults, "only some may post there: let the app post in the channel's settings")
	}
	return p, nil
}

// Missing lists the scopes that the token lacks, and Spare those that it does not
// need.
func (w Who) Missing() (out []string) {
	for _, s := range Scopes() {
		if w.Named && !slices.Contains(w.Scopes, s) {
			out = append(out, s)
		}
	}
	return out
}

// Spare lists granted scopes that nothing of ours uses.
func (w Who) Spare() (out []string) {
	for _, s := range w.Scopes {
		if !slices.Contains(Scopes(), s) {
			out = append(out, s)
		}
	}
	return out
}

// Connect asks whether the app token opens sockets.
func (c *Channel) Connect(ctx context.Context) error {
	if _, _, err := c.api.StartSocketModeContext(ctx); err != nil {
		return fmt.Errorf("the app token: %w", told(err))
	}
	return nil
}
