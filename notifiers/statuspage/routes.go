package statuspage

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"arifa/bot/web"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// Handler serves the page and everything beside it. Reading is open to everybody;
// nothing here changes anything.
func (s *Site) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /", s.web.Handle(s.serve))
	mux.Handle("/", s.web.Handle(web.Only(s.serve, http.MethodGet)))
	mux.Handle("GET /lang/{language}/{path...}", s.web.Handle(s.remember))
	for _, l := range s.Speaker.Languages() {
		mux.Handle("GET /"+string(l)+"/services", s.web.Handle(s.find(l)))
		mux.Handle("POST /"+string(l)+"/verify", s.web.Handle(web.Only(s.web.Limited(s.checks, s.compare(l)), http.MethodPost)))
		mux.Handle("GET /"+string(l)+"/n/{asked}", s.web.Handle(s.number(l)))
		mux.Handle("GET /"+string(l)+"/i/{id}", s.web.Handle(s.old(l)))
	}
	rest := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if d := s.ready(r); d != nil {
			s.web.Ready(w, r, "GET /", d)
			return
		}
		rest.ServeHTTP(w, r)
	})
}

// ready finds the document of a path that somebody has asked for in this edition:
// nothing is left to do but to write it.
func (s *Site) ready(r *http.Request) *document {
	e := s.edition.Load()
	if e == nil || r.URL.RawQuery != "" || r.Method != http.MethodGet && r.Method != http.MethodHead {
		return nil
	}
	return s.cache.find(r.URL.Path, e)
}

var errNotYet = errors.New("the store has not been read yet")

// serve answers from what is ready, without a question to the store.
func (s *Site) serve(w http.ResponseWriter, r *http.Request) error {
	if d, ok := s.assets[r.URL.Path]; ok {
		d.Write(w, r)
		return nil
	}
	e := s.edition.Load()
	if e == nil {
		return web.Busy(time.Second, errNotYet)
	}
	if d := s.cache.find(r.URL.Path, e); d != nil {
		d.Write(w, r)
		return nil
	}
	if to, ok := s.unspoken(e, r); ok {
		return redirect(w, r, to)
	}
	make, ok := s.route(e, r.URL.Path)
	if to, mistyped := slashes(e, r.URL.Path); !ok && mistyped {
		return redirect(w, r, to)
	}
	if !ok {
		return web.NotFound()
	}
	d, err := s.cache.keep(r.URL.Path, e, make)
	if err != nil {
		return err
	}
	d.Write(w, r)
	return nil
}

// unspoken chooses the language of a path that names none: the remembered one,
// else the browser's.
func (s *Site) unspoken(e *edition, r *http.Request) (string, bool) {
	path := strings.TrimPrefix(r.URL.Path, "/")
	first, _, _ := strings.Cut(path, "/")
	if !slices.Contains([]string{"", "services", "s", "a", "i", "n", "verify", "follow", "chat"}, first) || first == "chat" && s.WebChat == "" {
		return "", false
	}
	return "/" + string(s.guess(e, r)) + "/" + escaped(path), true
}

// slashes mends a path of ours that has one slash too few or too many, as people type it.
func slashes(e *edition, path string) (string, bool) {
	l, rest, more := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if !slices.Contains(e.languages, subscriptions.Language(l)) || more && !strings.HasSuffix(rest, "/") {
		return "", false
	}
	return "/" + l + "/" + escaped(rest), true
}

// escaped writes a path back as an address, so that nothing of it is taken for a
// host or a query.
func escaped(path string) string {
	var parts []string
	for p := range strings.SplitSeq(path, "/") {
		if p != "" {
			parts = append(parts, url.PathEscape(p))
		}
	}
	return strings.Join(parts, "/")
}

// languageCookie remembers a choice, and nothing of who made it.
const languageCookie = "language"

func (s *Site) guess(e *edition, r *http.Request) subscriptions.Language {
	if c, err := r.Cookie(languageCookie); err == nil && slices.Contains(e.languages, subscriptions.Language(c.Value)) {
		return subscriptions.Language(c.Value)
	}
	best, weight := e.nation.DefaultLanguage, 0.0
	for _, line := range r.Header.Values("Accept-Language") {
		for part := range strings.SplitSeq(line, ",") {
			tag, parameters, _ := strings.Cut(part, ";")
			q := 1.0
			if v, ok := strings.CutPrefix(strings.TrimSpace(parameters), "q="); ok {
				q, _ = strconv.ParseFloat(v, 64)
			}
			base, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
			if l := subscriptions.Language(base); q > weight && slices.Contains(e.languages, l) {
				best, weight = l, q
			}
		}
	}
	return best
}

// redirect leads to a path of ours; which one depends on who asks.
func redirect(w http.ResponseWriter, r *http.Request, to string) error {
	w.Header().Set("Vary", "Accept-Language, Cookie")
	w.Header().Set("Cache-Control", "private, no-cache")
	http.Redirect(w, r, to, http.StatusFound)
	return nil
}

// remember stores the chosen language in the browser and shows the page in it.
func (s *Site) remember(w http.ResponseWriter, r *http.Request) error {
	e := s.edition.Load()
	if e == nil {
		return web.Busy(time.Second, errNotYet)
	}
	l := subscriptions.Language(r.PathValue("language"))
	if !slices.Contains(e.languages, l) {
		return web.NotFound()
	}
	http.SetCookie(w, &http.Cookie{Name: languageCookie, Value: string(l), Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, Secure: s.Web.HTTPS, SameSite: http.SameSiteLaxMode})
	return redirect(w, r, "/"+string(l)+"/"+escaped(r.PathValue("path")))
}

// route finds what makes the document of a path: of everything that the edition
// holds.
func (s *Site) route(e *edition, path string) (func() (*document, error), bool) {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if l := subscriptions.Language(parts[0]); slices.Contains(e.languages, l) && len(parts) > 1 {
		return s.page(e, l, parts[1:])
	}
	return s.machine(e, parts)
}

// page finds a page of one language.
func (s *Site) page(e *edition, l subscriptions.Language, parts []string) (func() (*document, error), bool) {
	html := func(name string, make func() *frame) (func() (*document, error), bool) {
		return func() (*document, error) { return s.html(http.StatusOK, name, make()) }, true
	}
	if feed := s.feed(e, l, parts); feed != nil {
		return feed, true
	}
	switch {
	case len(parts) == 1 && parts[0] == "":
		return html("front", func() *frame { return s.front(e, l) })
	case len(parts) == 1 && parts[0] == "services":
		return html("services", func() *frame { return s.services(e, l, "") })
	case len(parts) == 1 && parts[0] == "verify":
		return html("verify", func() *frame { return s.verify(e, l, "", nil) })
	case len(parts) == 1 && parts[0] == "follow":
		return html("ours", func() *frame { return s.ours(e, l) })
	case len(parts) == 2 && parts[0] == "a":
		if a, ok := e.nation.Agency(subscriptions.AgencyID(parts[1])); ok && !a.Retired {
			return html("agency", func() *frame { return s.agency(e, l, a) })
		}
	case len(parts) >= 2 && parts[0] == "s":
		svc, ok := e.nation.Service(subscriptions.ServiceID(parts[1]))
		if !ok || svc.Retired {
			return nil, false
		}
		switch {
		case len(parts) == 2:
			return html("service", func() *frame { return s.service(e, l, svc) })
		case len(parts) == 3 && parts[2] == "poster":
			return func() (*document, error) {
				f, err := s.poster(e, l, svc)
				if err != nil {
					return nil, err
				}
				return s.html(http.StatusOK, "poster", f)
			}, true
		case len(parts) == 3 && parts[2] == "badge.svg":
			return func() (*document, error) { return s.badge(e, l, svc), nil }, true
		}
	}
	return nil, false
}

// find answers a search; without words it lists all services.
func (s *Site) find(l subscriptions.Language) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		query := strings.ToValidUTF8(r.URL.Query().Get("q"), "")
		if query == "" {
			return s.serve(w, r)
		}
		if len(query) > mostQuery {
			return web.Refuse(http.StatusBadRequest, "A search has at most %d letters.", mostQuery)
		}
		return s.web.Limited(s.lookups, func(w http.ResponseWriter, r *http.Request) error {
			e := s.edition.Load()
			if e == nil {
				return web.Busy(time.Second, errNotYet)
			}
			d, err := s.html(http.StatusOK, "services", s.services(e, l, query))
			if err != nil {
				return err
			}
			d.Age = web.AgeNone // what somebody looks for is nobody else's business
			d.Write(w, r)
			return nil
		})(w, r)
	}
}

const (
	mostPasted  = 32 << 10 // bytes of a pasted text, encoded as a form
	pasteWithin = 10 * time.Second
)

// compare judges a pasted text.
func (s *Site) compare(l subscriptions.Language) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		e := s.edition.Load()
		if e == nil || s.Compare == nil {
			return web.Busy(time.Second, errNotYet)
		}
		if web.MediaType(r) != "application/x-www-form-urlencoded" {
			return web.Refuse(http.StatusUnsupportedMediaType, "Send the form of the page.")
		}
		body, err := web.Body(w, r, mostPasted, pasteWithin)
		if err != nil {
			return err
		}
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return web.Refuse(http.StatusBadRequest, "The form could not be read.")
		}
		text := strings.TrimSpace(strings.ToValidUTF8(form.Get("text"), ""))
		if text == "" {
			return web.Refuse(http.StatusBadRequest, "Paste a text first.")
		}
		card, err := s.compared(r.Context(), l, text)
		if err != nil {
			return err
		}
		d, err := s.html(http.StatusOK, "verify", s.verify(e, l, text, &card))
		if err != nil {
			return err
		}
		d.Age = web.AgeNone
		d.Write(w, r)
		return nil
	}
}

// compared waits for room, as long as somebody who pasted a text would.
func (s *Site) compared(ctx context.Context, l subscriptions.Language, text string) (wording.Card, error) {
	waiting := time.NewTimer(comparesWithin)
	defer waiting.Stop()
	select {
	case s.comparing <- struct{}{}:
	case <-waiting.C:
		return wording.Card{}, web.Busy(checkEvery, errBusy)
	case <-ctx.Done():
		return wording.Card{}, ctx.Err()
	}
	defer func() { <-s.comparing }()
	return s.Compare(ctx, l, text, s.Now().UTC().Truncate(time.Millisecond))
}

const comparesWithin = 3 * time.Second

var errBusy = errors.New("too many texts are compared at once")

// number shows a notice by its number: it may be of any year, so the store is
// asked once an edition.
func (s *Site) number(l subscriptions.Language) web.Handler {
	return s.looked(l, func(ctx context.Context, e *edition, r *http.Request) (*document, error) {
		asked := r.PathValue("asked")
		if len(asked) > 40 {
			return nil, subscriptions.ErrNotFound
		}
		f, status, err := s.noticePage(ctx, e, l, asked)
		if err != nil {
			return nil, err
		}
		return s.html(status, "notice", f)
	})
}

// old shows an incident, of which there may be many more than the edition holds.
func (s *Site) old(l subscriptions.Language) web.Handler {
	return s.looked(l, func(ctx context.Context, e *edition, r *http.Request) (*document, error) {
		id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
		if err != nil || id <= 0 || itoa(id) != r.PathValue("id") {
			return nil, subscriptions.ErrNotFound
		}
		f, err := s.incident(ctx, e, l, subscriptions.IncidentID(id))
		if err != nil {
			return nil, err
		}
		return s.html(http.StatusOK, "incident", f)
	})
}

// looked answers from the cache, else within the limit of what costs a question to
// the store.
func (s *Site) looked(l subscriptions.Language, make func(context.Context, *edition, *http.Request) (*document, error)) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		e := s.edition.Load()
		if e == nil {
			return web.Busy(time.Second, errNotYet)
		}
		if !slices.Contains(e.languages, l) {
			return web.NotFound()
		}
		d := s.cache.find(r.URL.Path, e)
		if d == nil {
			if wait := s.lookups.Take(s.web.Client(r), s.Now()); wait > 0 {
				return web.TooMany(wait)
			}
			var err error
			if d, err = s.cache.keep(r.URL.Path, e, func() (*document, error) { return make(r.Context(), e, r) }); err != nil {
				return err
			}
		}
		d.Write(w, r)
		return nil
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
