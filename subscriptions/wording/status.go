package wording

import (
	"time"

	"arifa/subscriptions"
)

// StatusWindow is how long after its end an incident is still told when somebody
// asks.
const StatusWindow = 7 * 24 * time.Hour

// StatusFacts are what is known about one service when somebody asks.
type StatusFacts struct {
	Nation    *subscriptions.Nation
	Service   subscriptions.ServiceID
	Incidents []subscriptions.Incident // live ones, and those that ended lately, in any order
	Zone      *time.Location           // nil = the catalogue's
	Now       time.Time
}

// Status is the answer about one service.
type Status struct {
	Label string // "Paying tax (KRA)"
	// Trouble is set while something live is told of the service, planned work
	// and what is not confirmed included; only then State is set.
	Trouble bool
	State   string
	Lines   []string // at least one; the last says as of when
}

// Status says how a service stands. Where nothing is announced it says just that,
// and that this does not mean that it works. An unknown service gives the zero
// Status.
func (s *Speaker) Status(l subscriptions.Language, f StatusFacts) Status {
	svc, ok := f.Nation.Service(f.Service)
	if !ok {
		return Status{}
	}
	if f.Zone == nil {
		f.Zone = f.Nation.Location()
	}
	w := &writer{telling: telling{f: Facts{Nation: f.Nation, Zone: f.Zone, Now: f.Now}}, s: s, l: l}
	st := Status{Label: w.label(svc)}
	for _, i := range f.Incidents {
		if state, lines := s.statusIn(l, f, svc, i); state != "" {
			if st.State != "" {
				st.Lines = append(st.Lines, state+".")
			} else {
				st.State = state
			}
			st.Trouble = true
			st.Lines = append(st.Lines, lines...)
		}
	}
	if !st.Trouble {
		st.Lines = append(w.lately(f), s.Silence(l))
	}
	st.Lines = append(st.Lines, s.AsOf(l, f.Now.In(f.Zone)))
	return st
}

// statusIn says how the service stands in one incident; the empty state means
// that this incident is over for it, or never reached it.
func (s *Speaker) statusIn(l subscriptions.Language, f StatusFacts, svc subscriptions.Service, i subscriptions.Incident) (string, []string) {
	state, ok := i.Service(svc.ID)
	if !ok || !state.Failing || i.State.Over() && !state.Held {
		return "", nil
	}
	t := telling{
		f:        Facts{Nation: f.Nation, Incident: i, Zone: f.Zone, Now: f.Now},
		services: []subscriptions.Service{svc}, state: i.State, since: state.Since, about: i.SinceApprox,
	}
	t.ways, _ = t.findWays() // no notice, so nothing that could be refused
	w := &writer{telling: t, s: s, l: l}
	said, lines := w.stateOf(svc)
	if !state.Confirmed {
		return said, append(lines, w.promise()...)
	}
	return said, append(append(w.sinceAndMoney(state), lines...), w.promise()...)
}

func (w *writer) sinceAndMoney(st subscriptions.ServiceState) []string {
	if st.Held {
		return nil
	}
	if w.f.Incident.Maintenance {
		var out []string
		for _, l := range w.maintenanceHead() {
			out = append(out, l.Text)
		}
		return out
	}
	since := ""
	if !w.since.IsZero() {
		since = w.t(approx("since", w.about), map[string]any{"When": w.when(w.since)})
	}
	return []string{join(since, w.t("money", nil))}
}

// promise says when the next update comes, or that it is overdue.
func (w *writer) promise() []string {
	next := w.f.Incident.NextUpdate
	switch {
	case next.IsZero():
		return nil
	case w.f.Now.After(next):
		return []string{w.t("overdue", map[string]any{"When": w.full(next)})}
	}
	return []string{w.t("next", map[string]any{"When": w.promised(next)})}
}

// lately says of incidents that ended within the window, the newest first, who
// said that the service works again.
func (w *writer) lately(f StatusFacts) []string {
	var newest subscriptions.Incident
	for _, i := range f.Incidents {
		st, ok := i.Service(f.Service)
		recent := !i.EndedAt.IsZero() && f.Now.Sub(i.EndedAt) < StatusWindow
		if ok && !st.Failing && st.Confirmed && recent && i.EndedAt.After(newest.EndedAt) {
			newest = i
		}
	}
	if newest.EndedAt.IsZero() {
		return nil
	}
	return []string{w.t("back", map[string]any{"Agency": w.agency(newest.Owner), "When": w.full(newest.EndedAt)})}
}
