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
