// Package hooks hears machines: Alertmanager, Uptime Kuma, Statuspage, and whoever
// sends plain JSON call POST /hooks/<source>/<secret>, and what they say of a
// platform becomes a signal for officers.
//
// It never says anything to a citizen: a signal is a lead, its words are cut and
// shown to officers only. It decides nothing either: whom a signal wakes is the
// desk's matter.
package hooks

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"arifa/bot/web"
	"arifa/subscriptions"
)

// Path is where hooks are called, as a pattern of the standard mux.
const Path = "/hooks/{source}/{secret}"

// Limits of what is taken. A sender whose call is refused with 503 sends it again
// (Alertmanager repeats after 5xx and never after 4xx); Uptime Kuma does not, so the
// burst has room for every monitor of a data centre going down at once.
const (
	bodyBytes  = 1 << 20          // of one call; some 2,500 alerts
	bodyTime   = 10 * time.Second // for a body to arrive
	sourceGap  = 100 * time.Millisecond
	sourceMost = 1000 // calls of one source at once
	wrongGap   = 6 * time.Second
	wrongMost  = 10     // wrong secrets of one client at once
	clients    = 10_000 // that are remembered for it
	atOnce     = 8      // bodies under way
	slotTime   = 10 * time.Second
	storeTime  = 20 * time.Second // below the 30 s that Statuspage waits
)

// Signals is what the desk and the store offer a hook.
type Signals interface {
	// Signal stores what a machine says and judges it; when it returns, it is
	// durable. changed is false when it said nothing new.
	Signal(ctx context.Context, s subscriptions.Signal, now time.Time) (changed bool, err error)
	// Signals lists the signals that fire, and those that ended after since.
	Signals(ctx context.Context, since time.Time) ([]subscriptions.Signal, error)
}

// Config says who may call and where their words go.
type Config struct {
	Sources []Source // checked: see Check and Unknown
	Signals Signals
	Web     *web.Web
	Log     *slog.Logger
	Now     func() time.Time
	// Heard is told of every call that was read, for meters; nil = nobody.
	Heard func(source string, t Tally)
}

// Hooks answers the calls of machines.
type Hooks struct {
	Config
	sources   map[string]*heard
	strangers *web.Limiter
	pace      *web.Limiter
	slots     chan struct{}
	patience  time.Duration // with a body
	log       *slog.Logger
}

// heard is a source with the digest of its secret.
type heard struct {
	Source
	digest [sha256.Size]byte
}

// New makes the hooks of a configuration, or lists its faults.
func New(c Config) (*Hooks, error) {
	if err := errors.Join(Check(c.Sources)...); err != nil {
		return nil, err
	}
	if c.Heard == nil {
		c.Heard = func(string, Tally) {}
	}
	h := &Hooks{Config: c, sources: map[string]*heard{}, log: c.Log.With("component", "hooks"), slots: make(chan struct{}, atOnce), patience: bodyTime,
		strangers: web.NewLimiter(wrongGap, wrongMost, clients), pace: web.NewLimiter(sourceGap, sourceMost, len(c.Sources)+1)}
	for _, s := range c.Sources {
		h.sources[s.Name] = &heard{s, sha256.Sum256([]byte(s.Secret))}
	}
	return h, nil
}

// Handler answers calls on Path.
func (h *Hooks) Handler() http.Handler {
	return h.Web.Handle(web.Only(h.hear, http.MethodPost))
}

// hear answers one call, after what it said is durable.
func (h *Hooks) hear(w http.ResponseWriter, r *http.Request) error {
	from, err := h.caller(r)
	if err != nil {
		return err
	}
	if web.MediaType(r) != "application/json" {
		return web.Refuse(http.StatusUnsupportedMediaType, "Send JSON, with the header Content-Type: application/json.")
	}
	free, err := h.slot(r.Context())
	if err != nil {
		return err
	}
	defer free()
	body, err := web.Body(w, r, bodyBytes, h.patience)
	if err != nil {
		return err
	}
	words, err := from.read(body)
	if err != nil {
		return web.Refuse(http.StatusBadRequest, "This is no call of %s: %v.", from.Kind, err)
	}
	ctx, cancel := context.WithTimeout(r.Context(), storeTime)
	defer cancel()
	told, err := h.apply(ctx, from.Source, words)
	if err != nil {
		// Whatever kept us from storing, the sender is to send the same again: what
		// was stored already is then a repetition.
		return web.Busy(5*time.Second, err)
	}
	h.Heard(from.Name, told)
	h.tell(from.Name, told)
	return web.JSON(w, told.status(), told)
}

// caller finds whose secret this is. An unknown source and a wrong secret are one
// answer, 404, after the same work: who guesses does not learn which half is right,
// and no browser asks for a password as it would after 401.
//
// The secret is compared before guesses are counted: whoever shares a sender's
// address (one reverse proxy in front of all) could otherwise silence it by
// guessing. What makes guessing hopeless is the length of the secret (Check); the
// limit keeps it cheap.
func (h *Hooks) caller(r *http.Request) (*heard, error) {
	got := sha256.Sum256([]byte(r.PathValue("secret")))
	from, known := h.sources[r.PathValue("source")]
	want := sha256.Sum256(nil)
	if known {
		want = from.digest
	}
	now := h.Now()
	if subtle.ConstantTimeCompare(got[:], want[:]) != 1 || !known {
		if wait := h.strangers.Take(h.Web.Client(r), now); wait > 0 {
			return nil, web.TooMany(wait)
		}
		return nil, web.NotFound()
	}
	if wait := h.pace.Take(from.Name, now); wait > 0 {
		return nil, web.Busy(wait, nil) // not 429, after which Alertmanager gives up
	}
	return from, nil
}

// slot waits for its turn: bodies are read and stored a few at a time.
func (h *Hooks) slot(ctx context.Context) (free func(), err error) {
	late := time.NewTimer(slotTime)
	defer late.Stop()
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots }, nil
	case <-late.C:
		return nil, web.Busy(5*time.Second, nil)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// tell logs what became of a call: quietly when nothing is new, aloud when
// something of the configuration does not fit what comes.
func (h *Hooks) tell(source string, t Tally) {
	with := []any{"hook", source, "stored", t.Stored, "repeated", t.Repeated, "ignored", t.Ignored, "folded", t.Folded}
	switch {
	case len(t.Unmapped)+len(t.Refused) > 0:
		h.log.Warn("signals without a place", append(with, "unmapped", t.Unmapped, "refused", t.Refused)...)
	case t.Stored > 0:
		h.log.Info("signals heard", with...)
	default:
		h.log.Debug("signals heard", with...)
	}
}
