package console

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"arifa/bot/desk"
	"arifa/bot/web"
	"arifa/subscriptions"
)

// need is how far in a visit must be for a route.
type need int

const (
	open    need = iota // anybody
	halfway             // the first step of signing in
	signed              // both steps
)

// route is one page, or one form with its deed. Who may do the deed is the desk's
// to say: a route only asks that somebody is signed in.
type route struct {
	path string
	need need
	// show answers a GET, and a POST whose deed was refused.
	show func(a *ask) error
	// do is the deed of a POST; it returns where to go. nil = there is none.
	do func(a *ask) (string, error)
	// two reports whether the deed is of the two-officer column: then six digits, or a
	// passkey, must have been shown lately, or come with the form.
	two func(a *ask) bool
	// raw answers everything by itself: assets, streams and what scripts ask.
	raw     func(a *ask) error
	methods []string // of raw
}

func always(*ask) bool { return true }

// byPath makes one handler of each route. Methods are told apart here, so that a
// wrong one gets a page as well.
func (c *Console) byPath() map[string]web.Handler {
	out := map[string]web.Handler{}
	for _, rt := range c.routes() {
		methods := []string{http.MethodGet}
		switch {
		case rt.raw != nil:
			methods = rt.methods
		case rt.do != nil:
			methods = append(methods, http.MethodPost)
		}
		out[rt.path] = web.Only(c.enter(&rt), methods...)
	}
	out[Base+"/"] = func(http.ResponseWriter, *http.Request) error { return web.NotFound() }
	out[Base] = func(w http.ResponseWriter, r *http.Request) error {
		http.Redirect(w, r, Base+"/", http.StatusPermanentRedirect)
		return nil
	}
	return out
}

// enter is the way to every handler: nothing from another site, nothing from
// another machine in a try-out, and nobody who may not come in.
func (c *Console) enter(rt *route) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := c.here(r); err != nil {
			return err
		}
		if err := c.origin.Check(r); err != nil {
			return web.Refuse(http.StatusForbidden, "This form came from another site, so it was not carried out.")
		}
		w.Header().Set("Cache-Control", "no-store")
		// With no referrer at all a browser sends a form of our own as one of nobody, and
		// nothing tells it from another site's where it sends no Sec-Fetch-Site.
		w.Header().Set("Referrer-Policy", "same-origin")
		return c.withSession(w, r, func(w http.ResponseWriter, r *http.Request) error {
			if rt.need == open && rt.raw == nil {
				if wait := c.comers.Take(c.web.Client(r), c.Now()); wait > 0 {
					return web.TooMany(wait)
				}
			}
			a := &ask{c: c, w: w, r: r, ctx: r.Context(), now: c.Now(), route: rt, visit: c.visitOf(r.Context()), nation: c.Nation(), values: clean(r.URL.Query())}
			return c.admit(a)
		})
	}
}

// admit finds out whose request it is.
func (c *Console) admit(a *ask) error {
	at := a.visit.standing(c.Idle, a.now)
	var ended string
	if at != nobody {
		var err error
		a.actor, err = c.Desk.Visit(a.ctx, a.visit.Officer, a.visit.Since, Via)
		switch r := refused(err); {
		case r != nil:
			at, ended = nobody, r.Why
		case err != nil:
			return err
		}
	}
	if at == nobody && a.visit.Officer != 0 { // it has ended, so nothing of it is left
		if err := c.sessions.Destroy(a.ctx); err != nil {
			return err
		}
		a.visit, a.actor = &visit{}, desk.Actor{Via: Via}
		if ended == "" {
			ended = "Your visit has ended"
		}
	}
	switch {
	case a.route.need == open, a.route.need == halfway && at != nobody, at == inside:
		return a.serve(at)
	}
	return a.wait(at, ended)
}

// serve answers; a visit is alive where its officer does something.
func (a *ask) serve(at standing) error {
	if a.route.raw != nil {
		return a.route.raw(a)
	}
	if at == inside && (a.now.Sub(a.visit.Seen) > 30e9 || a.r.Method == http.MethodPost) {
		a.visit.Seen = a.now
	}
	if a.r.Method != http.MethodPost {
		a.bringBack()
		return a.route.show(a)
	}
	if err := a.read(); err != nil {
		return err
	}
	return a.post()
}

// post does a deed once, however often its form comes.
func (a *ask) post() error {
	if a.looking() {
		return a.route.show(a)
	}
	deed := func() (string, error) {
		if a.route.two != nil && a.route.two(a) {
			if err := a.prove(); err != nil {
				return "", err
			}
		}
		return a.route.do(a)
	}
	var to string
	var err error
	if key := a.request(); key == "" {
		to, err = deed()
	} else {
		to, err = a.c.doubles.once(a.c.sessions.Token(a.ctx)+" "+a.r.URL.Path+" "+key, a.now, deed)
	}
	var once errShown
	if errors.As(err, &once) {
		return a.showOnce(once.view)
	}
	if r := refused(err); r != nil {
		a.problem = r
		return a.route.show(a)
	}
	if err != nil {
		return a.undone(err)
	}
	return a.redirect(to)
}

// undone says to an officer what a database that failed leaves of a deed. A stranger
// learns nothing of it.
func (a *ask) undone(err error) error {
	say := ""
	switch {
	case a.actor.Officer.ID == 0:
	case errors.Is(err, subscriptions.ErrFull):
		say = "The disk of the database is full: this was not stored, and nobody is told. Whoever runs Arifa must make room; then send it again."
	case errors.Is(err, subscriptions.ErrUnavailable):
		say = "The database does not answer, and whether this was stored is not known. Go back and send it again in a moment: it is done once."
	}
	if say == "" {
		return err
	}
	r := web.Busy(5*time.Second, err)
	r.Say = say
	return r
}

// looking reports whether a form was sent to see its preview only.
func (a *ask) looking() bool { return a.Val("do") == "preview" }

func (a *ask) redirect(to string) error {
	if err := a.c.save(a.ctx, a.visit); err != nil {
		return err
	}
	http.Redirect(a.w, a.r, to, http.StatusSeeOther)
	return nil
}

// status is that of the page: a form that comes back says why by it.
func (a *ask) status() int {
	if a.problem == nil {
		return http.StatusOK
	}
	return statusOf(a.problem)
}

func statusOf(err error) int {
	r := refused(err)
	switch {
	case errors.Is(err, subscriptions.ErrNotFound):
		return http.StatusNotFound
	case r == nil:
		return http.StatusInternalServerError
	case strings.HasSuffix(r.Why, "does not exist"):
		return http.StatusNotFound
	case r.Rule == 4:
		return http.StatusForbidden
	case r.Rule == 2:
		return http.StatusConflict
	}
	return http.StatusUnprocessableEntity
}

// refusalPage is a refusal where there is no form that could come back.
func refusalPage(r *desk.Refusal) error {
	return web.Refuse(statusOf(r), "%s", sentence(r.Why))
}

// safePath takes an address of the console itself, and nothing that leads away.
func safePath(to string) string {
	clean := strings.HasPrefix(to, Base+"/") && !strings.Contains(to, "//") && !strings.ContainsAny(to, "\\\r\n\t")
	if !clean || len(to) > 300 || slices.Contains(strings.Split(to, "/"), "..") {
		return Base + "/"
	}
	return to
}
