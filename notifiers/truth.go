package notifiers

import (
	"sync"
	"time"

	"arifa/subscriptions"
)

// truth is one view, with the answers to "still true?" that it gave. Thousands of
// rows of a wave say the same services, and one that still has something to say is
// enough for a row, whatever else it says.
type truth struct {
	view    subscriptions.View
	notices map[subscriptions.NoticeID]*subscriptions.Notice

	mu  sync.RWMutex
	yes map[saying]struct{} // what has them may be sent, as long as its notice lives
}

// saying is a service that a notice speaks of; empty = of none by name.
type saying struct {
	notice  subscriptions.NoticeID
	service subscriptions.ServiceID
}

// saidKept is how many answers one view remembers.
const saidKept = 4096

func newTruth(v subscriptions.View) *truth {
	t := &truth{view: v, notices: make(map[subscriptions.NoticeID]*subscriptions.Notice, len(v.Notices)), yes: map[saying]struct{}{}}
	for id, n := range v.Notices {
		t.notices[id] = &n
	}
	return t
}

// lives reports whether a notice is in the view and has not expired: what it was said
// of any row before holds.
func (t *truth) lives(id subscriptions.NoticeID, now time.Time) bool {
	n := t.notices[id]
	return n != nil && (n.ExpiresAt.IsZero() || now.Before(n.ExpiresAt))
}

// verdict is subscriptions.View.StillTrue.
func (t *truth) verdict(row *subscriptions.Delivery, now time.Time) subscriptions.Verdict {
	if !t.lives(row.Notice, now) {
		return t.view.StillTrue(*row, now)
	}
	k := saying{notice: row.Notice}
	if len(row.Services) > 0 {
		k.service = row.Services[0]
	}
	t.mu.RLock()
	_, known := t.yes[k]
	t.mu.RUnlock()
	if known {
		return subscriptions.Verdict{Send: true}
	}
	first := *row
	first.Services = row.Services[:min(1, len(row.Services))]
	if !t.view.StillTrue(first, now).Send {
		return t.view.StillTrue(*row, now)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.yes) >= saidKept {
		clear(t.yes)
	}
	t.yes[k] = struct{}{}
	return subscriptions.Verdict{Send: true}
}
