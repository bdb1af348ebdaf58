package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
)

const (
	// deafFor is how long a network may be out of reach before the service says that it
	// is not ready: a poll that is cut and begun again is no trouble.
	deafFor = 5 * time.Second
	// writtenFor is how long a trial write is believed: whoever asks every second
	// must not make a write of every question.
	writtenFor = 10 * time.Second
	// diskLow is the room, in bytes, below which a disk counts as full: SQLite writes
	// for a while into room that its log has already, and then stops in mid-wave.
	diskLow = 32 << 20
)

// ready names what is wrong, by part.
func (v *service) ready(ctx context.Context) map[string]string {
	faults := map[string]string{}
	lanes, err := v.store.LaneList(ctx)
	if err != nil {
		faults["database"] = "cannot be read"
		v.log.Warn("not ready", "error", err)
		return faults
	}
	if why := v.unwritable(ctx); why != "" {
		faults["database"] = why
	}
	for _, l := range lanes {
		at := func(t time.Time) string { return t.UTC().Format("2 Jan 2006 15:04 UTC") }
		if why, do := standstill(l, at, v.now()); why != "" && !v.mended(l) {
			faults[string(l.ID)] = why + "; " + do
		}
	}
	for _, n := range v.networks {
		if d := n.deaf(); d > deafFor {
			faults[string(n.id())] = n.label + " has not been reached for " + d.Round(time.Second).String()
		}
	}
	if _, err := v.meters.look(ctx, v.store, v.lanes(), v.now()); err != nil {
		faults["figures"] = "cannot be read"
	}
	return faults
}

// mended reports whether a halted lane can send again: its network answers to the
// credential that was refused. The next message shows it; there may be none to try.
func (v *service) mended(l subscriptions.Lane) bool {
	return !l.Held && strings.HasPrefix(l.PausedWhy, notifiers.WhyHalted) && slices.ContainsFunc(v.networks, func(n *network) bool {
		return n.id() == l.ID && n.asks && n.owns.Load() && n.deaf() == 0
	})
}

// unwritable says why nothing can be stored now; empty = it can. Whoever reads a
// database may find it well while its disk is full. The trial is a tick of a job
// that nobody else has: retention forgets it like every other.
func (v *service) unwritable(ctx context.Context) string {
	if v.file != nil && !v.inPlace() {
		return "its file was taken away or replaced while this program runs: what happens now is lost when it stops; say so to officers, stop it, put the file back and start it again"
	}
	if free, ok := freeSpace(v.Database); ok && free < diskLow {
		return fmt.Sprintf("its disk is full (%d MiB free); make room: nothing that happens now is sure to be kept", free>>20)
	}
	now := v.now()
	if since := now.UnixMilli() - v.written.Load(); since >= 0 && since < writtenFor.Milliseconds() {
		return ""
	}
	_, err := v.store.Claim(ctx, "ready", now.Truncate(time.Minute))
	switch {
	case err == nil:
		v.written.Store(now.UnixMilli())
		return ""
	case errors.Is(err, subscriptions.ErrFull):
		return "its disk is full; make room: nothing that happens now is kept"
	case errors.Is(err, context.DeadlineExceeded):
		return "takes no write within 2 seconds"
	}
	v.log.Warn("not ready", "error", err)
	return "cannot be written"
}

// inPlace reports whether the file that was opened still stands under its name. One
// that was deleted goes on being written by whoever has it open, and by nobody else.
func (v *service) inPlace() bool {
	at, err := os.Stat(v.Database)
	return err == nil && os.SameFile(v.file, at)
}

// freeSpace is the room left where a SQLite file lies; false = not known.
func freeSpace(database string) (bytes int64, ok bool) {
	if isPostgres(database) {
		return 0, false
	}
	return freeBytes(filepath.Dir(database))
}
