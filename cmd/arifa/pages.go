package main

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"arifa/bot/web"
	"arifa/notifiers/statuspage"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// publicPage makes the page that everybody may read. It reads the store and has no
// way to change it.
func (v *service) publicPage(ctx context.Context, speaker *wording.Speaker) (err error) {
	var hints <-chan struct{}
	if h, ok := v.store.(subscriptions.Hinter); ok {
		hints = h.Hints(ctx)
	}
	v.site, err = statuspage.New(statuspage.Config{Store: reading{v.store}, Nation: v.library.effective, Speaker: speaker,
		Search: v.library.find, Compare: v.talk.Compare, Accounts: v.accounts, WebChat: "/%s/chat", Base: v.base(), Hints: hints, Log: v.log, Now: v.now, Web: v.webConfig()})
	if err != nil {
		return err
	}
	v.pages.Handle("/", v.site.Handler())
	return nil
}

// webConfig is what every page and hook shares.
func (s *settings) webConfig() web.Config {
	return web.Config{Proxies: s.proxies(), HTTPS: strings.HasPrefix(s.PublicURL, "https://")}
}

// reading is a store as the page may use it: only these roles, of which the page
// names the reading methods.
type reading struct{ store }

// find gives the page the index in force.
func (l *library) find(query string, limit int) []statuspage.Found {
	var out []statuspage.Found
	for _, h := range l.shelf.Load().index.Search(query, limit) {
		out = append(out, statuspage.Found{Service: h.Service, Agency: h.Agency})
	}
	return out
}

// accounts are ours on other networks, as soon as their names are known.
func (v *service) accounts() (all []statuspage.Account) {
	for _, n := range v.networks {
		if n.account == nil || n.account() == "" {
			continue
		}
		a := statuspage.Account{Network: n.label, Name: "@" + n.account()}
		if n.id().Network() == "telegram" {
			a.URL = "https://t.me/" + url.PathEscape(n.account())
			a.Follow = a.URL + "?start=%s"
		}
		all = append(all, a)
	}
	return all
}

// base is the address under which citizens reach the page: the public one, else
// this machine's.
func (s *settings) base() string {
	if s.PublicURL != "" {
		return s.PublicURL
	}
	host, port, err := net.SplitHostPort(s.Listen)
	if err != nil {
		return ""
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && (ip.IsLoopback() || ip.IsUnspecified()) {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// proxies are the addresses of our own reverse proxies; the settings are checked.
func (s *settings) proxies() []netip.Prefix {
	var out []netip.Prefix
	for _, p := range s.TrustedProxies {
		if at, err := prefix(p); err == nil {
			out = append(out, at)
		}
	}
	return out
}

// prefix understands 10.0.0.0/8 and 10.0.0.7.
func prefix(s string) (netip.Prefix, error) {
	if strings.Contains(s, "/") {
		return netip.ParsePrefix(s)
	}
	at, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, err
	}
	return netip.PrefixFrom(at, at.BitLen()), nil
}
