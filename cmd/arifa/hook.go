package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"arifa/notifiers/hooks"
	"arifa/subscriptions"
)

type hookCmd struct {
	List hookListCmd `cmd:"" help:"List the hooks of the --config file; secrets are not shown."`
	Try  hookTryCmd  `cmd:"" help:"Tell what would become of a payload, without sending or storing anything."`
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
			fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%s\n", h.Name, h.Kind, h.Path, h.Rules, joined(h.Platforms))
		}
		_ = t.Flush()
	})
}

func joined(ids []subscriptions.PlatformID) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = string(id)
	}
	return strings.Join(words, ", ")
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
