package wording

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"arifa/subscriptions"
)

// way is another way that one service's followers may read.
type way struct {
	alternative subscriptions.Alternative
	agency      subscriptions.AgencyID
	until       time.Time
}

// findWays collects, per service, the ways that the incident tells now and those
// that the notice itself brings. Nobody's way is hung on a service that its
// agency does not answer for.
func (t telling) findWays() (map[subscriptions.ServiceID][]way, error) {
	ways := map[subscriptions.ServiceID][]way{}
	slots := t.f.Notice.Slots
	for _, id := range slots.Alternatives {
		a, ok := t.f.Nation.Alternative(id)
		if !ok {
			return nil, fmt.Errorf("alternative %s: %w", id, subscriptions.ErrNotFound)
		}
		if err := tellable(t.f.Nation, a); err != nil {
			return nil, fmt.Errorf("alternative %s: %w", id, err)
		}
		agency := t.f.Notice.Agency
		if agency == "" {
			agency = a.Agency
		}
		t.hang(ways, way{a, agency, slots.Until}, t.hangsOn(a))
	}
	for _, w := range t.f.Incident.Ways {
		a, ok := t.f.Nation.Alternative(w.Alternative)
		ended := !w.EndedAt.IsZero() || !w.Until.IsZero() && !t.f.Now.Before(w.Until)
		if ok && !ended && tellable(t.f.Nation, a) == nil {
			t.hang(ways, way{a, w.Agency, w.Until}, w.Services)
		}
	}
	return ways, nil
}

// hangsOn lists the services for which the notice brings a: those that it names,
// else those of the catalogue that list it.
func (t telling) hangsOn(a subscriptions.Alternative) []subscriptions.ServiceID {
	if ids := t.f.Notice.Slots.Services; len(ids) > 0 {
		return ids
	}
	var ids []subscriptions.ServiceID
	for _, s := range t.services {
		if slices.Contains(s.Alternatives, a.ID) {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

func (t telling) hang(ways map[subscriptions.ServiceID][]way, w way, on []subscriptions.ServiceID) {
	for _, s := range slices.Concat(t.services, t.others) {
		if !slices.Contains(on, s.ID) || !t.f.Nation.WhoMayUse(w.alternative, s) {
			continue
		}
		same := func(o way) bool { return o.alternative.ID == w.alternative.ID }
		if !slices.ContainsFunc(ways[s.ID], same) {
			ways[s.ID] = append(ways[s.ID], w)
		}
	}
}

// tellable refuses a way whose numbers no citizen may see, and one that moves
// money to a destination that two officers have not confirmed.
func tellable(n *subscriptions.Nation, a subscriptions.Alternative) error {
	if a.Retired {
		return fmt.Errorf("retired: %w", subscriptions.ErrRefused)
	}
	for _, text := range a.Text {
		_, used, err := subscriptions.ResolveText(text, n)
		if err != nil {
			return err
		}
		for _, id := range used {
			if e, _ := n.Entry(id); a.Payment && e.Destination && e.Verify {
				return fmt.Errorf("%s is not confirmed as a place to pay: %w", id, subscriptions.ErrRefused)
			}
		}
	}
	return nil
}

// wayLines says the ways of one service, or that none is confirmed.
func (w *writer) wayLines(s subscriptions.Service) []string {
	if len(w.ways[s.ID]) == 0 {
		return []string{w.t("noway", nil)}
	}
	var lines []string
	for _, way := range w.ways[s.ID] {
		lines = append(lines, w.wayLine(s, way))
	}
	return lines
}

func (w *writer) wayLine(s subscriptions.Service, way way) string {
	text, used := w.resolve(way.alternative.Text.In(w.l, w.s.languages...))
	data := map[string]any{"Agency": w.agency(way.agency), "Text": text}
	line := w.t("way", data)
	if !way.until.IsZero() {
		line = w.t("way.until", with(data, "Until", w.later(way.until)))
	}
	for _, id := range used {
		e, _ := w.f.Nation.Entry(id)
		if !e.Destination || e.Verify {
			continue
		}
		if e.ExpectName != "" {
			line += " " + w.t("way.name", map[string]any{"Name": e.ExpectName})
		}
		w.copy(s.ID, e)
	}
	return line
}

// copy offers a destination for copying, unless it is a name of what is broken.
func (w *writer) copy(id subscriptions.ServiceID, e subscriptions.Entry) {
	same := func(c subscriptions.CopyValue) bool { return c.Entry == e.ID }
	if w.broken(e.Value) || slices.ContainsFunc(w.copies[id], same) {
		return
	}
	if w.copies == nil {
		w.copies = map[subscriptions.ServiceID][]subscriptions.CopyValue{}
	}
	w.copies[id] = append(w.copies[id], subscriptions.CopyValue{Entry: e.ID, Value: e.Value, Name: e.ExpectName})
}

// broken reports whether value names a platform that does not work now.
func (t telling) broken(value string) bool {
	ids := t.f.Incident.Platforms()
	for _, p := range t.platforms {
		ids = append(ids, p.ID)
	}
	for _, s := range t.f.Incident.Services {
		ids = append(ids, s.Via...)
	}
	for _, id := range ids {
		p, _ := t.f.Nation.Platform(id)
		for _, i := range p.Identifiers {
			if strings.TrimSpace(i.Value) == strings.TrimSpace(value) {
				return true
			}
		}
	}
	return false
}
