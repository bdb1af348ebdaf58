package statuspage

import (
	"embed"
	"html/template"
	"slices"

	"arifa/subscriptions"
)

//go:embed templates/*.html
var templateFiles embed.FS

func parseTemplates() (*template.Template, error) {
	return template.New("page").ParseFS(templateFiles, "templates/*.html")
}

// Current marks the page that one is on in the list of pages.
func (f *frame) Current(path string) template.HTMLAttr {
	if f.Path == path && !f.lost {
		return ` aria-current="page"`
	}
	return ""
}

// Searches reports whether there is a search: files have none.
func (f *frame) Searches() bool { return f.site.Search != nil }

// Compares reports whether pasted texts are compared.
func (f *frame) Compares() bool { return f.site.Compare != nil }

// Few are the first names of many, and the rest.
type few struct{ First, Rest []subscriptions.ServiceID }

const fewNames = 6

// Few cuts a list of services, so that none hides behind another's length.
func (f *frame) Few(all []subscriptions.ServiceID) few {
	if len(all) <= fewNames+1 {
		return few{First: all}
	}
	return few{all[:fewNames], all[fewNames:]}
}

// Names reports whether a list of services says more than the page's title does.
func (f *frame) Names(all []subscriptions.ServiceID) bool {
	return len(all) != 1 || all[0] != f.about
}

// One is a list of one service.
func (f *frame) One(id subscriptions.ServiceID) []subscriptions.ServiceID {
	return []subscriptions.ServiceID{id}
}

// BarAt is where the bar of a day stands.
func (f *frame) BarAt(day int) int { return day * 4 }

// Days names days: the newest few, for the ear.
func (f *frame) Days(all []string) string {
	const most = 7
	if len(all) > most {
		all = append([]string{"…"}, all[len(all)-most:]...)
	}
	return f.site.Speaker.List(f.L, slices.Clone(all))
}

// Following tells how to follow.
func (f *frame) Following() followView { return f.follow("") }

// HostOf is the host of an address, for people.
func (f *frame) HostOf(address string) string { return hostOf(address) }

// Less is one less.
func (f *frame) Less(n int) int { return n - 1 }
