package probes

import (
	"errors"
	"net/netip"
	"slices"
	"syscall"
)

// errPrivate refuses a connection before it is made.
var errPrivate = errors.New("its name leads to a private address, which is not asked; probe-networks allows it")

// special are the networks besides private, loopback and link-local ones that are
// not the public internet, or that wrap an address in which one could hide (IANA's
// special-purpose registries).
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("3fff::/20"), netip.MustParsePrefix("5f00::/16"),
}

// nat64 carries an IPv4 address in its last four bytes.
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// guard looks at the address that a connection really goes to, after the name was
// looked up: a name that leads elsewhere the second time gains nothing.
func guard(allow []netip.Prefix) func(network, address string, _ syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !reachable(at.Addr(), allow) {
			return errPrivate
		}
		return nil
	}
}

func reachable(at netip.Addr, allow []netip.Prefix) bool {
	at = at.Unmap().WithZone("")
	if nat64.Contains(at) {
		b := at.As16()
		at = netip.AddrFrom4([4]byte(b[12:]))
	}
	in := func(p netip.Prefix) bool { return p.Contains(at) }
	if slices.ContainsFunc(allow, in) {
		return true
	}
	return at.IsGlobalUnicast() && !at.IsPrivate() && !at.IsLoopback() && !at.IsLinkLocalUnicast() && !slices.ContainsFunc(special, in)
}
