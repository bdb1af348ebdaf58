package wording

import (
	"slices"
	"time"

	"arifa/subscriptions"
)

// head is what everybody reads first: what happens and since when, then what to
// do now.
func (w *writer) head() []subscriptions.Line {
	switch w.f.Notice.Kind {
	case subscriptions.Restored:
		return w.restoredHead()
	case subscriptions.Maintenance:
		return w.maintenanceHead()
	case subscriptions.Correction:
		return w.correctionHead()
	case subscriptions.Advisory:
		return line(nil, subscriptions.SlotFree, w.free())
	}
	var lines []subscriptions.Line
	// Where the title speaks of something else; the first word's says it already.
	if w.f.Notice.Kind == subscriptions.AlternativeNotice || w.f.Notice.Kind != subscriptions.Outage && w.f.Notice.Slots.Deadline != nil {
		lines = line(lines, subscriptions.SlotWhat, w.what(still))
	}
	if key := w.f.Notice.Slots.TakesBack; key != "" {
		lines = line(lines, subscriptions.SlotWhat, w.t("corrected", map[string]any{"Key": key.Short()}))
	}
	if w.f.Notice.Slots.NoChange {
		lines = line(lines, subscriptions.SlotWhat, w.t("nochange", nil))
	}
	return w.present(lines)
}

// present says since when it fails, who works on it, and not to pay twice.
func (w *writer) present(lines []subscriptions.Line) []subscriptions.Line {
	since := ""
	if !w.since.IsZero() {
		since = w.t(approx("since", w.about), map[string]any{"When": w.when(w.since)})
	}
	lines = line(lines, subscriptions.SlotSince, since, w.progress())
	lines = line(lines, subscriptions.SlotWhat, w.suspected()...)
	return line(lines, subscriptions.SlotMoney, w.t("money", nil))
}

func approx(id string, about bool) string {
	if about {
		return id + ".about"
	}
	return id
}

// progress says who works on it: only bodies that have called their own platform
// broken, or the notice's agency where it speaks of its own services alone.
func (w *writer) progress() string {
	id := "progress." + string(w.state)
	if !w.s.Has(id) {
		return ""
	}
	var names []string
	for _, p := range w.platforms {
		name := w.agency(p.Operator)
		if w.claims(p) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	suspects := len(w.suspicions()) > 0
	if len(w.platforms) == 0 && !suspects && w.ownServices() && !w.onlyHeld() {
		names = append(names, w.agency(w.f.Notice.Agency))
	}
	if len(names) == 0 {
		return ""
	}
	return w.n(id, len(names), map[string]any{"Agency": w.s.List(w.l, names)})
}

// claims reports whether the operator itself says that p is broken.
func (t telling) claims(p subscriptions.Platform) bool {
	if t.f.Notice.Agency == p.Operator {
		return true
	}
	return slices.ContainsFunc(t.f.Incident.Claims, func(c subscriptions.Claim) bool {
		return c.Platform == p.ID && c.Agency == p.Operator && c.EndedAt.IsZero()
	})
}

func (t telling) ownServices() bool {
	return !slices.ContainsFunc(t.services, func(s subscriptions.Service) bool { return s.Agency != t.f.Notice.Agency })
}

// onlyHeld reports whether agencies hold all that the notice tells: a hold says
// that it fails here, and nothing about who repairs it.
func (t telling) onlyHeld() bool {
	return len(t.services) > 0 && !slices.ContainsFunc(t.services, func(s subscriptions.Service) bool {
		st, ok := t.f.Incident.Service(s.ID)
		return !ok || !st.Held
	})
}

// suspicions are claims that name a platform whose operator has not spoken.
func (t telling) suspicions() []subscriptions.Claim {
	var out []subscriptions.Claim
	for _, c := range t.f.Incident.Claims {
		p, ok := t.f.Nation.Platform(c.Suspected)
		same := func(o subscriptions.Claim) bool { return o.Agency == c.Agency && o.Suspected == c.Suspected }
		if ok && c.EndedAt.IsZero() && !t.called(p) && !slices.ContainsFunc(out, same) {
			out = append(out, c)
		}
	}
	return out
}

// called reports whether anybody's open claim calls p broken.
func (t telling) called(p subscriptions.Platform) bool {
	return slices.Contains(t.f.Incident.Platforms(), p.ID)
}

func (w *writer) suspected() []string {
	var out []string
	for _, c := range w.suspicions() {
		p, _ := w.f.Nation.Platform(c.Suspected)
		out = append(out, w.t("suspected", map[string]any{
			"Agency": w.agency(c.Agency), "Name": w.platformName(p), "Operator": w.agency(p.Operator),
		}))
	}
	return out
}

func (w *writer) restoredHead() []subscriptions.Line {
	var lines []subscriptions.Line
	i := w.f.Incident
	stillFailing := func(s subscriptions.ServiceState) bool { return s.Failing && s.Confirmed && !s.Held }
	if slices.ContainsFunc(i.Services, stillFailing) {
		lines = line(lines, subscriptions.SlotWhat, w.t("partial", nil))
	}
	end := i.EndedAt
	if end.IsZero() {
		end = w.f.Now
	}
	since, about := w.since, w.about
	if start, _ := w.plan(); w.f.Notice.Kind == subscriptions.Maintenance && !start.IsZero() {
		since, about = start, false
	}
	if !since.IsZero() && w.minute(since) != w.minute(end) { // else it says nothing: reopened a moment ago
		lines = line(lines, subscriptions.SlotSince, w.t(approx("lasted", about), w.span(since, end)))
	}
	return append(lines, w.answers()...)
}

// answers says what is known of the three questions at the end, and gathers what
// is not known yet by the time that is promised for it.
func (w *writer) answers() []subscriptions.Line {
	slots := w.f.Notice.Slots
	var lines []subscriptions.Line
	var open []question
	for _, q := range []question{{"landed", slots.Landed}, {"pay", slots.PayAgain}, {"moved", slots.Moved}} {
		if id := q.name + "." + q.Value; w.s.Has(id) {
			lines = line(lines, q.slot(), w.t(id, nil))
			continue
		}
		open = append(open, q)
	}
	for len(open) > 0 {
		var together, rest []question
		for _, q := range open {
			if q.By.Equal(open[0].By) {
				together = append(together, q)
			} else {
				rest = append(rest, q)
			}
		}
		lines, open = append(lines, w.notKnown(together, slots.PayAgain.Value)), rest
	}
	return lines
}

type question struct {
	name string
	subscriptions.Answer
}

func (q question) slot() subscriptions.Slot {
	if q.name == "moved" {
		return subscriptions.SlotDeadline
	}
	return subscriptions.SlotMoney
}

func (w *writer) notKnown(open []question, payAgain string) subscriptions.Line {
	var asked []string
	slot, wait := subscriptions.SlotDeadline, ""
	for _, q := range open {
		asked = append(asked, w.t("ask."+q.name, nil))
		if q.slot() == subscriptions.SlotMoney {
			slot = subscriptions.SlotMoney
		}
	}
	if slot == subscriptions.SlotMoney && payAgain == "" {
		wait = w.t("unknown.wait", nil)
	}
	data := map[string]any{"What": w.s.List(w.l, asked)}
	id := "unknown"
	if by := open[0].By; !by.IsZero() {
		id, data["When"] = "unknown.by", w.promised(by)
	}
	return subscriptions.Line{Slot: slot, Text: join(w.t(id, data), wait)}
}

func (w *writer) maintenanceHead() []subscriptions.Line {
	if w.ends() {
		return w.restoredHead()
	}
	lines := line(nil, subscriptions.SlotSince, w.planned())
	_, to := w.plan()
	if !to.IsZero() && !w.f.Notice.Slots.EndsNotBefore && w.f.Now.After(to) {
		lines = line(lines, subscriptions.SlotSince, w.t("endpassed", map[string]any{"When": w.when(to)}))
	}
	if w.scheduled() {
		lines = line(lines, subscriptions.SlotDo, w.t("do.plan", nil))
		return line(lines, subscriptions.SlotMoney, w.t("money.plan", nil))
	}
	return line(lines, subscriptions.SlotMoney, w.t("money", nil))
}

// planned says the window of the work.
func (w *writer) planned() string {
	from, to := w.plan()
	if from.IsZero() {
		return ""
	}
	if to.IsZero() {
		return w.t("plan.open", map[string]any{"From": w.when(from)})
	}
	data := w.span(from, to)
	if w.f.Notice.Slots.EndsNotBefore {
		return w.t("plan.notbefore", data)
	}
	return w.t("plan.window", data)
}

func (t telling) scheduled() bool {
	maintenance := t.f.Notice.Kind == subscriptions.Maintenance || t.f.Incident.Maintenance
	return maintenance && (t.state == subscriptions.Scheduled || t.state == "")
}

// plan is the window of planned work, from the notice or from its incident.
func (t telling) plan() (from, to time.Time) {
	from, to = t.f.Notice.Slots.StartsAt, t.f.Notice.Slots.EndsAt
	if from.IsZero() {
		from = t.f.Incident.StartsAt
	}
	if from.IsZero() {
		from = t.since
	}
	if to.IsZero() {
		to = t.f.Incident.EndsAt
	}
	return from, to
}

// answering reports whether the notice gives the answers that an end promised: a
// follow-up of that end, which says nothing false of it.
func (t telling) answering() bool {
	n := t.f.Notice
	return n.Kind == subscriptions.Correction && !n.Slots.Withdraws && n.Slots.False == "" &&
		(n.Slots.Landed != subscriptions.Answer{} || n.Slots.PayAgain != subscriptions.Answer{} || n.Slots.Moved != subscriptions.Answer{})
}

func (w *writer) correctionHead() []subscriptions.Line {
	slots := w.f.Notice.Slots
	var lines []subscriptions.Line
	switch {
	case w.answering():
		lines = w.answers()
	case slots.Withdraws:
		lines = line(lines, subscriptions.SlotDo, w.t("withdrawn.do", nil))
	case w.s.Has("false." + string(slots.False)):
		lines = line(lines, subscriptions.SlotDo, w.t("false."+string(slots.False)+".do",
			map[string]any{"Agency": w.agency(w.f.Notice.Agency)}))
	}
	if w.live() && !w.scheduled() && len(w.f.Incident.Failing()) > 0 {
		lines = line(lines, subscriptions.SlotWhat, w.what(still))
		return w.present(lines)
	}
	return lines
}
