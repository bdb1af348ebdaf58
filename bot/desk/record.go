package desk

import (
	"context"

	"arifa/subscriptions"
)

// Record lists up to limit lines of the audit record, oldest first: those after a
// line, or the newest ones (after < 0). Any signed-in officer may read it.
func (d *Desk) Record(ctx context.Context, a Actor, after int64, limit int) ([]subscriptions.AuditLine, error) {
	a, err := d.fresh(ctx, a)
	if err != nil {
		return nil, err
	}
	if _, err := signedIn(a.Officer, a.Via); err != nil || a.Officer.ID == 0 {
		return nil, no(4, "act with your own key", "nobody is signed in")
	}
	if after < 0 {
		last, err := d.lastLine(ctx)
		if err != nil {
			return nil, err
		}
		after = max(0, last-int64(limit))
	}
	return d.Store.AuditLines(ctx, after, limit)
}

// lastLine finds the number of the newest line. They have no gaps, so halving finds
// it without reading the record.
func (d *Desk) lastLine(ctx context.Context) (int64, error) {
	beyond := func(n int64) (bool, error) {
		lines, err := d.Store.AuditLines(ctx, n, 1)
		return len(lines) == 0, err
	}
	var low, high int64 = 0, 1
	for {
		end, err := beyond(high)
		if err != nil {
			return 0, err
		}
		if end {
			break
		}
		low, high = high, high*2
	}
	for low < high {
		middle := (low + high) / 2
		end, err := beyond(middle)
		if err != nil {
			return 0, err
		}
		if end {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low, nil
}
