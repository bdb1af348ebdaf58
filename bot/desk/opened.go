package desk

import (
	"context"
	"time"

	"arifa/subscriptions"
)

// Opened reports whether Open was carried out with this very request before: what
// stands in the way of a second one is its own incident then.
func (d *Desk) Opened(ctx context.Context, a Actor, in OpenInput, now time.Time) (subscriptions.IncidentID, bool, error) {
	w := deed{actor: a, act: ActOpen, agency: in.Agency, subject: join(in.Platforms) + join(in.Services), asked: askedOf(in), now: now}
	c, done, err := d.seen(ctx, &w, a.request(string(ActOpen), in.Request))
	if err != nil || !done || c.Incident == nil {
		return 0, false, d.settle(ctx, w, err)
	}
	return c.Incident.ID, true, nil
}
