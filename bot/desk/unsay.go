package desk

import (
	"context"
	"slices"
	"time"

	"arifa/subscriptions"
)

// unsay adds to the change that ends a notice what else falls with its words: the
// ways in its sheet, whoever gave them first; every other notice on its way to
// people that tells one of these, where it moves money; and answers, which are
// open again.
func (d *Desk) unsay(ctx context.Context, n subscriptions.Notice, c *subscriptions.Change) error {
	before, err := d.Store.Incident(ctx, n.Incident)
	if err != nil {
		return err
	}
	all, err := d.Store.Notices(ctx, n.Incident)
	if err != nil {
		return err
	}
	i, ended := withoutWays(before, n, c.Now)
	nation := d.Config.Nation()
	// Only for money: to stop another agency's word costs those who wait for it the
	// news, which a wrong way to walk is not worth.
	wrong := func(m subscriptions.Notice) bool {
		return slices.ContainsFunc(ended, func(w subscriptions.Way) bool {
			a, _ := nation.Alternative(w.Alternative)
			return movesMoney(nation, a) && tells(m, w)
		})
	}
	for _, m := range all {
		if m.ID == n.ID || m.Round != i.Round || !m.Live(c.Now) || !wrong(m) {
			continue
		}
		m.State, m.StoppedAt = subscriptions.Stopped, c.Now
		c.Notices = append(c.Notices, m)
		c.Line.Detail = joined(c.Line.Detail, show(m)+" stops too: it tells the same way")
	}
	promise := promiseWithout(i, n, all)
	if len(ended) > 0 || !promise.Equal(i.NextUpdate) {
		i.NextUpdate, c.Incident = promise, &i
	}
	return nil
}

func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}

// withoutWays crosses out the ways that stand in the sheet of a notice, and lists
// them: a later notice repeats a way that an earlier one gave.
func withoutWays(i subscriptions.Incident, n subscriptions.Notice, now time.Time) (subscriptions.Incident, []subscriptions.Way) {
	var ended []subscriptions.Way
	i = clone(i)
	for k, w := range i.Ways {
		if w.EndedAt.IsZero() && (w.Notice == n.ID || tells(n, w)) {
			ended = append(ended, w)
			i.Ways[k].EndedAt = now
		}
	}
	return i, ended
}

// tells reports whether a way that has not ended stands in the sheet of a notice:
// the sheet has all ways of its services that were given by then.
func tells(n subscriptions.Notice, w subscriptions.Way) bool {
	return !n.PublishedAt.IsZero() && n.Kind.Chain() && n.Kind != subscriptions.Restored && !w.At.After(n.PublishedAt) &&
		len(intersect(w.Services, n.Audience[subscriptions.ScopeAll])) > 0
}

// promiseWithout is the promise of an incident when n, an end or an answer, is
// not said any more.
func promiseWithout(i subscriptions.Incident, n subscriptions.Notice, all []subscriptions.Notice) time.Time {
	if !i.State.Over() || n.Round != i.Round || n.PublishedAt.IsZero() || n.Kind != subscriptions.Restored && !n.Answers() {
		return i.NextUpdate
	}
	var told []subscriptions.Notice
	for _, m := range all {
		if m.ID == n.ID {
			m = n
		}
		if m.Round == i.Round {
			told = append(told, m)
		}
	}
	first, _ := dueFirst(pledges(told), "")
	return first.promise()
}
