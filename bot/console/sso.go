package console

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"arifa/bot/desk"
	"arifa/bot/web"
	"arifa/subscriptions"
)

// OIDC is a single sign-on by OpenID Connect.
type OIDC struct {
	Issuer       string
	ClientID     string
	ClientSecret string
	// Client asks the provider; nil = one of our own.
	Client *http.Client
}

// providerSSO is the identity provider of an account at the single sign-on. Its
// subject names the issuer too: the same number elsewhere is another person.
const providerSSO = "oidc"

// sso is the way to the provider and back. The provider is asked for its addresses
// when somebody first needs them: that it is away must not keep the desk from
// starting.
type sso struct {
	OIDC
	back   string // our address of return
	client *http.Client

	mu       sync.Mutex
	provider *oidc.Provider
}

const (
	ssoWithin  = 10 * time.Second
	journeyFor = 10 * time.Minute
	ssoAnswer  = 1 << 20
)

// signatures are the algorithms that we take: never one without a key, nor one whose
// key is our own secret.
var signatures = []string{oidc.RS256, oidc.ES256, oidc.RS384, oidc.RS512, oidc.ES384, oidc.ES512, oidc.PS256, oidc.EdDSA}

func newSSO(c OIDC, back string) (*sso, error) {
	if c.Issuer == "" || c.ClientID == "" {
		return nil, errors.New("console: the single sign-on needs an issuer and a client id")
	}
	client := c.Client
	if client == nil {
		client = &http.Client{}
	}
	own := *client
	own.Timeout = ssoWithin
	own.Transport = bounded{own.Transport}
	return &sso{OIDC: c, back: back, client: &own}, nil
}

// bounded reads no more of an answer than any honest one has.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	next := b.RoundTripper
	if next == nil {
		next = http.DefaultTransport
	}
	resp, err := next.RoundTrip(r)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, ssoAnswer), resp.Body}
	}
	return resp, err
}

// journey is one way to the provider and back.
type journey struct {
	State, Nonce, Verifier string
	To                     string
	Link                   bool // it links an account to the officer who is signed in
	At                     time.Time
}

// meet asks the provider for its addresses and keys, once.
func (s *sso) meet(ctx context.Context) (*oidc.Provider, *oauth2.Config, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.provider == nil {
		// The provider keeps the client for fetching keys later, so not the request's context.
		p, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), s.client), s.Issuer)
		if err != nil {
			return nil, nil, err
		}
		s.provider = p
	}
	return s.provider, &oauth2.Config{ClientID: s.ClientID, ClientSecret: s.ClientSecret, Endpoint: s.provider.Endpoint(), RedirectURL: s.back, Scopes: []string{oidc.ScopeOpenID}}, nil
}

// Reach asks the provider for its addresses, as the first officer who comes would.
func (c OIDC) Reach(ctx context.Context) error {
	s, err := newSSO(c, "")
	if err == nil {
		_, _, err = s.meet(ctx)
	}
	return err
}

// whose exchanges the code of a return for the account that it stands for.
func (s *sso) whose(ctx context.Context, j journey, code string, now func() time.Time) (subscriptions.Identity, error) {
	var none subscriptions.Identity
	provider, config, err := s.meet(ctx)
	if err != nil {
		return none, err
	}
	ctx = oidc.ClientContext(ctx, s.client)
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(j.Verifier))
	if err != nil {
		return none, err
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return none, errors.New("the provider gave no id token")
	}
	id, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: s.ClientID, SupportedSigningAlgs: signatures, Now: now}).Verify(ctx, raw)
	if err != nil {
		return none, err
	}
	var more struct {
		AuthorizedParty string `json:"azp"`
	}
	if err := id.Claims(&more); err != nil {
		return none, err
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(j.Nonce)) != 1:
		return none, errors.New("the id token answers another question: its nonce differs")
	case more.AuthorizedParty != "" && more.AuthorizedParty != s.ClientID, len(id.Audience) > 1 && more.AuthorizedParty == "":
		return none, errors.New("the id token was made for another program")
	case id.Subject == "" || len(id.Subject) > 255: // OpenID Connect Core 1.0, section 2
		return none, errors.New("the id token names nobody")
	}
	return subscriptions.Identity{Provider: providerSSO, Subject: id.Issuer + " " + id.Subject}, nil
}

// showSSO leaves for the provider. It is a link and no form: our own policy lets no
// form lead to another host.
func showSSO(a *ask) error {
	if a.c.sso == nil {
		return web.NotFound()
	}
	link := a.visit.Leave != nil && a.visit.Leave.Link && a.now.Sub(a.visit.Leave.At) < time.Minute
	to := safePath(a.Val("to"))
	_, config, err := a.c.sso.meet(a.ctx)
	if err != nil {
		a.c.log.Warn("the single sign-on is not reached", "error", err)
		a.problem = &desk.Refusal{Why: "the single sign-on cannot be reached now", Do: "use a one-time link or a passkey"}
		return a.signInPage(http.StatusBadGateway, to, "")
	}
	j := journey{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), To: to, Link: link, At: a.now}
	a.visit.Leave = &j
	if !link && a.visit.Officer == 0 {
		a.c.sessions.SetDeadline(a.ctx, a.now.Add(Longest))
	}
	return a.redirect(config.AuthCodeURL(j.State, oidc.Nonce(j.Nonce), oauth2.S256ChallengeOption(j.Verifier)))
}

// doLinkSSO is asked with fresh digits; the way itself is the link of the next page.
func doLinkSSO(a *ask) (string, error) {
	if a.c.sso == nil {
		return "", web.NotFound()
	}
	a.visit.Leave = &journey{Link: true, At: a.now}
	return Base + "/me?done=sso-go", nil
}

// backFromSSO is where the provider sends the browser.
func backFromSSO(a *ask) error {
	j := a.visit.Leave
	a.visit.Leave = nil
	switch {
	case a.c.sso == nil:
		return web.NotFound()
	case j == nil || j.State == "" || a.now.Sub(j.At) >= journeyFor || j.At.After(a.now),
		subtle.ConstantTimeCompare([]byte(a.Val("state")), []byte(j.State)) != 1:
		return a.ssoFailed(http.StatusForbidden, "this answer of the single sign-on belongs to no question of this browser", nil)
	case a.Val("error") != "":
		return a.ssoFailed(http.StatusForbidden, "the single sign-on did not let you in", nil)
	}
	if wait := a.c.guesses.Take(a.c.web.Client(a.r), a.now); wait > 0 {
		return web.TooMany(wait)
	}
	who, err := a.c.sso.whose(a.ctx, *j, a.Val("code"), a.c.Now)
	if err != nil {
		return a.ssoFailed(http.StatusForbidden, "the single sign-on's answer was not accepted", err)
	}
	if j.Link {
		return a.linkSSO(who)
	}
	actor, err := a.c.Desk.ActorOf(a.ctx, who, Via)
	if r := refused(err); r != nil {
		a.problem = r
		return a.signInPage(http.StatusForbidden, j.To, "")
	}
	if err != nil {
		return err
	}
	if err := a.c.begin(a.ctx, a.visit, actor.Officer.ID, "sso", a.now); err != nil {
		return err
	}
	a.actor = actor
	to, err := a.secondStep(j.To)
	if err != nil {
		return err
	}
	return a.redirect(to)
}

func (a *ask) ssoFailed(status int, why string, err error) error {
	if err != nil {
		// Its text is the provider's and the library's, and holds no token of ours.
		a.c.log.Warn("a single sign-on was refused", "error", err)
	}
	a.problem = &desk.Refusal{Rule: 4, Why: why, Do: "try it once more, or use a one-time link"}
	return a.signInPage(status, Base+"/", "")
}

// linkSSO ties the account to the officer who is signed in and was asked for her
// digits right before.
func (a *ask) linkSSO(who subscriptions.Identity) error {
	if a.visit.standing(a.c.Idle, a.now) != inside || !a.visit.fresh(a.now) || slices.Contains(a.me().Identities, who) {
		return a.redirect(Base + "/me")
	}
	code, err := a.c.Desk.StartLink(a.ctx, a.actor, a.me().ID, a.now)
	if err == nil {
		_, err = a.c.Desk.Link(a.ctx, code, who, Via, a.now)
	}
	if r := refused(err); r != nil {
		a.problem = r
		return showMe(a)
	}
	if err != nil {
		return err
	}
	return a.redirect(Base + "/me?done=sso")
}

// LeavesForSSO reports whether the digits for linking have been shown.
func (a *ask) LeavesForSSO() bool {
	j := a.visit.Leave
	return j != nil && j.Link && j.State == "" && a.now.Sub(j.At) < time.Minute
}
