package subscriptions

import "sync"

// Looks remembers how far Unaccounted has come with each notice: one call looks at a
// stretch of recipients, so that it costs the same whatever the audience. Its zero value
// is ready, and it may be used by several at once.
type Looks struct {
	mu sync.Mutex
	at map[NoticeID]look
}

type look struct {
	from   RecipientID
	found  int // in this round
	before int // in the whole round before
}

// From is the recipient after whom the next look at a notice begins.
func (l *Looks) From(n NoticeID) RecipientID {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.at[n].from
}

// Saw notes what was found up to a recipient; over = that was the last one, and the next
// look begins anew.
func (l *Looks) Saw(n NoticeID, to RecipientID, found int, over bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.at == nil {
		l.at = map[NoticeID]look{}
	}
	now := l.at[n]
	now.from, now.found = to, now.found+found
	if over {
		now = look{before: now.found}
	}
	l.at[n] = now
}

// Sum is how many are known to be skipped of these notices, each by its fuller round;
// other notices are forgotten.
func (l *Looks) Sum(of []NoticeID) (sum int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := make(map[NoticeID]look, len(of))
	for _, n := range of {
		if at, some := l.at[n]; some {
			kept[n] = at
			sum += max(at.found, at.before)
		}
	}
	l.at = kept
	return sum
}
