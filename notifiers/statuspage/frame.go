package statuspage

import (
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strings"
	"time"

	"arifa/bot/web"
	"arifa/subscriptions"
)

// frame is what every page knows: the edition, the language, and how to say and
// link things. Templates call its methods.
type frame struct {
	site *Site
	e    *edition
	L    subscriptions.Language
	// Path is the page's own without the language: "", "s/kra-pay-tax".
	Path string
	// Title of the page, and what a search engine shows of it.
	Title, Description string
	Feeds              []feedLink
	Body               any
	shared             *telling // once made
	judged             map[subscriptions.ServiceID][2]string
	about              subscriptions.ServiceID // the page is about it alone
	lost               bool                    // the page of an error: it stands nowhere
}

// feedLink advertises a feed.
type feedLink struct {
	Type, Kind, Title, URL string
}

func (s *Site) frame(e *edition, l subscriptions.Language, path string) *frame {
	return &frame{site: s, e: e, L: l, Path: path, Description: s.Speaker.T(l, "page.lead", map[string]any{})}
}

// with hands a part of a page to a template of its own, together with the frame.
type with struct {
	*frame
	X any
}

// With is for templates: {{template "story" ($.With .)}}.
func (f *frame) With(x any) with { return with{f, x} }

// T says a sentence; fields come as name, value, name, value.
func (f *frame) T(id string, fields ...any) string {
	return f.site.Speaker.T(f.L, id, dataOf(fields))
}

// N says a sentence that changes with n, which it may name as {{.N}}.
func (f *frame) N(id string, n int, fields ...any) string {
	data := dataOf(fields)
	data["N"] = f.site.Speaker.Number(f.L, n)
	return f.site.Speaker.N(f.L, id, n, data)
}

func dataOf(fields []any) map[string]any {
	data := map[string]any{}
	for i := 0; i+1 < len(fields); i += 2 {
		data[fmt.Sprint(fields[i])] = fields[i+1]
	}
	return data
}

// Link is the address of a page in the page's language: Link "s" id.
func (f *frame) Link(parts ...any) string { return f.linkIn(f.L, parts...) }

func (f *frame) linkIn(l subscriptions.Language, parts ...any) string {
	path := "/" + string(l) + "/"
	for i, p := range parts {
		if i > 0 {
			path += "/"
		}
		path += url.PathEscape(fmt.Sprint(p))
	}
	return path
}

// Tongue is one of the languages that the page is written in.
type Tongue struct {
	Language subscriptions.Language
	Name     string
	Here     bool
	URL      string // of this page in it
	Switch   string // the same, and the choice is remembered
}

// Tongues lists them.
func (f *frame) Tongues() []Tongue {
	var out []Tongue
	for _, l := range f.e.languages {
		out = append(out, Tongue{Language: l, Name: f.site.Speaker.T(l, "language.name", map[string]any{}), Here: l == f.L,
			URL: "/" + string(l) + "/" + f.Path, Switch: "/lang/" + string(l) + "/" + f.Path})
	}
	return out
}

// Style is the path of the style sheet; its name changes with what it says.
func (f *frame) Style() string { return f.site.style }

// Mark is our sign, in the colour of the text.
func (f *frame) Mark() template.HTML { return web.Mark }

// AsOf says for when the page holds.
func (f *frame) AsOf() string { return f.site.Speaker.AsOf(f.L, f.local(f.e.asOf)) }

// Machine writes a time for the datetime attribute.
func (f *frame) Machine(t time.Time) string { return f.local(t).Format("2006-01-02T15:04-07:00") }

// AsOfTime is the time that AsOf says.
func (f *frame) AsOfTime() time.Time { return f.e.asOf }

// When says a time.
func (f *frame) When(t time.Time) string { return f.site.Speaker.DateTime(f.L, f.local(t)) }

// Date says a day.
func (f *frame) Date(t time.Time) string { return f.site.Speaker.Date(f.L, f.local(t)) }

func (f *frame) local(t time.Time) time.Time { return t.In(f.e.zone) }

// Silence is what is said where nothing is announced.
func (f *frame) Silence() string { return f.site.Speaker.Silence(f.L) }

// Upper begins a state as a sentence does.
func (f *frame) Upper(s string) string { return upperFirst(s) }

// Name of a service; Label with its agency.
func (f *frame) Name(id subscriptions.ServiceID) string {
	s, _ := f.e.nation.Service(id)
	return f.text(s.Name)
}

// Label names a service with its agency, unless its name says it.
func (f *frame) Label(id subscriptions.ServiceID) string { return f.label(id) }

func (f *frame) label(id subscriptions.ServiceID) string {
	s, ok := f.e.nation.Service(id)
	if !ok {
		return string(id)
	}
	name, agency := f.text(s.Name), f.agencyShort(s.Agency)
	if agency == "" || strings.Contains(name, agency) {
		return name
	}
	return name + " (" + agency + ")"
}

// AgencyName is the whole name of a body.
func (f *frame) AgencyName(id subscriptions.AgencyID) string {
	a, _ := f.e.nation.Agency(id)
	return f.text(a.Name)
}

// Agency is the short name by which people know a body.
func (f *frame) Agency(id subscriptions.AgencyID) string { return f.agencyShort(id) }

func (f *frame) agencyShort(id subscriptions.AgencyID) string {
	a, ok := f.e.nation.Agency(id)
	if !ok || a.Short == "" {
		return string(id)
	}
	return a.Short
}

// Links reports whether a service has a page to link to.
func (f *frame) Links(id subscriptions.ServiceID) bool {
	s, ok := f.e.nation.Service(id)
	return ok && !s.Retired
}

func (f *frame) text(t subscriptions.Text) string { return t.In(f.L, f.e.nation.Languages...) }

// telling is what all pages of this edition and language share.
func (f *frame) telling() *telling {
	if f.shared != nil {
		return f.shared
	}
	f.e.mu.Lock()
	defer f.e.mu.Unlock()
	if f.shared = f.e.told[f.L]; f.shared != nil {
		return f.shared
	}
	t := &telling{stories: f.stories(anything)}
	f.shared = t
	t.unspoken = f.unspokenOf(t.stories)
	t.states = f.states(t.stories)
	for _, id := range t.unspoken {
		if _, ok := t.states[id]; !ok {
			t.states[id] = stateOf{unspoken, f.T("page.impact.unspoken")}
		}
	}
	t.agencies = f.agenciesOf()
	if f.e.told == nil {
		f.e.told = map[subscriptions.Language]*telling{}
	}
	f.e.told[f.L] = t
	return t
}

// Stories of everything, the worst first.
func (f *frame) Stories() []story { return f.telling().stories }

// State is what is told of a service now.
func (f *frame) State(id subscriptions.ServiceID) stateOf { return f.telling().states[id] }

// agencies that have services, by name, with the worst that is told of each.
func (f *frame) agencies() []agencyView { return f.telling().agencies }

// unspoken lists the services that many complain of while nobody official has
// spoken.
func (f *frame) unspoken() []subscriptions.ServiceID { return f.telling().unspoken }

// Impact says an impact in words: a colour alone tells nothing to many.
func (f *frame) Impact(i any) string {
	if word := fmt.Sprint(i); word != "" {
		return f.T("page.impact." + word)
	}
	return f.T("page.impact.none")
}

// Phase says how far an incident is.
func (f *frame) Phase(s subscriptions.IncidentState) string { return f.T("page.state." + string(s)) }

// unspokenOf finds them: a trouble that is told already is not among them.
func (f *frame) unspokenOf(all []story) []subscriptions.ServiceID {
	var out []subscriptions.ServiceID
	for _, a := range f.e.alarms {
		if !a.Live() || a.Unofficial.IsZero() {
			continue
		}
		for _, id := range a.Services {
			spoken := slices.ContainsFunc(all, func(s story) bool {
				return s.Live() && s.Impact != planned && slices.Contains(s.Failing, id)
			})
			if f.Links(id) && !spoken && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}

// feeds of a scope: its path ("", "a/kra", "s/kra-pay-tax") and its name.
func (f *frame) feeds(path, name string) []feedLink {
	title := f.T("feed.title")
	if name != "" {
		title = f.T("feed.title.of", "Name", name)
	}
	if path != "" {
		path += "/"
	}
	base := "/" + string(f.L) + "/" + path
	return []feedLink{
		{"application/atom+xml", "Atom", title, base + "feed.atom"},
		{"application/rss+xml", "RSS", title, base + "feed.rss"},
	}
}
