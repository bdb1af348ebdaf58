package wording

import (
	"cmp"
	"slices"
	"time"

	"arifa/subscriptions"
)

// tail is what everybody reads after their services: what comes next, what
// others say, who says it, the cause, and that nobody asks for a PIN.
func (w *writer) tail() []subscriptions.Line {
	slots := w.f.Notice.Slots
	var lines []subscriptions.Line
	if d := slots.Deadline; d != nil && !w.tells(d.Service) {
		lines = line(lines, subscriptions.SlotDeadline, w.deadline(*d))
	}
	if next := w.next(); !next.IsZero() {
		lines = line(lines, subscriptions.SlotNext, w.t("next", map[string]any{"When": w.promised(next)}))
	}
	if w.f.Notice.Kind != subscriptions.Advisory {
		lines = line(lines, subscriptions.SlotFree, w.free())
	}
	for _, text := range w.statements() {
		lines = line(lines, subscriptions.SlotSays, text)
	}
	said := w.t("who", map[string]any{"Agency": w.agency(w.f.Notice.Agency), "When": w.when(w.f.Now)})
	lines = line(lines, subscriptions.SlotWho, said, w.number())
	if slots.Cause != subscriptions.CauseUnknown && w.s.Has("cause."+string(slots.Cause)) {
		lines = line(lines, subscriptions.SlotCause, w.t("cause", map[string]any{
			"Agency": w.agency(w.f.Notice.Agency), "Cause": w.t("cause."+string(slots.Cause), nil),
		}))
	}
	return line(lines, subscriptions.SlotPIN, w.t("pin", nil))
}

// next is the promise of this notice, or the one that stands already.
func (t telling) next() time.Time {
	promised := t.f.Incident.NextUpdate
	if !t.f.Notice.Slots.NextUpdate.IsZero() || !t.live() || t.ends() || !promised.After(t.f.Now) {
		return t.f.Notice.Slots.NextUpdate
	}
	return promised
}

// number says by what the notice is checked.
func (w *writer) number() string {
	n := w.f.Notice
	if n.Key == "" {
		return ""
	}
	data := map[string]any{"Key": n.Key.Short(), "Code": n.Code}
	if w.host == "" {
		return w.t("number", data)
	}
	return w.t("number.host", with(data, "Host", w.host))
}

// free is the officer's own sentence, only in the languages in which it was
// written.
func (w *writer) free() string {
	text := w.f.Notice.Slots.Free[w.l]
	if text == "" {
		return ""
	}
	text, _ = w.resolve(text)
	return text
}

// statements are the words of other agencies, the oldest first.
func (w *writer) statements() []string {
	all := slices.Clone(w.f.Statements)
	slices.SortStableFunc(all, func(a, b Statement) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Agency, b.Agency))
	})
	var out []string
	for _, s := range all {
		if id := "says." + string(s.Kind); s.Agency != w.f.Notice.Agency && w.s.Has(id) {
			out = append(out, w.t(id, map[string]any{"Agency": w.agency(s.Agency), "When": w.when(s.At)}))
		}
	}
	return out
}

// tells reports whether the sheet has lines for this service.
func (t telling) tells(id subscriptions.ServiceID) bool {
	return slices.ContainsFunc(t.services, func(s subscriptions.Service) bool { return s.ID == id })
}

// stays reports whether the deadline was looked at and not moved.
func stays(d subscriptions.Deadline) bool { return d.New.IsZero() || d.New.Equal(d.Old) }

// deadline says the date that holds, and in words that the old one does not.
func (w *writer) deadline(d subscriptions.Deadline) string {
	name := w.agency(w.f.Notice.Agency)
	if s, ok := w.f.Nation.Service(d.Service); ok {
		name = w.label(s)
	}
	fine := ""
	if d.FineWaived {
		fine = w.t("deadline.fine", nil)
	}
	switch {
	case stays(d) && d.Old.IsZero():
		return fine
	case stays(d):
		return join(w.t("deadline.stays", map[string]any{"Name": name, "Old": w.date(d.Old)}), fine)
	case d.Old.IsZero():
		return join(w.t("deadline.new", map[string]any{"Name": name, "New": w.date(d.New)}), fine)
	}
	return join(w.t("deadline.moved", map[string]any{"Name": name, "New": w.date(d.New), "Old": w.date(d.Old)}), fine)
}
