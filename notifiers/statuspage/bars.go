package statuspage

import (
	"slices"
	"time"

	"arifa/subscriptions"
)

// span is a time within which trouble was announced.
type span struct {
	from, to time.Time
	impact   impact
}

// bar is one day of the history.
type bar struct {
	Day    time.Time // its beginning, in the catalogue's zone
	Impact impact    // "" = nothing was announced, which says nothing about health
}

// spansOf tells when a service failed in one incident, by its claims and holds.
func spansOf(i subscriptions.Incident, id subscriptions.ServiceID, now time.Time) []span {
	state, ok := i.Service(id)
	if !ok || !state.Confirmed {
		return nil
	}
	how := blocked
	switch {
	case i.Maintenance:
		how = planned
	case state.Impact == subscriptions.Degraded:
		how = limited
	}
	var out []span
	add := func(from, to time.Time, how impact) {
		if to.IsZero() {
			to = i.EndedAt
		}
		if to.IsZero() || to.After(now) {
			to = now
		}
		if !from.IsZero() && from.Before(to) {
			out = append(out, span{from, to, how})
		}
	}
	for _, c := range i.Claims {
		via := c.Platform != "" && (len(state.Via) == 0 || slices.Contains(state.Via, c.Platform))
		if c.Service == id || via {
			from := c.Since
			if from.IsZero() {
				from = i.Since
			}
			if i.Maintenance && !i.StartsAt.IsZero() {
				from = i.StartsAt
			}
			add(from, c.EndedAt, how)
		}
	}
	for _, h := range i.Holds {
		if h.Service == id {
			add(h.At, h.ReleasedAt, limited)
		}
	}
	if len(out) == 0 {
		add(state.Since, time.Time{}, how)
	}
	return out
}

// bars of the last days, oldest first: the worst that was announced of each.
func (e *edition) bars(id subscriptions.ServiceID, told func(subscriptions.Incident) bool) []bar {
	end := e.asOf.In(e.zone)
	today := time.Date(end.Year(), end.Month(), end.Day(), 0, 0, 0, 0, e.zone)
	out := make([]bar, historyDays)
	for k := range out {
		out[k].Day = today.AddDate(0, 0, k-historyDays+1)
	}
	weight := map[impact]int{planned: 1, limited: 2, blocked: 3}
	for _, i := range e.incidents {
		if !told(i) {
			continue
		}
		for _, s := range spansOf(i, id, e.asOf) {
			for k := range out {
				if s.from.Before(out[k].Day.AddDate(0, 0, 1)) && s.to.After(out[k].Day) && weight[s.impact] > weight[out[k].Impact] {
					out[k].Impact = s.impact
				}
			}
		}
	}
	return out
}
