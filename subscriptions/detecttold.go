package subscriptions

import "time"

// afterEnd is how long after an end complaints may still be of what has ended.
const afterEnd = 10 * time.Minute

// told is what the public has been told already.
type told struct {
	failing   map[ServiceID]bool
	ended     map[ServiceID]time.Time // complaints until then are of what has ended
	platforms map[PlatformID]bool
}

// toldOf reads it from the incidents. One of which nobody has said a word tells
// nothing, nor does work that has not begun.
func toldOf(e Evidence) told {
	t := told{failing: map[ServiceID]bool{}, ended: map[ServiceID]time.Time{}, platforms: map[PlatformID]bool{}}
	for _, i := range e.Incidents {
		if i.FirstNotice == 0 || i.State == Scheduled && e.Now.Before(i.StartsAt) {
			continue
		}
		for _, s := range i.Services {
			if !i.State.Over() && s.Failing {
				t.failing[s.Service] = true
				continue
			}
			if end := i.endOf(s).Add(afterEnd); end.After(t.ended[s.Service]) {
				t.ended[s.Service] = end
			}
		}
		for _, p := range i.Platforms() {
			if !i.State.Over() {
				t.platforms[p] = true
			}
		}
	}
	return t
}

// endOf is when a service of this incident came back, as far as its claims say.
func (i Incident) endOf(s ServiceState) time.Time {
	end := i.EndedAt
	for _, c := range i.Claims {
		hit := c.Service == s.Service
		for _, v := range s.Via {
			hit = hit || c.Platform == v
		}
		if hit && i.EndedAt.IsZero() && c.EndedAt.After(end) {
			end = c.EndedAt
		}
	}
	return end
}

// service reports whether a complaint of a service at a time is of what was told.
func (t told) service(id ServiceID, at time.Time) bool {
	return t.failing[id] || !at.After(t.ended[id])
}

// platform reports whether p is told to fail, by itself or through what it cannot
// work without.
func (t told) platform(r *Rollup, p PlatformID) bool {
	for q := range t.platforms {
		if r.fails[q][p] == Blocked {
			return true
		}
	}
	return false
}
