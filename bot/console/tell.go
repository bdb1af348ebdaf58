package console

import (
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strings"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// What templates say about times, names and states. Officers read English; what
// citizens read is in the sheets.

func (a *ask) local(t time.Time) time.Time { return t.In(a.nation.Location()) }

// When says a time: the clock alone where it is of the same day.
func (a *ask) When(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	if a.local(t).Format("2006-01-02") == a.local(a.now).Format("2006-01-02") {
		return a.local(t).Format("15:04")
	}
	if t.Year() == a.now.Year() {
		return a.local(t).Format("Mon 2 Jan, 15:04")
	}
	return a.local(t).Format("2 Jan 2006, 15:04")
}

// Machine writes a time for the datetime attribute.
func (a *ask) Machine(t time.Time) string { return a.local(t).Format("2006-01-02T15:04-07:00") }

// Field writes a time as a field of date and time holds it.
func (a *ask) Field(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return a.local(t).Format("2006-01-02T15:04")
}

// Ago says how long ago, or in how long, to the minute.
func (a *ask) Ago(t time.Time) string {
	d := a.now.Sub(t)
	if d < 0 {
		return "in " + spell(-d)
	}
	return spell(d) + " ago"
}

func spell(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "a moment"
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		if m := int(d.Minutes()) % 60; m > 0 {
			return fmt.Sprintf("%d h %d min", int(d.Hours()), m)
		}
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// Takes says a forecast.
func (a *ask) Takes(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%d s", int(d.Seconds()))
	}
	return spell(d)
}

// Now is for "as of".
func (a *ask) Now() time.Time { return a.now }

// Me is who is signed in.
func (a *ask) Me() subscriptions.Officer { return a.me() }

// Inside reports whether somebody is wholly signed in.
func (a *ask) Inside() bool {
	return a.route != nil && a.me().ID != 0 && a.visit.standing(a.c.Idle, a.now) == inside
}

// Drill and Tryout reports what this program is, for every screen.
func (a *ask) Drill() bool  { return a.c.Drill }
func (a *ask) Tryout() bool { return !a.c.Drill && a.c.Tryout() }

// Officer names one by number.
func (a *ask) Officer(id subscriptions.OfficerID) string {
	if id == 0 {
		return "the program"
	}
	for _, o := range a.officers() {
		if o.ID == id {
			return o.Name
		}
	}
	return fmt.Sprintf("officer %d", id)
}

const english subscriptions.Language = "en"

func (a *ask) text(t subscriptions.Text) string { return t.In(english, a.nation.Languages...) }

// Agency is the short name of a body, AgencyName its whole one.
func (a *ask) Agency(id subscriptions.AgencyID) string {
	if g, ok := a.nation.Agency(id); ok && g.Short != "" {
		return g.Short
	}
	return string(id)
}

func (a *ask) AgencyName(id subscriptions.AgencyID) string {
	if g, ok := a.nation.Agency(id); ok {
		return a.text(g.Name)
	}
	return string(id)
}

// Service, Platform and Alternative name what the catalogue knows.
func (a *ask) Service(id subscriptions.ServiceID) string {
	if s, ok := a.nation.Service(id); ok {
		return a.text(s.Name)
	}
	return string(id)
}

func (a *ask) Platform(id subscriptions.PlatformID) string {
	if p, ok := a.nation.Platform(id); ok {
		return a.text(p.Name)
	}
	return string(id)
}

// Alternative says the words of another way, with the registry's values in place.
func (a *ask) Alternative(id subscriptions.AlternativeID) string {
	w, ok := a.nation.Alternative(id)
	if !ok {
		return string(id)
	}
	text, _, err := subscriptions.ResolveText(a.text(w.Text), a.nation)
	if err != nil {
		return string(id) + " (it names something that may not reach a citizen)"
	}
	return text
}

// Language names one.
func (a *ask) Language(l subscriptions.Language) string {
	switch l {
	case "en":
		return "English"
	case "sw":
		return "Kiswahili"
	}
	return string(l)
}

// Languages are those of the catalogue.
func (a *ask) Languages() []subscriptions.Language { return a.nation.Languages }

// Network names one as people know it.
func (a *ask) Network(name string) string {
	known := map[string]string{"telegram": "Telegram", "slack": "Slack", "webchat": "Web chat", "sms": "SMS", "x": "X", "whatsapp": "WhatsApp", "radio": "Radio", "page": "Public page", "drill": "Drill"}
	if n, ok := known[name]; ok {
		return n
	}
	return name
}

// What names an incident by what is broken in it.
func (a *ask) What(i subscriptions.Incident) string {
	var names []string
	add := func(n string) {
		if !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	for _, c := range i.Claims {
		if c.Platform != "" {
			add(a.Platform(c.Platform))
		}
	}
	for _, c := range i.Claims {
		if c.Service != "" && len(names) < 4 {
			add(a.Service(c.Service))
		}
	}
	if len(names) > 3 {
		names = append(names[:3], "…")
	}
	return strings.Join(names, ", ")
}

// Kind and State are words for officers.
func (a *ask) Kind(n subscriptions.Notice) string {
	switch {
	case n.Answers():
		return "Answers"
	case n.Slots.Withdraws:
		return "Withdrawal"
	case n.Slots.NoChange:
		return "No change"
	}
	return a.KindName(n.Kind)
}

func (a *ask) KindName(k subscriptions.Kind) string {
	if k == subscriptions.AlternativeNotice {
		return "Another way"
	}
	s := string(k)
	return strings.ToUpper(s[:1]) + s[1:]
}

func (a *ask) State(n subscriptions.Notice) string {
	if desk.Discarded(n) {
		return "discarded"
	}
	return string(n.State)
}

func (a *ask) IncidentState(s subscriptions.IncidentState) string {
	return strings.ReplaceAll(string(s), "_", " ")
}

// Name of a notice: its number, or what it is before it has one.
func (a *ask) NoticeName(n subscriptions.Notice) string {
	if n.Key == "" {
		return fmt.Sprintf("Draft %d", n.ID)
	}
	return n.Key.Short()
}

// Impact says how a service suffers.
func (a *ask) Impact(s subscriptions.ServiceState) string {
	switch {
	case s.Held:
		return "held"
	case !s.Failing:
		return "works again"
	case !s.Confirmed:
		return "not known"
	case s.Impact == subscriptions.Degraded:
		return "limited"
	}
	return "blocked"
}

// Overdue reports a promise that was not kept.
func (a *ask) Overdue(i subscriptions.Incident) bool { return desk.Overdue(i, a.now) }

// Told counts the services that a notice is about.
func (a *ask) Told(n subscriptions.Notice) int { return len(n.Audience[subscriptions.ScopeAll]) }

// Count says how many there are: "1 service", "2 services".
func (a *ask) Count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// Sentence begins what the desk says as a sentence does.
func (a *ask) Sentence(s string) string { return sentence(s) }

func sentence(s string) string {
	if s == "" {
		return ""
	}
	if first, _, _ := strings.Cut(s, " "); !strings.Contains(first, "-") { // an id stays as it is
		s = strings.ToUpper(s[:1]) + s[1:]
	}
	if strings.ContainsRune(".?!…", rune(s[len(s)-1])) {
		return s
	}
	return s + "."
}

// Problem is why a form comes back; nil = it does not.
func (a *ask) Problem() *desk.Refusal { return refused(a.problem) }

// Here marks the page that one is on in the list of pages.
func (a *ask) Here(path string) template.HTMLAttr {
	at := a.r.URL.Path
	if at == Base+path || path != "/" && strings.HasPrefix(at, Base+path+"/") {
		return ` aria-current="page"`
	}
	return ""
}

// Path is the address of this page.
func (a *ask) Path() string { return a.r.URL.Path }

// Done is what the page before says was done, by its name in the address.
func (a *ask) Done() string {
	if a.r.Method != "GET" {
		return ""
	}
	return doneWords[a.r.URL.Query().Get("done")]
}

func query(s string) string { return url.QueryEscape(s) }

func textOf(v any) string { return fmt.Sprint(v) }
