package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"arifa/bot/console"
	"arifa/bot/desk"
	"arifa/cmd/arifa/drill"
	"arifa/subscriptions"
	"arifa/subscriptions/catalogue"
)

// consoleSettings are those of the officers' desk in a browser.
type consoleSettings struct {
	OIDCIssuer           string `name:"oidc-issuer" env:"ARIFA_OIDC_ISSUER" placeholder:"URL" help:"Single sign-on of officers by OpenID Connect: the issuer's address." group:"settings"`
	OIDCClientID         string `name:"oidc-client-id" env:"ARIFA_OIDC_CLIENT_ID" placeholder:"ID" help:"Our client id there; the redirect address is PUBLIC_URL/desk/sso/back." group:"settings"`
	OIDCClientSecret     string `name:"oidc-client-secret" env:"ARIFA_OIDC_CLIENT_SECRET" placeholder:"SECRET" help:"Our client secret there." group:"settings"`
	OIDCClientSecretFile string `name:"oidc-client-secret-file" env:"ARIFA_OIDC_CLIENT_SECRET_FILE" placeholder:"FILE" help:"File that holds the client secret." group:"settings"`
}

func (s *settings) sso() (faults []error) {
	if s.OIDCIssuer == "" {
		if s.OIDCClientID != "" || s.OIDCClientSecret != "" {
			faults = append(faults, errors.New("oidc-issuer: empty; the client id and secret belong to one"))
		}
		return faults
	}
	u, err := url.Parse(s.OIDCIssuer)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		faults = append(faults, fmt.Errorf("oidc-issuer: %q is not an address such as https://login.example.go.ke", s.OIDCIssuer))
	case u.Scheme == "http" && !loopback(net.JoinHostPort(u.Hostname(), "80")):
		faults = append(faults, errors.New("oidc-issuer: must be https: whoever stands between could sign in as any officer"))
	}
	if s.OIDCClientID == "" {
		faults = append(faults, errors.New("oidc-client-id: empty; the issuer gives one"))
	}
	return faults
}

// desk puts the officers' desk below the public page.
func (v *service) deskInBrowser(ctx context.Context, t tempo) error {
	if v.PublicURL == "" && v.Listen == "" {
		return nil // a rehearsal, which no browser reaches
	}
	c := console.Config{Desk: v.desk, Sessions: v.store, Nation: v.library.effective, URL: v.base(), Search: v.library.desk,
		Say:      func(id string) string { return v.talk.Speaker.T("en", id, nil) },
		Networks: places{v}, Tryout: v.tryout, Proxies: v.proxies(), Log: v.log, Now: v.now, Done: ctx.Done(), Leaps: t.leaps}
	if v.OIDCIssuer != "" {
		c.OIDC = &console.OIDC{Issuer: v.OIDCIssuer, ClientID: v.OIDCClientID, ClientSecret: v.OIDCClientSecret}
	}
	page, err := console.New(c)
	if err != nil {
		return err
	}
	v.pages.Handle(console.Base+"/", page.Handler())
	v.pages.Handle(console.Base, page.Handler())
	return nil
}

// desk gives the console the index in force.
func (l *library) desk(query string, limit int) []console.Found {
	var out []console.Found
	for _, h := range l.shelf.Load().index.Search(query, limit) {
		out = append(out, console.Found{Service: h.Service, Platform: h.Platform})
	}
	return out
}

// places asks the networks of the settings about a channel.
type places struct{ v *service }

func (p places) Networks() (out []string) {
	for _, n := range p.v.networks {
		if name := n.id().Network(); name == "telegram" || name == "slack" {
			out = append(out, name)
		}
	}
	return out
}

func (p places) Look(ctx context.Context, network, name string) (desk.ChannelInput, error) {
	in, faults, err := (&app{settings: p.v.settings, ctx: ctx, log: p.v.log, now: p.v.now}).place(network, name)
	if len(faults) > 0 {
		return in, &desk.Refusal{Why: name + " cannot be used yet: " + strings.Join(faults, "; "), Do: "mend it there and add it once more"}
	}
	return in, err
}

// tryout reports whether nobody can be told but who sits at this machine, and
// nobody else can come to the desk: then the six digits of the two officers whom the
// program lets in may wait. Whatever makes it a deployment ends it, and the desk
// asks the store besides.
func (s *settings) tryout() bool { return s.noTryout() == "" }

// noTryout names the first setting that makes this a deployment; "" = none does.
func (s *settings) noTryout() string {
	for _, x := range []struct {
		name string
		set  bool
	}{
		{"database", isPostgres(s.Database)},
		{"listen", !loopback(s.Listen)},
		{"admin-listen", !loopback(s.AdminListen)},
		{"public-url", s.PublicURL != ""},
		{"trusted-proxies", len(s.TrustedProxies) > 0},
		{"telegram-token", s.TelegramToken != ""},
		{"slack-bot-token", s.SlackBotToken != ""},
		{"slack-app-token", s.SlackAppToken != ""},
		{"oidc-issuer", s.OIDCIssuer != ""},
		{"lanes", len(s.entries) > 0},
		{"hooks", len(s.hooks) > 0},
		{"probes", s.Probes == "on"},
	} {
		if x.set {
			return x.name
		}
	}
	return ""
}

// welcome lets the officers of a try-out in, by links that are printed and stand in
// no log; where it is none, their time is over.
func (v *service) welcome(ctx context.Context, out io.Writer) error {
	if !v.tryout() {
		return v.desk.EndTryout(ctx, v.now())
	}
	in, err := v.desk.StartTryout(ctx, v.now())
	var refusal *desk.Refusal
	if errors.As(err, &refusal) { // officers of a real desk come with their own keys
		all, err := v.store.Officers(ctx)
		if err != nil {
			return err
		}
		how := "a link for yourself: arifa officer sign-in NUMBER"
		if len(all) == 0 {
			how = "nobody can come in yet: arifa officer add NAME --role admin"
		}
		_, err = fmt.Fprintf(out, "The officers' desk: %s%s/   (%s)\n", v.base(), console.Base, how)
		return err
	}
	if err != nil {
		return err
	}
	if err := printLinks(out, v.base(), "The officers' desk. Each link lets one in, once, within 15 minutes:", in); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, `Try it in a minute:
  1. follow "passport renewal" in the web chat, %s/chat, and leave that tab open
  2. first link: "Something is broken", "eCitizen payment services (paybill 222222)", "Ask a second officer first"
  3. second link: it waits under "Waiting"; approve it, and look at the tab
`, v.base())
	return err
}

func printLinks(out io.Writer, base, title string, in []desk.Newcomer) error {
	_, err := fmt.Fprintln(out, title)
	for k, n := range in {
		note := ""
		if k > 0 {
			note = "   (open it in a private window)"
		}
		if err == nil {
			_, err = fmt.Fprintf(out, "  %-15s %s%s/sign-in/%s%s\n", n.Officer.Name+":", base, console.Base, n.Code, note)
		}
	}
	return err
}

type officerSignInCmd struct {
	Officer subscriptions.OfficerID `arg:"" help:"Your own number; \"arifa officer list\" shows it."`
}

func (c *officerSignInCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		code, err := o.desk.StartSignIn(a.ctx, o.actor, c.Officer, o.now)
		if err != nil {
			return err
		}
		link := a.base() + console.Base + "/sign-in/" + code
		return a.print(map[string]string{"link": link}, func(w io.Writer) {
			fmt.Fprintf(w, "Open this within 15 minutes; it lets you in once, and asks for your six digits or a passkey:\n  %s\n", link)
		})
	})
}

// drill is the desk for practice. Of the settings it takes where to listen and which
// catalogue, and nothing else.
func (c *serveCmd) drill(a *app) error {
	yaml, err := firstCatalogue(a.Catalogue)
	if err != nil {
		return err
	}
	nation, err := catalogue.Parse(yaml)
	if err != nil {
		return fmt.Errorf("catalogue: %w", err)
	}
	l, err := net.Listen("tcp", a.Listen)
	if err != nil {
		return notListening("listen", err)
	}
	here := settings{Listen: l.Addr().String()}
	index := catalogue.NewIndex(nation)
	ctx, cancel := context.WithCancel(a.ctx)
	defer cancel()
	d, err := drill.New(ctx, drill.Config{Nation: nation, Previewer: previewer{}, URL: here.base(), Proxies: a.proxies(), Log: a.log, Now: a.now, Followers: 3,
		Search: func(query string, limit int) (out []console.Found) {
			for _, h := range index.Search(query, limit) {
				out = append(out, console.Found{Service: h.Service, Platform: h.Platform})
			}
			return out
		}})
	if err != nil {
		return errors.Join(err, l.Close())
	}
	in, err := d.Newcomers(ctx)
	if err == nil {
		err = printLinks(a.Out, here.base(), "DRILL: nobody real is told, and all of it is thrown away at the end. Each link lets one in, once, within 15 minutes:", in)
	}
	if err != nil {
		return errors.Join(err, l.Close(), d.Close())
	}
	ended := make(chan error, 1)
	go func() {
		ended <- d.Serve(ctx, l, func(ctx context.Context, l net.Listener, h http.Handler) error { return serveHTTP(ctx, l, h, a.log) })
	}()
	select {
	case err = <-ended:
	case <-a.Stop:
		cancel()
		err = <-ended
	}
	return errors.Join(err, d.Close())
}
