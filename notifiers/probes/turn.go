package probes

import (
	"context"
	"time"

	"arifa/subscriptions"
)

// turn decides which of several replicas asks: a tick of the database for each
// term. Who has a term takes the next one in its second half; another comes in only
// when nobody has done so, so one process goes on until it ends.
type turn struct {
	ticks subscriptions.Ticks
	until time.Time // end of the last term that is ours
	tried time.Time // the last term that was asked for
}

const (
	term  = time.Minute
	grace = 10 * time.Second // that others leave to who had the last term
	job   = "probes"
)

func (t *turn) holds(now time.Time) bool { return now.Before(t.until) }

// take reports whether the current term is ours, and asks for it, or for the next
// one, when it is time.
func (t *turn) take(ctx context.Context, now time.Time) (bool, error) {
	began := now.Truncate(term)
	ours := t.holds(now)
	switch {
	case ours && t.until.After(began.Add(term)), ours && now.Sub(began) < term/2:
		return true, nil // the next one is ours already, or it is too early
	case ours:
		began = began.Add(term)
	case now.Sub(began) < grace:
		return false, nil
	}
	if !began.After(t.tried) {
		return ours, nil
	}
	mine, err := t.ticks.Claim(ctx, job, began.UTC())
	if err != nil {
		return false, err
	}
	t.tried = began
	if mine {
		t.until = began.Add(term)
	}
	return ours || mine, nil
}
