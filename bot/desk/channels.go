package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"arifa/subscriptions"
)

// ChannelInput is a public channel or a group that is to carry notices.
type ChannelInput struct {
	Lane      subscriptions.LaneID
	Address   subscriptions.Address
	Kind      subscriptions.RecipientKind // channel or group
	Title     string
	Languages []subscriptions.Language // empty = every one
	Scopes    []subscriptions.Scope
}

// AddChannel makes a channel carry notices: an admin may for any scope, an
// agency's author for that agency's own. The face has checked with the network
// that we may post there. What is open now goes there once; it is returned.
func (d *Desk) AddChannel(ctx context.Context, a Actor, in ChannelInput, now time.Time) (subscriptions.Recipient, []subscriptions.Owed, error) {
	w := deed{actor: a, act: ActChannelAdd, subject: string(in.Lane), now: now}
	r, owed, err := d.addChannel(ctx, &w, in)
	return r, owed, d.settle(ctx, w, err)
}

func (d *Desk) addChannel(ctx context.Context, w *deed, in ChannelInput) (subscriptions.Recipient, []subscriptions.Owed, error) {
	var none subscriptions.Recipient
	if r := checkChannel(d.Config.Nation(), in); r != nil {
		return none, nil, r
	}
	if err := d.mayScope(ctx, w, in.Scopes); err != nil {
		return none, nil, err
	}
	return d.letFollow(ctx, w, in)
}

func (d *Desk) letFollow(ctx context.Context, w *deed, in ChannelInput) (subscriptions.Recipient, []subscriptions.Owed, error) {
	var none subscriptions.Recipient
	// The line comes first: a channel that speaks for us is never without one.
	if _, err := d.Store.Append(ctx, w.line(in.Title+": "+join(in.Scopes))); err != nil {
		return none, nil, err
	}
	r := subscriptions.Recipient{
		Lane: in.Lane, Address: in.Address, Kind: in.Kind, Title: in.Title, Languages: in.Languages, CreatedAt: w.now,
	}
	stored, err := d.Store.SaveRecipient(ctx, r)
	if errors.Is(err, subscriptions.ErrExists) {
		r.ID, r.CreatedAt, r.Language = stored.ID, stored.CreatedAt, stored.Language
		stored, err = d.Store.SaveRecipient(ctx, r)
	}
	if err != nil {
		return none, nil, err
	}
	var follows []subscriptions.Follow
	for _, s := range in.Scopes {
		follows = append(follows, subscriptions.Follow{Scope: s, Since: w.now, Consent: "channel"})
	}
	owed, err := d.Store.Subscribe(ctx, stored.ID, follows, w.now)
	return stored, owed, err
}

// Keeper is who chooses what a channel of her own follows: an officer, or somebody
// who administrates the network's workspace, as the network has said.
type Keeper struct {
	Actor Actor
	Admin bool
}

// FollowIn lets a channel follow services at its keeper's wish, whatever they are:
// the channel only reads. What is open now goes there once; it is returned.
func (d *Desk) FollowIn(ctx context.Context, k Keeper, in ChannelInput, now time.Time) (subscriptions.Recipient, []subscriptions.Owed, error) {
	w := deed{actor: k.Actor, act: ActChannelAdd, subject: string(in.Lane), now: cut(now)}
	r, owed, err := d.followIn(ctx, &w, k, in)
	return r, owed, d.settle(ctx, w, err)
}

func (d *Desk) followIn(ctx context.Context, w *deed, k Keeper, in ChannelInput) (subscriptions.Recipient, []subscriptions.Owed, error) {
	if r := checkChannel(d.Config.Nation(), in); r != nil {
		return subscriptions.Recipient{}, nil, r
	}
	if err := d.keeps(ctx, w, k); err != nil {
		return subscriptions.Recipient{}, nil, err
	}
	return d.letFollow(ctx, w, in)
}

// LeaveIn ends what a channel follows: these scopes, or everything.
func (d *Desk) LeaveIn(ctx context.Context, k Keeper, lane subscriptions.LaneID, a subscriptions.Address, scopes []subscriptions.Scope, now time.Time) error {
	w := deed{actor: k.Actor, act: ActChannelRemove, subject: string(lane), now: cut(now)}
	return d.settle(ctx, w, d.leaveIn(ctx, &w, k, lane, a, scopes))
}

func (d *Desk) leaveIn(ctx context.Context, w *deed, k Keeper, lane subscriptions.LaneID, a subscriptions.Address, scopes []subscriptions.Scope) error {
	if err := d.keeps(ctx, w, k); err != nil {
		return err
	}
	r, err := d.Store.Recipient(ctx, lane, a)
	if errors.Is(err, subscriptions.ErrNotFound) {
		return no(0, "", "this channel follows nothing")
	}
	if err != nil {
		return err
	}
	if _, err := d.Store.Append(ctx, w.line(r.Title+": "+join(scopes))); err != nil {
		return err
	}
	if _, err := d.Store.Leave(ctx, r.ID, scopes, w.now); err != nil || scopes != nil {
		return err
	}
	return d.Store.Forget(ctx, r.ID, w.now)
}

// keeps admits officers who act, and the network's own administrators.
func (d *Desk) keeps(ctx context.Context, w *deed, k Keeper) error {
	if k.Admin {
		return nil
	}
	a, err := d.fresh(ctx, k.Actor)
	if err != nil {
		return err
	}
	if w.actor = a; !a.Officer.Active() {
		return no(4, "ask one of them", "only an officer or an administrator of this workspace chooses what a channel follows")
	}
	return nil
}

// RemoveChannel ends a channel's notices and forgets it.
func (d *Desk) RemoveChannel(ctx context.Context, a Actor, lane subscriptions.LaneID, address subscriptions.Address, now time.Time) error {
	w := deed{actor: a, act: ActChannelRemove, subject: string(lane), now: now}
	return d.settle(ctx, w, d.removeChannel(ctx, &w, lane, address))
}

func (d *Desk) removeChannel(ctx context.Context, w *deed, lane subscriptions.LaneID, address subscriptions.Address) error {
	r, err := d.Store.Recipient(ctx, lane, address)
	if err != nil {
		return asRefusal(err)
	}
	if r.Kind == subscriptions.Person {
		return no(4, "people leave by themselves", "this is a person, not a channel")
	}
	follows, err := d.Store.Follows(ctx, r.ID, w.now)
	if err != nil {
		return err
	}
	var scopes []subscriptions.Scope
	for _, f := range follows {
		scopes = append(scopes, f.Scope)
	}
	if err := d.mayScope(ctx, w, scopes); err != nil {
		return err
	}
	if _, err := d.Store.Append(ctx, w.line(r.Title)); err != nil {
		return err
	}
	if _, err := d.Store.Leave(ctx, r.ID, nil, w.now); err != nil {
		return err
	}
	return d.Store.Forget(ctx, r.ID, w.now)
}

// Channels lists the channels and groups with what they carry.
func (d *Desk) Channels(ctx context.Context) ([]subscriptions.Post, error) { return d.Store.Posts(ctx) }

func checkChannel(n *subscriptions.Nation, in ChannelInput) *Refusal {
	switch {
	case in.Kind != subscriptions.Channel && in.Kind != subscriptions.Group:
		return no(0, "use channel or group", "a person subscribes by themselves")
	case in.Lane == "" || in.Address.IsZero():
		return no(0, "name the lane and the channel", "the channel is not named")
	case len(in.Scopes) == 0:
		return no(0, "use all, agency:ID, platform:ID or service:ID", "it is not said what it carries")
	}
	for _, l := range in.Languages {
		if !slices.Contains(n.Languages, l) {
			return no(0, "use "+join(n.Languages), "the catalogue has no language %q", l)
		}
	}
	for _, s := range in.Scopes {
		if _, r := ownerOf(n, s); r != nil {
			return r
		}
	}
	return nil
}

// mayScope asks for every scope whether the officer may decide about it.
func (d *Desk) mayScope(ctx context.Context, w *deed, scopes []subscriptions.Scope) error {
	n := d.Config.Nation()
	if len(scopes) == 0 {
		return d.begin(ctx, w)
	}
	for _, s := range scopes {
		w.agency, _ = ownerOf(n, s)
		if err := d.begin(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

// ownerOf is the agency that a scope belongs to; none owns everything.
func ownerOf(n *subscriptions.Nation, s subscriptions.Scope) (subscriptions.AgencyID, *Refusal) {
	kind, id := s.Split()
	switch kind {
	case "all":
		if s == subscriptions.ScopeAll {
			return "", nil
		}
	case "agency":
		if a, ok := n.Agency(subscriptions.AgencyID(id)); ok && !a.Retired {
			return a.ID, nil
		}
	case "platform":
		if p, ok := n.Platform(subscriptions.PlatformID(id)); ok && !p.Retired {
			return p.Operator, nil
		}
	case "service":
		if v, ok := n.Service(subscriptions.ServiceID(id)); ok && !v.Retired {
			return v.Agency, nil
		}
	}
	return "", no(0, "use all, agency:ID, platform:ID or service:ID", "there is no scope %q", s)
}
