package desk

import (
	"context"
	"fmt"
	"time"

	"arifa/subscriptions"
)

// ActCanary and ActSkipped are what the program found by itself.
const (
	ActCanary  Act = "lane.canary"
	ActSkipped Act = "delivery.skipped"
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
	now = cut(now).Truncate(time.Hour)
	all, err := d.Store.Officers(ctx)
	if err != nil {
		return err
	}
	e := Event{Kind: EventSkipped, People: people, At: now}
	s := summonOf(all, e, d.audienceOf(all, e, nil))
	fresh, err := d.Store.PutCalls(ctx, s.store)
	if err != nil || !fresh {
		return err
	}
	d.Config.Notify(s.Event)
	w := deed{actor: Actor{Via: "program"}, act: ActSkipped, subject: "deliveries", now: now}
	_, err = d.Store.Append(ctx, w.line(fmt.Sprintf("%d people are owed something and have no delivery", people)))
	return err
}
