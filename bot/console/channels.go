package console

import (
	"slices"
	"strings"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// channelsView lists the public channels and groups, with what they carry.
type channelsView struct {
	Posts    []postView
	Networks []string
	Scopes   []scopeView // that the officer may choose
}

type postView struct {
	subscriptions.Post
	Index int
}

type scopeView struct {
	Scope subscriptions.Scope
	Name  string
}

func showChannels(a *ask) error {
	posts, err := a.c.Desk.Channels(a.ctx)
	if err != nil {
		return err
	}
	v := channelsView{Scopes: a.scopes()}
	for k, p := range posts {
		v.Posts = append(v.Posts, postView{p, k})
	}
	if a.c.Networks != nil {
		v.Networks = a.c.Networks.Networks()
	}
	return a.render(a.status(), "channels", "Public channels", v)
}

// scopes are those about which the officer may decide: everything for an admin,
// else what belongs to her agencies.
func (a *ask) scopes() []scopeView {
	admin := a.me().Has(subscriptions.Admin, "")
	var out []scopeView
	if admin {
		out = append(out, scopeView{subscriptions.ScopeAll, "Everything"})
	}
	for _, g := range a.nation.Agencies {
		if !g.Retired && (admin || a.author(g.ID)) {
			out = append(out, scopeView{subscriptions.ScopeAgency(g.ID), a.AgencyName(g.ID)})
		}
	}
	for _, p := range a.nation.Platforms {
		if !p.Retired && (admin || a.author(p.Operator)) {
			out = append(out, scopeView{subscriptions.ScopePlatform(p.ID), a.Platform(p.ID)})
		}
	}
	return out
}

// Scope names what a channel carries.
func (a *ask) Scope(s subscriptions.Scope) string {
	switch kind, id := s.Split(); kind {
	case "agency":
		return a.AgencyName(subscriptions.AgencyID(id))
	case "platform":
		return a.Platform(subscriptions.PlatformID(id))
	case "service":
		return a.Service(subscriptions.ServiceID(id))
	}
	return "Everything"
}

func doAddChannel(a *ask) (string, error) {
	if a.c.Networks == nil || !slices.Contains(a.c.Networks.Networks(), a.Val("network")) {
		return "", input("no such network is set up here", "choose one of the list")
	}
	name := strings.TrimSpace(a.Val("name"))
	if name == "" || len(name) > 100 {
		return "", input("the channel is not named", "write its @name or its number")
	}
	in, err := a.c.Networks.Look(a.ctx, a.Val("network"), name)
	if err != nil {
		return "", err
	}
	in.Scopes, in.Languages = list[subscriptions.Scope](a, "scopes"), list[subscriptions.Language](a, "languages")
	_, _, err = a.c.Desk.AddChannel(a.ctx, a.actor, in, a.now)
	return Base + "/channels?done=channel-added", err
}

// doRemoveChannel takes the channel's number in the desk, not its address: an
// address stands on no page.
func doRemoveChannel(a *ask) (string, error) {
	posts, err := a.c.Desk.Channels(a.ctx)
	if err != nil {
		return "", err
	}
	for _, p := range posts {
		if textOf(p.Recipient.ID) == a.Val("channel") {
			return Base + "/channels?done=channel-removed", a.c.Desk.RemoveChannel(a.ctx, a.actor, p.Recipient.Lane, p.Recipient.Address, a.now)
		}
	}
	return "", &desk.Refusal{Why: "this channel does not exist", Do: "look it up in the list"}
}
