package wording

import (
	"slices"
	"strings"

	"arifa/subscriptions"
)

// tense chooses among the things that can be said of what is broken.
type tense string

const (
	fails tense = "fails"
	still tense = "still"
	some  tense = "some"
	will  tense = "will"
	works tense = "works"
)

func (v verbs) in(t tense) string {
	switch t {
	case still:
		return v.Still
	case some:
		return v.Some
	case will:
		return v.Will
	case works:
		return v.Works
	}
	return v.Fails
}

// what says what happens to the platforms, or to the services where the notice
// names no platform: "Payments to 222222 (eCitizen) are not working."
func (w *writer) what(t tense) string {
	if t == fails && w.onlyDegraded() {
		t = some
	}
	if len(w.platforms) == 0 {
		things := w.things()
		return w.n("what.service."+string(t), max(1, len(things)), map[string]any{"Name": w.thingsName(things)})
	}
	var names []string
	for _, p := range w.platforms {
		names = append(names, w.subject(p))
	}
	return w.t("what.platform", map[string]any{
		"Name": w.s.List(w.l, names),
		"Verb": w.s.tongue(w.l).verbs(names).in(t),
	})
}

// onlyDegraded reports whether everything that is claimed is claimed as limited.
func (t telling) onlyDegraded() bool {
	n := 0
	for _, c := range t.f.Incident.Claims {
		if !c.EndedAt.IsZero() {
			continue
		}
		if n++; c.Impact != subscriptions.Degraded {
			return false
		}
	}
	return n > 0
}

// things are the services of which the first line speaks: those that ended where
// something ended, else all.
func (w *writer) things() []subscriptions.Service {
	if !w.ends() {
		return w.services
	}
	var out []subscriptions.Service
	for _, s := range w.services {
		if st, ok := w.f.Incident.Service(s.ID); !ok || !st.Failing {
			out = append(out, s)
		}
	}
	return out
}

// thingsName names one service, or counts several.
func (w *writer) thingsName(things []subscriptions.Service) string {
	if len(things) == 0 { // a draft that names nothing yet
		return w.agency(w.f.Notice.Agency)
	}
	if len(things) == 1 {
		return w.label(things[0])
	}
	for _, s := range things {
		if s.Agency != things[0].Agency {
			return w.n("things", len(things), nil)
		}
	}
	return w.n("things.of", len(things), map[string]any{"Agency": w.agency(things[0].Agency)})
}

func (w *writer) title() string {
	n := w.f.Notice
	by := map[string]any{"Agency": w.agency(n.Agency)}
	switch n.Kind {
	case subscriptions.AlternativeNotice:
		return w.t("title.way", map[string]any{"Name": w.thingsName(w.withWays())})
	case subscriptions.Update:
		if d := n.Slots.Deadline; d != nil {
			return w.deadlineTitle(*d)
		}
		return w.what(still)
	case subscriptions.Restored:
		return w.claim()
	case subscriptions.Maintenance:
		return w.maintenanceTitle()
	case subscriptions.Correction:
		return w.correctionTitle()
	case subscriptions.Advisory:
		return w.t("title.advisory", by)
	}
	return w.what(fails)
}

// claim says that something works again as the word of the agency, not as a fact.
func (w *writer) claim() string {
	by := map[string]any{"Agency": w.agency(w.f.Notice.Agency)}
	if things := w.things(); len(w.platforms) == 0 && len(things) > 0 {
		return w.n("title.back", len(things), with(by, "Name", w.thingsName(things)))
	}
	return w.t("claim", with(by, "What", w.what(works)))
}

// withWays lists the services for which the notice brings another way; all of
// them where the way cannot be told apart.
func (w *writer) withWays() []subscriptions.Service {
	var out []subscriptions.Service
	for _, s := range w.services {
		brings := func(way way) bool { return slices.Contains(w.f.Notice.Slots.Alternatives, way.alternative.ID) }
		if slices.ContainsFunc(w.ways[s.ID], brings) {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		return w.services
	}
	return out
}

func (w *writer) deadlineTitle(d subscriptions.Deadline) string {
	id := "title.deadline.moved"
	if stays(d) {
		id = "title.deadline.stays"
	}
	s, ok := w.f.Nation.Service(d.Service)
	if !ok {
		return w.t(id, map[string]any{"Name": w.thingsName(w.services)})
	}
	return w.t(id, map[string]any{"Name": w.label(s)})
}

func (w *writer) maintenanceTitle() string {
	switch w.state {
	case subscriptions.InProgress:
		return w.t("title.plan", map[string]any{"What": w.what(fails)})
	case subscriptions.Verifying:
		return w.t("title.checking", map[string]any{"What": w.what(still)})
	case subscriptions.Completed, subscriptions.Resolved:
		return w.t("title.over", map[string]any{"What": w.claim()})
	}
	return w.t("title.plan", map[string]any{"What": w.what(will)})
}

func (w *writer) correctionTitle() string {
	n := w.f.Notice
	id := "corrected"
	switch {
	case w.answering():
		return w.naming("answered")
	case n.Slots.Withdraws:
		id = "withdrawn"
	case w.s.Has("false." + string(n.Slots.False)):
		return w.t("false."+string(n.Slots.False), nil)
	}
	return w.naming(id)
}

// naming says a sentence that names the corrected notice, or its form without.
func (w *writer) naming(id string) string {
	if c := w.f.Corrected; c != nil && c.Key != "" {
		return w.t(id, map[string]any{"Key": c.Key.Short()})
	}
	return w.t(id+".last", nil)
}

// line and join keep what has something to say.
func line(lines []subscriptions.Line, slot subscriptions.Slot, texts ...string) []subscriptions.Line {
	if text := join(texts...); text != "" {
		return append(lines, subscriptions.Line{Slot: slot, Text: text})
	}
	return lines
}

func join(texts ...string) string {
	texts = slices.DeleteFunc(slices.Clone(texts), func(t string) bool { return t == "" })
	return strings.Join(texts, " ")
}
