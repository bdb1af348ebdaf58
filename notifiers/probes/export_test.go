package probes

import (
	"context"
	"net/netip"
	"time"

	"arifa/subscriptions"
)

// Reachable is the decision of the guard on one address.
func Reachable(at netip.Addr, allow ...netip.Prefix) bool { return reachable(at, allow) }

// Failed tells why there was no answer.
func Failed(err error) Outcome { return failed(err, 10*time.Second) }

// Instead asks by a function and not by HTTP.
func (p *Prober) Instead(ask func(ctx context.Context, p subscriptions.Probe) Outcome) { p.ask = ask }

// Told is what a row of answers (true = works) makes the prober say.
func Told(row ...bool) string {
	var s state
	out := ""
	for _, ok := range row {
		var what says
		s, what = s.after(ok)
		out += [...]string{"-", "F", "E"}[what]
	}
	return out
}
