package console

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"

	"arifa/bot/web"
)

// here refuses, in a try-out, whatever does not come from a browser of this very
// machine. Its officers come without six digits, so nothing may stand between them
// and the program that would let others in: no other address, no proxy, and no
// other name than that of the machine itself.
func (c *Console) here(r *http.Request) error {
	if !c.Tryout() || local(r) {
		return nil
	}
	return web.Refuse(http.StatusForbidden, "This is a try-out: it answers on the machine itself only. Set up officers and a network first.")
}

// forwarding are the headers by which proxies tell whom they speak for.
var forwarding = []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via", "Cf-Connecting-Ip", "True-Client-Ip"}

func local(r *http.Request) bool {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !at.Addr().Unmap().IsLoopback() || !loopbackHost(r.Host) {
		return false
	}
	for _, name := range forwarding {
		if len(r.Header.Values(name)) > 0 {
			return false
		}
	}
	for _, name := range []string{"Origin", "Referer"} {
		said := r.Header.Get(name)
		if u, err := url.Parse(said); said != "" && (err != nil || !loopbackHost(u.Host)) {
			return false
		}
	}
	return true
}

func loopbackHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	if host == "localhost" {
		return true
	}
	if len(host) > 2 && host[0] == '[' && host[len(host)-1] == ']' {
		host = host[1 : len(host)-1]
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
