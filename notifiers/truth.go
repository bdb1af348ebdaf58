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

	mu  sync.RWMutex
	yes map[said]struct{} // may be sent, as long as their notice lives
}

// said is what one row says. Stores give equal lists the same place in memory; a
// list that lies elsewhere is only asked for again.
type said struct {
	notice subscriptions.NoticeID
	first  *subscriptions.ServiceID
	n      int
}

// saidKept is how many answers one view remembers.
const saidKept = 4096

func sayingOf(notice subscriptions.NoticeID, services []subscriptions.ServiceID) said {
	return said{notice, unsafe.SliceData(services), len(services)}
}

func newTruth(v subscriptions.View) *truth {
	t := &truth{view: v, notices: make(map[subscriptions.NoticeID]*subscriptions.Notice, len(v.Notices)), yes: map[said]struct{}{}}
	for id, n := range v.Notices {
		t.notices[id] = &n
	}
	return t
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
