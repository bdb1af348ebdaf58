package subscriptions

import (
	"context"
	"sync"
)

// Stretch is how many ids of recipients one look at a notice is about; stretches, how
// many looks one call takes at each.
const (
	Stretch   = 20_000
	stretches = 10
)

// Skipping is what a store tells of people who were skipped.
type Skipping interface {
	// Lookable lists the notices that are live and fully expanded, and the highest id of
	// a recipient.
	Lookable(ctx context.Context) (live []NoticeID, last RecipientID, err error)
	// Skipped counts who is owed a notice and has no row of it, above from and up to to.
	Skipped(ctx context.Context, n NoticeID, from, to RecipientID) (int, error)
}

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

// Walk goes on with every live notice where the last call stopped, width ids at a time,
// and counts who is known to be skipped.
func (l *Looks) Walk(ctx context.Context, s Skipping, width int64) (int, error) {
	live, last, err := s.Lookable(ctx)
	if err != nil {
		return 0, err
	}
	for _, n := range live {
		for range stretches {
			from := l.From(n)
			to := min(from+RecipientID(width), last)
			found, err := s.Skipped(ctx, n, from, to)
			if err != nil {
				return 0, err
			}
			if l.Saw(n, to, found, to >= last); to >= last {
				break
			}
		}
	}
	return l.Sum(live), nil
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
