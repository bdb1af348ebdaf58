package main

import (
	"bytes"
	"context"
	"log/slog"
	"reflect"
	"sync/atomic"
	"time"

	"arifa/bot"
	"arifa/subscriptions"
	"arifa/subscriptions/catalogue"
)

// library holds the catalogue in force, as parsed and as it may reach a citizen,
// and the index over it. Another process may import or approve meanwhile, so it
// is read again when its revision or a change of the registry says so.
type library struct {
	store subscriptions.Catalogue
	log   *slog.Logger
	now   func() time.Time
	shelf atomic.Pointer[shelf]
}

type shelf struct {
	parsed, effective *subscriptions.Nation
	index             *catalogue.Index
	revision          int64
	changes           []subscriptions.RegistryChange
}

func newLibrary(ctx context.Context, st subscriptions.Catalogue, file string, log *slog.Logger, now func() time.Time) (*library, error) {
	l := &library{store: st, log: log.With("component", "catalogue"), now: now}
	n, yaml, rev, err := nation(ctx, st, file, now())
	if err != nil {
		return nil, err
	}
	if file == "" && !bytes.Equal(yaml, catalogue.KenyaYAML()) {
		l.log.Info("this release carries another catalogue than the one in force; it is not applied by itself",
			"to_see_and_import_it", "arifa catalogue export --built-in > ke.yaml; arifa catalogue import ke.yaml")
	}
	return l, l.put(ctx, n, rev)
}

// put lays the officers' decisions over a parsed catalogue.
func (l *library) put(ctx context.Context, n *subscriptions.Nation, rev int64) error {
	changes, err := l.store.Changes(ctx)
	if err != nil {
		return err
	}
	if old := l.shelf.Load(); old != nil && old.parsed == n && reflect.DeepEqual(old.changes, changes) {
		return nil // the same catalogue stays the same pointer: pages are kept by it
	}
	effective := subscriptions.Effective(n, changes)
	l.shelf.Store(&shelf{parsed: n, effective: effective, index: catalogue.NewIndex(effective), revision: rev, changes: changes})
	return nil
}

// refresh reads again what changed. The old catalogue stays in force when the
// new one cannot be read.
func (l *library) refresh(ctx context.Context) {
	yaml, rev, err := l.store.CatalogueInForce(ctx)
	if err != nil {
		l.log.Warn("catalogue not read again", "error", err)
		return
	}
	n := l.shelf.Load().parsed
	if rev != l.shelf.Load().revision {
		if n, err = catalogue.Parse(yaml); err != nil {
			l.log.Error("the catalogue in force cannot be read by this release; the old one stays", "error", err)
			return
		}
		l.log.Info("a new catalogue is in force", "revision", rev, "services", len(n.Services))
	}
	if err := l.put(ctx, n, rev); err != nil {
		l.log.Warn("registry changes not read again", "error", err)
	}
}

// run keeps it fresh: money words that were refused or approved must not wait.
func (l *library) run(ctx context.Context) error {
	every := time.NewTicker(2 * time.Second)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-every.C:
			l.refresh(ctx)
		}
	}
}

func (l *library) parsed() *subscriptions.Nation    { return l.shelf.Load().parsed }
func (l *library) effective() *subscriptions.Nation { return l.shelf.Load().effective }

// Search gives the conversation the index in force.
func (l *library) Search(query string, limit int) []bot.Found {
	var out []bot.Found
	for _, h := range l.shelf.Load().index.Search(query, limit) {
		out = append(out, bot.Found{Service: h.Service, Agency: h.Agency, Platform: h.Platform, Score: h.Score})
	}
	return out
}
