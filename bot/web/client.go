package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Client is what stands for the sender of a request where requests are counted: an
// IPv4 address, or the /64 of an IPv6 one, which is what one household has. It is
// for limits only: it is never logged and never stored.
func (x *Web) Client(r *http.Request) string {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return "unknown"
	}
	return source(x.named(at.Addr().Unmap(), r.Header.Values("X-Forwarded-For")))
}

// named walks the addresses that our own proxies have written, from the nearest:
// the first that is no proxy of ours is the client. What stands before it the
// client may have invented, so it is not read.
func (x *Web) named(at netip.Addr, forwarded []string) netip.Addr {
	var hops []string
	for _, line := range forwarded {
		hops = append(hops, strings.Split(line, ",")...)
	}
	for _, hop := range slices.Backward(hops) {
		if !x.proxy(at) {
			return at
		}
		next, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			return at
		}
		at = next.Unmap().WithZone("")
	}
	return at
}

func (x *Web) proxy(at netip.Addr) bool {
	return slices.ContainsFunc(x.Proxies, func(p netip.Prefix) bool { return p.Contains(at) })
}

func source(at netip.Addr) string {
	if at.Is4() {
		return at.String()
	}
	p, err := at.WithZone("").Prefix(64)
	if err != nil {
		return "unknown"
	}
	return p.String()
}
