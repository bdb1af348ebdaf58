package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"arifa/subscriptions"
)

// letGo returns what was submitted about an incident that has ended meanwhile: it can
// never be published any more, so nobody is left waiting for it, and its author is
// told why. It comes after the end, which must not fail for it; the clock does the
// same for one that a crash left standing.
func (d *Desk) letGo(ctx context.Context, i subscriptions.Incident, now time.Time) error {
	if i.ID == 0 {
		return nil
	}
	waiting, err := d.Store.Notices(ctx, i.ID, subscriptions.Submitted)
	if err != nil {
		return err
	}
	var errs []error
	for _, n := range waiting {
		if pastEnd(n, i) {
			errs = append(errs, d.returnEnded(ctx, n, now))
		}
	}
	return errors.Join(errs...)
}

// pastEnd reports whether a submitted notice speaks of a time of trouble that is
// over. Corrections, answers and advisories are said after an end too.
func pastEnd(n subscriptions.Notice, i subscriptions.Incident) bool {
	return n.Kind.Chain() && (i.State.Over() || n.Earlier(i))
}

// endedWhy is what the author of such a notice reads.
const endedWhy = "the incident has ended since it was submitted; nobody has read it"

func (d *Desk) returnEnded(ctx context.Context, n subscriptions.Notice, now time.Time) error {
	w := deed{actor: Actor{Via: "clock"}, act: ActReturn, agency: n.Agency, subject: "notice " + show(n), now: now}
	n.State, n.Return = subscriptions.Returned, endedWhy
	to := slices.Compact([]subscriptions.OfficerID{n.Author, n.Submitter})
	asked := []summoned{d.summon(ctx, Event{Kind: EventReturned, Agency: n.Agency, Incident: n.Incident, Notice: n.ID, Key: n.Key, At: now, To: to})}
	_, err := d.Store.Commit(ctx, subscriptions.Change{Notices: []subscriptions.Notice{n}, Summons: rows(asked), Line: w.line(endedWhy), Now: now})
	switch {
	case errors.Is(err, subscriptions.ErrConflict): // somebody acts on it right now
		return nil
	case err != nil:
		return err
	}
	d.called(asked)
	return nil
}

// ended lets go what waits for an incident that a deed has just ended.
func (d *Desk) ended(ctx context.Context, i subscriptions.Incident, now time.Time) {
	if !i.State.Over() {
		return
	}
	if err := d.letGo(ctx, i, now); err != nil {
		d.Log.Warn("what waited for an ended incident was not returned; the clock tries again", "incident", int64(i.ID), "error", err)
	}
}

// tickEnded does the same for what was left standing.
func (d *Desk) tickEnded(ctx context.Context, now time.Time) error {
	waiting, err := d.Store.Notices(ctx, 0, subscriptions.Submitted)
	if err != nil {
		return err
	}
	seen := map[subscriptions.IncidentID]bool{0: true}
	var errs []error
	for _, n := range waiting {
		if seen[n.Incident] {
			continue
		}
		seen[n.Incident] = true
		i, err := d.Store.Incident(ctx, n.Incident)
		if err == nil {
			err = d.letGo(ctx, i, now)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
