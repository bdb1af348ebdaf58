package statuspage

import (
	"net/http"
	"strings"

	"arifa/bot/web"
	"arifa/subscriptions"
)

// errorView is a page that says what went wrong, without anything internal.
type errorView struct {
	Do     string
	Status int
	ID     string
}

// ErrorPage shows an error in the language of the page that was asked for.
func (s *Site) ErrorPage(w http.ResponseWriter, r *http.Request, t web.Trouble) {
	e := s.edition.Load()
	if e == nil {
		n := s.Nation()
		e = &edition{nation: n, zone: n.Location(), languages: s.languages(n), asOf: s.Now().UTC()}
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	l := s.guess(e, r)
	for _, known := range e.languages {
		if subscriptions.Language(first) == known {
			l = known
		}
	}
	f := s.frame(e, l, "")
	f.lost = true
	id := "page.error." + errorKind(t.Status)
	f.Title, f.Body = f.T(id), errorView{Do: f.T(id + ".do"), Status: t.Status, ID: t.ID}
	d, err := s.html(t.Status, "error", f)
	if err != nil {
		s.log.Error("the error page cannot be made", "error", err)
		http.Error(w, t.Title, t.Status)
		return
	}
	d.Age = web.AgeNone
	d.Write(w, r)
}

// errorKind names the sentences for a status.
func errorKind(status int) string {
	switch {
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed:
		return "404"
	case status == http.StatusTooManyRequests:
		return "429"
	case status >= 500:
		return "503"
	}
	return "400"
}
