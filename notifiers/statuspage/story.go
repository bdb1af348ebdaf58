package statuspage

import (
	"slices"
	"unicode"

	"arifa/subscriptions"
)

// impact is how much a story hurts: it chooses a colour and a picture, beside the
// words that say the same.
type impact string

const (
	blocked  impact = "blocked"
	limited  impact = "limited"
	planned  impact = "planned"
	unsure   impact = "unsure"
	over     impact = "over"
	unspoken impact = "unspoken"
)

// story is what one incident means for the services that somebody looks at, in
// frozen words.
type story struct {
	Incident subscriptions.Incident
	Impact   impact
	Late     string                    // a promise of time that has passed
	Unknown  []subscriptions.ServiceID // of which nobody knows whether they suffer
	Failing  []subscriptions.ServiceID
	Parts    []statement // who says what now; the first tells most
}

// statement is one standing notice with the services that it is the newest word on.
type statement struct {
	Notice subscriptions.Notice
	Agency string
	Title  string
	Head   []string
	Groups []group
	Tail   []string
	Who    string // who says it, and its number
}

// group are services of which the same is said.
type group struct {
	State    string
	Lines    []string
	Services []subscriptions.ServiceID
}

// stories tells what is told of the services that ask names: what fails or is
// planned first by how much it hurts, then what ended lately.
func (f *frame) stories(ask func(subscriptions.ServiceID) bool) []story {
	var all []story
	for _, i := range f.e.incidents {
		if s, ok := f.story(i, ask); ok {
			all = append(all, s)
		}
	}
	order := []impact{blocked, limited, unsure, planned, over}
	slices.SortStableFunc(all, func(a, b story) int { return slices.Index(order, a.Impact) - slices.Index(order, b.Impact) })
	return all
}

// story tells one incident; false where no standing notice tells of it, for then
// nothing was announced, and where it ended long ago.
func (f *frame) story(i subscriptions.Incident, ask func(subscriptions.ServiceID) bool) (story, bool) {
	p := i.PartsOf(ask)
	if p.Empty() {
		return story{}, false
	}
	published := standing(f.e.of[i.ID])
	s := story{Incident: i, Failing: p.Failing}
	about := p.Failing
	if len(about) == 0 && len(p.Unknown) == 0 {
		about = f.lately(i, published, p.Ended)
	}
	f.tell(&s, i, published, about)
	if len(p.Unknown) > 0 {
		f.tellUnknown(&s, i, published, p)
	}
	if len(s.Parts) == 0 {
		return story{}, false
	}
	s.Impact, s.Late = f.impactOf(i, p), f.late(i, p)
	return s, true
}

// lately leaves those services whose end is still told.
func (f *frame) lately(i subscriptions.Incident, published []subscriptions.Notice, ended []subscriptions.ServiceID) (out []subscriptions.ServiceID) {
	for _, id := range ended {
		if n, _ := i.Present(published, subscriptions.Parts{Ended: []subscriptions.ServiceID{id}}); n.ID != 0 && f.e.asOf.Sub(i.EndOf(n)) < subscriptions.EndTold {
			out = append(out, id)
		}
	}
	return out
}

// tell groups services by the newest notice on each.
func (f *frame) tell(s *story, i subscriptions.Incident, published []subscriptions.Notice, about []subscriptions.ServiceID) {
	type told struct {
		notice, answer subscriptions.Notice
		services       []subscriptions.ServiceID
	}
	var all []*told
	for _, id := range about {
		n, answer := i.Present(published, subscriptions.Parts{Failing: []subscriptions.ServiceID{id}})
		if n.ID == 0 {
			continue
		}
		at := slices.IndexFunc(all, func(t *told) bool { return t.notice.ID == n.ID })
		if at < 0 {
			at, all = len(all), append(all, &told{notice: n, answer: answer})
		}
		all[at].services = append(all[at].services, id)
	}
	slices.SortStableFunc(all, func(a, b *told) int { return len(b.services) - len(a.services) })
	for _, t := range all {
		st := f.statement(t.notice, t.answer, t.services)
		if len(s.Parts) > 0 { // beside the first, only what that one does not say
			st.Head = without(st.Head, s.Parts[0].Head)
			st.Tail = without(st.Tail, s.Parts[0].Tail)
		}
		s.Parts = append(s.Parts, st)
	}
}

func without(lines, said []string) []string {
	return slices.DeleteFunc(lines, func(l string) bool { return slices.Contains(said, l) })
}

func (f *frame) tellUnknown(s *story, i subscriptions.Incident, published []subscriptions.Notice, p subscriptions.Parts) {
	n, answer := i.Present(published, subscriptions.Parts{Unknown: p.Unknown})
	if n.ID == 0 {
		return
	}
	if len(s.Parts) == 0 {
		s.Parts = append(s.Parts, f.statement(n, answer, nil))
	}
	s.Unknown = p.Unknown
}

// statement selects the lines of a notice for some services.
func (f *frame) statement(n, answer subscriptions.Notice, services []subscriptions.ServiceID) statement {
	w := f.words(n)
	st := statement{Notice: n, Agency: f.agencyShort(n.Agency), Title: w.Title}
	for _, l := range w.Head {
		st.Head = append(st.Head, l.Text)
	}
	for _, sl := range w.Services {
		if slices.Contains(services, sl.Service) {
			st.Groups = addTo(st.Groups, sl)
		}
	}
	for _, l := range w.Tail {
		if l.Slot == subscriptions.SlotWho {
			st.Who = l.Text
		} else if l.Slot != subscriptions.SlotPIN { // stands at the foot of every page
			st.Tail = append(st.Tail, l.Text)
		}
	}
	if answer.ID != 0 {
		a := f.words(answer)
		for _, l := range a.Head {
			st.Tail = append(st.Tail, l.Text)
		}
	}
	return st
}

func addTo(groups []group, sl subscriptions.ServiceLines) []group {
	for k := range groups {
		if groups[k].State == sl.State && slices.Equal(groups[k].Lines, sl.Lines) {
			groups[k].Services = append(groups[k].Services, sl.Service)
			return groups
		}
	}
	return append(groups, group{State: sl.State, Lines: sl.Lines, Services: []subscriptions.ServiceID{sl.Service}})
}

// impactOf judges by the worst of the services.
func (f *frame) impactOf(i subscriptions.Incident, p subscriptions.Parts) impact {
	switch {
	case len(p.Failing) == 0 && len(p.Unknown) == 0:
		return over
	case i.Maintenance && i.State == subscriptions.Scheduled:
		return planned
	case len(p.Failing) == 0:
		return unsure
	}
	worst := limited
	for _, id := range p.Failing {
		if st, _ := i.Service(id); st.Impact != subscriptions.Degraded && !st.Held {
			worst = blocked
		}
	}
	return worst
}

// late says which promise of time has passed: nothing else is known then.
func (f *frame) late(i subscriptions.Incident, p subscriptions.Parts) string {
	switch {
	case len(p.Failing)+len(p.Unknown) == 0:
	case i.Maintenance && !i.EndsAt.IsZero() && f.e.asOf.After(i.EndsAt) && !i.State.Over():
		return f.site.Speaker.EndPassed(f.L, i.EndsAt.In(f.e.zone))
	case !i.NextUpdate.IsZero() && f.e.asOf.After(i.NextUpdate):
		return f.site.Speaker.Overdue(f.L, i.NextUpdate.In(f.e.zone))
	}
	return ""
}

// words are the frozen words of a notice in the page's language.
func (f *frame) words(n subscriptions.Notice) subscriptions.Words {
	for _, l := range append([]subscriptions.Language{f.L}, f.site.Speaker.Languages()...) {
		if w, ok := n.Sheet.Words[l]; ok {
			return w
		}
	}
	return subscriptions.Words{}
}

// Live reports whether anything of it is still told as failing or planned.
func (s story) Live() bool { return s.Impact != over }

// Main is the statement that tells most.
func (s story) Main() statement { return s.Parts[0] }

// Others are statements that stand beside it.
func (s story) Others() []statement { return s.Parts[1:] }

// Number of services in all groups.
func (st statement) Number() int {
	n := 0
	for _, g := range st.Groups {
		n += len(g.Services)
	}
	return n
}

func liveOnes(all []story) []story {
	return slices.DeleteFunc(slices.Clone(all), func(s story) bool { return !s.Live() || s.Impact == planned })
}

func plannedOnes(all []story) []story {
	return slices.DeleteFunc(slices.Clone(all), func(s story) bool { return s.Impact != planned })
}

func endedOnes(all []story) []story {
	return slices.DeleteFunc(slices.Clone(all), func(s story) bool { return s.Live() })
}

// stateOf is what is told of one service now, the worst first; the zero state
// where nothing is.
type stateOf struct {
	Impact impact
	State  string
}

// states of every service that is told of, by the stories of everything.
func (f *frame) states(all []story) map[subscriptions.ServiceID]stateOf {
	out := map[subscriptions.ServiceID]stateOf{}
	put := func(id subscriptions.ServiceID, s stateOf) {
		if _, ok := out[id]; !ok { // stories come the worst first
			out[id] = s
		}
	}
	for _, s := range all {
		if !s.Live() {
			continue
		}
		for _, p := range s.Parts {
			for _, g := range p.Groups {
				for _, id := range g.Services {
					st, _ := s.Incident.Service(id)
					how := s.Impact
					if how == blocked && (st.Impact == subscriptions.Degraded || st.Held) {
						how = limited
					}
					put(id, stateOf{how, g.State})
				}
			}
		}
		for _, id := range s.Incident.Unconfirmed() {
			put(id, stateOf{unsure, f.site.Speaker.Unknown(f.L)})
		}
	}
	return out
}

// anything asks about every service.
func anything(subscriptions.ServiceID) bool { return true }

func only(id subscriptions.ServiceID) func(subscriptions.ServiceID) bool {
	return func(o subscriptions.ServiceID) bool { return o == id }
}

// upperFirst begins a state as a sentence does; a name such as "eCitizen" stays.
func upperFirst(s string) string {
	r := []rune(s)
	if len(r) > 1 && !unicode.IsUpper(r[1]) {
		r[0] = unicode.ToUpper(r[0])
	}
	return string(r)
}
