package catalogue

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	s "arifa/subscriptions"
)

// How many probes are taken: a prober asks each of them every minute or so.
const (
	mostProbes      = 100 // of the whole catalogue
	mostOfPlatform  = 5
	mostStatuses    = 10
	mostSoughtBytes = 200
)

// probes reads what the program may ask a platform itself.
func (p *parser) probes(f *fields) []s.Probe {
	n := f.take("probe", false)
	if n == nil {
		return nil
	}
	path := f.child("probe")
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		p.fault(n.Line, path, "must be a list of entries, each beginning with - url:, not %s: take the key away if there are none", kindOf(n))
		return nil
	}
	if len(n.Content) > mostOfPlatform {
		p.fault(n.Line, path, "has %d entries: at most %d for a platform", len(n.Content), mostOfPlatform)
		return nil
	}
	var all []s.Probe
	for i, item := range n.Content {
		in, ok := p.object(nth(path, i), item)
		if !ok {
			continue
		}
		v := s.Probe{URL: in.str("url", true), Status: p.statuses(in), Text: in.str("text", false), External: in.flag("external", false),
			Every:   p.span(in, "every", s.ProbeEvery, s.ProbeEveryLeast, s.ProbeEveryMost),
			Timeout: p.span(in, "timeout", s.ProbeTimeout, s.ProbeTimeoutLeast, s.ProbeTimeoutMost)}
		in.end()
		if len(v.Text) > mostSoughtBytes {
			p.at(in.child("text"), "has %d bytes: look for at most %d", len(v.Text), mostSoughtBytes)
		}
		if slices.ContainsFunc(all, func(o s.Probe) bool { return o.URL == v.URL && o.URL != "" }) {
			p.at(in.child("url"), "this platform is asked at %s already: keep one of them", v.URL)
		}
		all = append(all, v)
	}
	return all
}

// statuses reads one status or a list of them.
func (p *parser) statuses(f *fields) []int {
	n := f.take("status", false)
	if n == nil {
		return nil
	}
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	if len(items) == 0 || len(items) > mostStatuses {
		p.fault(n.Line, f.child("status"), "must be one status or a list of 1 to %d, as in [200, 302]", mostStatuses)
		return nil
	}
	var all []int
	for _, item := range items {
		code, err := strconv.Atoi(item.Value)
		if item.Kind != yaml.ScalarNode || item.Tag != "!!int" || err != nil || code < 100 || code > 599 {
			p.fault(item.Line, f.child("status"), "must be a status of HTTP such as 200, not %s", kindOf(item))
			return nil
		}
		all = append(all, code)
	}
	return all
}

// span reads a length of time, usual where it is not given.
func (p *parser) span(f *fields, key string, usual, least, most time.Duration) time.Duration {
	word := f.str(key, false)
	if word == "" {
		return usual
	}
	d, err := time.ParseDuration(word)
	if err != nil || d < least || d > most {
		p.at(f.child(key), "%q will not do: write a time from %s to %s, as in %s", word, least, most, usual)
		return usual
	}
	return d
}

// probeHosts faults addresses that are not to be asked.
func (c *checker) probeHosts() {
	count := 0
	for i, v := range c.n.Platforms {
		for j, probe := range v.Probes {
			path := nth(c.paths["platforms"][i]+".probe", j)
			c.probeAddress(path, probe)
			if count++; count == mostProbes+1 {
				c.at(path, "is one too many: a catalogue has at most %d probes", mostProbes)
			}
		}
	}
}

func (c *checker) probeAddress(path string, probe s.Probe) {
	if probe.URL == "" {
		return
	}
	path += ".url"
	u, err := url.Parse(probe.URL)
	switch {
	case err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http":
		c.at(path, "%q will not do: write a full address with https://, without a user and without #", probe.URL)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		c.at(path, "%s is asked without encryption: anybody between us and it could answer; write https://", u.Host)
	case !probe.External && (u.Port() != "" || !c.n.OfficialHost(u.Hostname())):
		c.at(path, "%s is not an official host: add it to official_hosts with its agency, or write external: true here", u.Host)
	}
}

func loopback(host string) bool {
	at, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && at.IsLoopback()
}

// probeList tells all probes of a platform in one line.
func probeList(all []s.Probe) string {
	words := make([]string, len(all))
	for i, v := range all {
		var status []string
		for _, code := range v.Status {
			status = append(status, strconv.Itoa(code))
		}
		words[i] = fmt.Sprintf("%s every %s within %s", v.URL, v.Every, v.Timeout)
		if len(status) > 0 {
			words[i] += " answers " + strings.Join(status, " or ")
		}
		if v.Text != "" {
			words[i] += fmt.Sprintf(" with %q", v.Text)
		}
		if v.External {
			words[i] += " (external)"
		}
	}
	return strings.Join(words, ", ")
}
