package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"arifa/subscriptions"
)

// What the program found by itself.
const (
	ActCanary  Act = "lane.canary"
	ActHalted  Act = "lane.halted"
	ActSkipped Act = "delivery.skipped"
	ActLost    Act = "channel.lost"
)

// CanaryFailed puts on the record that a notice waits on a lane whose canary was not
// told, and calls the officers of its agency, who may stop it. why holds no text of a
// citizen.
func (d *Desk) CanaryFailed(ctx context.Context, lane subscriptions.LaneID, id subscriptions.NoticeID, why string, now time.Time) error {
	n, err := d.Store.Notice(ctx, id)
	if err != nil {
		return err
	}
	w := deed{actor: Actor{Via: "program"}, act: ActCanary, agency: n.Agency, subject: "lane " + string(lane), now: cut(now)}
	if _, err := d.Store.Append(ctx, w.line("the canary was not told of "+show(n)+": "+why)); err != nil {
		return err
	}
	d.call(ctx, Event{Kind: EventCanary, Agency: n.Agency, Incident: n.Incident, Notice: n.ID, Key: n.Key, Lane: lane, At: w.now})
	return nil
}

// Skipped calls the admins because people are owed something and are in no state: it
// must never happen. It calls once an hour as long as it is so.
func (d *Desk) Skipped(ctx context.Context, people int, now time.Time) error {
	return d.callAdmins(ctx, Event{Kind: EventSkipped, People: people, At: now}, ActSkipped, "deliveries",
		fmt.Sprintf("%d people are owed something and have no delivery", people))
}

// LaneHalted calls the admins because a network refuses our credential, or the app was
// taken away: until somebody mends it nothing is sent there, and perhaps nothing heard.
// They hear it on every other network that they have. It calls once an hour while it is
// told. why holds no address and no credential.
func (d *Desk) LaneHalted(ctx context.Context, lane subscriptions.LaneID, why string, now time.Time) error {
	return d.callAdmins(ctx, Event{Kind: EventHalted, Lane: lane, Why: why, At: now}, ActHalted, "lane "+string(lane), why)
}

// ChannelLost calls the admins because a public channel takes nothing any more. A group
// that shows us out has only left.
func (d *Desk) ChannelLost(ctx context.Context, id subscriptions.RecipientID, why string, now time.Time) error {
	posts, err := d.Store.Posts(ctx)
	if err != nil {
		return err
	}
	k := slices.IndexFunc(posts, func(p subscriptions.Post) bool { return p.Recipient.ID == id })
	if k < 0 || posts[k].Recipient.Kind != subscriptions.Channel {
		return nil
	}
	r := posts[k].Recipient
	return d.callAdmins(ctx, Event{Kind: EventLost, Lane: r.Lane, Channel: r.Title, Why: why, At: now}, ActLost, "channel", r.Title+": "+why)
}

// callAdmins calls every admin once an hour, and puts it on the record when it does.
func (d *Desk) callAdmins(ctx context.Context, e Event, act Act, subject, detail string) error {
	e.At = cut(e.At).Truncate(time.Hour)
	all, err := d.Store.Officers(ctx)
	if err != nil {
		return err
	}
	s := summonOf(all, e, d.audienceOf(all, e, nil))
	fresh, err := d.Store.PutCalls(ctx, s.store)
	if err != nil || !fresh {
		return err
	}
	d.Config.Notify(s.Event)
	w := deed{actor: Actor{Via: "program"}, act: act, subject: subject, now: e.At}
	_, err = d.Store.Append(ctx, w.line(detail))
	return err
}
