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
// agency are called. why holds no text of a citizen.
func (d *Desk) StopBroken(ctx context.Context, id subscriptions.NoticeID, why string, now time.Time) error {
	for {
		n, err := d.Store.Notice(ctx, id)
		if err != nil || n.State != subscriptions.Published {
			return err
		}
		w := deed{actor: Actor{Via: "program"}, act: ActStopBroken, agency: n.Agency, subject: subjectOf("notice", id), now: cut(now)}
		n.State, n.StoppedAt = subscriptions.Stopped, w.now
		_, err = d.putStopped(ctx, &w, n, why, d.summon(ctx, brokenOf(n, w.now)))
		if isConflict(err) {
			continue
		}
		return err
	}
}
