package wording

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"arifa/subscriptions"
)

// writer writes one sheet in one language, in the order of speaking.
type writer struct {
	telling
	s       *Speaker
	l       subscriptions.Language
	host    string
	clip    int    // names are cut to so many characters; 0 = never
	terse   bool   // times are said in few letters
	day     string // the last day that was said: a time of the same day needs no date again
	entries []subscriptions.EntryID
	copies  map[subscriptions.ServiceID][]subscriptions.CopyValue
	err     error
}

func (w *writer) words() subscriptions.Words {
	title := w.title()
	words := subscriptions.Words{
		Title:    title,
		Head:     w.head(),
		Services: w.serviceLines(w.services),
		Tail:     w.tail(),
		More:     w.t("more", nil),
		Why:      w.t("why", nil),
		WhyAsked: w.t("why.asked", nil),
		WhyPost:  w.t("why.post", nil),
		WhyGroup: w.t("why.group", nil),
		Short:    w.short(),
	}
	words.Others = w.serviceLines(w.others)
	if w.host != "" {
		words.More = w.t("more.host", map[string]any{"Host": strings.ReplaceAll(w.host, "%", "%%")})
	}
	return words
}

// t and n say a sentence of the writer's language.
func (w *writer) t(id string, data map[string]any) string { return w.s.T(w.l, id, orEmpty(data)) }

func (w *writer) n(id string, n int, data map[string]any) string {
	return w.s.N(w.l, id, n, with(data, "N", w.s.Number(w.l, n)))
}

func orEmpty(data map[string]any) map[string]any {
	if data == nil {
		return map[string]any{}
	}
	return data
}

func with(data map[string]any, key string, value any) map[string]any {
	all := maps.Clone(orEmpty(data))
	all[key] = value
	return all
}

// when says a time of the lines that everybody reads in one order: with its date,
// unless the line before spoke of the same day.
func (w *writer) when(t time.Time) string {
	t = t.In(w.f.Zone)
	if day := t.Format(time.DateOnly); day != w.day {
		w.day = day
		return w.s.DateTime(w.l, t)
	}
	return w.s.Clock(w.l, t)
}

// promised says by when a word comes. Without a date it would be read as today's,
// whatever day the line before spoke of: planned work is announced days before.
func (w *writer) promised(t time.Time) string {
	if t.In(w.f.Zone).Format(time.DateOnly) != w.f.Now.In(w.f.Zone).Format(time.DateOnly) {
		w.day = ""
	}
	return w.when(t)
}

// span says two times; of one day, the date stands once behind both.
func (w *writer) span(from, to time.Time) map[string]any {
	from, to = from.In(w.f.Zone), to.In(w.f.Zone)
	if from.Format(time.DateOnly) == to.Format(time.DateOnly) {
		return map[string]any{"From": w.s.Clock(w.l, from), "To": w.when(to)}
	}
	return map[string]any{"From": w.when(from), "To": w.when(to)}
}

// minute is a time as precisely as it is ever said.
func (w *writer) minute(t time.Time) string { return t.In(w.f.Zone).Format("2006-01-02 15:04") }

// later says a time of one service's line: it is read behind the head, so the day of
// which the head spoke last needs no date again.
func (w *writer) later(t time.Time) string {
	if t = t.In(w.f.Zone); t.Format(time.DateOnly) == w.day {
		return w.s.Clock(w.l, t)
	}
	return w.s.DateTime(w.l, t)
}

// full says a time of a line that may be read without the others.
func (w *writer) full(t time.Time) string {
	if w.terse {
		return w.s.briefly(w.l, t.In(w.f.Zone))
	}
	return w.s.DateTime(w.l, t.In(w.f.Zone))
}

// date says a deadline: the clock only where it is not the end of the day.
func (w *writer) date(t time.Time) string {
	t = t.In(w.f.Zone)
	if c := t.Format("15:04"); c == "00:00" || c == "23:59" {
		return w.s.Date(w.l, t)
	}
	return w.full(t)
}

// agency is the short name by which people know a body.
func (w *writer) agency(id subscriptions.AgencyID) string {
	a, ok := w.f.Nation.Agency(id)
	if !ok || a.Short == "" {
		return string(id)
	}
	return a.Short
}

// subject names a platform as people know it: by its pay number where it has one.
func (w *writer) subject(p subscriptions.Platform) string {
	if numbers := paybills(p); numbers != "" {
		w.names(numbers)
		return w.t("subject.paybill", map[string]any{"Value": numbers, "Agency": w.agency(p.Operator)})
	}
	return w.platformName(p)
}

func (w *writer) platformName(p subscriptions.Platform) string {
	name := p.Name.In(w.l, w.s.languages...)
	w.names(name)
	return clipped(name, w.clip)
}

func paybills(p subscriptions.Platform) string {
	var values []string
	for _, i := range p.Identifiers {
		if i.Type == "mpesa-paybill" {
			values = append(values, i.Value)
		}
	}
	return strings.Join(values, ", ")
}

// serviceName and label name a service: "Paying tax", "Paying tax (KRA)".
func (w *writer) serviceName(s subscriptions.Service) string {
	name := s.Name.In(w.l, w.s.languages...)
	w.names(name)
	return name
}

func (w *writer) label(s subscriptions.Service) string {
	return labelOf(clipped(w.serviceName(s), w.clip), w.agency(s.Agency))
}

// labelOf adds the agency, unless the name says it already.
func labelOf(name, agency string) string {
	if strings.Contains(spaced(name), spaced(agency)) {
		return name
	}
	if open, ok := strings.CutSuffix(name, ")"); ok {
		return open + "; " + agency + ")"
	}
	return name + " (" + agency + ")"
}

// spaced leaves only words, with a space around each.
func spaced(s string) string {
	return " " + strings.Join(strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ") + " "
}

// resolve puts registry values into an officer's or the catalogue's text.
func (w *writer) resolve(text string) (string, []subscriptions.EntryID) {
	resolved, used, err := subscriptions.ResolveText(text, w.f.Nation)
	if err != nil && w.err == nil {
		w.err = err
	}
	w.entries = append(w.entries, used...)
	return resolved, used
}

// names remembers the entries of the registry whose values a name carries, such
// as the broken 222222: they are among the numbers of the sheet.
func (w *writer) names(name string) {
	for _, e := range w.f.Nation.Registry {
		if e.Publishable && !e.Retired && carries(name, e.Value) && !slices.Contains(w.entries, e.ID) {
			w.entries = append(w.entries, e.ID)
		}
	}
}

// carries reports whether value stands in text on its own, not inside a longer
// number.
func carries(text, value string) bool {
	if value == "" {
		return false
	}
	for at := 0; ; {
		i := strings.Index(text[at:], value)
		if i < 0 {
			return false
		}
		from, to := at+i, at+i+len(value)
		before := from > 0 && strings.ContainsRune("0123456789*#", rune(text[from-1]))
		after := to < len(text) && strings.ContainsRune("0123456789*#", rune(text[to]))
		if !before && !after {
			return true
		}
		at = from + 1
	}
}
