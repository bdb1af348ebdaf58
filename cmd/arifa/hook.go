package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"arifa/notifiers/hooks"
	"arifa/subscriptions"
)

type hookCmd struct {
	List hookListCmd `cmd:"" help:"List the hooks of the --config file; secrets are not shown."`
	Try  hookTryCmd  `cmd:"" help:"Tell what would become of a payload, without sending or storing anything."`

	Signals hookSignalsCmd `cmd:"" help:"List what fires now, by hook and probe."`
	Clear   hookClearCmd   `cmd:"" help:"End what a source has said and will not end itself: a monitor that is gone (admin)."`
}

// shownHook is a hook without its secret.
type shownHook struct {
	Name      string                     `json:"name"`
	Kind      hooks.Kind                 `json:"kind"`
	Path      string                     `json:"path"`
	Rules     int                        `json:"rules"`
	Platforms []subscriptions.PlatformID `json:"platforms"`
}

func shown(s hooks.Source) shownHook {
	h := shownHook{Name: s.Name, Kind: s.Kind, Path: "/hooks/" + s.Name + "/…", Rules: len(s.Rules)}
	for _, r := range s.Rules {
		if r.Platform != "" && !slices.Contains(h.Platforms, r.Platform) {
			h.Platforms = append(h.Platforms, r.Platform)
		}
	}
	return h
}

type hookListCmd struct{}

func (c *hookListCmd) Run(a *app) error {
	all := []shownHook{}
	for _, s := range a.sources() {
		all = append(all, shown(s))
	}
	return a.print(all, func(w io.Writer) {
		t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
		fmt.Fprintln(t, "NAME\tKIND\tCALLED AT\tRULES\tPLATFORMS")
		for _, h := range all {
			fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%s\n", h.Name, h.Kind, h.Path, h.Rules, joinIDs(h.Platforms))
		}
		_ = t.Flush()
	})
}

type hookTryCmd struct {
	Name string `arg:"" help:"Name of the hook in the --config file."`
	File string `arg:"" default:"-" help:"File with the payload that the monitor would send; - is standard input."`
}

func (c *hookTryCmd) Run(a *app) error {
	sources := a.sources()
	at := slices.IndexFunc(sources, func(s hooks.Source) bool { return s.Name == c.Name })
	if at < 0 {
		return usagef("no hook is called %q in the --config file", c.Name)
	}
	body, err := a.file(c.File)
	if err != nil {
		return err
	}
	told, err := hooks.Explain(sources[at], body)
	if err != nil {
		return fmt.Errorf("this is no payload of %s: %w", sources[at].Kind, err)
	}
	return a.print(told, func(w io.Writer) {
		t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
		for _, x := range told {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", x.Name, x.Does, x.Platform, x.Summary)
		}
		_ = t.Flush()
	})
}

type hookSignalsCmd struct{}

func (c *hookSignalsCmd) Run(a *app) error {
	return a.reading(func(o *office) error {
		all, err := firing(a, o)
		if err != nil {
			return err
		}
		return a.print(all, func(w io.Writer) {
			if len(all) == 0 {
				fmt.Fprintln(w, "No machine says that anything fails.")
				return
			}
			t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
			fmt.Fprintln(t, "SOURCE\tPLATFORM\tSINCE\tLAST SAID\tTIMES\tWHAT")
			for _, s := range all {
				fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%s\n", s.Source, s.Platform, o.local(s.Since), o.local(s.At), s.Count, s.Summary)
			}
			_ = t.Flush()
		})
	})
}

// firing lists the signals that fire.
func firing(a *app, o *office) ([]subscriptions.Signal, error) {
	all, err := o.store.Signals(a.ctx, o.now)
	return slices.DeleteFunc(all, func(s subscriptions.Signal) bool { return !s.Firing }), err
}

type hookClearCmd struct {
	Source string `arg:"" help:"Source as arifa hook signals prints it, such as alertmanager:prometheus."`
}

func (c *hookClearCmd) Run(a *app) error {
	return a.adminAct("signals are", "hook.clear", c.Source, func(o *office) error {
		all, err := firing(a, o)
		if err != nil {
			return err
		}
		n := 0
		for _, s := range all {
			if s.Source != c.Source {
				continue
			}
			n++
			s.Firing, s.At = false, o.now.UTC().Truncate(time.Millisecond)
			if _, _, err := o.store.PutSignal(a.ctx, s); err != nil {
				return err
			}
		}
		if n == 0 {
			return usagef("nothing fires of %q; \"arifa hook signals\" lists what does", c.Source)
		}
		return nil
	})
}
