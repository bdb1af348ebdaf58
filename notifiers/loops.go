package notifiers

import (
	"context"
	"time"

	"arifa/subscriptions"
)

const (
	firstPage = 200  // rows: so few that the first message leaves at once
	fullPage  = 2000 // rows: a write of a few milliseconds
	sweepPage = 500
	loopEvery = time.Second
	expandGap = 10 * time.Millisecond
	sweepGap  = 200 * time.Millisecond
	storeBack = time.Second // after an error of the store
)

// runExpand writes the deliveries of published notices, page by page, until ctx
// ends. Between pages it leaves the store to the lanes for as long as the page
// took, so that the first are told while the last are still being written down.
func (d *Dispatcher) runExpand(ctx context.Context) error {
	limit, away := firstPage, false
	for ctx.Err() == nil {
		begun := d.cfg.Uptime()
		e, err := d.expandPage(ctx, limit)
		took := elapsed(begun, d.cfg.Uptime())
		switch {
		case err != nil:
			if !away && ctx.Err() == nil {
				d.cfg.Log.Warn("notices cannot be expanded", "err", err)
			}
			bell(nil).sleep(ctx, storeBack)
		case e.Notice == 0:
			limit = firstPage
			bell(nil).sleep(ctx, expandGap)
			d.expand.sleep(ctx, loopEvery)
		default:
			limit = min(4*limit, fullPage)
			if e.Done {
				limit = firstPage
				d.cfg.Log.Info("notice expanded", "notice", e.Notice)
			}
			bell(nil).sleep(ctx, min(took, 50*time.Millisecond))
		}
		away = err != nil
	}
	return nil
}

func (d *Dispatcher) expandPage(ctx context.Context, limit int) (subscriptions.Expansion, error) {
	call, cancel := context.WithTimeout(ctx, storeLimit)
	defer cancel()
	e, err := d.cfg.Outbox.Expand(call, limit, d.now())
	if err != nil {
		return e, err
	}
	for _, id := range e.Lanes {
		if l, ok := d.byID[id]; ok {
			l.wake.ring()
		}
	}
	if e.Added > 0 {
		d.cfg.Metrics.Expanded(e.Added)
	}
	return e, nil
}

// runSweep does the slow work on rows in the background until ctx ends.
func (d *Dispatcher) runSweep(ctx context.Context) error {
	away := false
	for ctx.Err() == nil {
		call, cancel := context.WithTimeout(ctx, storeLimit)
		n, err := d.cfg.Outbox.Sweep(call, sweepPage, d.now())
		cancel()
		if err != nil && !away && ctx.Err() == nil {
			d.cfg.Log.Warn("deliveries cannot be swept", "err", err)
		}
		away = err != nil
		if n > 0 {
			d.cfg.Metrics.Swept(n)
			for _, l := range d.lanes {
				l.wake.ring() // a lapsed lease may be due again
			}
		}
		if n >= sweepPage {
			bell(nil).sleep(ctx, expandGap)
			continue
		}
		bell(nil).sleep(ctx, sweepGap)
		d.sweep.sleep(ctx, loopEvery)
	}
	return nil
}

// runStates tells each lane how the store sees it: paused, held, resumed.
func (d *Dispatcher) runStates(ctx context.Context) error {
	for ctx.Err() == nil {
		begun := d.cfg.Uptime()
		if known, err := laneStates(ctx, d.cfg.Lanes); err == nil {
			for id, s := range known {
				if l, ok := d.byID[id]; ok && l.tenancy.valid(l.clock()) {
					l.note(s, begun)
				}
			}
		}
		bell(nil).sleep(ctx, sweepGap)
		d.states.sleep(ctx, loopEvery)
	}
	return nil
}

func laneStates(ctx context.Context, lanes subscriptions.Lanes) (map[subscriptions.LaneID]subscriptions.Lane, error) {
	ctx, cancel := context.WithTimeout(ctx, storeLimit)
	defer cancel()
	list, err := lanes.LaneList(ctx)
	if err != nil {
		return nil, err
	}
	out := make(map[subscriptions.LaneID]subscriptions.Lane, len(list))
	for _, s := range list {
		out[s.ID] = s
	}
	return out, nil
}

// now is the time of the rules, as the stores keep it.
func (d *Dispatcher) now() time.Time { return instant(d.cfg.Clock) }

func instant(clock func() time.Time) time.Time { return clock().UTC().Truncate(time.Millisecond) }
