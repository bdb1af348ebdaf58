package statuspage

import (
	"encoding/xml"
	"slices"
	"strings"
	"time"

	"arifa/subscriptions"
)

// The Common Alerting Protocol 1.2 of OASIS: elements in the order of its schema.
type capAlert struct {
	XMLName    xml.Name  `xml:"urn:oasis:names:tc:emergency:cap:1.2 alert"`
	Identifier string    `xml:"identifier"`
	Sender     string    `xml:"sender"`
	Sent       string    `xml:"sent"`
	Status     string    `xml:"status"`
	MsgType    string    `xml:"msgType"`
	Source     string    `xml:"source,omitempty"`
	Scope      string    `xml:"scope"`
	Note       string    `xml:"note,omitempty"`
	References string    `xml:"references,omitempty"`
	Incidents  string    `xml:"incidents,omitempty"`
	Info       []capInfo `xml:"info"`
}

type capInfo struct {
	Language     string     `xml:"language"`
	Category     string     `xml:"category"`
	Event        string     `xml:"event"`
	ResponseType string     `xml:"responseType"`
	Urgency      string     `xml:"urgency"`
	Severity     string     `xml:"severity"`
	Certainty    string     `xml:"certainty"`
	Effective    string     `xml:"effective"`
	Onset        string     `xml:"onset,omitempty"`
	Expires      string     `xml:"expires,omitempty"`
	SenderName   string     `xml:"senderName"`
	Headline     string     `xml:"headline"`
	Description  string     `xml:"description"`
	Instruction  string     `xml:"instruction"`
	Web          string     `xml:"web,omitempty"`
	Parameters   []capValue `xml:"parameter"`
	Area         capArea    `xml:"area"`
}

type capValue struct {
	Name  string `xml:"valueName"`
	Value string `xml:"value"`
}

type capArea struct {
	Desc    string   `xml:"areaDesc"`
	Geocode capValue `xml:"geocode"`
}

const capType = "application/cap+xml; charset=utf-8"

// capSent writes a time as CAP asks: whole seconds, and an offset that is never Z.
func capSent(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("2006-01-02T15:04:05-07:00")
}

// capID names one message: CAP forbids spaces, commas, < and & in it.
func capID(n subscriptions.Notice) string { return "arifa." + string(n.Key) }

const stoppedSuffix = "-stopped"

func (s *Site) capSender() string {
	if host := s.host(); host != "" {
		return host
	}
	return "arifa"
}

// capOf makes the document of a notice. That of a withdrawn one is the message that
// takes it back: what was wrong is not said again.
func (s *Site) capOf(e *edition, n subscriptions.Notice, stopped bool) capAlert {
	a := capAlert{Identifier: capID(n), Sender: s.capSender(), Sent: capSent(n.PublishedAt, e.zone), Status: "Actual", MsgType: "Alert",
		Source: "Arifa", Scope: "Public"}
	if n.Incident != 0 {
		a.Incidents = "arifa.incident." + itoa(int64(n.Incident))
	}
	earlier := s.before(e, n)
	switch {
	case stopped:
		a.Identifier, a.MsgType, a.Sent = a.Identifier+stoppedSuffix, "Cancel", capSent(n.StoppedAt, e.zone)
		earlier = []subscriptions.Notice{n}
	case n.Slots.Withdraws:
		a.MsgType = "Cancel"
		earlier = slices.DeleteFunc(slices.Clone(earlier), func(o subscriptions.Notice) bool { return o.ID != n.Corrects })
	case len(earlier) > 0:
		a.MsgType = "Update"
	}
	var refs []string
	for _, o := range earlier {
		refs = append(refs, a.Sender+","+capID(o)+","+capSent(o.PublishedAt, e.zone))
	}
	a.References = strings.Join(refs, " ")
	if a.MsgType == "Cancel" {
		a.Note = s.frame(e, e.languages[0], "").T("withdrawn.do") // CAP asks why
	}
	for _, l := range e.languages {
		a.Info = append(a.Info, s.frame(e, l, "").capInfo(n, stopped))
	}
	return a
}

// before lists what was said earlier in the same round, and what a notice corrects:
// a reader of alerts puts this one in their place.
func (s *Site) before(e *edition, n subscriptions.Notice) []subscriptions.Notice {
	var out []subscriptions.Notice
	if n.Incident != 0 && n.Kind.Chain() {
		for _, o := range e.of[n.Incident] {
			if o.Round == n.Round && o.Kind.Chain() && o.PublishedAt.Before(n.PublishedAt) {
				out = append(out, o)
			}
		}
	}
	if o, ok := e.notices[n.Corrects]; ok && n.Corrects != 0 {
		out = append(out, o)
	}
	return out
}

func (f *frame) capInfo(n subscriptions.Notice, stopped bool) capInfo {
	w := f.words(n)
	in := capInfo{Language: string(f.L) + "-" + f.e.nation.Country, Category: "Infra", Event: f.T("cap.event"), Effective: capSent(n.PublishedAt, f.e.zone),
		SenderName: f.AgencyName(n.Agency), Headline: w.Title, Certainty: "Observed", Urgency: "Immediate", ResponseType: "Monitor",
		Severity: f.severity(n), Area: capArea{f.T("cap.area", "Country", f.e.nation.Country), capValue{"ISO 3166-1", f.e.nation.Country}},
		Parameters: []capValue{{"notice", string(n.Key)}, {"code", n.Code}, {"kind", string(n.Kind)}}}
	if f.site.Base != "" {
		in.Web = f.site.Base + f.Link("n", n.Key)
	}
	if since := n.Slots.Since; !since.IsZero() {
		in.Onset = capSent(since, f.e.zone)
	}
	if !n.ExpiresAt.IsZero() {
		in.Expires = capSent(n.ExpiresAt, f.e.zone)
	}
	switch {
	case n.Kind == subscriptions.Restored, n.Kind == subscriptions.Maintenance && n.Slots.State.Over():
		in.ResponseType, in.Urgency, in.Severity = "AllClear", "Past", "Minor"
	case n.Kind == subscriptions.Maintenance:
		in.Event, in.ResponseType, in.Urgency, in.Certainty = f.T("cap.event.planned"), "Prepare", "Expected", "Likely"
		if !n.Slots.StartsAt.IsZero() {
			in.Onset = capSent(n.Slots.StartsAt, f.e.zone)
		}
	case n.Kind == subscriptions.Correction && n.Slots.False != "":
		in.Event, in.ResponseType = f.T("cap.event.false"), "Avoid"
	case n.Kind == subscriptions.Advisory, n.Kind == subscriptions.Correction:
		in.Event, in.Urgency = f.T("cap.event.advisory"), "Unknown"
	}
	in.Description, in.Instruction = capTexts(w)
	if stopped {
		in.ResponseType, in.Urgency = "None", "Unknown"
		in.Headline = f.T("verify.stopped", "Key", n.Key.Short())
		in.Description, in.Instruction = in.Headline+".", f.T("verify.do-not-rely")
	}
	if in.Instruction == "" {
		in.Instruction = f.T("pin")
	}
	return in
}

// severity by what suffers most: CAP's words are for harm, and a service that is
// late is no flood.
func (f *frame) severity(n subscriptions.Notice) string {
	i, ok := f.e.incident(n.Incident)
	if !ok {
		return "Unknown"
	}
	worst := "Minor"
	for _, id := range n.Audience[subscriptions.ScopeAll] {
		st, _ := i.Service(id)
		if st.Impact == subscriptions.Degraded {
			continue
		}
		if v, _ := f.e.nation.Service(id); v.HighHarm {
			return "Severe"
		}
		worst = "Moderate"
	}
	return worst
}

// capTexts divides the words into what is so, and what to do.
func capTexts(w subscriptions.Words) (description, instruction string) {
	var is, do []string
	for _, l := range slices.Concat(w.Head, w.Tail) {
		switch l.Slot {
		case subscriptions.SlotMoney, subscriptions.SlotDo, subscriptions.SlotPIN:
			do = append(do, l.Text)
		default:
			is = append(is, l.Text)
		}
	}
	seen := map[string]bool{}
	for _, sl := range w.Services {
		text := sl.Label
		if sl.State != "" {
			text += " – " + sl.State
		}
		is = append(is, text+".")
		for _, way := range sl.Lines {
			if !seen[way] { // many services share one way
				seen[way] = true
				do = append(do, way)
			}
		}
	}
	return strings.Join(is, "\n"), strings.Join(do, "\n")
}

// capDocument finds the document of a path such as "2025-0103-1.xml".
func (s *Site) capDocument(e *edition, name string) (func() (*document, error), bool) {
	key, ok := strings.CutSuffix(name, ".xml")
	key, stopped := strings.CutSuffix(key, stoppedSuffix)
	n, known := e.byKey(subscriptions.NoticeKey(key))
	if !ok || !known || stopped != (stopped && n.State == subscriptions.Stopped) {
		return nil, false
	}
	if n.State == subscriptions.Withdrawn {
		if n, known = e.withdrawal(n); !known {
			return nil, false
		}
	}
	return func() (*document, error) { return xmlDocument(capType, s.capOf(e, n, stopped)) }, true
}

func (e *edition) byKey(key subscriptions.NoticeKey) (subscriptions.Notice, bool) {
	for _, n := range e.notices {
		if n.Key == key {
			return n, key != ""
		}
	}
	return subscriptions.Notice{}, false
}

// withdrawal finds the notice that took n back.
func (e *edition) withdrawal(n subscriptions.Notice) (subscriptions.Notice, bool) {
	for _, o := range e.notices {
		if o.Corrects == n.ID && o.Slots.Withdraws {
			return o, true
		}
	}
	return subscriptions.Notice{}, false
}

// capIndex lists the messages, the newest first.
func (s *Site) capIndex(e *edition) (*document, error) {
	f := s.frame(e, e.languages[0], "")
	out := atomFeed{Lang: string(f.L), ID: urn("cap"), Title: f.T("feed.title") + " (CAP 1.2)", Sub: f.T("feed.lead"),
		Links: []atomLink{{"self", "application/atom+xml", s.Base + "/cap/feed.atom"}, {"alternate", "text/html", s.Base + f.Link()}}}
	newest := time.Time{}
	add := func(n subscriptions.Notice, id, title string, at time.Time) {
		if at.After(newest) {
			newest = at
		}
		address := s.Base + "/cap/" + id + ".xml"
		out.Entries = append(out.Entries, atomEntry{ID: urn("cap/" + id), Title: title, Updated: stamp(at), Published: stamp(at), Author: f.AgencyName(n.Agency),
			Category: &atomCategory{string(n.Kind)}, Links: []atomLink{{"alternate", "application/cap+xml", address}}, Summary: &atomText{"text", title}})
	}
	for _, id := range e.order {
		n := e.notices[id]
		if !public(n) || n.State == subscriptions.Withdrawn {
			continue
		}
		if n.State == subscriptions.Stopped {
			add(n, string(n.Key)+stoppedSuffix, f.T("verify.stopped", "Key", n.Key.Short()), n.StoppedAt)
		}
		add(n, string(n.Key), f.words(n).Title, n.PublishedAt)
		if len(out.Entries) >= mostEntries {
			break
		}
	}
	if newest.IsZero() {
		newest = e.asOf.Truncate(24 * time.Hour)
	}
	out.Updated = stamp(newest)
	return xmlDocument(atomType, out)
}
