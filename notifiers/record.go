package notifiers

import (
	"context"
	"errors"
	"time"

	"arifa/subscriptions"
)

const (
	// recordAfter is the longest that a result waits for others; the width of the
	// window in which a crash tells somebody twice grows with it.
	recordAfter = 10 * time.Millisecond
	recordFirst = 20 * time.Millisecond // pause after a failed write
	recordMost  = time.Second
	// splitAfter is how many times a whole batch is refused before each result is
	// tried by itself: one that the store cannot take must not hold the others.
	splitAfter = 3
	aloneAfter = 12
)

// record writes results down in batches until there are no more. A slot becomes
// free only when its result is durable; while the store is away the results
// wait here, no more of them than the cap.
func (l *lane) record(last context.Context, results *results) {
	var batch []subscriptions.Result
	for results.wait(l.worth) {
		batch = results.take(batch[:0])
		l.commit(last, batch)
	}
}

// worth is how many results are worth a write: half a flight, or fewer where nobody is
// left who could add to them.
func (l *lane) worth() int { return min(max(1, l.set.InFlight/2), max(1, l.nearlyDone())) }

// nearlyDone is how many results could come soon. Rows that wait for the budget of
// a slow lane cannot; in a quick one they will.
func (l *lane) nearlyDone() int {
	n := l.inFlight.Load()
	if !l.quick() {
		n -= l.waiting.Load()
	}
	return int(n)
}

// commit writes a batch until it is written. Whether the write before arrived is
// not known; results are evidence, so writing them again is safe. It gives up
// only when the process has to end: then the leases lapse.
func (l *lane) commit(last context.Context, batch []subscriptions.Result) {
	n, wait := len(batch), recordFirst
	for try := 1; ; try++ {
		err := l.finish(last, batch)
		if err == nil {
			break
		}
		if !l.away.Swap(true) {
			l.log.Warn("results cannot be recorded: nothing new is begun", "results", len(batch), "err", err)
		}
		if try >= splitAfter && !away(err) {
			batch = l.finishEach(last, batch, try >= aloneAfter)
		}
		if len(batch) == 0 {
			break
		}
		if !bell(nil).sleep(last, wait) {
			l.log.Error("results are lost: their deliveries may be repeated", "results", len(batch), "err", err)
			break
		}
		wait = min(2*wait, recordMost)
	}
	if l.away.Swap(false) {
		l.log.Info("results are recorded again")
	}
	l.inFlight.Add(-int64(n))
	l.cfg.Metrics.InFlight(l.id, int(l.inFlight.Load()))
	l.wake.ring()
}

func (l *lane) finish(last context.Context, batch []subscriptions.Result) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(last), storeLimit)
	defer cancel()
	return l.cfg.Outbox.Finish(ctx, batch)
}

// finishEach writes one result at a time and returns those to try again. A
// result that is refused while the store takes others is given up, and so is one
// that was alone for long: its lease lapses and the store decides. Where every
// one of several is refused the trouble is the store's, and all are kept.
func (l *lane) finishEach(last context.Context, batch []subscriptions.Result, long bool) []subscriptions.Result {
	var again, refused []subscriptions.Result
	taken := 0
	for i := range batch {
		err := l.finish(last, batch[i:i+1])
		switch {
		case err == nil:
			taken++
		case away(err):
			again = append(again, batch[i])
		default:
			refused = append(refused, batch[i])
		}
	}
	if taken == 0 && !(long && len(batch) == 1) {
		return batch
	}
	for _, r := range refused {
		l.log.Error("the store refuses a result: given up", "delivery", r.ID, "state", r.State)
	}
	return again
}

// away reports whether the store itself is in trouble, not one result.
func away(err error) bool {
	return errors.Is(err, subscriptions.ErrUnavailable) || errors.Is(err, subscriptions.ErrFull) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}
