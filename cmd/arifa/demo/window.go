package demo

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"

	"arifa/bot/desk"
	"arifa/bot/web"
	"arifa/subscriptions"
)

// WindowPath is where a rehearsal that is watched in a browser has its own page.
const WindowPath = "/demo"

//go:embed window.html
var windowSource string

var windowPage = template.Must(template.New("window").Parse(windowSource))

// window is the page of who watches: what there is to see, and the way into the desk
// as one of two officers of every agency. They are the watcher's own, so that the
// record's officers act as they did.
type window struct {
	r        *rehearsal
	visitors []watcher
}

// watcher is one of the watcher's officers.
type watcher struct {
	desk.Actor
	secret string
}

// openWindow hires the watcher's officers and serves the page.
func (r *rehearsal) openWindow(ctx context.Context) error {
	w := &window{r: r}
	var authors, approvers []subscriptions.Grant
	for _, a := range r.cfg.Nation.Agencies {
		if !a.Retired {
			authors = append(authors, subscriptions.Grant{Role: subscriptions.Author, Agency: a.ID})
			approvers = append(approvers, subscriptions.Grant{Role: subscriptions.Approver, Agency: a.ID})
		}
	}
	for _, of := range []struct {
		name  string
		roles []subscriptions.Grant
	}{{"A watching author", authors}, {"A watching approver", approvers}} {
		who, err := r.office.add(ctx, of.name, r.clock.Now(), of.roles...)
		if err != nil {
			return err
		}
		w.visitors = append(w.visitors, watcher{who, r.office.secrets[who.Officer.ID]})
	}
	x := web.New(web.Config{})
	here := http.NewCrossOriginProtection()
	r.program.Serve("GET "+WindowPath, x.Handle(w.show))
	r.program.Serve("POST "+WindowPath+"/come-in/{who}", here.Handler(x.Handle(w.comeIn)))
	r.screen.say("", "Watch it: %s%s (the page, the web chat, and a way into the officers' desk). Ctrl-C ends it.", r.program.URL, WindowPath)
	return nil
}

// linger keeps everything up after the verdict, until the watcher has seen enough.
func (r *rehearsal) linger(ctx context.Context) error {
	r.screen.say("", "It stays for you to look at: %s%s. Ctrl-C ends it.", r.program.URL, WindowPath)
	<-ctx.Done()
	if cause := context.Cause(ctx); cause != context.Canceled {
		return cause
	}
	return nil
}

// visitor is a watcher as the page shows her.
type visitor struct {
	Number int
	Name   string
	Digits string
}

func (w *window) show(out http.ResponseWriter, _ *http.Request) error {
	now := w.r.clock.Now()
	view := struct {
		Now, Title, Style string
		Visitors          []visitor
	}{now.In(w.r.cfg.Nation.Location()).Format("15:04, 2 January 2006"), w.r.incident.Title, web.StylePath(), nil}
	for k, v := range w.visitors {
		code, err := totp(v.secret, now.Unix()/30)
		if err != nil {
			return err
		}
		view.Visitors = append(view.Visitors, visitor{k, v.Officer.Name, code})
	}
	var b bytes.Buffer
	if err := windowPage.Execute(&b, view); err != nil {
		return err
	}
	out.Header().Set("Content-Type", "text/html; charset=utf-8")
	out.Header().Set("Cache-Control", "no-store")
	_, _ = out.Write(b.Bytes()) // who does not read our answer any more is no error of ours
	return nil
}

// comeIn makes a one-time link into the desk and follows it.
func (w *window) comeIn(out http.ResponseWriter, r *http.Request) error {
	for k, v := range w.visitors {
		if r.PathValue("who") != fmt.Sprint(k) {
			continue
		}
		code, err := w.r.program.Desk.StartSignIn(r.Context(), v.Actor, v.Officer.ID, w.r.clock.Now())
		if err != nil {
			return err
		}
		http.Redirect(out, r, "/desk/sign-in/"+code, http.StatusSeeOther)
		return nil
	}
	return web.NotFound()
}
