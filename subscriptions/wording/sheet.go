package wording

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"arifa/subscriptions"
)

// SheetVersion is raised when the shape of a sheet changes.
const SheetVersion = 1

// Facts are what a sheet is made of.
type Facts struct {
	Nation *subscriptions.Nation
	// Incident is as it will be once the notice is published; the zero Incident
	// where the notice belongs to none.
	Incident   subscriptions.Incident
	Notice     subscriptions.Notice  // Key and Code are left out of the words while they are empty
	Corrected  *subscriptions.Notice // the notice that a correction corrects or withdraws, where there is one
	Statements []Statement           // other agencies' present statements on this incident
	Host       string                // of PUBLIC_URL ("arifa.go.ke"), or the whole address; empty = none is set
	Zone       *time.Location        // nil = the catalogue's
	Now        time.Time
}

// Statement is what another agency says of the same incident at present.
type Statement struct {
	Agency subscriptions.AgencyID
	At     time.Time
	Kind   subscriptions.Kind
}

// Sheet turns facts into the frozen words of a notice, in every language. It
// returns an error where the notice itself names an alternative, or a free text a
// reference, that no citizen may read; it wraps subscriptions.ErrNotFound,
// ErrRefused or ErrReference. A way that was told before and may not be told any
// more gives no error: its service reads that no other way is confirmed.
func (s *Speaker) Sheet(f Facts) (subscriptions.Sheet, error) {
	if f.Nation == nil {
		return subscriptions.Sheet{}, fmt.Errorf("sheet: %w: no catalogue", subscriptions.ErrNotFound)
	}
	if f.Zone == nil {
		f.Zone = f.Nation.Location()
	}
	base, host := address(f.Host)
	sh := subscriptions.Sheet{
		Version: SheetVersion, Key: f.Notice.Key, Code: f.Notice.Code, Kind: f.Notice.Kind,
		Host: host, At: f.Now.UTC().Truncate(time.Millisecond),
		Words: map[subscriptions.Language]subscriptions.Words{},
	}
	if base != "" && sh.Key != "" {
		sh.Links = []subscriptions.SheetLink{{Rel: "notice", URL: base + NoticePath(sh.Key)}}
	}
	t, err := newTelling(f)
	if err != nil {
		return subscriptions.Sheet{}, fmt.Errorf("sheet: %w", err)
	}
	for _, l := range s.languages {
		w := &writer{telling: t, s: s, l: l, host: host}
		sh.Words[l] = w.words()
		if w.err != nil {
			return subscriptions.Sheet{}, fmt.Errorf("sheet: %w", w.err)
		}
		sh.Entries = append(sh.Entries, w.entries...)
		sh.Copy = w.copies
	}
	slices.Sort(sh.Entries)
	sh.Entries = slices.Compact(sh.Entries)
	return sh, nil
}

// NoticePath is where a notice's own page stands below PUBLIC_URL.
func NoticePath(key subscriptions.NoticeKey) string { return "/n/" + string(key) }

// address splits PUBLIC_URL into the base of links and the host that is named.
func address(public string) (base, host string) {
	public = strings.TrimRight(strings.TrimSpace(public), "/")
	if public == "" {
		return "", ""
	}
	if _, rest, ok := strings.Cut(public, "://"); ok {
		host, _, _ = strings.Cut(rest, "/")
		return public, host
	}
	return "https://" + public, public
}

// telling is what a notice tells, the same in every language: which platforms it
// names, which services and which ways.
type telling struct {
	f         Facts
	platforms []subscriptions.Platform // that the first line speaks of; none = it speaks of services
	services  []subscriptions.Service
	others    []subscriptions.Service // what fails beside them, as other agencies said
	ways      map[subscriptions.ServiceID][]way
	state     subscriptions.IncidentState
	since     time.Time
	about     bool
}

func newTelling(f Facts) (telling, error) {
	t := telling{f: f, state: f.Notice.Slots.State, since: f.Notice.Slots.Since, about: f.Notice.Slots.SinceApprox}
	if t.state == "" {
		t.state = f.Incident.State
	}
	if t.since.IsZero() {
		t.since, t.about = f.Incident.Since, f.Incident.SinceApprox
	}
	if t.ends() {
		t.f.Incident.Services = t.endedStates()
	}
	for _, id := range t.platformIDs() {
		if p, ok := f.Nation.Platform(id); ok {
			t.platforms = append(t.platforms, p)
		}
	}
	slices.SortStableFunc(t.platforms, func(a, b subscriptions.Platform) int {
		return strings.Compare(paybillFirst(a), paybillFirst(b))
	})
	wanted := t.serviceIDs()
	for _, svc := range f.Nation.Services {
		if slices.Contains(wanted, svc.ID) {
			t.services = append(t.services, svc)
		} else if t.beside(svc.ID) {
			t.others = append(t.others, svc)
		}
	}
	var err error
	t.ways, err = t.findWays()
	return t, err
}

// paybillFirst orders what is known by a pay number before the rest: citizens look
// for the number.
func paybillFirst(p subscriptions.Platform) string {
	if paybills(p) != "" {
		return "0"
	}
	return "1"
}

// platformIDs: those of the notice, else those that are broken, or that ended in
// this round where the notice says that all is restored.
func (t telling) platformIDs() []subscriptions.PlatformID {
	slots, i := t.f.Notice.Slots, t.f.Incident
	switch {
	case len(slots.Platforms) > 0:
		return slots.Platforms
	case t.ends():
		return t.endedPlatforms()
	}
	return i.Platforms()
}

// endedPlatforms lists the platforms that came back in this round; of a notice that
// names services, only the agency's own.
func (t telling) endedPlatforms() []subscriptions.PlatformID {
	var ended, all []subscriptions.PlatformID
	for _, c := range t.f.Incident.Claims {
		p, ok := t.f.Nation.Platform(c.Platform)
		foreign := len(t.f.Notice.Slots.Services) > 0 && p.Operator != t.f.Notice.Agency
		if !ok || foreign || c.Round != t.f.Incident.Round || slices.Contains(all, p.ID) {
			continue
		}
		all = append(all, p.ID)
		if !c.EndedAt.IsZero() {
			ended = append(ended, p.ID)
		}
	}
	if len(ended) == 0 && len(t.f.Notice.Slots.Services) == 0 {
		return all
	}
	return ended
}

// ends reports whether the notice says that something works again.
func (t telling) ends() bool {
	n := t.f.Notice
	return n.Kind == subscriptions.Restored || n.Kind == subscriptions.Maintenance && t.state.Over()
}

// live reports whether something of the incident is still told as failing.
func (t telling) live() bool { return t.f.Incident.ID != 0 && !t.state.Over() }

// serviceIDs lists the services that the sheet has lines for.
func (t telling) serviceIDs() []subscriptions.ServiceID {
	slots, i := t.f.Notice.Slots, t.f.Incident
	switch t.f.Notice.Kind {
	case subscriptions.Advisory:
		return slots.Services
	case subscriptions.Correction:
		if len(slots.Services) > 0 {
			return slots.Services
		}
		ids := t.correctedServices()
		if t.live() {
			ids = append(ids, i.Failing()...)
		}
		return ids
	}
	if t.ends() {
		if len(slots.Services) > 0 {
			return append(i.Failing(), slots.Services...)
		}
		return append(t.ended(), i.Failing()...)
	}
	if len(slots.Services) > 0 {
		return slots.Services
	}
	if ids := i.Failing(); len(ids) > 0 {
		return ids
	}
	return t.reached()
}

// beside reports whether a service that the notice does not speak of stands in the
// live message that it may take the place of.
func (t telling) beside(id subscriptions.ServiceID) bool {
	if !t.live() || t.f.Notice.Kind != subscriptions.Update && t.f.Notice.Kind != subscriptions.AlternativeNotice {
		return false
	}
	st, known := t.f.Incident.Service(id)
	return known && st.Failing && st.Confirmed
}

// ended lists what failed in this round and does no more.
func (t telling) ended() []subscriptions.ServiceID {
	var ids []subscriptions.ServiceID
	for _, s := range t.f.Incident.Services {
		if !s.Failing && s.Confirmed && s.Round == t.f.Incident.Round {
			ids = append(ids, s.Service)
		}
	}
	return ids
}

// endedStates are the incident's states after the end. Where nothing of it has
// ended yet, the caller still holds the incident as it was: then what the notice
// speaks of ends here, except for what an agency holds.
func (t telling) endedStates() []subscriptions.ServiceState {
	states := slices.Clone(t.f.Incident.Services)
	if len(t.ended()) > 0 {
		return states
	}
	scope := t.f.Notice.Slots.Services
	for i, s := range states {
		if !s.Held && (len(scope) == 0 || slices.Contains(scope, s.Service)) {
			states[i].Failing = false
		}
	}
	return states
}

// reached works the services out where the incident does not hold them yet.
func (t telling) reached() []subscriptions.ServiceID {
	broken := map[subscriptions.PlatformID]subscriptions.Impact{}
	for _, p := range t.f.Notice.Slots.Platforms {
		broken[p] = subscriptions.Blocked
	}
	var ids []subscriptions.ServiceID
	for _, r := range t.f.Nation.Reach(broken, nil) {
		if r.Confirmed {
			ids = append(ids, r.Service)
		}
	}
	return ids
}

func (t telling) correctedServices() []subscriptions.ServiceID {
	if t.f.Corrected == nil {
		return nil
	}
	ids := slices.Clone(t.f.Corrected.Slots.Services)
	for _, w := range t.f.Corrected.Sheet.Words {
		for _, sl := range w.Services {
			ids = append(ids, sl.Service)
		}
	}
	return ids
}
