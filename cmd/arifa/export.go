package main

import (
	"context"
	"fmt"
	"io"

	"golang.org/x/sync/errgroup"

	"arifa/notifiers/statuspage"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

type exportCmd struct {
	Static      string `placeholder:"DIR" xor:"what" required:"" help:"The public page as files in a folder. Links are relative, so it works wherever it is put."`
	Subscribers string `placeholder:"FILE.csv|-" xor:"what" required:"" help:"The subscribers as arifa import takes them, with their addresses: keep the file as you keep the database (admin)."`
	Watch       bool   `help:"With --static: stay, and write whenever something changes, beside a running serve or without one."`
}

func (c *exportCmd) Run(a *app) error {
	if c.Subscribers != "" && c.Watch {
		return usagef("--watch goes with --static")
	}
	if c.Subscribers != "" {
		return c.subscribers(a)
	}
	st, err := open(a.ctx, a.Database, existing, a.log)
	if err != nil {
		return err
	}
	return closing(st, c.export(a, st))
}

func (c *exportCmd) export(a *app, st store) error {
	ctx, cancel := context.WithCancel(a.ctx)
	defer cancel()
	lib, err := newLibrary(ctx, st, a.Catalogue, a.log, a.now)
	if err != nil {
		return err
	}
	speaker, err := wording.NewSpeaker()
	if err != nil {
		return err
	}
	var hints <-chan struct{}
	if h, ok := st.(subscriptions.Hinter); ok {
		hints = h.Hints(ctx)
	}
	site, err := statuspage.New(statuspage.Config{Store: reading{st}, Nation: lib.effective, Speaker: speaker, Base: a.base(), Hints: hints, Log: a.log, Now: a.now})
	if err != nil {
		return err
	}
	if !c.Watch {
		if err := site.Refresh(ctx); err != nil {
			return err
		}
		files, err := site.Export(ctx, c.Static)
		if err != nil {
			return err
		}
		return a.print(map[string]any{"files": files, "folder": c.Static}, func(w io.Writer) { fmt.Fprintf(w, "%s in %s\n", count(files, "file"), c.Static) })
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return lib.run(ctx) })
	g.Go(func() error {
		return site.Watch(ctx, c.Static, func(files int, err error) {
			if err != nil {
				a.log.Error("the page was not written", "error", err)
				return
			}
			a.log.Info("the page was written", "files", files, "folder", c.Static)
		})
	})
	return a.untilStopped(g, cancel)
}
