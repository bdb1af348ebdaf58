package subscriptions

import (
	"slices"
	"time"
)

// sameBurst is how long a pause within one burst of complaints may be.
const sameBurst = 20 * time.Minute

// suspicion puts a believed cause into the form in which officers are asked.
func (d *detective) suspicion(c cause) Suspicion {
	s := Suspicion{Agency: c.agency, Platform: c.platform, Reason: c.reason, Kinds: c.kinds}
	var marks []Mark
	for _, id := range c.services {
		marks = append(marks, d.reports[id]...)
		if len(d.reports[id]) > 0 {
			s.Services = append(s.Services, id)
		}
	}
	slices.SortStableFunc(marks, func(a, b Mark) int { return a.At.Compare(b.At) })
	s.Since = d.begun(marks, c.from)
	seen := map[string]bool{}
	for _, m := range marks {
		if m.At.Before(s.Since) || seen[m.Source] {
			continue
		}
		seen[m.Source] = true
		s.Reports++
		if !m.New {
			s.Known++
		}
	}
	for _, id := range c.services {
		for _, m := range d.asks[id] {
			if !(m.At.Before(s.Since) && m.At.Before(c.from)) && !seen[m.Source] {
				seen[m.Source] = true
				s.Asks++
			}
		}
	}
	d.addMachines(&s, d.firing[c.platform])
	return s
}

// begun is when the burst began in whose midst from lies: its first report.
func (d *detective) begun(marks []Mark, from time.Time) time.Time {
	begun := d.Now
	for _, m := range slices.Backward(marks) {
		if m.At.Before(from) && begun.Sub(m.At) > sameBurst {
			break
		}
		begun = m.At
	}
	return begun
}

func (d *detective) addMachines(s *Suspicion, signals []Signal) {
	sources := map[string]bool{}
	for _, sig := range signals {
		sources[sig.Source] = true
		if sig.Since.Before(s.Since) && d.Now.Sub(sig.Since) < DetectBack {
			s.Since = sig.Since
		}
	}
	s.Machines += len(sources)
}

// blindFrom is of how many operators one monitor must say that their platforms fail
// before it is more likely that the monitor does.
const blindFrom = 4

// machines adds what only machines say: one suspicion for an operator, however many
// alerts there are, and none for a platform that fails because of another one that
// fires. A single monitor that says so of everybody is not believed alone.
func (d *detective) machines(found []Suspicion) (suspected, doubted []Suspicion) {
	suspected = found
	roots := d.roots()
	blind := d.blind(roots)
	for _, a := range d.Nation.Agencies {
		var s Suspicion
		for _, p := range roots {
			of, _ := d.Nation.Platform(p)
			if of.Operator != a.ID {
				continue
			}
			if s.Platform == "" {
				s = d.suspicion(cause{platform: p, agency: a.ID, services: d.reach[p], from: d.Now.Add(-sameBurst), kinds: []LeadKind{LeadMachine}, reason: ReasonMachine})
				continue
			}
			s.Also = append(s.Also, p)
			d.addMachines(&s, d.firing[p])
		}
		switch at := slices.IndexFunc(suspected, func(f Suspicion) bool { return f.Agency == a.ID && f.Platform != "" }); {
		case s.Platform == "":
		case blind[a.ID]:
			s.Reason = ReasonStorm
			doubted = append(doubted, s)
		case at >= 0:
			suspected[at].Also = append(append(suspected[at].Also, s.Platform), s.Also...)
		default:
			suspected = append(suspected, s)
		}
	}
	return suspected, doubted
}

// roots are the platforms that fire and do not fail only because another one does,
// those on which most depends first.
func (d *detective) roots() (out []PlatformID) {
	for _, p := range d.Nation.Platforms {
		if len(d.firing[p.ID]) == 0 {
			continue
		}
		if !slices.ContainsFunc(d.Nation.Platforms, func(q Platform) bool {
			return q.ID != p.ID && len(d.firing[q.ID]) > 0 && d.fails[q.ID][p.ID] != ""
		}) {
			out = append(out, p.ID)
		}
	}
	slices.SortStableFunc(out, func(a, b PlatformID) int { return len(d.reach[b]) - len(d.reach[a]) })
	return out
}

// blind lists the agencies of whose platforms only a monitor speaks that speaks of
// very many.
func (d *detective) blind(roots []PlatformID) map[AgencyID]bool {
	operators := map[string]map[AgencyID]bool{}
	for _, p := range roots {
		of, _ := d.Nation.Platform(p)
		for _, s := range d.firing[p] {
			if operators[s.Source] == nil {
				operators[s.Source] = map[AgencyID]bool{}
			}
			operators[s.Source][of.Operator] = true
		}
	}
	out := map[AgencyID]bool{}
	for _, p := range roots {
		of, _ := d.Nation.Platform(p)
		alone := !slices.ContainsFunc(d.firing[p], func(s Signal) bool { return len(operators[s.Source]) < blindFrom })
		if was, seen := out[of.Operator]; !seen || was {
			out[of.Operator] = alone
		}
	}
	return out
}

// doubts are the services that some complain of, and why that is not believed.
func (d *detective) doubts() (out []Suspicion) {
	for _, s := range d.Nation.Services {
		marks := d.reports[s.ID]
		if len(marks) == 0 {
			continue
		}
		c := cause{agency: s.Agency, services: []ServiceID{s.ID}, from: d.Now.Add(-DetectBack), weighed: d.weigh([]ServiceID{s.ID}, d.Now.Add(-DetectBack))}
		doubt := d.suspicion(c)
		doubt.Reason, doubt.Kinds = ReasonFew, []LeadKind{LeadReports}
		switch {
		case float64(doubt.Reports) < d.Thresholds.Few:
		case doubt.Known*2 < doubt.Reports:
			doubt.Reason = ReasonNew
		case c.reports >= d.Thresholds.Few:
			doubt.Reason = ReasonUsual
		}
		out = append(out, doubt)
	}
	for _, id := range d.silent {
		s, _ := d.Nation.Service(id)
		out = append(out, Suspicion{Agency: s.Agency, Services: []ServiceID{id}, Since: d.Now, Reason: ReasonTold})
	}
	return out
}
