package desk

import (
	"context"
	"time"

	"arifa/subscriptions"
)

// ActStopBroken is the program's own stop.
const ActStopBroken Act = "notice.stop-broken"

// StopBroken stops a notice that a network refuses for everybody. No officer
// does it, so it is on the record as the program's deed; all officers of its
// agency are called. An end is taken back with it: see takeBack. why holds no text
// of a citizen.
func (d *Desk) StopBroken(ctx context.Context, id subscriptions.NoticeID, why string, now time.Time) error {
	for {
		n, err := d.Store.Notice(ctx, id)
		if err != nil || n.State != subscriptions.Published {
			return err
		}
		w := deed{actor: Actor{Via: "program"}, act: ActStopBroken, agency: n.Agency, subject: subjectOf("notice", id), now: cut(now)}
		if err = d.stopBroken(ctx, &w, n, why); isConflict(err) {
			continue
		}
		return err
	}
}

func (d *Desk) stopBroken(ctx context.Context, w *deed, n subscriptions.Notice, why string) error {
	if n.Kind == subscriptions.Restored && n.Incident != 0 {
		if done, err := d.takeBack(ctx, w, n, why); done || err != nil {
			return err
		}
	}
	n.State, n.StoppedAt = subscriptions.Stopped, w.now
	_, err := d.putStopped(ctx, w, n, why, d.summon(ctx, brokenOf(n, w.now)))
	return err
}
