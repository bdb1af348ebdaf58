package talk

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// english is the officers' working language.
const english subscriptions.Language = "en"

// refused shows a refusal: the rule, why, and what to do instead.
func (u *turn) refused(r *desk.Refusal) page {
	why := sentence(r.Why)
	if r.Rule != 0 {
		why = fmt.Sprintf("Rule %d: %s", r.Rule, why)
	}
	p := page{title: "Not done", lines: []string{why}}
	for _, f := range r.Findings {
		p.lines = append(p.lines, fmt.Sprintf("“%s”: %s", f.Piece, f.Advice))
	}
	if r.Do != "" {
		p.lines = append(p.lines, "What to do: "+r.Do+".")
	}
	if u.actor.Officer.ID != 0 && u.lock == desk.Unlocked {
		p.rows = u.back(u.incidentAtHand())
	}
	return p
}

// incidentAtHand is the incident of the card that is being answered.
func (u *turn) incidentAtHand() subscriptions.IncidentID {
	if u.card == nil {
		return 0
	}
	return u.card.Work.Incident
}

// worn is said of buttons that do nothing any more.
func (u *turn) worn() page {
	return page{title: "These buttons do not work any more", lines: []string{"The card is too old, or of another chat. /desk shows what is true now."}}
}

// back leads to the incident, and to the desk.
func (u *turn) back(id subscriptions.IncidentID) [][]button {
	row := []button{{"The desk", "home", ""}}
	if id > 0 {
		row = append([]button{{fmt.Sprintf("Incident %d", id), "incident", fmt.Sprint(id)}}, row...)
	}
	return [][]button{row}
}

func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// clock says a time in the catalogue's zone, with the day where it is another one.
func (u *turn) clock(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	zone := u.nation.Location()
	local := t.In(zone)
	if local.Format("20060102") == u.now.In(zone).Format("20060102") {
		return local.Format("15:04")
	}
	return local.Format("2 Jan 15:04")
}

func (u *turn) agency(id subscriptions.AgencyID) string {
	a, _ := u.nation.Agency(id)
	if a.Short != "" {
		return a.Short
	}
	if name := a.Name.In(english, u.nation.Languages...); name != "" {
		return name
	}
	return string(id)
}

func (u *turn) service(id subscriptions.ServiceID) string {
	s, ok := u.nation.Service(id)
	if !ok {
		return string(id)
	}
	return fmt.Sprintf("%s (%s)", s.Name.In(english, u.nation.Languages...), u.agency(s.Agency))
}

func (u *turn) platform(id subscriptions.PlatformID) string {
	p, ok := u.nation.Platform(id)
	if !ok {
		return string(id)
	}
	return p.Name.In(english, u.nation.Languages...)
}

// names lists at most most services and counts the rest.
func (u *turn) names(ids []subscriptions.ServiceID, most int) string {
	var out []string
	for _, id := range ids[:min(len(ids), most)] {
		out = append(out, u.service(id))
	}
	if rest := len(ids) - most; rest > 0 {
		out = append(out, fmt.Sprintf("and %d more", rest))
	}
	return strings.Join(out, "; ")
}

// what names what an incident is about.
func (u *turn) what(i subscriptions.Incident) string {
	var out []string
	add := func(s string) {
		if s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	for _, c := range i.Claims {
		if c.Round == i.Round && c.Platform != "" {
			add(u.platform(c.Platform))
		}
	}
	for _, c := range i.Claims {
		if c.Round == i.Round && c.Service != "" && len(out) < 3 {
			add(u.service(c.Service))
		}
	}
	return strings.Join(out, ", ")
}

func stateWord(n subscriptions.Notice) string {
	if desk.Discarded(n) {
		return "discarded"
	}
	return string(n.State)
}

func kindWord(n subscriptions.Notice) string {
	if n.Answers() {
		return "answers"
	}
	return string(n.Kind)
}

// show names a notice as officers and citizens say it.
func show(n subscriptions.Notice) string {
	if n.Key != "" {
		return n.Key.Short()
	}
	return fmt.Sprintf("draft %s", desk.Nickname(n.ID))
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return number(n) + " " + what
}

// number groups digits by thousands.
func number(n int) string {
	s := fmt.Sprint(n)
	for k := len(s) - 3; k > 0; k -= 3 {
		s = s[:k] + "," + s[k:]
	}
	return s
}

// clip cuts a text to at most most letters.
func clip(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}
