package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"arifa/notifiers/hooks"
	"arifa/notifiers/probes"
	"arifa/subscriptions"
)

// machinesPart looks at who may call us, and at whom we ask.
func (e *examination) machinesPart(n *subscriptions.Nation) {
	e.hooksPart(n)
	e.stalePart()
	targets := probes.Targets(n)
	switch {
	case e.Probes != "on" && len(targets) > 0:
		e.ok("probes", "off; the catalogue has %d, which probes: on would ask", len(targets))
	case e.Probes == "on" && len(targets) == 0:
		e.advise("probes", "add probe: entries to platforms of the catalogue", "on, but the catalogue has none")
	case e.Probes == "on":
		e.probesPart(targets)
	}
}

func (e *examination) hooksPart(n *subscriptions.Nation) {
	sources := e.sources()
	faults := hooks.Unknown(sources, n)
	for _, err := range faults {
		e.fault("hooks", "mend the file of --config: serve does not start like this", "%v", err)
	}
	for _, s := range sources {
		h := shown(s)
		if len(faults) > 0 {
			continue
		}
		e.ok("hooks", "%s (%s) calls %s and speaks of %s", h.Name, h.Kind, h.Path, joinIDs(h.Platforms))
	}
	if len(sources) > 0 && loopback(e.Listen) && e.PublicURL == "" {
		e.advise("hooks", "set listen or a reverse proxy, and public-url", "only monitors on this machine reach %s", e.Listen)
	}
}

// staleAfter is how long ago the last word of a signal that fires may be.
const staleAfter = 24 * time.Hour

// stalePart names what fires although its source has long been silent: a monitor
// that is gone never says that something works again.
func (e *examination) stalePart() {
	all, err := e.store.Signals(e.ctx, e.now())
	if err != nil {
		e.fault("signals", "try again", "%v", err)
		return
	}
	for _, s := range all {
		if s.Firing && e.now().Sub(s.At) > staleAfter {
			e.advise("signals", "look whether it still fails; else arifa hook clear "+s.Source, "%s says of %s since %s that it fails, and has been silent for %s",
				s.Source, s.Platform, s.Since.Format(time.DateOnly), e.now().Sub(s.At).Round(time.Hour))
		}
	}
}

// probesPart asks every target once, a few at a time.
func (e *examination) probesPart(targets []probes.Target) {
	asker := probes.NewAsker(e.probeNetworks(), e.probeAgent())
	found := make([]probes.Outcome, len(targets))
	var g sync.WaitGroup
	places := make(chan struct{}, 8)
	for i, t := range targets {
		places <- struct{}{}
		g.Go(func() {
			defer func() { <-places }()
			ctx, cancel := context.WithTimeout(e.ctx, t.Timeout)
			defer cancel()
			found[i] = asker.Ask(ctx, t.Probe)
		})
	}
	g.Wait()
	for i, t := range targets {
		part := fmt.Sprintf("%s: %s", t.Platform, t.URL)
		switch o := found[i]; {
		case o.Cannot != "":
			e.fault("probes", "take the probe out of the catalogue, or allow its network with probe-networks", "%s: %s", part, o.Cannot)
		case o.Fails != "":
			e.advise("probes", "look whether the platform is down; else mend the probe in the catalogue", "%s: %s", part, o.Fails)
		default:
			e.ok("probes", "%s answers as it should", part)
		}
	}
}
