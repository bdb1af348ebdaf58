package main

import (
	"net"
	"net/url"

	"arifa/bot/console"
)

// deskPart looks at the officers' desk in a browser: where it is, whether browsers
// give keys to that address, and whether the single sign-on answers.
func (e *examination) deskPart() {
	at := e.base() + console.Base + "/"
	u, err := url.Parse(at)
	switch {
	case err != nil || u.Host == "":
		e.fault("desk", "set LISTEN to an address such as 127.0.0.1:8080, or PUBLIC_URL", "%q is no address of a desk", at)
		return
	case net.ParseIP(u.Hostname()) == nil && (u.Scheme == "https" || u.Hostname() == "localhost"):
		e.ok("desk", "the desk in a browser is %s; passkeys can be made there", at)
	default:
		e.advise("desk", "put a proxy with TLS in front and set PUBLIC_URL to its https:// address", "the desk in a browser is %s: no passkeys there, and what officers type goes over the wire as it is", at)
	}
	if e.OIDCIssuer == "" {
		return
	}
	o := console.OIDC{Issuer: e.OIDCIssuer, ClientID: e.OIDCClientID, ClientSecret: e.OIDCClientSecret}
	if err := o.Reach(e.ctx); err != nil {
		e.fault("desk", "check OIDC_ISSUER: "+e.OIDCIssuer+"/.well-known/openid-configuration must answer, and name that issuer; links and passkeys work meanwhile", "the single sign-on cannot be used: %v", err)
		return
	}
	e.ok("desk", "the single sign-on %s answers; the redirect address to enter there is %s", e.OIDCIssuer, e.base()+console.Base+"/sso/back")
}
