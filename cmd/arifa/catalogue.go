package main

import (
	"fmt"
	"io"
	"os"

	"arifa/bot/desk"
	"arifa/subscriptions"
	"arifa/subscriptions/catalogue"
)

type catalogueCmd struct {
	Check  catalogueCheckCmd  `cmd:"" help:"Read a catalogue file strictly and list every fault with its line."`
	Import catalogueImportCmd `cmd:"" help:"Show what a file adds, changes and retires and whom it touches; then ask."`
	Search catalogueSearchCmd `cmd:"" help:"Find services by what people type."`
	Export catalogueExportCmd `cmd:"" help:"Print the catalogue as it was imported last (or the one inside) as YAML; what waits for officers is in it, and in arifa registry list."`
}

type catalogueCheckCmd struct {
	File string `arg:"" help:"Catalogue file, or - for standard input."`
}

func (c *catalogueCheckCmd) Run(a *app) error {
	data, err := a.file(c.File)
	if err != nil {
		return err
	}
	n, err := catalogue.Parse(data)
	if faults, ok := err.(catalogue.Faults); ok {
		if err := a.print(map[string]any{"faults": faults}, func(w io.Writer) {
			for _, f := range faults {
				fmt.Fprintf(w, "%s: %s\n", c.File, f)
			}
			fmt.Fprintf(w, "%s.\n", count(len(faults), "fault"))
		}); err != nil {
			return err
		}
		return errSaid
	}
	if err != nil {
		return err
	}
	return a.print(map[string]any{"faults": []any{}}, func(w io.Writer) {
		fmt.Fprintf(w, "%s is sound: %d services, %d agencies, %d platforms.\n", c.File, len(n.Services), len(n.Agencies), len(n.Platforms))
	})
}

// fileLimit bounds what is read of a file that a person names.
const fileLimit = 8 << 20

func (a *app) file(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(a.In, fileLimit))
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, fileLimit))
}

type catalogueImportCmd struct {
	File string `arg:"" help:"Catalogue file, or - for standard input."`
	Yes  bool   `help:"Do not ask."`
}

func (c *catalogueImportCmd) Run(a *app) error {
	data, err := a.file(c.File)
	if err != nil {
		return err
	}
	next, err := catalogue.Parse(data)
	if err != nil {
		return fmt.Errorf("%s has faults; nothing was imported:\n%w", c.File, err)
	}
	return a.acting(func(o *office) error {
		old, _, rev, err := nation(a.ctx, o.store, a.Catalogue, o.now)
		if err != nil {
			return err
		}
		diff := catalogue.Compare(old, next)
		if err := diff.Err(); err != nil {
			return fmt.Errorf("nothing was imported:\n%w", err)
		}
		followers, err := a.touched(o, next, diff)
		if err != nil {
			return err
		}
		if !a.json {
			for _, l := range diff.Lines() {
				fmt.Fprintln(a.Out, l)
			}
			fmt.Fprintf(a.Out, "= followers of those services: %d\n", followers)
		}
		if diff.Empty() {
			return a.print(diff, func(w io.Writer) { fmt.Fprintln(w, "Nothing differs.") })
		}
		if !c.Yes && !a.ask("Import this? What is marked with ? will wait for two officers.") {
			return fmt.Errorf("not imported")
		}
		in := desk.ImportInput{YAML: data, Revision: rev, Before: old, After: next, Replaced: map[subscriptions.Scope]subscriptions.Scope{}}
		for _, c := range diff.Retired {
			retire(&in, next, c)
		}
		moved, err := o.desk.Import(a.ctx, o.actor, in, o.now)
		if err != nil {
			return err
		}
		waiting := diff.Waiting()
		return a.print(map[string]any{"diff": diff, "moved": moved, "waiting": waiting}, func(w io.Writer) {
			fmt.Fprintf(w, "Imported. %s moved or ended; %s waiting (arifa registry list).\n", count(moved, "subscription"), count(waiting, "change"))
		})
	})
}

// touched counts whom a difference touches.
func (a *app) touched(o *office, next *subscriptions.Nation, d catalogue.Diff) (int, error) {
	counts, err := o.store.Count(a.ctx, subscriptions.AudienceOf(next, d.Touched, nil), o.now)
	n := 0
	for _, c := range counts {
		n += c.Count
	}
	return n, err
}

func (a *app) ask(question string) bool {
	fmt.Fprintf(a.Err, "%s [y/N] ", question)
	var answer string
	_, _ = fmt.Fscanln(a.In, &answer)
	return answer == "y" || answer == "Y" || answer == "yes"
}

// retire says where the followers of a retired entry go, or that they are let go.
func retire(in *desk.ImportInput, next *subscriptions.Nation, c catalogue.Change) {
	var from, to subscriptions.Scope
	switch c.Kind {
	case "service":
		from = subscriptions.ScopeService(subscriptions.ServiceID(c.ID))
		for _, s := range next.Services {
			if string(s.Replaces) == c.ID {
				to = subscriptions.ScopeService(s.ID)
			}
		}
	case "platform":
		from = subscriptions.ScopePlatform(subscriptions.PlatformID(c.ID))
		for _, p := range next.Platforms {
			if string(p.Replaces) == c.ID {
				to = subscriptions.ScopePlatform(p.ID)
			}
		}
	case "agency":
		from = subscriptions.ScopeAgency(subscriptions.AgencyID(c.ID))
	default:
		return
	}
	if to != "" {
		in.Replaced[from] = to
		return
	}
	in.Retired = append(in.Retired, from)
}

type catalogueSearchCmd struct {
	Words []string `arg:"" help:"What a citizen would type."`
}

func (c *catalogueSearchCmd) Run(a *app) error {
	n, err := catalogue.Kenya()
	if st, oerr := open(a.ctx, a.Database, existing, a.log); oerr == nil {
		defer st.Close()
		var lib *library
		if lib, err = newLibrary(a.ctx, st, a.Catalogue, discard(), a.now); err == nil {
			n = lib.effective() // what citizens find: changes that wait are not in it
		}
	}
	if err != nil {
		return err
	}
	query := ""
	for _, w := range c.Words {
		query += w + " "
	}
	hits := catalogue.NewIndex(n).Search(query, 5)
	return a.print(hits, func(w io.Writer) {
		if len(hits) == 0 {
			fmt.Fprintln(w, "Nothing fits.")
		}
		for _, h := range hits {
			fmt.Fprintf(w, "%-32s %.2f  %s\n", h.ID(), h.Score, nameOf(n, h))
			showWays(w, n, h.Service)
		}
	})
}

// showWays lists the other ways of a service, by the ids that a notice names.
func showWays(w io.Writer, n *subscriptions.Nation, id subscriptions.ServiceID) {
	s, _ := n.Service(id)
	for _, way := range s.Alternatives {
		if a, ok := n.Alternative(way); ok && !a.Retired {
			fmt.Fprintf(w, "    other way: %s (%s)\n", a.ID, a.Agency)
		}
	}
}

func nameOf(n *subscriptions.Nation, h catalogue.Hit) string {
	switch h.Kind {
	case catalogue.AgencyHit:
		ag, _ := n.Agency(h.Agency)
		return ag.Name.In(n.DefaultLanguage)
	case catalogue.PlatformHit:
		p, _ := n.Platform(h.Platform)
		return p.Name.In(n.DefaultLanguage)
	}
	s, _ := n.Service(h.Service)
	return s.Name.In(n.DefaultLanguage)
}

type catalogueExportCmd struct {
	BuiltIn bool `help:"The one inside this release instead of the one in force."`
}

func (c *catalogueExportCmd) Run(a *app) error {
	yaml := catalogue.KenyaYAML()
	if !c.BuiltIn {
		// Without a database the one inside is what a new one would begin with.
		if st, err := open(a.ctx, a.Database, existing, a.log); err == nil {
			_, yaml, _, err = nation(a.ctx, st, a.Catalogue, a.now())
			if err := closing(st, err); err != nil {
				return err
			}
		}
	}
	_, err := a.Out.Write(yaml)
	return err
}
