package subscriptions

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// cause is one thing that may explain complaints.
type cause struct {
	of       Scope
	platform PlatformID
	agency   AgencyID    // whose services these are, where no platform is named
	services []ServiceID // that it can explain
	from     time.Time   // beginning of the window in which it shows
	weighed
	reason Reason
	kinds  []LeadKind
}

// weighed is what complains of some services within a window.
type weighed struct {
	reports, asks float64         // by weight
	persons       int             // that reported
	sources       map[string]bool // that reported
	complaining   []ServiceID     // that somebody reported
	last          time.Time       // report
}

// cause finds what explains the complaints best: of all that is believed in the
// shortest window the one that explains most, and then the narrowest one that
// leaves nothing unusual over. ok is false where nothing is believed.
func (d *detective) cause() (best cause, ok bool) {
	all := d.candidates()
	for _, w := range windows {
		from := d.Now.Add(-w)
		var believed []cause
		for _, c := range all {
			if float64(d.raw(c.services, from)) < d.Thresholds.Few && len(d.firing[c.platform]) == 0 {
				continue // too few, however they weigh
			}
			c.weighed, c.from = d.weigh(c.services, from), from
			if d.believe(&c, from) {
				believed = append(believed, c)
			}
		}
		if len(believed) == 0 {
			continue
		}
		slices.SortStableFunc(believed, func(a, b cause) int {
			return cmp.Or(cmp.Compare(b.reports+b.asks/4, a.reports+a.asks/4), cmp.Compare(len(a.services), len(b.services)))
		})
		return d.narrowest(believed, from), true
	}
	return cause{}, false
}

// candidates are all platforms, agencies and services that somebody complains of.
func (d *detective) candidates() (out []cause) {
	for _, s := range d.Nation.Services {
		if !s.Retired && len(d.reports[s.ID])+len(d.asks[s.ID]) > 0 {
			out = append(out, cause{of: ScopeService(s.ID), agency: s.Agency, services: []ServiceID{s.ID}})
		}
	}
	for _, a := range d.Nation.Agencies {
		if own := d.own[a.ID]; d.complained(own) > 1 {
			out = append(out, cause{of: ScopeAgency(a.ID), agency: a.ID, services: own})
		}
	}
	for _, p := range d.Nation.Platforms {
		// A machine's word makes a platform of one complaining service a cause as well.
		if n := d.complained(d.reach[p.ID]); !p.Retired && (n > 1 || n == 1 && len(d.firing[p.ID]) > 0) {
			out = append(out, cause{of: ScopePlatform(p.ID), platform: p.ID, agency: p.Operator, services: d.reach[p.ID]})
		}
	}
	return out
}

func (d *detective) complained(services []ServiceID) (n int) {
	for _, id := range services {
		if len(d.reports[id]) > 0 {
			n++
		}
	}
	return n
}

// raw is how many reports there are, without asking whose.
func (d *detective) raw(services []ServiceID, from time.Time) (n int) {
	for _, id := range services {
		marks := d.reports[id]
		at, _ := slices.BinarySearchFunc(marks, from, func(m Mark, t time.Time) int { return m.At.Compare(t) })
		n += len(marks) - at
	}
	return n
}

// weigh counts each source that reported once, whatever the number of services that
// it names. Groups together weigh no more than persons do.
func (d *detective) weigh(services []ServiceID, from time.Time) (w weighed) {
	w.sources = map[string]bool{}
	var groups float64
	for _, id := range services {
		some := false
		for _, m := range d.reports[id] {
			if m.At.Before(from) {
				continue
			}
			some = true
			if m.At.After(w.last) {
				w.last = m.At
			}
			if w.sources[m.Source] {
				continue
			}
			w.sources[m.Source] = true
			if m.Group {
				groups += d.weight(m)
				continue
			}
			w.reports += d.weight(m)
			w.persons++
		}
		if some {
			w.complaining = append(w.complaining, id)
		}
	}
	w.reports += min(groups, w.reports)
	return w
}

// questions weighs the sources that only asked: who reported as well is one.
func (d *detective) questions(services []ServiceID, from time.Time, reported map[string]bool) (asks float64) {
	seen := map[string]bool{}
	for _, id := range services {
		for _, m := range d.asks[id] {
			if !m.At.Before(from) && !seen[m.Source] && !reported[m.Source] {
				seen[m.Source] = true
				asks += d.weight(m)
			}
		}
	}
	return asks
}

func (d *detective) weight(m Mark) float64 {
	if m.New {
		return d.Thresholds.New
	}
	return 1
}

// leastPersons who report: one person, or one group, is never enough.
const leastPersons = 3

// believe judges a candidate and says why.
func (d *detective) believe(c *cause, from time.Time) bool {
	t := d.Thresholds
	c.kinds = nil
	fires := c.platform != "" && len(d.firing[c.platform]) > 0
	enough := c.persons >= leastPersons && c.reports >= t.Few && d.Now.Sub(c.last) < StillFor
	if !enough && !fires {
		return false // questions alone are curiosity
	}
	c.asks = d.questions(c.services, from, c.sources)
	usualAsks := d.Usual.level(c.of, c.services, MarkAsk, from, d.Now)
	usual := d.Usual.level(c.of, c.services, MarkReport, from, d.Now) * traffic(c.asks, usualAsks)
	chance := improbable(whole(c.reports), usual)
	if enough && chance < t.Odd {
		c.kinds = append(c.kinds, LeadReports)
	}
	if c.asks >= t.FewAsks && improbable(whole(c.asks), usualAsks) < t.Odd {
		c.kinds = append(c.kinds, LeadAsks)
	}
	if fires {
		c.kinds = append(c.kinds, LeadMachine)
	}
	switch {
	case len(c.kinds) > 1 && (fires || enough && chance < t.Odd && d.Now.Sub(from) < DetectBack):
		c.reason = ReasonTwoKinds
	case enough && c.reports >= t.Many && chance < t.Rare:
		c.reason = ReasonMany
	default:
		return false
	}
	return true
}

// mostTraffic bounds how much of a rise of questions is taken for mere traffic.
const mostTraffic = 2.5

// traffic is by how much more people use something than usual, as far as their
// questions tell: where four times as many ask, as on the day when taxes are due,
// twice as many reports are no surprise.
func traffic(asks, usual float64) float64 {
	return min(max(math.Sqrt(asks/usual), 1), mostTraffic)
}

func whole(weight float64) int { return int(weight + 1e-9) }

// odd reports whether as many reports are improbable at the usual level.
func (d *detective) odd(services []ServiceID, n float64, from time.Time) bool {
	return improbable(whole(n), d.Usual.level("", services, MarkReport, from, d.Now)) < d.Thresholds.Odd
}

// narrowest goes from the cause that explains most to the narrowest believed one
// that leaves nothing of it unexplained. What a machine names goes before.
func (d *detective) narrowest(believed []cause, from time.Time) cause {
	top := believed[0]
	best := top
	for _, c := range believed[1:] {
		if len(overlap(c.services, top.complaining)) == 0 || d.leavesOver(top, c, from) {
			continue
		}
		machine, better := len(d.firing[c.platform]) > 0, len(d.firing[best.platform]) > 0
		if machine != better {
			if machine {
				best = c
			}
			continue
		}
		if d.narrower(c, best) {
			best = c
		}
	}
	return d.asPlatform(best, from)
}

// leavesOver reports whether c leaves unusually many complaints of top over.
func (d *detective) leavesOver(top, c cause, from time.Time) bool {
	var rest []ServiceID
	for _, id := range top.services {
		if !slices.Contains(c.services, id) {
			rest = append(rest, id)
		}
	}
	w := d.weigh(rest, from)
	return w.persons >= 2 && w.reports >= d.Thresholds.Few/2 && d.odd(rest, w.reports, from)
}

// narrower: fewer services that would have to be broken; of as many, an operator's
// own platform before the services of an agency.
func (d *detective) narrower(a, b cause) bool {
	if len(a.services) != len(b.services) {
		return len(a.services) < len(b.services)
	}
	return a.platform != "" && b.platform == ""
}

// asPlatform names the agency's own platform where what complains hangs on it.
func (d *detective) asPlatform(c cause, from time.Time) cause {
	if c.platform != "" || len(c.complaining) < 2 {
		return c
	}
	best, most := c, 1
	for _, p := range d.Nation.Platforms {
		own := c
		own.platform, own.services = p.ID, d.reach[p.ID]
		if n := len(overlap(c.complaining, own.services)); p.Operator == c.agency && !p.Retired && n > most && !d.leavesOver(c, own, from) {
			best, most = own, n
		}
	}
	return best
}

func overlap(a, b []ServiceID) (out []ServiceID) {
	for _, id := range a {
		if slices.Contains(b, id) {
			out = append(out, id)
		}
	}
	return out
}
