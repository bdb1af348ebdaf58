package notifiers

import (
	"sync"
	"time"
	"unsafe"

	"arifa/subscriptions"
)

// truth is one view, with the answers to "still true?" that it gave. Thousands of
// rows of a wave say the same services, and the answer is the same for all.
type truth struct {
	view    subscriptions.View
	notices map[subscriptions.NoticeID]*subscriptions.Notice
	// unsaid says since when we know of each correction that is published, by the notice
	// that it corrects.
	unsaid map[subscriptions.NoticeID]map[subscriptions.NoticeID]time.Time

	mu  sync.RWMutex
	yes map[saying]struct{} // may be sent, as long as their notice lives
}

// saying is what one row says. Stores give equal lists the same place in memory; a
// list that lies elsewhere is only asked for again.
type saying struct {
	notice subscriptions.NoticeID
	first  *subscriptions.ServiceID
	n      int
}

// saidKept is how many answers one view remembers.
const saidKept = 4096

func sayingOf(notice subscriptions.NoticeID, services []subscriptions.ServiceID) saying {
	return saying{notice, unsafe.SliceData(services), len(services)}
}

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
	n := t.notices[row.Notice]
	if n == nil || !n.ExpiresAt.IsZero() && !now.Before(n.ExpiresAt) {
		return t.view.StillTrue(*row, now)
	}
	k := sayingOf(row.Notice, row.Services)
	t.mu.RLock()
	_, known := t.yes[k]
	t.mu.RUnlock()
	if known {
		return subscriptions.Verdict{Send: true}
	}
	v := t.view.StillTrue(*row, now)
	if v.Send {
		t.mu.Lock()
		if len(t.yes) >= saidKept {
			clear(t.yes)
		}
		t.yes[k] = struct{}{}
		t.mu.Unlock()
	}
	return v
}
