package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/netip"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"arifa/bot/desk"
	"arifa/bot/web"
	"arifa/notifiers/hooks"
	"arifa/notifiers/probes"
	"arifa/subscriptions"
)

// machineSettings say who may call us, and whom we ask.
type machineSettings struct {
	Probes        string   `default:"off" enum:"on,off" env:"ARIFA_PROBES" help:"on: ask platforms ourselves, as the catalogue's probe entries say; what we find is for officers." group:"settings"`
	ProbeNetworks []string `env:"ARIFA_PROBE_NETWORKS" placeholder:"CIDR,…" help:"Private networks that probes may reach, e.g. 10.20.0.0/16 (default: none)." group:"settings"`

	hooks []hookSetting // the file's list
}

// hookSetting is one entry of the file's hooks: list.
type hookSetting struct {
	Name       string        `yaml:"name"`
	Kind       string        `yaml:"kind"`
	Secret     string        `yaml:"secret"`
	SecretFile string        `yaml:"secret-file"`
	Rules      []ruleSetting `yaml:"rules"`
}

type ruleSetting struct {
	Match    map[string]string `yaml:"match"`
	Platform string            `yaml:"platform"`
	Ignore   bool              `yaml:"ignore"`
}

// machines reads the secrets of hooks that lie in files, and lists every fault of
// hooks and probes by its key.
func (s *settings) machines() (faults []error) {
	for i := range s.hooks {
		h := &s.hooks[i]
		if h.SecretFile == "" {
			continue
		}
		key := fmt.Sprintf("hooks[%d].secret-file", i)
		switch b, err := os.ReadFile(h.SecretFile); {
		case h.Secret != "":
			faults = append(faults, fmt.Errorf("%s: there is a secret as well: keep one of them", key))
		case err != nil:
			faults = append(faults, fmt.Errorf("%s: %w", key, err))
			h.Secret = strings.Repeat("x", 24) + strconv.Itoa(i) // named once is enough; nothing starts with it
		default:
			h.Secret = strings.TrimSpace(string(b))
		}
	}
	faults = append(faults, hooks.Check(s.sources())...)
	for _, n := range s.ProbeNetworks {
		if _, err := prefix(n); err != nil {
			faults = append(faults, fmt.Errorf("probe-networks: %q is no network such as 10.20.0.0/16", n))
		}
	}
	return faults
}

// sources are the hooks as the package wants them.
func (s *settings) sources() []hooks.Source {
	var all []hooks.Source
	for _, h := range s.hooks {
		source := hooks.Source{Name: h.Name, Kind: hooks.Kind(h.Kind), Secret: h.Secret}
		for _, r := range h.Rules {
			source.Rules = append(source.Rules, hooks.Rule{Match: r.Match, Platform: subscriptions.PlatformID(r.Platform), Ignore: r.Ignore})
		}
		all = append(all, source)
	}
	return all
}

// probeNetworks are the private networks that may be asked; the settings are checked.
func (s *settings) probeNetworks() []netip.Prefix {
	var all []netip.Prefix
	for _, n := range s.ProbeNetworks {
		if p, err := prefix(n); err == nil {
			all = append(all, p)
		}
	}
	return all
}

// probeAgent says to a platform who asks.
func (s *settings) probeAgent() string {
	if s.PublicURL == "" {
		return "Arifa"
	}
	return "Arifa (+" + s.PublicURL + ")"
}

// hearMachines makes what hears and asks machines.
func (v *service) hearMachines() error {
	sources := v.sources()
	if err := errors.Join(hooks.Unknown(sources, v.library.parsed())...); err != nil {
		return err
	}
	heard := newMachineMeters(v.meters.registry)
	signals := leads{v.desk, v.store}
	if len(sources) > 0 {
		c := v.webConfig()
		c.Log, c.Now, c.Ended = v.log, v.now, heard.request
		h, err := hooks.New(hooks.Config{Sources: sources, Signals: signals, Web: web.New(c), Log: v.log, Now: v.now, Heard: heard.hook})
		if err != nil {
			return err
		}
		v.pages.Handle(hooks.Path, h.Handler())
	}
	v.prober = probes.New(probes.Config{Targets: v.targets, Signals: signals, Ticks: v.store, Allow: v.probeNetworks(), Agent: v.probeAgent(),
		Online: v.online, Log: v.log, Now: v.now})
	return nil
}

// online reports whether we reach anybody at all: with every network away it is our
// own line that is cut, and a platform is not to blame.
func (v *service) online() bool {
	for _, n := range v.networks {
		if n.deaf == nil || n.deaf() == 0 {
			return true
		}
	}
	return len(v.networks) == 0
}

// targets are what the catalogue in force lets us ask, where that is turned on.
func (v *service) targets() []probes.Target {
	if v.Probes != "on" {
		return nil
	}
	return probes.Targets(v.library.effective())
}

// leads takes what machines say to the desk. A platform that the catalogue does not
// have is not found, as for every other look-up.
type leads struct {
	desk  *desk.Desk
	store subscriptions.Complaints
}

func (l leads) Signal(ctx context.Context, s subscriptions.Signal, now time.Time) (bool, error) {
	_, changed, err := l.desk.Signal(ctx, s, now)
	var refusal *desk.Refusal
	if errors.As(err, &refusal) {
		return false, fmt.Errorf("%s: %w", refusal.Why, subscriptions.ErrNotFound)
	}
	return changed, err
}

func (l leads) Signals(ctx context.Context, since time.Time) ([]subscriptions.Signal, error) {
	return l.store.Signals(ctx, since)
}

// machineMeters count what machines say. A label is a name of the configuration.
type machineMeters struct {
	signals  *prometheus.CounterVec
	requests *prometheus.CounterVec
}

func newMachineMeters(r *prometheus.Registry) *machineMeters {
	m := &machineMeters{
		signals:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "arifa_hook_signals_total", Help: "What monitors said, by hook and what became of it."}, []string{"hook", "outcome"}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "arifa_hook_requests_total", Help: "Calls of hooks by status."}, []string{"status"}),
	}
	r.MustRegister(m.signals, m.requests)
	return m
}

func (m *machineMeters) hook(source string, t hooks.Tally) {
	for outcome, n := range map[string]int{"stored": t.Stored, "repeated": t.Repeated, "ignored": t.Ignored, "folded": t.Folded,
		"without_place": len(t.Unmapped) + len(t.Refused) + t.Rest} {
		m.signals.WithLabelValues(source, outcome).Add(float64(n))
	}
}

func (m *machineMeters) request(_ string, status int, _ time.Duration) {
	m.requests.WithLabelValues(strconv.Itoa(status)).Inc()
}

// serverLog takes what net/http itself has to say. It names clients by their
// address, which is a person's: that is taken out.
func serverLog(l *slog.Logger) *log.Logger { return log.New(nameless{l}, "", 0) }

type nameless struct{ log *slog.Logger }

var addressForm = regexp.MustCompile(`\[[0-9a-fA-F:.%a-z]+\]:[0-9]+|[0-9]+(\.[0-9]+){3}(:[0-9]+)?`)

func (n nameless) Write(line []byte) (int, error) {
	n.log.Warn("the web server has trouble", "what", strings.TrimSpace(string(addressForm.ReplaceAll(line, []byte("a client")))))
	return len(line), nil
}
