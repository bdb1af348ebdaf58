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
	// unsaid says since when we know of each correction that is published, by the notice
	// that it corrects.
	unsaid map[subscriptions.NoticeID]map[subscriptions.NoticeID]time.Time

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

// newTruth is of a view that was read by now; before is the one that it replaces.
func newTruth(v subscriptions.View, before *truth, now time.Time) *truth {
	t := &truth{view: v, notices: make(map[subscriptions.NoticeID]*subscriptions.Notice, len(v.Notices)),
		unsaid: map[subscriptions.NoticeID]map[subscriptions.NoticeID]time.Time{}, yes: map[saying]struct{}{}}
	for id, n := range v.Notices {
		t.notices[id] = &n
		if !n.Unsays() {
			continue
		}
		at := now
		if before != nil && !before.unsaid[n.Corrects][id].IsZero() {
			at = before.unsaid[n.Corrects][id]
		}
		if t.unsaid[n.Corrects] == nil {
			t.unsaid[n.Corrects] = map[subscriptions.NoticeID]time.Time{}
		}
		t.unsaid[n.Corrects][id] = at
	}
	return t
}

// lives reports whether a notice is in the view and has not expired: what it was said
// of any row before holds.
func (t *truth) lives(id subscriptions.NoticeID, now time.Time) bool {
	n := t.notices[id]
	return n != nil && (n.ExpiresAt.IsZero() || now.Before(n.ExpiresAt))
}

// correctedSince reports whether a row was leased before its notice was corrected, as
// far as we know: whether it is still needed is for the store to say.
func (t *truth) correctedSince(row *subscriptions.Delivery, leased time.Time) bool {
	for _, at := range t.unsaid[row.Notice] {
		if leased.Before(at) {
			return true
		}
	}
	return false
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
