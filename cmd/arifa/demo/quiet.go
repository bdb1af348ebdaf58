package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"arifa/subscriptions"
)

const (
	// stuck is how long the program may do nothing while something is owed.
	stuck = 60 * time.Second
	// still is how long nothing moves before a hold is taken for what it is.
	still = 300 * time.Millisecond
)

// advance goes forward to a step, and stops on the way wherever the program has
// promised something for a time: the clock works through the gaps too.
func (r *rehearsal) advance(ctx context.Context, to time.Time) error {
	for {
		at, err := r.nextWake(ctx, to)
		if err != nil || at.IsZero() {
			r.clock.Leap(to)
			return err
		}
		r.clock.Leap(at)
		if err := r.tick(ctx); err != nil {
			return err
		}
		if err := r.settleDown(ctx, r.newest()); err != nil {
			return err
		}
	}
}

// nextWake is the next time before to at which the clock has something to do.
func (r *rehearsal) nextWake(ctx context.Context, to time.Time) (time.Time, error) {
	if r.id == 0 {
		return time.Time{}, nil
	}
	i, err := r.office.desk.Incident(ctx, r.id)
	if err != nil {
		return time.Time{}, err
	}
	times := []time.Time{i.NextUpdate}
	if i.Maintenance {
		times = append(times, i.StartsAt.Add(-24*time.Hour), i.StartsAt, i.EndsAt)
	}
	for _, w := range i.Ways {
		if w.EndedAt.IsZero() {
			times = append(times, w.Until)
		}
	}
	now := r.clock.Now()
	times = slices.DeleteFunc(times, func(t time.Time) bool { return t.IsZero() || !t.After(now) || !t.Before(to) })
	if len(times) == 0 {
		return time.Time{}, nil
	}
	return slices.MinFunc(times, time.Time.Compare), nil
}

// tick lets the clock do what it does each minute, and notes what the program
// has published by itself: the steps of a maintenance, a way that expired.
func (r *rehearsal) tick(ctx context.Context) error {
	begun := r.now()
	if err := r.program.Tick(ctx, r.clock.Now()); err != nil {
		return fmt.Errorf("the clock: %w", err)
	}
	if err := r.watch(ctx); err != nil {
		return fmt.Errorf("the clock: %w", err)
	}
	if r.id == 0 {
		return nil
	}
	notices, err := r.office.desk.Notices(ctx, r.id, subscriptions.Published)
	if err != nil {
		return err
	}
	for _, n := range notices {
		if r.keys[n.Key] {
			continue
		}
		if n.Kind == subscriptions.Restored {
			return fmt.Errorf("the clock published %s: only officers say that something works", n.Key)
		}
		w := &said{kind: n.Kind, by: n.Agency, sort: alert, begun: begun, committed: r.now(), failing: r.world.failing(), keys: []string{n.Key.Short()}}
		k := n.Kind
		if k == subscriptions.Update { // a way has expired: told to those for whom it was
			k = subscriptions.AlternativeNotice
		}
		w.services, w.audience = r.tells(n.Agency, nil, k, r.ways)
		r.keys[n.Key], r.wave, r.said = true, n.ID, append(r.said, w)
		r.screen.byItself(r.clock.Now(), n)
	}
	return nil
}

// settleDown waits until the program has nothing left to do: that is the moment
// at which everything owed must have been told.
func (r *rehearsal) settleDown(ctx context.Context, wave string) error {
	if err := r.until(ctx, wave, 0, -1); err != nil {
		return err
	}
	r.quiets = append(r.quiets, quiet{at: r.now(), said: len(r.said), failing: r.world.failing()})
	return nil
}

// until waits until enough of a wave has gone out (-1 = all, and nothing else is
// under way), and shows how far it is.
func (r *rehearsal) until(ctx context.Context, wave string, total, enough int) error {
	before, begun := r.server.Stats().Accepted, time.Now()
	moved, seen, leapt := begun, before, false
	if wave != "" && total == 0 && len(r.said) > 0 {
		total = r.crowd.present(r.said[len(r.said)-1].audience, r.said[len(r.said)-1].begun)
	}
	r.screen.bar.start("notice "+wave, total)
	defer r.screen.bar.stop()
	for n := 0; ; n++ {
		sent := r.server.Stats().Accepted
		r.screen.bar.to(int(sent-before), total)
		if sent != seen {
			seen, moved, leapt = sent, time.Now(), false
		}
		if enough >= 0 && int(sent-before) >= enough {
			return nil
		}
		if n%3 == 0 { // the store has other things to do than to answer us
			idle, held, err := r.idle(ctx)
			if err != nil {
				return err
			}
			if idle {
				r.speed(sent-before, time.Since(begun))
				return nil
			}
			if held && !leapt && time.Since(moved) > still { // nobody watches a minute in which nothing happens
				r.clock.Leap(r.clock.Now().Add(subscriptions.StageHold))
				leapt = true
				r.holds++
			}
		}
		if time.Since(moved) > stuck {
			return errors.New("the program has something to say and does not say it")
		}
		if err := pause(ctx, 40*time.Millisecond); err != nil {
			return err
		}
	}
}

func (r *rehearsal) speed(sent int64, took time.Duration) {
	if sent >= 500 {
		r.fastest = max(r.fastest, float64(sent)/took.Seconds())
	}
}

// idle asks whether anything is heard and not answered, or owed and not told. held
// says that all that is owed waits for the hold between two stages.
func (r *rehearsal) idle(ctx context.Context) (idle, held bool, err error) {
	if r.server.Pending() > 0 {
		return false, false, nil
	}
	in, err := r.program.Store.InboxState(ctx, r.program.Lane)
	if err != nil || in.Waiting > 0 {
		return false, false, err
	}
	if in.Dead > 0 {
		return false, false, fmt.Errorf("%d updates were laid aside", in.Dead)
	}
	notices, err := r.office.desk.Notices(ctx, 0, subscriptions.Published)
	if err != nil {
		return false, false, err
	}
	for _, n := range slices.Backward(notices) { // the newest has the most to do
		p, err := r.office.desk.Progress(ctx, n.ID)
		if err == nil && r.cfg.Web { // nobody waits for a browser that somebody has closed
			p.InFlight, p.ByLane = 0, map[subscriptions.LaneID]map[subscriptions.DeliveryState]int{r.program.Lane: p.ByLane[r.program.Lane]}
		}
		expanding := !p.Expanded && n.Overtaken == 0
		if err != nil || p.Count(subscriptions.Pending) > 0 || p.InFlight > 0 || expanding && n.Stage == 0 {
			return false, false, err
		}
		held = held || expanding
	}
	return !held, held, nil
}
