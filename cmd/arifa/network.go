package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"arifa/bot/desk/talk"
	"arifa/notifiers"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// network is one lane of the running program, as the others meet it.
type network struct {
	label string // as people call it
	lane  notifiers.Lane
	more  bool        // a further lane of its kind: officers are written to on the first
	owns  atomic.Bool // this process owns the lane now
	// start makes what listens; the dispatcher and the conversations are there.
	start func()
	run   []func(ctx context.Context) error
	deaf  func() time.Duration // how long it has not been reached
	// asks says that it is heard by asking, with the credential that it speaks with.
	asks bool
	// account is our account's name there, without "@"; nil or "" = none is known.
	account func() string
	// addressOf is where an officer's linked account is written to; nil = as it is.
	addressOf func(subject string) (subscriptions.Address, bool)
	// dress changes a card of the desk for the network's own ways; nil = as it is.
	dress func(wording.Card) wording.Card
	// wake says that officers may have something to read; nil = nobody waits for it.
	wake func()
}

// introductions are all networks that this program can speak to: a new one is one
// line here. Each returns nil where its settings are empty.
func introductions() []func(ctx context.Context, v *service, t tempo) (*network, error) {
	return []func(ctx context.Context, v *service, t tempo) (*network, error){telegramNetwork, slackNetwork, webchatNetwork}
}

// meet introduces the networks that are configured.
func (v *service) meet(ctx context.Context, t tempo) error {
	for _, introduce := range introductions() {
		n, err := introduce(ctx, v, t)
		if err != nil {
			return err
		}
		if n != nil {
			n.lane.Own, n.lane.Account = n.own, n.account
			v.networks = append(v.networks, n)
		}
	}
	for _, b := range v.more {
		n, err := v.botNetwork(b, t)
		if err != nil {
			return err
		}
		n.lane.Own = n.own
		v.networks = append(v.networks, n)
	}
	for _, w := range v.spaces {
		n, err := v.spaceNetwork(ctx, w, t)
		if err != nil {
			return err
		}
		n.lane.Own = n.own
		v.networks = append(v.networks, n)
	}
	return nil
}

func (n *network) id() subscriptions.LaneID { return n.lane.Channel.Name() }

// own runs while this process owns the lane.
func (n *network) own(ctx context.Context) error {
	n.owns.Store(true)
	defer n.owns.Store(false)
	<-ctx.Done()
	return nil
}

// lanes are the ids of the networks that are configured.
func (v *service) lanes() (ids []subscriptions.LaneID) {
	for _, n := range v.networks {
		ids = append(ids, n.id())
	}
	return ids
}

// botName is our account's name on a lane.
func (v *service) botName(lane subscriptions.LaneID) string {
	for _, n := range v.networks {
		if n.id() == lane && n.account != nil {
			return n.account()
		}
	}
	return ""
}

// accountNames are our accounts on all networks.
func (v *service) accountNames() (names []string) {
	for _, n := range v.networks {
		if n.account != nil && n.account() != "" {
			names = append(names, n.account())
		}
	}
	return names
}

// replyOn answers within a lane's budget, ahead of broadcasts.
func (v *service) replyOn(n *network) func(ctx context.Context, m notifiers.Message) (notifiers.Receipt, error) {
	return func(ctx context.Context, m notifiers.Message) (notifiers.Receipt, error) {
		return v.send.Reply(ctx, n.id(), m)
	}
}

// mouths write into officers' chats within the lane's budget, with the share that
// is kept for replies: never behind a broadcast.
func (v *service) mouths() (all []talk.Mouth) {
	for _, n := range v.networks {
		if n.more {
			continue
		}
		all = append(all, talk.Mouth{Network: n.id().Network(), Owned: n.owns.Load,
			Say: func(ctx context.Context, to subscriptions.Address, s talk.Saying) (string, error) {
				return v.sayTo(ctx, n, to, s)
			}})
	}
	return all
}

// sayTo writes a card into an officer's chat. What may have arrived before, when nobody
// could say whether it did, is looked for first where the network can: a look that fails
// holds no wake-up up.
func (v *service) sayTo(ctx context.Context, n *network, to subscriptions.Address, s talk.Saying) (string, error) {
	if n.addressOf != nil {
		var ok bool
		if to, ok = n.addressOf(to.Reveal()); !ok {
			return "", talk.ErrDead
		}
	}
	if n.dress != nil {
		s.Card = n.dress(s.Card)
	}
	m := notifiers.Message{To: notifiers.Target{Address: to, Kind: subscriptions.Person}, Card: s.Card, Edit: s.Edit, Mark: s.Mark, Since: s.Since}
	arrived := ""
	if finder, can := n.lane.Channel.(notifiers.Finder); can && m.Edit == "" {
		if r, found, err := finder.Find(ctx, m); err == nil && found {
			arrived, m.Edit = r.Message, r.Message
		}
	}
	receipt, err := v.send.Reply(ctx, n.id(), m)
	var uneditable notifiers.Uneditable
	switch {
	case arrived != "" && errors.As(err, &uneditable):
		return arrived, nil
	case dead(err):
		err = fmt.Errorf("%w: %w", talk.ErrDead, err)
	}
	return receipt.Message, err
}

func dead(err error) bool {
	var gone notifiers.Gone
	var never notifiers.Never
	var poison notifiers.Poison
	return errors.As(err, &gone) || errors.As(err, &never) || errors.As(err, &poison)
}

// pace is how many messages a second a lane sends when it is left to it; 0 = not
// known.
func (s *settings) pace(lane subscriptions.LaneID) float64 {
	switch lane.Network() {
	case "telegram":
		if b, ok := s.botOf(lane); ok {
			return b.Rate
		}
		return s.TelegramRate
	case "slack":
		return s.spaceOf(lane).Rate
	case "webchat":
		return webchatRate
	}
	return 0
}
